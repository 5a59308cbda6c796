"""What a server's settings are, whoever asks: not what they are in our own session, which brings timeouts of its own."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from app.postgres.connect import Session
from app.postgres.parameter_values import Kind, normal

# What of a setting is ours alone: brought by our session, or set for our login or its database.
_OF_OUR_SESSION: Final = frozenset({"client", "session", "interactive", "user", "database", "database user", "global"})
_AUTO: Final = "postgresql.auto.conf"
_PARAMETER_RIGHTS: Final = 15  # the major since which ALTER SYSTEM can be granted for one setting

_SETTINGS: Final = """
    SELECT name, setting, current_setting(name, true) AS shown, unit, category, short_desc, extra_desc, context, vartype,
           source, min_val, max_val, enumvals, boot_val, reset_val, pending_restart, {alterable} AS alterable
    FROM pg_catalog.pg_settings ORDER BY name
"""
_FILE: Final = "SELECT name, setting, sourcefile, error FROM pg_catalog.pg_file_settings ORDER BY seqno"
_FILE_IS_READABLE: Final = """
    SELECT has_table_privilege('pg_catalog.pg_file_settings', 'SELECT')
       AND has_function_privilege('pg_catalog.pg_show_all_file_settings()', 'EXECUTE')
"""
_OVERRIDES: Final = """
    SELECT d.datname AS logical_database, r.rolname AS role, unnest(s.setconfig) AS line
    FROM pg_catalog.pg_db_role_setting s
    LEFT JOIN pg_catalog.pg_database d ON d.oid = s.setdatabase
    LEFT JOIN pg_catalog.pg_roles r ON r.oid = s.setrole
    ORDER BY 1 NULLS FIRST, 2 NULLS FIRST, 3
"""
_NAMES: Final = """
    SELECT (SELECT array_agg(rolname::text ORDER BY rolname) FROM pg_catalog.pg_roles) AS roles,
           (SELECT array_agg(rolname::text ORDER BY rolname) FROM pg_catalog.pg_roles WHERE rolcanlogin) AS logins,
           (SELECT array_agg(datname::text ORDER BY datname) FROM pg_catalog.pg_database) AS databases,
           (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user) AS is_superuser,
           has_function_privilege('pg_catalog.pg_reload_conf()', 'EXECUTE') AS may_reload,
           current_user::text AS login
