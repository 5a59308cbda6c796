"""Events and alerts looked up; alerts opened and cleared by their key."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.events.models import Alert, AlertType, DomainEvent
from app.events.schemas import AlertStateFilter
from app.jobs.models import Job
from app.jobs.states import LIVE


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


@dataclass(frozen=True, slots=True)
class AlertFilter:
    """Which alerts a list shows; every given condition must hold."""

    state: AlertStateFilter = AlertStateFilter.OPEN
    project_id: UUID | None = None
    database_id: UUID | None = None
    type: AlertType | None = None


@dataclass(frozen=True, slots=True)
class AlertRepository:
    session: AsyncSession

    async def get(self, alert_id: UUID, projects: frozenset[UUID] | None) -> Alert | None:
        """``projects``: those the caller may see, None for all; an alert of another one, or of none, is not found."""
        query = select(Alert).where(Alert.id == alert_id)
        if projects is not None:
            query = query.where(col(Alert.project_id).in_(projects))
        return (await self.session.exec(query)).one_or_none()

    async def page(
        self, wanted: AlertFilter, projects: frozenset[UUID] | None, *, before: UUID | None, limit: int
    ) -> Sequence[Alert]:
        """Newest first; ``before`` is the last id of the page before."""
        query = select(Alert).order_by(col(Alert.id).desc()).limit(limit)
        if projects is not None:
            query = query.where(col(Alert.project_id).in_(projects))
        if before is not None:
            query = query.where(col(Alert.id) < before)
        if wanted.state is AlertStateFilter.OPEN:
            query = query.where(col(Alert.cleared_at).is_(None))
        elif wanted.state is AlertStateFilter.CLEARED:
            query = query.where(col(Alert.cleared_at).is_not(None))
        for column, value in (
            (Alert.project_id, wanted.project_id),
            (Alert.database_id, wanted.database_id),
            (Alert.type, wanted.type),
        ):
            if value is not None:
                query = query.where(col(column) == value)
        return (await self.session.exec(query)).all()

    async def open(self, alert: Alert) -> Alert:
        """``alert``, or the open one of the same key with what was seen now. Of two at once one waits for the other."""
        values = alert.model_dump(exclude={"opened_at", "last_seen_at"})
        statement = insert(Alert).values(**values)
        seen_again = {
            "count": Alert.count + 1,
            "last_seen_at": func.clock_timestamp(),
            "title": statement.excluded.title,
            "detail": statement.excluded.detail,
            "data": statement.excluded.data,
        }
        upsert = statement.on_conflict_do_update(
            index_elements=["key"], index_where=col(Alert.cleared_at).is_(None), set_=seen_again
        )
        result = await self.session.exec(upsert.returning(Alert), execution_options={"populate_existing": True})
        opened: Alert = result.scalar_one()
        return opened

    async def clear(self, key: str, reason: str) -> Alert | None:
        """The alert that was open, None when there was none."""
        statement = (
            update(Alert)
            .where(col(Alert.key) == key, col(Alert.cleared_at).is_(None))
            .values(cleared_at=func.clock_timestamp(), cleared_reason=reason)
            .returning(Alert)
            .execution_options(synchronize_session=False, populate_existing=True)
        )
        return (await self.session.exec(statement)).scalar_one_or_none()

    async def open_of(self, *, types: Collection[AlertType], database_id: UUID | None = None) -> Sequence[Alert]:
        """Those of ``types`` that are open, in the order in which they were opened."""
        query = select(Alert).where(col(Alert.type).in_(types), col(Alert.cleared_at).is_(None)).order_by(col(Alert.id))
        if database_id is not None:
            query = query.where(Alert.database_id == database_id)
        return (await self.session.exec(query)).all()

    async def told(self, kind: AlertType, subject_ids: Collection[str]) -> set[str | None]:
        """Those of ``subject_ids`` that have an alert of this type, open or cleared."""
        query = select(Alert.subject_id).where(Alert.type == kind, col(Alert.subject_id).in_(subject_ids))
        return set((await self.session.exec(query)).all())

    async def live_announcement(self, dedupe_key: str) -> datetime | None:
        """When the announcement is tried next; None when it has ended."""
        query = select(func.coalesce(Job.run_after, func.now())).where(
            Job.dedupe_key == dedupe_key, col(Job.state).in_(sorted(LIVE))
        )
        return (await self.session.exec(query)).one_or_none()
