"""What the observer sees at Railway, keeps, and does to our databases."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlmodel import col, select

from app.databases.models import Database, DatabaseState, Environment
from app.events.models import DomainEvent
from app.platform.observing import MOST_AT_ONCE, observe_until
from app.providers.railway.models import RailwayObservation
from app.providers.railway.observed import SeenConfig, SeenMetrics, SeenStatus
from app.providers.railway.place import Place
from app.runtime import Runtime
from tests.planted import plant
from tests.platform.records import act, adopt, alerts, connect, link, look, look_again, observation, row_of
from tests.railway_simulator.process import Simulator

DELETE_SERVICE = "mutation d($id: String!, $e: String!) { serviceDelete(id: $id, environmentId: $e) }"
MOUNT = """mutation m($v: String!, $e: String!, $i: VolumeInstanceUpdateInput!) {
  volumeInstanceUpdate(volumeId: $v, environmentId: $e, input: $i)
}"""
COMMIT = "mutation c($e: String!, $p: EnvironmentConfig!) { environmentPatchCommit(environmentId: $e, patch: $p) }"
UPSERT = "mutation u($i: VariableCollectionUpsertInput!) { variableCollectionUpsert(input: $i) }"


async def commit(simulator: Simulator, service_id: str, service: dict[str, Any]) -> None:
    await act(simulator, COMMIT, e=simulator.environment_id, p={"services": {service_id: service}})


async def settled_as(simulator: Simulator, service_id: str, status: str) -> None:
    async with asyncio.timeout(30):
        while True:
            deployments = (await simulator.state())["deployments"]
            mine = [one["status"] for one in deployments if one["service_id"] == service_id]
            if mine[-1:] == [status]:
                return
            await asyncio.sleep(0.05)


async def seen_as(runtime: Runtime, database: Database, state: DatabaseState) -> Database:
    """Looks until it is so: Railway's lists are behind what was changed."""
    async with asyncio.timeout(30):
        while True:
            await look_again(runtime)
            if (row := await row_of(runtime, database)).state == state:
                return row
            await asyncio.sleep(0.05)


async def test_an_environment_is_read_whole_by_two_requests(
    runtime: Runtime, database: Database, environment: Environment, seeded: dict[str, str], simulator: Simulator
) -> None:
    before = (await simulator.state())["requests"].get(simulator.tokens["workspace"], {})
    assert await look(runtime) == 1
    row = await observation(runtime)
    assert (row.connection_id, row.railway_environment_id) == (environment.connection_id, simulator.environment_id)
    assert row.error is None
    assert row.claimed_until is None
    assert row.status_at == row.metrics_at == row.consumers_at

    service = SeenStatus.model_validate(row.status).services[seeded["service_id"]]
    assert service.deployment is not None
    assert service.volume is not None
    assert (service.name, service.deployment.status) == (seeded["name"], "SUCCESS")
    assert (service.volume.volume_id, service.volume.used_mb) == (seeded["volume_id"], 1200.0)
    metrics = SeenMetrics.model_validate(row.metrics).services[seeded["service_id"]]
    assert {"CPU_USAGE", "MEMORY_USAGE_GB", "DISK_USAGE_GB"} <= metrics.keys()
    after = (await simulator.state())["requests"][simulator.tokens["workspace"]]
    asked = {name: count - before.get(name, 0) for name, count in after.items() if count != before.get(name, 0)}
    assert asked == {"environment": 1, "metrics": 1}
    assert await look(runtime) == 0  # not due again


async def test_only_names_are_kept_of_what_refers_to_a_database(
    runtime: Runtime, database: Database, seeded: dict[str, str], simulator: Simulator
) -> None:
    other = (await simulator.seed(environments=1, databases_each=1))["environments"][0]["databases"][0]
    secret = plant("a variable of somebody's service", "only-for-its-own-service-42")
    target = seeded["name"]
    await act(
        simulator,
        UPSERT,
        i={
            "projectId": simulator.project_id,
            "environmentId": simulator.environment_id,
            "serviceId": other["service_id"],
            "variables": {
                "DATABASE_URL": f"${{{{{target}.DATABASE_URL}}}}",
                "NEXT_PUBLIC_DB": f"{secret}/${{{{ {target}.DATABASE_PUBLIC_URL }}}}",
                "API_KEY": secret,
            },
            "skipDeploys": True,
        },
    )
    await look(runtime)
    found = [
        (one.variable, one.target_service_name, one.target_variable, one.is_public, one.is_whole)
        for one in SeenConfig.model_validate((await observation(runtime)).consumers).references
        if one.service_id == other["service_id"]
    ]
    assert found == [
        ("DATABASE_URL", target, "DATABASE_URL", False, True),
        ("NEXT_PUBLIC_DB", target, "DATABASE_PUBLIC_URL", True, False),
    ]


async def test_a_service_that_is_gone_makes_its_database_missing_and_alerts(
    runtime: Runtime, database: Database, seeded: dict[str, str], simulator: Simulator
) -> None:
    await look(runtime)
    await act(simulator, DELETE_SERVICE, id=seeded["service_id"], e=simulator.environment_id)
    row = await seen_as(runtime, database, DatabaseState.MISSING)
    assert seeded["name"] in (row.state_reason or "")
    (alert,) = await alerts(runtime)
    assert (alert.type, alert.database_id) == ("database.unreachable", database.id)
    count = alert.count
    await look_again(runtime)
    (alert,) = await alerts(runtime)
    assert alert.count == count + 1


