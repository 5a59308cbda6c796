"""Making a database at Railway: one service with one volume, whatever is lost on the way and whoever is killed."""

import asyncio
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from app.databases.models import Project
from app.errors import Problem
from app.postgres.connect import Target, TlsMode
from app.postgres.version import server_version
from app.providers.protocol import NotYet, Phase, ServerStatus
from app.providers.railway.patches import StagedChangesForeign
from app.providers.railway.placing import ServiceNotMade
from app.providers.railway.templates import TemplateChanged
from app.providers.railway.workflows import WorkflowFailed
from app.runtime import Runtime
from app.settings import Settings
from tests.control import make_settings
from tests.platform.records import connect
from tests.providers.railway_simulated.asking import STAGE, an_environment, ask, variables_of
from tests.providers.railway_simulated.making import NEVER_RUNS, Making, a_making, there
from tests.railway_simulator.process import Simulator

PATHS = pytest.mark.parametrize(
    ("options", "operation"), [({}, "templateDeployV2"), ({"image": NEVER_RUNS}, "environmentPatchCommit")]
)


@pytest.fixture
def settings(database_url: str, tmp_path: Path, platform: Simulator) -> Settings:
    changes = {"railway_endpoint": platform.endpoint, "railway_requests_per_second": 1000}
    return make_settings(database_url, tmp_path / "data", **changes)


@pytest.fixture
async def connection_id(runtime: Runtime, platform: Simulator) -> UUID:
    async with runtime.sessions() as session, session.begin():
        project = Project(name="shop", created_by="test")
        session.add(project)
        project_id = project.id
    return (await connect(runtime, platform, project_id)).id


@pytest.fixture
async def environment_id(platform: Simulator) -> str:
    """Of its own for each test, whose template gives a service that never runs unless the test says otherwise."""
    await platform.settings(template_image=NEVER_RUNS)
    return await an_environment(platform)


async def test_the_template_gives_one_service_with_our_password_and_a_volume_and_lets_us_in(
    runtime: Runtime, platform: Simulator, connection_id: UUID, environment_id: str
) -> None:
    await platform.settings(template_image=None)
    making = a_making(runtime, platform, connection_id, environment_id, public_access=True)
    await making.until(Phase.PUBLISH)
    await making.until(Phase.PUBLISH)

    found, place = await there(platform, environment_id), making.place
    assert (found.services, found.mounted) == ([place["service_id"]], [place["volume_id"]])
    variables = await variables_of(platform, environment_id, place["service_id"])
    assert variables["POSTGRES_PASSWORD"] == making.spec.password.get_secret_value()
    target = Target(
        host=place["public_host"],
        port=place["public_port"],
        user="postgres",
        password=making.spec.password,
        database="railway",
        tls=TlsMode.REQUIRE,
    )
    assert (await server_version(target))[1] == 15
    assert await making.provider.status(making.spec) is ServerStatus.RUNNING
    assert place["private_host"].startswith("127.77.")

    report = await making.later().destroy()
    assert (report["service_was_there"], report["left"]) == (True, [])
    assert report["recoverable_until"] is not None
    assert (await there(platform, environment_id)).services == []


async def test_a_wish_of_its_own_gives_a_service_of_that_name_image_size_and_region(
    runtime: Runtime, platform: Simulator, connection_id: UUID, environment_id: str
) -> None:
    wished = {"service_name": "Orders db", "region": "europe-west4-drams3a", "volume_size_mb": 2000}
    making = a_making(runtime, platform, connection_id, environment_id, major=13, **wished)
    await making.until(Phase.SETTLE)
    place = making.place
    assert (place["service_name"], place["image"], place["region"]) == ("Orders db", NEVER_RUNS, "europe-west4-drams3a")
    found = await there(platform, environment_id)
    assert (found.names, found.mounted) == (["Orders db"], [place["volume_id"]])
    state = await platform.state()
    (volume,) = [one for one in state["volume_instances"] if one["volume_id"] == place["volume_id"]]
    assert (volume["id"], volume["size_mb"]) == (place["volume_instance_id"], 2000)


