"""Whom we let in to a server, and the pooler before it. What several domains above know of."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, Index, LargeBinary, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from app.db.base import Row, one_of
from app.db.columns import now_column, time_column
from app.kit.ids import new_id


class LoginKind(StrEnum):
    SUPERUSER = "superuser"  # the login that this service itself uses; there is one only while it is being rotated
    ROLE = "role"  # made by PUT /roles/{name} with login
    APPLICATION = "application"  # one of the two of an application
    TEMPORARY = "temporary"  # ends by itself


class LoginState(StrEnum):
    PENDING = "pending"  # on record; whether the server has it is not known yet
    READY = "ready"  # works, and nobody is told to use it
    CURRENT = "current"  # works, and is what callers and consumers are given
    RETIRING = "retiring"  # works until its last sessions have moved
    DISABLED = "disabled"  # NOLOGIN; its turn comes again
    ENDED = "ended"  # dropped


class Login(Row, table=True):
    """A login that this service made on a server. The row is written before the role is, and outlives it.

    ``next_password_sealed`` is written before the server is told of a new password, and becomes ``password_sealed``
    after it: whoever finds it tries which of the two works. Both are sealed with the row's id as context.
    """

    __table_args__ = (
        one_of("kind", LoginKind),
        one_of("state", LoginState),
        CheckConstraint("(application_id IS NULL) = (kind <> 'application')", name="application"),
        Index(
            "uq_login_database_id_role", "database_id", "role", unique=True, postgresql_where=text("state <> 'ended'")
        ),
        Index("uq_login_current", "application_id", unique=True, postgresql_where=text("state = 'current'")),
        Index("ix_login_expires_at", "expires_at", postgresql_where=text("state <> 'ended'")),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    project_id: UUID = Field(foreign_key="project.id")
    database_id: UUID = Field(foreign_key="database.id")
    kind: str
    state: str = LoginState.PENDING
    role: str
    application_id: UUID | None = Field(default=None, foreign_key="application.id")
    password_sealed: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    next_password_sealed: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    rotated_at: datetime | None = time_column()
    # Of temporary ones.
    expires_at: datetime | None = time_column()
    preset: str | None = None
    logical_database: str | None = None
    reason: str | None = None
    address_note: str | None = None  # from where it is meant to be used; PostgreSQL does not enforce it
    job_id: UUID | None = None  # whose work it was made for
    created_by: str
    created_at: datetime = now_column()
    ended_at: datetime | None = time_column()
    revision: int = 1


class Application(Row, table=True):
    """What applications use instead of the superuser: a role that owns the objects and cannot log in, and two logins."""

    __table_args__ = (
        Index(
            "uq_application_database_id_name",
            "database_id",
            "name",
            unique=True,
            postgresql_where=text("deleted_at IS NULL"),
        ),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    project_id: UUID = Field(foreign_key="project.id")
    database_id: UUID = Field(foreign_key="database.id")
    name: str
    logical_database: str
    owner_role: str
    options: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB)  # role timeouts, variables, rotation schedule
    created_by: str
    created_at: datetime = now_column()
    updated_at: datetime = now_column()
    deleted_at: datetime | None = time_column()
    revision: int = 1


class PoolerState(StrEnum):
    CREATING = "creating"
    RUNNING = "running"
    STOPPED = "stopped"  # is there, and does not answer
    FAILED = "failed"
    DELETING = "deleting"
    DELETED = "deleted"


class Pooler(Row, table=True):
    """A PgBouncer before a database. ``host_id`` is of one that we run: only workers of that host do."""

    __table_args__ = (
        one_of("state", PoolerState),
        CheckConstraint("(host IS NULL) = (port IS NULL)", name="address"),
        Index("uq_pooler_database_id", "database_id", unique=True, postgresql_where=text("state <> 'deleted'")),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    project_id: UUID = Field(foreign_key="project.id")
    database_id: UUID = Field(foreign_key="database.id")
    state: str = PoolerState.CREATING
    state_reason: str | None = None
    host_id: UUID | None = None
    host: str | None = None
    port: int | None = None
    version: str | None = None
    ca_pem: str | None = None
    admin_password_sealed: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    auth_password_sealed: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    options: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB)  # app.pooling.schemas.PoolerOptions
    provider_data: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB)
    created_by: str
    created_at: datetime = now_column()
    updated_at: datetime = now_column()
    deleted_at: datetime | None = time_column()
    revision: int = 1


class PoolMode(StrEnum):
    TRANSACTION = "transaction"
    SESSION = "session"
    STATEMENT = "statement"


class Pool(Row, table=True):
    """A name that clients give as their database, and how many connections to the server stand behind it."""

    __table_args__ = (
        one_of("mode", PoolMode),
        Index("uq_pool_pooler_id_name", "pooler_id", "name", unique=True),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    pooler_id: UUID = Field(foreign_key="pooler.id")
    name: str
    logical_database: str
    mode: str = PoolMode.TRANSACTION
    size: int
    reserve: int = 0
    min_size: int = 0
    max_db_connections: int | None = None
    paused_until: datetime | None = time_column()  # when it resumes by itself
    created_at: datetime = now_column()
    updated_at: datetime = now_column()
    revision: int = 1


class CertificateState(StrEnum):
    UNSEEN = "unseen"  # nobody has looked yet
    TRUSTED = "trusted"  # the server shows what the pinned root signed
    UNPINNED = "unpinned"  # nothing is pinned: encrypted without knowing by whom
    CHANGED = "changed"  # it shows what the pinned root has not signed
    EXPIRED = "expired"
    NO_TLS = "no_tls"


class PinnedBy(StrEnum):
    AUTOMATIC = "automatic"  # proven by a login with channel binding
    CONFIRMED = "confirmed"  # by somebody who compared the fingerprint


class Certificate(Row, table=True):
    """What a server showed when it was last looked at. The pinned root itself is ``Database.ca_pem``.

    Without ``pinned_by`` a pin is its owner's own, given with the address, or that of a server which we made: it is not
    replaced, and what does not fit it is refused.
    """

    __table_args__ = (
        one_of("state", CertificateState),
        one_of("pinned_by", PinnedBy),
        Index("ix_certificate_look_at", "look_at"),
    )

    database_id: UUID = Field(foreign_key="database.id", primary_key=True)
    state: str = CertificateState.UNSEEN
    reason: str | None = None  # why nothing is pinned, or what is wrong with it
    shown_pem: str | None = None
    root_pem: str | None = None  # of what is shown, where it is known
    not_after: datetime | None = time_column()  # of the first of the two to expire
    pinned_by: str | None = None
    pinned_at: datetime | None = time_column()
    seen_at: datetime | None = time_column()
    look_at: datetime = now_column()
