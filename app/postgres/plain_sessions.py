"""Who is connected over the network without TLS, and what stands in the way of refusing that."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from app.postgres.connect import Session

_PLAIN: Final = """
SELECT a.pid, a.usename AS role, a.datname AS database, a.application_name AS application,
       host(a.client_addr) AS address, a.backend_start AS started_at
  FROM pg_catalog.pg_stat_activity AS a JOIN pg_catalog.pg_stat_ssl AS s USING (pid)
 WHERE NOT s.ssl AND a.client_addr IS NOT NULL AND ($1 OR NOT a.client_addr <<= ANY (ARRAY['127.0.0.0/8', '::1']::inet[]))
 ORDER BY a.backend_start
"""
_OURSELVES: Final = """
SELECT pg_catalog.current_setting('ssl') = 'on' AS has_tls,
       (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user) AS is_superuser,
       pg_catalog.pg_is_in_recovery() AS is_standby,
       coalesce(pg_catalog.inet_client_addr() <<= ANY (ARRAY['127.0.0.0/8', '::1']::inet[]), true) AS is_near,
       (SELECT ssl FROM pg_catalog.pg_stat_ssl WHERE pid = pg_catalog.pg_backend_pid()) AS is_encrypted
"""
_LOCK: Final = "SELECT pg_catalog.pg_try_advisory_lock(pg_catalog.hashtextextended('pgmanager tls enforcement', 0))"


@dataclass(frozen=True, slots=True)
class PlainSession:
    pid: int
    role: str | None
    database: str | None
    application: str | None
    address: str
    started_at: datetime | None


@dataclass(frozen=True, slots=True)
class Ourselves:
    """``is_near``: our own sessions come from the server's machine, as far as it can tell."""

    has_tls: bool
    is_superuser: bool
    is_standby: bool
    is_near: bool
    is_encrypted: bool


async def plain_sessions(session: Session, *, near_too: bool) -> list[PlainSession]:
    return [PlainSession(**dict(row)) for row in await session.fetch(_PLAIN, near_too)]


async def ourselves(session: Session) -> Ourselves:
    row = await session.fetchrow(_OURSELVES)
    assert row
    return Ourselves(**dict(row))


async def only_one(session: Session) -> bool:
    """Whether nobody else changes the same now; until the session ends."""
    return bool(await session.fetchval(_LOCK))