@PATHS
@pytest.mark.parametrize(
    "kind", ["lost_answer", "lost_request", "html_502", "html_502_after", "null", "rate_limited", "too_quickly"]
)
async def test_whatever_becomes_of_the_answer_one_service_is_made(
    runtime: Runtime,
    platform: Simulator,
    connection_id: UUID,
    environment_id: str,
    options: dict[str, Any],
    operation: str,
    kind: str,
) -> None:
    making = a_making(runtime, platform, connection_id, environment_id, **options)
    await platform.fault(operation, kind)
    await making.until(Phase.SETTLE)
    found = await there(platform, environment_id)
    assert (found.services, found.mounted) == ([making.place["service_id"]], [making.place["volume_id"]])


@PATHS
async def test_an_error_that_stays_one_is_told_and_nothing_is_left(
    runtime: Runtime,
    platform: Simulator,
    connection_id: UUID,
    environment_id: str,
    options: dict[str, Any],
    operation: str,
) -> None:
    making = a_making(runtime, platform, connection_id, environment_id, **options)
    await platform.fault(operation, "internal", times=10)
    with pytest.raises(ServiceNotMade, match="Problem processing request"):
        await making.until(Phase.SETTLE)
    await making.destroy()
    found = await there(platform, environment_id)
    assert (found.services, found.volumes) == ([], [])


@PATHS
@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_process_that_dies_with_the_request_on_its_way_is_followed_by_one_that_finds_the_service(
    runtime: Runtime,
    platform: Simulator,
    connection_id: UUID,
    environment_id: str,
    options: dict[str, Any],
    operation: str,
    when: str,
) -> None:
    making = a_making(runtime, platform, connection_id, environment_id, **options)
    await _killed(platform, making, operation, when)
    await making.until(Phase.SETTLE)
    found = await there(platform, environment_id)
    assert (found.services, found.mounted) == ([making.place["service_id"]], [making.place["volume_id"]])


@PATHS
@pytest.mark.parametrize("when", ["before", "after"])
async def test_what_a_dead_process_asked_for_is_removed_when_it_is_given_up(
    runtime: Runtime,
    platform: Simulator,
    connection_id: UUID,
    environment_id: str,
    options: dict[str, Any],
    operation: str,
    when: str,
) -> None:
    making = a_making(runtime, platform, connection_id, environment_id, **options)
    await _killed(platform, making, operation, when)
    await making.destroy()
    found = await there(platform, environment_id)
    assert (found.services, found.volumes) == ([], [])


async def test_what_appears_so_late_that_it_was_asked_for_again_is_there_once_at_the_end(
    runtime: Runtime, platform: Simulator, connection_id: UUID, environment_id: str
) -> None:
    await platform.settings(visible_after_seconds=3.0)
    await platform.fault("templateDeployV2", "lost_answer")
    making = a_making(runtime, platform, connection_id, environment_id)
    await making.until(Phase.SETTLE)
    assert len((await there(platform, environment_id)).services) == 2
    await platform.settings(visible_after_seconds=0)
    await making.destroy()
    found = await there(platform, environment_id)
    assert (found.services, found.volumes) == ([], [])


async def test_two_at_once_in_one_environment_come_one_after_the_other_and_get_a_service_each(
    runtime: Runtime, platform: Simulator, connection_id: UUID, environment_id: str
) -> None:
    first = a_making(runtime, platform, connection_id, environment_id)
    second = a_making(runtime, platform, connection_id, environment_id)
    await first.until(Phase.SETTLE)
    with pytest.raises(NotYet, match="is changing this environment"):
        await second.provider.create(second.spec, Phase.DEPLOY)
    await first.destroy()
    third = a_making(runtime, platform, connection_id, environment_id)
    await asyncio.gather(*(_settle_and_let_go(making) for making in (second, third)))
    found = await there(platform, environment_id)
    assert sorted(found.services) == sorted(making.place["service_id"] for making in (second, third))
    assert len(set(found.names)) == 2


