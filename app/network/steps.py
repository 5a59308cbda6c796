"""Public access switched on or off by the job that does just this, and what belongs to it."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from app.changes.schemas import ChangePublicAccess
from app.connections.logins import LoginRepository
from app.databases.models import Database
from app.jobs.enqueue import OnConflict, Target, enqueue
from app.jobs.machine import Move, NoMemo, Steps, Wait, done, go, step, wait
from app.jobs.run import Run
from app.jobs.states import FINAL, JobState
from app.kit.ids import encode_id
from app.network import credentials
from app.network.repository import WindowRepository
from app.network.schemas import CloseNetwork, OpenNetwork
from app.providers.railway.place import Place
from app.runtime import Runtime


@dataclass(frozen=True, slots=True)
class OpenNetworkSteps(Steps[OpenNetwork, NoMemo]):
    runtime: Runtime

    args = OpenNetwork
    memo = NoMemo

    @step
    async def open(self, run: Run[OpenNetwork, NoMemo]) -> Move:
        return await _switched(run, enabled=True) or go(self.let_in)

    @step
    async def let_in(self, run: Run[OpenNetwork, NoMemo]) -> Move:
        if run.args.credential is not None:
            database = await _database(run, run.args.database_id)
            await credentials.let_in(self.runtime, run, database, run.args.credential)
        return go(self.tell)

    @step
    async def tell(self, run: Run[OpenNetwork, NoMemo]) -> Move:
        place = Place.of((await _database(run, run.args.database_id)).provider_data)
        close_at, login = None, None
        if run.args.window_id is not None:
            async with run.reading() as session:
                window = await WindowRepository(session).get(run.args.window_id)
                close_at = window.close_at
                login = await LoginRepository(session).get(window.login_id) if window.login_id else None
        return done(
            database_id=encode_id("db", run.args.database_id),
            public_host=place.public_host,
            public_port=place.public_port,
            close_at=close_at.isoformat() if close_at else None,
            credential_id=encode_id("crd", login.id) if login else None,
            username=login.role if login else None,
        )

    async def compensate(self, run: Run[OpenNetwork, NoMemo], _outcome: JobState) -> None:
        """However far it came, the watch closes what is open."""
        if run.args.window_id is not None:
            async with run.writing() as session:
                window = await WindowRepository(session).get(run.args.window_id, change=True)
                window.close_at = min(window.close_at, self.runtime.clock())


@dataclass(frozen=True, slots=True)
class CloseNetworkSteps(Steps[CloseNetwork, NoMemo]):
    runtime: Runtime

    args = CloseNetwork
    memo = NoMemo

    @step
    async def close(self, run: Run[CloseNetwork, NoMemo]) -> Move:
        if run.args.window_id is None:
            return go(self.switch)
        async with run.reading() as session:
            window = await WindowRepository(session).get(run.args.window_id)
        if run.args.only_due and (window.closed_at is not None or window.close_at > self.runtime.clock()):
            return done(database_id=encode_id("db", run.args.database_id), closed=False)  # somebody was here before
        if window.login_id is not None:
            database = await _database(run, run.args.database_id)
            await credentials.let_out(self.runtime, run, database, window.login_id)
        return go(self.switch if window.opened_it or not run.args.only_due else self.forget)

    @step
    async def switch(self, run: Run[CloseNetwork, NoMemo]) -> Move:
        return await _switched(run, enabled=False) or go(self.forget)

    @step
    async def forget(self, run: Run[CloseNetwork, NoMemo]) -> Move:
        if run.args.window_id is not None:
            async with run.writing() as session:
                window = await WindowRepository(session).get(run.args.window_id, change=True)
                window.closed_at = window.closed_at or self.runtime.clock()
        return done(database_id=encode_id("db", run.args.database_id), closed=True)


async def _switched(run: Run[Any, Any], *, enabled: bool) -> Wait | None:
    """A move until the child that does it has ended; its failure is this job's."""
    children = await run.children()
    if children:
        return (
            None if all(JobState(child.state) in FINAL for child in children) else wait("the change of public access")
        )
    database = await _database(run, run.args.database_id)
    if (Place.of(database.provider_data).public_host is not None) == enabled:
        return None
    async with run.writing() as session:
        await enqueue(
            session,
            ChangePublicAccess(database_id=database.id, enabled=enabled, force=enabled and run.args.force),
            created_by=run.job.created_by,
            targets=[Target(database.id)],
            project_id=database.project_id,
            subject_id=encode_id("db", database.id),
            parent=run.job,
            request_id=run.job.request_id,
            on_conflict=OnConflict.QUEUE,
        )
    return wait("the change of public access")


async def _database(run: Run[Any, Any], database_id: UUID) -> Database:
    async with run.reading() as session:
        return await session.get_one(Database, database_id, populate_existing=True)
