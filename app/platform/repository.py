"""The rows of what was observed: which there are to be, who looks next, and what was seen."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import text, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.databases.models import Database, DatabaseState, Environment, ProviderName
from app.db.sql import rows_of, run_sql
from app.kit.ids import new_id
from app.providers.railway.models import RailwayObservation

_FORGET: Final = text(
    """
    DELETE FROM railway_observation AS seen
    WHERE NOT EXISTS (
        SELECT FROM environment JOIN database ON database.environment_id = environment.id
        WHERE environment.connection_id = seen.connection_id
          AND environment.railway_environment_id = seen.railway_environment_id
          AND database.provider = 'railway' AND database.state <> 'deleted'
    )
    """
)
_CLAIM: Final = text(
    """
    UPDATE railway_observation AS seen SET claimed_until = :until
    FROM (
        SELECT id FROM railway_observation
        WHERE due_at <= :now AND (claimed_until IS NULL OR claimed_until <= :now)
          AND (CAST(:environment AS text) IS NULL OR railway_environment_id = :environment)
        ORDER BY due_at LIMIT :limit
        FOR UPDATE SKIP LOCKED
    ) AS due
    WHERE seen.id = due.id
    RETURNING seen.*
    """
)


@dataclass(frozen=True, slots=True)
class ObservationRepository:
    session: AsyncSession

    async def enrol(self, now: datetime) -> None:
        """A row for each environment at Railway in which we have a database, due at once, and none for any other."""
        linked = (
            select(Environment.connection_id, Environment.railway_project_id, Environment.railway_environment_id)
            .join(Database, col(Database.environment_id) == Environment.id)
            .outerjoin(
                RailwayObservation,
                (col(RailwayObservation.connection_id) == Environment.connection_id)
                & (col(RailwayObservation.railway_environment_id) == Environment.railway_environment_id),
            )
            .where(
                Database.provider == ProviderName.RAILWAY,
                Database.state != DatabaseState.DELETED,
                col(Environment.connection_id).is_not(None),
                col(RailwayObservation.id).is_(None),
            )
            .distinct()
        )
        for connection_id, project_id, environment_id in (await self.session.exec(linked)).all():
            values = {
                "id": new_id(),
                "connection_id": connection_id,
                "railway_project_id": project_id,
                "railway_environment_id": environment_id,
                "due_at": now,
            }
            # Another process may be as far as we are.
            await self.session.exec(insert(RailwayObservation).values(**values).on_conflict_do_nothing())
        await run_sql(self.session, _FORGET)

    async def claim(
        self, now: datetime, *, until: datetime, limit: int, environment_id: str | None = None
    ) -> Sequence[RailwayObservation]:
        """Those that are due and that nobody else looks at; until ``until`` they are the caller's."""
        parameters = {"now": now, "until": until, "limit": limit, "environment": environment_id}
        return await rows_of(self.session, RailwayObservation, _CLAIM, parameters)

    async def claimed(self, row: RailwayObservation) -> RailwayObservation | None:
        """The row, to be changed; None once the claim has passed on to somebody else."""
        query = (
            select(RailwayObservation)
            .where(RailwayObservation.id == row.id, RailwayObservation.claimed_until == row.claimed_until)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        return (await self.session.exec(query)).one_or_none()

    async def release(self, rows: Collection[RailwayObservation]) -> None:
        for row in rows:
            if (mine := await self.claimed(row)) is not None:
                mine.claimed_until = None

    async def make_due(self, railway_environment_id: str, now: datetime) -> bool:
        """False if nobody watches that environment."""
        statement = (
            update(RailwayObservation)
            .where(col(RailwayObservation.railway_environment_id) == railway_environment_id)
            .values(due_at=now)
            .returning(col(RailwayObservation.id))
            .execution_options(synchronize_session=False)
        )
        return (await self.session.exec(statement)).first() is not None

    async def databases(self, row: RailwayObservation) -> Sequence[Database]:
        """Ours in that environment, with what we know of them before we look."""
        query = (
            select(Database)
            .join(Environment, col(Environment.id) == Database.environment_id)
            .where(
                Environment.connection_id == row.connection_id,
                Environment.railway_environment_id == row.railway_environment_id,
                Database.provider == ProviderName.RAILWAY,
                Database.state != DatabaseState.DELETED,
            )
            .order_by(col(Database.id))
        )
        return (await self.session.exec(query)).all()

    async def of(self, connection_id: UUID, railway_environment_id: str) -> RailwayObservation | None:
        query = select(RailwayObservation).where(
            RailwayObservation.connection_id == connection_id,
            RailwayObservation.railway_environment_id == railway_environment_id,
        )
        return (await self.session.exec(query)).one_or_none()
