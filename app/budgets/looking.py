"""What a budget is held against: our rows, what was last seen at Railway, and the server as it is now."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.auth.principal import Principal
from app.budgets.arithmetic import Pooler, PoolSize, assess
from app.budgets.models import ConnectionBudget
from app.budgets.repository import BudgetRepository
from app.budgets.schemas import BudgetAssessment, BudgetPut, BudgetServer, BudgetSessions, PoolerShape
from app.connections.poolers import live_pooler, pools_of
from app.databases.access import require_reach_from_here, target_of, visible_database
from app.databases.models import Database, ProviderName
from app.errors import Problem
from app.postgres.connect import connect
from app.postgres.session_counts import session_counts
from app.postgres.slots import slots
from app.providers.railway.models import RailwayObservation
from app.providers.railway.observed import SeenConfig, SeenStatus
from app.providers.railway.place import Place
from app.runtime import Runtime

MOST_SESSIONS: Final = 100
_APPLICATION_NAME: Final = "pgmanager budget"
_STANDARD_SIZE: Final = 20  # PgBouncer's own


@dataclass(frozen=True, slots=True)
class Ground:
    """All but the server itself. ``revision`` is 0 while nothing is declared."""

    database: Database
    declared: BudgetPut
    revision: int
    updated_at: datetime | None
    pooler: Pooler | None
    replicas_seen: Mapping[str, int]

    def assess(self, declared: BudgetPut, server: BudgetServer) -> BudgetAssessment:
        return assess(
            declared,
            server,
            _shaped(declared.pooler) if declared.pooler else self.pooler,
            default_database=self.database.default_database or "postgres",
            replicas_seen=self.replicas_seen,
        )


async def ground_of(runtime: Runtime, database_id: UUID, caller: Principal) -> Ground:
    """Raises DatabaseNotFound."""
    async with runtime.reads() as session:
        database = await visible_database(session, database_id, caller)
        budget = await BudgetRepository(session).of_database(database.id)
        return Ground(
            database,
            declared_in(budget),
            budget.revision if budget else 0,
            budget.updated_at if budget else None,
            await _pooler(session, database.id),
            await _replicas(session, database),
        )


def declared_in(budget: ConnectionBudget | None) -> BudgetPut:
    return BudgetPut.model_validate(budget.declared) if budget else BudgetPut(consumers=[])


async def server_now(runtime: Runtime, database: Database) -> BudgetServer:
    """Raises what keeps us from asking it."""
    require_reach_from_here(database, runtime)
    async with connect(target_of(database, runtime.key_ring), application_name=_APPLICATION_NAME) as session:
        limits = await slots(session)
        counts, total = await session_counts(session, most=MOST_SESSIONS)
    return BudgetServer(
        max_connections=limits.max_connections,
        reserved=limits.reserved,
        sessions=[
            BudgetSessions(
                role=one.role,
                application_name=one.application_name,
                count=one.count,
                idle_in_transaction=one.idle_in_transaction,
            )
            for one in counts
        ],
        sessions_total=total,
        observed_at=runtime.clock(),
    )


async def look(runtime: Runtime, database: Database) -> BudgetServer | Problem:
    """A declaration can be read and written while the server is down."""
    try:
        return await server_now(runtime, database)
    except Problem as problem:
        return problem


async def _pooler(session: AsyncSession, database_id: UUID) -> Pooler | None:
    row = await live_pooler(session, database_id)
    if row is None:
        return None
    pools = {
        pool.name: PoolSize(pool.size, pool.reserve, pool.max_db_connections)
        for pool in await pools_of(session, row.id)
    }
    standard = PoolSize(int(row.options.get("default_pool_size", _STANDARD_SIZE)))
    return Pooler(standard, pools, max_client_conn=row.options.get("max_client_conn"))


def _shaped(shape: PoolerShape) -> Pooler:
    standard = PoolSize(shape.pool_size, shape.reserve)
    return Pooler(standard, replicas=shape.replicas, max_client_conn=shape.max_client_conn)


async def _replicas(session: AsyncSession, database: Database) -> dict[str, int]:
    """However old they are: replicas change seldom, and the arithmetic says whence the number is."""
    if database.provider != ProviderName.RAILWAY or not database.provider_data:
        return {}
    place = Place.of(database.provider_data)
    query = select(RailwayObservation).where(
        RailwayObservation.connection_id == place.connection_id,
        RailwayObservation.railway_environment_id == place.environment_id,
    )
    return replicas_in((await session.exec(query)).one_or_none())


def replicas_in(seen: RailwayObservation | None) -> dict[str, int]:
    """By the name of the service."""
    status = SeenStatus.kept(seen.status) if seen else None
    config = SeenConfig.kept(seen.consumers) if seen else None
    if status is None or config is None:
        return {}
    return {
        status.services[service_id].name: count
        for service_id, count in config.replicas.items()
        if service_id in status.services
    }
