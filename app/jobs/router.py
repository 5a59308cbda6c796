"""/v1/jobs: the public, durable record of every long action."""

import re
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends, Header, HTTPException, Query, Response
from fastapi.sse import EventSourceResponse, ServerSentEvent

from app.auth.dependencies import (
    IdempotencyDep,
    OptionalIdempotencyDep,
    PagingDep,
    RuntimeDep,
    SessionDep,
    requires,
    requires_detached,
)
from app.auth.principal import Principal
from app.auth.responses import raises
from app.auth.scopes import Scope
from app.jobs.errors import JobConflict, JobNotCancellable, JobNotFound, JobNotRetryable
from app.jobs.events import JobWatch
from app.jobs.lanes import nobody_takes
from app.jobs.models import Job
from app.jobs.repository import JobRepository
from app.jobs.schemas import JobEventView, JobFilter, JobView, entity_tag
from app.jobs.service import JobService
from app.jobs.states import FINAL, JobState
from app.kit.clock import Moment
from app.kit.ids import DatabaseId, JobId, ProjectId
from app.kit.names import Text
from app.kit.pagination import CursorInvalid, Page

router = APIRouter(prefix="/jobs", tags=["jobs"])

RECONNECT_MILLISECONDS = 3000
_REVISION = re.compile(r"[0-9]{1,18}")

JobReader = Annotated[Principal, requires(Scope.JOBS_READ)]
JobWatcher = Annotated[Principal, requires_detached(Scope.JOBS_READ)]
JobWriter = Annotated[Principal, requires(Scope.JOBS_WRITE)]


async def job_service(session: SessionDep) -> JobService:
    return JobService(session, JobRepository(session))


Service = Annotated[JobService, Depends(job_service)]


@router.get("", responses=raises(CursorInvalid))
async def list_jobs(
    *,
    session: SessionDep,
    caller: JobReader,
    paging: PagingDep,
    state: Annotated[list[JobState] | None, Query()] = None,
    kind: Text | None = None,
    project_id: ProjectId | None = None,
    database_id: DatabaseId | None = None,
    parent_id: JobId | None = None,
    created_after: Moment | None = None,
) -> Page[JobView]:
    """Jobs, newest first."""
    wanted = JobFilter(
        state=state,
        kind=kind,
        project_id=project_id,
        database_id=database_id,
        parent_id=parent_id,
        created_after=created_after,
    )
    (before,) = paging.after() or (None,)
    jobs = await JobRepository(session).page(wanted, caller.project_ids, before=before, limit=paging.probe)
    left = await nobody_takes(session, jobs)
    return paging.cut(jobs, lambda job: JobView.of(job, left.get(job.id)), position=lambda job: (job.id,))


@router.get("/{job_id}", responses=raises(JobNotFound))
async def get_job(
    *,
    job_id: JobId,
    runtime: RuntimeDep,
    caller: JobWatcher,
    response: Response,
    wait: Annotated[int, Query(ge=0, le=60, description="Seconds to wait for the job to change.")] = 0,
    if_none_match: Annotated[str | None, Header()] = None,
) -> JobView:
    """One job. With `wait`, the answer comes when the job is done, or has changed since the ETag in `If-None-Match`."""
    known = _revision(if_none_match)
    async with runtime.sessions() as session:
        job = await JobService(session, JobRepository(session)).get(job_id, caller)
    if wait and (known is None or known >= job.revision):
        watch = JobWatch(runtime.sessions, runtime.listener, job_id)
        changed = await watch.changed_since(known, seconds=wait, stop=runtime.stopping)
        if changed is None:
            raise JobNotFound(job_id)
        job = changed
    tag = entity_tag(job)
    if known == job.revision:
        raise HTTPException(304, headers={"ETag": tag})
    response.headers["ETag"] = tag
    if JobState(job.state) not in FINAL:
        response.headers["Retry-After"] = "1"
    async with runtime.reads() as session:
        left = await nobody_takes(session, [job])
    return JobView.of(job, left.get(job.id))


@router.post("/{job_id}:cancel", status_code=202, responses=raises(JobNotFound, JobNotCancellable))
async def cancel_job(
    job_id: JobId, service: Service, caller: JobWriter, once: OptionalIdempotencyDep, response: Response
) -> JobView:
    """Asks the job to stop. It ends as `cancelled` once what it had made is removed, within seconds.

    Unlike other requests that answer 202 it needs no `Idempotency-Key`: cancelling twice is harmless.
    """
    return once.keep(_accepted(await service.cancel(job_id, caller), response), response)


@router.post("/{job_id}:retry", status_code=202, responses=raises(JobNotFound, JobNotRetryable, JobConflict))
async def retry_job(
    job_id: JobId, service: Service, caller: JobWriter, once: IdempotencyDep, response: Response
) -> JobView:
    """Starts a new job with the arguments of one that failed or was cancelled; `retry_of` names that one."""
    return once.keep(_accepted(await service.retry(job_id, caller), response), response)


async def followed_job(
    job_id: JobId, runtime: RuntimeDep, caller: JobWatcher, last_event_id: Annotated[int, Header()] = 0
) -> Job:
    """The job of an event stream, looked up before the stream begins so that a 404 can still be one.

    Whoever has seen the end gets 204, which tells a browser's EventSource to stop reconnecting.
    """
    async with runtime.sessions() as session:
        job = await JobService(session, JobRepository(session)).get(job_id, caller)
    if JobState(job.state) in FINAL and last_event_id >= job.event_number:
        raise HTTPException(204)
    return job


@router.get("/{job_id}/events", response_class=EventSourceResponse, responses=raises(JobNotFound))
async def stream_job_events(
    job: Annotated[Job, Depends(followed_job)], runtime: RuntimeDep, last_event_id: Annotated[int, Header()] = 0
) -> AsyncIterator[ServerSentEvent]:
    """The job's history as server-sent events: what was missed since `Last-Event-ID`, then what comes, until its end.

    Events `state`, `step`, `warning`, `result` and `end` are stored and numbered; `progress` carries the whole job and
    no number. A comment keeps idle connections open.
    """
    watch = JobWatch(runtime.sessions, runtime.listener, job.id)
    yield ServerSentEvent(retry=RECONNECT_MILLISECONDS)
    # Nobody has seen more than there is.
    async for news in watch.follow(min(last_event_id, job.event_number), stop=runtime.stopping):
        if isinstance(news, Job):
            yield ServerSentEvent(event="progress", data=JobView.of(news))
        else:
            yield ServerSentEvent(event=news.kind, id=str(news.number), data=JobEventView.of(news))


def _accepted(job: Job, response: Response) -> JobView:
    view = JobView.of(job)
    response.headers["Location"] = view.links["self"]
    response.headers["Retry-After"] = "1"
    return view


def _revision(entity_tag: str | None) -> int | None:
    tag = (entity_tag or "").removeprefix("W/").strip('"')
    return int(tag) if _REVISION.fullmatch(tag) else None
