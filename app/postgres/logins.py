"""What a rotation does to a login on its server. Clear passwords never get there: a verifier does."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import asyncpg

from app.postgres.connect import Session, Target, connect
from app.postgres.errors import AuthenticationFailed
from app.postgres.identifiers import literal, quoted

APPLICATION_NAME: Final = "pgmanager rotation"

# Of sessions of others a login without pg_read_all_stats sees no more than that they are there, and whose.
_SESSIONS: Final = """
SELECT coalesce(nullif(application_name, ''), '(without a name)') AS name, client_addr::text AS address,
       backend_start AS since
  FROM pg_catalog.pg_stat_activity
 WHERE usename = $1 AND coalesce(backend_type, 'client backend') = 'client backend'
 ORDER BY backend_start
"""
_END: Final = """
SELECT pg_catalog.count(pg_catalog.pg_terminate_backend(pid)) FROM pg_catalog.pg_stat_activity
 WHERE usename = $1 AND pid <> pg_catalog.pg_backend_pid()
"""


@dataclass(frozen=True, slots=True)
class LoginSession:
    """``address`` and ``since`` are absent where we may not look, and the former for one by the server's own socket."""

    name: str
    address: str | None
    since: datetime | None

    def __str__(self) -> str:
        since = f", there since {self.since:%Y-%m-%d %H:%M} UTC" if self.since else ""
        return f"{self.name} from {self.address or 'an address that is not told'}{since}"


async def missing_roles(session: Session, roles: Collection[str]) -> list[str]:
    there = await session.fetch("SELECT rolname FROM pg_catalog.pg_roles WHERE rolname = ANY ($1)", list(roles))
    return sorted(set(roles) - {row["rolname"] for row in there})


async def set_password(session: Session, role: str, verifier: str) -> None:
    """Of a role that logs in already; one may do this to oneself without any right. Replaces a hash of any kind."""
    await session.execute(f"ALTER ROLE {quoted(role)} PASSWORD {literal(verifier)}")


async def let_in(session: Session, role: str, verifier: str) -> None:
    await session.execute(f"ALTER ROLE {quoted(role)} LOGIN PASSWORD {literal(verifier)}")


async def shut_out(session: Session, role: str) -> None:
    """Sessions that are there stay."""
    await session.execute(f"ALTER ROLE {quoted(role)} NOLOGIN PASSWORD NULL")


async def sessions_of(session: Session, role: str) -> list[LoginSession]:
    """Oldest first."""
    return [LoginSession(row["name"], row["address"], row["since"]) for row in await session.fetch(_SESSIONS, role)]


async def end_sessions_of(session: Session, role: str) -> bool:
    """False where our login may not end those of others."""
    try:
        await session.fetchval(_END, role)
    except asyncpg.InsufficientPrivilegeError:
        return False
    return True


async def refusal_of(target: Target) -> str | None:
    """What the server says against this login; None if it lets it in. Whatever else goes wrong is raised."""
    try:
        async with connect(target, application_name=APPLICATION_NAME) as session:
            await session.execute("SELECT 1")
    except AuthenticationFailed as refused:
        return refused.detail
    return None
