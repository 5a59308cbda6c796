"""Restores: what was restored from where to where, and what came of it."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from app.db.base import Row, one_of
from app.db.columns import now_column, time_column
from app.kit.ids import new_id


class RestoreState(StrEnum):
    PENDING = "pending"
    RUNNING = "running"
    RESTORED = "restored"  # done; after one in place the old database still stands beside
    CONFIRMED = "confirmed"  # the old database was dropped
    UNDONE = "undone"  # the old database is back
    FAILED = "failed"
    CANCELLED = "cancelled"


class TargetKind(StrEnum):
    LOGICAL_DATABASE = "logical_database"
    IN_PLACE = "in_place"
    NEW_DATABASE = "new_database"
    TABLES = "tables"  # into a new schema of a logical database that others use
    ROWS = "rows"  # into tables that are there


class OnRows(StrEnum):
    """What becomes of rows that are there before those of the backup."""

    REFUSE = "refuse"
    APPEND = "append"


class OwnerMode(StrEnum):
    KEEP = "keep"  # roles that are missing are created, without a login
    STRIP = "strip"  # everything belongs to the restoring role
    MAP = "map"  # as role_map says, the rest is stripped


class Restore(Row, table=True):
    __table_args__ = (
        one_of("state", RestoreState),
        one_of("target_kind", TargetKind),
        one_of("owner_mode", OwnerMode),
        Index("ix_restore_database_id_id", "database_id", "id"),
        Index("ix_restore_project_id_id", "project_id", "id"),
        Index("ix_restore_backup_id", "backup_id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    project_id: UUID = Field(foreign_key="project.id")
    backup_id: UUID = Field(foreign_key="backup.id")
    state: str = RestoreState.PENDING
    target_kind: str
    database_id: UUID = Field(foreign_key="database.id")  # whose server is restored into
    logical_database: str  # under which name
    parts: str = "all"  # all, schema or data
    tables: list[dict[str, str]] | None = Field(default=None, sa_type=JSONB)  # schema and name; null: all of them
    into_schema: str | None = None  # of selected tables
    on_rows: str | None = None  # of rows alone
    owner_mode: str = OwnerMode.KEEP
    role_map: dict[str, str] = Field(default_factory=dict, sa_type=JSONB)
    previous_database: str | None = None  # in place: under which name the one put aside stands until confirmed
    # In place: app.restores.schemas.Placed, the last change of names, by which the next one knows what is what.
    placed: dict[str, Any] | None = Field(default=None, sa_type=JSONB)
    safety_backup_id: UUID | None = None
    job_id: UUID | None = None
    report: dict[str, Any] | None = Field(default=None, sa_type=JSONB)
    error: dict[str, Any] | None = Field(default=None, sa_type=JSONB)
    created_by: str
    created_at: datetime = now_column()
    finished_at: datetime | None = time_column()
    confirmed_at: datetime | None = time_column()
    revision: int = 1
