"""Asking for a job, in the transaction that also writes what the job is about."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import func, text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.db.locks import lock_key, lock_until_commit
from app.db.sql import named_sql, run_sql
from app.jobs.conflicts import Scope, excluded_by
from app.jobs.contract import JobArgs
from app.jobs.errors import JobConflict
from app.jobs.models import EventKind, Job, JobEvent, JobTarget
from app.jobs.states import LIVE, JobState
from app.kit.ids import new_id


class OnConflict(StrEnum):
    """What to do when a live job excludes the new one."""

    FAIL = "fail"
    QUEUE = "queue"


@dataclass(frozen=True, slots=True)
class Target:
    """A database that the job touches; ``subject`` is a logical database in it, "" the whole server."""

    database_id: UUID
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Enqueued:
    job: Job
    is_new: bool  # False: a live job with the same dedupe key stood there already, and is the one given


def database_lock(database_id: UUID) -> int:
    """The advisory lock under which a database's holders are judged, by enqueue and by claim alike."""
    return lock_key("database-jobs", database_id)


async def enqueue(
    session: AsyncSession,
    args: JobArgs,
    *,
    created_by: str,
    targets: Sequence[Target] = (),
    project_id: UUID | None = None,
    subject_id: str | None = None,
    on_conflict: OnConflict = OnConflict.FAIL,
    dedupe_key: str | None = None,
    parent: Job | None = None,
    retry_of: UUID | None = None,
    host_id: UUID | None = None,
    worker_label: str | None = None,
    request_id: str | None = None,
    run_after: datetime | None = None,
) -> Enqueued:
    """Adds a job that exists if and only if ``session`` commits. Raises JobConflict.

    The first target is the job's main database. ``host_id`` binds it to the workers of that host.
    """
    job_id = new_id()
    values = {
        "id": job_id,
        "kind": args.kind,
        "args": args.model_dump(mode="json"),
        "args_version": args.version,
        "project_id": project_id,
        "database_id": targets[0].database_id if targets else None,
        "subject_id": subject_id,
        "state": JobState.QUEUED.value,
        "priority": args.priority,
        "attempt": 0,
        "max_attempts": args.attempts,
        "dedupe_key": dedupe_key,
        "cancellable": args.cancellable,
        "progress": {},
        "parent_id": parent.id if parent else None,
        "root_id": parent.root_id if parent else job_id,
        "retry_of": retry_of,
        "host_id": host_id,
        "worker_label": worker_label,
        "created_by": created_by,
        "request_id": request_id,
        "event_number": 1,
        "revision": 0,
    }
    if run_after is not None:
        values["run_after"] = run_after
    statement = (
        insert(Job)
        .values(values)
        .on_conflict_do_nothing(
            index_elements=["dedupe_key"],
            index_where=text("state IN ('queued','waiting','running','cancelling')"),
        )
        .returning(Job)
    )
    job = (await session.exec(statement)).scalar_one_or_none()
    if job is None:
        live = select(Job).where(Job.dedupe_key == dedupe_key, col(Job.state).in_(sorted(LIVE)))
        return Enqueued((await session.exec(live)).one(), is_new=False)
    session.add(JobEvent(job_id=job.id, number=1, kind=EventKind.STATE, detail={"state": JobState.QUEUED}))
    if args.conflict is not None:
        await _aim(session, job, args, targets, on_conflict)
    await session.flush()
    await session.exec(select(func.pg_notify("pgm_wake", "")))
    return Enqueued(job, is_new=True)


async def _aim(
    session: AsyncSession, job: Job, args: JobArgs, targets: Sequence[Target], on_conflict: OnConflict
) -> None:
    assert args.conflict is not None
    await lock_until_commit(session, *(database_lock(target.database_id) for target in targets))
    session.add_all(
        JobTarget(
            job_id=job.id,
            database_id=target.database_id,
            subject=target.subject,
            root_id=job.root_id,
            conflict_class=args.conflict,
            excludes=excluded_by(args.conflict, Scope.DATABASE),
            excludes_subject=excluded_by(args.conflict, Scope.SUBJECT),
        )
        for target in targets
    )
    await session.flush()
    if on_conflict is OnConflict.FAIL:
        blocking = (await run_sql(session, named_sql(__package__, "blocking"), {"id": job.id})).scalar_one_or_none()
        if blocking is not None:
            raise JobConflict(blocking)
