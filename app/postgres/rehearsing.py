"""Making a scratch server ready for a backup: its roles, its extensions, and a login that may do no more than it must.

What stands in a backup was written by whoever owns the database, and part of it runs while it is restored: checks, index
expressions, materialised views. A superuser can run programs on this machine, so it is not a superuser that restores.
"""

import re
import secrets
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from typing import Final

import asyncpg
from pydantic import SecretStr

from app.errors import Unprocessable
from app.postgres.archive import entries_of
from app.postgres.connect import Session, Target, connect
from app.postgres.identifiers import literal, quoted
from app.postgres.roles import create_roles, missing_extensions

RESTORER: Final = "pgm_restorer"
_BUILT_IN: Final = frozenset({"plpgsql"})
_SCHEMAS_THERE: Final = frozenset({"public", "pg_catalog"})
_READS_AND_WRITES: Final = ("pg_read_all_data", "pg_write_all_data")  # since 14; rows of tables that extensions own
# Nothing depends on these, and only a superuser makes them.
_FOR_SUPERUSERS: Final = frozenset(
    {"EVENT TRIGGER", "PUBLICATION", "PUBLICATION TABLE", "PUBLICATION TABLES IN SCHEMA", "SECURITY LABEL"}
)
_CREATE_ROLE: Final = re.compile(r'^CREATE ROLE ([a-z_][a-z0-9_$]*|"(?:[^"]|"")+");$', re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Needed:
    """An extension of the database that was backed up."""

    name: str
    version: str
    schema: str


def roles_of(script: str) -> list[str]:
    """Whom a script of pg_dumpall makes. Nothing else of it is wanted: neither password hashes nor settings."""
    names = _CREATE_ROLE.findall(script)
    return [name[1:-1].replace('""', '"') if name.startswith('"') else name for name in names]


async def make_restorer(superuser: Target, database: str, *, application_name: str) -> Target:
    """A login that owns ``database`` and reads and writes all tables in it."""
    password = SecretStr(secrets.token_urlsafe(24))
    async with connect(superuser, application_name=application_name) as session:
        await session.execute(f"CREATE ROLE {RESTORER} LOGIN BYPASSRLS PASSWORD {literal(password.get_secret_value())}")
        await session.execute(f"ALTER DATABASE {quoted(database)} OWNER TO {RESTORER}")
        for role in _READS_AND_WRITES:
            if await session.fetchval("SELECT pg_catalog.to_regrole($1) IS NOT NULL", role):
                await session.execute(f"GRANT {role} TO {RESTORER}")
    async with connect(superuser.with_database(database), application_name=application_name) as session:
        await session.execute(f"ALTER SCHEMA public OWNER TO {RESTORER}")
    return replace(superuser, user=RESTORER, password=password, database=database)


async def make_roles(superuser: Target, names: Iterable[str], *, application_name: str) -> int:
    """Without a login. Predefined ones are the server's own."""
    wanted = sorted({name for name in names if not name.startswith("pg_")})
    async with connect(superuser, application_name=application_name) as session:
        await create_roles(session, wanted)
    return len(wanted)


async def absent_extensions(superuser: Target, needed: Collection[Needed], *, application_name: str) -> list[str]:
    async with connect(superuser, application_name=application_name) as session:
        return await missing_extensions(session, {one.name for one in needed} - _BUILT_IN)


async def make_extensions(database: Target, needed: Collection[Needed], *, owner: str, application_name: str) -> None:
    """In the schemas where they were, of the same version where the server offers it."""
    async with connect(database, application_name=application_name, statement_timeout_seconds=300) as session:
        for schema in sorted({one.schema for one in needed} - _SCHEMAS_THERE):
            await session.execute(f"CREATE SCHEMA IF NOT EXISTS {quoted(schema)} AUTHORIZATION {quoted(owner)}")
        for one in needed:
            if one.name in _BUILT_IN:
                continue
            version = f" VERSION {literal(one.version)}" if await _offers(session, one) else ""
            try:
                await session.execute(
                    f"CREATE EXTENSION IF NOT EXISTS {quoted(one.name)} WITH SCHEMA {quoted(one.schema)}{version} CASCADE"
                )
            except asyncpg.PostgresError as error:
                raise ExtensionNotMade(one.name, error.args[0] if error.args else "no reason given") from error
        for row in await session.fetch("SELECT fdwname FROM pg_catalog.pg_foreign_data_wrapper"):
            await session.execute(f"GRANT USAGE ON FOREIGN DATA WRAPPER {quoted(row['fdwname'])} TO {quoted(owner)}")


class ExtensionNotMade(Unprocessable):
    code, title = "EXTENSION_UNAVAILABLE", "The server cannot make an extension"

    def __init__(self, name: str, said: str) -> None:
        super().__init__(
            f"The extension {name} cannot be made in a scratch server of this machine: {said}.", extension=name
        )


async def _offers(session: Session, one: Needed) -> bool:
    return bool(
        await session.fetchval(
            "SELECT EXISTS (SELECT FROM pg_catalog.pg_available_extension_versions WHERE name = $1 AND version = $2)",
            one.name,
            one.version,
        )
    )


@dataclass(slots=True)
class Choice:
    """Which entries of an archive are restored; ``left_out`` fills up with those that only a superuser could."""

    needed: Collection[Needed]
    as_superuser: bool
    left_out: list[str]

    def __call__(self, header: bytes) -> list[int]:
        schemas = {one.schema for one in self.needed} - _SCHEMAS_THERE
        chosen = []
        for entry in entries_of(header):
            if entry.desc == "SCHEMA" and entry.tag in schemas:
                continue
            if entry.desc == "EXTENSION" or (entry.desc == "COMMENT" and entry.tag.startswith("EXTENSION ")):
                continue
            if entry.desc in _FOR_SUPERUSERS and not self.as_superuser:
                self.left_out.append(f"{entry.desc} {entry.tag}")
                continue
            chosen.append(entry.dump_id)
        return chosen


async def extensions_of(session: Session) -> dict[str, str]:
    return {
        row["extname"]: row["extversion"]
        for row in await session.fetch("SELECT extname, extversion FROM pg_catalog.pg_extension")
    }


async def database_size(session: Session) -> int:
    size = await session.fetchval("SELECT pg_catalog.pg_database_size(pg_catalog.current_database())")
    assert isinstance(size, int)
    return size
