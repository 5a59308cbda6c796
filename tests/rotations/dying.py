"""Workers that die at any point of a rotation: before and after each write, each statement and each request."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from app.jobs.claim import claim
from app.jobs.errors import LeaseLost
from app.jobs.execution import Execution
from app.jobs.models import Job
from app.jobs.reaper import reap
from app.jobs.run import Run
from app.jobs.states import FINAL, JobState
from app.jobs.worker import WorkerOptions
from app.kit.clock import utc_now
from app.postgres import logins
from app.providers.railway import variables
from app.rotations.steps import RotateRoleSteps
from app.runtime import Runtime

_STATEMENTS = ("let_in", "set_password", "shut_out", "refusal_of")


class Death:
    """The ``at``th of the points that the work goes through; a worker that lost its lease does nothing any more."""

    def __init__(self) -> None:
        self.at, self.seen = 0, 0

    def comes(self, at: int) -> None:
        self.at, self.seen = at, 0

    @property
    def came(self) -> bool:
        return 0 < self.at <= self.seen

    def leaves(self) -> bool:
        """From now on nobody dies; whether somebody did."""
        came, self.at = self.came, 0
        return came

    def point(self) -> None:
        self.seen += 1
        if self.seen == self.at:
            raise LeaseLost

    def around(self, function: Callable[..., Any]) -> Callable[..., Any]:
        async def deadly(*args: Any, **more: Any) -> Any:
            self.point()
            answer = await function(*args, **more)
            self.point()
            return answer

        return deadly


@pytest.fixture
def death(monkeypatch: pytest.MonkeyPatch) -> Death:
    found = Death()
    writing = Run.writing

    @asynccontextmanager
    async def deadly(run: Run[Any, Any]) -> AsyncIterator[AsyncSession]:
        found.point()
        async with writing(run) as session:
            yield session
        found.point()

    monkeypatch.setattr(Run, "writing", deadly)
    for name in _STATEMENTS:
        monkeypatch.setattr(logins, name, found.around(getattr(logins, name)))
    monkeypatch.setattr(variables, "upsert", found.around(variables.upsert))
    return found


async def drive(runtime: Runtime, death: Death, *, after_death: Callable[[], Any] | None = None) -> Job:
    """Claims and runs the one job there is until it has ended, and takes it from each worker that died."""
    claimant = WorkerOptions(host_id=runtime.host_id)
    steps = RotateRoleSteps(runtime)
    while True:
        for job in (await claim(runtime.sessions, claimant, ["role.rotate"], limit=1)).jobs:
            await Execution(job, steps, runtime.sessions, utc_now).drive()
        if death.came and after_death is not None:
            await after_death()
            after_death = None
        async with runtime.sessions() as session, session.begin():
            running = col(Job.lease_token).is_not(None)
            await session.exec(update(Job).where(running).values(lease_ends=utc_now()))
            waiting = col(Job.state).in_([JobState.QUEUED, JobState.WAITING, JobState.CANCELLING])
            await session.exec(update(Job).where(waiting).values(run_after=utc_now()))
        await reap(runtime.sessions)
        async with runtime.sessions() as session:
            newest = (await session.exec(select(Job).order_by(col(Job.id).desc()).limit(1))).one()
        if JobState(newest.state) in FINAL:
            return newest
