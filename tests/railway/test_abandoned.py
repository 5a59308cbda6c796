"""Intents whose jobs ended without a word: the next writer gets in, and what they left at Railway is shown until it is gone."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlmodel import col, select

from app.events.models import Alert, AlertType
from app.jobs.enqueue import enqueue
from app.jobs.models import Job
from app.jobs.schemas import JobView
from app.jobs.states import FINAL, JobState
from app.kit.clock import utc_now
from app.kit.ids import decode_id, encode_id, new_id
from app.providers.railway.intents import EnvironmentBusy, Intents
from app.providers.railway.models import RailwayConnection, RailwayIntent
from app.railway.schemas import CheckSchema, CreateRailwayEnvironment, SweepIntents
from app.railway.tasks import watch
from app.runtime import Runtime
from tests.platform.records import adopt, link
from tests.providers.railway_simulated.asking import POSTGRES, a_service, an_environment, ask, deployed
from tests.railway.conftest import Connected, Finished
from tests.railway_simulator.process import Simulator

DELETE = "mutation($s: String!, $e: String!) { serviceDelete(id: $s, environmentId: $e) }"
DELETE_VOLUME = "mutation($v: String!) { volumeDelete(volumeId: $v) }"


async def ended_job(runtime: Runtime, state: JobState) -> UUID:
    """One that stands for a job of any kind."""
    async with runtime.sessions() as session, session.begin():
        job = (await enqueue(session, CheckSchema(), created_by="test")).job
        job.state, job.run_after = state, utc_now() + timedelta(hours=1)
        if state in FINAL:
            job.finished_at = utc_now()
        if state is JobState.FAILED:
            job.error = {"code": "INTERNAL", "detail": "It died."}
        session.add(job)
    return job.id


async def opened(
    runtime: Runtime, connection_id: UUID, environment_id: str, owner_id: UUID, **more: Any
) -> RailwayIntent:
    intents = Intents(runtime.sessions)
    values = {"operation": "database.create", "plan": {}} | {name: more[name] for name in more if name != "made"}
    intent = await intents.open(connection_id, environment_id, owner_id=owner_id, **values)
    return await intents.made(intent, **more.get("made", {}))


async def row_of(runtime: Runtime, intent: RailwayIntent) -> RailwayIntent:
    async with runtime.sessions() as session:
        return await session.get_one(RailwayIntent, intent.id)


async def orphans(runtime: Runtime) -> dict[str, bool]:
    """Ids at Railway, and whether the alert is open."""
    async with runtime.sessions() as session:
        query = select(Alert).where(Alert.type == AlertType.RAILWAY_ORPHAN)
        return {alert.data["railway_id"]: alert.cleared_at is None for alert in (await session.exec(query)).all()}


@pytest.fixture
async def connection(runtime: Runtime, connected: Connected) -> RailwayConnection:
    made = await connected()
    async with runtime.sessions() as session:
        return await session.get_one(RailwayConnection, decode_id("rwc", made["id"]))


Swept = Callable[[], Any]


@pytest.fixture
def swept(runtime: Runtime, connection: RailwayConnection, worker: None, finished: Finished) -> Swept:
    """Looks at what is left, as the hourly job does."""

    async def sweep() -> dict[str, Any]:
        async with runtime.sessions() as session, session.begin():
            job = (await enqueue(session, SweepIntents(connection_id=connection.id), created_by="test")).job
        ended = await finished(JobView.of(job).model_dump(mode="json"))
        assert ended["state"] == "succeeded", ended
        result: dict[str, Any] = ended["result"]
        return result

    return sweep


@pytest.mark.parametrize("state", sorted(FINAL))
async def test_the_environment_is_free_again_once_the_job_has_ended(
    runtime: Runtime, connection: RailwayConnection, state: JobState
) -> None:
    owner = await ended_job(runtime, state)
    intent = await opened(runtime, connection.id, "an-environment", owner)
    with pytest.raises(EnvironmentBusy):
        await opened(runtime, connection.id, "an-environment", new_id())
    await watch(runtime)
    row = await row_of(runtime, intent)
    assert (row.outcome, row.closed_at is None) == ("given_up", False)
    await opened(runtime, connection.id, "an-environment", new_id())
    async with runtime.sessions() as session:
        jobs = (await session.exec(select(Job).where(Job.kind == "railway.sweep"))).all()
    assert [job.args for job in jobs] == [{"connection_id": encode_id("rwc", connection.id)}]


@pytest.mark.parametrize("state", [JobState.QUEUED, JobState.CANCELLING])
async def test_a_job_that_may_still_go_on_keeps_it(
    runtime: Runtime, connection: RailwayConnection, state: JobState
) -> None:
    intent = await opened(runtime, connection.id, "an-environment", await ended_job(runtime, state))
    await watch(runtime)
    assert (await row_of(runtime, intent)).closed_at is None


async def test_an_owner_that_is_no_job_keeps_it_for_minutes(runtime: Runtime, connection: RailwayConnection) -> None:
    intent = await opened(runtime, connection.id, "an-environment", new_id())
    await watch(runtime)
    assert (await row_of(runtime, intent)).closed_at is None
    later = replace(runtime, clock=lambda: utc_now() + timedelta(minutes=16))
    await watch(later)
    assert (await row_of(runtime, intent)).outcome == "given_up"


async def test_a_service_and_a_volume_that_nobody_owns_are_shown_until_they_are_gone(
    client: httpx.AsyncClient,
    as_admin: dict[str, str],
    runtime: Runtime,
    platform: Simulator,
    connection: RailwayConnection,
    swept: Swept,
) -> None:
    environment_id = await an_environment(platform)
    service_id, volume_id = await a_service(platform, environment_id, volume=True, source={"image": POSTGRES})
    consumer_id, _ = await a_service(platform, environment_id)
    await deployed(platform, environment_id, consumer_id)
    owner = await ended_job(runtime, JobState.FAILED)
    plan = {"service_id": service_id, "volume_id": volume_id, "consumer": consumer_id}
    intent = await opened(runtime, connection.id, environment_id, owner, plan=plan)
    await watch(runtime)
    result = await swept()
    assert result == {"looked_at": 1, "left": sorted([service_id, volume_id])}
    assert await orphans(runtime) == {service_id: True, volume_id: True}
    alerts = (await client.get("/v1/alerts?type=railway.orphan", headers=as_admin)).json()["data"]
    assert {alert["subject_id"] for alert in alerts} == {encode_id("rwc", connection.id)}
    assert all(encode_id("job", owner) in alert["detail"] for alert in alerts)
    listed = f"/v1/railway-connections/{encode_id('rwc', connection.id)}/intents"
    (shown,) = (await client.get(f"{listed}?open=false", headers=as_admin)).json()["data"]
    assert (shown["job_id"], shown["outcome"]) == (encode_id("job", owner), "given_up")
    assert shown["made"]["left"] == sorted([service_id, volume_id])
    assert (await client.get(f"{listed}?open=true", headers=as_admin)).json()["data"] == []

    await ask(platform, DELETE, token="account", s=service_id, e=environment_id)
    await ask(platform, DELETE_VOLUME, token="account", v=volume_id)
    await platform.settings(visible_after_seconds=0)
    assert await swept() == {"looked_at": 1, "left": []}
    assert await orphans(runtime) == {service_id: False, volume_id: False}
    assert (await row_of(runtime, intent)).made["left"] == []
    assert await swept() == {"looked_at": 0, "left": []}


async def test_what_a_database_of_ours_is_made_of_belongs_to_somebody(
    runtime: Runtime, platform: Simulator, connection: RailwayConnection, swept: Swept
) -> None:
    there = (await platform.seed(environments=1, databases_each=1))["environments"][0]
    seeded = there["databases"][-1]
    await adopt(runtime, await link(runtime, platform, connection, there["environment_id"]), seeded)
    owner = await ended_job(runtime, JobState.FAILED)
    made = {"service_id": seeded["service_id"], "volume_id": seeded["volume_id"]}
    await opened(runtime, connection.id, there["environment_id"], owner, made=made)
    await watch(runtime)
    assert await swept() == {"looked_at": 1, "left": []}
    assert await orphans(runtime) == {}


async def test_an_environment_that_a_job_made_and_nobody_knows_is_shown(
    runtime: Runtime, platform: Simulator, connection: RailwayConnection, swept: Swept
) -> None:
    environment_id = await an_environment(platform)
    owner = await ended_job(runtime, JobState.FAILED)
    operation = CreateRailwayEnvironment.kind
    made = {"railway_environment_id": environment_id}
    await opened(runtime, connection.id, platform.project_id, owner, operation=operation, made=made)
    await platform.settings(visible_after_seconds=0)
    await watch(runtime)
    assert await swept() == {"looked_at": 1, "left": [environment_id]}
    await link(runtime, platform, connection, environment_id)
    assert await swept() == {"looked_at": 1, "left": []}
    assert await orphans(runtime) == {environment_id: False}


async def test_what_went_with_its_environment_is_gone(
    runtime: Runtime, platform: Simulator, connection: RailwayConnection, swept: Swept
) -> None:
    nowhere = "00000000-0000-4000-8000-00000000abcd"
    await opened(runtime, connection.id, nowhere, await ended_job(runtime, JobState.FAILED), made={"service_id": "s"})
    await watch(runtime)
    assert await swept() == {"looked_at": 1, "left": []}


async def test_with_the_token_the_incidents_go(
    client: httpx.AsyncClient,
    as_admin: dict[str, str],
    runtime: Runtime,
    platform: Simulator,
    connection: RailwayConnection,
    swept: Swept,
) -> None:
    environment_id = await an_environment(platform)
    owner = await ended_job(runtime, JobState.FAILED)
    service_id, _ = await a_service(platform, environment_id, source={"image": POSTGRES})
    await opened(runtime, connection.id, environment_id, owner, made={"service_id": service_id})
    await platform.settings(visible_after_seconds=0)
    await watch(runtime)
    await swept()
    path = f"/v1/railway-connections/{encode_id('rwc', connection.id)}"
    assert (await client.delete(path, headers=as_admin)).status_code == 204
    assert await orphans(runtime) == {service_id: False}
    async with runtime.sessions() as session:
        alerts = (await session.exec(select(Alert).order_by(col(Alert.id)))).all()
    assert [alert.cleared_at is not None for alert in alerts] == [True]
