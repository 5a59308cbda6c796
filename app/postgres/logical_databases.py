"""The databases inside a server."""

from dataclasses import dataclass
from typing import Final

from app.postgres.connect import Session

# Measuring a database takes the right to connect to it, or to read all statistics; without it the call would fail.
_STATEMENT: Final = """
    SELECT datname AS name, pg_get_userbyid(datdba) AS owner, pg_encoding_to_char(encoding) AS encoding,
           datcollate AS collation,
           CASE WHEN has_database_privilege(oid, 'CONNECT') OR pg_has_role('pg_read_all_stats', 'USAGE')
                THEN pg_database_size(oid) END AS size_bytes
    FROM pg_database
    WHERE datallowconn AND NOT datistemplate
    ORDER BY datname
"""


@dataclass(frozen=True, slots=True)
class LogicalDatabase:
    name: str
    owner: str
    encoding: str
    collation: str
    size_bytes: int | None


async def logical_databases(session: Session) -> list[LogicalDatabase]:
    """Those that take connections, templates aside, by name."""
    return [LogicalDatabase(**dict(row)) for row in await session.fetch(_STATEMENT)]
