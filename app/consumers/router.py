"""/v1/databases/{id}/consumers: who finds a database by its variables, and leading services to it."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from app.auth.dependencies import LaterWrite, OptionalLaterWriteDep, RuntimeDep, requires_detached
from app.auth.principal import Principal
from app.auth.responses import raises
from app.auth.scopes import Scope
from app.connections.errors import NoSuchEndpoint
from app.consumers.errors import ConsumerInvalid, ConsumerNotFound, ServiceNotFound
from app.consumers.schemas import (
    ConsumerAccepted,
    ConsumerPlan,
    ConsumersView,
    ConsumerWish,
    RemoveConsumer,
    VariableName,
    WriteConsumer,
)
from app.consumers.service import ConsumerService, consumers_of, plan_removal, plan_write
from app.databases.errors import DatabaseNotFound, DatabaseStateInvalid
from app.databases.places import visible_site
from app.errors import Problem
from app.jobs.errors import JobConflict
from app.jobs.schemas import JobView
from app.kit.ids import DatabaseId
from app.providers.protocol import NotSupported
from app.providers.railway.errors import RailwayNotAuthorized, RailwayProblem, RailwayUnavailable
from app.providers.railway.patches import StagedChangesForeign

router = APIRouter(prefix="/databases", tags=["databases"])

Reader = Annotated[Principal, requires_detached(Scope.CONNECTIONS_READ)]
Writer = Annotated[Principal, requires_detached(Scope.CONNECTIONS_WRITE)]
ServiceName = Annotated[
    str, Path(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f/]+$", description="Its id or name at Railway.")
]

_REFUSALS = (
    DatabaseNotFound,
    DatabaseStateInvalid,
    NotSupported,
    RailwayNotAuthorized,
    RailwayProblem,
    RailwayUnavailable,
)


@router.get("/{database_id}/consumers", responses=raises(*_REFUSALS))
async def get_database_consumers(database_id: DatabaseId, runtime: RuntimeDep, caller: Reader) -> ConsumersView:
    """The variables of other services that refer to this database's, with what is unwise about them.

    As seen within the last ten minutes. What is written by hand instead of as a reference cannot be recognised.
    """
    return await consumers_of(runtime, await visible_site(runtime, database_id, caller, "followed to their consumers"))


@router.put(
    "/{database_id}/consumers/{service}",
    status_code=202,
    responses=raises(*_REFUSALS, ServiceNotFound, NoSuchEndpoint, ConsumerInvalid, JobConflict),
)
async def set_database_consumer(
    database_id: DatabaseId,
    service: ServiceName,
    wish: ConsumerWish,
    runtime: RuntimeDep,
    caller: Writer,
    later: OptionalLaterWriteDep,
    response: Response,
) -> ConsumerAccepted:
    """Writes a reference to the database into a variable of the service, without a deployment unless one is wished."""

    async def plan() -> tuple[ConsumerPlan, WriteConsumer]:
        site = await visible_site(runtime, database_id, caller, "referred to")
        return await plan_write(runtime, site, service, wish)

    try:
        planned: tuple[ConsumerPlan, WriteConsumer] | Problem = await plan()
    except Problem as refusal:
        planned = refusal
    return await _start(later, database_id, caller, "set_database_consumer", planned, response)


@router.delete(
    "/{database_id}/consumers/{service}",
    status_code=202,
    responses=raises(*_REFUSALS, ServiceNotFound, ConsumerNotFound, StagedChangesForeign, JobConflict),
)
async def delete_database_consumer(
    database_id: DatabaseId,
    service: ServiceName,
    runtime: RuntimeDep,
    caller: Writer,
    later: OptionalLaterWriteDep,
    response: Response,
    *,
    variable: Annotated[VariableName, Query()] = "DATABASE_URL",
    redeploy: Annotated[bool, Query(description="Deploy the service, so that it no longer has the variable.")] = False,
) -> ConsumerAccepted:
    """Removes a variable that refers to the database, by way of the staged changes and without a deployment of its own."""
    try:
        site = await visible_site(runtime, database_id, caller, "referred to")
        planned: tuple[ConsumerPlan, RemoveConsumer] | Problem = await plan_removal(
            runtime, site, service, variable, redeploy=redeploy
        )
    except Problem as refusal:
        planned = refusal
    return await _start(later, database_id, caller, "delete_database_consumer", planned, response)


async def _start(
    later: LaterWrite,
    database_id: DatabaseId,
    caller: Principal,
    action: str,
    planned: tuple[ConsumerPlan, WriteConsumer | RemoveConsumer] | Problem,
    response: Response,
) -> ConsumerAccepted:
    """A refusal waits until it is known that this is no repetition: that one gets its first answer again."""
    async with later.begin() as (session, once):
        if isinstance(planned, Problem):
            raise planned
        plan, args = planned
        view = JobView.of(await ConsumerService(session).start(database_id, args, caller, action, plan))
        response.headers["Location"] = view.links["self"]
        response.headers["Retry-After"] = "1"
        return once.keep(ConsumerAccepted(job=view, plan=plan), response)
