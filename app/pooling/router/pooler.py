"""/v1/databases/{id}/pooler, its statistics and the advice on its size."""

from typing import Annotated

from fastapi import APIRouter, Header, Query, Response

from app.auth.dependencies import OptionalLaterWriteDep, RuntimeDep, SessionDep, requires, requires_detached
from app.auth.principal import Principal
from app.auth.responses import raises
from app.auth.scopes import Scope
from app.connections.models import PoolerState
from app.connections.poolers import pools_of
from app.databases.access import visible_database
from app.databases.errors import DatabaseNotFound, DatabaseStateInvalid
from app.errors import Problem
from app.jobs.errors import JobConflict
from app.jobs.schemas import JobView
from app.kit.etags import PreconditionFailed, entity_tag
from app.kit.ids import DatabaseId
from app.pooling.consoles import console_for
from app.pooling.errors import ClusterNotPoolable, PoolerNotFound, PoolerStateInvalid, PoolsTooLarge
from app.pooling.looking import demand_of, plan_of_pooler
from app.pooling.plans import plan_of_removal
from app.pooling.repository import PoolerRepository
from app.pooling.router.answers import RAILWAY, UNREACHABLE, look, tell_job
from app.pooling.schemas import PoolerAccepted, PoolerOptions, PoolerView
from app.pooling.service import PoolingService
from app.pooling.sizing import SizingAdvice, sizing_of
from app.pooling.statistics import PoolerStatistics, statistics_of
from app.providers.protocol import NotSupported
from app.providers.railway.patches import StagedChangesForeign

router = APIRouter(prefix="/databases", tags=["pooling"])

Reader = Annotated[Principal, requires(Scope.POOLER_READ)]
Looker = Annotated[Principal, requires_detached(Scope.POOLER_READ)]
Writer = Annotated[Principal, requires_detached(Scope.POOLER_WRITE)]


@router.get("/{database_id}/pooler", responses=raises(DatabaseNotFound, PoolerNotFound))
async def get_pooler(
    database_id: DatabaseId, session: SessionDep, runtime: RuntimeDep, caller: Reader, response: Response
) -> PoolerView:
    """The PgBouncer before the database, and where clients find it."""
    _, pooler = await PoolingService(session, runtime.clock()).get(database_id, caller)
    response.headers["ETag"] = entity_tag(pooler.revision)
    return PoolerView.of(pooler)


@router.put(
    "/{database_id}/pooler",
    status_code=202,
    responses=raises(
        ClusterNotPoolable,
        DatabaseNotFound,
        DatabaseStateInvalid,
        JobConflict,
        NotSupported,
        PoolerStateInvalid,
        PoolsTooLarge,
        PreconditionFailed,
        StagedChangesForeign,
        *RAILWAY,
    ),
)
async def put_pooler(
    database_id: DatabaseId,
    wish: PoolerOptions,
    runtime: RuntimeDep,
    caller: Writer,
    later: OptionalLaterWriteDep,
    response: Response,
    force: Annotated[bool, Query(description="Also when its pools may need more than the server has.")] = False,
    if_match: Annotated[str | None, Header()] = None,
) -> PoolerAccepted:
    """Puts a PgBouncer before the database, with one pool, or replaces the options of the one that is there.

    It also repairs: one that failed is made again, and one whose port another program took gets another. At Railway it is
    Railway's own template, and a pooler that somebody added there is taken over with these options.
    """
    plan = await look(plan_of_pooler(runtime, database_id, wish, caller, force=force))
    async with later.begin() as (session, once):
        if isinstance(plan, Problem):
            raise plan
        service = PoolingService(session, runtime.clock())
        pooler, job = await service.put(database_id, wish, caller, runtime.key_ring, if_match=if_match)
        response.headers["ETag"] = entity_tag(pooler.revision)
        view = tell_job(JobView.of(job), response)
        return once.keep(PoolerAccepted(pooler=PoolerView.of(pooler), job=view, plan=plan), response)


@router.delete(
    "/{database_id}/pooler",
    status_code=202,
    responses=raises(DatabaseNotFound, JobConflict, PoolerNotFound, PoolerStateInvalid),
)
async def delete_pooler(
    database_id: DatabaseId, runtime: RuntimeDep, caller: Writer, later: OptionalLaterWriteDep, response: Response
) -> PoolerAccepted:
    """Ends it, and removes what it needed on the server. Its clients are cut off, and its address is gone.

    At Railway the template is taken off the database's service again, whoever had added the pooler.
    """
    async with later.begin() as (session, once):
        pooler, job = await PoolingService(session, runtime.clock()).remove(database_id, caller)
        plan = plan_of_removal(await visible_database(session, database_id, caller))
        view = tell_job(JobView.of(job), response)
        return once.keep(PoolerAccepted(pooler=PoolerView.of(pooler), job=view, plan=plan), response)


@router.get(
    "/{database_id}/pooler/stats",
    responses=raises(DatabaseNotFound, PoolerNotFound, PoolerStateInvalid, *UNREACHABLE),
)
async def get_pooler_statistics(database_id: DatabaseId, runtime: RuntimeDep, caller: Looker) -> PoolerStatistics:
    """Asked of its console now: who waits, what it has done since it started, and what its version lacks."""
    async with runtime.reads() as session:
        _, pooler = await PoolingService(session, runtime.clock()).get(database_id, caller)
    if pooler.state != PoolerState.RUNNING:
        raise PoolerStateInvalid(pooler.state, "asked for statistics")
    return await statistics_of(await console_for(runtime, pooler))


@router.get("/{database_id}/pooler/sizing", responses=raises(DatabaseNotFound))
async def get_pooler_sizing(
    database_id: DatabaseId,
    runtime: RuntimeDep,
    caller: Looker,
    cores: Annotated[int | None, Query(ge=1, le=1024, description="Of the server.")] = None,
) -> SizingAdvice:
    """How large the pools should be, whether or not there is a pooler yet, with the arithmetic."""
    async with runtime.reads() as session:
        database = await visible_database(session, database_id, caller)
        poolers = PoolerRepository(session)
        pooler = await poolers.live(database.id)
        pools = await pools_of(session, pooler.id) if pooler else []
        users = await poolers.users(database.id)
    return sizing_of(database, await demand_of(runtime, database, pooler, pools, users=users), cores=cores)
