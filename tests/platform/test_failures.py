"""Looks that fail: what is known stays with its age, the reason is kept, and the next look comes later."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import UUID

import httpx
import pytest
from pydantic import SecretStr
from sqlmodel import select

from app.databases.models import Database, DatabaseState
from app.jobs.enqueue import enqueue
from app.jobs.machine import Programmes
from app.jobs.models import Job
from app.jobs.states import JobState
from app.jobs.worker import JobWorker, WorkerOptions
from app.kit.ids import encode_id
from app.platform import observing
from app.platform.observing import MOST_AT_ONCE, claim_due, observe, observe_until
from app.platform.schemas import ObserveEnvironment
from app.platform.tasks import programmes
from app.providers.railway.clients import seal_token
from app.providers.railway.models import RailwayConnection, RailwayObservation
from app.runtime import Runtime
from tests.planted import plant
from tests.platform.records import act, adopt, alerts, connect, link, look, look_again, observation, row_of
from tests.railway_simulator.process import Simulator

DELETE_ENVIRONMENT = "mutation d($id: String!) { environmentDelete(id: $id) }"


async def test_what_was_seen_stays_when_railway_fails_and_later_looks_come_later(
    runtime: Runtime, database: Database, simulator: Simulator
) -> None:
    await look(runtime)
    seen = await observation(runtime)
    await simulator.fault("environment", "internal", times=2)
    await look_again(runtime)
    first = await observation(runtime)
    assert (first.status, first.status_at, first.metrics_at) == (seen.status, seen.status_at, seen.metrics_at)
    assert first.error is not None
    assert first.error_at is not None
    assert (first.error["problem"]["code"], first.error["failures"]) == ("RAILWAY_FAILED", 1)
    assert timedelta(seconds=5) <= first.due_at - first.error_at <= timedelta(seconds=10)
    await look_again(runtime)
    second = await observation(runtime)
    assert second.error is not None
    assert second.error_at is not None
    assert second.error["failures"] == 2
    assert second.due_at - second.error_at >= timedelta(seconds=10)
    assert (await row_of(runtime, database)).state == DatabaseState.AVAILABLE
    await look_again(runtime)
    assert (await observation(runtime)).error is None


async def test_metrics_that_cannot_be_read_leave_the_rest_and_are_not_asked_for_more_often(
    runtime: Runtime, database: Database, simulator: Simulator
) -> None:
    await simulator.fault("metrics", "internal")
    await look(runtime)
    row = await observation(runtime)
    assert row.error is not None
    assert (row.error["part"], row.metrics) == ("metrics", None)
    assert row.status is not None
    before = (await simulator.state())["requests"][simulator.tokens["workspace"]]["metrics"]
    await look_again(runtime)
    after = (await simulator.state())["requests"][simulator.tokens["workspace"]]["metrics"]
    assert after == before
    assert (await observation(runtime)).error == row.error


async def test_a_quota_that_is_used_up_is_waited_for_as_long_as_railway_says(
    runtime: Runtime, database: Database, simulator: Simulator
) -> None:
    await simulator.settings(hourly_limit=0)
    try:
        await look(runtime)
    finally:
        await simulator.settings(hourly_limit=10_000)
    row = await observation(runtime)
    assert row.error is not None
    assert row.error_at is not None
    assert row.error["problem"]["code"] == "RAILWAY_RATE_LIMITED"
    assert row.due_at - row.error_at >= timedelta(seconds=row.error["problem"]["retry_after"])


async def test_a_token_that_was_deleted_is_told_once_for_all_that_goes_by_it(
    runtime: Runtime, project_id: UUID, simulator: Simulator, seeded: dict[str, str]
) -> None:
    token = await simulator.token("workspace", workspace_id=simulator.workspace_id)
    plant("a Railway token", token)
    connection = await connect(runtime, simulator, project_id, token=token)
    environment = await link(runtime, simulator, connection, simulator.environment_id)
    database = await adopt(runtime, environment, seeded)
    await look(runtime)
    await simulator.kill_token(token)
    await look_again(runtime)
    row = await observation(runtime)
    assert row.error is not None
    assert row.error["problem"]["code"] == "RAILWAY_TOKEN_INVALID"
    async with runtime.sessions() as session:
        assert (await session.exec(select(RailwayConnection.state))).one() == "refused"
    (alert,) = await alerts(runtime)
    assert alert.type == "railway.connection_refused"
    assert (await row_of(runtime, database)).state == DatabaseState.AVAILABLE  # nobody knows otherwise

    async with runtime.sessions() as session, session.begin():  # as if it had been refused by mistake
        row_of_token = await session.get_one(RailwayConnection, connection.id)
        row_of_token.token_sealed = seal_token(
            connection.id, SecretStr(simulator.tokens["workspace"]), runtime.key_ring
        )
    await look_again(runtime)
    async with runtime.sessions() as session:
        assert (await session.exec(select(RailwayConnection.state))).one() == "available"
    assert [one.cleared_reason for one in await alerts(runtime)] == ["Railway accepts the token"]


async def test_databases_of_an_environment_that_was_deleted_are_missing(
    runtime: Runtime, project_id: UUID, simulator: Simulator
) -> None:
    made = (await simulator.seed(environments=2, databases_each=1))["environments"][1]
    connection = await connect(runtime, simulator, project_id)
    environment = await link(runtime, simulator, connection, made["environment_id"])
    database = await adopt(runtime, environment, made["databases"][0])
    await look(runtime)
    await act(simulator, DELETE_ENVIRONMENT, id=made["environment_id"])
    async with asyncio.timeout(30):
        while (await row_of(runtime, database)).state != DatabaseState.MISSING:
            await look_again(runtime)
    row = await observation(runtime)
    assert row.error is not None
    assert row.error["problem"]["code"] == "RAILWAY_NOT_FOUND"


async def test_what_another_release_has_kept_is_read_anew(
    runtime: Runtime, database: Database, client: httpx.AsyncClient, as_admin: dict[str, str]
) -> None:
    await look(runtime)
    seen = await observation(runtime)
    async with runtime.sessions() as session, session.begin():
        row = (await session.exec(select(RailwayObservation))).one()
        row.status, row.consumers, row.metrics = {"shape": 2}, {"shape": 2}, {"shape": 2}
    status = await client.get(f"/v1/databases/{encode_id('db', database.id)}/platform-status", headers=as_admin)
    assert (status.status_code, status.json()["service"]) == (200, None)
    await look_again(runtime)
    assert (await observation(runtime)).status == seen.status


async def test_a_mistake_of_ours_in_one_look_ends_nothing_else(
    runtime: Runtime, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def mistaken(*_: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr(observing, "look", mistaken)
        assert await look(runtime) == 1
    row = await observation(runtime)
    assert row.claimed_until is not None
    assert row.claimed_until > runtime.clock()  # after which somebody tries again


async def test_a_claim_keeps_others_away_until_it_has_passed(runtime: Runtime, database: Database) -> None:
    (mine,) = await claim_due(runtime, MOST_AT_ONCE)
    assert await claim_due(runtime, MOST_AT_ONCE) == []
    async with runtime.sessions() as session, session.begin():
        session.add(mine)
        mine.claimed_until = runtime.clock() - timedelta(seconds=1)
    (theirs,) = await claim_due(runtime, MOST_AT_ONCE)
    await observe(runtime, mine)  # by who was too slow: nothing of it is kept
    assert (await observation(runtime)).status is None
    await observe(runtime, theirs)
    assert (await observation(runtime)).status is not None


async def test_a_worker_that_stops_gives_its_claims_back(
    runtime: Runtime, database: Database, simulator: Simulator
) -> None:
    pause, stop = await simulator.pause("environment", "before"), asyncio.Event()
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(observe_until(runtime, stop))
            assert await pause.reached()
            assert (await observation(runtime)).claimed_until is not None
            stop.set()
        row = await observation(runtime)
        assert (row.claimed_until, row.status) == (None, None)
    finally:
        await pause.release()
    assert await look(runtime) == 1


async def test_a_job_looks_at_once_and_knows_who_is_not_watched(
    runtime: Runtime, database: Database, simulator: Simulator
) -> None:
    await look(runtime)
    seen = (await observation(runtime)).status_at
    async with working(runtime):
        done = await job_done(runtime, ObserveEnvironment(railway_environment_id=simulator.environment_id))
        assert done.result == {"railway_environment_id": simulator.environment_id, "observed": True}
        again = (await observation(runtime)).status_at
        assert seen is not None
        assert again is not None
        assert again > seen
        stranger = await job_done(runtime, ObserveEnvironment(railway_environment_id="another"))
        assert stranger.result == {"railway_environment_id": "another", "observed": False}


@asynccontextmanager
async def working(runtime: Runtime) -> AsyncIterator[None]:
    stop = asyncio.Event()
    worker = JobWorker(
        sessions=runtime.sessions,
        listener=runtime.listener,
        programmes=Programmes(*programmes(runtime)),
        options=WorkerOptions(host_id=runtime.host_id, grace_seconds=0),
    )
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(worker.run(stop))
        yield
        stop.set()


async def job_done(runtime: Runtime, args: ObserveEnvironment) -> Job:
    async with runtime.sessions() as session, session.begin():
        job_id = (await enqueue(session, args, created_by="test")).job.id
    async with asyncio.timeout(30):
        while True:
            async with runtime.sessions() as session:
                job = await session.get_one(Job, job_id)
            if job.state == JobState.SUCCEEDED:
                return job
            assert job.error is None
            await asyncio.sleep(0.05)
