"""Jobs as callers see them."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field

from app.errors import ProblemDocument
from app.jobs.contract import KINDS
from app.jobs.models import Job, JobEvent
from app.jobs.progress import Progress
from app.jobs.states import FINAL, JobState
from app.kit.ids import DatabaseId, JobId, ProjectId, encode_id


class JobView(BaseModel):
    """A long action: what it is about, how far it is, how it ended."""

    id: JobId
    kind: str = Field(examples=["backup.take"])
    state: JobState
    done: bool = Field(description="True in the final states succeeded, failed and cancelled; nothing changes then.")
    project_id: ProjectId | None
    database_id: DatabaseId | None
    subject_id: str | None = Field(description="The resource that the job makes or changes.")
    waiting_for: str | None = Field(description="Also of a queued job that no worker takes, where that can be told.")
    attempt: int
    max_attempts: int
    next_attempt_at: datetime | None
    progress: Progress
    warnings: list[str]
    result: dict[str, Any] | None
    error: ProblemDocument | None = Field(description="When the job failed.")
    last_error: ProblemDocument | None = Field(description="Why the last attempt failed, when there will be another.")
    cancellable: bool
    cancel_requested_at: datetime | None
    parent_id: JobId | None
    retry_of: JobId | None
    created_by: str
    request_id: str | None
    created_at: datetime
    started_at: datetime | None
    deadline_at: datetime | None = Field(description="When a job of this kind that is still running is stopped.")
    finished_at: datetime | None
    links: dict[str, str]

    @classmethod
    def of(cls, job: Job, waiting_for: str | None = None) -> "JobView":
        state = JobState(job.state)
        path = f"/v1/jobs/{encode_id('job', job.id)}"
        links = {"self": path, "events": f"{path}/events"}
        if state not in FINAL and job.cancellable:
            links["cancel"] = f"{path}:cancel"
        if state in (JobState.FAILED, JobState.CANCELLED):
            links["retry"] = f"{path}:retry"
        return cls(
            id=job.id,
            kind=job.kind,
            state=state,
            done=state in FINAL,
            project_id=job.project_id,
            database_id=job.database_id,
            subject_id=job.subject_id,
            waiting_for=waiting_for or job.waiting_for,
            attempt=job.attempt,
            max_attempts=job.max_attempts,
            next_attempt_at=job.run_after if state in (JobState.QUEUED, JobState.WAITING) else None,
            progress=Progress.model_validate(job.progress),
            warnings=job.warnings,
            result=job.result,
            error=job.error,
            last_error=job.last_error if state not in FINAL else None,
            cancellable=job.cancellable and state not in FINAL,
            cancel_requested_at=job.cancel_requested_at,
            parent_id=job.parent_id,
            retry_of=job.retry_of,
            created_by=job.created_by,
            request_id=job.request_id,
            created_at=job.created_at,
            started_at=job.claimed_at,
            deadline_at=deadline_of(job),
            finished_at=job.finished_at,
            links=links,
        )


class JobEventView(BaseModel):
    """One line of a job's history, as it is streamed and replayed."""

    number: int
    at: datetime
    kind: str
    detail: dict[str, Any]

    @classmethod
    def of(cls, event: JobEvent) -> "JobEventView":
        return cls(number=event.number, at=event.at, kind=event.kind, detail=event.detail)


class JobFilter(BaseModel):
    """Which jobs a list shows; every given condition must hold."""

    state: list[JobState] | None = None
    kind: str | None = None
    project_id: UUID | None = None
    database_id: UUID | None = None
    parent_id: UUID | None = None
    created_after: datetime | None = None


def deadline_of(job: Job) -> datetime | None:
    """None before its first claim, and for a kind that this release does not know."""
    args = KINDS.get(job.kind)
    return None if args is None or job.claimed_at is None else job.claimed_at + timedelta(seconds=args.deadline_seconds)


def entity_tag(job: Job) -> str:
    return f'"{job.revision}"'
