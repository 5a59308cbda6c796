"""The flows behind creating, restarting and deleting a database."""

from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel
from sqlmodel.ext.asyncio.session import AsyncSession

from app.backups.schemas import TakeBackup
from app.databases.access import target_of
from app.databases.models import Database, DatabaseState
from app.databases.repository import DatabaseRepository
from app.errors import Problem
from app.events.emit import emit
from app.jobs.enqueue import OnConflict, Target, enqueue
from app.jobs.machine import Move, NoMemo, Steps, done, go, step, wait
from app.jobs.run import Run
from app.jobs.states import JobState
from app.kit.ids import encode_id
from app.postgres.connect import connect
from app.postgres.errors import PortTaken
from app.postgres.version import server_version
from app.providers.protocol import ServerStatus
from app.provisioning.errors import FinalBackupImpossible, ServerFailed
from app.provisioning.schemas import CreateDatabase, DeleteDatabase, RestartDatabase
from app.provisioning.spec import spec_of
from app.runtime import Runtime

APPLICATION_NAME = "pgmanager provisioning"


@dataclass(frozen=True, slots=True)
class CreateDatabaseSteps(Steps[CreateDatabase, NoMemo]):
    """The row stands there in `creating` before the provider is called, so nothing that it makes is ever unknown."""

    runtime: Runtime

    args = CreateDatabase
    memo = NoMemo

    @step
    async def prepare(self, run: Run[CreateDatabase, NoMemo]) -> Move:
        database = await _database(run)
        await self._prepare(run, database)
        return go(self.create)

    @step
    async def create(self, run: Run[CreateDatabase, NoMemo]) -> Move:
        database = await _database(run)
        provider = self.runtime.providers[database.provider]
        try:
            target = await provider.create(spec_of(database, self.runtime.key_ring))
        except PortTaken as taken:
            await self._prepare(run, database)
            raise ServerFailed(f"{taken.detail} Another port was chosen.") from taken
        async with run.writing() as session:
            await self._keep(
                session,
                database,
                host=target.host,
                port=target.port,
                username=target.user,
                default_database=target.database,
                tls_mode=target.tls,
                ca_pem=target.ca_pem,
            )
        return go(self.connect)

    @step
    async def connect(self, run: Run[CreateDatabase, NoMemo]) -> Move:
        """A server counts once a login over its own address works."""
        return await _arrive(self.runtime, run, DatabaseState.CREATING, "database.created")

    async def compensate(self, run: Run[CreateDatabase, NoMemo], outcome: JobState) -> None:
        """The row first: a server that callers were told is available is not taken from them."""
        async with run.writing() as session:
            await DatabaseRepository(session).move(
                run.args.database_id,
                frm={DatabaseState.CREATING},
                to=DatabaseState.FAILED,
                state_reason=f"creating it {outcome}; see {encode_id('job', run.id)}",
            )
        database = await _database(run)
        if database.state == DatabaseState.FAILED:
            await self.runtime.providers[database.provider].destroy(spec_of(database, self.runtime.key_ring))

    async def _keep(self, session: AsyncSession, database: Database, **values: Any) -> None:
        frm = {DatabaseState.CREATING}
        await DatabaseRepository(session).move(database.id, frm=frm, to=DatabaseState.CREATING, **values)

    async def _prepare(self, run: Run[CreateDatabase, NoMemo], database: Database) -> None:
        provider = self.runtime.providers[database.provider]
        data = await provider.prepare(spec_of(database, self.runtime.key_ring))
        async with run.writing() as session:
            await self._keep(session, database, provider_data=data)


@dataclass(frozen=True, slots=True)
class RestartDatabaseSteps(Steps[RestartDatabase, NoMemo]):
    runtime: Runtime

    args = RestartDatabase
    memo = NoMemo

    @step
    async def checkpoint(self, run: Run[RestartDatabase, NoMemo]) -> Move:
        """Written pages need not be written during the shutdown, so the outage is short. A crashed server has none."""
        database = await _database(run)
        with suppress(Problem):
            async with connect(
                target_of(database, self.runtime.key_ring),
                application_name=APPLICATION_NAME,
                statement_timeout_seconds=300,
            ) as connection:
                await connection.execute("CHECKPOINT")
        return go(self.restart)

    @step
    async def restart(self, run: Run[RestartDatabase, NoMemo]) -> Move:
        database = await _database(run)
        await self.runtime.providers[database.provider].restart(spec_of(database, self.runtime.key_ring))
        return go(self.connect)

    @step
    async def connect(self, run: Run[RestartDatabase, NoMemo]) -> Move:
        return await _arrive(self.runtime, run, DatabaseState.RESTARTING, "database.restarted")

    async def compensate(self, run: Run[RestartDatabase, NoMemo], _outcome: JobState) -> None:
        """Half a restart is a server that is down: it is started before the job ends."""
        database = await _database(run)
        provider, spec = self.runtime.providers[database.provider], spec_of(database, self.runtime.key_ring)
        if await provider.status(spec) is not ServerStatus.RUNNING:
            await provider.start(spec)
        async with run.writing() as session:
            await DatabaseRepository(session).move(
                database.id, frm={DatabaseState.RESTARTING}, to=DatabaseState.AVAILABLE
            )


