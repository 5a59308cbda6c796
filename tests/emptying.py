"""Takes out of a control database what a test left in it, so that the next test can have it.

Nearly every test pays for this, so it is one session, which looks into no table without rows.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Final, TypeAlias

import asyncpg

from app.postgres.identifiers import literal

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
Look = Callable[[Connection, Sequence[str]], Awaitable[None]]

# A test that fills tables leaves pages that every later look at them would have to read.
_MOST_BYTES: Final = 4 * 1024 * 1024
_END_MILLISECONDS: Final = 20_000
# What is in it stays: a migration put it there.
_KEPT: Final = "alembic_version"
_CATALOGUES: Final = (
    "attrdef",
    "attribute",
    "class",
    "constraint",
    "db_role_setting",
    "depend",
    "index",
    "namespace",
    "proc",
    "statistic",
    "trigger",
    "type",
)


async def catalogue_of(url: str) -> str:
    """Is another one after any statement that changes what there is besides rows."""
    session = await asyncpg.connect(url)
    try:
        return await _catalogue(session)
    finally:
        await session.close()


async def emptied(url: str, catalogue: str, look: Look) -> bool:
    """Whether it is now as when ``catalogue`` was asked; what is not can only be dropped. Ends its other sessions.

    ``look`` is given the tables that have rows, while they have them.
    """
    session = await asyncpg.connect(url)
    try:
        await session.execute(
            f"SELECT pg_terminate_backend(pid, {_END_MILLISECONDS}) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        filled = await filled_tables(session)
        await look(session, filled)
        if await _catalogue(session) != catalogue or await _bytes(session, filled) > _MOST_BYTES:
            return False
        await _delete_rows(session, filled)
        return True
    finally:
        await session.close()


async def filled_tables(session: Connection) -> list[str]:
    """Every table of ours and of the test that has a row, by the name that SQL takes."""
    tables = await session.fetch("SELECT oid::regclass::text FROM pg_class WHERE relkind = 'r' AND oid >= 16384")
    questions = (f"SELECT {literal(table)} WHERE EXISTS (SELECT FROM {table})" for (table,) in tables)
    return [table for (table,) in await session.fetch(" UNION ALL ".join(questions))]


async def _catalogue(session: Connection) -> str:
    """By the transactions that wrote its rows."""
    seen = ", ".join(f"(SELECT concat(count(*), ':', sum(xmin::text::bigint)) FROM pg_{name})" for name in _CATALOGUES)
    return str(await session.fetchval(f"SELECT concat_ws(' ', {seen})"))


async def _bytes(session: Connection, tables: Sequence[str]) -> int:
    sizes = "SELECT sum(pg_total_relation_size(name::regclass)) FROM unnest($1::text[]) AS name"
    return int(await session.fetchval(sizes, tables))


async def _delete_rows(session: Connection, tables: Sequence[str]) -> None:
    # Without the foreign keys' triggers, so in any order.
    statements = ["SET session_replication_role = replica"]
    statements += [f"DELETE FROM {table}" for table in tables if table != _KEPT]
    await session.execute("; ".join(statements))
