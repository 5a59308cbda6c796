"""What everything else refers to: projects, their environments, and the databases in them."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, Index, LargeBinary, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from app.db.base import Row, one_of
from app.db.columns import now_column, time_column
from app.kit.ids import new_id


class EnvironmentKind(StrEnum):
    PRODUCTION = "production"
    STAGING = "staging"
    DEVELOPMENT = "development"


class ProviderName(StrEnum):
    LOCAL = "local"
    EXTERNAL = "external"
    RAILWAY = "railway"


class DatabaseState(StrEnum):
    CREATING = "creating"
    AVAILABLE = "available"
    UPDATING = "updating"
    RESTARTING = "restarting"
    RESTORING = "restoring"
    UNREACHABLE = "unreachable"  # the server is there, but we cannot log in
    MISSING = "missing"  # the provider no longer knows it
    DELETING = "deleting"
    DELETED = "deleted"
    FAILED = "failed"


class Project(Row, table=True):
    __table_args__ = (Index("uq_project_name", "name", unique=True, postgresql_where=text("deleted_at IS NULL")),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    name: str
    # Whose keys open its backups besides ours: app.databases.schemas.EscrowRecipient.
    escrow_recipients: list[dict[str, str]] = Field(
        default_factory=list, sa_column=Column(JSONB, nullable=False, server_default="[]")
    )
    created_by: str
    created_at: datetime = now_column()
    deleted_at: datetime | None = time_column()
    revision: int = 1


class Environment(Row, table=True):
    __table_args__ = (
        one_of("kind", EnvironmentKind),
        CheckConstraint(
            "num_nonnulls(connection_id, railway_project_id, railway_environment_id) IN (0, 3)", name="railway"
        ),
        Index(
            "uq_environment_project_id_name",
            "project_id",
            "name",
            unique=True,
            postgresql_where=text("deleted_at IS NULL"),
        ),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    project_id: UUID = Field(foreign_key="project.id")
    name: str
    kind: str
    # Which environment on Railway it stands for, and by whose token that one is reached; all three or none.
    connection_id: UUID | None = Field(default=None, foreign_key="railway_connection.id")
    railway_project_id: str | None = None
    railway_environment_id: str | None = None
    created_at: datetime = now_column()
    deleted_at: datetime | None = time_column()
    revision: int = 1


class Database(Row, table=True):
    """One managed PostgreSQL server with its volume.

    Where it is and how to log in stands in columns that are null while it is being made. The password is sealed with
    the row's id as context. Rows stay when the database is deleted, since its backups outlive it.
    """

    __table_args__ = (
        one_of("provider", ProviderName),
        one_of("state", DatabaseState),
        CheckConstraint("(host IS NULL) = (port IS NULL)", name="address"),
        Index(
            "uq_database_environment_id_name",
            "environment_id",
            "name",
            unique=True,
            postgresql_where=text("state <> 'deleted'"),
        ),
        Index("ix_database_project_id_id", "project_id", "id"),
        Index("ix_database_host_id", "host_id", postgresql_where=text("host_id IS NOT NULL AND state <> 'deleted'")),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    project_id: UUID = Field(foreign_key="project.id")
    environment_id: UUID = Field(foreign_key="environment.id")
    name: str
    provider: str
    state: str = DatabaseState.CREATING
    state_reason: str | None = None
    wanted_major: int | None = None  # what the caller asked for; null leaves the choice to the provider
    server_version: str | None = None
    server_major: int | None = None
    host_id: UUID | None = None  # of local servers: only workers of that host reach them
    reach: str | None = None  # of servers on Railway: how we get to them; see ``reach``
    worker_label: str | None = None  # set by the operator: workers of this label stand beside the server
    host: str | None = None  # of the address that we use; null as well while nothing reaches the server
    port: int | None = None
    default_database: str | None = None
    username: str | None = None
    password_sealed: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    tls_mode: str | None = None
    ca_pem: str | None = None
    provider_data: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB)
    protected: bool = False
    labels: dict[str, str] = Field(default_factory=dict, sa_type=JSONB)
    created_by: str
    created_at: datetime = now_column()
    updated_at: datetime = now_column()
    deleted_at: datetime | None = time_column()
    revision: int = 1


class NetworkOpening(Row, table=True):
    """A way to a server that one job has opened for itself, and that must be closed when the job ends, however it ends.

    The row is written before the way is opened. ``close_at`` is when it is closed whatever the job says.
    """

    __tablename__ = "network_opening"
    __table_args__ = (
        Index("uq_network_opening_open", "database_id", unique=True, postgresql_where=text("closed_at IS NULL")),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    database_id: UUID = Field(foreign_key="database.id")
    job_id: UUID
    host: str | None = None  # null until it is open
    port: int | None = None
    opened_at: datetime = now_column()
    close_at: datetime = Field(sa_type=DateTime(timezone=True))
    closed_at: datetime | None = time_column()


class PublicWindow(Row, table=True):
    """Public access that ends by itself. ``opened_it``: it was not public before, so the end of the window closes it.

    The row is written with the job that opens, so whatever becomes of that job somebody knows what to close.
    """

    __tablename__ = "public_window"
    __table_args__ = (
        Index("uq_public_window_open", "database_id", unique=True, postgresql_where=text("closed_at IS NULL")),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    project_id: UUID = Field(foreign_key="project.id")
    database_id: UUID = Field(foreign_key="database.id")
    job_id: UUID
    opened_it: bool = False
    login_id: UUID | None = None  # of the temporary credential that was made for it
    reason: str | None = None
    created_by: str
    created_at: datetime = now_column()
    close_at: datetime = Field(sa_type=DateTime(timezone=True))
    closed_at: datetime | None = time_column()
