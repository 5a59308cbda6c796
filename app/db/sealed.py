"""Sealed columns: what binds a value to its row, and sealing all of them anew when the primary key changed.

A column whose name ends with ``_sealed`` holds what ``KeyRing.seal`` gave, in a table whose primary key is ``id``.
"""

from uuid import UUID

from sqlalchemy import Column, Table, func, select, update
from sqlmodel import SQLModel

from app.db.engine import Sessions
from app.kit.sealing import KeyRing

SUFFIX = "_sealed"
BATCH = 500


def sealed_context(table: str, column: str, row_id: UUID) -> str:
    """The associated data of one value, so that it opens in its own place only."""
    return f"{table}.{column}:{row_id}"


async def reseal(sessions: Sessions, key_ring: KeyRing) -> int:
    """Seals with the primary key whatever another key of the ring sealed; says how many values that were.

    Rows are taken in batches, each its own transaction, and locked while they are changed: it may run beside a service
    that has the same ring, be interrupted, and be run again. Once it says 0, the old keys may leave the setting.
    """
    count = 0
    for table in SQLModel.metadata.sorted_tables:
        for column in table.columns:
            if column.name.endswith(SUFFIX):
                count += await _reseal_column(sessions, key_ring, table, column)
    return count


async def _reseal_column(sessions: Sessions, key_ring: KeyRing, table: Table, column: Column[bytes | None]) -> int:
    count, last = 0, UUID(int=0)
    while True:
        async with sessions() as session, session.begin():
            connection = await session.connection()
            query = (
                select(table.c.id, column)
                .where(table.c.id > last, func.length(column) > 0)  # null and empty hold nothing
                .order_by(table.c.id)
                .limit(BATCH)
                .with_for_update()
            )
            rows = (await connection.execute(query)).all()
            for row_id, sealed in rows:
                if key_ring.needs_rotation(sealed):
                    fresh = key_ring.reseal(sealed, context=sealed_context(table.name, column.name, row_id))
                    await connection.execute(update(table).where(table.c.id == row_id).values({column.name: fresh}))
                    count += 1
        if len(rows) < BATCH:
            return count
        last = rows[-1][0]