async def test_a_database_without_its_volume_is_unreachable_until_it_is_mounted_again(
    runtime: Runtime, database: Database, seeded: dict[str, str], simulator: Simulator
) -> None:
    await act(simulator, MOUNT, v=seeded["volume_id"], e=simulator.environment_id, i={"mountPath": "/elsewhere"})
    await look(runtime)
    row = await seen_as(runtime, database, DatabaseState.UNREACHABLE)
    assert "volume" in (row.state_reason or "")
    back = {"serviceId": seeded["service_id"], "mountPath": "/var/lib/postgresql/data"}
    await act(simulator, MOUNT, v=seeded["volume_id"], e=simulator.environment_id, i=back)
    row = await seen_as(runtime, database, DatabaseState.AVAILABLE)
    assert row.state_reason is None
    (alert,) = await alerts(runtime)
    assert alert.cleared_at is not None
    async with runtime.sessions() as session:
        events = (await session.exec(select(DomainEvent.type).order_by(col(DomainEvent.id)))).all()
    assert events.count("database.status_changed") == 2


@pytest.mark.parametrize("ran_before", [False, True])
async def test_a_deployment_that_never_began_leaves_running_what_ran_before(
    runtime: Runtime, environment: Environment, simulator: Simulator, ran_before: bool
) -> None:
    service_id = str(uuid4())
    images = ["simulated/idle:1", "postgres:3"] if ran_before else ["postgres:3"]
    for image in images:
        await commit(simulator, service_id, {"source": {"image": image}, "isCreated": True})
        await settled_as(simulator, service_id, "FAILED" if image == "postgres:3" else "SUCCESS")
    there = {"service_id": service_id, "name": "odd", "volume_id": "", "volume_instance_id": ""}
    database = await adopt(runtime, environment, there, volume_id=None, volume_instance_id=None)
    await look(runtime)
    row = await row_of(runtime, database)
    assert Place.of(row.provider_data).image == "postgres:3"
    if ran_before:
        assert (row.state, row.state_reason) == (DatabaseState.AVAILABLE, None)
    else:
        assert row.state == DatabaseState.UNREACHABLE
        assert row.state_reason == (
            "its deployment at Railway is FAILED. Its image could not be pulled or started: check the image and its "
            "tag, then redeploy."
        )


async def test_what_a_job_is_at_is_left_alone(
    runtime: Runtime, database: Database, seeded: dict[str, str], simulator: Simulator
) -> None:
    async with runtime.sessions() as session, session.begin():
        (await session.get_one(Database, database.id)).state = DatabaseState.RESTORING
    await act(simulator, DELETE_SERVICE, id=seeded["service_id"], e=simulator.environment_id)
    await look(runtime)
    assert (await row_of(runtime, database)).state == DatabaseState.RESTORING
    assert await alerts(runtime) == []


@pytest.mark.parametrize("change", ["place", "job"])
async def test_what_was_changed_during_the_look_waits_for_the_next_one(
    runtime: Runtime, database: Database, seeded: dict[str, str], simulator: Simulator, change: str
) -> None:
    pause = await simulator.pause("environment", "after")
    await act(simulator, DELETE_SERVICE, id=seeded["service_id"], e=simulator.environment_id)
    async with asyncio.TaskGroup() as group:
        looking = group.create_task(look(runtime))
        assert await pause.reached()
        async with runtime.sessions() as session, session.begin():
            row = await session.get_one(Database, database.id)
            if change == "place":
                row.provider_data = row.provider_data | {"region": "somewhere else"}
            else:  # which has ended already
                row.revision += 2
        await pause.release()
    assert looking.result() == 1
    assert (await row_of(runtime, database)).state == DatabaseState.AVAILABLE
    await seen_as(runtime, database, DatabaseState.MISSING)


async def test_two_databases_of_one_environment_share_its_row_and_the_last_takes_it_along(
    runtime: Runtime, database: Database, environment: Environment, simulator: Simulator
) -> None:
    other = (await simulator.seed(environments=1, databases_each=1))["environments"][0]["databases"][0]
    second = await adopt(runtime, environment, other)
    assert await look(runtime) == 1
    async with runtime.sessions() as session, session.begin():
        for one in (database, second):
            (await session.get_one(Database, one.id)).state = DatabaseState.DELETED
    assert await look(runtime) == 0
    async with runtime.sessions() as session:
        assert (await session.exec(select(RailwayObservation))).all() == []


async def test_more_environments_than_are_looked_at_at_once_do_not_wait_for_the_next_poll(
    runtime: Runtime, project_id: UUID, simulator: Simulator
) -> None:
    made = (await simulator.seed(environments=MOST_AT_ONCE + 2, databases_each=1))["environments"]
    connection = await connect(runtime, simulator, project_id)
    for found in made:
        environment = await link(runtime, simulator, connection, found["environment_id"])
        await adopt(runtime, environment, found["databases"][0])
    stop = asyncio.Event()
    async with asyncio.timeout(60), asyncio.TaskGroup() as group:
        group.create_task(observe_until(runtime, stop))
        while True:
            async with runtime.sessions() as session:
                rows = (await session.exec(select(RailwayObservation))).all()
            if len(rows) == len(made) and all(row.status_at and row.claimed_until is None for row in rows):
                break
            await asyncio.sleep(0.05)
        stop.set()
    assert {row.railway_environment_id for row in rows} == {found["environment_id"] for found in made}
