"""A temporary database on the target server, filled from the archive in object storage, and removed again."""

from collections.abc import Collection, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Any

from pydantic import BaseModel, Field

from app.databases.access import Address
from app.jobs.run import Run
from app.locations.access import open_store
from app.locations.archives import open_archive
from app.locations.models import Location
from app.locations.ranges import ArchiveRanges, archive_ranges
from app.postgres.archive import Entry, entries_of
from app.postgres.connect import Session, Target, connect
from app.postgres.identifiers import quoted
from app.postgres.making import create_database, drop_database, maintenance, names_beginning, names_of, oid_of
from app.postgres.phases import Source, restore_in_phases
from app.postgres.restore import Parts, Telling, restore_archive
from app.postgres.roles import create_roles, drop_unused_roles, role_names
from app.postgres.server_user import server_user
from app.postgres.toolchain import Installation
from app.postgres.traits import read_traits
from app.restores.copies import from_any_copy
from app.restores.models import OwnerMode, Restore, TargetKind
from app.restores.planning import Plan, application_name
from app.restores.reports import Method, SelectionView
from app.restores.room import room_kept
from app.restores.schemas import TEMPORARY_PREFIX, Placed
from app.restores.selecting import Chosen, choose, wants_ranges
from app.runtime import Runtime
from app.storage.store import ObjectStore


class RestoreMemo(BaseModel):
    """``temporary`` and ``roles_created`` are written before the things themselves are made."""

    temporary: str | None = None
    oid: int | None = None
    roles_created: list[str] = Field(default_factory=list)
    load_seconds: float = 0.0
    method: Method | None = None
    readers: int = 1
    bytes_needed: int | None = None
    bytes_read: int | None = None
    selection: SelectionView | None = None
    tables: list[tuple[str, str]] | None = None  # whose rows are wanted; None: all of them
    transaction: int | None = None  # of the target server, in which something was changed that others use
    warnings: list[str] = Field(default_factory=list)
    placed: Placed | None = None
    address: Address | None = None  # of the server, when the job opened one for itself


