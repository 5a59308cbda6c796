"""/v1/databases/{id}/network."""

from typing import Annotated

from fastapi import APIRouter, Header, Response

from app.auth.dependencies import OptionalLaterWriteDep, RuntimeDep, requires_detached
from app.auth.principal import Principal
from app.auth.responses import raises
from app.auth.scopes import Scope
from app.databases.errors import DatabaseNotFound, DatabaseStateInvalid
from app.errors import Problem
from app.jobs.errors import JobConflict
from app.jobs.schemas import JobView
from app.kit.etags import PreconditionFailed, entity_tag
from app.kit.ids import DatabaseId
from app.network.schemas import NetworkAccepted, NetworkPatch, NetworkPlan, NetworkView
from app.network.service import NetworkService, plan_of, read_network
from app.providers.protocol import NotSupported
from app.providers.railway.errors import RailwayNotAuthorized, RailwayUnavailable
from app.providers.railway.patches import StagedChangesForeign

router = APIRouter(prefix="/databases", tags=["network"])

Reader = Annotated[Principal, requires_detached(Scope.NETWORK_READ)]
Writer = Annotated[Principal, requires_detached(Scope.NETWORK_WRITE)]
IfMatch = Annotated[str | None, Header(description="The ETag that the change was decided on; another one answers 412.")]


@router.get(
    "/{database_id}/network",
    responses=raises(DatabaseNotFound, RailwayNotAuthorized, RailwayUnavailable),
)
async def get_network(database_id: DatabaseId, runtime: RuntimeDep, caller: Reader, response: Response) -> NetworkView:
    """The addresses of the server, until when it is public, and whose variables hold the public address."""
    database, view = await read_network(runtime, database_id, caller)
    response.headers["ETag"] = entity_tag(database.revision)
    return view


@router.patch(
    "/{database_id}/network",
    status_code=202,
    responses=raises(
        DatabaseNotFound,
        DatabaseStateInvalid,
        NotSupported,
        StagedChangesForeign,
        PreconditionFailed,
        JobConflict,
        RailwayNotAuthorized,
        RailwayUnavailable,
    ),
)
async def update_network(
    database_id: DatabaseId,
    wish: NetworkPatch,
    runtime: RuntimeDep,
    caller: Writer,
    later: OptionalLaterWriteDep,
    response: Response,
    if_match: IfMatch = None,
) -> NetworkAccepted:
    """Switches public access on or off, or on for some minutes, after which it is closed whatever happens meanwhile.

    A second wish with minutes changes when the first one ends. With `public_access` alone it stays.
    """
    planned: NetworkPlan | Problem
    is_public = False
    try:
        database, now = await read_network(runtime, database_id, caller)
        is_public = now.public is not None
        planned = await plan_of(runtime, database, now, wish)
    except Problem as refusal:
        planned = refusal
    async with later.begin() as (session, once):
        if isinstance(planned, Problem):
            raise planned
        service = NetworkService(session, runtime.clock)
        job = await service.start(database_id, wish, caller, if_match=if_match, is_public=is_public)
        view = JobView.of(job)
        response.headers["Location"] = view.links["self"]
        response.headers["Retry-After"] = "1"
        return once.keep(NetworkAccepted(job=view, plan=planned), response)
