"""That a worker is there: written by each worker, read by the readiness check."""

from collections.abc import Sequence
from typing import Protocol

from sqlalchemy import delete, func, text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app import __version__
from app.db.engine import Sessions
from app.jobs.claim import Claimant
from app.jobs.models import WorkerHeartbeat

MISSING_AFTER_SECONDS = 60
FORGOTTEN_AFTER_SECONDS = 86_400


class Worker(Claimant, Protocol):
    @property
    def concurrency(self) -> int: ...


async def beat(sessions: Sessions, worker: Worker) -> None:
    statement = insert(WorkerHeartbeat).values(
        id=worker.name,
        host_id=worker.host_id,
        labels=[worker.label] if worker.label else [],
        concurrency=worker.concurrency,
        version=__version__,
    )
    statement = statement.on_conflict_do_update(index_elements=["id"], set_={"seen_at": func.now()})
    async with sessions() as session, session.begin():
        await session.exec(statement)
        age = func.now() - text(f"interval '{FORGOTTEN_AFTER_SECONDS} seconds'")
        await session.exec(delete(WorkerHeartbeat).where(col(WorkerHeartbeat.seen_at) < age))


async def leave(sessions: Sessions, name: str) -> None:
    async with sessions() as session, session.begin():
        await session.exec(delete(WorkerHeartbeat).where(col(WorkerHeartbeat.id) == name))


async def workers_seen(session: AsyncSession) -> Sequence[WorkerHeartbeat]:
    """The workers whose heartbeat is fresh enough to believe."""
    age = func.now() - text(f"interval '{MISSING_AFTER_SECONDS} seconds'")
    return (await session.exec(select(WorkerHeartbeat).where(col(WorkerHeartbeat.seen_at) > age))).all()
