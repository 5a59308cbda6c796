"""What was done to a server's settings, and what they were before."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from app.db.base import Row, one_of
from app.db.columns import now_column, time_column
from app.kit.ids import new_id


class ChangeState(StrEnum):
    PENDING = "pending"  # being made, by a request or by its job
    APPLIED = "applied"
    UNDONE = "undone"  # by another change
    FAILED = "failed"  # nothing of it is left
    UNSETTLED = "unsettled"  # how much of it the server has is not known: undo it


class SettingChange(Row, table=True):
    """The row is written before the server is told. ``before`` has null for a setting that nobody had set there."""

    __tablename__ = "setting_change"
    __table_args__ = (
        one_of("state", ChangeState),
        CheckConstraint("(ended_at IS NULL) = (state = 'pending')", name="ended"),
        Index("ix_setting_change_database_id_id", "database_id", "id"),
        Index("ix_setting_change_pending", "database_id", postgresql_where=text("state = 'pending'")),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    project_id: UUID = Field(foreign_key="project.id")
    database_id: UUID = Field(foreign_key="database.id")
    state: str = ChangeState.PENDING
    logical_database: str | None = None
    role: str | None = None
    before: dict[str, Any] = Field(sa_type=JSONB)
    after: dict[str, Any] = Field(sa_type=JSONB)
    undoes_id: UUID | None = None
    job_id: UUID | None = None
    problem: dict[str, Any] | None = Field(default=None, sa_column=Column(JSONB(none_as_null=True), nullable=True))
    created_by: str
    created_at: datetime = now_column()
    ended_at: datetime | None = time_column()
