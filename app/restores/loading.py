"""A temporary database on the target server, filled from the archive in object storage, and removed again."""

from collections.abc import Collection, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Any

from pydantic import BaseModel, Field

from app.databases.access import Address
from app.errors import Problem
from app.jobs.run import Run
from app.locations.access import open_store
from app.locations.archives import CopyDamaged, open_archive
from app.locations.models import Location
from app.locations.ranges import ArchiveRanges, archive_ranges
from app.postgres.connect import Session, Target, connect
from app.postgres.identifiers import quoted
from app.postgres.making import create_database, drop_database, maintenance, names_beginning, names_of, oid_of
from app.postgres.phases import Source, restore_in_phases
from app.postgres.restore import Parts, Telling, restore_archive
from app.postgres.roles import create_roles, drop_unused_roles, role_names
from app.postgres.server_user import server_user
from app.postgres.toolchain import Installation
from app.postgres.traits import read_traits
from app.restores.models import OwnerMode, Restore, TargetKind
from app.restores.planning import Plan, application_name
from app.restores.room import room_kept
from app.restores.schemas import TEMPORARY_PREFIX, Placed
from app.runtime import Runtime
from app.storage import errors as storage_errors
from app.storage.store import ObjectStore

# What another location's copy may make good.
_OF_ONE_COPY = (
    CopyDamaged,
    storage_errors.AccessDenied,
    storage_errors.BucketMissing,
    storage_errors.ClockSkewed,
    storage_errors.EndpointForbidden,
    storage_errors.ObjectChanged,
    storage_errors.ObjectMissing,
    storage_errors.ObjectTruncated,
    storage_errors.RequestRefused,
    storage_errors.StoreFailed,
    storage_errors.StoreUnreachable,
)


class RestoreMemo(BaseModel):
    """``temporary`` and ``roles_created`` are written before the things themselves are made."""

    temporary: str | None = None
    oid: int | None = None
    roles_created: list[str] = Field(default_factory=list)
    load_seconds: float = 0.0
    readers: int = 1
    warnings: list[str] = Field(default_factory=list)
    placed: Placed | None = None
    address: Address | None = None  # of the server, when the job opened one for itself


@dataclass(frozen=True, slots=True)
class Loading:
    runtime: Runtime
    run: Run[Any, RestoreMemo]
    plan: Plan

    async def load(self) -> None:
        """Fills a new temporary database from the first copy that is whole; whatever stood there before is dropped.

        When none is, raises what may be over in a while, if anything is, so that the job tries again.
        """
        began = self.runtime.clock()
        client = self.plan.client(self.runtime.toolchain)
        await self._make_roles()
        failures: list[Problem] = []
        for location in self.plan.locations:
            await self._make_database()
            try:
                await self._stream(location, client)
            except _OF_ONE_COPY as problem:
                failures.append(problem)
                if len(failures) == len(self.plan.locations):
                    raise min(failures, key=lambda failure: not failure.retryable) from None
                await self.run.warn(f"The copy in the location {location.name} was passed over: {problem.detail}")
            else:
                break
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
        ranges = await archive_ranges(store, plan.manifest, plan.identities) if self._worth_ranges() else None
        async with self.run.moving(), room_kept(self._free_bytes):
            if ranges is None:
                warnings = await self._by_one(store, target, client)
            else:
                warnings = await self._by_several(ranges, target, client)
        for warning in warnings:
            await note(self.run, warning)

    def _worth_ranges(self) -> bool:
        """Definitions stand in the first bytes; rows of a large archive are loaded side by side."""
        size_bytes = self.plan.manifest.archive_object.plain_size_bytes
        return (
            self.plan.restore.parts == Parts.SCHEMA or size_bytes >= self.runtime.settings.restore.parallel_from_bytes
        )

    async def _by_one(self, store: ObjectStore, target: Target, client: Installation) -> list[str]:
        plan = self.plan
        self.run.memo.readers = 1
        async with aclosing(open_archive(store, plan.manifest, plan.identities)) as archive:
            return await restore_archive(
                archive,
                target,
                client,
                plan.wish(),
                header_length=plan.manifest.index.header_length,
                server_major=plan.server_major,
                application_name=application_name(self.run),
                run_as=self._run_as(client),
                telling=self._telling(),
            )

    async def _by_several(self, ranges: ArchiveRanges, target: Target, client: Installation) -> list[str]:
        plan = self.plan
        readers = self.runtime.settings.restore.readers
        self.run.memo.readers = readers
        rows = {table.dump_id: table.rows for table in plan.manifest.tables}
        rows_done = 0

        def loaded(dump_ids: Collection[int]) -> None:
            nonlocal rows_done
            rows_done += sum(rows.get(dump_id, 0) for dump_id in dump_ids)
            self.run.report(rows_done=rows_done)

        return await restore_in_phases(
            Source(plan.manifest.index, await ranges.header(), ranges.read),
            target,
            client,
            plan.wish(),
            readers=readers,
            server_major=plan.server_major,
            application_name=application_name(self.run),
            run_as=self._run_as(client),
            # Rows are told of a table at a time: which ones are being copied does not say how many are done.
            telling=replace(self._telling(), copying=lambda *_: None),
            loaded=loaded,
        )

    async def _free_bytes(self) -> int | None:
        provider = self.runtime.providers.get(self.plan.database.provider)
        return await provider.free_bytes(self.plan.database.id) if provider else None

    def _telling(self) -> Telling:
        run, manifest = self.run, self.plan.manifest
        rows = {(table.schema_name, table.name): table.rows for table in manifest.tables}
        before: dict[tuple[str, str], int] = {}
        total = 0
        for table in manifest.index.tables():
            before[table.schema, table.name] = total
            total += rows.get((table.schema, table.name), 0)
        wants_rows = self.plan.restore.parts != Parts.SCHEMA
        run.report(bytes_total=manifest.archive_object.plain_size_bytes, rows_total=total if wants_rows else None)

        def copying(schema: str, name: str, count: int) -> None:
            run.report(rows_done=before.get((schema, name), 0) + count)

        return Telling(
            bytes_read=lambda count: run.report(bytes_done=count),
            doing=lambda text: run.report(detail=text),
            copying=copying,
        )

    def _run_as(self, client: Installation) -> tuple[int, int] | None:
        user = server_user(self.runtime.settings.postgres.run_as_user)
        if user is None:
            return None
        user.check_reach([client.bin_dir])
        return user.uid, user.gid

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
