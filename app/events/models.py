"""What happened to a database, as append-only rows."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from app.db.base import Row
from app.db.columns import now_column
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