"""


class Context(StrEnum):
    """When a setting can change."""

    INTERNAL = "internal"
    POSTMASTER = "postmaster"
    SIGHUP = "sighup"
    SUPERUSER_BACKEND = "superuser-backend"
    BACKEND = "backend"
    SUPERUSER = "superuser"
    USER = "user"


class Source(StrEnum):
    DEFAULT = "default"
    FILE = "file"
    ALTER_SYSTEM = "alter_system"
    COMMAND_LINE = "command_line"
    ENVIRONMENT = "environment"
    SERVER = "server"  # found out by the server itself


_SOURCES: Final = {
    "command line": Source.COMMAND_LINE,
    "environment variable": Source.ENVIRONMENT,
    "override": Source.SERVER,
    "default": Source.DEFAULT,
}


@dataclass(frozen=True, slots=True)
class Parameter:
    """``value`` is in the base unit ``unit``, ``shown`` as people write it; both are the whole server's.

    ``written`` is what ALTER SYSTEM has on file, ``beneath`` what another file says: None where neither does, or where our
    login may not look. ``coming`` is what the next restart brings, where that is another value.
    """

    kind: Kind
    name: str
    value: str
    shown: str
    category: str
    description: str
    context: Context
    source: Source
    boot: str
    reset: str
    pending_restart: bool
    alterable: bool
    written: str | None = None
    beneath: str | None = None
    coming: str | None = None


@dataclass(frozen=True, slots=True)
class Override:
    """Of one setting, for sessions of a role, in a database, or both; with neither for all of them."""

    name: str
    value: str
    logical_database: str | None
    role: str | None


@dataclass(frozen=True, slots=True)
class FileError:
    name: str | None
    error: str


@dataclass(frozen=True, slots=True)
class Reading:
    """Of a server at one moment. ``file_errors`` keep it from loading its files."""

    parameters: Mapping[str, Parameter]
    overrides: tuple[Override, ...]
    roles: frozenset[str]
    logins: tuple[str, ...]
    databases: frozenset[str]
    login: str
    is_superuser: bool
    may_reload: bool
    reads_files: bool
    file_errors: tuple[FileError, ...]

    def find(self, name: str) -> Parameter | None:
        """By its name in any case, as the server does."""
        return self.parameters.get(name) or self._by_lower_case().get(name.lower())

    def override(self, name: str, *, logical_database: str | None, role: str | None) -> str | None:
        wanted = (name.lower(), logical_database, role)
        found = (it.value for it in self.overrides if (it.name.lower(), it.logical_database, it.role) == wanted)
        return next(found, None)

    def revision(self) -> int:
        """Another number once anything that a caller may change has changed."""
        settings = [
            (it.name, it.value, it.written, it.coming)
            for it in self.parameters.values()
            if it.context is not Context.INTERNAL
        ]
        overrides = [(it.name, it.value, it.logical_database, it.role) for it in self.overrides]
        text = json.dumps([settings, overrides])
        return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8])

    def _by_lower_case(self) -> dict[str, Parameter]:
        return {name.lower(): parameter for name, parameter in self.parameters.items()}


async def read(session: Session) -> Reading:
    major = session.get_server_version().major
    names = await session.fetchrow(_NAMES)
    assert names is not None
    alterable = "has_parameter_privilege(name, 'ALTER SYSTEM')"
    rows = await session.fetch(
        _SETTINGS.format(alterable=alterable if major >= _PARAMETER_RIGHTS else str(bool(names["is_superuser"])))
    )
    reads_files = bool(await session.fetchval(_FILE_IS_READABLE))
    lines = await session.fetch(_FILE) if reads_files else []
    overrides = [_override(row) for row in await session.fetch(_OVERRIDES)]
    parameters = (_parameter(row, lines, reads_files=reads_files) for row in rows)
    return Reading(
        parameters={parameter.name: parameter for parameter in parameters},
        overrides=tuple(overrides),
        roles=frozenset(names["roles"]),
        logins=tuple(names["logins"] or ()),
        databases=frozenset(names["databases"]),
        login=names["login"],
        is_superuser=names["is_superuser"],
        may_reload=names["may_reload"],
        reads_files=reads_files,
        file_errors=tuple(_file_errors(lines)),
    )


def _parameter(row: Any, lines: Iterable[Any], *, reads_files: bool) -> Parameter:
    kind = Kind(
        row["name"],
        row["vartype"],
        row["unit"],
        row["min_val"],
        row["max_val"],
        tuple(row["enumvals"] or ()),
    )
    mine = [line for line in lines if line["name"] is not None and line["name"].lower() == row["name"].lower()]
    written = next((line["setting"] for line in reversed(mine) if _is_auto(line)), None)
    beneath = next((line["setting"] for line in reversed(mine) if not _is_auto(line)), None)
    source, value, shown = row["source"], row["setting"] or "", row["shown"] or ""
    boot = row["boot_val"] or ""
    if source in _OF_OUR_SESSION:
        shown = next((text for text in (written, beneath) if text is not None), boot)
        value = normal(kind, shown)
    elif not reads_files and source == "configuration file":
        written = value
    configured = next((text for text in (written, beneath) if text is not None), None)
    return Parameter(
        kind=kind,
        name=row["name"],
        value=value,
        shown=shown,
        category=row["category"],
        description=" ".join(text for text in (row["short_desc"], row["extra_desc"]) if text),
        context=Context(row["context"]),
        source=_source(source, written=written, beneath=beneath),
        boot=boot,
        reset=value if source in _OF_OUR_SESSION else row["reset_val"] or "",
        pending_restart=row["pending_restart"],
        alterable=row["alterable"],
        written=written,
        beneath=beneath,
        coming=normal(kind, configured if configured is not None else boot) if row["pending_restart"] else None,
    )


def _source(source: str, *, written: str | None, beneath: str | None) -> Source:
    if source in _SOURCES:
        return _SOURCES[source]
    if written is not None:
        return Source.ALTER_SYSTEM
    return Source.FILE if beneath is not None or source == "configuration file" else Source.DEFAULT


def _override(row: Any) -> Override:
    name, _, value = row["line"].partition("=")
    return Override(name, value, row["logical_database"], row["role"])


def _file_errors(lines: Iterable[Any]) -> Iterable[FileError]:
    for line in lines:
        # Said of each value that waits for a restart as well, which is no mistake in the file.
        if line["error"] is not None and line["error"] != "setting could not be applied":
            yield FileError(line["name"], line["error"])


def _is_auto(line: Any) -> bool:
    return str(line["sourcefile"]).endswith(_AUTO)
