"""A public address for one job: whatever becomes of the job, nothing stays open that it opened, and nothing else is closed."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import BaseModel
from sqlalchemy import text
from sqlmodel import col, select

from app.auth.scopes import Scope
from app.databases.access import Address, target_of
from app.databases.models import Database, Environment, NetworkOpening
from app.databases.openings import close_address, open_address
from app.databases.places import keep_place
from app.databases.tasks import watch
from app.db.sql import run_sql
from app.events.models import Alert
from app.jobs.conflicts import ConflictClass
from app.jobs.contract import JobArgs
from app.jobs.enqueue import Target, enqueue
from app.jobs.machine import Move, Programmes, Steps, Wait, done, go, step
from app.jobs.models import Job
from app.jobs.run import Run
from app.jobs.states import JobState
from app.jobs.worker import JobWorker, WorkerOptions
from app.kit.ids import DatabaseId, new_id
from app.postgres.version import server_version
from app.providers.railway.intents import Intents
from app.providers.railway.models import RailwayIntent
from app.providers.railway.place import Place
from app.runtime import Runtime
from app.settings import Settings
from tests.control import make_settings
from tests.databases.records import create_project
from tests.platform.records import connect, link
from tests.providers.railway_simulated.asking import until
from tests.railway_simulator.fixtures import simulator
from tests.railway_simulator.process import Simulator
from tests.railway_simulator.settings import SimulatorSettings
from tests.railway_world import Served, adopt, open_at_railway, open_proxies, railway_database, serve

__all__ = ["simulator"]


class UseServer(JobArgs, kind="test.databases.use-server", conflict=ConflictClass.OBSERVE, scope=Scope.DATABASES_READ):
    database_id: DatabaseId

    def needs_label(self) -> bool:
        return False


class UseMemo(BaseModel):
    address: Address | None = None


class UseServerSteps(Steps[UseServer, UseMemo]):
    """Opens, stays connected until it is told to go on, and closes."""

    args = UseServer
    memo = UseMemo

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        self.go_on = asyncio.Event()
        self.go_on.set()
        self.used: list[Address] = []

    @step
    async def open(self, run: Run[UseServer, UseMemo]) -> Move:
        opened = await open_address(self.runtime, run, run.args.database_id)
        if isinstance(opened, Wait):
            return opened
        run.memo.address = opened
        return go(self.use)

    @step
    async def use(self, run: Run[UseServer, UseMemo]) -> Move:
        assert run.memo.address is not None
        async with run.reading() as session:
            database = await session.get_one(Database, run.args.database_id)
        await server_version(target_of(database, self.runtime.key_ring, address=run.memo.address))
        self.used.append(run.memo.address)
        await self.go_on.wait()
        return go(self.close)

    @step
    async def close(self, run: Run[UseServer, UseMemo]) -> Move:
        return await close_address(self.runtime, run, run.args.database_id) or done()

    async def compensate(self, run: Run[UseServer, UseMemo], _outcome: JobState) -> None:
        await close_address(self.runtime, run, run.args.database_id)


@pytest.fixture
def settings(database_url: str, tmp_path: Path, simulator: Simulator) -> Settings:
    return make_settings(
        database_url, tmp_path / "data", railway_endpoint=simulator.endpoint, railway_requests_per_second=1000
    )


@pytest.fixture
async def platform(simulator: Simulator) -> AsyncIterator[Simulator]:
    yield simulator
    await simulator.settings(**SimulatorSettings().model_dump())
    await simulator.no_faults()


@pytest.fixture
async def environment(
    runtime: Runtime, simulator: Simulator, client: httpx.AsyncClient, as_admin: dict[str, str]
) -> Environment:
    connection = await connect(runtime, simulator, await create_project(client, as_admin))
    return await link(runtime, simulator, connection, simulator.environment_id)


@pytest.fixture(scope="module")
def served() -> list[Served]:
    """A server takes seconds to be made, so that tests which leave it as it was have the same."""
    return []


@pytest.fixture
async def database(
    runtime: Runtime, platform: Simulator, environment: Environment, served: list[Served]
) -> AsyncIterator[Database]:
    if not served:
        served.append(await serve(platform, platform.environment_id, public=False))
    yield await adopt(runtime, environment, served[0])
    assert await open_proxies(platform, served[0].place["service_id"]) == []


@pytest.fixture
async def own_database(runtime: Runtime, platform: Simulator, environment: Environment) -> Database:
    return await railway_database(runtime, platform, environment, public=False)


@pytest.fixture
def steps(runtime: Runtime) -> UseServerSteps:
    return UseServerSteps(runtime)


@asynccontextmanager
async def working(runtime: Runtime, steps: UseServerSteps) -> AsyncGenerator[asyncio.Task[None]]:
    worker = JobWorker(
        sessions=runtime.sessions,
        listener=runtime.listener,
        programmes=Programmes(steps),
        options=WorkerOptions(
            host_id=runtime.host_id, grace_seconds=0, lease_seconds=2, renew_seconds=0.5, reap_seconds=0.2
        ),
    )
    stop = asyncio.Event()
    task = asyncio.create_task(worker.run(stop))
    try:
        yield task
    finally:
        stop.set()
        await asyncio.gather(task, return_exceptions=True)


async def start(runtime: Runtime, database: Database) -> Job:
    async with runtime.sessions() as session, session.begin():
        args = UseServer(database_id=database.id)
        return (await enqueue(session, args, created_by="test", targets=[Target(database.id)])).job


async def job_when(runtime: Runtime, job: Job, wanted: Callable[[Job], object]) -> Job:
    async def read() -> Job:
        async with runtime.sessions() as session:
            return await session.get_one(Job, job.id)

    return await until(read, wanted)


async def succeeded(runtime: Runtime, job: Job) -> Job:
    ended = await job_when(runtime, job, lambda found: found.finished_at)
    assert ended.state == JobState.SUCCEEDED, ended.error
    return ended


async def openings(runtime: Runtime) -> list[NetworkOpening]:
    async with runtime.sessions() as session:
        return list((await session.exec(select(NetworkOpening))).all())


async def alerts(runtime: Runtime) -> list[Alert]:
    async with runtime.sessions() as session:
        return list((await session.exec(select(Alert))).all())


def service_of(database: Database) -> str:
    return Place.of(database.provider_data).service()


async def proxies_made(simulator: Simulator, database: Database) -> int:
    """Ever, for the server that several tests have."""
    state = await simulator.state()
    return len([one for one in state["proxies"] if one["service_id"] == service_of(database)])


async def nothing_is_left(runtime: Runtime, simulator: Simulator, database: Database) -> None:
    # Railway takes its time over what goes with a service.
    await until(lambda: open_proxies(simulator, service_of(database)), lambda found: found == [])
    assert all(opening.closed_at for opening in await openings(runtime))
    async with runtime.sessions() as session:
        query = select(RailwayIntent).where(col(RailwayIntent.closed_at).is_(None))
        assert (await session.exec(query)).all() == []


async def test_the_second_job_waits_until_the_first_has_closed_its_address(
    runtime: Runtime, platform: Simulator, database: Database, steps: UseServerSteps
) -> None:
    made = await proxies_made(platform, database)
    steps.go_on.clear()
    async with working(runtime, steps):
        first = await start(runtime, database)
        await until(lambda: _of(steps.used), lambda used: len(used) == 1)
        second = await start(runtime, database)
        waiting = await job_when(runtime, second, lambda found: found.state == JobState.WAITING)
        assert "public address" in str(waiting.waiting_for)
        steps.go_on.set()
        await succeeded(runtime, first)
        await succeeded(runtime, second)
    assert len({opening.job_id for opening in await openings(runtime)}) == 2
    assert await proxies_made(platform, database) == made + 2
    await nothing_is_left(runtime, platform, database)


async def test_a_cancelled_job_closes_what_it_opened(
    runtime: Runtime, platform: Simulator, database: Database, steps: UseServerSteps
) -> None:
    steps.go_on.clear()
    async with working(runtime, steps):
        job = await start(runtime, database)
        await until(lambda: _of(steps.used), bool)
        await _execute(runtime, "UPDATE job SET state = 'cancelling' WHERE id = :id", id=job.id)
        await job_when(runtime, job, lambda found: found.state == JobState.CANCELLED)
    await nothing_is_left(runtime, platform, database)


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_worker_that_dies_while_it_opens_leaves_one_address_that_its_successor_uses_and_closes(
    runtime: Runtime, platform: Simulator, database: Database, steps: UseServerSteps, when: str
) -> None:
    made = await proxies_made(platform, database)
    pause = await platform.pause("environmentPatchCommit", when)
    async with working(runtime, steps) as worker:
        job = await start(runtime, database)
        assert await pause.reached()
        worker.cancel()
        await asyncio.gather(worker, return_exceptions=True)
    await pause.release()
    async with working(runtime, steps):
        await succeeded(runtime, job)
    assert await proxies_made(platform, database) == made + 1
    await nothing_is_left(runtime, platform, database)


async def test_what_a_job_that_ended_has_left_open_is_closed_by_the_watch(
    runtime: Runtime, platform: Simulator, database: Database, steps: UseServerSteps
) -> None:
    steps.go_on.clear()
    async with working(runtime, steps) as worker:
        job = await start(runtime, database)
        await until(lambda: _of(steps.used), bool)
        worker.cancel()
        await asyncio.gather(worker, return_exceptions=True)
    await watch(runtime)
    assert len(await open_proxies(platform, service_of(database))) == 1, "its job has not ended"
    await _execute(
        runtime,
        "UPDATE job SET state = 'failed', error = '{}', finished_at = now(), lease_token = NULL, lease_ends = NULL "
        "WHERE id = :id",
        id=job.id,
    )
    await platform.fault("tcpProxies", "not_authorized", times=1)
    await watch(runtime)
    (alert,) = await alerts(runtime)
    assert (alert.type, alert.cleared_at) == ("database.left_public", None)
    await watch(runtime)
    (alert,) = await alerts(runtime)
    assert alert.cleared_at is not None
    await nothing_is_left(runtime, platform, database)


@pytest.mark.parametrize("operation", ["environmentPatchCommit", "tcpProxyDelete"])
@pytest.mark.parametrize("kind", ["lost_answer", "lost_request", "html_502_after"])
async def test_a_change_without_an_answer_is_looked_for_and_not_made_twice(
    runtime: Runtime, platform: Simulator, database: Database, steps: UseServerSteps, operation: str, kind: str
) -> None:
    made = await proxies_made(platform, database)
    await platform.fault(operation, kind)
    async with working(runtime, steps):
        await succeeded(runtime, await start(runtime, database))
    assert await proxies_made(platform, database) == made + 1
    await nothing_is_left(runtime, platform, database)


async def test_an_address_that_somebody_opened_at_railway_is_used_and_left(
    runtime: Runtime, platform: Simulator, own_database: Database, steps: UseServerSteps
) -> None:
    host, port = await open_at_railway(
        platform, Place.of(own_database.provider_data).environment_id, service_of(own_database)
    )
    async with working(runtime, steps):
        ended = await succeeded(runtime, await start(runtime, own_database))
    assert steps.used == [Address(host=host, port=port)]
    assert "left as it is" in ended.warnings[0]
    assert await openings(runtime) == []
    assert len(await open_proxies(platform, service_of(own_database))) == 1


async def test_public_access_that_was_enabled_meanwhile_stays(
    runtime: Runtime, platform: Simulator, own_database: Database, steps: UseServerSteps
) -> None:
    steps.go_on.clear()
    async with working(runtime, steps):
        job = await start(runtime, own_database)
        await until(lambda: _of(steps.used), bool)
        (used,) = steps.used
        async with runtime.sessions() as session, session.begin():
            await keep_place(session, own_database.id, runtime, public_host=used.host, public_port=used.port)
        steps.go_on.set()
        await succeeded(runtime, job)
    assert len(await open_proxies(platform, service_of(own_database))) == 1
    assert all(opening.closed_at for opening in await openings(runtime))


async def test_it_waits_while_somebody_else_changes_the_environment(
    runtime: Runtime, platform: Simulator, database: Database, steps: UseServerSteps
) -> None:
    place = Place.of(database.provider_data)
    intents = Intents(runtime.sessions)
    other = await intents.open(
        place.connection_id, place.environment_id, owner_id=new_id(), operation="resize", plan={}
    )
    async with working(runtime, steps):
        job = await start(runtime, database)
        await job_when(runtime, job, lambda found: found.state == JobState.WAITING)
        await intents.close(other)
        await succeeded(runtime, job)
    await nothing_is_left(runtime, platform, database)


async def test_a_service_that_was_deleted_meanwhile_is_no_trouble(
    runtime: Runtime, platform: Simulator, own_database: Database, steps: UseServerSteps
) -> None:
    steps.go_on.clear()
    place = Place.of(own_database.provider_data)
    async with working(runtime, steps):
        job = await start(runtime, own_database)
        await until(lambda: _of(steps.used), bool)
        delete = "mutation($s: String!, $e: String!) { serviceDelete(id: $s, environmentId: $e) }"
        await platform.graphql(platform.tokens["workspace"], delete, {"s": place.service_id, "e": place.environment_id})
        steps.go_on.set()
        await succeeded(runtime, job)
    await nothing_is_left(runtime, platform, own_database)


async def _of(used: list[Address]) -> list[Address]:
    return used


async def _execute(runtime: Runtime, statement: str, **parameters: Any) -> None:
    async with runtime.sessions() as session, session.begin():
        await run_sql(session, text(statement), parameters)
