"""Asking for a job, in the transaction that also writes what the job is about."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.db.locks import lock_key, lock_until_commit
from app.db.sql import named_sql, rows_of, run_sql
from app.jobs.conflicts import Scope, excluded_by
from app.jobs.contract import JobArgs
from app.jobs.errors import JobConflict, NoCommonWorker
from app.jobs.events import as_json
from app.jobs.lanes import ANYWHERE, Lane, lanes_of
from app.jobs.models import Job
from app.jobs.states import LIVE
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

    The first target is the job's main database. A job that connects to it is bound to the workers that reach it, unless
    ``host_id`` and ``worker_label`` say whom it is bound to. Raises NoCommonWorker.
    """
    lane = await _lane(session, args, targets)
    row = job_row(type(args), args.model_dump(mode="json"), targets, created_by=created_by, dedupe_key=dedupe_key)
    row |= {
        "project_id": project_id,
        "subject_id": subject_id,
        "parent_id": parent.id if parent else None,
        "root_id": parent.root_id if parent else row["id"],
        "retry_of": retry_of,
        "host_id": host_id or lane.host_id,
        "worker_label": worker_label or lane.worker_label,
        "request_id": request_id,
        "run_after": run_after,
    }
    made: Sequence[Job] = ()
    while not made:
        # Not left to the insertion: it waits while the job's worker writes, who may wait for what ``session`` holds.
        if dedupe_key is not None and (live := await _live(session, dedupe_key)) is not None:
            return Enqueued(live, is_new=False)
        made = await rows_of(session, Job, named_sql(__package__, "enqueue"), {"jobs": as_json([row])})
    job = made[0]
    if row["targets"] and on_conflict is OnConflict.FAIL:
        await lock_until_commit(session, *(database_lock(target.database_id) for target in targets))
        blocking = (await run_sql(session, named_sql(__package__, "blocking"), {"id": job.id})).scalar_one_or_none()
        if blocking is not None:
            raise JobConflict(blocking)
    return Enqueued(job, is_new=True)


async def _live(session: AsyncSession, dedupe_key: str) -> Job | None:
    query = select(Job).where(Job.dedupe_key == dedupe_key, col(Job.state).in_(sorted(LIVE)))
    return (await session.exec(query)).one_or_none()


async def _lane(session: AsyncSession, args: JobArgs, targets: Sequence[Target]) -> Lane:
    """That of all targets together."""
    found = set((await lanes_of(session, {target.database_id for target in targets})).values())
    if not args.needs_label():
        found = {Lane(lane.host_id) for lane in found}
    hosts = {lane.host_id for lane in found} - {None}
    labels = {lane.worker_label for lane in found} - {None}
    if len(hosts) > 1 or len(labels) > 1:
        raise NoCommonWorker
    return Lane(next(iter(hosts), None), next(iter(labels), None))


async def enqueue_rows(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> None:
    """Adds many jobs, made by ``job_row``, in one statement, each to wait where another excludes it."""
    await run_sql(session, named_sql(__package__, "enqueue"), {"jobs": as_json(rows)})


def job_row(
    kind: type[JobArgs],
    args: dict[str, Any],
    targets: Sequence[Target],
    *,
    created_by: str,
    dedupe_key: str | None,
    project_id: UUID | None = None,
    lane: Lane = ANYWHERE,
) -> dict[str, Any]:
    """What enqueue.sql makes a job of."""
    job_id = new_id()
    excludes = {
        "conflict_class": kind.conflict,
        "excludes": excluded_by(kind.conflict, Scope.DATABASE) if kind.conflict else [],
        "excludes_subject": excluded_by(kind.conflict, Scope.SUBJECT) if kind.conflict else [],
    }
    aimed = targets if kind.conflict else ()
    return {
        "id": job_id,
        "kind": kind.kind,
        "args": args,
        "args_version": kind.version,
        "project_id": project_id,
        "database_id": targets[0].database_id if targets else None,
        "priority": kind.priority,
        "max_attempts": kind.attempts,
        "dedupe_key": dedupe_key,
        "cancellable": kind.cancellable,
        "root_id": job_id,
        "host_id": lane.host_id,
        "worker_label": lane.worker_label if kind.connects else None,
        "created_by": created_by,
        "targets": [{"database_id": it.database_id, "subject": it.subject, **excludes} for it in aimed],
    }
