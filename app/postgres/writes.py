"""How much was written to a database's own tables, by the server's counters: a hint, not a proof."""

from dataclasses import dataclass
from typing import Final, Self

from app.postgres.connect import Session

# They are kept under oids, so they survive a rename. Backends add to them within a second, and a crash forgets them.
_COUNTERS: Final = """
SELECT coalesce(sum(n_tup_ins), 0)::bigint AS inserted, coalesce(sum(n_tup_upd), 0)::bigint AS updated,
       coalesce(sum(n_tup_del), 0)::bigint AS deleted,
       (SELECT stats_reset::text FROM pg_catalog.pg_stat_database
         WHERE datname = pg_catalog.current_database()) AS reset
  FROM pg_catalog.pg_stat_user_tables
"""


@dataclass(frozen=True, slots=True)
class Writes:
    inserted: int
    updated: int
    deleted: int
    reset: str | None = None

    def since(self, before: Self) -> "Writes | None":
        """None when it cannot be known: the counters were reset or lost, or a table was dropped."""
        change = Writes(self.inserted - before.inserted, self.updated - before.updated, self.deleted - before.deleted)
        is_known = self.reset == before.reset and min(change.inserted, change.updated, change.deleted) >= 0
        return change if is_known else None

    def __bool__(self) -> bool:
        return bool(self.inserted or self.updated or self.deleted)

    def __str__(self) -> str:
        return f"{self.inserted} inserted, {self.updated} updated and {self.deleted} deleted rows"


async def writes_so_far(session: Session) -> Writes:
    """Of the database that the session is in."""
    row = await session.fetchrow(_COUNTERS)
    assert row is not None
    return Writes(**dict(row))
