"""Verifications: what was looked at of a backup, and what was found."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Column, ForeignKey, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from app.db.base import Row, one_of
from app.db.columns import now_column, time_column
from app.kit.ids import new_id
from app.locations.holdings import VerificationLevel


class VerificationState(StrEnum):
    PENDING = "pending"
    RUNNING = "running"
    PASSED = "passed"
    FAILED = "failed"  # a copy, or the backup itself, is bad
    UNVERIFIABLE = "unverifiable"  # something needed for it is not here, such as an extension
    INCONCLUSIVE = "inconclusive"  # its job failed: a location or this machine is to blame, not the backup
    CANCELLED = "cancelled"


class Verification(Row, table=True):
    __table_args__ = (
        one_of("level", VerificationLevel),
        one_of("state", VerificationState),
        Index("ix_verification_backup_id_id", "backup_id", "id"),
        Index("uq_verification_job_id", "job_id", unique=True),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    project_id: UUID = Field(foreign_key="project.id")
    backup_id: UUID = Field(sa_column=Column(ForeignKey("backup.id", ondelete="CASCADE"), nullable=False))
    level: str
    state: str = VerificationState.PENDING
    location_id: UUID | None = Field(default=None, foreign_key="location.id")  # null: not named
    rows: int | None = None  # counted in the restored database
    report: dict[str, Any] | None = Field(default=None, sa_type=JSONB)  # app.verifications.schemas.VerificationReport
    error: dict[str, Any] | None = Field(default=None, sa_type=JSONB)
    job_id: UUID
    created_by: str
    created_at: datetime = now_column()
    started_at: datetime | None = time_column()
    finished_at: datetime | None = time_column()
    revision: int = 1
