"""Jobs looked up and moved from outside a worker."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.jobs.models import Job, JobTarget
from app.jobs.schemas import JobFilter


class JobRepository:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def get(self, job_id: UUID, projects: frozenset[UUID] | None) -> Job | None:
        """``projects``: those the caller may see, None for all; a job of another one is not found."""
        query = select(Job).where(Job.id == job_id)
        if projects is not None:
            query = query.where(col(Job.project_id).in_(projects))
        return (await self._session.exec(query)).one_or_none()

    async def page(
        self, wanted: JobFilter, projects: frozenset[UUID] | None, *, before: UUID | None, limit: int
    ) -> Sequence[Job]:
        """Newest first; ``before`` is the last id of the page before."""
        query = select(Job).order_by(col(Job.id).desc()).limit(limit)
        if projects is not None:
            query = query.where(col(Job.project_id).in_(projects))
        if before is not None:
            query = query.where(col(Job.id) < before)
        if wanted.state:
            query = query.where(col(Job.state).in_(wanted.state))
        if wanted.created_after is not None:
            query = query.where(col(Job.created_at) > wanted.created_after)
        for column, value in (
            (Job.kind, wanted.kind),
            (Job.project_id, wanted.project_id),
            (Job.database_id, wanted.database_id),
            (Job.parent_id, wanted.parent_id),
        ):
            if value is not None:
                query = query.where(col(column) == value)
        return (await self._session.exec(query)).all()

    async def targets(self, job: Job) -> list[JobTarget]:
        """The main one first."""
        targets = (await self._session.exec(select(JobTarget).where(JobTarget.job_id == job.id))).all()
        return sorted(targets, key=lambda target: target.database_id != job.database_id)
