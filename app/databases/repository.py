"""Projects, environments and databases looked up and moved."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import bindparam, func, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from app.databases.alerts import alert_by_state
from app.databases.errors import NameTaken
from app.databases.models import Database, DatabaseState, Environment, EnvironmentKind, Project, ProviderName
from app.databases.schemas import DatabaseFilter
from app.db.uniqueness import guarded
from app.events.emit import emit
from app.jobs.scheduler import drop_schedules_of
from app.kit.ids import encode_id
from app.locations.models import Location, LocationState
from app.providers.railway.models import ConnectionState, RailwayConnection

RowT = TypeVar("RowT")

_BY_ID = select(Database).where(Database.id == bindparam("database_id"))


@dataclass(frozen=True, slots=True)
class ProjectRepository:
    session: AsyncSession

    async def get(
        self, project_id: UUID, projects: frozenset[UUID] | None, *, hold: bool = False, change: bool = False
    ) -> Project | None:
        """``projects``: those the caller may see, None for all. Deleted ones are not found.

        ``hold`` keeps it from being deleted until the transaction ends, for whoever is about to add to it;
        ``change`` waits for those and keeps them out.
        """
        if projects is not None and project_id not in projects:
            return None
        query = select(Project).where(Project.id == project_id, col(Project.deleted_at).is_(None))
        return (await self.session.exec(_locking(query, hold=hold, change=change))).one_or_none()

    async def page(self, projects: frozenset[UUID] | None, *, before: UUID | None, limit: int) -> Sequence[Project]:
        """Newest first; ``before`` is the last id of the page before."""
        query = select(Project).where(col(Project.deleted_at).is_(None))
        if projects is not None:
            query = query.where(col(Project.id).in_(projects))
        if before is not None:
            query = query.where(col(Project.id) < before)
        return (await self.session.exec(query.order_by(col(Project.id).desc()).limit(limit))).all()

    async def environment(
        self, environment_id: UUID, project_id: UUID, *, hold: bool = False, change: bool = False
    ) -> Environment | None:
        query = select(Environment).where(
            Environment.id == environment_id,
            Environment.project_id == project_id,
            col(Environment.deleted_at).is_(None),
        )
        return (await self.session.exec(_locking(query, hold=hold, change=change))).one_or_none()

    async def environment_of_any(
        self, environment_id: UUID, projects: frozenset[UUID] | None, *, change: bool = False
    ) -> Environment | None:
        """``projects``: those the caller may see, None for all."""
        query = select(Environment).where(Environment.id == environment_id, col(Environment.deleted_at).is_(None))
        if projects is not None:
            query = query.where(col(Environment.project_id).in_(projects))
        return (await self.session.exec(_locking(query, hold=False, change=change))).one_or_none()

    async def standing_for(self, railway_environment_id: str) -> Sequence[Environment]:
        """Those that are linked to it, locked: nobody adds a database to them until the transaction ends."""
        query = select(Environment).where(
            Environment.railway_environment_id == railway_environment_id, col(Environment.deleted_at).is_(None)
        )
        return (await self.session.exec(_locking(query.order_by(col(Environment.id)), hold=False, change=True))).all()

    async def production_of(self, project_id: UUID, *, hold: bool = False) -> Environment | None:
        """The environment of those that name none: the oldest one of kind production."""
        query = (
            select(Environment)
            .where(
                Environment.project_id == project_id,
                Environment.kind == EnvironmentKind.PRODUCTION,
                col(Environment.deleted_at).is_(None),
            )
            .order_by(col(Environment.id))
            .limit(1)
        )
        return (await self.session.exec(_locking(query, hold=hold, change=False))).one_or_none()

    async def environments(self, project_id: UUID, *, before: UUID | None, limit: int) -> Sequence[Environment]:
        """Newest first."""
        query = select(Environment).where(Environment.project_id == project_id, col(Environment.deleted_at).is_(None))
        if before is not None:
            query = query.where(col(Environment.id) < before)
        return (await self.session.exec(query.order_by(col(Environment.id).desc()).limit(limit))).all()

    async def delete_environments(self, project_id: UUID) -> None:
        statement = (
            update(Environment)
            .where(col(Environment.project_id) == project_id, col(Environment.deleted_at).is_(None))
            .values(deleted_at=func.now())
            .execution_options(synchronize_session=False)
        )
        await self.session.exec(statement)

    async def count_databases(self, *, project_id: UUID | None = None, environment_id: UUID | None = None) -> int:
        query = select(func.count()).select_from(Database).where(Database.state != DatabaseState.DELETED)
        if project_id is not None:
            query = query.where(Database.project_id == project_id)
        if environment_id is not None:
            query = query.where(Database.environment_id == environment_id)
        return (await self.session.exec(query)).one()

    async def count_on_railway(self, *, environment_id: UUID) -> int:
        query = (
            select(func.count())
            .select_from(Database)
            .where(
                Database.environment_id == environment_id,
                Database.provider == ProviderName.RAILWAY,
                Database.state != DatabaseState.DELETED,
            )
        )
        return (await self.session.exec(query)).one()

    async def count_railway_connections(self, project_id: UUID) -> int:
        query = (
            select(func.count())
            .select_from(RailwayConnection)
            .where(RailwayConnection.project_id == project_id, RailwayConnection.state != ConnectionState.DELETED)
        )
        return (await self.session.exec(query)).one()

    async def count_locations(self, project_id: UUID) -> int:
        query = (
            select(func.count())
            .select_from(Location)
            .where(Location.project_id == project_id, Location.state != LocationState.DELETED)
        )
        return (await self.session.exec(query)).one()


@dataclass(frozen=True, slots=True)
class DatabaseRepository:
    session: AsyncSession

    async def add(self, database: Database) -> None:
        """Raises NameTaken. The environment must be held, or it could be deleted at the same time."""
        async with guarded(self.session, {"uq_database_environment_id_name": NameTaken("a database", database.name)}):
            self.session.add(database)

    async def get(
        self, database_id: UUID, projects: frozenset[UUID] | None, *, change: bool = False
    ) -> Database | None:
        """``projects``: those the caller may see, None for all. Deleted databases are found: their backups live on."""
        query = _BY_ID if projects is None else _BY_ID.where(col(Database.project_id).in_(projects))
        query = _locking(query, hold=False, change=change)
        return (await self.session.exec(query, params={"database_id": database_id})).one_or_none()

    async def find(self, database_id: UUID) -> Database | None:
        """Of whatever project: for steps."""
        return await self.session.get(Database, database_id)

    async def page(
        self, wanted: DatabaseFilter, projects: frozenset[UUID] | None, *, before: UUID | None, limit: int
    ) -> Sequence[Database]:
        """Newest first; ``before`` is the last id of the page before."""
        query = select(Database).order_by(col(Database.id).desc()).limit(limit)
        if projects is not None:
            query = query.where(col(Database.project_id).in_(projects))
        if before is not None:
            query = query.where(col(Database.id) < before)
        if wanted.states:
            query = query.where(col(Database.state).in_(wanted.states))
        else:
            query = query.where(Database.state != DatabaseState.DELETED)
        for column, value in (
            (Database.project_id, wanted.project_id),
            (Database.environment_id, wanted.environment_id),
            (Database.provider, wanted.provider),
        ):
            if value is not None:
                query = query.where(col(column) == value)
        if wanted.labels:
            query = query.where(col(Database.labels).contains(dict(wanted.labels)))
        return (await self.session.exec(query)).all()

    async def move(
        self,
        database_id: UUID,
        *,
        frm: Collection[DatabaseState],
        to: DatabaseState,
        job_id: UUID | None = None,
        **values: Any,
    ) -> bool:
        """Sets the state, and ``values`` with it, if it is one of ``frm``; the caller learns whether it was.

        ``state_reason`` is cleared unless given. A state that changed is an event; staying in one is not.
        """
        before = select(Database.state).where(Database.id == database_id, col(Database.state).in_(frm))
        state = (await self.session.exec(before.with_for_update())).one_or_none()
        if state is None:
            return False
        values = {"state_reason": None, **values, "state": to.value}
        statement = (
            update(Database)
            .where(col(Database.id) == database_id)
            .values(**values, updated_at=func.now(), revision=Database.revision + 1)
            .returning(Database)
            .execution_options(synchronize_session=False, populate_existing=True)
        )
        database = (await self.session.exec(statement)).scalar_one()
        if state != to:
            emit(
                self.session,
                "database.status_changed",
                project_id=database.project_id,
                database_id=database.id,
                subject_id=encode_id("db", database.id),
                job_id=job_id,
                before=state,
                now=to.value,
                reason=database.state_reason,
            )
            await alert_by_state(self.session, database)
            if to is DatabaseState.DELETED:
                await drop_schedules_of(self.session, database.id)
        return True


def _locking(query: SelectOfScalar[RowT], *, hold: bool, change: bool) -> SelectOfScalar[RowT]:
    """With FOR KEY SHARE to hold a row, FOR UPDATE to change it: the latter waits for who refers to it, too."""
    if not hold and not change:
        return query
    return query.with_for_update(read=hold, key_share=hold).execution_options(populate_existing=True)
