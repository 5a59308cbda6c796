"""Exports looked up and moved."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import func, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.exports.models import Export, ExportState
from app.locations.holdings import BackupCopy, CopyState
from app.locations.models import Location, LocationState


@dataclass(frozen=True, slots=True)
class ExportRepository:
    session: AsyncSession

    async def add(self, export: Export) -> None:
        self.session.add(export)
        await self.session.flush()

    async def get(self, export_id: UUID, projects: frozenset[UUID] | None, *, change: bool = False) -> Export | None:
        """``projects``: those the caller may see, None for all. Deleted ones are found: what they were is history."""
        query = select(Export).where(Export.id == export_id)
        if projects is not None:
            query = query.where(col(Export.project_id).in_(projects))
        if change:
            query = query.with_for_update().execution_options(populate_existing=True)
        return (await self.session.exec(query)).one_or_none()

    async def find(self, export_id: UUID) -> Export:
        """Of whatever project: for steps."""
        return await self.session.get_one(Export, export_id, populate_existing=True)

    async def page(self, backup_id: UUID, *, before: UUID | None, limit: int) -> Sequence[Export]:
        """Newest first; ``before`` is the last id of the page before."""
        query = select(Export).where(Export.backup_id == backup_id).order_by(col(Export.id).desc()).limit(limit)
        if before is not None:
            query = query.where(col(Export.id) < before)
        return (await self.session.exec(query)).all()

    async def expired(self, *, limit: int = 100) -> Sequence[Export]:
        """Held until the transaction ends; those that somebody is deleting right now are left out."""
        query = (
            select(Export)
            .where(Export.state == ExportState.AVAILABLE, col(Export.expires_at) < func.now())
            .order_by(col(Export.expires_at))
            .limit(limit)
        )
        return (await self.session.exec(query.with_for_update(skip_locked=True))).all()

    async def move(self, export_id: UUID, *, frm: Collection[ExportState], to: ExportState, **values: Any) -> bool:
        """Sets the state, and ``values`` with it, if it is one of ``frm``; the caller learns whether it was."""
        statement = (
            update(Export)
            .where(col(Export.id) == export_id, col(Export.state).in_(frm))
            .values(state=to.value, revision=Export.revision + 1, **values)
            .execution_options(synchronize_session=False)
        )
        return bool((await self.session.exec(statement)).rowcount)

    async def locations(self, export: Export) -> list[Location]:
        """Where it lies; before that is known, where copies of its backup are."""
        query = select(Location).where(Location.state != LocationState.DELETED)
        if export.location_id is not None:
            query = query.where(Location.id == export.location_id)
        else:
            query = query.join(BackupCopy, col(BackupCopy.location_id) == Location.id).where(
                BackupCopy.backup_id == export.backup_id, BackupCopy.state == CopyState.AVAILABLE
            )
        return list((await self.session.exec(query)).all())
