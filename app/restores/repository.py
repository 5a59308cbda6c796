"""Restores looked up and moved."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import func, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.databases.models import Database, DatabaseState
from app.restores.models import Restore, RestoreState
from app.restores.schemas import RestoreFilter


@dataclass(frozen=True, slots=True)
class RestoreRepository:
    session: AsyncSession

    async def add(self, restore: Restore) -> None:
        self.session.add(restore)
        await self.session.flush()

    async def get(self, restore_id: UUID, projects: frozenset[UUID] | None, *, change: bool = False) -> Restore | None:
        """``projects``: those the caller may see, None for all."""
        query = select(Restore).where(Restore.id == restore_id)
        if projects is not None:
            query = query.where(col(Restore.project_id).in_(projects))
        if change:
            query = query.with_for_update().execution_options(populate_existing=True)
        return (await self.session.exec(query)).one_or_none()

    async def find(self, restore_id: UUID) -> Restore:
        """Of whatever project: for steps."""
        return await self.session.get_one(Restore, restore_id, populate_existing=True)

    async def page(
        self, wanted: RestoreFilter, projects: frozenset[UUID] | None, *, before: UUID | None, limit: int
    ) -> Sequence[Restore]:
        """Newest first; ``before`` is the last id of the page before."""
        query = select(Restore).order_by(col(Restore.id).desc()).limit(limit)
        if projects is not None:
            query = query.where(col(Restore.project_id).in_(projects))
        if before is not None:
            query = query.where(col(Restore.id) < before)
        if wanted.state:
            query = query.where(col(Restore.state).in_(wanted.state))
        for column, value in (
            (Restore.project_id, wanted.project_id),
            (Restore.database_id, wanted.database_id),
            (Restore.backup_id, wanted.backup_id),
        ):
            if value is not None:
                query = query.where(col(column) == value)
        return (await self.session.exec(query)).all()

    async def unconfirmed(self, *, days: int) -> Sequence[Restore]:
        """In place, and for so long that the old database beside seems to be forgotten.

        Held until the transaction ends; those that somebody is settling right now are left out.
        """
        query = (
            select(Restore)
            .join(Database, col(Database.id) == Restore.database_id)
            .where(
                Restore.state == RestoreState.RESTORED,
                col(Restore.previous_database).is_not(None),
                col(Restore.finished_at) < func.now() - func.make_interval(0, 0, 0, days),
                Database.state != DatabaseState.DELETED,
            )
        )
        return (await self.session.exec(query.with_for_update(of=Restore, skip_locked=True))).all()

    async def move(self, restore_id: UUID, *, frm: Collection[RestoreState], to: RestoreState, **values: Any) -> bool:
        """Sets the state, and ``values`` with it, if it is one of ``frm``; the caller learns whether it was."""
        statement = (
            update(Restore)
            .where(col(Restore.id) == restore_id, col(Restore.state).in_(frm))
            .values(state=to.value, revision=Restore.revision + 1, **values)
            .execution_options(synchronize_session=False)
        )
        return bool((await self.session.exec(statement)).rowcount)

    async def change(self, restore_id: UUID, **values: Any) -> None:
        statement = (
            update(Restore)
            .where(col(Restore.id) == restore_id)
            .values(revision=Restore.revision + 1, **values)
            .execution_options(synchronize_session=False)
        )
        await self.session.exec(statement)
