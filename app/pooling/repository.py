"""Poolers and pools looked up and moved."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.connections.models import Login, LoginKind, LoginState, Pool, Pooler, PoolerState
from app.connections.poolers import live_pooler
from app.events.emit import emit
from app.kit.ids import encode_id
from app.pooling.alerts import alert_by_state

# These let their user open connections of its own.
_WORKING = (LoginState.CURRENT, LoginState.READY, LoginState.RETIRING)


@dataclass(frozen=True, slots=True)
class PoolerRepository:
    session: AsyncSession

    async def live(self, database_id: UUID, *, change: bool = False) -> Pooler | None:
        return await live_pooler(self.session, database_id, change=change)

    async def of_host(self, host_id: UUID) -> Sequence[Pooler]:
        """Those that should run there, and those that a deleted database has left."""
        query = select(Pooler).where(Pooler.host_id == host_id, Pooler.state != PoolerState.DELETED)
        return (await self.session.exec(query.order_by(col(Pooler.id)))).all()

    async def overdue_elsewhere(self, now: datetime) -> Sequence[Pooler]:
        """Those that no host of ours runs, and whose pause has ended."""
        paused = select(Pool.id).where(Pool.pooler_id == Pooler.id, col(Pool.paused_until) <= now)
        query = select(Pooler).where(
            col(Pooler.host_id).is_(None), Pooler.state == PoolerState.RUNNING, paused.exists()
        )
        return (await self.session.exec(query.order_by(col(Pooler.id)))).all()

    async def pool(self, pooler_id: UUID, name: str, *, change: bool = False) -> Pool | None:
        query = select(Pool).where(Pool.pooler_id == pooler_id, Pool.name == name)
        if change:
            query = query.with_for_update()
        return (await self.session.exec(query.execution_options(populate_existing=True))).one_or_none()

    async def page(self, pooler_id: UUID, *, after: str | None, limit: int) -> Sequence[Pool]:
        query = select(Pool).where(Pool.pooler_id == pooler_id)
        if after is not None:
            query = query.where(col(Pool.name) > after)
        return (await self.session.exec(query.order_by(col(Pool.name)).limit(limit))).all()

    async def move(
        self,
        pooler_id: UUID,
        *,
        frm: Collection[PoolerState],
        to: PoolerState,
        job_id: UUID | None = None,
        **values: Any,
    ) -> bool:
        """Sets the state, and ``values`` with it, if it is one of ``frm``; the caller learns whether it was.

        ``state_reason`` is cleared unless given. A state that changed is an event.
        """
        query = select(Pooler.state).where(Pooler.id == pooler_id, col(Pooler.state).in_(frm))
        before = (await self.session.exec(query.with_for_update())).one_or_none()
        if before is None:
            return False
        values = {"state_reason": None, **values, "state": to.value}
        if to is PoolerState.DELETED:
            await self.session.exec(delete(Pool).where(col(Pool.pooler_id) == pooler_id))
            values |= {"deleted_at": func.now(), "admin_password_sealed": None, "auth_password_sealed": None}
        statement = (
            update(Pooler)
            .where(col(Pooler.id) == pooler_id)
            .values(**values, updated_at=func.now(), revision=Pooler.revision + 1)
            .returning(Pooler)
            .execution_options(synchronize_session=False, populate_existing=True)
        )
        pooler = (await self.session.exec(statement)).scalar_one()
        if before != to:
            emit(
                self.session,
                "pooler.status_changed",
                project_id=pooler.project_id,
                database_id=pooler.database_id,
                subject_id=encode_id("db", pooler.database_id),
                job_id=job_id,
                before=before,
                now=to.value,
                reason=pooler.state_reason,
            )
        if before != to or to is PoolerState.STOPPED:
            await alert_by_state(self.session, pooler)
        return True

    async def users(self, database_id: UUID) -> int:
        """How many logins applications and people are known to use, at least one."""
        query = (
            select(func.count())
            .select_from(Login)
            .where(
                Login.database_id == database_id,
                col(Login.state).in_(_WORKING),
                col(Login.kind).in_((LoginKind.APPLICATION, LoginKind.ROLE)),
            )
        )
        return max(1, (await self.session.exec(query)).one())
