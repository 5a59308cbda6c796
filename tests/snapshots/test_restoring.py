"""A snapshot restored: the volumes change places, and nothing else does."""

from dataclasses import replace
from typing import Any

import pytest

from app.auth.scopes import PRESETS, Preset, Scope
from app.databases.models import Environment
from app.runtime import Runtime
from app.snapshots.steps import writing
from app.storage.s3 import S3Location
from tests.control import KeyFactory, bearer
from tests.providers.railway_simulated.asking import STAGE, ask
from tests.railway_simulator.process import Simulator
from tests.railway_world import railway_database
from tests.snapshots.conftest import Album, make_location

pytestmark = pytest.mark.usefixtures("worker")

FOREIGN = {"sharedVariables": {"SOMEBODY": {"value": "a value of somebody's"}}}


async def with_a_moment(album: Album) -> dict[str, Any]:
    """A snapshot, and what was written before and after it."""
    await album.execute("CREATE TABLE moments (moment text)", "INSERT INTO moments VALUES ('before')")
    snapshot = await album.taken()
    await album.execute("INSERT INTO moments VALUES ('after')")
    return snapshot


async def moments(album: Album) -> str:
    found: str = await album.execute("SELECT string_agg(moment, ',' ORDER BY moment) FROM moments")
    return found


async def scheduled(album: Album) -> list[str]:
    return sorted((await album.call("GET", "/snapshot-schedule", expect=200))["kinds"])


async def as_before(album: Album) -> None:
    """Nothing is left of a restore that came to nothing."""
    assert list(await album.volumes()) == [album.place["volume_id"]]
    assert await album.staged() == {}
    row = await album.row()
    assert (row.state, row.provider_data) == ("available", album.place)
    assert await moments(album) == "after,before"
    assert all(intent.closed_at for intent in await album.intents())


async def test_everything_is_as_it_was_at_the_snapshot(album: Album) -> None:
    snapshot = await with_a_moment(album)
    newer = await album.taken()
    tried = await album.call(
        "POST", f"/snapshots/{snapshot['id']}:restore?confirm={album.database.name}&dry_run=true", expect=202
    )
    assert [one["id"] for one in tried["plan"]["vanishing_snapshots"]] == [newer["id"]]
    assert tried["plan"]["replaced_volume"]["volume_id"] == album.place["volume_id"]
    assert (await album.row()).state == "available"

    accepted = await album.start_restore(snapshot)
    # How much of the volume is used changes from one moment to the next.
    moving = {name: accepted["plan"][name] for name in ("remarks", "replaced_volume", "cost")}
    assert accepted["plan"] == tried["plan"] | moving
    job = await album.succeeded(accepted)
    assert await moments(album) == "before"
    volumes = await album.volumes()
    (new,) = volumes.keys() - {album.place["volume_id"]}
    assert volumes[new]["service_id"] == album.place["service_id"]
    assert volumes[album.place["volume_id"]]["service_id"] is None
    row = await album.row()
    assert (row.state, row.provider_data["volume_id"]) == ("available", new)
    assert row.provider_data["volume_instance_id"] == volumes[new]["id"]
    assert job["result"]["volume_id"] == new
    assert job["result"]["replaced_volume"]["volume_id"] == album.place["volume_id"]
    assert job["result"]["replaced_volume"]["billed"] is True
    assert await album.staged() == {}
    assert [(intent.operation, intent.outcome) for intent in await album.intents()][-1] == ("snapshot.restore", "done")
    # The newer one is gone.
    assert [one["id"] for one in await album.backups()] == [snapshot["id"]]


@pytest.mark.parametrize("kind", [None, "lost_answer", "lost_request"])
async def test_the_schedule_goes_along_to_the_new_volume(album: Album, simulator: Simulator, kind: str | None) -> None:
    await album.call("PUT", "/snapshot-schedule", {"kinds": ["weekly", "daily"]}, expect=200)
    snapshot = await album.taken()
    if kind is not None:
        await simulator.fault("volumeInstanceBackupScheduleUpdate", kind)
    job = await album.succeeded(await album.start_restore(snapshot))
    assert (job["result"]["schedule_kinds"], job["warnings"]) == (["daily", "weekly"], [])
    assert job["result"]["volume_id"] != album.place["volume_id"]
    assert (await scheduled(album)) == ["daily", "weekly"]


