"""Changing settings of a server: ALTER SYSTEM for all of it, ALTER ROLE and ALTER DATABASE for some of its sessions."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

import asyncpg

from app.db.locks import lock_key
from app.errors import Conflict
from app.postgres.connect import Session, Target, connect
from app.postgres.errors import DRIVER_ERRORS, translate
from app.postgres.identifiers import literal, quoted
from app.postgres.parameter_values import QUOTED_LISTS, entries
from app.postgres.parameters import Reading, read

_APPLICATION_NAME: Final = "pgmanager settings"
_LOCK: Final = lock_key("settings")
_LOADED_SECONDS: Final = 30.0
_POLL_SECONDS: Final = 0.02
_LIBRARY: Final = """
    SELECT (pg_catalog.pg_stat_file(folder.setting || '/' || $1 || '.so', true)).size IS NOT NULL
    FROM pg_catalog.pg_config AS folder WHERE folder.name = 'PKGLIBDIR'
"""


class SettingsNotLoaded(Conflict):
    """The server has what was written on file, and goes on with what it had."""

    code, title = "SETTINGS_NOT_LOADED", "The server did not load its settings"


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose sessions a setting is for: the whole server's, unless a database, a role or both are named."""

    logical_database: str | None = None
    role: str | None = None

    @property
    def is_system(self) -> bool:
        return self.logical_database is None and self.role is None

    def __str__(self) -> str:
        if self.is_system:
            return "the whole server"
        named = [f"role {self.role}"] if self.role is not None else []
        named += [f"database {self.logical_database}"] if self.logical_database is not None else []
        return " in ".join(named)


@asynccontextmanager
async def only_writer(target: Target) -> AsyncGenerator[Session]:
    """A session during which nobody else of ours changes settings of the server. Raises LockTimeout."""
    async with connect(target, application_name=_APPLICATION_NAME) as session:
        await session.execute(f"SELECT pg_catalog.pg_advisory_lock({_LOCK})")
        yield session


async def write(session: Session, target: Target, scope: Scope, values: Mapping[str, str | None]) -> None:
    """None takes a setting away. For some sessions all or nothing; for the whole server one after the other, and loaded.

    Raises a problem of the server, and SettingsNotLoaded, after which they stand on file.
    """
    try:
        if scope.is_system:
            for name, value in values.items():  # ALTER SYSTEM runs in no transaction
                await session.execute(f"ALTER SYSTEM {_assignment(name, value)}")
            await _reload(session)
            return
        async with session.transaction():
            for name, value in values.items():
                await session.execute(f"{_altered(scope)} {_assignment(name, value)}")
    except DRIVER_ERRORS as error:
        raise translate(error, target) from error


async def seen_anew(target: Target) -> Reading:
    """As a session sees it that begins now."""
    async with connect(target, application_name=_APPLICATION_NAME) as session:
        return await read(session)


async def refused(session: Session, values: Mapping[str, str]) -> dict[str, str]:
    """Of settings that a session may have of its own, what the server says against a value."""
    reasons: dict[str, str] = {}
    for name, value in values.items():
        transaction = session.transaction()
        await transaction.start()
        try:
            await session.fetchval("SELECT pg_catalog.set_config($1, $2, true)", name, value)
        except asyncpg.InvalidParameterValueError as error:
            reasons[name] = str(error.args[0])
        except asyncpg.PostgresError:  # not for our session to set, which says nothing about the value
            pass
        finally:
            await transaction.rollback()
    return reasons


async def missing_libraries(session: Session, names: list[str]) -> list[str]:
    """Those that a server would not start with. One that is named by a path, or found by another one, is believed."""
    if await session.fetchval("SELECT current_setting('dynamic_library_path')") != "$libdir":
        return []
    plain = [name.removeprefix("$libdir/") for name in names]
    return [name for name in plain if "/" not in name and not await session.fetchval(_LIBRARY, name)]


def _altered(scope: Scope) -> str:
    if scope.role is None:
        assert scope.logical_database is not None
        return f"ALTER DATABASE {quoted(scope.logical_database)}"
    within = f" IN DATABASE {quoted(scope.logical_database)}" if scope.logical_database is not None else ""
    return f"ALTER ROLE {quoted(scope.role)}{within}"


def _assignment(name: str, value: str | None) -> str:
    named = ".".join(quoted(part) for part in name.split("."))
    if value is None:
        return f"RESET {named}"
    texts = [value]
    if name in QUOTED_LISTS:
        texts = entries(name, value) or [""]
    return f"SET {named} = {', '.join(literal(text) for text in texts)}"


async def _reload(session: Session) -> None:
    """Every process loads the files by itself, the one that makes new sessions first; ours is one of the others."""
    before = await session.fetchval("SELECT pg_catalog.pg_conf_load_time()")
    await session.execute("SELECT pg_catalog.pg_reload_conf()")
    loop = asyncio.get_running_loop()
    deadline = loop.time() + _LOADED_SECONDS
    while not await session.fetchval("SELECT pg_catalog.pg_conf_load_time() > $1", before):
        errors = (await read(session)).file_errors
        if errors:
            said = "; ".join(f"{it.name}: {it.error}" if it.name else it.error for it in errors)
            raise SettingsNotLoaded(
                f"The server refuses its configuration files as a whole: {said}. Correct them, then try again."
            )
        if loop.time() > deadline:
            raise SettingsNotLoaded(
                f"The server did not load its configuration within {_LOADED_SECONDS:.0f} s. Its log says why."
            )
        await asyncio.sleep(_POLL_SECONDS)
