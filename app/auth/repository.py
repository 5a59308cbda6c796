"""Queries on keys and on the trail."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, bindparam, func, tuple_, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.auth.models import ApiKey, AuditEvent
from app.db.base import metadata

Position = tuple[datetime, UUID]

# Every request runs this, so it is built once and of the table's columns: those of the class pass through the mapper.
_KEY = metadata.tables["api_key"].c
_CREDENTIALS = select(  # type: ignore[call-overload]  # SQLModel types at most four columns
    _KEY.name, _KEY.digest, _KEY.scopes, _KEY.project_ids, _KEY.expires_at, _KEY.revoked_at, _KEY.last_used_at
).where(_KEY.id == bindparam("key_id"))


@dataclass(frozen=True, slots=True)
class AuditFilter:
    actor: str | None = None
    action: str | None = None
    target_type: str | None = None
    target_id: str | None = None
    after: datetime | None = None
    before: datetime | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        wanted: list[tuple[Any, Any]] = [
            (AuditEvent.actor, self.actor),
            (AuditEvent.action, self.action),
            (AuditEvent.target_type, self.target_type),
            (AuditEvent.target_id, self.target_id),
        ]
        found = [col(column) == value for column, value in wanted if value is not None]
        if self.after is not None:
            found.append(col(AuditEvent.at) >= self.after)
        if self.before is not None:
            found.append(col(AuditEvent.at) < self.before)
        return found


@dataclass(frozen=True, slots=True)
class AuthRepository:
    session: AsyncSession

    async def credentials(self, key_id: UUID) -> Row[Any] | None:
        """What a request is checked against."""
        result = await self.session.exec(_CREDENTIALS, params={"key_id": key_id})
        row: Row[Any] | None = result.one_or_none()
        return row

    def add(self, key: ApiKey) -> None:
        self.session.add(key)

    async def key(self, key_id: UUID) -> ApiKey | None:
        return await self.session.get(ApiKey, key_id)

    async def keys(self, *, projects: frozenset[UUID] | None, after: Position | None, limit: int) -> Sequence[ApiKey]:
        """Newest first; ``projects`` leaves only keys that cover nothing else."""
        statement = select(ApiKey).order_by(col(ApiKey.created_at).desc(), col(ApiKey.id).desc()).limit(limit)
        if projects is not None:
            # Null, which is every project, is contained in nothing.
            statement = statement.where(col(ApiKey.project_ids).op("<@", is_comparison=True)(sorted(projects)))
        if after is not None:
            statement = statement.where(tuple_(col(ApiKey.created_at), col(ApiKey.id)) < after)
        return (await self.session.exec(statement)).all()

    async def revoke(self, key_id: UUID) -> bool:
        """Whether this call revoked it; False when it was revoked before."""
        statement = (
            update(ApiKey)
            .where(col(ApiKey.id) == key_id, col(ApiKey.revoked_at).is_(None))
            .values(revoked_at=func.now())
        )
        return (await self.session.exec(statement)).rowcount == 1

    async def mark_used(self, key_ids: Collection[UUID]) -> None:
        statement = update(ApiKey).where(col(ApiKey.id).in_(sorted(key_ids))).values(last_used_at=func.now())
        await self.session.exec(statement)

    async def trail(
        self, wanted: AuditFilter, *, projects: frozenset[UUID] | None, after: Position | None, limit: int
    ) -> Sequence[AuditEvent]:
        statement = (
            select(AuditEvent)
            .where(*wanted.conditions())
            .order_by(col(AuditEvent.at).desc(), col(AuditEvent.id).desc())
            .limit(limit)
        )
        if projects is not None:
            statement = statement.where(col(AuditEvent.project_id).in_(sorted(projects)))
        if after is not None:
            statement = statement.where(tuple_(col(AuditEvent.at), col(AuditEvent.id)) < after)
        return (await self.session.exec(statement)).all()
