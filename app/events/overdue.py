"""Jobs that took longer than their kind may: stopped by their deadline, or past it because nobody is there to stop them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.events.alerts import clear_alert, open_alert
from app.events.models import AlertType
from app.events.repository import AlertRepository
from app.events.schemas import AnnounceAlert
from app.jobs.contract import KINDS
from app.jobs.errors import DeadlinePassed
from app.jobs.models import Job
from app.jobs.states import FINAL, LIVE, JobState
from app.kit.ids import decode_id, encode_id

# The worker that stops a job at its deadline may clean up for a while.
GRACE: Final = timedelta(minutes=15)
# A job that was stopped before anybody looked is history.
RECENT: Final = timedelta(days=1)


async def watch_overdue(session: AsyncSession, now: datetime) -> None:
    """Opens and clears; more than one may do so at once. An announcement that is late alerts nobody."""
    alerts = AlertRepository(session)
    found = [job for job in await _past_deadline(session, now) if job.kind != AnnounceAlert.kind]
    told = await alerts.told(AlertType.JOB_OVERDUE, [encode_id("job", job.id) for job in found])
    for job in found:
        if encode_id("job", job.id) not in told:
            await _open(session, job)
    for alert in await alerts.open_of(types=[AlertType.JOB_OVERDUE]):
        about = str(alert.subject_id)
        if (reason := await _reason_to_clear(session, decode_id("job", about))) is not None:
            await clear_alert(session, AlertType.JOB_OVERDUE, about, reason=reason)


async def _past_deadline(session: AsyncSession, now: datetime) -> Sequence[Job]:
    """Those that are, and those that were stopped at it. Jobs of kinds that this release does not know are left out."""
    allowed = {kind: timedelta(seconds=args.deadline_seconds) + GRACE for kind, args in KINDS.items()}
    live = select(Job).where(
        col(Job.state).in_(sorted(LIVE)), col(Job.kind).in_(sorted(allowed)), col(Job.claimed_at) < now - GRACE
    )
    running = [
        job
        for job in (await session.exec(live)).all()
        if job.claimed_at is not None and job.claimed_at + allowed[job.kind] < now
    ]
    stopped = select(Job).where(
        Job.state == JobState.FAILED,
        col(Job.finished_at) > now - RECENT,
        func.jsonb_extract_path_text(col(Job.error), "code") == DeadlinePassed.code,
    )
    return [*running, *(await session.exec(stopped)).all()]


async def _open(session: AsyncSession, job: Job) -> None:
    if job.state == JobState.FAILED:
        detail = str((job.error or {}).get("detail"))
    else:
        detail = f"It is {job.state} past its deadline, so no worker drives it. Look whether workers run, or cancel it."
    await open_alert(
        session,
        AlertType.JOB_OVERDUE,
        encode_id("job", job.id),
        title=f"The job {job.kind} takes too long",
        detail=detail,
        project_id=job.project_id,
        database_id=job.database_id,
        kind_of_job=job.kind,
    )


async def _reason_to_clear(session: AsyncSession, job_id: UUID) -> str | None:
    """What was stopped at its deadline is over once the same has been done by another job."""
    job = await session.get(Job, job_id, populate_existing=True)
    if job is None:
        return "the record of the job was deleted"
    if JobState(job.state) not in FINAL:
        return None
    if job.state != JobState.FAILED or (job.error or {}).get("code") != DeadlinePassed.code:
        return f"the job has {job.state}" if job.state != JobState.CANCELLED else "the job was cancelled"
    same = col(Job.database_id) == job.database_id if job.database_id else col(Job.subject_id) == job.subject_id
    query = select(Job.id).where(
        Job.kind == job.kind, Job.state == JobState.SUCCEEDED, col(Job.finished_at) > job.finished_at, same
    )
    later = (await session.exec(query.order_by(col(Job.id)).limit(1))).one_or_none()
    return None if later is None else f"{encode_id('job', later)} has succeeded"
