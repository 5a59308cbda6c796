"""The worker: claims jobs, keeps their leases, carries cancel wishes to them, hands them back when it must stop."""

import asyncio
import contextlib
import os
import socket
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from uuid import UUID

import structlog
from sqlalchemy.exc import SQLAlchemyError
from structlog.contextvars import bound_contextvars

from app.db.engine import Sessions
from app.db.listener import Listener
from app.db.sql import named_sql, run_sql
from app.jobs.claim import claim
from app.jobs.execution import Execution, Interrupt
from app.jobs.heartbeat import beat, leave
from app.jobs.machine import Programmes
from app.jobs.models import Job
from app.jobs.reaper import reap
from app.jobs.scheduler import fire_due
from app.kit.clock import Clock, utc_now
from app.kit.ids import encode_id, new_id

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class WorkerOptions:
    """How a worker works. Seconds are those of the job system's promises: cancel within 5, crash seen within 60."""

    host_id: UUID
    name: str = field(default_factory=lambda: f"{socket.gethostname()}:{os.getpid()}:{str(new_id())[-6:]}")
    label: str | None = None
    concurrency: int = 4
    grace_seconds: float = 10.0
    lease_seconds: float = 45.0
    renew_seconds: float = 10.0
    reap_seconds: float = 5.0
    poll_seconds: float = 5.0
    wishes_seconds: float = 2.0
    progress_seconds: float = 1.0
    schedule_seconds: float = 2.0


