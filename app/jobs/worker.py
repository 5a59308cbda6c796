"""The worker: claims jobs, keeps their leases, carries cancel wishes to them, hands them back when it must stop."""

import asyncio
import contextlib
import os
import socket
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from uuid import UUID

import structlog
from sqlalchemy.exc import SQLAlchemyError
from structlog.contextvars import bound_contextvars

from app.db.engine import Sessions
from app.db.listener import Listener
from app.db.sql import named_sql, run_alone
from app.jobs.claim import Claimed, claim
from app.jobs.execution import Execution, Interrupt
from app.jobs.heartbeat import beat, leave
from app.jobs.machine import Programmes
from app.jobs.maintenance import maintain
from app.jobs.models import Job
from app.jobs.reaper import reap
from app.jobs.release import Releases
from app.jobs.scheduler import fire_due
from app.kit.clock import Clock, utc_now
from app.kit.ids import encode_id, new_id

log = structlog.get_logger()

CLAIM_AGAIN_SECONDS = 1.0  # after the control database did not answer
CONTENDED_SECONDS = 0.05  # judging a database takes a few milliseconds


@dataclass(frozen=True, slots=True)
class WorkerOptions:
    """How a worker works. Seconds are those of the job system's promises: cancel within 5, crash seen within 60."""

    host_id: UUID
    name: str = field(default_factory=lambda: f"{socket.gethostname()}:{os.getpid()}:{str(new_id())[-6:]}")
    label: str | None = None
    only_label: bool = False
    concurrency: int = 4
    grace_seconds: float = 10.0
    lease_seconds: float = 45.0
    renew_seconds: float = 10.0
    reap_seconds: float = 5.0
    poll_seconds: float = 5.0
    wishes_seconds: float = 2.0
    progress_seconds: float = 1.0
    schedule_seconds: float = 2.0
    maintain_seconds: float = 3600.0


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
        self._releases = Releases(sessions)
        # By lease token: after a pause of this process it may hold the same job anew while the old work still stops.
        self._held: dict[UUID, Execution] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._wake = asyncio.Event()
        self._wish = asyncio.Event()
        self._stop = asyncio.Event()
        self._renewed = time.monotonic()

    async def run(self, stop: asyncio.Event) -> None:
        self._stop, options = stop, self._options
        log.info("worker.started", worker=options.name, concurrency=options.concurrency, kinds=self._programmes.kinds)
        with (
            self._listener.heard("pgm_wake", self._heard_wake),
            self._listener.heard("pgm_cancel", lambda _: self._wish.set()),
        ):
            loops = [
                self._every(options.renew_seconds, self._renew),
                self._every(options.wishes_seconds, self._look_for_wishes, self._wish),
                self._every(options.progress_seconds, self._tell_progress),
                self._every(options.reap_seconds, self._reap),
                self._every(options.schedule_seconds, self._fire_schedules),
                self._every(options.renew_seconds, self._beat),
                self._every(options.maintain_seconds, self._maintain),
            ]
            background = [asyncio.get_running_loop().create_task(loop) for loop in loops]
            try:
                await self._claim_until(stop)
                await self._drain()
            finally:
                # None is left here unless this worker was cancelled; their leases then end by themselves.
                await _cancelled([*background, *self._tasks])
                await self._releases.close()
        with contextlib.suppress(SQLAlchemyError, OSError):
            await leave(self._sessions, options.name)
        log.info("worker.stopped", worker=options.name)

    async def _claim_until(self, stop: asyncio.Event) -> None:
        stopping = asyncio.get_running_loop().create_task(stop.wait())
        try:
            while not stop.is_set():
                self._wake.clear()
                pause = await self._claim()
                if pause > 0:
                    waking = asyncio.get_running_loop().create_task(self._wake.wait())
                    await asyncio.wait([stopping, waking], timeout=pause, return_when=asyncio.FIRST_COMPLETED)
                    waking.cancel()
        finally:
            stopping.cancel()

    async def _claim(self) -> float:
        """Starts what there is to start; for how long to wait then, in seconds, unless woken."""
        free = self._options.concurrency - len(self._held)
        if free <= 0:
            return self._options.poll_seconds
        try:
            claimed = await claim(self._sessions, self._options, self._programmes.kinds, limit=free)
        except (SQLAlchemyError, OSError) as error:
            log.warning("worker.claim_failed", error=type(error).__name__)
            return CLAIM_AGAIN_SECONDS
        for job in claimed.jobs:
            self._start(job)
        return self._pause_after(claimed)

    def _pause_after(self, claimed: Claimed) -> float:
        if claimed.jobs and claimed.has_more:
            return 0
        return CONTENDED_SECONDS if claimed.is_contended else self._options.poll_seconds

    def _heard_wake(self, payload: str) -> None:
        """The payload is the number of seconds after which there is something to claim."""
        seconds = float(payload or 0)
        if seconds <= 0:
            self._wake.set()
        elif seconds < self._options.poll_seconds:  # later ones are found by polling
            asyncio.get_running_loop().call_later(seconds, self._wake.set)

    def _start(self, job: Job) -> None:
        assert job.lease_token is not None
        execution = Execution(job, self._programmes.of(job.kind), self._sessions, self._clock, self._releases)
        if self._stop.is_set():  # since the claim was sent; the grace is for what was under way before
            execution.interrupt(Interrupt.HAND_BACK)
        self._held[job.lease_token] = execution
        task = asyncio.get_running_loop().create_task(self._drive(execution, job.lease_token), name=f"job {job.id}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _drive(self, execution: Execution, token: UUID) -> None:
        job = execution.job
        with bound_contextvars(
            job_id=encode_id("job", job.id), kind=job.kind, attempt=job.attempt, request_id=job.request_id
        ):
            try:
                await execution.drive()
            finally:
                del self._held[token]
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
                parameters = {**_leases(held), "lease_seconds": self._options.lease_seconds}
                async with asyncio.timeout(self._options.renew_seconds):
                    rows = await run_alone(self._sessions, named_sql(__package__, "renew"), parameters)
                for token in held.keys() - {row.token for row in rows}:
                    held[token].interrupt(Interrupt.LOST)
                for row in rows:
                    if row.cancel:
                        held[row.token].interrupt(Interrupt.CANCEL)
            self._renewed = time.monotonic()
        finally:
            if time.monotonic() - self._renewed > self._options.lease_seconds - self._options.renew_seconds / 2:
                for execution in held.values():
                    execution.interrupt(Interrupt.LOST)

    async def _look_for_wishes(self) -> None:
        held = dict(self._held)
        if held:
            for row in await run_alone(self._sessions, named_sql(__package__, "wishes"), _leases(held)):
                held[row.token].interrupt(Interrupt.LOST if row.lost else Interrupt.CANCEL)

    async def _tell_progress(self) -> None:
        runs = (held.run for held in self._held.values())
        told = sorted((run for run in runs if run is not None and run.progress_changed), key=lambda run: run.id)
        if not told:
            return
        parameters = {
            "ids": [run.id for run in told],
            "tokens": [run.token for run in told],
            "progress": [run.progress.model_dump_json() for run in told],
        }
        for run in told:
            run.progress_changed = False
        await run_alone(self._sessions, named_sql(__package__, "progress"), parameters)

    async def _reap(self) -> None:
        await reap(self._sessions)

    async def _fire_schedules(self) -> None:
        await fire_due(self._sessions, self._clock())

    async def _maintain(self) -> None:
        await maintain(self._sessions)

    async def _beat(self) -> None:
        await beat(self._sessions, self._options)

    async def _every(
        self, seconds: float, action: Callable[[], Awaitable[None]], early: asyncio.Event | None = None
    ) -> None:
        """Runs ``action`` again and again, sooner after an error: the control database may be away for a while."""
        while True:
            pause = seconds
            try:
                async with asyncio.timeout(self._options.lease_seconds):
                    await action()
            except (SQLAlchemyError, OSError) as error:
                log.warning("worker.control_database_failed", action=action.__name__, error=type(error).__name__)
                pause = min(seconds, CLAIM_AGAIN_SECONDS)
            except Exception:
                log.exception("worker.loop_failed", action=action.__name__)
            if early is None:
                await asyncio.sleep(pause)
            else:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(pause):
                        await early.wait()
                early.clear()


def _leases(held: dict[UUID, Execution]) -> dict[str, list[UUID]]:
    """In the order in which every statement on several jobs takes them, so that no two of them wait for each other."""
    leases = sorted((execution.job.id, token) for token, execution in held.items())
    return {"ids": [job_id for job_id, _ in leases], "tokens": [token for _, token in leases]}


async def _cancelled(tasks: Iterable[asyncio.Task[None]]) -> None:
    tasks = list(tasks)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
