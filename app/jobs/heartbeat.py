"""That a worker is there: written by each worker, read by the readiness check."""

from typing import Protocol

from sqlalchemy import delete, func, text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from app import __version__
from app.db.engine import Sessions
from app.jobs.claim import Claimant
from app.jobs.models import WorkerHeartbeat

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
