"""Who may send us webhooks, and what was sent."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from app.db.base import Row, one_of
from app.db.columns import now_column, time_column
from app.kit.ids import new_id


class HookKind(StrEnum):
    RAILWAY = "railway"
    GITHUB = "github"
    GITLAB = "gitlab"


class HookAction(StrEnum):
    OBSERVE = "observe"  # look at the environment at Railway now
    BACK_UP = "back_up"  # the database, before what is announced happens to it


class Hook(Row, table=True):
    """An address for one sender. The secrets are sealed with the row's id as context.

    While ``previous_until`` has not passed, the secret from before the last rotation counts as well.
    """

    __table_args__ = (
        one_of("kind", HookKind),
        one_of("action", HookAction),
        CheckConstraint("num_nonnulls(database_id, environment_id) = 1", name="subject"),
        CheckConstraint("(previous_secret_sealed IS NULL) = (previous_until IS NULL)", name="previous"),
        Index(
            "uq_hook_project_id_name", "project_id", "name", unique=True, postgresql_where=text("deleted_at IS NULL")
        ),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    project_id: UUID = Field(foreign_key="project.id")
    name: str
    kind: str
    action: str
    database_id: UUID | None = Field(default=None, foreign_key="database.id")
    environment_id: UUID | None = Field(default=None, foreign_key="environment.id")
    enabled: bool = True
    branches: list[str] = Field(default_factory=list, sa_type=JSONB)  # patterns; none: every branch
    logical_databases: list[str] = Field(default_factory=list, sa_type=JSONB)  # none: all of them
    secret_sealed: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    previous_secret_sealed: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    previous_until: datetime | None = time_column()
    created_by: str
    created_at: datetime = now_column()
    deleted_at: datetime | None = time_column()
    revision: int = 1


class HookDelivery(Row, table=True):
    """One message of a sender, so that its repetition does nothing anew. ``reason`` says why there is no job."""

    __tablename__ = "hook_delivery"
    __table_args__ = (
        UniqueConstraint("hook_id", "delivery_id"),
        Index("ix_hook_delivery_hook_id_id", "hook_id", "id"),
        Index("ix_hook_delivery_expires_at", "expires_at"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    hook_id: UUID = Field(foreign_key="hook.id")
    delivery_id: str  # the sender's, or the digest of what it sent
    event: str
    job_id: UUID | None = None
    reason: str | None = None
    received_at: datetime = now_column()
    expires_at: datetime = Field(sa_type=DateTime(timezone=True))
