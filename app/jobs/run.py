"""What a step sees of its job."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Generic, TypeVar
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.db.engine import Sessions
from app.db.sql import named_sql, run_alone, run_sql
from app.jobs.contract import JobArgs
from app.jobs.errors import CancelWished, ChildFailed, LeaseLost, Stalled
from app.jobs.models import Job
from app.jobs.progress import Progress
from app.jobs.states import FINAL, JobState
from app.kit.clock import utc_now

ArgsT = TypeVar("ArgsT", bound=JobArgs)
MemoT = TypeVar("MemoT", bound=BaseModel)

STALL_SECONDS = 300.0

_GUARD = text("SELECT state FROM job WHERE id = :id AND lease_token = :token FOR NO KEY UPDATE")
_REMEMBER = text("UPDATE job SET memo = CAST(:memo AS jsonb) WHERE id = :id")


class Run(Generic[ArgsT, MemoT]):
    """One claim of a job: its arguments, its memo, and the only doors to the control database.

    ``token`` is the lease token of this claim. It belongs into the name of everything that is made outside (objects,
    temporary databases), so that a worker that lost its lease cannot overwrite its successor's work.
    """

    def __init__(self, *, job: Job, args: ArgsT, memo: MemoT, sessions: Sessions) -> None:
        assert job.lease_token is not None
        self.job = job
        self.id: UUID = job.id
        self.token: UUID = job.lease_token
        self.args = args
        self.memo = memo
        self.progress = Progress.model_validate(job.progress)
        self.is_compensating = job.ending is not None or job.state == JobState.CANCELLING
        self.progress_changed = False
        self._sessions = sessions
        self._stall: tuple[asyncio.Timeout, float] | None = None

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """A short transaction to look things up. Nothing of the network may be awaited inside."""
        async with self._sessions() as session:
            yield session

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncSession]:
        """A transaction that commits only while this worker holds the job; the memo is written with it.

        Raises LeaseLost when another worker holds it, CancelWished when it is to be cancelled and this is not yet the
        compensation.
        """
        async with self._sessions() as session, session.begin():
            state = (await run_sql(session, _GUARD, {"id": self.id, "token": self.token})).scalar_one_or_none()
            if state is None:
                raise LeaseLost
            if state == JobState.CANCELLING and not self.is_compensating:
                raise CancelWished
            yield session
            await run_sql(session, _REMEMBER, {"id": self.id, "memo": self.memo.model_dump_json()})

    async def remember(self) -> None:
        """Writes the memo now. To be called before an outside effect that only the memo could find again."""
        async with self.writing():
            pass

    def report(
        self,
        *,
        bytes_done: int | None = None,
        bytes_total: int | None = None,
        rows_done: int | None = None,
        rows_total: int | None = None,
        detail: str | None = None,
    ) -> None:
        """Tells how far the step is; written to the row at most once a second, so call it as often as you like."""
        before = self.progress.position
        self.progress.count(
            bytes_done=bytes_done, bytes_total=bytes_total, rows_done=rows_done, rows_total=rows_total, detail=detail
        )
        self.progress_changed = True
        if self.progress.position == before:
            return
        self.progress.moved_at = utc_now()
        if self._stall is not None:
            timeout, seconds = self._stall
            timeout.reschedule(asyncio.get_running_loop().time() + seconds)

    @asynccontextmanager
    async def moving(self, *, stall_seconds: float = STALL_SECONDS) -> AsyncIterator[None]:
        """What is inside must report bytes, rows or another detail (the lock it waits for) again and again.

        Raises Stalled, which is retryable, after ``stall_seconds`` in which nothing that was reported changed.
        """
        timeout = asyncio.timeout(stall_seconds)
        try:
            async with timeout:
                self._stall = (timeout, stall_seconds)
                yield
        except TimeoutError:
            if not timeout.expired():
                raise
            raise Stalled(stall_seconds, self.progress.detail) from None
        finally:
            self._stall = None

    async def warn(self, warning: str) -> None:
        """Adds a warning to the job, once for each text."""
        if warning in self.job.warnings:
            return
        self.job.warnings = [*self.job.warnings, warning]
        parameters = {"id": self.id, "token": self.token, "warning": warning}
        await run_alone(self._sessions, named_sql(__package__, "warn"), parameters)

    async def children(self) -> list[Job]:
        """The jobs that this one started, oldest first. Raises ChildFailed once one of them has failed."""
        async with self.reading() as session:
            query = select(Job).where(Job.parent_id == self.id).order_by(col(Job.id))
            jobs = list((await session.exec(query)).all())
        for child in jobs:
            if child.state == JobState.FAILED and child.error is not None:
                raise ChildFailed(child.error)
        return jobs

    async def children_ended(self) -> bool:
        """Whether every job that this one started has succeeded or was cancelled. Raises ChildFailed."""
        return all(JobState(child.state) in FINAL for child in await self.children())
