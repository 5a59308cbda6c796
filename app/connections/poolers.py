"""The PgBouncer before a database, as others above ask for it: where it is, and what its clients may do there."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.connections.models import Pool, Pooler, PoolerState

PREPARED_SINCE: Final = (1, 21)  # the first that follows statements prepared by the protocol from server to server
PREPARED_BY_DEFAULT_SINCE: Final = (1, 24)  # between the two they are followed only where an option says so
_AS_IT_COMES: Final = 200  # max_prepared_statements of those


@dataclass(frozen=True, slots=True)
class PoolerFacts:
    """``prepared_statements`` is about pools in transaction mode: in session mode every client may prepare."""

    version: str | None
    prepared_statements: bool

    @classmethod
    def of(cls, pooler: Pooler) -> "PoolerFacts":
        return cls(pooler.version, follows_prepared_statements(pooler.version, pooler.options))


async def live_pooler(session: AsyncSession, database_id: UUID, *, change: bool = False) -> Pooler | None:
    """The one of this database, in whatever state but deleted. Its address is ``host`` and ``port``, once it has one."""
    query = select(Pooler).where(Pooler.database_id == database_id, Pooler.state != PoolerState.DELETED)
    if change:
        query = query.with_for_update()
    return (await session.exec(query.execution_options(populate_existing=True))).one_or_none()


async def pools_of(session: AsyncSession, pooler_id: UUID) -> Sequence[Pool]:
    """By name, which is what clients give as their database."""
    query = select(Pool).where(Pool.pooler_id == pooler_id).order_by(col(Pool.name))
    return (await session.exec(query.execution_options(populate_existing=True))).all()


def version_of(said: str | None) -> tuple[int, ...] | None:
    """``PgBouncer 1.24.1`` or ``1.24.1`` as numbers."""
    found = re.search(r"(\d+(?:\.\d+)+)", said or "")
    return tuple(int(part) for part in found[1].split(".")) if found else None


def follows_prepared_statements(version: str | None, options: dict[str, object]) -> bool:
    """Not if the version is unknown: a client that prepares nothing works with each."""
    numbers = version_of(version)
    if numbers is None or numbers < PREPARED_SINCE:
        return False
    standard = _AS_IT_COMES if numbers >= PREPARED_BY_DEFAULT_SINCE else 0
    wished = options.get("max_prepared_statements")
    return (wished if isinstance(wished, int) else standard) > 0
