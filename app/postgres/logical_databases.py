"""The databases inside a server: listed, created, altered, dropped."""

from dataclasses import dataclass
from typing import Any, Final

import asyncpg

from app.errors import Conflict
from app.postgres.connect import Session
from app.postgres.identifiers import literal, quoted

# Measuring a database takes the right to connect to it, or to read all statistics; without it the call would fail.
_STATEMENT: Final = """
    SELECT d.datname::text AS name, pg_get_userbyid(d.datdba)::text AS owner, pg_encoding_to_char(d.encoding) AS encoding,
           d.datcollate::text AS collation,
           CASE WHEN has_database_privilege(d.oid, 'CONNECT') OR pg_has_role('pg_read_all_stats', 'USAGE')
                THEN pg_database_size(d.oid) END AS size_bytes,
           nullif(d.datconnlimit, -1) AS connection_limit, s.description AS comment
    FROM pg_database AS d
    LEFT JOIN pg_shdescription AS s ON s.objoid = d.oid AND s.classoid = 'pg_database'::regclass
    WHERE d.datallowconn AND NOT d.datistemplate
    ORDER BY d.datname
"""
# Ours that lie idle in a pool are nobody's work.
_END_IDLE: Final = """
    SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
    WHERE datname = $1 AND application_name LIKE 'pgmanager%' AND state = 'idle' AND pid <> pg_backend_pid()
"""
# Those of ours that were told to end are still seen for a moment; DROP DATABASE waits for them by itself.
_SESSIONS: Final = """
    SELECT usename::text AS role, application_name, count(*) AS count FROM pg_stat_activity
    WHERE datname = $1 AND pid <> pg_backend_pid()
      AND (application_name LIKE 'pgmanager%' AND state = 'idle') IS NOT TRUE
    GROUP BY 1, 2 ORDER BY 3 DESC
"""


class LogicalDatabaseInUse(Conflict):
    code, title, retryable = "LOGICAL_DATABASE_IN_USE", "The logical database has sessions", True

    def __init__(self, name: str, sessions: list[dict[str, Any]]) -> None:
        who = ", ".join(f"{it['count']} of {it['role']} ({it['application_name'] or 'no name'})" for it in sessions)
        super().__init__(
            f"{name!r} has sessions: {who or 'of somebody whom we may not see'}. Stop them, or send terminate=true, which ends "
            "them. Whoever reconnects at once may still be in the way of that.",
            sessions=sessions,
        )


@dataclass(frozen=True, slots=True)
class LogicalDatabase:
    name: str
    owner: str
    encoding: str
    collation: str
    size_bytes: int | None
    connection_limit: int | None = None
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class NewDatabase:
    """None leaves it to the server: its template's encoding and locale, our login as the owner."""

    name: str
    owner: str | None = None
    encoding: str | None = None
    locale: str | None = None
    template: str | None = None


async def logical_databases(session: Session) -> list[LogicalDatabase]:
    """Those that take connections, templates aside, by name."""
    return [LogicalDatabase(**dict(row)) for row in await session.fetch(_STATEMENT)]


async def logical_database(session: Session, name: str) -> LogicalDatabase | None:
    return next((found for found in await logical_databases(session) if found.name == name), None)


async def create_logical_database(session: Session, wish: NewDatabase) -> bool:
    """Whether it was not there. Another encoding or locale than the template's takes template0."""
    template = wish.template or ("template0" if wish.encoding or wish.locale else None)
    options = [
        f"{word} {text}"
        for word, text in (
            ("OWNER", wish.owner and quoted(wish.owner)),
            ("TEMPLATE", template and quoted(template)),
            ("ENCODING", wish.encoding and literal(wish.encoding)),
            ("LOCALE", wish.locale and literal(wish.locale)),
        )
        if text
    ]
    try:
        await session.execute(f"CREATE DATABASE {quoted(wish.name)} {' '.join(options)}")
    except asyncpg.DuplicateDatabaseError:
        return False
    return True


async def alter_logical_database(
    session: Session, name: str, *, owner: str | None, connection_limit: int | None, comment: str | None
) -> None:
    """All at once. An owner of None stays; no limit and no comment are set as such."""
    limit = -1 if connection_limit is None else connection_limit
    async with session.transaction():
        if owner is not None:
            await session.execute(f"ALTER DATABASE {quoted(name)} OWNER TO {quoted(owner)}")
        await session.execute(f"ALTER DATABASE {quoted(name)} CONNECTION LIMIT {limit:d}")
        said = "NULL" if comment is None else literal(comment)
        await session.execute(f"COMMENT ON DATABASE {quoted(name)} IS {said}")


async def sessions_in(session: Session, name: str) -> list[dict[str, Any]]:
    """Whose they are and how many, idle ones of ours ended."""
    await session.fetchval(_END_IDLE, name)
    return [dict(row) for row in await session.fetch(_SESSIONS, name)]


async def drop_logical_database(session: Session, name: str, *, terminate: bool) -> None:
    """Fine when it is gone. Raises LogicalDatabaseInUse."""
    sessions = await sessions_in(session, name)
    if sessions and not terminate:
        raise LogicalDatabaseInUse(name, sessions)
    force = " WITH (FORCE)" if terminate else ""
    try:
        await session.execute(f"DROP DATABASE IF EXISTS {quoted(name)}{force}")
    except asyncpg.ObjectInUseError:
        raise LogicalDatabaseInUse(name, await sessions_in(session, name)) from None
