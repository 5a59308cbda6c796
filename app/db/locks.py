"""Advisory locks: names hashed to the 64-bit keys that PostgreSQL takes."""

import hashlib

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from app.db.sql import run_sql

_LOCK = text("SELECT pg_advisory_xact_lock(key) FROM unnest(CAST(:keys AS bigint[])) AS key")
_TRY_LOCK = text("SELECT bool_and(pg_try_advisory_xact_lock(key)) FROM unnest(CAST(:keys AS bigint[])) AS key")


def lock_key(space: str, *parts: object) -> int:
    """The signed 64-bit key of a name. Two names collide once in 2**32 or so, which costs a wait and nothing else."""
    name = "\x1f".join((space, *(str(part) for part in parts)))
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)


async def lock_until_commit(session: AsyncSession, *keys: int) -> None:
    """Waits for all ``keys``, in one order for every caller so that two of them cannot wait for each other."""
    if keys:
        await run_sql(session, _LOCK, {"keys": sorted(set(keys))})


async def try_lock_until_commit(session: AsyncSession, *keys: int) -> bool:
    """Whether all ``keys`` were free; those that were are held until the transaction ends, also on False."""
    if not keys:
        return True
    return bool((await run_sql(session, _TRY_LOCK, {"keys": sorted(set(keys))})).scalar_one())
