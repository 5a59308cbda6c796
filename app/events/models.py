"""What happened, as append-only rows, and what is wrong until it is cleared."""

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


class DomainEvent(Row, table=True):
    """One fact, such as ``backup.succeeded``. Thin: ids and names, never a secret."""

    __tablename__ = "domain_event"
    __table_args__ = (
        Index("ix_domain_event_database_id_id", "database_id", "id"),
        Index("ix_domain_event_project_id_id", "project_id", "id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    at: datetime = now_column()
    type: str
    project_id: UUID
    database_id: UUID | None = None
    subject_id: str | None = None
    job_id: UUID | None = None
    data: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB)


class Severity(StrEnum):
    WARN = "warn"
    CRIT = "crit"


class AlertType(StrEnum):
    BACKUP_FAILED = "backup.failed"
    BACKUP_DELETION_FAILED = "backup.deletion_failed"
    BACKUP_VERIFY_FAILED = "backup.verify_failed"
    BACKUP_COPY_CORRUPT = "backup.copy_corrupt"
    BACKUP_COPY_FAILED = "backup.copy_failed"
    BACKUP_COPY_DELETION_FAILED = "backup.copy_deletion_failed"
    BACKUP_OVERDUE = "backup.overdue"
    SCHEDULE_MISSED = "schedule.missed"
    RETENTION_BLOCKED = "retention.blocked"
    DATABASE_LEFT_PUBLIC = "database.left_public"
    DATABASE_UNREACHABLE = "database.unreachable"
    DATABASE_DISK_FILLING = "database.disk_filling"
    DATABASE_DISK_NEARLY_FULL = "database.disk_nearly_full"
    CERTIFICATE_EXPIRING = "certificate.expiring"
    CERTIFICATE_NEARLY_EXPIRED = "certificate.nearly_expired"
    CERTIFICATE_CHANGED = "certificate.changed"
    CREDENTIAL_OVERDUE = "credential.overdue"
    POOLER_STOPPED = "pooler.stopped"
    RESTORE_UNCONFIRMED = "restore.unconfirmed"
    STORAGE_CLOCK_SKEW = "storage.clock_skew"
    JOB_OVERDUE = "job.overdue"
    RAILWAY_CONNECTION_REFUSED = "railway.connection_refused"
    RAILWAY_ORPHAN = "railway.orphan"
    RAILWAY_SCHEMA_DRIFT = "railway.schema_drift"


class Alert(Row, table=True):
    """An incident: one row from when it is noticed until it is over. The next one of the same key is another row."""

    __table_args__ = (
        one_of("severity", Severity),
        Index("uq_alert_key_open", "key", unique=True, postgresql_where=text("cleared_at IS NULL")),
        Index("ix_alert_project_id_id", "project_id", "id"),
        Index("ix_alert_database_id_id", "database_id", "id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    key: str  # the type, and what it is about
    type: str
    severity: str
    project_id: UUID | None = None
    database_id: UUID | None = None
    subject_id: str | None = None
    title: str
    detail: str
    data: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB)
    opened_at: datetime = now_column()
    last_seen_at: datetime = now_column()
    count: int = 1
    cleared_at: datetime | None = time_column()
    cleared_reason: str | None = None

    @property
    def revision(self) -> int:
        """A row changes by being seen again, and at last by being cleared."""
        return self.count + (self.cleared_at is not None)
