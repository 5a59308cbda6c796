"""What roles of a server are wished to be, as far as this service was asked to keep them so."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from app.db.base import Row, one_of
from app.db.columns import now_column
from app.kit.ids import new_id


class RoleState(StrEnum):
    PENDING = "pending"  # on record; the server may have all of it, some or none
    CURRENT = "current"


class ManagedRole(Row, table=True):
    """The row is written before the server is told, and is current once it has all of it.

    ``settings_before``: names that wishes since then have set, so that those which are no longer wished for are removed.
    """

    __tablename__ = "managed_role"
    __table_args__ = (
        one_of("state", RoleState),
        Index("uq_managed_role_database_id_name", "database_id", "name", unique=True),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    project_id: UUID = Field(foreign_key="project.id")
    database_id: UUID = Field(foreign_key="database.id")
    name: str
    state: str = RoleState.PENDING
    wish: dict[str, Any] = Field(sa_type=JSONB)  # app.roles.schemas.RoleWishView
    settings_before: list[str] = Field(default_factory=list, sa_column=Column(JSONB, nullable=False))
    created_by: str
    created_at: datetime = now_column()
    updated_at: datetime = now_column()
    revision: int = 1
