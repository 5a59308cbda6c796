"""Deleting a database at Railway: its service and its volume, by their ids and nothing else."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from app.databases.models import Project
from app.kit.clock import utc_now
from app.providers.protocol import Phase, ServerStatus
from app.providers.railway.credential import TokenKind
from app.providers.railway.errors import RailwayForbidden
from app.providers.railway.removing import ElsewhereToo
from app.runtime import Runtime
from app.settings import Settings
from tests.control import make_settings
from tests.planted import plant
from tests.platform.records import connect
from tests.providers.railway_simulated.asking import DATA, IDLE, a_service, an_environment, ask, commit, until
from tests.providers.railway_simulated.making import NEVER_RUNS, Making, a_making, there
from tests.railway_simulator.process import Simulator

_DELETE_SERVICE = "mutation($s: String!, $e: String!) { serviceDelete(id: $s, environmentId: $e) }"
MUTATIONS = pytest.mark.parametrize("operation", ["serviceDelete", "volumeDelete"])


@pytest.fixture
def settings(database_url: str, tmp_path: Path, platform: Simulator) -> Settings:
    changes = {"railway_endpoint": platform.endpoint, "railway_requests_per_second": 1000}
    return make_settings(database_url, tmp_path / "data", **changes)


@pytest.fixture
async def project_id(runtime: Runtime, platform: Simulator) -> UUID:
    await platform.settings(template_image=NEVER_RUNS, per_second=10_000, visible_after_seconds=0)
    async with runtime.sessions() as session, session.begin():
        project = Project(name="shop", created_by="test")
        session.add(project)
        return project.id


@pytest.fixture
async def making(runtime: Runtime, platform: Simulator, project_id: UUID) -> Making:
    """One that was made, in the hands of a job that is to delete it. Its creation holds the environment no more."""
    connection = await connect(runtime, platform, project_id)
    making = a_making(runtime, platform, connection.id, await an_environment(platform))
    await making.until(Phase.SETTLE)
    assert making.spec.job_id is not None
    intent = await making.provider.intents.of_owner(making.spec.job_id, "database.create")
    assert intent is not None
    await making.provider.intents.close(intent)
    return making.later()


async def test_service_and_volume_go_and_until_when_the_volume_can_be_had_back_is_told(
    platform: Simulator, making: Making
) -> None:
    report = await making.destroy()
    again = await making.destroy()
    found = await there(platform, making.place["environment_id"])
    assert (found.services, found.volumes) == ([], [])
    assert (report["service_was_there"], again["service_was_there"]) == (True, False)
    for one in (report, again):
        left = datetime.fromisoformat(one["recoverable_until"]) - utc_now()
        assert timedelta(hours=47) < left <= timedelta(hours=48)
    assert await making.provider.status(making.spec) is ServerStatus.ABSENT


@MUTATIONS
@pytest.mark.parametrize("kind", ["lost_answer", "lost_request", "html_502", "html_502_after", "rate_limited"])
async def test_whatever_becomes_of_an_answer_both_go(
    platform: Simulator, making: Making, operation: str, kind: str
) -> None:
    await platform.fault(operation, kind)
    report = await making.destroy()
    found = await there(platform, making.place["environment_id"])
    assert (found.services, found.volumes, report["left"]) == ([], [], [])


@MUTATIONS
@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_process_that_dies_on_the_way_is_followed_by_one_that_finishes(
    platform: Simulator, making: Making, operation: str, when: str
) -> None:
    pause = await platform.pause(operation, when)
    work = asyncio.create_task(making.destroy())
    assert await pause.reached()
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)
    await pause.release()
    report = await making.destroy()
    found = await there(platform, making.place["environment_id"])
    assert (found.services, found.volumes) == ([], [])
    assert report["recoverable_until"] is not None


async def test_a_service_that_somebody_deleted_already_leaves_its_volume_to_be_found(
    platform: Simulator, making: Making
) -> None:
    await ask(platform, _DELETE_SERVICE, s=making.place["service_id"], e=making.place["environment_id"])
    report = await making.destroy()
    assert (report["service_was_there"], report["volume_id"]) == (False, making.place["volume_id"])
    assert (await there(platform, making.place["environment_id"])).volumes == []


async def test_what_is_not_listed_yet_is_no_less_deleted(
    runtime: Runtime, platform: Simulator, project_id: UUID
) -> None:
    environment_id = await an_environment(platform)
    connection = await connect(runtime, platform, project_id)
    await platform.settings(visible_after_seconds=2.0)
    service_id, volume_id = await a_service(platform, environment_id, volume=True)
    making = a_making(runtime, platform, connection.id, environment_id).later()
    ids = {"service_id": service_id, "volume_id": volume_id}
    making.spec = replace(making.spec, data={**making.spec.data, **ids})
    report = await making.destroy()
    found = await there(platform, environment_id)
    assert (found.services, found.volumes, report["service_was_there"]) == ([], [], True)


async def test_a_volume_that_another_service_mounts_by_now_is_left_and_named(
    platform: Simulator, making: Making
) -> None:
    place = making.place
    await ask(platform, _DELETE_SERVICE, s=place["service_id"], e=place["environment_id"])
    other, _ = await a_service(platform, place["environment_id"])
    mount = {"services": {other: {"volumeMounts": {place["volume_id"]: {"mountPath": DATA}}}}}
    await commit(platform, place["environment_id"], mount)
    report = await making.destroy()
    assert other in report["left"][0]
    assert (await there(platform, place["environment_id"])).volumes == [place["volume_id"]]


async def test_a_volume_that_the_row_does_not_name_is_left_and_named(platform: Simulator, making: Making) -> None:
    place, volume_id = making.place, str(uuid4())
    swap: dict[str, Any] = {
        "volumes": {volume_id: {"isCreated": True}},
        "services": {place["service_id"]: {"volumeMounts": {place["volume_id"]: None, volume_id: {"mountPath": DATA}}}},
    }
    await commit(platform, place["environment_id"], swap)
    report = await making.destroy()
    assert volume_id in report["left"][0]
    assert (await there(platform, place["environment_id"])).volumes == [volume_id]


async def test_what_a_fork_has_under_the_same_ids_is_not_deleted_along_with_it(
    platform: Simulator, making: Making
) -> None:
    await making.provider.require_destroyable(making.spec)
    fork = await an_environment(platform, sourceEnvironmentId=making.place["environment_id"])
    await until(lambda: there(platform, fork), lambda found: found.volumes)
    with pytest.raises(ElsewhereToo, match="in use in environment-"):
        await making.provider.require_destroyable(making.spec)
    found = await there(platform, making.place["environment_id"])
    assert found.services == [making.place["service_id"]]


async def test_a_token_without_the_right_is_told_so(runtime: Runtime, platform: Simulator, project_id: UUID) -> None:
    environment_id = await an_environment(platform)
    token = plant("a token", await platform.token("workspace", privileges=["read"]))
    connection = await connect(runtime, platform, project_id, TokenKind.WORKSPACE, token=token)
    service_id, _ = await a_service(platform, environment_id, source={"image": IDLE})
    making = a_making(runtime, platform, connection.id, environment_id).later()
    making.spec = replace(making.spec, data={**making.spec.data, "service_id": service_id})
    with pytest.raises(RailwayForbidden):
        await making.destroy()
    assert (await there(platform, environment_id)).services == [service_id]
