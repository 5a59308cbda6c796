"""Changes of settings on record."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.parameters.models import ChangeState, SettingChange


@dataclass(frozen=True, slots=True)
class ChangeRepository:
    session: AsyncSession

    async def add(self, change: SettingChange) -> SettingChange:
        self.session.add(change)
        await self.session.flush()
        await self.session.refresh(change)
        return change

    async def get(self, change_id: UUID, database_id: UUID, *, change: bool = False) -> SettingChange | None:
        query = select(SettingChange).where(SettingChange.id == change_id, SettingChange.database_id == database_id)
        return (await self.session.exec(query.with_for_update() if change else query)).one_or_none()

    async def page(self, database_id: UUID, *, before: UUID | None, limit: int) -> Sequence[SettingChange]:
        """Newest first."""
        query = select(SettingChange).where(SettingChange.database_id == database_id)
        if before is not None:
            query = query.where(col(SettingChange.id) < before)
        return (await self.session.exec(query.order_by(col(SettingChange.id).desc()).limit(limit))).all()

    async def pending(self, database_id: UUID) -> Sequence[SettingChange]:
        query = select(SettingChange).where(
            SettingChange.database_id == database_id, SettingChange.state == ChangeState.PENDING
        )
        return (await self.session.exec(query.order_by(col(SettingChange.id)).with_for_update())).all()

    async def settle(self, change: SettingChange, state: ChangeState, problem: dict[str, object] | None = None) -> None:
        now = (await self.session.exec(select(func.now()))).one()
        change.state, change.problem, change.ended_at = state, problem, now
        if state is ChangeState.APPLIED and change.undoes_id is not None:
            undone = await self.get(change.undoes_id, change.database_id, change=True)
            if undone is not None and undone.state != ChangeState.PENDING:
                undone.state = ChangeState.UNDONE
        await self.session.flush()
