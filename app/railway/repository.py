"""Connections and intents looked up, and what outside this domain refers to them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, column, or_, table
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.jobs.models import Job
from app.jobs.states import FINAL, JobState
from app.providers.railway.models import ConnectionState, IntentOutcome, RailwayConnection, RailwayIntent

# An intent whose owner is no job, or whose job's record is not there yet.
_OWNERLESS_AFTER = timedelta(minutes=15)

# Tables of higher layers, which this one must not import.
_project = table("project", column("id", Uuid), column("deleted_at"))
_environment = table(
    "environment",
    column("id", Uuid),
    column("project_id", Uuid),
    column("connection_id", Uuid),
    column("railway_project_id"),
    column("railway_environment_id"),
    column("deleted_at"),
)
_database = table(
    "database",
    column("id", Uuid),
    column("project_id", Uuid),
    column("provider"),
    column("state"),
    column("provider_data", JSONB),
)


@dataclass(frozen=True, slots=True)
class Linked:
    """An environment of ours that stands for one at Railway."""

    id: UUID
    project_id: UUID
    railway_project_id: str
    railway_environment_id: str


@dataclass(frozen=True, slots=True)
class Adopted:
    """A database of ours, by the ids that Railway has for its parts."""

    id: UUID
    project_id: UUID
    service_id: str | None
    volume_id: str | None


@dataclass(frozen=True, slots=True)
class ConnectionRepository:
    session: AsyncSession

    async def get(
        self, connection_id: UUID, projects: frozenset[UUID] | None, *, change: bool = False
    ) -> RailwayConnection | None:
        """``projects``: those the caller may see, None for all. ``change`` keeps others from changing or linking it."""
        query = select(RailwayConnection).where(
            RailwayConnection.id == connection_id, RailwayConnection.state != ConnectionState.DELETED
        )
        if projects is not None:
            query = query.where(col(RailwayConnection.project_id).in_(projects))
        if change:
            query = query.with_for_update().execution_options(populate_existing=True)
        return (await self.session.exec(query)).one_or_none()

    async def page(
        self, projects: frozenset[UUID] | None, *, project_id: UUID | None, before: UUID | None, limit: int
    ) -> Sequence[RailwayConnection]:
        """Newest first; ``before`` is the last id of the page before."""
        query = select(RailwayConnection).where(RailwayConnection.state != ConnectionState.DELETED)
        if projects is not None:
            query = query.where(col(RailwayConnection.project_id).in_(projects))
        if project_id is not None:
            query = query.where(RailwayConnection.project_id == project_id)
        if before is not None:
            query = query.where(col(RailwayConnection.id) < before)
        return (await self.session.exec(query.order_by(col(RailwayConnection.id).desc()).limit(limit))).all()

    async def any_left(self) -> bool:
        query = select(RailwayConnection.id).where(RailwayConnection.state != ConnectionState.DELETED).limit(1)
        return (await self.session.exec(query)).first() is not None

    async def hold_project(self, project_id: UUID) -> bool:
        """Whether there is such a project; it stays until this transaction ends."""
        query = (
            select(_project.c.id)
            .where(_project.c.id == project_id, _project.c.deleted_at.is_(None))
            .with_for_update(key_share=True)
        )
        return (await self.session.exec(query)).first() is not None

    async def linked(self, connection_id: UUID) -> list[Linked]:
        """The environments of ours that are reached by this token, oldest first."""
        of = _environment.c
        query = (
            select(of.id, of.project_id, of.railway_project_id, of.railway_environment_id)
            .where(of.connection_id == connection_id, of.deleted_at.is_(None))
            .order_by(of.id)
        )
        return [Linked(*row) for row in (await self.session.exec(query)).all()]

    async def standing_for(self, railway_environment_ids: Collection[str]) -> list[Linked]:
        """The environments of ours that stand for one of these, whoever's token they go by."""
        of = _environment.c
        query = select(of.id, of.project_id, of.railway_project_id, of.railway_environment_id).where(
            of.railway_environment_id.in_(railway_environment_ids), of.deleted_at.is_(None)
        )
        return [Linked(*row) for row in (await self.session.exec(query)).all()]

    async def adopted(self, railway_environment_id: str) -> list[Adopted]:
        """The databases of ours in an environment at Railway, those that are being made or deleted included."""
        data = _database.c.provider_data
        query = select(
            _database.c.id, _database.c.project_id, data["service_id"].astext, data["volume_id"].astext
        ).where(
            _database.c.provider == "railway",
            _database.c.state != "deleted",
            data["environment_id"].astext == railway_environment_id,
        )
        return [Adopted(*row) for row in (await self.session.exec(query)).all()]

    async def last_result(self, kind: str) -> Job | None:
        """The newest job of the kind that succeeded."""
        query = (
            select(Job).where(Job.kind == kind, Job.state == JobState.SUCCEEDED).order_by(col(Job.id).desc()).limit(1)
        )
        return (await self.session.exec(query)).one_or_none()


@dataclass(frozen=True, slots=True)
class IntentRepository:
    session: AsyncSession

    async def page(
        self, connection_id: UUID, *, is_open: bool | None, before: UUID | None, limit: int
    ) -> Sequence[RailwayIntent]:
        """Newest first; ``before`` is the last id of the page before."""
        query = select(RailwayIntent).where(RailwayIntent.connection_id == connection_id)
        if is_open is not None:
            closed = col(RailwayIntent.closed_at)
            query = query.where(closed.is_(None) if is_open else closed.is_not(None))
        if before is not None:
            query = query.where(col(RailwayIntent.id) < before)
        return (await self.session.exec(query.order_by(col(RailwayIntent.id).desc()).limit(limit))).all()

    async def abandoned(self, now: datetime) -> Sequence[RailwayIntent]:
        """Open ones whose job has ended, or has left no record; each is held by one of those who ask at once."""
        final = select(Job.id).where(Job.id == RailwayIntent.owner_id, col(Job.state).in_(sorted(FINAL)))
        known = select(Job.id).where(Job.id == RailwayIntent.owner_id)
        ownerless = ~known.exists() & (col(RailwayIntent.opened_at) < now - _OWNERLESS_AFTER)
        query = (
            select(RailwayIntent)
            .where(col(RailwayIntent.closed_at).is_(None), or_(final.exists(), ownerless))
            .order_by(col(RailwayIntent.id))
            .with_for_update(skip_locked=True)
        )
        return (await self.session.exec(query)).all()

    async def given_up(self, connection_id: UUID) -> Sequence[RailwayIntent]:
        """Those of which something may be left at Railway, oldest first."""
        query = (
            select(RailwayIntent)
            .where(RailwayIntent.connection_id == connection_id, RailwayIntent.outcome == IntentOutcome.GIVEN_UP)
            .order_by(col(RailwayIntent.id))
        )
        return (await self.session.exec(query)).all()

    async def of_environment(self, railway_environment_id: str, *, limit: int) -> Sequence[RailwayIntent]:
        """The newest ones, open or closed."""
        query = (
            select(RailwayIntent)
            .where(RailwayIntent.railway_environment_id == railway_environment_id)
            .order_by(col(RailwayIntent.id).desc())
            .limit(limit)
        )
        return (await self.session.exec(query)).all()


def texts_in(value: Any) -> set[str]:
    """Every text of a JSON value: among those of an intent are the ids of what it made."""
    match value:
        case str():
            return {value}
        case dict():
            return set[str]().union(*(texts_in(member) for member in value.values()))
        case list():
            return set[str]().union(*(texts_in(member) for member in value))
    return set()
