"""Taking jobs: which ones, under which locks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, column
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.db.engine import Sessions
from app.db.locks import try_lock_until_commit
from app.db.sql import named_sql, run_sql
from app.jobs.enqueue import database_lock
from app.jobs.models import Job

_UNHELD = column("unheld", ARRAY(Uuid))


class Claimant(Protocol):
    """Who claims: the host decides which servers it reaches, the label which networks.

    ``only_label`` is for one that stands in that network alone and leaves every other job to others.
    """

    @property
    def name(self) -> str: ...
    @property
    def host_id(self) -> UUID: ...
    @property
    def label(self) -> str | None: ...
    @property
    def only_label(self) -> bool: ...
    @property
    def lease_seconds(self) -> float: ...


@dataclass(frozen=True, slots=True)
class Claimed:
    jobs: Sequence[Job]
    has_more: bool  # there may be more to take at once
    is_contended: bool  # another claim or an enqueue was judging one of the databases: look again in a moment


async def claim(sessions: Sessions, claimant: Claimant, kinds: Sequence[str], *, limit: int) -> Claimed:
    """Up to ``limit`` jobs, each with a lease of its own.

    A job that does not hold its databases yet gets them here, under the databases' advisory locks; where a lock is not
    free or another job holds what excludes it, the job stays where it is and is looked at again with the next wake-up.
    """
    parameters = {
        "kinds": kinds,
        "host_id": claimant.host_id,
        "label": claimant.label,
        "only_label": claimant.only_label,
        "lease_seconds": claimant.lease_seconds,
        "holder": claimant.name,
    }
    async with sessions() as session:
        # One statement is a transaction by itself; BEGIN and COMMIT would make it three round trips.
        await session.connection(execution_options={"isolation_level": "AUTOCOMMIT"})
        found = await _claim(session, {**parameters, "ids": None, "limit": limit})
    jobs = [job for job, unheld in found if not unheld]
    unheld = {job.id: databases for job, databases in found if databases}
    is_contended = False
    if unheld:
        async with sessions() as session, session.begin():
            held: list[UUID] = []
            for job_id, databases in unheld.items():
                if not await try_lock_until_commit(session, *map(database_lock, databases)):
                    is_contended = True
                elif (await run_sql(session, named_sql(__package__, "hold"), {"id": job_id})).all():
                    held.append(job_id)
            if held:
                taken = await _claim(session, {**parameters, "ids": held, "limit": len(held)})
                jobs += [job for job, _ in taken]
                is_contended |= len(taken) < len(held)  # somebody moves that job just now
    return Claimed(sorted(jobs, key=_turn), has_more=len(found) == limit, is_contended=is_contended)


async def _claim(session: AsyncSession, parameters: Mapping[str, Any]) -> list[tuple[Job, list[UUID]]]:
    """What claim.sql takes and, with the databases that they would have to hold, what it leaves."""
    rows = await session.exec(_query(), params=parameters)
    return [(job, unheld) for job, unheld in rows.all()]


@cache
def _query() -> Any:
    """Made once: SQLAlchemy keeps what it found out about a statement with the object."""
    return select(Job, _UNHELD).from_statement(named_sql(__package__, "claim"))


def _turn(job: Job) -> tuple[int, UUID]:
    return job.priority, job.id
