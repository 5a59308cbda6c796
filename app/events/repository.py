"""Events looked up."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.events.models import DomainEvent


@dataclass(frozen=True, slots=True)
class EventRepository:
    session: AsyncSession

    async def of_database(self, database_id: UUID, *, before: UUID | None, limit: int) -> Sequence[DomainEvent]:
        """Newest first; ``before`` is the last id of the page before."""
        query = (
            select(DomainEvent)
            .where(col(DomainEvent.database_id) == database_id)
            .order_by(col(DomainEvent.id).desc())
            .limit(limit)
        )
        if before is not None:
            query = query.where(col(DomainEvent.id) < before)
        return (await self.session.exec(query)).all()
