"""Takes out of a control database what a test left in it, so that the next test can have it."""

from typing import Final

import asyncpg

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


async def emptied(url: str, catalogue: str) -> bool:
    """Whether it is now as when ``catalogue`` was asked; what is not can only be dropped. Ends its other sessions."""
    session = await asyncpg.connect(url)
    try:
        await session.execute(
            f"SELECT pg_terminate_backend(pid, {_END_MILLISECONDS}) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        if await _catalogue(session) != catalogue or await _bytes(session) > _MOST_BYTES:
            return False
        await _delete_rows(session)
        return True
    finally:
        await session.close()


async def _catalogue(session: "asyncpg.Connection[asyncpg.Record]") -> str:
    """By the transactions that wrote its rows."""
    seen = ", ".join(f"(SELECT concat(count(*), ':', sum(xmin::text::bigint)) FROM pg_{name})" for name in _CATALOGUES)
    return str(await session.fetchval(f"SELECT concat_ws(' ', {seen})"))


async def _bytes(session: "asyncpg.Connection[asyncpg.Record]") -> int:
    return int(
        await session.fetchval(
            "SELECT sum(pg_relation_size(oid)) FROM pg_class WHERE relkind IN ('r', 'i', 't') AND oid >= 16384"
        )
    )


async def _delete_rows(session: "asyncpg.Connection[asyncpg.Record]") -> None:
    tables = await session.fetch(
        "SELECT quote_ident(relname) FROM pg_class WHERE relkind = 'r' AND oid >= 16384 AND relname <> $1", _KEPT
    )
    filled = await session.fetch(
        " UNION ALL ".join(f"SELECT '{table}' WHERE EXISTS (SELECT FROM {table})" for (table,) in tables)
    )
    # Without the foreign keys' triggers, so in any order.
    statements = ["SET session_replication_role = replica", *(f"DELETE FROM {table}" for (table,) in filled)]
    await session.execute("; ".join(statements))
