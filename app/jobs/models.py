"""The tables of the job system. The constraints below are half of its specification."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, Column, DateTime, ForeignKey, Index, Text, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from app.db.base import Row, one_of
from app.jobs.states import JobState
from app.kit.ids import new_id


class EventKind(StrEnum):
    STATE = "state"
    STEP = "step"
    WARNING = "warning"
    RESULT = "result"
    END = "end"


class Job(Row, table=True):
    __table_args__ = (
        one_of("state", JobState),
        # Running means leased; a final or parked job is not. Only a cancelling one may be either.
        CheckConstraint("(lease_token IS NULL) = (lease_ends IS NULL)", name="lease_whole"),
        CheckConstraint("state = 'cancelling' OR (state = 'running') = (lease_token IS NOT NULL)", name="lease"),
        CheckConstraint("(finished_at IS NOT NULL) = (state IN ('succeeded','failed','cancelled'))", name="finished"),
        CheckConstraint("(state = 'waiting') = (waiting_for IS NOT NULL)", name="waiting"),
        CheckConstraint("state <> 'failed' OR error IS NOT NULL", name="error"),
        CheckConstraint("attempt BETWEEN 0 AND max_attempts", name="attempt"),
        # One attempt is left for whoever takes it, else no claim could ever count it.
        CheckConstraint(
            "attempt < max_attempts OR lease_token IS NOT NULL OR finished_at IS NOT NULL", name="attempt_left"
        ),
        CheckConstraint("priority BETWEEN 0 AND 1000", name="priority"),
        CheckConstraint("length(kind) BETWEEN 1 AND 100", name="kind"),
        Index(
            "uq_job_live_dedupe_key",
            "dedupe_key",
            unique=True,
            postgresql_where=text("state IN ('queued','waiting','running','cancelling')"),
        ),
        # The claim walks this index in its own order.
        Index(
            "ix_job_claimable",
            "priority",
            "id",
            postgresql_where=text("lease_token IS NULL AND finished_at IS NULL"),
        ),
        Index("ix_job_leased", "lease_ends", postgresql_where=text("lease_token IS NOT NULL")),
        Index("ix_job_project_id_id", "project_id", "id"),
        Index("ix_job_database_id_id", "database_id", "id"),
        Index("ix_job_parent_id", "parent_id", postgresql_where=text("parent_id IS NOT NULL")),
        Index("ix_job_finished_at", "finished_at", postgresql_where=text("finished_at IS NOT NULL")),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    kind: str
    args: dict[str, Any] = Field(sa_type=JSONB)
    args_version: int
    project_id: UUID | None = None
    database_id: UUID | None = None  # the main target, for lists; what is excluded stands in job_target
    subject_id: str | None = None  # the resource that the job makes or changes, as its outside id
    state: str = JobState.QUEUED
    waiting_for: str | None = None
    priority: int
    run_after: datetime = Field(sa_type=DateTime(timezone=True), sa_column_kwargs={"server_default": func.now()})
    attempt: int = 0
    max_attempts: int
    dedupe_key: str | None = None
    cancellable: bool = True

    lease_token: UUID | None = None
    lease_ends: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    holder: str | None = None

    step: str | None = None
    memo: dict[str, Any] | None = Field(default=None, sa_type=JSONB)
    # Set when the outcome is decided but the compensation has yet to run: {"state": …, "error": …}.
    ending: dict[str, Any] | None = Field(default=None, sa_type=JSONB)
    progress: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB)
    result: dict[str, Any] | None = Field(default=None, sa_type=JSONB)
    error: dict[str, Any] | None = Field(default=None, sa_type=JSONB)
    last_error: dict[str, Any] | None = Field(default=None, sa_type=JSONB)
    warnings: list[str] = Field(default_factory=list, sa_column=Column(JSONB, nullable=False, server_default="[]"))

    cancel_requested_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    cancel_requested_by: str | None = None
    parent_id: UUID | None = Field(default=None, sa_column=Column(ForeignKey("job.id", ondelete="CASCADE")))
    root_id: UUID
    retry_of: UUID | None = None
    worker_label: str | None = None
    host_id: UUID | None = None
    created_by: str
    request_id: str | None = None
    created_at: datetime = Field(
        default=None, sa_type=DateTime(timezone=True), nullable=False, sa_column_kwargs={"server_default": func.now()}
    )
    claimed_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    finished_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    event_number: int = 0
    revision: int = 0


class JobTarget(Row, table=True):
    """One database that a job touches, and in which class. ``held`` from the first claim to the final state."""

    __tablename__ = "job_target"
    __table_args__ = (Index("ix_job_target_database_id", "database_id", postgresql_where=text("NOT done")),)

    job_id: UUID = Field(sa_column=Column(ForeignKey("job.id", ondelete="CASCADE"), primary_key=True))
    database_id: UUID = Field(primary_key=True)
    subject: str = Field(primary_key=True)  # a logical database, or "" for the whole server
    root_id: UUID  # a job and its children never exclude each other
    conflict_class: str
    excludes: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    excludes_subject: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    held: bool = False
    done: bool = False


class JobEvent(Row, table=True):
    """What happened to a job, numbered without gaps per job so that a stream can be replayed."""

    __tablename__ = "job_event"
    __table_args__ = (one_of("kind", EventKind),)

    job_id: UUID = Field(sa_column=Column(ForeignKey("job.id", ondelete="CASCADE"), primary_key=True))
    number: int = Field(primary_key=True)
    at: datetime = Field(
        default=None, sa_type=DateTime(timezone=True), nullable=False, sa_column_kwargs={"server_default": func.now()}
    )
    kind: str
    detail: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB)


class CatchUp(StrEnum):
    SKIP = "skip"  # slots missed while nobody looked are forgotten
    ONCE = "once"  # one run stands for all of them
    ALL = "all"


class Schedule(Row, table=True):
    """A job that is enqueued at the slots of a cron expression, exactly once a slot by whichever replica comes first."""

    __table_args__ = (
        one_of("catch_up", CatchUp),
        Index("ix_schedule_due", "next_run_at", postgresql_where=text("enabled")),
        Index("ix_schedule_owner", "owner", unique=True),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    owner: str  # who made it, e.g. "location:<id>:sweep"; one schedule an owner
    kind: str
    args: dict[str, Any] = Field(sa_type=JSONB)
    project_id: UUID | None = None
    database_id: UUID | None = None
    cron: str
    zone: str = "UTC"
    jitter_seconds: int = 0
    catch_up: str = CatchUp.ONCE
    enabled: bool = True
    slot: datetime = Field(sa_type=DateTime(timezone=True))  # the next slot of the cron expression
    next_run_at: datetime = Field(sa_type=DateTime(timezone=True))  # that slot plus this schedule's jitter
    last_slot: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))


class WorkerHeartbeat(Row, table=True):
    """A process that claims jobs, and when it was last seen."""

    __tablename__ = "worker"

    id: str = Field(primary_key=True)
    host_id: UUID
    labels: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    concurrency: int
    version: str
    started_at: datetime = Field(
        default=None, sa_type=DateTime(timezone=True), nullable=False, sa_column_kwargs={"server_default": func.now()}
    )
    seen_at: datetime = Field(
        default=None, sa_type=DateTime(timezone=True), nullable=False, sa_column_kwargs={"server_default": func.now()}
    )
