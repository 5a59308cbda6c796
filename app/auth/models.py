"""Keys, the trail of what they did, and the answers that are replayed for a repeated request."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, Index, LargeBinary, Text, Uuid, func, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field

from app.db.base import Row, one_of
from app.kit.ids import new_id


class ApiKey(Row, table=True):
    """A caller. The secret is not here: only its digest under a pepper that the database never sees."""

    __tablename__ = "api_key"
    __table_args__ = (
        CheckConstraint("length(name) BETWEEN 1 AND 100", name="name"),
        CheckConstraint("octet_length(digest) = 32", name="digest"),
        CheckConstraint("project_ids IS NULL OR cardinality(project_ids) > 0", name="project_ids"),
        Index("ix_api_key_created_at_id", "created_at", "id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    name: str
    digest: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    last4: str
    scopes: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    # Null means every project, those of tomorrow included.
    project_ids: list[UUID] | None = Field(default=None, sa_column=Column(ARRAY(Uuid), nullable=True))
    expires_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    revoked_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    created_by: str
    created_at: datetime = Field(
        default=None, sa_type=DateTime(timezone=True), nullable=False, sa_column_kwargs={"server_default": func.now()}
    )
    last_used_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))


class Outcome(StrEnum):
    DONE = "done"
    DENIED = "denied"


class AuditEvent(Row, table=True):
    """One thing that was done or refused. Rows are only ever added; they hold ids and names, never a secret."""

    __tablename__ = "audit_event"
    __table_args__ = (
        one_of("outcome", Outcome),
        Index("ix_audit_event_at_id", "at", "id"),
        Index("ix_audit_event_actor_at", "actor", "at"),
        Index("ix_audit_event_target", "target_type", "target_id"),
        Index("ix_audit_event_project_id_at", "project_id", "at"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    at: datetime = Field(
        default=None, sa_type=DateTime(timezone=True), nullable=False, sa_column_kwargs={"server_default": func.now()}
    )
    actor: str  # an outside key id, or "cli", or "anonymous"
    action: str
    target_type: str | None = None
    target_id: str | None = None  # the outside id, which stays readable after the target is gone
    project_id: UUID | None = None
    outcome: str
    code: str | None = None  # of the problem document, when denied
    address: str | None = None
    user_agent: str | None = None
    request_id: str | None = None
    details: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSONB, nullable=False, server_default="{}"))


class IdempotencyKey(Row, table=True):
    """The stored answer of one request that carried an Idempotency-Key."""

    __tablename__ = "idempotency_key"
    __table_args__ = (Index("ix_idempotency_key_expires_at", "expires_at"),)

    principal: UUID = Field(primary_key=True)
    route: str = Field(primary_key=True)  # method and path template
    key: str = Field(primary_key=True)
    fingerprint: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    status: int
    headers: dict[str, str] = Field(sa_column=Column(JSONB, nullable=False))
    # Text, not jsonb: a replay is byte for byte what was sent the first time.
    body: str = Field(sa_column=Column(Text, nullable=False, server_default=text("''")))
    created_at: datetime = Field(
        default=None, sa_type=DateTime(timezone=True), nullable=False, sa_column_kwargs={"server_default": func.now()}
    )
    expires_at: datetime = Field(sa_type=DateTime(timezone=True))
