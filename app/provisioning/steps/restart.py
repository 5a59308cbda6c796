"""Restarting a database's server."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from pydantic import BaseModel

from app.databases.access import target_of
from app.databases.models import DatabaseState
from app.databases.reach import is_reached_from_here
from app.databases.repository import DatabaseRepository
from app.databases.spec import spec_of
from app.errors import Problem
from app.jobs.machine import Move, Steps, go, step, wait
from app.jobs.run import Run
from app.jobs.states import JobState
from app.postgres.connect import connect
from app.providers.protocol import NotYet, ServerStatus
from app.providers.railway.errors import OutcomeUnknown
from app.provisioning.schemas import RestartDatabase
from app.provisioning.steps.arrival import APPLICATION_NAME, arrive, database_of, rights, started_at
from app.railway.capabilities import Capability
from app.runtime import Runtime


class RestartMemo(BaseModel):
    """``started_at`` is the old server's; None where it was not reached. ``sent``: the provider has been asked.

    ``looks`` counts those at a server that did not answer since.
    """

    started_at: datetime | None = None
    sent: bool = False
    looks: int = 0


_LOOKS: Final = 15
_LOOK_SECONDS: Final = 2.0

RestartRun = Run[RestartDatabase, RestartMemo]


@dataclass(frozen=True, slots=True)
class RestartDatabaseSteps(Steps[RestartDatabase, RestartMemo]):
    runtime: Runtime

    args = RestartDatabase
    memo = RestartMemo

    @step
    async def checkpoint(self, run: RestartRun) -> Move:
        """Written pages need not be written during the shutdown, so the outage is short. A crashed server has none."""
        database = await database_of(run)
        run.memo.started_at = await started_at(self.runtime, database)
        if is_reached_from_here(database, self.runtime):
            with suppress(Problem):
                async with connect(
                    target_of(database, self.runtime.key_ring),
                    application_name=APPLICATION_NAME,
                    statement_timeout_seconds=300,
                ) as connection:
                    await connection.execute("CHECKPOINT")
        return go(self.restart)

    @step
    async def restart(self, run: RestartRun) -> Move:
        """Asked for once: an answer that was lost is followed by a look at since when the server runs."""
        database = await database_of(run)
        provider, spec = self.runtime.providers[database.provider], spec_of(database, self.runtime.key_ring)
        if run.memo.sent and run.memo.started_at is not None:
            now = await started_at(self.runtime, database)
            if now is not None and now > run.memo.started_at:
                return go(self.connect)
            if now is None and run.memo.looks < _LOOKS and await provider.status(spec) is ServerStatus.RUNNING:
                run.memo.looks += 1
                return wait("the server to come back, since it may have been restarted", seconds=_LOOK_SECONDS)
        run.memo.sent = True
        await run.remember()
        try:
            async with rights(self.runtime, database, Capability.DEPLOYMENTS_WRITE):
                await provider.restart(spec)
        except NotYet as not_yet:
            return wait(not_yet.waiting_for, seconds=not_yet.seconds)
        except OutcomeUnknown as unknown:
            if run.memo.started_at is not None:
                return wait("a look whether the server was restarted", seconds=_LOOK_SECONDS)
            await run.warn(f"Whether it was restarted is not known: {unknown.detail}")
        return go(self.connect)

    @step
    async def connect(self, run: RestartRun) -> Move:
        return await arrive(
            self.runtime, run, DatabaseState.RESTARTING, "database.restarted", started_after=run.memo.started_at
        )

    async def compensate(self, run: RestartRun, _outcome: JobState) -> None:
        """Half a restart is a server that is down: it is started before the job ends."""
        database = await database_of(run)
        provider, spec = self.runtime.providers[database.provider], spec_of(database, self.runtime.key_ring)
        to, reason = DatabaseState.AVAILABLE, None
        try:
            if await provider.status(spec) is not ServerStatus.RUNNING:
                await provider.start(spec)
        except Problem as problem:
            if problem.retryable and run.job.attempt < run.job.max_attempts:
                raise
            to, reason = DatabaseState.UNREACHABLE, problem.detail
        async with run.writing() as session:
            await DatabaseRepository(session).move(
                database.id, frm={DatabaseState.RESTARTING}, to=to, state_reason=reason
            )
