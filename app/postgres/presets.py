"""What the presets of roles stand for: privileges, memberships, settings. Nothing here asks a server."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class RolePreset(StrEnum):
    READ = "read"
    WRITE = "write"  # rows, not tables
    MIGRATE = "migrate"  # as a member of the owners of what is there
    OWNER = "owner"  # of everything there
    MONITOR = "monitor"


class PointKind(StrEnum):
    DATABASE = "database"
    SCHEMA = "schema"
    TABLES = "tables"  # with views, materialised views and foreign tables
    SEQUENCES = "sequences"
    COLUMNS = "columns"
    FUTURE_TABLES = "future_tables"
    FUTURE_SEQUENCES = "future_sequences"
    FUTURE_SCHEMAS = "future_schemas"
    OWNERSHIP = "ownership"
    MEMBERSHIP = "membership"
    ATTRIBUTE = "attribute"
    SETTING = "setting"


@dataclass(frozen=True, slots=True)
class Point:
    """Something that a role has, or should have: a privilege, a membership, an attribute, a setting, objects.

    ``owner`` is whose future objects are meant, or whose objects should be the role's. ``objects`` are the first of
    ``count``.
    """

    kind: PointKind
    what: str
    schema: str | None = None
    owner: str | None = None
    count: int = 1
    objects: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Aim:
    """A preset on schemas: without ``schemas`` on all of them, those to come included.

    ``owners`` are those whose objects it is about; without them, whoever owns something there now.
    """

    preset: RolePreset
    schemas: tuple[str, ...] | None = None
    owners: tuple[str, ...] | None = None


FUTURE: Final = {"r": PointKind.FUTURE_TABLES, "S": PointKind.FUTURE_SEQUENCES, "n": PointKind.FUTURE_SCHEMAS}
MONITOR_CONNECTIONS: Final = 3

_TABLES: Final[dict[RolePreset, tuple[str, ...]]] = {
    RolePreset.READ: ("SELECT",),
    RolePreset.WRITE: ("SELECT", "INSERT", "UPDATE", "DELETE"),
}
_SEQUENCES: Final[dict[RolePreset, tuple[str, ...]]] = {
    RolePreset.READ: ("SELECT",),
    RolePreset.WRITE: ("USAGE", "SELECT", "UPDATE"),
}
_SCHEMAS: Final[dict[RolePreset, tuple[str, ...]]] = {
    RolePreset.READ: ("USAGE",),
    RolePreset.WRITE: ("USAGE",),
    RolePreset.MIGRATE: ("USAGE", "CREATE"),
    RolePreset.OWNER: ("USAGE", "CREATE"),
}
_FUTURE_KINDS: Final = {
    PointKind.FUTURE_TABLES: _TABLES,
    PointKind.FUTURE_SEQUENCES: _SEQUENCES,
    PointKind.FUTURE_SCHEMAS: {preset: _SCHEMAS[preset] for preset in (RolePreset.READ, RolePreset.WRITE)},
}


def as_on(preset: RolePreset, major: int) -> RolePreset:
    """13 has no predefined role that reads all data, so what monitors it reads by grants."""
    return RolePreset.READ if preset is RolePreset.MONITOR and major < 14 else preset  # noqa: PLR2004 (a version)


def on_database(preset: RolePreset) -> tuple[str, ...]:
    return ("CONNECT", "CREATE", "TEMPORARY") if preset is RolePreset.OWNER else ("CONNECT",)


def on_schemas(preset: RolePreset) -> tuple[str, ...]:
    return _SCHEMAS.get(preset, ())


def on_relations(preset: RolePreset, schemas: Iterable[str]) -> list[tuple[PointKind, str, str]]:
    """By schema, the privileges on all tables and on all sequences there are."""
    return [
        (kind, schema, privilege)
        for schema in schemas
        for kind, table in ((PointKind.TABLES, _TABLES), (PointKind.SEQUENCES, _SEQUENCES))
        for privilege in table.get(preset, ())
    ]


def on_future(preset: RolePreset, schemas: Sequence[str] | None, owners: Iterable[str]) -> set[Point]:
    """What is to be granted on what the owners make from now on."""
    return {
        Point(kind, privilege, schema=schema, owner=owner)
        for owner in owners
        for kind, table in _FUTURE_KINDS.items()
        if kind is not PointKind.FUTURE_SCHEMAS or schemas is None
        for privilege in table.get(preset, ())
        for schema in ((None,) if schemas is None else schemas)
    }


def memberships(preset: RolePreset, major: int, owners: Iterable[str]) -> set[str]:
    if preset is RolePreset.MIGRATE:
        return set(owners)
    if preset is not RolePreset.MONITOR:
        return set()
    since = {13: "pg_monitor", 14: "pg_read_all_data", 16: "pg_use_reserved_connections"}
    return {name for version, name in since.items() if version <= major}


def settings(preset: RolePreset, owners: Sequence[str], *, login: bool) -> dict[str, str]:
    """Of new sessions, where the caller does not wish for others."""
    if preset is RolePreset.MONITOR:
        return {"default_transaction_read_only": "on", "lock_timeout": "100ms", "statement_timeout": "5s"}
    if preset is not RolePreset.MIGRATE:
        return {}
    # What a migration makes belongs to the owner, or the next one could not change it.
    own = {"role": owners[0]} if login and len(owners) == 1 else {}
    return {"lock_timeout": "5s"} | own
