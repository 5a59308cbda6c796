"""Copying a database: into a temporary one on the target's server, which gets its name once it was found equal."""

from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, TypeAlias
from uuid import UUID

from pydantic import BaseModel, Field

from app.databases.access import target_of
from app.databases.errors import DatabaseNotFound
from app.databases.models import Database
from app.databases.repository import DatabaseRepository
from app.errors import Problem
from app.events.emit import emit
from app.exports.errors import CopyMismatch, ExtensionUnavailable, SourceAbsent
from app.exports.schemas import TEMPORARY_PREFIX, CopyDatabase, OwnerChoice
from app.jobs.machine import Move, Steps, done, go, step
from app.jobs.run import Run
from app.jobs.states import JobState
from app.kit.ids import encode_id
from app.postgres.comparison import compare_sequences, compare_tables, count_large_objects
from app.postgres.connect import Session, Target, connect
from app.postgres.errors import DatabaseAbsent, DiskFull
from app.postgres.facts import database_facts, login
from app.postgres.making import (
    NameClash,
    Shape,
    create_database,
    drop_database,
    maintenance,
    names_beginning,
    names_of,
    oid_of,
)
from app.postgres.restore import Telling, Wish
from app.postgres.roles import missing_extensions, role_names
from app.postgres.server_user import server_user
from app.postgres.sessions import end_sessions
from app.postgres.swap import take_name
from app.postgres.traits import RoleSettings, Traits, apply_traits, read_traits
from app.postgres.transfer import Way, clients_for, transfer
from app.runtime import Runtime

_ALWAYS_THERE: Final = frozenset({"plpgsql"})
_MOST_NAMED: Final = 5
_RESERVE_BYTES: Final = 256 * 1024 * 1024


class CopyMemo(BaseModel):
    """``temporary`` is written before the database itself is made."""

    temporary: str | None = None
    oid: int | None = None
    source_major: int = 0
    target_major: int = 0
    size_bytes: int = 0
    rows: list[tuple[str, str, int]] = Field(default_factory=list)
    sequences: list[tuple[str, str, int | None]] = Field(default_factory=list)
    large_objects: int = 0


CopyRun: TypeAlias = Run[CopyDatabase, CopyMemo]


