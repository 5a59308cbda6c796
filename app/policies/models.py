"""When a database is backed up by itself, and what is kept of it: one policy a database."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from app.db.base import Row
from app.db.columns import now_column
from app.kit.ids import new_id


class BackupPolicy(Row, table=True):
    """The slots themselves are rows of ``schedule``, which exist while the policy is enabled and the database is there."""

    __tablename__ = "backup_policy"
    __table_args__ = (
        Index("uq_backup_policy_database_id", "database_id", unique=True),
        Index("ix_backup_policy_look_at", "look_at", postgresql_where=text("enabled")),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    project_id: UUID = Field(foreign_key="project.id")
    database_id: UUID = Field(foreign_key="database.id")
    enabled: bool
    rules: dict[str, Any] = Field(sa_type=JSONB)  # app.policies.schemas.PolicyRules
    is_default: bool = False  # made by this service and not changed since
    # The set of the last backup that succeeded, by the outside id of its schedule: kept whatever the clocks say.
    last_sets: dict[str, str] = Field(default_factory=dict, sa_type=JSONB)
    # The newest backup that a look into the location itself has found: by location, by schedule, when it was taken.
    seen: dict[str, dict[str, str]] = Field(default_factory=dict, sa_type=JSONB)
    look_at: datetime = now_column()  # when to look there again
    created_by: str
    created_at: datetime = now_column()
    updated_at: datetime = now_column()
    revision: int = 1
