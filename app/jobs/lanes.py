"""Which workers a job must be left to, because only they reach the servers that it connects to.

The domain that knows databases tells (``register``), and it is asked when a job is made, whoever makes it: what was true
when a schedule was written or a job failed may not be true when it fires or is tried again.
"""

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy import func, text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.db.sql import run_sql
from app.jobs.contract import KINDS
from app.jobs.models import Job
from app.jobs.states import LIVE, JobState


@dataclass(frozen=True, slots=True)
class Lane:
    """Nothing in it: any worker."""

    host_id: UUID | None = None
    worker_label: str | None = None


ANYWHERE = Lane()

# Workers write their heartbeat every few seconds.
SILENCE_SECONDS: Final = 60

# Since a worker of the label was last seen, or the job could have been taken if that is later or none ever was.
_SILENCE: Final = text("""
    SELECT job.id, job.worker_label,
           extract(epoch FROM now() - greatest(max(worker.seen_at), job.run_after)) AS seconds
    FROM job LEFT JOIN worker ON job.worker_label = ANY(worker.labels)
    WHERE job.id = ANY(CAST(:ids AS uuid[]))
    GROUP BY job.id
""")

Lanes = Callable[[AsyncSession, Collection[UUID]], Awaitable[Mapping[UUID, Lane]]]
"""Of databases by their ids; of those that it does not know it says nothing."""

_told_by: list[Lanes] = []


def register(lanes: Lanes) -> None:
    _told_by[:] = [lanes]


async def lanes_of(session: AsyncSession, database_ids: Collection[UUID]) -> Mapping[UUID, Lane]:
    return await _told_by[0](session, database_ids) if _told_by and database_ids else {}


async def relabel(session: AsyncSession, database_id: UUID) -> None:
    """After other workers than before reach the database: its jobs that have not ended are theirs from now on.

    One that runs just now ends its step where it is.
    """
    label = (await lanes_of(session, [database_id])).get(database_id, ANYWHERE).worker_label
    query = (
        select(Job)
        .where(Job.database_id == database_id, col(Job.state).in_(sorted(LIVE)))
        .order_by(col(Job.id))
        .with_for_update()
    )
    for job in (await session.exec(query)).all():
        if _needs_label(job):
            job.worker_label = label
    await session.exec(select(func.pg_notify("pgm_wake", "")))


async def nobody_takes(session: AsyncSession, jobs: Iterable[Job]) -> dict[UUID, str]:
    """Of those that a worker of their label should have taken: what they wait for, by their ids."""
    waiting = [job for job in jobs if job.worker_label and job.state in (JobState.QUEUED, JobState.WAITING)]
    if not waiting:
        return {}
    parameters = {"ids": [job.id for job in waiting]}
    rows = (await run_sql(session, _SILENCE, parameters)).all()
    return {
        row.id: f"a worker of the label {row.worker_label}; none has asked for work in {_minutes(row.seconds)}. Run "
        f"pgmanager worker --label {row.worker_label} where the server is."
        for row in rows
        if row.seconds > SILENCE_SECONDS
    }


def _minutes(seconds: float) -> str:
    minutes = round(seconds / 60)
    return "a minute" if minutes <= 1 else f"{minutes} minutes"


def _needs_label(job: Job) -> bool:
    kind = KINDS.get(job.kind)
    if kind is None:
        return False
    try:
        return kind.model_validate(job.args).needs_label()
    except ValidationError:
        return kind.connects
