"""Imports: files that were fetched, and what became of them."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Index, LargeBinary
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from app.db.base import Row, one_of
from app.db.columns import now_column, time_column
from app.kit.ids import new_id
from app.locations.holdings import Encryption


class ImportState(StrEnum):
    AWAITING_UPLOAD = "awaiting_upload"
    PENDING = "pending"
    RUNNING = "running"
    AVAILABLE = "available"
    FAILED = "failed"
    CANCELLED = "cancelled"
    DELETING = "deleting"
    DELETED = "deleted"


class SourceKind(StrEnum):
    URL = "url"
    OBJECT = "object"
    UPLOAD = "upload"


class Format(StrEnum):
    ARCHIVE = "archive"  # pg_dump's custom format: it became a backup
    SQL = "sql"


class Import(Row, table=True):
    """``url_sealed`` is kept until the file is here, since an address can be a secret. An archive became ``backup_id``."""

    __table_args__ = (
        one_of("state", ImportState),
        one_of("source_kind", SourceKind),
        one_of("format", Format),
        one_of("encryption", Encryption),
        Index("ix_import_project_id_id", "project_id", "id"),
        Index("ix_import_location_id", "location_id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    project_id: UUID = Field(foreign_key="project.id")
    database_id: UUID = Field(foreign_key="database.id")
    location_id: UUID = Field(foreign_key="location.id")
    state: str = ImportState.PENDING
    source_kind: str
    source_host: str | None = None
    url_sealed: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    source_location_id: UUID | None = Field(default=None, foreign_key="location.id")
    source_key: str | None = None  # an uploaded file lies there until the import is available, or deleted
    upload_id: str | None = None
    filename: str | None = None
    size_bytes: int | None = None  # of the file: as announced, then as read
    sha256: str | None = None  # as demanded, then as read
    encryption: str
    labels: dict[str, str] = Field(default_factory=dict, sa_type=JSONB)
    logical_database: str | None = None
    format: str | None = None
    unpacked_bytes: int | None = None
    stored: dict[str, Any] | None = Field(default=None, sa_type=JSONB)  # of SQL: app.locations.manifest.StoredObject
    backup_id: UUID | None = Field(default=None, foreign_key="backup.id")
    warnings: list[str] = Field(default_factory=list, sa_type=JSONB)
    error: dict[str, Any] | None = Field(default=None, sa_type=JSONB)
    job_id: UUID | None = None
    created_by: str
    created_at: datetime = now_column()
    finished_at: datetime | None = time_column()
    deleted_at: datetime | None = time_column()
    revision: int = 1
