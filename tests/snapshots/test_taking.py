"""Snapshots taken, listed, locked, deleted and scheduled."""

from dataclasses import replace

import pytest

from app.auth.scopes import Scope
from app.databases.models import Environment
from app.kit.ids import encode_id
from app.providers.railway.models import RailwayConnection
from app.runtime import Runtime
from app.snapshots.schemas import NOT_COVERED_BY_BACKUPS, NOT_COVERED_BY_SNAPSHOTS
from tests.control import KeyFactory, bearer
from tests.databases.records import add_database, somewhere
from tests.railway_simulator.process import Simulator
from tests.railway_world import railway_database
from tests.snapshots.conftest import Album

pytestmark = pytest.mark.usefixtures("worker")


async def test_a_snapshot_is_found_under_the_name_that_was_told_at_once(album: Album) -> None:
    accepted = await album.start(label="before the upgrade")
    job = await album.succeeded(accepted)
    assert accepted["name"].startswith("before the upgrade snp_")
    (snapshot,) = await album.listed()
    assert snapshot == job["result"]["snapshot"]
    assert (snapshot["name"], snapshot["origin"], snapshot["expires_at"]) == (accepted["name"], "requested", None)
    assert [one["name"] for one in await album.backups()] == [accepted["name"]]
    assert accepted["cost"]["is_estimate"] is True
    (intent,) = await album.intents()
    assert (intent.operation, intent.outcome) == ("snapshot.take", "done")


async def test_the_list_says_what_it_does_not_help_against(album: Album) -> None:
    found = await album.call("GET", "/snapshots", expect=200)
    assert found["data"] == []
    assert found["volume"]["volume_id"] == album.place["volume_id"]
    assert found["not_covered"]["snapshots"] == list(NOT_COVERED_BY_SNAPSHOTS)
    assert found["not_covered"]["backups"] == list(NOT_COVERED_BY_BACKUPS)


async def test_a_volume_that_is_too_full_is_refused_before_railway_is_asked(
    runtime: Runtime, album: Album, simulator: Simulator, environment: Environment
) -> None:
    await simulator.settings(volume_size_mb=30)
    small = await railway_database(runtime, simulator, environment, public=False)
    album = replace(album, database=small)
    asked = await _asked_for(simulator, "volumeInstanceBackupCreate")
    problem = await album.call("POST", "/snapshots", {}, expect=409)
    assert (problem["code"], problem["size_mb"]) == ("VOLUME_TOO_FULL", 30)
    assert problem["needed_size_mb"] == 2 * problem["used_mb"]
    assert problem["remedies"][0]["path"] == f"{album.path}:resize"
    assert await _asked_for(simulator, "volumeInstanceBackupCreate") == asked


async def _asked_for(simulator: Simulator, operation: str) -> int:
    """How often, by whichever token and in whichever test."""
    return sum(counts.get(operation, 0) for counts in (await simulator.state())["requests"].values())


async def test_one_more_than_railway_keeps_is_explained(album: Album, simulator: Simulator) -> None:
    await simulator.settings(backups_per_volume=1)
    await album.taken()
    error = await album.failed(await album.start())
    assert (error["code"], error["snapshots"]) == ("SNAPSHOT_REFUSED", 1)
    assert "can have only 1" in error["detail"]
    assert len(await album.backups()) == 1


@pytest.mark.parametrize("kind", ["lost_answer", "null", "lost_request", "too_quickly"])
async def test_whatever_becomes_of_the_answer_there_is_one_snapshot(
    album: Album, simulator: Simulator, kind: str
) -> None:
    await simulator.fault("volumeInstanceBackupCreate", kind)
    accepted = await album.start()
    await album.succeeded(accepted)
    assert [one["name"] for one in await album.backups()] == [accepted["name"]]


async def test_a_second_request_for_a_late_first_one_leaves_one_snapshot(album: Album, simulator: Simulator) -> None:
    await simulator.settings(workflow_seconds=4.0)
    await simulator.fault("volumeInstanceBackupCreate", "lost_answer")
    accepted = await album.start()
    job = await album.succeeded(accepted)
    assert [one["name"] for one in await album.backups()] == [accepted["name"]]
    assert any("both of two" in warning for warning in job["warnings"])


async def test_a_snapshot_that_railway_gives_up_is_an_error_that_says_why(album: Album, simulator: Simulator) -> None:
    await simulator.fault("volumeInstanceBackupCreate", "workflow_error")
    error = await album.failed(await album.start())
    assert error["code"] == "RAILWAY_WORKFLOW_FAILED"
    (intent,) = await album.intents()
    assert intent.closed_at is not None


async def test_a_workflow_that_may_not_be_read_is_followed_by_its_effect(album: Album, simulator: Simulator) -> None:
    await simulator.fault("volumeInstanceBackupCreate", "workflow_refused")
    assert (await album.taken())["origin"] == "requested"


