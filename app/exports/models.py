"""Exports: backups written as plain SQL, for whoever has nothing but psql."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from app.db.base import Row, one_of
from app.db.columns import now_column, time_column
from app.kit.ids import new_id
from app.locations.holdings import Encryption


class ExportState(StrEnum):
    PENDING = "pending"
    RUNNING = "running"
    AVAILABLE = "available"
    FAILED = "failed"
    CANCELLED = "cancelled"
    DELETING = "deleting"
    DELETED = "deleted"


class Export(Row, table=True):
    """One file beside the backups of a location. It goes when it expires; a backup never does so because of it."""

    __table_args__ = (
        one_of("state", ExportState),
        one_of("encryption", Encryption),
        Index("ix_export_backup_id_id", "backup_id", "id"),
        Index("ix_export_expires_at", "expires_at", postgresql_where=text("state = 'available'")),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    project_id: UUID = Field(foreign_key="project.id")
    backup_id: UUID = Field(foreign_key="backup.id")
    state: str = ExportState.PENDING
    options: dict[str, Any] = Field(sa_type=JSONB)  # app.exports.schemas.ExportOptions
    encryption: str
    keep_days: int
    location_id: UUID | None = None  # where it lies, once that was chosen
    key: str | None = None
    size_bytes: int | None = None
    sha256: str | None = None
    plain_size_bytes: int | None = None  # of the SQL itself
    recipients: list[str] = Field(default_factory=list, sa_type=JSONB)
    warnings: list[str] = Field(default_factory=list, sa_type=JSONB)
    error: dict[str, Any] | None = Field(default=None, sa_type=JSONB)
    job_id: UUID | None = None
    created_by: str
    created_at: datetime = now_column()
    finished_at: datetime | None = time_column()
    expires_at: datetime | None = time_column()
    deleted_at: datetime | None = time_column()
    revision: int = 1