@dataclass(frozen=True)
class CopyDatabaseSteps(Steps[CopyDatabase, CopyMemo]):
    runtime: Runtime

    args = CopyDatabase
    memo = CopyMemo

    @step
    async def check(self, run: CopyRun) -> Move:
        """What would fail the copy later fails it here, with a name."""
        source, target = await self._targets(run)
        try:
            async with connect(source, application_name=_application_name(run)) as session:
                run.memo.source_major = (await login(session)).major
                facts = await database_facts(session)
        except DatabaseAbsent as absent:
            raise SourceAbsent(absent.detail) from None
        run.memo.size_bytes = facts.size_bytes
        async with maintenance(target, application_name=_application_name(run), beside=run.args.target_name) as session:
            run.memo.target_major = (await login(session)).major
            if await oid_of(session, run.args.target_name) is not None:
                raise NameClash(run.args.target_name)
            await _require_extensions(session, {one.name for one in facts.extensions} - _ALWAYS_THERE)
        await self._require_room(run, facts.size_bytes)
        self._way(run, source, target)
        return go(self.load)

    @step
    async def load(self, run: CopyRun) -> Move:
        """From the beginning, into a new temporary database; whatever an attempt before it left is dropped."""
        source, target = await self._targets(run)
        await end_sessions(source, application_name=_application_name(run))
        await self._make_database(run, source, target)
        assert run.memo.temporary is not None
        way = self._way(run, source, target.with_database(run.memo.temporary))
        keep = run.args.owner_mode is OwnerChoice.KEEP
        wish = Wish(owners=keep, grants=keep, tablespaces=run.args.source_id == run.args.target_id)
        run.report(bytes_total=run.memo.size_bytes)
        telling = Telling(
            bytes_read=lambda count: run.report(bytes_done=count),
            doing=lambda text: run.report(detail=text),
            copying=lambda schema, name, rows: run.report(detail=f"{schema}.{name}: {rows} rows"),
        )
        async with run.moving():
            counted = await transfer(way, wish, telling)
        for warning in counted.warnings:
            await run.warn(warning)
        run.memo.rows = [(*name, rows) for name, rows in counted.rows.items()]
        run.memo.sequences = [(*name, value) for name, value in counted.sequences.items()]
        run.memo.large_objects = counted.large_objects
        return go(self.compare)

    @step
    async def compare(self, run: CopyRun) -> Move:
        _, target = await self._targets(run)
        assert run.memo.temporary is not None
        async with connect(
            target.with_database(run.memo.temporary),
            application_name=_application_name(run),
            statement_timeout_seconds=0,
            lock_timeout_seconds=0,
        ) as session:
            await session.execute("ANALYZE")
            await session.execute("SET row_security = off")
            run.report(rows_total=sum(rows for _, _, rows in run.memo.rows))
            await _require_equal(session, run)
        return go(self.place)

    @step
    async def place(self, run: CopyRun) -> Move:
        """Only now can anybody find it."""
        source, target = await self._targets(run)
        memo, name = run.memo, run.args.target_name
        assert memo.temporary is not None
        assert memo.oid is not None
        traits = await self._traits(run, source)
        await run.remember()  # a worker that lost its job ends here
        async with maintenance(target, application_name=_application_name(run), beside=name) as session:
            if await oid_of(session, name) != memo.oid:
                left_out = await apply_traits(session, memo.temporary, traits, roles=await role_names(session))
                if left_out:
                    await run.warn(f"The copy came without: {', '.join(left_out)}.")
            await take_name(session, oid=memo.oid, beside=memo.temporary, name=name)
        rows = sum(count for _, _, count in memo.rows)
        database = await self._database(run, run.args.target_id)
        async with run.writing() as session:
            emit(
                session,
                "database.copied",
                project_id=database.project_id,
                database_id=run.args.target_id,
                subject_id=encode_id("db", run.args.target_id),
                job_id=run.id,
                logical_database=name,
                source_id=encode_id("db", run.args.source_id),
                source_name=run.args.source_name,
            )
        return done(
            type="database",
            database_id=encode_id("db", run.args.target_id),
            logical_database=name,
            tables=len(memo.rows),
            rows=rows,
        )

    async def compensate(self, run: CopyRun, outcome: JobState) -> None:  # noqa: ARG002 (the base class's)
        """No session, and no database that nobody was told of."""
        with suppress(Problem):  # a server that cannot be reached ends them by itself
            source, _ = await self._targets(run)
            await end_sessions(source, application_name=_application_name(run))
        if run.memo.temporary is None:
            return
        _, target = await self._targets(run)
        async with maintenance(target, application_name=_application_name(run), beside=run.args.target_name) as session:
            names = set(await names_beginning(session, _prefix(run)))
            if run.memo.oid is not None:
                names |= set((await names_of(session, run.memo.oid)).values())
            for name in names:
                await drop_database(session, name)

    async def _make_database(self, run: CopyRun, source: Target, target: Target) -> None:
        async with connect(source, application_name=_application_name(run)) as session:
            facts = await database_facts(session)
        shape = Shape(facts.encoding, facts.collate, facts.ctype, facts.locale_provider, facts.locale)
        run.memo.temporary, run.memo.oid = f"{_prefix(run)}{run.token.hex[-8:]}", None
        await run.remember()
        async with maintenance(target, application_name=_application_name(run), beside=run.args.target_name) as session:
            for left_over in await names_beginning(session, _prefix(run)):
                await drop_database(session, left_over)
            instead = await create_database(session, run.memo.temporary, shape, server_major=run.memo.target_major)
            run.memo.oid = await oid_of(session, run.memo.temporary)
        if instead is not None:
            await run.warn(
                f"The target does not offer the locale {facts.locale or facts.collate}; {instead} was taken, so text may "
                "sort in another order."
            )

    async def _traits(self, run: CopyRun, source: Target) -> Traits:
        """Of the source itself: what is in no dump."""
        name = run.args.source_name
        async with maintenance(source, application_name=_application_name(run), beside=name) as session:
            traits = await read_traits(session, name)
        if traits is None:
            raise SourceAbsent(f"The logical database {name!r} was dropped or renamed meanwhile.")
        if run.args.owner_mode is OwnerChoice.KEEP:
            return traits
        settings = tuple(RoleSettings(None, one.values) for one in traits.settings if one.role is None)
        return Traits(None, None, traits.connection_limit, traits.comment, settings)

    async def _require_room(self, run: CopyRun, size_bytes: int) -> None:
        """Raises DiskFull, where anybody can tell."""
        database = await self._database(run, run.args.target_id)
        provider = self.runtime.providers.get(database.provider)
        free = await provider.free_bytes(database.id) if provider else None
        if free is not None and free < size_bytes + _RESERVE_BYTES:
            raise DiskFull(
                f"The source takes {size_bytes // 2**20} MiB, and the target's disk has {free // 2**20} MiB left. Enlarge "
                "it, or free space on it, and copy again."
            )

    def _way(self, run: CopyRun, source: Target, target: Target) -> Way:
        majors = {"source_major": run.memo.source_major, "target_major": run.memo.target_major}
        dump_client, restore_client = clients_for(self.runtime.toolchain, source=source, target=target, **majors)
        user = server_user(self.runtime.settings.postgres.run_as_user)
        if user is not None:
            user.check_reach([dump_client.installation.bin_dir, restore_client.bin_dir])
        return Way(
            source=source,
            target=target,
            dump_client=dump_client,
            restore_client=restore_client,
            application_name=_application_name(run),
            run_as=None if user is None else (user.uid, user.gid),
            count_timeout_seconds=self.runtime.settings.backup.count_timeout_seconds,
            **majors,
        )

    async def _targets(self, run: CopyRun) -> tuple[Target, Target]:
        source = await self._database(run, run.args.source_id)
        target = await self._database(run, run.args.target_id)
        ring = self.runtime.key_ring
        return target_of(source, ring, database_name=run.args.source_name), target_of(target, ring)

    async def _database(self, run: CopyRun, database_id: UUID) -> Database:
        async with run.reading() as session:
            database = await DatabaseRepository(session).find(database_id)
        if database is None:
            raise DatabaseNotFound(database_id)
        return database