async def test_what_the_token_may_not_do_is_told_and_remembered(
    runtime: Runtime, album: Album, simulator: Simulator
) -> None:
    await simulator.settings(missing_privileges=["snapshots"])
    error = await album.failed(await album.start())
    assert error["code"] == "RAILWAY_FORBIDDEN"
    async with runtime.sessions() as session:
        connection = await session.get_one(RailwayConnection, album.place["connection_id"])
    assert connection.capabilities["snapshots.write"]["state"] == "no"
    await simulator.settings(missing_privileges=[])
    await album.taken()
    async with runtime.sessions() as session:
        connection = await session.get_one(RailwayConnection, album.place["connection_id"])
    assert connection.capabilities["snapshots.write"]["state"] == "yes"


async def test_a_snapshot_is_locked_and_stays(album: Album, simulator: Simulator) -> None:
    await album.call("PUT", "/snapshot-schedule", {"kinds": ["daily"]}, expect=200)
    await simulator.clock(2 * 86_400)
    (snapshot,) = await album.listed()
    assert snapshot["origin"] == "scheduled"
    assert snapshot["expires_at"] is not None
    tried = await album.call("POST", f"/snapshots/{snapshot['id']}:lock?dry_run=true", expect=200)
    assert tried["expires_at"] is not None
    await simulator.fault("volumeInstanceBackupLock", "lost_answer")
    assert (await album.call("POST", f"/snapshots/{snapshot['id']}:lock", expect=200))["expires_at"] is None
    assert (await album.call("POST", "/snapshots/nothing:lock", expect=404))["code"] == "NOT_FOUND"


@pytest.mark.parametrize("kind", ["none", "lost_answer", "lost_request"])
async def test_a_snapshot_is_deleted(album: Album, simulator: Simulator, kind: str) -> None:
    first, second = await album.taken(), await album.taken()
    if kind != "none":
        await simulator.fault("volumeInstanceBackupDelete", kind)
    await album.succeeded(await album.call("DELETE", f"/snapshots/{first['id']}", expect=202))
    assert [one["id"] for one in await album.listed()] == [second["id"]]
    await album.call("DELETE", f"/snapshots/{first['id']}", expect=404)


async def test_the_schedule_is_what_railway_says_it_is(album: Album, simulator: Simulator) -> None:
    assert (await album.call("GET", "/snapshot-schedule", expect=200)) == {"kinds": [], "entries": []}
    await album.call("PUT", "/snapshot-schedule?dry_run=true", {"kinds": ["weekly"]}, expect=200)
    assert (await album.call("GET", "/snapshot-schedule", expect=200))["kinds"] == []
    await simulator.fault("volumeInstanceBackupScheduleUpdate", "lost_request")
    found = await album.call("PUT", "/snapshot-schedule", {"kinds": ["weekly", "daily"]}, expect=200)
    assert sorted(found["kinds"]) == ["daily", "weekly"]
    retention = {entry["kind"]: entry["retention_seconds"] for entry in found["entries"]}
    assert retention == {"daily": 518_400, "weekly": 2_332_800}
    assert (await album.call("PUT", "/snapshot-schedule", {"kinds": []}, expect=200))["kinds"] == []


async def test_two_snapshots_of_one_database_wait_for_each_other(album: Album, simulator: Simulator) -> None:
    await simulator.settings(workflow_seconds=1.0)
    accepted = await album.start()
    assert (await album.call("POST", "/snapshots", {}, expect=409))["code"] == "JOB_CONFLICT"
    queued = await album.start(on_conflict="queue")
    await album.succeeded(accepted)
    await album.succeeded(queued)
    assert len(await album.listed()) == 2


async def test_two_databases_of_an_environment_take_turns(
    runtime: Runtime, simulator: Simulator, environment: Environment, album: Album
) -> None:
    other = replace(album, database=await railway_database(runtime, simulator, environment, public=False))
    await simulator.settings(workflow_seconds=1.0)
    accepted = [await album.start(), await other.start()]
    for one in accepted:
        await album.succeeded(one)
    assert (len(await album.backups()), len(await other.backups())) == (1, 1)


async def test_only_databases_on_railway_have_snapshots(
    runtime: Runtime, album: Album, environment: Environment
) -> None:
    local = await add_database(runtime, environment.project_id, target=somewhere())
    answer = await album.client.get(f"/v1/databases/{encode_id('db', local.id)}/snapshots", headers=album.headers)
    assert (answer.status_code, answer.json()["code"]) == (409, "PROVIDER_CANNOT")


async def test_reading_snapshots_is_not_the_right_to_restore_one(album: Album, key_factory: KeyFactory) -> None:
    snapshot = await album.taken()
    headers = bearer(await key_factory(Scope.BACKUPS_READ, Scope.BACKUPS_WRITE)) | {"Idempotency-Key": "one"}
    path = f"{album.path}/snapshots/{snapshot['id']}:restore?confirm={album.database.name}"
    answer = await album.client.post(path, json={}, headers=headers)
    assert (answer.status_code, answer.json()["required_scope"]) == (403, "backups:restore")