class DeleteMemo(BaseModel):
    destroying: bool = False


@dataclass(frozen=True, slots=True)
class DeleteDatabaseSteps(Steps[DeleteDatabase, DeleteMemo]):
    """A final backup where one is wanted, then the server and its data. The row and the backups stay."""

    runtime: Runtime

    args = DeleteDatabase
    memo = DeleteMemo

    @step
    async def back_up(self, run: Run[DeleteDatabase, DeleteMemo]) -> Move:
        """Nothing is destroyed before the backup that was promised is there; one that was cancelled is not."""
        if not run.args.final_backup:
            return go(self.destroy)
        children = await run.children()
        if not children:
            await self._start_backup(run)
        elif all(child.state == JobState.SUCCEEDED for child in children):
            return go(self.destroy)
        elif any(child.state == JobState.CANCELLED for child in children):
            raise FinalBackupImpossible("the backup was cancelled")
        return wait("the final backup")

    @step
    async def destroy(self, run: Run[DeleteDatabase, DeleteMemo]) -> Move:
        database = await _database(run)
        result = done(database_id=encode_id("db", database.id))
        if database.state == DatabaseState.DELETED:  # by a worker that died before it could say so
            return result
        run.memo.destroying = True
        await run.remember()
        await self.runtime.providers[database.provider].destroy(spec_of(database, self.runtime.key_ring))
        async with run.writing() as session:
            if await DatabaseRepository(session).move(
                database.id,
                frm={DatabaseState.DELETING},
                to=DatabaseState.DELETED,
                deleted_at=self.runtime.clock(),
                password_sealed=None,
            ):
                _tell(session, "database.deleted", database, run)
        return result

    async def compensate(self, run: Run[DeleteDatabase, DeleteMemo], _outcome: JobState) -> None:
        """Before anything was destroyed the database is as it was; afterwards only deleting it again makes sense."""
        lost = run.memo.destroying
        async with run.writing() as session:
            await DatabaseRepository(session).move(
                run.args.database_id,
                frm={DatabaseState.DELETING},
                to=DatabaseState.FAILED if lost else run.args.state_before,
                state_reason="its deletion did not finish; delete it again" if lost else None,
            )

    async def _start_backup(self, run: Run[DeleteDatabase, DeleteMemo]) -> None:
        database = await _database(run)
        async with run.writing() as session:
            await enqueue(
                session,
                TakeBackup.final(database.id),
                created_by=run.job.created_by,
                targets=[Target(database.id, "")],
                project_id=database.project_id,
                parent=run.job,
                host_id=database.host_id,
                request_id=run.job.request_id,
                on_conflict=OnConflict.QUEUE,
            )


async def _arrive(runtime: Runtime, run: Run[Any, Any], frm: DatabaseState, kind: str) -> Move:
    """Available, with the version that answers; told once, also when a worker dies here and another one comes again."""
    database = await _database(run)
    version, major = await server_version(target_of(database, runtime.key_ring))
    async with run.writing() as session:
        if await DatabaseRepository(session).move(
            database.id, frm={frm}, to=DatabaseState.AVAILABLE, server_version=version, server_major=major
        ):
            _tell(session, kind, database, run, provider=database.provider, server_version=version)
    return done(database_id=encode_id("db", database.id), server_version=version)


async def _database(run: Run[Any, Any]) -> Database:
    async with run.reading() as session:
        return await session.get_one(Database, run.args.database_id)


def _tell(session: AsyncSession, kind: str, database: Database, run: Run[Any, Any], **data: Any) -> None:
    emit(session, kind, project_id=database.project_id, database_id=database.id, job_id=run.id, **data)