class JobWorker:
    """One process's share of the work. ``run`` returns when ``stop`` is set and every job is ended or handed back."""

    def __init__(
        self,
        *,
        sessions: Sessions,
        listener: Listener,
        programmes: Programmes,
        options: WorkerOptions,
        clock: Clock = utc_now,
    ) -> None:
        self._sessions = sessions
        self._listener = listener
        self._programmes = programmes
        self._options = options
        self._clock = clock
        self._held: dict[UUID, Execution] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._wake = asyncio.Event()
        self._wish = asyncio.Event()
        self._renewed = time.monotonic()

    async def run(self, stop: asyncio.Event) -> None:
        options = self._options
        log.info("worker.started", worker=options.name, concurrency=options.concurrency, kinds=self._programmes.kinds)
        with (
            self._listener.heard("pgm_wake", lambda _: self._wake.set()),
            self._listener.heard("pgm_cancel", lambda _: self._wish.set()),
        ):
            loops = [
                self._every(options.renew_seconds, self._renew),
                self._every(options.wishes_seconds, self._look_for_wishes, self._wish),
                self._every(options.progress_seconds, self._tell_progress),
                self._every(options.reap_seconds, self._reap),
                self._every(options.schedule_seconds, self._fire_schedules),
                self._every(options.renew_seconds, self._beat),
            ]
            background = [asyncio.get_running_loop().create_task(loop) for loop in loops]
            try:
                await self._claim_until(stop)
                await self._drain()
            finally:
                for task in background:
                    task.cancel()
                await asyncio.gather(*background, return_exceptions=True)
        with contextlib.suppress(SQLAlchemyError, OSError):
            await leave(self._sessions, options.name)
        log.info("worker.stopped", worker=options.name)

    async def _claim_until(self, stop: asyncio.Event) -> None:
        stopping = asyncio.get_running_loop().create_task(stop.wait())
        try:
            while not stop.is_set():
                self._wake.clear()
                free = self._options.concurrency - len(self._held)
                jobs: list[Job] = []
                if free > 0:
                    try:
                        jobs = await claim(self._sessions, self._options, self._programmes.kinds, limit=free)
                    except (SQLAlchemyError, OSError) as error:
                        log.warning("worker.claim_failed", error=type(error).__name__)
                        await asyncio.sleep(1)
                for job in jobs:
                    self._start(job)
                if len(jobs) == free > 0:
                    continue  # there may be more than was asked for
                wakes = [stopping, asyncio.get_running_loop().create_task(self._wake.wait())]
                await asyncio.wait(wakes, timeout=self._options.poll_seconds, return_when=asyncio.FIRST_COMPLETED)
                wakes[1].cancel()
        finally:
            stopping.cancel()

    def _start(self, job: Job) -> None:
        execution = Execution(job, self._programmes.of(job.kind), self._sessions, self._clock)
        self._held[job.id] = execution
        task = asyncio.get_running_loop().create_task(self._drive(execution), name=f"job {job.id}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _drive(self, execution: Execution) -> None:
        job = execution.job
        with bound_contextvars(
            job_id=encode_id("job", job.id), kind=job.kind, attempt=job.attempt, request_id=job.request_id
        ):
            try:
                await execution.drive()
            finally:
                del self._held[job.id]
                self._wake.set()

    async def _drain(self) -> None:
        """The grace first, then every job that still runs is stopped and handed back to whoever claims it next."""
        if self._tasks:
            log.info("worker.draining", jobs=len(self._tasks), grace_seconds=self._options.grace_seconds)
            await asyncio.wait(self._tasks, timeout=self._options.grace_seconds)
        for execution in tuple(self._held.values()):
            execution.interrupt(Interrupt.HAND_BACK)
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _renew(self) -> None:
        """Heartbeat of all leases. A worker that cannot renew in time must believe that it lost them."""
        held = dict(self._held)
        try:
            if held:
                async with self._sessions() as session, session.begin():
                    parameters = {**_held_arrays(held), "lease_seconds": self._options.lease_seconds}
                    rows = (await run_sql(session, named_sql(__package__, "renew"), parameters)).all()
                renewed = {row.id for row in rows}
                for job_id, execution in held.items():
                    if job_id not in renewed and self._held.get(job_id) is execution:
                        execution.interrupt(Interrupt.LOST)
                for row in rows:
                    if row.cancel:
                        held[row.id].interrupt(Interrupt.CANCEL)
            self._renewed = time.monotonic()
        finally:
            if time.monotonic() - self._renewed > self._options.lease_seconds - self._options.renew_seconds / 2:
                for execution in held.values():
                    execution.interrupt(Interrupt.LOST)

    async def _look_for_wishes(self) -> None:
        held = dict(self._held)
        if not held:
            return
        async with self._sessions() as session:
            rows = (await run_sql(session, named_sql(__package__, "wishes"), _held_arrays(held))).all()
        for row in rows:
            if self._held.get(row.id) is held[row.id]:
                held[row.id].interrupt(Interrupt.LOST if row.lost else Interrupt.CANCEL)

    async def _tell_progress(self) -> None:
        told = [held.run for held in self._held.values() if held.run is not None and held.run.progress_changed]
        if not told:
            return
        parameters = {
            "ids": [run.id for run in told],
            "tokens": [run.token for run in told],
            "progress": [run.progress.model_dump_json() for run in told],
        }
        for run in told:
            run.progress_changed = False
        async with self._sessions() as session, session.begin():
            await run_sql(session, named_sql(__package__, "progress"), parameters)

    async def _reap(self) -> None:
        await reap(self._sessions)

    async def _fire_schedules(self) -> None:
        await fire_due(self._sessions, self._clock())

    async def _beat(self) -> None:
        await beat(self._sessions, self._options)

    async def _every(
        self, seconds: float, action: Callable[[], Awaitable[None]], early: asyncio.Event | None = None
    ) -> None:
        """Runs ``action`` again and again, also after an error: the control database may be away for a while."""
        while True:
            try:
                async with asyncio.timeout(self._options.lease_seconds):
                    await action()
            except (SQLAlchemyError, OSError, TimeoutError) as error:
                log.warning("worker.control_database_failed", action=action.__name__, error=type(error).__name__)
            except Exception:
                log.exception("worker.loop_failed", action=action.__name__)
            if early is None:
                await asyncio.sleep(seconds)
            else:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(early.wait(), seconds)
                early.clear()


def _held_arrays(held: dict[UUID, Execution]) -> dict[str, list[UUID]]:
    leases = [(job_id, execution.job.lease_token) for job_id, execution in held.items()]
    return {"ids": [job_id for job_id, _ in leases], "tokens": [token for _, token in leases if token is not None]}
