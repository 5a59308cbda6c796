"""What the rows of a table are, as one number: equal in two tables that hold the same rows in whatever order.

The sum of a hash of every row. Rows that are there twice count twice. No function of the database's owner runs: values go
in as what their type hashes or, where its hash leaves something out or depends on the server, as what its output function
writes; never by a cast, which an owner may define.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final

import asyncpg
import structlog

from app.postgres.connect import Session
from app.postgres.identifiers import quoted
from app.postgres.relations import Relation

log = structlog.get_logger()

BY_RECORD: Final = "record-1"  # hash_record_extended of the values
BY_TEXT: Final = "text-1"  # hashtextextended of the row as text
_WITH_RECORD_HASH: Final = 14

# Types whose own hash tells all values apart, does not depend on the server, and is quicker than writing them out.
# Not among them: enums and reg… types, whose numbers differ between servers; interval, where a month equals 30 days.
_HASHED: Final = frozenset(
    [
        "bool",
        "bytea",
        "cidr",
        "date",
        "float4",
        "float8",
        "inet",
        "int2",
        "int4",
        "int8",
        "jsonb",
        "macaddr",
        "macaddr8",
        "numeric",
        "oid",
        "time",
        "timestamp",
        "timestamptz",
        "uuid",
    ]
)
_TEXTS: Final = frozenset({"text", "varchar"})

# What output functions depend on. One backend only: the dump beside it needs the others.
_SETTINGS: Final = """
SET LOCAL search_path = ''; SET LOCAL timezone = 'UTC'; SET LOCAL datestyle = 'ISO, MDY';
SET LOCAL intervalstyle = 'postgres'; SET LOCAL extra_float_digits = 1; SET LOCAL bytea_output = 'hex';
SET LOCAL lc_monetary = 'C'; SET LOCAL max_parallel_workers_per_gather = 0; SET LOCAL statement_timeout = {milliseconds}
"""
# Generated columns are not in an archive. By name: a restore may put the columns of a table in another order.
_COLUMNS: Final = """
SELECT a.attrelid::bigint AS oid, a.attname AS name,
       CASE WHEN n.nspname = 'pg_catalog' THEN t.typname END AS type
  FROM pg_catalog.pg_attribute AS a
  JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid JOIN pg_catalog.pg_namespace AS n ON n.oid = t.typnamespace
 WHERE a.attrelid = ANY ($1::oid[]) AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
 ORDER BY a.attrelid, a.attname COLLATE "C"
"""

Column = tuple[str, str | None]  # name, and type if it is one of PostgreSQL's own


def algorithm_of(server_major: int) -> str:
    return BY_RECORD if server_major >= _WITH_RECORD_HASH else BY_TEXT


async def take_fingerprints(
    session: Session,
    tables: Sequence[Relation],
    *,
    algorithm: str,
    seconds: float,
    taken: Callable[[Relation, str], object],
    load: float = 1.0,
) -> None:
    """One table after the other, until all are ``taken`` or the time is over; one that cannot be read is left out.

    ``load`` is the share of the time that the server works on it: after each table it rests for the other share.
    May be cancelled at any moment: a transaction that the session is in stays as it was before.
    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    waiting = deque(tables)
    while waiting and (left := deadline - loop.time()) > 0:
        passing = session.transaction()  # a savepoint when there is one around it
        await passing.start()
        try:
            await session.execute(_SETTINGS.format(milliseconds=max(1, round(left * 1000))))
            columns = await _columns(session, waiting)
            while waiting and loop.time() < deadline:
                table, began = waiting[0], loop.time()
                value = await session.fetchval(
                    fingerprint_query(table, columns.get(table.oid, []), algorithm), timeout=deadline - loop.time()
                )
                waiting.popleft()
                taken(table, str(value))
                await asyncio.sleep((loop.time() - began) * (1 / load - 1))
        except TimeoutError:
            return
        except asyncpg.PostgresError as error:
            if loop.time() >= deadline:
                return
            log.info("fingerprint.left_out", table=waiting.popleft().sql, error=type(error).__name__)
        finally:
            await passing.rollback()


def fingerprint_query(table: Relation, columns: Sequence[Column], algorithm: str) -> str:
    if algorithm == BY_RECORD:
        row = f"ROW({', '.join(_hashable(*column) for column in columns)})"
        # Hashed once more: a record's hash is a sum over its columns, in which a swap between two rows would be lost.
        hashed = f"pg_catalog.hashfloat8extended(pg_catalog.hash_record_extended({row}, 0)::pg_catalog.float8, 0)"
    else:
        row = f"ROW({', '.join(quoted(name) for name, _ in columns)})"
        hashed = f'pg_catalog.hashtextextended({row}::pg_catalog.text COLLATE pg_catalog."C", 0)'
    return (
        f"SELECT coalesce(pg_catalog.sum({hashed}), 0)::pg_catalog.text FROM ONLY {table.sql} {table.condition or ''}"  # noqa: S608 (quoted names; the condition is the extension's own)
    )


def _hashable(name: str, type_name: str | None) -> str:
    if type_name in _HASHED:
        return quoted(name)
    if type_name in _TEXTS:
        # Under another collation two texts that differ may be equal.
        return f'{quoted(name)} COLLATE pg_catalog."C"'
    return f"""pg_catalog.format('%L', {quoted(name)}) COLLATE pg_catalog."C\""""


async def _columns(session: Session, tables: Sequence[Relation]) -> dict[int, list[Column]]:
    found: dict[int, list[Column]] = {}
    for row in await session.fetch(_COLUMNS, [table.oid for table in tables]):
        found.setdefault(row["oid"], []).append((row["name"], row["type"]))
    return found