@dataclass(frozen=True, slots=True)
class Loading:
    runtime: Runtime
    run: Run[Any, RestoreMemo]
    plan: Plan

    async def load(self) -> None:
        """Fills a new temporary database from the first copy that is whole; whatever stood there before is dropped."""
        began = self.runtime.clock()
        client = self.plan.client(self.runtime.toolchain)
        await self._make_roles()

        async def fill(location: Location) -> None:
            await self._make_database()
            await self._stream(location, client)

        await from_any_copy(self.run, self.plan, fill)
        self.run.memo.load_seconds = (self.runtime.clock() - began).total_seconds()

    async def _make_roles(self) -> None:
        if self.plan.restore.owner_mode != OwnerMode.KEEP:
            return
        async with maintenance(self.plan.target, **self._maintaining()) as session:
            missing = sorted(set(self.plan.manifest.roles) - await role_names(session))
            reserved = [name for name in missing if name.startswith("pg_")]
            missing = [name for name in missing if name not in reserved]
            if missing:
                self.run.memo.roles_created = sorted({*self.run.memo.roles_created, *missing})
                await self.run.remember()
                await create_roles(session, missing)
        if reserved:
            await note(self.run, f"This server's major lacks the predefined roles {', '.join(reserved)}.")
        if self.run.memo.roles_created:
            await note(self.run, f"Roles made without a login: {', '.join(self.run.memo.roles_created)}.")

    async def _make_database(self) -> None:
        plan, memo = self.plan, self.run.memo
        memo.temporary, memo.oid = f"{prefix_of(plan.restore)}{self.run.token.hex[-8:]}", None
        await self.run.remember()
        async with maintenance(plan.target, **self._maintaining()) as session:
            for left_over in await names_beginning(session, prefix_of(plan.restore)):
                await drop_database(session, left_over)
            instead = await create_database(
                session,
                memo.temporary,
                plan.shape,
                server_major=plan.server_major,
                tablespace=await self._tablespace(session),
            )
            memo.oid = await oid_of(session, memo.temporary)
        if instead is not None:
            facts = plan.manifest.database
            wanted = facts.locale or facts.collate
            await note(
                self.run,
                f"The server does not offer the locale {wanted} ({facts.locale_provider}); {instead} was taken, so text "
                "may sort in another order.",
            )

    async def _tablespace(self, session: Session) -> str | None:
        if self.plan.restore.target_kind != TargetKind.IN_PLACE:
            return None
        traits = await read_traits(session, self.plan.name)
        return traits.tablespace if traits else None

    async def _stream(self, location: Location, client: Installation) -> None:
        plan = self.plan
        assert self.run.memo.temporary is not None
        target = plan.target.with_database(self.run.memo.temporary)
        schemas = sorted({table.schema_name for table in plan.manifest.options.tables})
        if schemas:
            # pg_dump of named tables leaves their schemas out.
            async with connect(target, application_name=application_name(self.run)) as session:
                for schema in schemas:
                    await session.execute(f"CREATE SCHEMA IF NOT EXISTS {quoted(schema)}")
        store = await open_store(self.runtime.stores, self.runtime.key_ring, location)
        ranges = None
        if wants_ranges(self.runtime, plan.restore, plan.manifest):
            ranges = await archive_ranges(store, plan.manifest, plan.identities)
        async with self.run.moving(), room_kept(self._free_bytes):
            if ranges is None:
                warnings = await self._by_one(store, target, client)
            else:
                warnings = await self._by_several(ranges, target, client)
        for warning in warnings:
            await note(self.run, warning)

    async def _by_one(self, store: ObjectStore, target: Target, client: Installation) -> list[str]:
        plan = self.plan

        def only(header: bytes) -> Collection[int]:
            return self._choose(entries_of(header), Method.STREAM).dump_ids or ()

        if plan.tables is None:
            self._choose((), Method.STREAM)
        async with aclosing(open_archive(store, plan.manifest, plan.identities)) as archive:
            warnings = await restore_archive(
                archive,
                target,
                client,
                plan.wish(),
                header_length=plan.manifest.index.header_length,
                server_major=plan.server_major,
                application_name=application_name(self.run),
                run_as=run_as(self.runtime, client),
                telling=self._telling(),
                only=None if plan.tables is None else only,
            )
        self.run.memo.bytes_read = plan.manifest.archive_object.size_bytes
        return warnings

    async def _by_several(self, ranges: ArchiveRanges, target: Target, client: Installation) -> list[str]:
        plan = self.plan
        header = await ranges.header()
        chosen = self._choose(entries_of(header), Method.RANGES)
        rows = {table.dump_id: table.rows for table in plan.manifest.tables}
        rows_done = 0

        def loaded(dump_ids: Collection[int]) -> None:
            nonlocal rows_done
            rows_done += sum(rows.get(dump_id, 0) for dump_id in dump_ids)
            self.run.report(rows_done=rows_done)

        warnings = await restore_in_phases(
            Source(plan.manifest.index, header, ranges.read),
            target,
            client,
            plan.wish(),
            readers=self.run.memo.readers,
            server_major=plan.server_major,
            application_name=application_name(self.run),
            run_as=run_as(self.runtime, client),
            # Rows are told of a table at a time: which ones are being copied does not say how many are done.
            telling=replace(self._telling(), copying=lambda *_: None),
            loaded=loaded,
            only=chosen.dump_ids,
        )
        self.run.memo.bytes_read = ranges.bytes_read
        return warnings

    def _choose(self, entries: Sequence[Entry], method: Method) -> Chosen:
        """What is taken of the archive, and how, is kept for the report."""
        memo, index = self.run.memo, self.plan.manifest.index
        chosen = choose(self.plan.restore, entries, index)
        memo.method, memo.selection, memo.bytes_needed = method, chosen.view, chosen.bytes_needed
        memo.readers = self.runtime.settings.restore.readers if method is Method.RANGES else 1
        memo.tables = None if chosen.names is None else sorted(chosen.names)
        return chosen

    async def _free_bytes(self) -> int | None:
        provider = self.runtime.providers.get(self.plan.database.provider)
        return await provider.free_bytes(self.plan.database.id) if provider else None

    def _telling(self) -> Telling:
        run, manifest, wanted = self.run, self.plan.manifest, self.run.memo.tables
        rows = {(table.schema_name, table.name): table.rows for table in manifest.tables}
        before: dict[tuple[str, str], int] = {}
        total = 0
        for table in manifest.index.tables():
            before[table.schema, table.name] = total
            if wanted is None or (table.schema, table.name) in wanted:
                total += rows.get((table.schema, table.name), 0)
        wants_rows = self.plan.restore.parts != Parts.SCHEMA
        bytes_total = run.memo.bytes_needed or manifest.archive_object.plain_size_bytes
        run.report(bytes_total=bytes_total, rows_total=total if wants_rows else None)

        def copying(schema: str, name: str, count: int) -> None:
            run.report(rows_done=before.get((schema, name), 0) + count)

        return Telling(
            bytes_read=lambda count: run.report(bytes_done=count),
            doing=lambda text: run.report(detail=text),
            copying=copying,
        )

    def _maintaining(self) -> dict[str, str]:
        return {"application_name": application_name(self.run), "beside": self.plan.name}


async def clear_away(session: Session, restore: Restore, memo: RestoreMemo) -> None:
    """Drops every database and every unused role that the restore made. Twice is fine.

    One that replaces nothing may stand under its final name already. One that does is left where its names could not be
    changed back: it may be all that there is.
    """
    names = set(await names_beginning(session, prefix_of(restore)))
    if memo.oid is not None and memo.placed is None:
        names |= set((await names_of(session, memo.oid)).values())
    for name in names:
        await drop_database(session, name)
    await drop_unused_roles(session, memo.roles_created)


def run_as(runtime: Runtime, client: Installation) -> tuple[int, int] | None:
    user = server_user(runtime.settings.postgres.run_as_user)
    if user is None:
        return None
    user.check_reach([client.bin_dir])
    return user.uid, user.gid


def prefix_of(restore: Restore) -> str:
    """UUIDv7 begin with the time, so it is their end that differs."""
    return f"{TEMPORARY_PREFIX}{restore.id.hex[-8:]}_"


async def note(run: Run[Any, RestoreMemo], warning: str) -> None:
    """For the job's warnings, and for the report, which outlives the job."""
    if warning not in run.memo.warnings:
        run.memo.warnings.append(warning)
    await run.warn(warning)


async def note_left_out(run: Run[Any, RestoreMemo], left_out: Sequence[str]) -> None:
    if left_out:
        await note(run, f"The restored database came without: {', '.join(left_out)}.")
