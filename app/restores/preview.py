"""What a restore would meet and do, found out without changing anything."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from app.databases.models import Database
from app.errors import Problem
from app.locations.manifest import Manifest
from app.postgres.archive import Entry, select_rows
from app.postgres.connect import Target, connect
from app.postgres.restore import Parts
from app.postgres.roles import role_names
from app.postgres.rows import tables_for
from app.restores.models import OwnerMode, Restore, TargetKind
from app.restores.planning import LOOK_SECONDS, Reading, names_of_tables
from app.restores.reports import ExtensionView, Method, PlannedTable, RestorePlanView, RoleView
from app.restores.room import RESERVE_BYTES
from app.restores.selecting import Chosen, choose, read_contents, reading_of, wants_contents
from app.restores.surveying import needed_extensions, obstacles
from app.runtime import Runtime

_OFFERED: Final = "SELECT name, default_version FROM pg_catalog.pg_available_extensions"
_INSTALLED: Final = "SELECT extname AS name, extversion AS version FROM pg_catalog.pg_extension"


@dataclass(frozen=True, slots=True)
class Asked:
    """``target`` is None while its server cannot be asked: it does not exist yet, or is not reached from here."""

    restore: Restore
    reading: Reading
    database: Database
    target: Target | None

    @property
    def manifest(self) -> Manifest:
        return self.reading.manifest


@dataclass(frozen=True, slots=True)
class Found:
    """On the target server."""

    roles: frozenset[str] = frozenset()
    offered: dict[str, str] | None = None
    installed: dict[str, str] | None = None
    remarks: tuple[str, ...] = ()


async def plan_of(runtime: Runtime, asked: Asked) -> RestorePlanView:
    """Whatever stands against it is in the plan, and no error, as far as the plan can be made."""
    restore, manifest, against = asked.restore, asked.manifest, list[Problem]()
    entries: Sequence[Entry] | None = None
    try:
        entries = await read_contents(runtime, asked.reading)
    except Problem as problem:
        against.append(problem)
        if wants_contents(restore):
            raise
    chosen = choose(restore, entries or (), manifest.index)
    found = Found()
    if asked.target is not None:
        try:
            against += await obstacles(asked.target, restore, manifest, entries)
            found = await _look(asked.target, restore, entries)
        except Problem as problem:
            against.append(problem)
    reading = reading_of(runtime, restore, manifest, chosen)
    needed, free = _needed_bytes(restore, manifest, chosen), await _free_bytes(runtime, asked.database)
    remarks = [*found.remarks, *_remarks(asked, needed, free)]
    if reading.method is Method.STREAM and wants_contents(restore):
        remarks.append("The backup tells of no part of it alone whether it is what was written, so all of it is read.")
    tables = _tables(restore, manifest, chosen)
    return RestorePlanView(
        possible=not against,
        obstacles=[problem.document() for problem in against],
        database_id=restore.database_id,
        logical_database=restore.logical_database,
        into_schema=restore.into_schema,
        archive_client_major=manifest.versions.client_major,
        target_major=asked.database.server_major or asked.database.wanted_major,
        reading=reading,
        tables=tables,
        rows=sum(table.rows for table in tables),
        selection=chosen.view,
        owner_mode=OwnerMode(restore.owner_mode),
        roles=_roles(restore, manifest, found),
        extensions=_extensions(restore, manifest, entries, found),
        needed_bytes=needed,
        free_bytes=free,
        remarks=remarks,
    )


async def _look(target: Target, restore: Restore, entries: Sequence[Entry] | None) -> Found:
    remarks: list[str] = []
    live = restore.target_kind in (TargetKind.TABLES, TargetKind.ROWS)
    if live:
        target = target.with_database(restore.logical_database)
    async with connect(target, application_name="pgmanager restores", connect_timeout_seconds=LOOK_SECONDS) as session:
        if restore.target_kind == TargetKind.ROWS and entries is not None:
            remarks += [
                f"Triggers of {'.'.join(table.key)} will fire: {', '.join(table.triggers)}."
                for table in await tables_for(session, select_rows(entries, names_of_tables(restore)))
                if table.triggers
            ]
        return Found(
            await role_names(session),
            {row["name"]: row["default_version"] for row in await session.fetch(_OFFERED)},
            {row["name"]: row["version"] for row in await session.fetch(_INSTALLED)} if live else {},
            tuple(remarks),
        )


def _remarks(asked: Asked, needed: int | None, free: int | None) -> list[str]:
    remarks = []
    if asked.target is None:
        remarks.append("The target server could not be asked from here; the job asks it before it changes anything.")
    if needed is not None and free is not None and needed + RESERVE_BYTES > free:
        remarks.append(
            f"About {needed // 2**20} MiB are needed and {free // 2**20} MiB free, of which {RESERVE_BYTES // 2**20} are kept "
            "for the server: the restore will most likely be stopped. Enlarge the disk first."
        )
    return remarks


def _tables(restore: Restore, manifest: Manifest, chosen: Chosen) -> list[PlannedTable]:
    has_rows = restore.parts != Parts.SCHEMA
    index = manifest.index
    bytes_of = {block.dump_id: block.length for block in index.blocks}
    return [
        PlannedTable(
            schema_name=one.schema_name,
            name=one.name,
            rows=one.rows if has_rows else 0,
            bytes=bytes_of.get(one.dump_id, 0) if has_rows else 0,
        )
        for one in manifest.tables
        if chosen.names is None or (one.schema_name, one.name) in chosen.names
    ]


def _roles(restore: Restore, manifest: Manifest, found: Found) -> list[RoleView]:
    if restore.target_kind == TargetKind.ROWS:
        return []
    mode = OwnerMode(restore.owner_mode)
    views = []
    for name in manifest.roles:
        if mode is OwnerMode.KEEP:
            views.append(RoleView(name=name, fate="present" if name in found.roles else "created", to=None))
        elif name in restore.role_map:
            views.append(RoleView(name=name, fate="mapped", to=restore.role_map[name]))
        else:
            views.append(RoleView(name=name, fate="stripped", to=None))
    return views


def _extensions(
    restore: Restore, manifest: Manifest, entries: Sequence[Entry] | None, found: Found
) -> list[ExtensionView]:
    if restore.target_kind == TargetKind.ROWS:
        return []
    needed = needed_extensions(restore, manifest, entries)
    return [
        ExtensionView(
            name=one.name,
            version=one.version,
            offered=(found.offered or {}).get(one.name),
            installed=(found.installed or {}).get(one.name),
        )
        for one in manifest.extensions
        if one.name in needed
    ]


def _needed_bytes(restore: Restore, manifest: Manifest, chosen: Chosen) -> int | None:
    """Selected tables stand twice for a while: where they are compared, and where they are wanted."""
    size = manifest.database.size_bytes
    if size is None or restore.parts == Parts.SCHEMA:
        return None
    share = chosen.bytes_needed / max(1, manifest.index.size_bytes)
    return round(size * share) * (2 if restore.target_kind == TargetKind.TABLES else 1)


async def _free_bytes(runtime: Runtime, database: Database) -> int | None:
    provider = runtime.providers.get(database.provider)
    if provider is None or database.server_major is None:
        return None
    return await provider.free_bytes(database.id)