async def test_a_workflow_that_ends_in_an_error_is_told_and_leaves_nothing(
    runtime: Runtime, platform: Simulator, connection_id: UUID, environment_id: str
) -> None:
    making = a_making(runtime, platform, connection_id, environment_id)
    await platform.fault("templateDeployV2", "workflow_error")
    with pytest.raises(WorkflowFailed):
        await making.until(Phase.SETTLE)
    await making.destroy()
    assert (await there(platform, environment_id)).services == []


async def test_a_workflow_whose_state_nobody_may_read_is_told_by_its_effect(
    runtime: Runtime, platform: Simulator, connection_id: UUID, environment_id: str
) -> None:
    making = a_making(runtime, platform, connection_id, environment_id)
    await platform.fault("templateDeployV2", "workflow_refused")
    await making.until(Phase.SETTLE)
    assert (await there(platform, environment_id)).services == [making.place["service_id"]]


async def test_a_workflow_that_never_ends_is_given_up_and_named(
    runtime: Runtime, platform: Simulator, connection_id: UUID, environment_id: str
) -> None:
    making = a_making(runtime, platform, connection_id, environment_id)
    await platform.fault("templateDeployV2", "workflow_never")
    await making.phase(Phase.DEPLOY)
    with pytest.raises(NotYet, match="still making"):
        await making.provider.create(making.spec, Phase.SETTLE)
    report = await making.destroy()
    assert "deployTemplate/" in report["left"][0]


async def test_a_template_of_another_shape_is_not_deployed(
    runtime: Runtime, platform: Simulator, connection_id: UUID, environment_id: str
) -> None:
    await platform.settings(template_image="ghcr.io/somebody/redis:8")
    making = a_making(runtime, platform, connection_id, environment_id)
    with pytest.raises(TemplateChanged, match="no PostgreSQL"):
        await making.until(Phase.SETTLE)
    await making.destroy()
    assert (await there(platform, environment_id)).services == []


async def test_foreign_staged_changes_stop_it_unless_it_is_forced(
    runtime: Runtime, platform: Simulator, connection_id: UUID, environment_id: str
) -> None:
    patch = {"sharedVariables": {"COLOUR": {"value": "blue"}}}
    await ask(platform, STAGE, e=environment_id, patch=patch, merge=True)
    refused = a_making(runtime, platform, connection_id, environment_id)
    with pytest.raises(StagedChangesForeign, match=r"sharedVariables\.COLOUR"):
        await refused.until(Phase.DEPLOY)
    await refused.destroy()
    forced = a_making(runtime, platform, connection_id, environment_id, force=True)
    await forced.until(Phase.SETTLE)
    assert len((await there(platform, environment_id)).services) == 1


async def test_an_image_that_cannot_be_pulled_is_told_with_what_the_platform_says(
    runtime: Runtime, platform: Simulator, connection_id: UUID, environment_id: str
) -> None:
    making = a_making(runtime, platform, connection_id, environment_id)
    with pytest.raises(Problem, match="manifest unknown"):
        await making.until(Phase.PUBLISH)
    await making.destroy()
    found = await there(platform, environment_id)
    assert (found.services, found.volumes) == ([], [])


async def _killed(platform: Simulator, making: Making, operation: str, when: str) -> None:
    pause = await platform.pause(operation, when)
    work = asyncio.create_task(making.phase(Phase.DEPLOY))
    assert await pause.reached()
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)
    await pause.release()


async def _settle_and_let_go(making: Making) -> None:
    await making.until(Phase.SETTLE)
    intents = making.provider.intents
    assert making.spec.job_id is not None
    intent = await intents.of_owner(making.spec.job_id, "database.create")
    assert intent is not None
    await intents.close(intent)