async def _require_extensions(session: Session, names: set[str]) -> None:
    """Raises ExtensionUnavailable."""
    if missing := await missing_extensions(session, names):
        raise ExtensionUnavailable(missing)


async def _require_equal(session: Session, run: CopyRun) -> None:
    """Raises CopyMismatch, naming what differs."""
    memo = run.memo
    expected = [((schema, name), rows) for schema, name, rows in memo.rows]
    compared = await compare_tables(session, expected, counted=lambda rows: run.report(rows_done=rows))
    compared += await compare_sequences(session, [((schema, name), value) for schema, name, value in memo.sequences])
    different = [one for one in compared if not one.equal]
    named = [f"{one.schema}.{one.name} has {one.found} instead of {one.expected}" for one in different[:_MOST_NAMED]]
    large_objects = await count_large_objects(session)
    if large_objects != memo.large_objects:
        named.append(f"{large_objects} large objects instead of {memo.large_objects}")
    if named:
        raise CopyMismatch(f"Copied without an error, but not equal: {'; '.join(named)}. Nothing was put in place.")


def _prefix(run: Run[Any, Any]) -> str:
    """UUIDv7 begin with the time, so it is their end that differs."""
    return f"{TEMPORARY_PREFIX}{run.id.hex[-8:]}_"


def _application_name(run: Run[Any, Any]) -> str:
    """Carried by every session of the job, so that they can be found and ended."""
    return f"pgmanager {encode_id('job', run.id)}"
