"""What lies in the locations: backups, their copies, and the key pair that their files are encrypted to.

The tables stand here, below the domains that make and restore backups, because both of them read all three.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, CheckConstraint, Column, ForeignKey, Index, LargeBinary, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from app.db.base import Row, one_of
from app.db.columns import now_column, time_column
from app.kit.ids import new_id


class BackupState(StrEnum):
    CREATING = "creating"
    AVAILABLE = "available"
    PARTIAL = "partial"  # restorable, but a location that was asked for has no copy
    FAILED = "failed"
    DELETING = "deleting"
    DELETED = "deleted"


class CopyState(StrEnum):
    PENDING = "pending"
    COPYING = "copying"
    AVAILABLE = "available"
    FAILED = "failed"
    CORRUPT = "corrupt"
    RETAINED = "retained"  # the store refuses to delete it yet
    DELETING = "deleting"
    DELETED = "deleted"


class Verification(StrEnum):
    NONE = "none"
    RUNNING = "running"
    PASSED = "passed"
    FAILED = "failed"
    UNVERIFIABLE = "unverifiable"


class VerificationLevel(StrEnum):
    """Ordered: what passes one of them passes those before."""

    V0 = "V0"  # objects are there, of the right size, and can be opened
    V1 = "V1"  # every byte was read back, hashed and decoded
    V2 = "V2"  # restored into a scratch server and compared


class Origin(StrEnum):
    MANUAL = "manual"
    SCHEDULED = "scheduled"
    SAFETY = "safety"  # taken before something is replaced
    FINAL = "final"  # taken before its database was deleted
    IMPORTED = "imported"  # made elsewhere; nobody counted its rows


class Encryption(StrEnum):
    AGE = "age"
    NONE = "none"


class Backup(Row, table=True):
    """One dump of one logical database. Available only after the gate; its manifest object is written last."""

    __table_args__ = (
        one_of("state", BackupState),
        one_of("origin", Origin),
        one_of("encryption", Encryption),
        one_of("verification", Verification),
        CheckConstraint("state NOT IN ('available','partial') OR manifest_written_at IS NOT NULL", name="manifest"),
        Index("ix_backup_database_id_id", "database_id", "id"),
        Index("ix_backup_project_id_id", "project_id", "id"),
        Index("ix_backup_set_id", "set_id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    set_id: UUID
    project_id: UUID = Field(foreign_key="project.id")
    database_id: UUID = Field(foreign_key="database.id")
    logical_database: str
    origin: str = Origin.MANUAL
    state: str = BackupState.CREATING
    verification: str = Verification.NONE
    encryption: str = Encryption.AGE
    options: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB)
    job_id: UUID | None = None
    client_version: str | None = None
    server_version: str | None = None
    compression: str | None = None
    snapshot_at: datetime | None = time_column()
    size_bytes: int | None = None
    tables: int | None = None
    rows: int | None = None
    duration_seconds: float | None = None
    manifest_written_at: datetime | None = time_column()
    warnings: list[str] = Field(default_factory=list, sa_column=Column(JSONB, nullable=False, server_default="[]"))
    error: dict[str, Any] | None = Field(default=None, sa_type=JSONB)
    labels: dict[str, str] = Field(default_factory=dict, sa_type=JSONB)
    created_by: str
    created_at: datetime = now_column()
    expires_at: datetime | None = time_column()
    deleted_at: datetime | None = time_column()
    verified_at: datetime | None = time_column()  # when ``verification_level`` was passed; null once one has failed
    verification_level: str | None = None  # the highest that was passed, or the one that failed
    policy_id: UUID | None = None  # of scheduled ones, and which of the policy's schedules
    schedule_id: UUID | None = None
    pinned_at: datetime | None = time_column()
    pinned_until: datetime | None = time_column()  # null: until somebody unpins it
    pin_reason: str | None = None
    pinned_by: str | None = None
    revision: int = 1

    def is_pinned(self, now: datetime) -> bool:
        """Whether nobody may delete it, nor any copy of it."""
        return self.pinned_at is not None and (self.pinned_until is None or self.pinned_until > now)


class BackupManifest(Row, table=True):
    """The manifest as it stands in the store, kept apart so that lists stay light.

    The row is a draft until the backup's ``manifest_written_at`` is set.
    """

    __tablename__ = "backup_manifest"

    backup_id: UUID = Field(sa_column=Column(ForeignKey("backup.id", ondelete="CASCADE"), primary_key=True))
    manifest: dict[str, Any] = Field(sa_type=JSONB)  # app.locations.manifest.Manifest


class BackupCopy(Row, table=True):
    """A backup's presence in one location."""

    __tablename__ = "backup_copy"
    __table_args__ = (one_of("state", CopyState), Index("ix_backup_copy_location_id", "location_id"))

    backup_id: UUID = Field(sa_column=Column(ForeignKey("backup.id", ondelete="CASCADE"), primary_key=True))
    location_id: UUID = Field(foreign_key="location.id", primary_key=True)
    state: str = CopyState.PENDING
    is_primary: bool = False  # the dump was streamed to it; the others are copies of its objects
    size_bytes: int | None = None
    error: dict[str, Any] | None = Field(default=None, sa_type=JSONB)
    job_id: UUID | None = None  # that copies it, or deletes it, or did so last
    checked_at: datetime | None = time_column()  # all of it was read then, and had the digests of the manifest
    retained_until: datetime | None = time_column()  # of the state retained; null there while nobody knows
    lock_mode: str | None = None
    created_at: datetime = now_column()
    completed_at: datetime | None = time_column()
    # What the policy says of a scheduled one: which generation it represents, and why it is kept.
    tier: str | None = None
    kept_because: list[str] | None = Field(default=None, sa_type=JSONB)
    # Superfluous, but one of more than may go at once without somebody's word.
    is_blocked: bool = Field(default=False, sa_column=Column(Boolean, nullable=False, server_default=text("false")))


class AgeIdentity(Row, table=True):
    """The key pair of this installation: backups are encrypted to its recipient. The identity is sealed."""

    __tablename__ = "age_identity"
    __table_args__ = (Index("uq_age_identity_current", "is_current", unique=True, postgresql_where=text("is_current")),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    recipient: str = Field(unique=True)
    identity_sealed: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    is_current: bool = True
    created_at: datetime = now_column()
