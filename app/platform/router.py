"""/v1/databases/{id}/…: deployments, their logs, status, metrics and costs, as Railway tells them."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query

from app.auth.dependencies import PagingDep, RuntimeDep, SessionDep, requires, requires_detached
from app.auth.principal import Principal
from app.auth.responses import raises
from app.auth.scopes import Scope
from app.databases.errors import DatabaseNotFound, DatabaseStateInvalid
from app.kit.clock import Moment
from app.kit.ids import DatabaseId
from app.kit.names import STORABLE
from app.kit.pagination import CursorInvalid, Page
from app.platform.errors import DeploymentNotFound, MetricsNotKept, PeriodInvalid
from app.platform.schemas import (
    CostEstimateView,
    DeploymentLogsView,
    DeploymentView,
    LogLineView,
    PlatformMetricsView,
    PlatformStatusView,
)
from app.platform.service import PlatformService, placed, status
from app.providers.protocol import NotSupported
from app.providers.railway.clients import RailwayConnectionGone
from app.providers.railway.errors import RailwayNotAuthorized, RailwayProblem, RailwayTokenInvalid, RailwayUnavailable
from app.providers.railway.place import Place

router = APIRouter(prefix="/databases/{database_id}", tags=["platform"])

MOST_DEPLOYMENTS = 100
MOST_LINES = 1000

Reader = Annotated[Principal, requires(Scope.DATABASES_READ)]
Watcher = Annotated[Principal, requires_detached(Scope.DATABASES_READ)]
Operator = Annotated[Principal, requires_detached(Scope.DATABASES_OPERATE)]
_NOT_ON_RAILWAY = (DatabaseNotFound, NotSupported, DatabaseStateInvalid)
_ASKING = (
    *_NOT_ON_RAILWAY,
    RailwayConnectionGone,
    RailwayNotAuthorized,
    RailwayTokenInvalid,
    RailwayProblem,
    RailwayUnavailable,
)


async def service(runtime: RuntimeDep) -> PlatformService:
    return PlatformService(runtime)


Service = Annotated[PlatformService, Depends(service)]


async def _place(runtime: RuntimeDep, database_id: DatabaseId, caller: Principal) -> Place:
    async with runtime.reads() as session:
        _, place = await placed(session, database_id, caller)
    return place


@router.get("/platform-status", responses=raises(*_NOT_ON_RAILWAY))
async def get_platform_status(
    database_id: DatabaseId, session: SessionDep, caller: Reader, runtime: RuntimeDep
) -> PlatformStatusView:
    """Deployment, volume, cluster and the newest metrics, as a worker saw them within the last minute.

    A worker looks at each environment in one request, so asking here costs nothing of the token's quota.
    """
    return await status(session, database_id, caller, runtime.clock())


@router.get("/deployments", responses=raises(*_ASKING, CursorInvalid))
async def list_deployments(
    database_id: DatabaseId, caller: Watcher, runtime: RuntimeDep, platform: Service, paging: PagingDep
) -> Page[DeploymentView]:
    """Newest first, asked of Railway. A page has 100 at most."""
    (after,) = paging.after() or (None,)
    place = await _place(runtime, database_id, caller)
    first = min(paging.limit, MOST_DEPLOYMENTS)
    found = await platform.deployments(place, first=first, after=str(after) if after else None)
    cursor = paging.codec.encode((found.end_cursor,), filters=paging.filters) if found.end_cursor else None
    views = [DeploymentView.of(deployment) for deployment in found.deployments]
    return Page(data=views, next_cursor=cursor, has_more=cursor is not None)


@router.get("/deployments/{deployment_id}/logs", responses=raises(*_ASKING, DeploymentNotFound, PeriodInvalid))
async def get_deployment_logs(
    *,
    database_id: DatabaseId,
    deployment_id: Annotated[str, Path(pattern=r"^[A-Za-z0-9-]{1,64}$", description="Railway's.")],
    caller: Operator,
    runtime: RuntimeDep,
    platform: Service,
    limit: Annotated[int, Query(ge=1, le=MOST_LINES, description="Lines.")] = 100,
    contains: Annotated[
        str | None,
        STORABLE,
        Query(alias="filter", max_length=200, description="In Railway's own syntax, such as `@level:error`."),
    ] = None,
    since: Moment | None = None,
    until: Moment | None = None,
) -> DeploymentLogsView:
    """What the server's container wrote. Statements in it may hold data, so a key needs more than to read."""
    place = await _place(runtime, database_id, caller)
    lines = await platform.logs(
        database_id, place, deployment_id, limit=limit, contains=contains, since=since, until=until
    )
    return DeploymentLogsView(data=[LogLineView.of(line) for line in lines])


@router.get("/platform-metrics", responses=raises(*_ASKING, MetricsNotKept, PeriodInvalid))
async def get_platform_metrics(
    *,
    database_id: DatabaseId,
    caller: Watcher,
    runtime: RuntimeDep,
    platform: Service,
    since: Annotated[Moment | None, Query(alias="from", description="An hour before `to` when not given.")] = None,
    until: Annotated[Moment | None, Query(alias="to", description="Now when not given.")] = None,
    step: Annotated[
        int | None, Query(ge=60, le=86_400, description="Seconds between points; chosen by the period when not given.")
    ] = None,
) -> PlatformMetricsView:
    """CPU, memory, disk and network as series, asked of Railway, which keeps 30 days."""
    place = await _place(runtime, database_id, caller)
    return await platform.metrics(place, since=since, until=until, step_seconds=step)


@router.get("/cost-estimate", responses=raises(*_ASKING))
async def get_cost_estimate(
    database_id: DatabaseId, caller: Watcher, runtime: RuntimeDep, platform: Service
) -> CostEstimateView:
    """What the last 30 days of the service cost by a price table with a date: an estimate, not a bill."""
    return await platform.cost(await _place(runtime, database_id, caller))
