"""What a restored database holds, against what was counted on the snapshot that was dumped."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from app.postgres.connect import Session
from app.postgres.relations import Name, Relation, RelationKind, relations

_SEQUENCES: Final = """
SELECT schemaname AS schema, sequencename AS name, last_value, increment_by < 0 AS descends, cycle
  FROM pg_catalog.pg_sequences
"""
_LARGE_OBJECTS: Final = "SELECT pg_catalog.count(*) FROM pg_catalog.pg_largeobject_metadata"


@dataclass(frozen=True, slots=True)
class Compared:
    """``found`` is None where the relation is missing; ``expected`` None where nothing was counted."""

    schema: str
    name: str
    expected: int | None
    found: int | None
    equal: bool


async def compare_tables(
    session: Session, expected: Sequence[tuple[Name, int]], *, counted: Callable[[int], object]
) -> list[Compared]:
    """Exact counts, one table after the other; ``counted`` is told the rows so far. The session needs row_security off."""
    found = await _tables(session)
    rows, result = 0, []
    for name, wanted in expected:
        table = found.get(name)
        count = None if table is None else await _count(session, table)
        result.append(Compared(*name, wanted, count, count == wanted))
        rows += count or 0
        counted(rows)
    return result


async def find_tables(session: Session, expected: Sequence[Name]) -> list[Compared]:
    """After a restore without rows: whether the tables are there."""
    found = await _tables(session)
    return [Compared(*name, None, 0 if name in found else None, name in found) for name in expected]


async def compare_sequences(session: Session, expected: Sequence[tuple[Name, int | None]]) -> list[Compared]:
    """Sequences move on regardless of snapshots, so one that is further than it was read to be is fine; behind is not."""
    rows = {(row["schema"], row["name"]): row for row in await session.fetch(_SEQUENCES)}
    result = []
    for name, wanted in expected:
        row = rows.get(name)
        value: int | None = row["last_value"] if row else None
        if row is None:
            equal = False
        elif wanted is None or row["cycle"]:
            equal = True
        else:
            equal = value is not None and (value <= wanted if row["descends"] else value >= wanted)
        result.append(Compared(*name, wanted, value, equal))
    return result


async def count_large_objects(session: Session) -> int:
    return int(await session.fetchval(_LARGE_OBJECTS))


async def _tables(session: Session) -> dict[Name, Relation]:
    return {relation.key: relation for relation in await relations(session) if relation.kind is RelationKind.TABLE}


async def _count(session: Session, table: Relation) -> int:
    # Of a table that belongs to an extension, only the rows that meet the extension's own condition are dumped.
    query = f"SELECT pg_catalog.count(*) FROM ONLY {table.sql} {table.condition or ''}"  # noqa: S608 (quoted names)
    return int(await session.fetchval(query))
