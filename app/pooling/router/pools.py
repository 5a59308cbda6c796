"""/v1/databases/{id}/pooler/pools."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, HTTPException, Path, Query, Response

from app.auth.dependencies import (
    LaterWrite,
    OptionalLaterWriteDep,
    PagingDep,
    RuntimeDep,
    SessionDep,
    requires,
    requires_detached,
)
from app.auth.principal import Principal
from app.auth.responses import raises
from app.auth.scopes import Scope
from app.databases.errors import DatabaseNotFound
from app.errors import Problem
from app.jobs.errors import JobConflict
from app.jobs.schemas import JobView
from app.kit.etags import PreconditionFailed, entity_tag, is_known
from app.kit.ids import DatabaseId
from app.kit.pagination import CursorInvalid, Page
from app.pooling.errors import PoolerNotFound, PoolerStateInvalid, PoolNotFound, PoolsFixed, PoolsTooLarge
from app.pooling.looking import plan_of_pool
from app.pooling.repository import PoolerRepository
from app.pooling.router.answers import look, tell_job
from app.pooling.schemas import PoolAccepted, PoolerPlan, PoolName, PoolPatch, PoolPut, PoolView
from app.pooling.service import PoolingService
from app.postgres.errors import DatabaseAbsent
from app.runtime import Runtime

router = APIRouter(prefix="/databases", tags=["pooling"])

Reader = Annotated[Principal, requires(Scope.POOLER_READ)]
Writer = Annotated[Principal, requires_detached(Scope.POOLER_WRITE)]
Force = Annotated[bool, Query(description="Also when the pools may need more than the server has.")]
IfMatch = Annotated[str | None, Header()]
Name = Annotated[PoolName, Path()]

_REFUSALS = (DatabaseNotFound, JobConflict, PoolerNotFound, PoolerStateInvalid, PoolsFixed, PreconditionFailed)


@router.get("/{database_id}/pooler/pools", responses=raises(CursorInvalid, DatabaseNotFound, PoolerNotFound))
async def list_pools(
    database_id: DatabaseId, session: SessionDep, runtime: RuntimeDep, caller: Reader, paging: PagingDep
) -> Page[PoolView]:
    """By name."""
    _, pooler = await PoolingService(session, runtime.clock()).get(database_id, caller)
    (after,) = paging.after() or (None,)
    pools = await PoolerRepository(session).page(pooler.id, after=after, limit=paging.probe)
    return paging.cut(pools, PoolView.of, position=lambda pool: (pool.name,))


@router.get("/{database_id}/pooler/pools/{name}", responses=raises(DatabaseNotFound, PoolerNotFound, PoolNotFound))
async def get_pool(
    database_id: DatabaseId,
    name: Name,
    session: SessionDep,
    runtime: RuntimeDep,
    caller: Reader,
    response: Response,
    if_none_match: Annotated[str | None, Header()] = None,
) -> PoolView:
    """What clients get who give this name as their database."""
    pool = await PoolingService(session, runtime.clock()).pool(database_id, name, caller)
    tag = entity_tag(pool.revision)
    if is_known(if_none_match, pool.revision):
        raise HTTPException(304, headers={"ETag": tag})
    response.headers["ETag"] = tag
    return PoolView.of(pool)


@router.put(
    "/{database_id}/pooler/pools/{name}", status_code=202, responses=raises(*_REFUSALS, DatabaseAbsent, PoolsTooLarge)
)
async def put_pool(
    database_id: DatabaseId,
    name: Name,
    wish: PoolPut,
    runtime: RuntimeDep,
    caller: Writer,
    later: OptionalLaterWriteDep,
    response: Response,
    force: Force = False,
    if_match: IfMatch = None,
) -> PoolAccepted:
    """Makes the pool, or replaces it as a whole. Clients of the others notice nothing."""
    plan = await look(plan_of_pool(runtime, database_id, name, wish, caller, force=force))
    return await _change(runtime, later, database_id, name, wish, caller, plan, response, if_match=if_match)


@router.patch(
    "/{database_id}/pooler/pools/{name}",
    status_code=202,
    responses=raises(*_REFUSALS, DatabaseAbsent, PoolNotFound, PoolsTooLarge),
)
async def update_pool(
    database_id: DatabaseId,
    name: Name,
    wish: PoolPatch,
    runtime: RuntimeDep,
    caller: Writer,
    later: OptionalLaterWriteDep,
    response: Response,
    force: Force = False,
    if_match: IfMatch = None,
) -> PoolAccepted:
    """Changes what is named. A smaller size closes connections once they are unused."""
    plan = await look(plan_of_pool(runtime, database_id, name, wish, caller, force=force))
    return await _change(runtime, later, database_id, name, wish, caller, plan, response, if_match=if_match)


@router.delete(
    "/{database_id}/pooler/pools/{name}",
    status_code=202,
    responses=raises(DatabaseNotFound, JobConflict, PoolerNotFound, PoolerStateInvalid, PoolNotFound, PoolsFixed),
)
async def delete_pool(
    database_id: DatabaseId,
    name: Name,
    runtime: RuntimeDep,
    caller: Writer,
    later: OptionalLaterWriteDep,
    response: Response,
) -> PoolAccepted:
    """Clients that use the name are cut off. The logical database stays as it is."""
    plan = PoolerPlan(steps=["Have PgBouncer read its remaining pools."], arithmetic=[], warnings=[])
    async with later.begin() as (session, once):
        pool, job = await PoolingService(session, runtime.clock()).remove_pool(database_id, name, caller)
        view = tell_job(JobView.of(job), response)
        return once.keep(PoolAccepted(pool=PoolView.of(pool), job=view, plan=plan), response)


async def _change(
    runtime: Runtime,
    later: LaterWrite,
    database_id: UUID,
    name: str,
    wish: PoolPut | PoolPatch,
    caller: Principal,
    plan: PoolerPlan | Problem,
    response: Response,
    *,
    if_match: str | None,
) -> PoolAccepted:
    async with later.begin() as (session, once):
        if isinstance(plan, Problem):
            raise plan
        service = PoolingService(session, runtime.clock())
        if isinstance(wish, PoolPut):
            pool, job = await service.put_pool(database_id, name, wish, caller, if_match=if_match)
        else:
            pool, job = await service.patch_pool(database_id, name, wish, caller, if_match=if_match)
        response.headers["ETag"] = entity_tag(pool.revision)
        view = tell_job(JobView.of(job), response)
        return once.keep(PoolAccepted(pool=PoolView.of(pool), job=view, plan=plan), response)
