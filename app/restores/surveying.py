"""What stands against a restore on the server that it is for."""

from collections import Counter
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager

from app.errors import Problem
from app.locations.manifest import Manifest
from app.postgres.archive import Entry, select, select_rows
from app.postgres.connect import Session, Target, connect
from app.postgres.errors import DatabaseAbsent
from app.postgres.making import NameClash, oid_of
from app.postgres.moving import SchemaExists
from app.postgres.roles import missing_extensions, role_names
from app.postgres.rows import RowsUnfitting, TablesNotEmpty, require_empty, tables_for
from app.restores.errors import (
    ExtensionAbsent,
    ExtensionUnavailable,
    RestoreImpossible,
    RoleMissing,
    TargetAbsent,
)
from app.restores.models import OnRows, Restore, TargetKind
from app.restores.planning import ALWAYS_THERE, LOOK_SECONDS, Reading, names_of_tables
from app.restores.selecting import choose, needs_contents, read_contents, wants_contents
from app.runtime import Runtime

_EXTENSIONS = """
SELECT e.extname AS name, n.nspname AS schema
  FROM pg_catalog.pg_extension AS e JOIN pg_catalog.pg_namespace AS n ON n.oid = e.extnamespace
"""


async def first_obstacle(runtime: Runtime, target: Target | None, restore: Restore, reading: Reading) -> Problem | None:
    """The table of contents is fetched only where nothing else tells. Raises what ``obstacles`` and the store raise."""
    manifest, entries = reading.manifest, None
    if needs_contents(restore, manifest):
        entries = await read_contents(runtime, reading)
        choose(restore, entries, manifest.index)
    found = [] if target is None else await obstacles(target, restore, manifest, entries)
    if target is not None and found and entries is None and wants_contents(restore):
        # The whole backup may need an extension that the selected tables do not.
        found = await obstacles(target, restore, manifest, await read_contents(runtime, reading))
    return found[0] if found else None


async def later_obstacle(runtime: Runtime, target: Target, restore: Restore, reading: Reading) -> Problem | None:
    """What may stand against it since it was asked for. What the archive has to say to it was heard then, and stays.

    Rows are looked at once more in the transaction that loads them.
    """
    if restore.target_kind == TargetKind.ROWS:
        return None
    if restore.target_kind != TargetKind.TABLES:
        return await first_obstacle(runtime, target, restore, reading)
    try:
        async with _looking(target.with_database(restore.logical_database)) as session:
            found = await _place(session, restore)
    except DatabaseAbsent as problem:
        return problem
    return found[0] if found else None


async def obstacles(
    target: Target, restore: Restore, manifest: Manifest, entries: Sequence[Entry] | None
) -> list[Problem]:
    """Nothing is changed. ``entries`` is the archive's table of contents, where ``wants_contents``.

    Raises what ``connect`` raises, TablesNotInArchive.
    """
    if restore.target_kind not in (TargetKind.TABLES, TargetKind.ROWS):
        async with _looking(target) as session:
            return await _whole(session, restore, manifest, entries)
    assert entries is not None
    try:
        async with _looking(target.with_database(restore.logical_database)) as session:
            if restore.target_kind == TargetKind.ROWS:
                return await _rows(session, restore, entries)
            return await _tables(session, restore, manifest, entries)
    except DatabaseAbsent as problem:
        return [problem]


def _looking(target: Target) -> AbstractAsyncContextManager[Session]:
    return connect(target, application_name="pgmanager restores", connect_timeout_seconds=LOOK_SECONDS)


async def _whole(
    session: Session, restore: Restore, manifest: Manifest, entries: Sequence[Entry] | None
) -> list[Problem]:
    found: list[Problem] = []
    exists = await oid_of(session, restore.logical_database) is not None
    if restore.target_kind == TargetKind.LOGICAL_DATABASE and exists:
        found.append(NameClash(restore.logical_database))
    if restore.target_kind == TargetKind.IN_PLACE and not exists:
        found.append(TargetAbsent(restore.logical_database))
    if missing := await missing_extensions(session, needed_extensions(restore, manifest, entries)):
        found.append(ExtensionUnavailable(missing))
    return found + await _roles(session, restore)


async def _roles(session: Session, restore: Restore) -> list[Problem]:
    absent = set(restore.role_map.values()) - await role_names(session)
    return [RoleMissing(sorted(absent))] if absent else []


async def _place(session: Session, restore: Restore) -> list[Problem]:
    assert restore.into_schema is not None
    if await session.fetchval("SELECT pg_catalog.to_regnamespace(pg_catalog.quote_ident($1))", restore.into_schema):
        return [SchemaExists(restore.into_schema, restore.logical_database), *await _roles(session, restore)]
    return await _roles(session, restore)


async def _tables(session: Session, restore: Restore, manifest: Manifest, entries: Sequence[Entry]) -> list[Problem]:
    found = await _place(session, restore)
    selection = select(entries, names_of_tables(restore) or ())
    kept = [*selection.tables, *(entry for entry in selection.needed if entry.desc == "TABLE")]
    twice = [name for name, count in Counter(entry.tag for entry in kept).items() if count > 1]
    if twice:
        found.append(
            RestoreImpossible(
                f"Tables of several schemas are called {', '.join(sorted(twice))}, and would meet in one. Restore them one "
                "after the other, or into a new logical database."
            )
        )
    there = {row["name"]: row["schema"] for row in await session.fetch(_EXTENSIONS)}
    wanted = {one.name: one.schema_name for one in manifest.extensions if one.name in selection.extensions}
    absent = [f"{name} in the schema {schema}" for name, schema in sorted(wanted.items()) if there.get(name) != schema]
    if absent:
        found.append(ExtensionAbsent(absent, restore.logical_database))
    return found


async def _rows(session: Session, restore: Restore, entries: Sequence[Entry]) -> list[Problem]:
    try:
        tables = await tables_for(session, select_rows(entries, names_of_tables(restore)))
        if restore.on_rows != OnRows.APPEND:
            await require_empty(session, tables)
    except (RowsUnfitting, TablesNotEmpty) as problem:
        return [problem]
    return []


def needed_extensions(restore: Restore, manifest: Manifest, entries: Sequence[Entry] | None) -> set[str]:
    names = names_of_tables(restore)
    if names is not None and entries is not None:
        return set(select(entries, names).extensions) - ALWAYS_THERE
    return {one.name for one in manifest.extensions} - ALWAYS_THERE
