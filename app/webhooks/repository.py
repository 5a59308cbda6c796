"""Hooks looked up, and deliveries remembered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.webhooks.models import Hook, HookDelivery


@dataclass(frozen=True, slots=True)
class HookRepository:
    session: AsyncSession

    async def get(self, hook_id: UUID, projects: frozenset[UUID] | None, *, change: bool = False) -> Hook | None:
        """``projects``: those the caller may see, None for all. Deleted ones are not found."""
        query = select(Hook).where(Hook.id == hook_id, col(Hook.deleted_at).is_(None))
        if projects is not None:
            query = query.where(col(Hook.project_id).in_(projects))
        if change:
            query = query.with_for_update().execution_options(populate_existing=True)
        return (await self.session.exec(query)).one_or_none()

    async def page(
        self, projects: frozenset[UUID] | None, *, project_id: UUID | None, before: UUID | None, limit: int
    ) -> Sequence[Hook]:
        """Newest first; ``before`` is the last id of the page before."""
        query = select(Hook).where(col(Hook.deleted_at).is_(None))
        if projects is not None:
            query = query.where(col(Hook.project_id).in_(projects))
        if project_id is not None:
            query = query.where(Hook.project_id == project_id)
        if before is not None:
            query = query.where(col(Hook.id) < before)
        return (await self.session.exec(query.order_by(col(Hook.id).desc()).limit(limit))).all()

    async def deliveries(self, hook_id: UUID, *, before: UUID | None, limit: int) -> Sequence[HookDelivery]:
        """Newest first; ``before`` is the last id of the page before."""
        query = select(HookDelivery).where(HookDelivery.hook_id == hook_id)
        if before is not None:
            query = query.where(col(HookDelivery.id) < before)
        return (await self.session.exec(query.order_by(col(HookDelivery.id).desc()).limit(limit))).all()

    async def take(self, delivery: HookDelivery, now: datetime) -> tuple[HookDelivery, bool]:
        """The row of this delivery, and whether it is new. Waits for whoever takes the same one just now."""
        of = (
            col(HookDelivery.hook_id) == delivery.hook_id,
            col(HookDelivery.delivery_id) == delivery.delivery_id,
        )
        await self.session.exec(delete(HookDelivery).where(*of, col(HookDelivery.expires_at) <= now))
        values = delivery.model_dump(exclude={"received_at"})
        added = await self.session.exec(insert(HookDelivery).values(**values).on_conflict_do_nothing())
        row = (await self.session.exec(select(HookDelivery).where(*of))).one()
        return row, bool(added.rowcount)

    async def forget(self, now: datetime) -> int:
        """Deletes the deliveries that need not be remembered any more; says how many."""
        result = await self.session.exec(delete(HookDelivery).where(col(HookDelivery.expires_at) <= now))
        return int(result.rowcount)
