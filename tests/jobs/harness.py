"""A control database with jobs in it: enqueue, run workers here, wait for what comes."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import col, select

from app.auth.principal import Principal
from app.auth.scopes import PRESETS, Preset
from app.db.engine import Sessions, create_engine, create_sessions
from app.db.listener import Listener
from app.errors import Unprocessable
from app.jobs.contract import JobArgs
from app.jobs.enqueue import enqueue
from app.jobs.machine import Move, Programmes, Steps
from app.jobs.models import EventKind, Job, JobEvent, JobTarget
from app.jobs.repository import JobRepository
from app.jobs.service import JobService
from app.jobs.states import FINAL, JobState
from app.jobs.worker import JobWorker, WorkerOptions
from app.kit.clock import Clock, utc_now
from app.kit.ids import new_id
from tests.jobs.kinds import AnyRun, Plain, flow

HOST = UUID("01941f29-7c00-7aaa-8bbb-000000000001")
CALLER = Principal(new_id(), "test", frozenset(PRESETS[Preset.ADMIN]), None)
# A test that needs no timer to fire gets none.
QUICK: dict[str, Any] = {
    "host_id": HOST,
    "grace_seconds": 0.0,
    "lease_seconds": 5.0,
    "renew_seconds": 0.5,
    "reap_seconds": 0.2,
    "wishes_seconds": 0.3,
    "poll_seconds": 30.0,
    "progress_seconds": 0.1,
    "schedule_seconds": 30.0,
}


class Jobs:
    def __init__(self, url: str, sessions: Sessions, listener: Listener) -> None:
        self.url = url
        self.sessions = sessions
        self.listener = listener

    async def enqueue(self, args: JobArgs, **options: Any) -> Job:
        async with self.sessions() as session, session.begin():
            return (await enqueue(session, args, created_by="test", **options)).job

    async def cancel(self, job: Job | UUID) -> Job:
        async with self.sessions() as session, session.begin():
            service = JobService(session, JobRepository(session))
            return await service.cancel(job if isinstance(job, UUID) else job.id, CALLER)

    def make_worker(self, *flows: Steps[Any, Any], clock: Clock = utc_now, **options: Any) -> JobWorker:
        return JobWorker(
            sessions=self.sessions,
            listener=self.listener,
            programmes=Programmes(*flows),
            options=WorkerOptions(**{**QUICK, **options}),
            clock=clock,
        )

    @asynccontextmanager
    async def worker(self, *flows: Steps[Any, Any], **options: Any) -> AsyncIterator[JobWorker]:
        """A worker in this process; at the end it hands back what still runs."""
        worker = self.make_worker(*flows, **options)
        stop = asyncio.Event()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(worker.run(stop))
            try:
                yield worker
            finally:
                stop.set()

    async def get(self, job: Job | UUID) -> Job:
        async with self.sessions() as session:
            return await session.get_one(Job, job if isinstance(job, UUID) else job.id)

    async def until(self, job: Job | UUID, *states: JobState, seconds: float = 60) -> Job:
        """The job once it is in one of ``states``. What is final is checked for a history without gaps."""
        deadline = time.monotonic() + seconds
        while True:
            found = await self.get(job)
            if found.state in states:
                break
            assert found.state not in FINAL, (found.state, found.error)
            assert time.monotonic() < deadline, (found.state, found.attempt, found.last_error)
            await asyncio.sleep(0.01)
        if found.state in FINAL:
            await self.check_history(found)
        return found

    async def check_history(self, job: Job) -> None:
        events = await self.events(job)
        assert [event.number for event in events] == list(range(1, job.event_number + 1))
        ends = [event for event in events if event.kind == EventKind.END]
        assert ends == events[-1:]
        assert ends[0].detail == {"state": job.state}
        assert not [target for target in await self.targets(job) if target.held or not target.done]

    async def events(self, job: Job | UUID) -> Sequence[JobEvent]:
        job_id = job if isinstance(job, UUID) else job.id
        async with self.sessions() as session:
            query = select(JobEvent).where(JobEvent.job_id == job_id).order_by(col(JobEvent.number))
            return (await session.exec(query)).all()

    async def targets(self, job: Job) -> Sequence[JobTarget]:
        async with self.sessions() as session:
            return (await session.exec(select(JobTarget).where(JobTarget.job_id == job.id))).all()

    async def execute(self, statement: str, **parameters: Any) -> Any:
        """Any SQL, for what a test arranges behind the back of the job system; the first column of the first row."""
        async with self.sessions() as session, session.begin():
            connection = await session.connection()
            result = await connection.execute(text(statement), parameters)
            return result.scalar() if result.returns_rows else None

    async def all(self) -> Sequence[Job]:
        async with self.sessions() as session:
            return (await session.exec(select(Job).order_by(col(Job.id)))).all()


@asynccontextmanager
async def jobs_in(url: str) -> AsyncIterator[Jobs]:
    engine = create_engine(url, application_name="tests-jobs")
    try:
        async with Listener(url, application_name="tests-jobs-listener") as listener:
            yield Jobs(url, create_sessions(engine), listener)
    finally:
        await engine.dispose()


def job_values(**changes: Any) -> dict[str, Any]:
    """A valid queued row, for tests that write rows past ``enqueue``."""
    job_id = new_id()
    return {
        "id": job_id,
        "root_id": job_id,
        "kind": "test.plain",
        "args": {},
        "args_version": 1,
        "priority": 100,
        "max_attempts": 3,
        "created_by": "test",
        **changes,
    }


def at(text_: str) -> datetime:
    return datetime.fromisoformat(text_).replace(tzinfo=UTC)


async def eventually(condition: Any, *, seconds: float = 60) -> None:
    """Polls a function, plain or async, until what it gives is true."""
    deadline = time.monotonic() + seconds
    while True:
        found = condition()
        if asyncio.iscoroutine(found):
            found = await found
        if found:
            return
        assert time.monotonic() < deadline, "it did not happen"
        await asyncio.sleep(0.01)


async def fails(_run: AnyRun) -> Move:
    raise Unprocessable("no such table")


async def failed_job(jobs: Jobs, args: JobArgs | None = None, **options: Any) -> Job:
    args = args or Plain(note="x")
    async with jobs.worker(flow(type(args), fails)):
        return await jobs.until(await jobs.enqueue(args, **options), JobState.FAILED)
