"""What is kept about Railway: by which token we speak, what we are about to change, and what we last saw."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from app.db.base import Row, one_of
from app.db.columns import now_column, time_column
from app.kit.ids import new_id
from app.providers.railway.credential import TokenKind


class ConnectionState(StrEnum):
    AVAILABLE = "available"
    REFUSED = "refused"  # Railway did not accept the token at the last probe
    DELETED = "deleted"


class IntentOutcome(StrEnum):
    DONE = "done"
    UNDONE = "undone"  # nothing of it is left at Railway
    GIVEN_UP = "given_up"  # its owner ended without saying so; what it had made stands in ``made``


class RailwayConnection(Row, table=True):
    """A token. It is sealed with the row's id as context, and ``capabilities`` says what it was seen to be allowed."""

    __tablename__ = "railway_connection"
    __table_args__ = (
        one_of("state", ConnectionState),
        one_of("kind", TokenKind),
        Index(
            "uq_railway_connection_project_id_name",
            "project_id",
            "name",
            unique=True,
            postgresql_where=text("state <> 'deleted'"),
        ),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    project_id: UUID = Field(foreign_key="project.id")
    name: str
    kind: str
    state: str = ConnectionState.AVAILABLE
    token_sealed: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    # What the token belongs to, as Railway told: a project token has a project and an environment, others workspaces.
    workspaces: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSONB)
    railway_project_id: str | None = None
    railway_environment_id: str | None = None
    capabilities: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB)
    probed_at: datetime | None = time_column()
    probe_error: dict[str, Any] | None = Field(default=None, sa_type=JSONB)
    created_by: str
    created_at: datetime = now_column()
    deleted_at: datetime | None = time_column()
    revision: int = 1


class RailwayIntent(Row, table=True):
    """A change that we are about to make, written before the first request of it.

    While one is open in an environment, nobody else of us changes that environment: the row is the writer lock and the
    memory of a crash in one. ``plan`` says by what its work is found again (names, ids that we chose, patch keys);
    ``made`` what it has made so far. Neither ever holds a secret.
    """

    __tablename__ = "railway_intent"
    __table_args__ = (
        one_of("outcome", IntentOutcome),
        Index(
            "uq_railway_intent_open", "railway_environment_id", unique=True, postgresql_where=text("closed_at IS NULL")
        ),
        Index("ix_railway_intent_owner_id", "owner_id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    connection_id: UUID = Field(foreign_key="railway_connection.id")
    railway_environment_id: str
    owner_id: UUID  # the job
    operation: str
    plan: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB)
    made: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB)
    opened_at: datetime = now_column()
    closed_at: datetime | None = time_column()
    outcome: str | None = None


class RailwayObservation(Row, table=True):
    """What an environment looked like when it was last read, for every process to read instead of Railway.

    ``…_at`` is when a part was read, ``due_at`` when somebody has to look again, ``claimed_until`` until when one
    process is at it.
    """

    __tablename__ = "railway_observation"
    __table_args__ = (
        UniqueConstraint("connection_id", "railway_environment_id"),
        Index("ix_railway_observation_due_at", "due_at"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    connection_id: UUID = Field(foreign_key="railway_connection.id")
    railway_project_id: str
    railway_environment_id: str
    due_at: datetime = now_column()
    claimed_until: datetime | None = time_column()
    status: dict[str, Any] | None = Field(default=None, sa_type=JSONB)
    status_at: datetime | None = time_column()
    # The unrendered variables that refer to other services, without any other value: those may be secrets.
    consumers: dict[str, Any] | None = Field(default=None, sa_type=JSONB)
    consumers_at: datetime | None = time_column()
    metrics: dict[str, Any] | None = Field(default=None, sa_type=JSONB)
    metrics_at: datetime | None = time_column()
    error: dict[str, Any] | None = Field(default=None, sa_type=JSONB)
    error_at: datetime | None = time_column()
