"""Where copies of backups live."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Index, LargeBinary, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from app.db.base import Row, one_of
from app.db.columns import now_column, time_column
from app.kit.ids import new_id


class LocationState(StrEnum):
    AVAILABLE = "available"
    UNREACHABLE = "unreachable"  # the last probe failed
    DELETED = "deleted"


class Addressing(StrEnum):
    PATH = "path"
    VIRTUAL = "virtual"


class Location(Row, table=True):
    """A bucket and a prefix in it. The secret key is sealed with the row's id as context."""

    __table_args__ = (
        one_of("state", LocationState),
        one_of("addressing", Addressing),
        Index(
            "uq_location_project_id_name",
            "project_id",
            "name",
            unique=True,
            postgresql_where=text("state <> 'deleted'"),
        ),
        Index(
            "uq_location_place",
            "project_id",
            "endpoint_url",
            "bucket",
            "prefix",
            unique=True,
            postgresql_where=text("state <> 'deleted'"),
        ),
        Index(
            "uq_location_default", "project_id", unique=True, postgresql_where=text("is_default AND state <> 'deleted'")
        ),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    project_id: UUID = Field(foreign_key="project.id")
    name: str
    state: str = LocationState.AVAILABLE
    is_default: bool = False  # of its project: where backups go that name no location
    endpoint_url: str
    bucket: str
    prefix: str = ""
    region: str = "auto"
    addressing: str = Addressing.VIRTUAL
    access_key_id: str
    secret_key_sealed: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    allow_insecure: bool = False
    max_parts: int | None = None  # of one upload; as many as S3 allows when null
    max_upload_bytes_per_second: int | None = None
    sse: str | None = None
    kms_key_id: str | None = None
    object_lock: dict[str, Any] | None = Field(default=None, sa_type=JSONB)  # app.locations.schemas.LockWish
    capabilities: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB)
    probed_at: datetime | None = time_column()
    probe_error: dict[str, Any] | None = Field(default=None, sa_type=JSONB)
    created_by: str
    created_at: datetime = now_column()
    deleted_at: datetime | None = time_column()
    revision: int = 1
