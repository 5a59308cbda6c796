"""Taking jobs: which ones, under which locks."""

from typing import Protocol
from uuid import UUID

from app.db.engine import Sessions
from app.db.locks import try_lock_until_commit
from app.db.sql import named_sql, run_sql
from app.jobs.enqueue import database_lock
from app.jobs.models import Job

_COLUMNS = tuple(Job.model_fields)


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


async def claim(sessions: Sessions, claimant: Claimant, kinds: list[str], *, limit: int) -> list[Job]:
    """Up to ``limit`` jobs, each with a lease of its own, in one transaction.

    A job that does not hold its databases yet gets them here, under the databases' advisory locks; where a lock is not
    free or another job holds what excludes it, the job stays where it is and is looked at again with the next wake-up.
    """
    async with sessions() as session, session.begin():
        parameters = {"kinds": kinds, "host_id": claimant.host_id, "label": claimant.label, "limit": limit}
        candidates = (await run_sql(session, named_sql(__package__, "candidates"), parameters)).all()
        taken: list[UUID] = []
        for candidate in candidates:
            if candidate.unheld:
                locks = (database_lock(database_id) for database_id in candidate.unheld)
                if not await try_lock_until_commit(session, *locks):
                    continue
                if not (await run_sql(session, named_sql(__package__, "hold"), {"id": candidate.id})).all():
                    continue
            taken.append(candidate.id)
        if not taken:
            return []
        parameters = {"ids": taken, "lease_seconds": claimant.lease_seconds, "holder": claimant.name}
        rows = await run_sql(session, named_sql(__package__, "take"), parameters)
        return [Job(**{column: row[column] for column in _COLUMNS}) for row in rows.mappings()]
