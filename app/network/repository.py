"""Windows of public access."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.databases.models import PublicWindow


@dataclass(frozen=True, slots=True)
class WindowRepository:
    session: AsyncSession

    async def open_one(self, database_id: UUID, *, change: bool = False) -> PublicWindow | None:
        query = select(PublicWindow).where(
            PublicWindow.database_id == database_id, col(PublicWindow.closed_at).is_(None)
        )
        if change:
            query = query.with_for_update()
        return (await self.session.exec(query.execution_options(populate_existing=True))).one_or_none()

    async def get(self, window_id: UUID, *, change: bool = False) -> PublicWindow:
        return await self.session.get_one(PublicWindow, window_id, with_for_update=change, populate_existing=True)

    async def due(self, now: datetime) -> Sequence[PublicWindow]:
        query = select(PublicWindow).where(col(PublicWindow.closed_at).is_(None), col(PublicWindow.close_at) <= now)
        return (await self.session.exec(query.order_by(col(PublicWindow.id)))).all()
