"""The job queues side by side: how each is installed, asked for a job, and made to work, as its own docs do it.

All three run on uvloop and log what their commands log by default.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Protocol
from uuid import uuid4

import asyncpg
import procrastinate
import psycopg
from pgqueuer import PgQueuer
from pgqueuer.db import AsyncpgDriver
from pgqueuer.models import Job as PgQueuerJob
from pgqueuer.queries import Queries
from pgqueuer.types import QueueExecutionMode

import app.models  # noqa: F401 (the tables that the job table refers to)
from app.auth.scopes import Scope
from app.db import migrate
from app.db.engine import Sessions, create_engine, create_sessions
from app.db.listener import Listener
from app.jobs.contract import JobArgs
from app.jobs.enqueue import enqueue, enqueue_rows, job_row
from app.jobs.machine import Move, NoMemo, Programmes, Steps, done, step
from app.jobs.run import Run
from app.jobs.worker import JobWorker, WorkerOptions
from app.kit.redaction import redact
from app.logging import configure_logging
from app.settings import LogSettings

IN_FLIGHT = 10
NAME = "nothing"

Handler = Callable[[], None]


@dataclass(frozen=True)
class Producer:
    """``one`` adds a job in a transaction of its own and returns when that is committed; ``many`` adds some at once."""

    one: Callable[[], Awaitable[None]]
    many: Callable[[int], Awaitable[None]]


class Queue(Protocol):
    async def install(self, url: str) -> None: ...

    def producer(self, url: str) -> AbstractAsyncContextManager[Producer]: ...

    async def work(self, url: str, handler: Handler) -> None:
        """A worker that waits for jobs until it is stopped."""

    async def drain(self, url: str, jobs: int) -> None:
        """A worker that returns when the ``jobs`` that are there are done and written."""


class Nothing(JobArgs, kind="bench.nothing", conflict=None, scope=Scope.JOBS_WRITE):
    pass


class NothingSteps(Steps[Nothing, NoMemo]):
    args, memo = Nothing, NoMemo

    def __init__(self, handler: Handler) -> None:
        self._handler = handler

    @step
    async def only(self, run: Run[Nothing, NoMemo]) -> Move:  # noqa: ARG002 (that is how a step looks)
        self._handler()
        return done()


class Ours:
    async def install(self, url: str) -> None:
        await migrate.upgrade(url)

    @asynccontextmanager
    async def producer(self, url: str) -> AsyncIterator[Producer]:
        async with _sessions(url) as sessions:

            async def one() -> None:
                async with sessions() as session, session.begin():
                    await enqueue(session, Nothing(), created_by="bench")

            async def many(count: int) -> None:
                rows = [job_row(Nothing, {}, [], created_by="bench", dedupe_key=None) for _ in range(count)]
                async with sessions() as session, session.begin():
                    await enqueue_rows(session, rows)

            yield Producer(one, many)

    async def work(self, url: str, handler: Handler) -> None:
        await self._work(url, handler, asyncio.Event())

    async def drain(self, url: str, jobs: int) -> None:
        stop = asyncio.Event()
        started = 0

        def count() -> None:
            nonlocal started
            started += 1
            if started == jobs:
                stop.set()  # what has begun is ended and written before the worker returns

        await self._work(url, count, stop)

    async def _work(self, url: str, handler: Handler, stop: asyncio.Event) -> None:
        configure_logging(LogSettings(), redact)
        async with _sessions(url) as sessions, Listener(url, application_name="bench-listener") as listener:
            worker = JobWorker(
                sessions=sessions,
                listener=listener,
                programmes=Programmes(NothingSteps(handler)),
                options=WorkerOptions(host_id=uuid4(), concurrency=IN_FLIGHT),
            )
            await worker.run(stop)


class PgQueuers:
    """Its rule is that twice the batch size may be in flight, so half a batch of its default is what ten allow."""

    async def install(self, url: str) -> None:
        connection = await asyncpg.connect(url)
        await Queries(AsyncpgDriver(connection)).install()
        await connection.close()

    @asynccontextmanager
    async def producer(self, url: str) -> AsyncIterator[Producer]:
        connection = await asyncpg.connect(url)
        queries = Queries(AsyncpgDriver(connection))

        async def one() -> None:
            async with connection.transaction():
                await queries.enqueue(NAME, None)

        async def many(count: int) -> None:
            await queries.enqueue([NAME] * count, [None] * count, [0] * count)

        yield Producer(one, many)
        await connection.close()

    async def work(self, url: str, handler: Handler) -> None:
        await self._work(url, handler, QueueExecutionMode.continuous)

    async def drain(self, url: str, jobs: int) -> None:  # noqa: ARG002 (it has a mode that ends by itself)
        await self._work(url, _nothing, QueueExecutionMode.drain)

    async def _work(self, url: str, handler: Handler, mode: QueueExecutionMode) -> None:
        logging.basicConfig(level=logging.INFO)
        async with asyncpg.create_pool(url) as pool:
            queue = PgQueuer.from_asyncpg_pool(pool)

            @queue.entrypoint(NAME)
            async def nothing(job: PgQueuerJob) -> None:  # noqa: ARG001 (that is how an entry point looks)
                handler()

            await queue.run(batch_size=IN_FLIGHT // 2, max_concurrent_tasks=IN_FLIGHT, mode=mode)


class Procrastinate:
    async def install(self, url: str) -> None:
        async with _procrastinate(url, _nothing) as app:
            await app.schema_manager.apply_schema_async()

    @asynccontextmanager
    async def producer(self, url: str) -> AsyncIterator[Producer]:
        async with _procrastinate(url, _nothing) as app, await psycopg.AsyncConnection.connect(url) as connection:

            async def one() -> None:
                async with connection.transaction():
                    await app.configure_task(NAME, connection=connection).defer_async()

            async def many(count: int) -> None:
                await app.configure_task(NAME).batch_defer_async(*({} for _ in range(count)))

            yield Producer(one, many)

    async def work(self, url: str, handler: Handler) -> None:
        logging.basicConfig(level=logging.INFO)
        async with _procrastinate(url, handler) as app:
            await app.run_worker_async(concurrency=IN_FLIGHT)

    async def drain(self, url: str, jobs: int) -> None:  # noqa: ARG002 (as above)
        logging.basicConfig(level=logging.INFO)
        async with _procrastinate(url, _nothing) as app:
            await app.run_worker_async(concurrency=IN_FLIGHT, wait=False)


QUEUES: Mapping[str, Queue] = {"ours": Ours(), "pgqueuer": PgQueuers(), "procrastinate": Procrastinate()}


@asynccontextmanager
async def _sessions(url: str) -> AsyncIterator[Sessions]:
    engine = create_engine(url, application_name="bench")
    try:
        yield create_sessions(engine)
    finally:
        await engine.dispose()


@asynccontextmanager
async def _procrastinate(url: str, handler: Handler) -> AsyncIterator[procrastinate.App]:
    app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=url))

    @app.task(name=NAME)
    async def nothing() -> None:
        handler()

    async with app.open_async():
        yield app


def _nothing() -> None:
    pass
