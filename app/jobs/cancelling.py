"""Writing the cancel wish, for a job and for what it started."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from app.db.sql import named_sql, rows_of
from app.jobs.contract import KINDS
from app.jobs.hooks import hooks_of
from app.jobs.models import Job
from app.jobs.states import JobState


async def cancel_family(session: AsyncSession, job_id: UUID, *, by: str, whole: bool) -> Sequence[Job]:
    """Those that moved: to ``cancelled`` what was never claimed, to ``cancelling`` the rest.

    ``whole``: the job and its descendants, else only these.
    """
    parameters = {"id": job_id, "by": by, "whole": whole}
    moved = await rows_of(session, Job, named_sql(__package__, "cancel"), parameters)
    for job in moved:
        abandoned = hooks_of(job.kind).abandoned
        if job.state == JobState.CANCELLED and abandoned is not None:
            await abandoned(session, job, KINDS[job.kind].model_validate(job.args))
    return moved
