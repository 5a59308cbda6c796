"""The flow that restores plain SQL: a login and a database of its own, psql, and the final name when all went well."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, Field

from app.databases.access import target_of, tls_of
from app.databases.models import Database
from app.databases.repository import DatabaseRepository
from app.events.emit import emit
from app.imports.errors import ImportStateInvalid
from app.imports.models import Import, ImportState
from app.imports.repository import ImportRepository
from app.imports.schemas import RestoredImport, RestoreImport
from app.imports.unpacking import Unpacking
from app.jobs.machine import Move, Steps, done, go, step
from app.jobs.run import Run
from app.jobs.states import JobState
from app.kit.age import Identity
from app.kit.ids import encode_id
from app.locations.access import open_store
from app.locations.archives import open_object
from app.locations.identity import identities
from app.locations.manifest import StoredObject
from app.locations.models import Location
from app.postgres.connect import Target, TlsMode
from app.postgres.making import NameClash, drop_database, maintenance, names_beginning, oid_of
from app.postgres.plain_sql_loading import Telling, load_plain_sql
from app.postgres.plain_sql_login import (
    analyze_and_count,
    as_role,
    drop_logins,
    hand_over,
    make_database,
    make_login,
    make_owner,
    owner_for,
    prepare,
)
from app.postgres.roles import drop_unused_roles
from app.postgres.server_user import server_user
from app.postgres.swap import take_name
from app.postgres.toolchain import Ability, Installation
from app.postgres.version import server_version
from app.restores.schemas import TEMPORARY_PREFIX
from app.runtime import Runtime


class RestoreMemo(BaseModel):
    """``temporary`` names the database and the login; it and ``owner_made`` are written before the things are made."""

    temporary: str | None = None
    oid: int | None = None
    owner: str | None = None
    owner_made: str | None = None
    left_out: dict[str, int] = Field(default_factory=dict)
    warnings: list[str] = Field(default_factory=list)
    seconds: float = 0.0
    tables: int = 0
    rows: int = 0
    size_bytes: int = 0


RestoreRun = Run[RestoreImport, RestoreMemo]


@dataclass(frozen=True, slots=True)
class _Plan:
    row: Import
    database: Database
    location: Location
    keys: list[Identity]
    target: Target

    @property
    def stored(self) -> StoredObject:
        return StoredObject.model_validate(self.row.stored)


@dataclass(frozen=True)
class RestoreImportSteps(Steps[RestoreImport, RestoreMemo]):
    runtime: Runtime

    args = RestoreImport
    memo = RestoreMemo

    @step
    async def load(self, run: RestoreRun) -> Move:
        """Into a new temporary database, whatever an attempt before this one left; dropped again unless all goes well."""
        plan = await self._plan(run)
        began = self.runtime.clock()
        _, major = await server_version(plan.target)
        client = self._client(plan, major)
        temporary = f"{_prefix(run)}{run.token.hex[-8:]}"
        run.memo.temporary, run.memo.oid = temporary, None
        await run.remember()
        async with maintenance(plan.target, **self._maintaining(run)) as session:
            if await oid_of(session, run.args.logical_database) is not None:
                raise NameClash(run.args.logical_database)
            await owner_for(session, run.args.owner, "")
            for left_over in await names_beginning(session, _prefix(run)):
                await drop_database(session, left_over)
            await drop_logins(session, _prefix(run))
            password = await make_login(session, temporary)
            await make_database(session, temporary, server_major=major)
            run.memo.oid = await oid_of(session, temporary)
        named = _name(run)
        ours = plan.target.with_database(temporary)
        await prepare(ours, temporary, run.args.extensions, server_major=major, application_name=named)
        store = await open_store(self.runtime.stores, self.runtime.key_ring, plan.location)
        run.report(bytes_total=plan.row.unpacked_bytes)
        opened = open_object(store, plan.stored, plan.keys)
        async with run.moving(), aclosing(opened), aclosing(_unpacked(opened, plan.row)) as source:
            loaded = await load_plain_sql(
                source,
                as_role(plan.target, temporary, password),
                plan.target.with_database(_elsewhere(run)),
                client,
                run.args.owner_mode,
                application_name=named,
                run_as=self._run_as(client),
                telling=Telling(
                    bytes_read=lambda count: run.report(bytes_done=count), doing=lambda text: run.report(detail=text)
                ),
            )
        run.memo.left_out, run.memo.warnings = dict(loaded.left_out), loaded.warnings[:100]
        run.memo.seconds = (self.runtime.clock() - began).total_seconds()
        return go(self.count)

    @step
    async def count(self, run: RestoreRun) -> Move:
        plan = await self._plan(run)
        assert run.memo.temporary is not None
        ours = plan.target.with_database(run.memo.temporary)
        content = await analyze_and_count(ours, run.memo.temporary, application_name=_name(run))
        run.memo.tables, run.memo.rows, run.memo.size_bytes = content.tables, content.rows, content.size_bytes
        return go(self.place)

    @step
    async def place(self, run: RestoreRun) -> Move:
        """Everything goes to its owner, the login goes away, and only then can anybody find the database."""
        plan, memo = await self._plan(run), run.memo
        assert memo.temporary is not None
        assert memo.oid is not None
        async with maintenance(plan.target, **self._maintaining(run)) as session:
            if memo.owner is None:
                memo.owner, is_new = await owner_for(session, run.args.owner, _owner_name(run))
                memo.owner_made = memo.owner if is_new else None
            await run.remember()  # a worker that lost its job ends here
            if memo.owner_made is not None:
                await make_owner(session, memo.owner_made)
            name = run.args.logical_database
            if await oid_of(session, name) != memo.oid:
                ours = plan.target.with_database(memo.temporary)
                await hand_over(ours, memo.temporary, memo.owner, application_name=_name(run))
                await run.remember()
                await take_name(session, oid=memo.oid, beside=memo.temporary, name=name)
            await drop_logins(session, _prefix(run))
        async with run.writing() as session:
            emit(
                session,
                "import.restored",
                project_id=plan.row.project_id,
                database_id=plan.database.id,
                subject_id=encode_id("imp", plan.row.id),
                job_id=run.id,
                logical_database=name,
            )
        result = RestoredImport(
            import_id=encode_id("imp", plan.row.id),
            database_id=encode_id("db", plan.database.id),
            logical_database=name,
            **memo.model_dump(include={"owner", "tables", "rows", "size_bytes", "left_out", "warnings", "seconds"}),
        )
        return done(**result.members())

    async def compensate(self, run: RestoreRun, _outcome: JobState) -> None:
        """No database, no login and no owner that only this made."""
        memo = run.memo
        if memo.temporary is None:
            return
        async with run.reading() as session:
            database = await session.get_one(Database, run.args.database_id)
        target = target_of(database, self.runtime.key_ring)
        async with maintenance(target, **self._maintaining(run)) as session:
            for name in await names_beginning(session, _prefix(run)):
                await drop_database(session, name)
            if memo.oid is not None and await oid_of(session, run.args.logical_database) == memo.oid:
                await drop_database(session, run.args.logical_database)
            await drop_logins(session, _prefix(run))
            if memo.owner_made is not None:
                await drop_unused_roles(session, [memo.owner_made])

    async def _plan(self, run: RestoreRun) -> _Plan:
        """Raises ImportStateInvalid, DatabaseNotReady, DatabaseUnreachable."""
        async with run.reading() as session:
            row = await ImportRepository(session).find(run.args.import_id)
            if row.state != ImportState.AVAILABLE or row.stored is None:
                raise ImportStateInvalid(row.id, row.state, "restored")
            database = await DatabaseRepository(session).find(run.args.database_id)
            assert database is not None
            return _Plan(
                row=row,
                database=database,
                location=await session.get_one(Location, row.location_id),
                keys=await identities(session, self.runtime.key_ring),
                target=target_of(database, self.runtime.key_ring),
            )

    def _client(self, plan: _Plan, server_major: int) -> Installation:
        needs = [] if tls_of(plan.database) in (TlsMode.DISABLE, TlsMode.PREFER) else [Ability.TLS]
        return self.runtime.toolchain.client_for_sql(server_major, needs=needs)

    def _run_as(self, client: Installation) -> tuple[int, int] | None:
        user = server_user(self.runtime.settings.postgres.run_as_user)
        if user is None:
            return None
        user.check_reach([client.bin_dir])
        return user.uid, user.gid

    def _maintaining(self, run: RestoreRun) -> dict[str, str]:
        return {"application_name": _name(run), "beside": run.args.logical_database}


async def _unpacked(packed: AsyncGenerator[bytes], row: Import) -> AsyncGenerator[bytes]:
    """What was fetched, which is in our own gzip."""
    unpacking = Unpacking((), most_bytes=row.unpacked_bytes or 0)
    async for chunk in packed:
        unpacking.push(chunk)
        while piece := await asyncio.to_thread(unpacking.pull):
            yield piece
    unpacking.end()
    while piece := await asyncio.to_thread(unpacking.pull):
        yield piece


def _name(run: Run[Any, Any]) -> str:
    """Carried by every session of the job, so that they can be found."""
    return f"pgmanager {encode_id('job', run.id)}"


def _prefix(run: RestoreRun) -> str:
    return f"{TEMPORARY_PREFIX}{run.id.hex[-8:]}_"


def _owner_name(run: RestoreRun) -> str:
    return f"imported_{run.id.hex[-12:]}"


def _elsewhere(run: RestoreRun) -> str:
    return "postgres" if run.args.logical_database != "postgres" else "template1"
