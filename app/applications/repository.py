"""Applications by the page."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.connections.logins import LoginRepository
from app.connections.models import Application, Login


@dataclass(frozen=True, slots=True)
class ApplicationRepository:
    session: AsyncSession

    async def page(
        self, database_id: UUID, *, after: str | None, limit: int
    ) -> list[tuple[Application, Sequence[Login]]]:
        """By name, with their logins."""
        query = select(Application).where(Application.database_id == database_id, col(Application.deleted_at).is_(None))
        if after is not None:
            query = query.where(col(Application.name) > after)
        found = (await self.session.exec(query.order_by(col(Application.name)).limit(limit))).all()
        logins = LoginRepository(self.session)
        return [(one, await logins.of_application(one.id)) for one in found]