async def test_a_schedule_that_railway_refuses_is_a_warning(album: Album, simulator: Simulator) -> None:
    await album.call("PUT", "/snapshot-schedule", {"kinds": ["monthly"]}, expect=200)
    snapshot = await album.taken()
    await simulator.fault("volumeInstanceBackupScheduleUpdate", "not_authorized")
    job = await album.succeeded(await album.start_restore(snapshot))
    (warning,) = job["warnings"]
    assert "(monthly) was not set" in warning
    assert (job["result"]["schedule_kinds"], await scheduled(album)) == ([], [])


async def test_the_replaced_volume_is_deleted_when_that_is_wished(album: Album) -> None:
    job = await album.succeeded(await album.start_restore(await with_a_moment(album), delete_old_volume=True))
    assert album.place["volume_id"] not in await album.volumes()
    assert job["result"]["replaced_volume"]["deleted"] is True


async def test_a_backup_is_taken_first_where_that_is_possible(album: Album, s3_location: S3Location) -> None:
    snapshot = await with_a_moment(album)
    unsafe = await album.call(
        "POST", f"/snapshots/{snapshot['id']}:restore?confirm={album.database.name}&dry_run=true", {}, expect=202
    )
    assert unsafe["plan"]["safety_backup"] is False
    assert "default location" in unsafe["plan"]["remarks"][0]
    path = f"/snapshots/{snapshot['id']}:restore?confirm={album.database.name}"
    refused = await album.call("POST", path, {"safety_backup": True}, expect=409)
    assert refused["code"] == "SAFETY_BACKUP_IMPOSSIBLE"

    runtime, project_id = album.runtime, album.database.project_id
    await make_location(album.client, album.headers, runtime, project_id, s3_location, "copies")
    accepted = await album.start_restore(snapshot, safety_backup=None)
    assert accepted["plan"]["safety_backup"] is True
    job = await album.succeeded(accepted)
    answer = await album.client.get(f"{album.path}/backups", headers=album.headers)
    found = {backup["id"]: backup for backup in answer.json()["data"]}
    assert sorted(found) == sorted(job["result"]["safety_backup_ids"])
    assert {backup["origin"] for backup in found.values()} == {"safety"}
    assert "railway" in {backup["logical_database"] for backup in found.values()}
    assert await moments(album) == "before"


async def test_what_others_have_staged_is_not_deployed_along(
    album: Album, simulator: Simulator, key_factory: KeyFactory
) -> None:
    snapshot = await with_a_moment(album)
    await ask(simulator, STAGE, e=album.place["environment_id"], patch=FOREIGN, merge=True)
    path = f"/snapshots/{snapshot['id']}:restore?confirm={album.database.name}"
    refused = await album.call("POST", path, {"safety_backup": False}, expect=409)
    assert refused["code"] == "RAILWAY_STAGED_CHANGES_FOREIGN"
    assert refused["foreign"] == ["sharedVariables.SOMEBODY"]
    assert "a value of" not in str(refused)
    key = await key_factory(*(PRESETS[Preset.ADMIN] - {Scope.RAILWAY_FORCE}))
    answer = await album.client.post(
        album.path + path, json={"force": True}, headers=bearer(key) | {"Idempotency-Key": "forced"}
    )
    assert answer.json()["required_scope"] == "railway:force"

    await album.succeeded(await album.start_restore(snapshot, force=True))
    assert await moments(album) == "before"
    assert await album.staged() == {}


async def test_what_others_stage_meanwhile_keeps_the_volumes_as_they_are(album: Album, simulator: Simulator) -> None:
    snapshot = await with_a_moment(album)
    pause = await simulator.pause("volumeInstanceBackupRestore", "after")
    accepted = await album.start_restore(snapshot)
    assert await pause.reached()
    await ask(simulator, STAGE, e=album.place["environment_id"], patch=FOREIGN, merge=True)
    await pause.release()
    job = await album.ended(accepted)
    assert job["error"]["code"] == "RAILWAY_STAGED_CHANGES_FOREIGN"
    assert "SOMEBODY" in str(await album.staged())
    assert await moments(album) == "after,before"
    assert (await album.row()).state == "available"
    # What could not be undone is said: the volume, and that somebody else's Deploy would mount it.
    (new,) = (await album.volumes()).keys() - {album.place["volume_id"]}
    assert any(new in warning for warning in job["warnings"])
    assert (await album.intents())[-1].outcome == "given_up"
    assert new in str((await album.intents())[-1].made)


@pytest.mark.parametrize(
    ("operation", "kind"),
    [
        ("volumeInstanceBackupRestore", "lost_answer"),
        ("volumeInstanceBackupRestore", "lost_request"),
        ("volumeInstanceBackupRestore", "workflow_refused"),
        ("environmentPatchCommitStaged", "lost_answer"),
        ("environmentPatchCommitStaged", "lost_request"),
    ],
)
async def test_whatever_becomes_of_an_answer_there_is_one_new_volume(
    album: Album, simulator: Simulator, operation: str, kind: str
) -> None:
    snapshot = await with_a_moment(album)
    await simulator.fault(operation, kind)
    await album.succeeded(await album.start_restore(snapshot))
    assert await moments(album) == "before"
    assert len(await album.volumes()) == 2
    assert await album.staged() == {}


