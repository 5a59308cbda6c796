"""What is asked of the server and of the pooler before a request is answered. Holds no session of the control database."""

from collections.abc import Sequence
from contextlib import suppress
from uuid import UUID

from app.auth.principal import Principal
from app.connections.models import Pool, Pooler, PoolerState
from app.connections.poolers import pools_of
from app.databases.access import target_of, visible_database
from app.databases.models import Database, ProviderName
from app.errors import Problem
from app.pooling.capacity import Demand
from app.pooling.consoles import console_for
from app.pooling.errors import PoolNotFound
from app.pooling.plans import plan_at_railway, plan_with
from app.pooling.repository import PoolerRepository
from app.pooling.schemas import PoolerOptions, PoolerPlan, PoolPatch, PoolPut
from app.pooling.service import PoolingService, new_pooler, require_own_pools, require_poolable
from app.pooling.wishes import among, as_patched, as_put, first_pool
from app.postgres.connect import connect
from app.postgres.errors import DatabaseAbsent
from app.postgres.pooler_login import absent_databases
from app.postgres.slots import slots
from app.runtime import Runtime

_APPLICATION_NAME = "pgmanager pooling"


async def plan_of_pooler(
    runtime: Runtime, database_id: UUID, options: PoolerOptions, caller: Principal, *, force: bool
) -> PoolerPlan:
    """Raises DatabaseNotFound, NotSupported, PoolsTooLarge."""
    async with runtime.reads() as session:
        database = await visible_database(session, database_id, caller)
        require_poolable(database)
        pooler = await PoolerRepository(session).live(database.id)
        users = await PoolerRepository(session).users(database.id)
        if pooler is None:
            wished = new_pooler(database, options, created_by=caller.actor)
            pools: Sequence[Pool] = [first_pool(wished, database.default_database or "postgres")]
        else:
            pools = await pools_of(session, pooler.id)
    if database.provider == ProviderName.RAILWAY:
        pools = [pool.model_copy(update={"size": options.default_pool_size}) for pool in pools]
        return await plan_at_railway(
            runtime, database, await demand_of(runtime, database, pooler, pools, users=users), force=force
        )
    demand = await demand_of(runtime, database, pooler, pools, users=users)
    steps = ["Have PgBouncer read its new options."] if pooler else _ATTACHING
    return plan_with(demand, steps, force=force)


async def plan_of_pool(
    runtime: Runtime, database_id: UUID, name: str, wish: PoolPut | PoolPatch, caller: Principal, *, force: bool
) -> PoolerPlan:
    """Raises DatabaseNotFound, PoolerNotFound, PoolNotFound, PoolsTooLarge, DatabaseAbsent."""
    async with runtime.reads() as session:
        database, pooler = await PoolingService(session, runtime.clock()).get(database_id, caller)
        require_own_pools(database)
        pools = await pools_of(session, pooler.id)
        users = await PoolerRepository(session).users(database.id)
    before = next((pool for pool in pools if pool.name == name), None)
    if isinstance(wish, PoolPut):
        changed = as_put(pooler, name, wish, before)
    elif before is None:
        raise PoolNotFound(name)
    else:
        changed = as_patched(wish, before)
    demand = await demand_of(runtime, database, pooler, among(pools, changed), users=users)
    if demand.slots is not None:  # the server answers
        await _require_there(runtime, database, changed.logical_database)
    steps = [
        f"Let PgBouncer look up logins in the database {changed.logical_database}.",
        "Have it read its new pools, and log in through each.",
    ]
    return plan_with(demand, steps, force=force)


async def demand_of(
    runtime: Runtime, database: Database, pooler: Pooler | None, pools: Sequence[Pool], *, users: int
) -> Demand:
    """A server that does not answer leaves its part of the arithmetic open."""
    found, pooled = None, 0
    with suppress(Problem):
        async with connect(target_of(database, runtime.key_ring), application_name=_APPLICATION_NAME) as session:
            found = await slots(session)
    if pooler is not None and pooler.state == PoolerState.RUNNING:
        with suppress(Problem):
            (servers,) = await (await console_for(runtime, pooler)).show("SERVERS")
            pooled = len(servers)
    direct = max(0, found.clients - pooled) if found else 0
    return Demand(pools, users, found, direct)


async def _require_there(runtime: Runtime, database: Database, name: str) -> None:
    if await absent_databases(target_of(database, runtime.key_ring), [name]):
        raise DatabaseAbsent(
            f"The server has no database {name!r} that takes connections. Make it by PUT …/logical-databases/{name}, or name "
            "another one as `logical_database`."
        )


_ATTACHING = [
    "Make the role pgm_pooler, and in each pooled database a function that only it gets answers from.",
    "Start PgBouncer beside the server, and log in through each pool.",
]
