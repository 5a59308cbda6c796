"""Whose sessions take up the connections of a server."""

from dataclasses import dataclass
from typing import Final

from app.postgres.connect import Session
from app.postgres.slots import OF_CLIENTS

_OWN: Final = "pgmanager%"

_COUNTS: Final = f"""
SELECT usename AS role, coalesce(application_name, '') AS application_name, count(*)::int AS count,
       CASE WHEN bool_and(backend_type IS NOT NULL)
            THEN count(*) FILTER (WHERE state LIKE 'idle in transaction%')::int END AS idle_in_transaction,
       (sum(count(*)) OVER ())::int AS total
  FROM pg_catalog.pg_stat_activity
 WHERE {OF_CLIENTS} AND coalesce(application_name, '') NOT LIKE $1
 GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2 LIMIT $2
"""  # noqa: S608 (what is put in is a constant)


@dataclass(frozen=True, slots=True)
class SessionCount:
    role: str | None
    application_name: str
    count: int
    idle_in_transaction: int | None


async def session_counts(session: Session, *, most: int) -> tuple[list[SessionCount], int]:
    """Those with the most sessions, and how many sessions there are altogether. Without this service's own."""
    rows = await session.fetch(_COUNTS, _OWN, most)
    counts = [
        SessionCount(row["role"], row["application_name"], row["count"], row["idle_in_transaction"]) for row in rows
    ]
    return counts, rows[0]["total"] if rows else 0