async def test_a_copy_that_railway_gives_up_leaves_everything_as_it_was(album: Album, simulator: Simulator) -> None:
    snapshot = await with_a_moment(album)
    await simulator.fault("volumeInstanceBackupRestore", "workflow_error")
    error = await album.failed(await album.start_restore(snapshot))
    assert error["code"] == "RAILWAY_WORKFLOW_FAILED"
    await as_before(album)


async def test_a_copy_that_never_ends_is_given_up(
    album: Album, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshot = await with_a_moment(album)
    monkeypatch.setattr(writing, "POLL_SECONDS", 0.5)
    monkeypatch.setattr(writing, "WORKFLOW_SECONDS", 3.0)
    await simulator.fault("volumeInstanceBackupRestore", "workflow_never")
    error = await album.failed(await album.start_restore(snapshot))
    assert error["code"] == "SNAPSHOT_RESTORE_NOT_STAGED"
    await as_before(album)


async def test_a_cancelled_restore_waits_for_the_copy_and_removes_it(album: Album, simulator: Simulator) -> None:
    snapshot = await with_a_moment(album)
    await simulator.settings(workflow_seconds=3.0)
    pause = await simulator.pause("volumeInstanceBackupRestore", "after")
    accepted = await album.start_restore(snapshot)
    assert await pause.reached()
    cancelled = await album.client.post(f"{accepted['job']['links']['self']}:cancel", headers=album.headers)
    assert cancelled.status_code == 202, cancelled.text
    await pause.release()
    assert (await album.ended(accepted))["state"] == "cancelled"
    await as_before(album)


async def test_a_restore_is_confirmed_by_the_databases_name(album: Album) -> None:
    path = f"/snapshots/{(await album.taken())['id']}:restore"
    assert (await album.call("POST", path, {}, expect=409))["code"] == "CONFIRMATION_MISSING"
    assert (await album.call("POST", f"{path}?dry_run=true", {}, expect=202))["plan"]["remarks"]
    assert (await album.call("POST", f"{path}?confirm=other", {}, expect=409))["code"] == "CONFIRMATION_MISSING"
    assert (await album.call("POST", "/snapshots/nothing:restore?confirm=x", {}, expect=404))["code"] == "NOT_FOUND"


async def test_a_private_database_is_restored_without_a_login(
    runtime: Runtime, album: Album, simulator: Simulator, environment: Environment
) -> None:
    album = replace(album, database=await railway_database(runtime, simulator, environment, public=False))
    snapshot = await album.taken()
    accepted = await album.start_restore(snapshot, safety_backup=None)
    assert "reaches its server" in accepted["plan"]["remarks"][0]
    job = await album.succeeded(accepted)
    assert any("nobody has logged in" in warning for warning in job["warnings"])
    assert (await album.row()).state == "available"
    assert len(await album.volumes()) == 3  # the other database's, too


async def test_a_password_from_before_its_change_is_told_of(album: Album) -> None:
    snapshot = await with_a_moment(album)
    row = await album.row()
    # As a rotation does, only the other way round: the snapshot holds a password that is ours no more.
    await album.execute("ALTER ROLE postgres PASSWORD 'of the snapshot only'")
    later = await album.taken()
    assert later["id"] != snapshot["id"]
    job = await album.succeeded(await album.start_restore(later))
    assert any("change of the password" in warning for warning in job["warnings"])
    row = await album.row()
    assert row.state == "unreachable"
    assert "POSTGRES_PASSWORD" in str(row.state_reason)


async def test_a_cluster_is_not_restored(album: Album, simulator: Simulator) -> None:
    snapshot = await album.taken()
    variable = """mutation($p: String!, $e: String!, $s: String!) { variableCollectionUpsert(input: {
      projectId: $p, environmentId: $e, serviceId: $s, variables: {PATRONI_ENABLED: "true"}, skipDeploys: true
    }) }"""
    place = album.place
    await ask(simulator, variable, p=place["project_id"], e=place["environment_id"], s=place["service_id"])
    path = f"/snapshots/{snapshot['id']}:restore?confirm={album.database.name}"
    assert (await album.call("POST", path, {}, expect=409))["code"] == "SNAPSHOT_OF_CLUSTER"
