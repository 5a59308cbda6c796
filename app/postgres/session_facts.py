"""What an open session can tell about the way to its server: version, round trips, writes, a pooler in between, free slots."""

import time
from dataclasses import dataclass
from typing import Final

from app.postgres.connect import Session
from app.postgres.slots import OF_CLIENTS

# The setting that 16 brought is null before.
_SLOTS: Final = f"""
SELECT pg_catalog.current_setting('max_connections')::int AS most,
       pg_catalog.current_setting('superuser_reserved_connections')::int AS for_superusers,
       coalesce(pg_catalog.current_setting('reserved_connections', true), '0')::int AS reserved,
       (SELECT count(*)::int FROM pg_catalog.pg_stat_activity WHERE {OF_CLIENTS}) AS used
"""  # noqa: S608 (what is put in is a constant)
_READ_WRITE: Final = """
SELECT pg_catalog.current_setting('transaction_read_only') = 'on' AS is_read_only,
       pg_catalog.pg_is_in_recovery() AS is_standby
"""
_MAY_READ_PASSWORDS: Final = "SELECT pg_catalog.has_column_privilege('pg_catalog.pg_authid', 'rolpassword', 'SELECT')"


@dataclass(frozen=True, slots=True)
class Slots:
    """``usable`` by ordinary roles; superusers take from the same, and then from what is reserved for them."""

    most: int
    for_superusers: int
    reserved: int
    used: int

    @property
    def usable(self) -> int:
        return max(0, self.most - self.for_superusers - self.reserved)

    @property
    def free(self) -> int:
        return max(0, self.usable - self.used)


async def slots(session: Session) -> Slots:
    row = await session.fetchrow(_SLOTS)
    assert row
    return Slots(**dict(row))


async def read_write(session: Session) -> tuple[bool, bool]:
    """Whether its transactions are read only, and whether the server is a standby."""
    row = await session.fetchrow(_READ_WRITE)
    assert row
    return row["is_read_only"], row["is_standby"]


async def is_behind_a_pooler(session: Session) -> bool:
    """A pooler greets with a number of its own in place of the server process's."""
    return bool(await session.fetchval("SELECT pg_catalog.pg_backend_pid()") != session.get_server_pid())


async def round_trips(session: Session, count: int) -> list[float]:
    """Milliseconds, shortest first."""
    taken = []
    for _ in range(count):
        began = time.perf_counter()
        await session.fetchval("SELECT 1")
        taken.append((time.perf_counter() - began) * 1000)
    return sorted(taken)


async def has_md5_password(session: Session, role: str) -> bool | None:
    """None where this login may not know."""
    # Asked instead of tried: a refusal would end the transaction that a session through a pooler is in.
    if not await session.fetchval(_MAY_READ_PASSWORDS):
        return None
    kept = await session.fetchval("SELECT rolpassword FROM pg_catalog.pg_authid WHERE rolname = $1", role)
    return None if kept is None else str(kept).startswith("md5")


async def is_encrypted(session: Session) -> bool:
    return bool(
        await session.fetchval("SELECT ssl FROM pg_catalog.pg_stat_ssl WHERE pid = pg_catalog.pg_backend_pid()")
    )


async def version(session: Session) -> tuple[str, int]:
    """As the server prints it, without what a packager adds; and its major."""
    printed = await session.fetchval("SELECT pg_catalog.current_setting('server_version')")
    number = await session.fetchval("SELECT pg_catalog.current_setting('server_version_num')::int")
    return str(printed).split(" ", 1)[0], int(number) // 10_000
