"""One database takes the name of another: the old one is closed, its sessions ended, both renamed in one transaction.

From the first to the last of it nobody can connect, or the sessions that keep coming would keep the renaming from
happening: clients that keep trying see a few refused logins. Oids tell what was done already, so whoever died half-way
can be continued.
"""

import asyncio
from dataclasses import dataclass
from typing import Final

import asyncpg
import structlog

from app.errors import Conflict
from app.postgres.connect import Session
from app.postgres.identifiers import literal, quoted
from app.postgres.making import NameClash, names_of

log = structlog.get_logger()

_ROUNDS: Final = 3
_ENDED_WITHIN_SECONDS: Final = 5.0
_POLL_SECONDS: Final = 0.05
_LOCK_TIMEOUT: Final = "10s"


class SwapImpossible(Conflict):
    code, title = "SWAP_IMPOSSIBLE", "The databases are no longer what they were"


class DatabaseBusy(Conflict):
    code, title, retryable = "DATABASE_BUSY", "Somebody does not leave the database", True


@dataclass(frozen=True, slots=True)
class Swap:
    """``incoming`` stands under ``beside`` and gets ``name``; ``outgoing`` has ``name`` and is put away as ``aside``."""

    name: str
    incoming: int
    beside: str
    outgoing: int
    aside: str

    def reversed(self) -> "Swap":
        """What puts everything back."""
        return Swap(self.name, self.outgoing, self.aside, self.incoming, self.beside)


async def is_done(session: Session, swap: Swap) -> bool:
    """Raises SwapImpossible when the two have neither the names of before nor those of after."""
    names = await names_of(session, swap.incoming, swap.outgoing)
    found = (names.get(swap.incoming), names.get(swap.outgoing))
    if found == (swap.name, swap.aside):
        return True
    if found == (swap.beside, swap.name):
        return False
    raise SwapImpossible(
        f"Of the two databases that change places over the name {swap.name!r}, one is {_called(found[0])} and the other "
        f"{_called(found[1])}: somebody renamed or dropped one of them. Look at the server and name them as they should be."
    )


async def swap_names(session: Session, swap: Swap) -> None:
    """Does nothing when it was done before. Raises DatabaseBusy, SwapImpossible; the outgoing one is then open again.

    The one put away stays closed.
    """
    if await is_done(session, swap):
        return
    for left in reversed(range(_ROUNDS)):
        try:
            await _allow_connections(session, swap.name, allowed=False)
            await _end_sessions(session, swap.outgoing, swap.incoming)
            await _rename(session, swap)
        except BaseException as error:
            await asyncio.shield(_reopened(session, swap))
            if isinstance(error, asyncpg.ObjectInUseError | asyncpg.LockNotAvailableError):
                if left:
                    continue
                raise DatabaseBusy(
                    f"The database {swap.name!r} cannot be renamed: {error.args[0]}. Prepared transactions and "
                    "replication are ended by their owners only."
                ) from error
            raise
        log.info("databases.swapped", name=swap.name, aside=swap.aside)
        return


async def reopen(session: Session, swap: Swap) -> None:
    """Lets everybody into whichever of the two has the name now; for whoever may have died while it was closed."""
    names = await names_of(session, swap.incoming, swap.outgoing)
    if swap.name in names.values():
        await _allow_connections(session, swap.name, allowed=True)


async def take_name(session: Session, *, oid: int, beside: str, name: str) -> None:
    """Renames a database that nobody else knows yet. Fine when it was done before. Raises NameClash."""
    if (await names_of(session, oid)).get(oid) == name:
        return
    await _end_sessions(session, oid)
    try:
        await session.execute(f"ALTER DATABASE {quoted(beside)} RENAME TO {quoted(name)}")
    except asyncpg.DuplicateDatabaseError:
        raise NameClash(name) from None


async def _rename(session: Session, swap: Swap) -> None:
    async with session.transaction():
        await session.execute(f"SET LOCAL lock_timeout = {literal(_LOCK_TIMEOUT)}")
        await session.execute(f"ALTER DATABASE {quoted(swap.name)} RENAME TO {quoted(swap.aside)}")
        await session.execute(f"ALTER DATABASE {quoted(swap.beside)} RENAME TO {quoted(swap.name)}")
        # The incoming one is closed when it had been put away itself.
        await _allow_connections(session, swap.name, allowed=True)


async def _end_sessions(session: Session, *oids: int) -> None:
    """Background workers of the server come and go by themselves; renaming waits for those."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + _ENDED_WITHIN_SECONDS
    while loop.time() < deadline:
        ended = await session.fetch(
            "SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity "
            "WHERE datid = ANY ($1::oid[]) AND pid <> pg_catalog.pg_backend_pid()",
            oids,
        )
        if not ended:
            return
        await asyncio.sleep(_POLL_SECONDS)


async def _reopened(session: Session, swap: Swap) -> None:
    """After a failure: unless the connection itself was lost, in which case the next attempt does it."""
    try:
        await reopen(session, swap)
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
        log.warning("swap.not_reopened", name=swap.name, error=type(error).__name__)


async def _allow_connections(session: Session, name: str, *, allowed: bool) -> None:
    await session.execute(f"ALTER DATABASE {quoted(name)} WITH ALLOW_CONNECTIONS {'true' if allowed else 'false'}")


def _called(name: str | None) -> str:
    return "gone" if name is None else f"called {name!r}"
