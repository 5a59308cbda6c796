"""Taking jobs: which ones, under which locks."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from app.db.engine import Sessions
from app.db.locks import try_lock_until_commit
from app.db.sql import named_sql, rows_of, run_sql
from app.jobs.enqueue import database_lock
from app.jobs.models import Job


class Claimant(Protocol):
    """Who claims: the host decides which servers it reaches, the label which networks."""

    @property
    def name(self) -> str: ...
    @property
    def host_id(self) -> UUID: ...
    @property
    def label(self) -> str | None: ...
    @property
    def lease_seconds(self) -> float: ...


@dataclass(frozen=True, slots=True)
class Claimed:
    jobs: Sequence[Job]
    has_more: bool  # there may be more to take at once
    is_contended: bool  # another claim or an enqueue was judging one of the databases: look again in a moment


async def claim(sessions: Sessions, claimant: Claimant, kinds: Sequence[str], *, limit: int) -> Claimed:
    """Up to ``limit`` jobs, each with a lease of its own, in one transaction.

    A job that does not hold its databases yet gets them here, under the databases' advisory locks; where a lock is not
    free or another job holds what excludes it, the job stays where it is and is looked at again with the next wake-up.
    """
    async with sessions() as session, session.begin():
        parameters = {"kinds": kinds, "host_id": claimant.host_id, "label": claimant.label, "limit": limit}
        candidates = (await run_sql(session, named_sql(__package__, "candidates"), parameters)).all()
        taken: list[UUID] = []
        is_contended = False
        for candidate in candidates:
            if candidate.unheld:
                locks = (database_lock(database_id) for database_id in candidate.unheld)
                if not await try_lock_until_commit(session, *locks):
                    is_contended = True
                    continue
                if not (await run_sql(session, named_sql(__package__, "hold"), {"id": candidate.id})).all():
                    continue
            taken.append(candidate.id)
        jobs: Sequence[Job] = ()
        if taken:
            parameters = {"ids": taken, "lease_seconds": claimant.lease_seconds, "holder": claimant.name}
            jobs = await rows_of(session, Job, named_sql(__package__, "take"), parameters)
        return Claimed(jobs, has_more=len(candidates) == limit, is_contended=is_contended)
