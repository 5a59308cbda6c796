"""Databases made for a restore: created empty with another one's encoding and locale, found again, dropped."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Final

import asyncpg
import structlog

from app.errors import Conflict, Problem
from app.postgres.connect import Session, Target, connect
from app.postgres.identifiers import literal, quoted

log = structlog.get_logger()

MAINTENANCE: Final = "postgres"
# Ours alone until it is renamed: the restore, its progress and a spare one.
CONNECTION_LIMIT: Final = 5
# Dropping and creating end in a checkpoint, which on a busy server takes minutes.
CHECKPOINT_SECONDS: Final = 600.0

_WITH_PROVIDERS, _WITH_BUILTIN = 15, 17
# What a server says to a locale or an encoding that it does not have, or that do not fit together.
_NOT_OFFERED: Final = frozenset({"0A000", "22023", "42704", "42809", "XX000"})
_LARGEST_TABLES: Final = 20
_LARGEST: Final = """
SELECT c.oid::pg_catalog.regclass::text AS name
  FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
 WHERE c.relkind = 'r' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
 ORDER BY pg_catalog.pg_total_relation_size(c.oid) DESC LIMIT $1
"""


class NameClash(Conflict):
    code, title = "NAME_TAKEN", "The name is taken"

    def __init__(self, name: str) -> None:
        super().__init__(f"There is already a logical database {name!r} on the server; choose another name.")


@dataclass(frozen=True, slots=True)
class Shape:
    """What can be chosen at creation only. ``locale`` is that of the providers icu and builtin."""

    encoding: str
    collate: str
    ctype: str
    provider: str = "libc"
    locale: str | None = None


@asynccontextmanager
async def maintenance(target: Target, *, application_name: str, beside: str) -> AsyncGenerator[Session]:
    """A session in a database other than ``beside``, from which that one can be renamed or dropped."""
    elsewhere = target.with_database("template1" if beside == MAINTENANCE else MAINTENANCE)
    async with connect(
        elsewhere, application_name=application_name, statement_timeout_seconds=CHECKPOINT_SECONDS
    ) as session:
        yield session


async def oid_of(session: Session, name: str) -> int | None:
    found: int | None = await session.fetchval(
        "SELECT oid::bigint FROM pg_catalog.pg_database WHERE datname = $1", name
    )
    return found


async def names_of(session: Session, *oids: int) -> dict[int, str]:
    rows = await session.fetch(
        "SELECT oid::bigint, datname FROM pg_catalog.pg_database WHERE oid = ANY ($1::oid[])", oids
    )
    return {row["oid"]: row["datname"] for row in rows}


async def names_beginning(session: Session, prefix: str) -> list[str]:
    rows = await session.fetch("SELECT datname FROM pg_catalog.pg_database WHERE starts_with(datname, $1)", prefix)
    return [row["datname"] for row in rows]


async def create_database(
    session: Session, name: str, shape: Shape, *, server_major: int, tablespace: str | None = None
) -> str | None:
    """An empty database. Where the server does not offer its locale, another one is taken, and named in the answer.

    Raises NameClash.
    """
    where = f" TABLESPACE {quoted(tablespace)}" if tablespace else ""
    encoding = f"ENCODING {literal(shape.encoding)}"
    attempts: list[tuple[str, str | None]] = [
        (encoding, "the server's own"),
        (f"{encoding} LC_COLLATE 'C' LC_CTYPE 'C'", "C"),
    ]
    if exact := _clauses(shape, server_major):
        attempts.insert(0, (f"{encoding} {exact}", None))
    refusal: asyncpg.PostgresError | None = None
    for clauses, instead in attempts:
        try:
            await session.execute(
                f"CREATE DATABASE {quoted(name)} TEMPLATE template0 {clauses}{where} CONNECTION LIMIT {CONNECTION_LIMIT}"
            )
        except asyncpg.DuplicateDatabaseError:
            raise NameClash(name) from None
        except asyncpg.PostgresError as error:
            if error.sqlstate not in _NOT_OFFERED:
                raise
            refusal = error
        else:
            return instead
    assert refusal is not None
    raise refusal


async def drop_database(session: Session, name: str) -> None:
    """Ends its sessions first. Fine when there is none of that name."""
    await session.execute(f"DROP DATABASE IF EXISTS {quoted(name)} WITH (FORCE)")
    log.info("database.dropped", name=name)


async def make_room(target: Target, *, application_name: str) -> None:
    """Drops the largest tables of a database that is about to be dropped itself.

    That ends in a checkpoint, which has other databases' pages to write: on a disk that is full it fails, and the rows
    that fill the disk stay. Dropping tables gives their space back without one.
    """
    with suppress(Problem):
        async with connect(target, application_name=application_name, lock_timeout_seconds=1) as session:
            for row in await session.fetch(_LARGEST, _LARGEST_TABLES):
                with suppress(asyncpg.PostgresError):
                    await session.execute(f"DROP TABLE IF EXISTS {row['name']} CASCADE")


def _clauses(shape: Shape, server_major: int) -> str | None:
    """None where the server is too old for the provider."""
    plain = f"LC_COLLATE {literal(shape.collate)} LC_CTYPE {literal(shape.ctype)}"
    match shape.provider:
        case "icu" if server_major >= _WITH_PROVIDERS and shape.locale is not None:
            return f"LOCALE_PROVIDER icu ICU_LOCALE {literal(shape.locale)} {plain}"
        case "builtin" if server_major >= _WITH_BUILTIN and shape.locale is not None:
            return f"LOCALE_PROVIDER builtin BUILTIN_LOCALE {literal(shape.locale)} {plain}"
        case "libc":
            return f"LOCALE_PROVIDER libc {plain}" if server_major >= _WITH_PROVIDERS else plain
    return None
