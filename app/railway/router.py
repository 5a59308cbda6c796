"""/v1/railway-connections. Routes that ask Railway hold no session while they do: the question first, then a short write."""

from typing import Annotated

from fastapi import APIRouter, Depends, Header, HTTPException, Query, Response

from app.auth.dependencies import (
    OptionalIdempotencyDep,
    OptionalLaterWriteDep,
    PagingDep,
    RuntimeDep,
    SessionDep,
    requires,
    requires_detached,
)
from app.auth.errors import IdempotencyInFlight, IdempotencyMismatch
from app.auth.principal import Principal
from app.auth.responses import raises
from app.auth.scopes import Scope
from app.errors import Problem
from app.kit.etags import PreconditionFailed, entity_tag, is_known
from app.kit.ids import ProjectId, RailwayConnectionId, encode_id
from app.kit.pagination import CursorInvalid, Page
from app.providers.railway.clients import RailwayConnectionGone, credential_of
from app.providers.railway.credential import RailwayCredential, RailwayTokenMalformed
from app.providers.railway.errors import (
    RailwayNotFound,
    RailwayOutOfReach,
    RailwayProblem,
    RailwayRateLimited,
    RailwayUnavailable,
)
from app.providers.railway.models import RailwayConnection
from app.railway.errors import (
    ConnectionInUse,
    ConnectionNotFound,
    NameTaken,
    ProjectUnknown,
    SchemaNotChecked,
    TokenElsewhere,
    TokenInvalid,
    TokenKindWrong,
)
from app.railway.probing import ProbeReport, probe, require_reach
from app.railway.repository import ConnectionRepository, IntentRepository
from app.railway.schemas import (
    CheckSchema,
    ConnectionCreate,
    ConnectionUpdate,
    ConnectionView,
    IntentView,
    RailwayId,
    SchemaCheckView,
)
from app.railway.seen import seen_environments, seen_projects, seen_regions, seen_services
from app.railway.service import ConnectionService
from app.railway.sights import RailwayEnvironmentsView, RailwayProjectsView, RailwayRegionsView, RailwayServicesView
from app.runtime import Runtime

router = APIRouter(tags=["railway"])

Reader = Annotated[Principal, requires(Scope.RAILWAY_READ)]
Writer = Annotated[Principal, requires(Scope.RAILWAY_WRITE)]
DetachedReader = Annotated[Principal, requires_detached(Scope.RAILWAY_READ)]
DetachedWriter = Annotated[Principal, requires_detached(Scope.RAILWAY_WRITE)]
IfMatch = Annotated[str | None, Header(description="The ETag that the change was decided on; another one answers 412.")]

_AWAY = (RailwayUnavailable, RailwayRateLimited)
_REFUSED = (TokenInvalid, TokenKindWrong, RailwayTokenMalformed)
_READS = (ConnectionNotFound, RailwayConnectionGone, RailwayOutOfReach, RailwayNotFound, RailwayProblem, *_AWAY)


async def get_service(session: SessionDep, runtime: RuntimeDep) -> ConnectionService:
    return ConnectionService(session, runtime)


Service = Annotated[ConnectionService, Depends(get_service)]


@router.get("/railway-connections", responses=raises(CursorInvalid))
async def list_railway_connections(
    session: SessionDep, caller: Reader, paging: PagingDep, project_id: ProjectId | None = None
) -> Page[ConnectionView]:
    """Newest first."""
    (before,) = paging.after() or (None,)
    connections = await ConnectionRepository(session).page(
        caller.project_ids, project_id=project_id, before=before, limit=paging.probe
    )
    return paging.cut(connections, ConnectionView.of, position=lambda connection: (connection.id,))


@router.post(
    "/railway-connections",
    status_code=201,
    responses=raises(ProjectUnknown, NameTaken, *_REFUSED, *_AWAY, IdempotencyInFlight, IdempotencyMismatch),
)
async def create_railway_connection(
    wish: ConnectionCreate,
    caller: DetachedWriter,
    runtime: RuntimeDep,
    later: OptionalLaterWriteDep,
    response: Response,
) -> ConnectionView:
    """Keeps a token, sealed, after Railway has said whose it is. What it may read is tried out and recorded."""
    async with later.begin() as (session, _):  # a repetition ends here, without a probe
        await ConnectionService(session, runtime).require_project(wish.project_id, caller)
    report = await probe(runtime.railway, wish.token, said=wish.kind, clock=runtime.clock)
    async with later.begin() as (session, once):
        connection = await ConnectionService(session, runtime).create(wish, report, caller)
        response.headers["Location"] = f"/v1/railway-connections/{encode_id('rwc', connection.id)}"
        response.headers["ETag"] = entity_tag(connection.revision)
        return once.keep(ConnectionView.of(connection), response)


@router.get("/railway-connections/{connection_id}", responses=raises(ConnectionNotFound))
async def get_railway_connection(
    connection_id: RailwayConnectionId,
    caller: Reader,
    service: Service,
    response: Response,
    if_none_match: Annotated[str | None, Header()] = None,
) -> ConnectionView:
    """One token: how it stands with Railway and what it was seen to be allowed, without itself."""
    connection = await service.get(connection_id, caller)
    tag = entity_tag(connection.revision)
    if is_known(if_none_match, connection.revision):
        raise HTTPException(304, headers={"ETag": tag})
    response.headers["ETag"] = tag
    return ConnectionView.of(connection)


@router.patch(
    "/railway-connections/{connection_id}",
    responses=raises(
        ConnectionNotFound,
        NameTaken,
        PreconditionFailed,
        TokenElsewhere,
        *_REFUSED,
        *_AWAY,
        IdempotencyInFlight,
        IdempotencyMismatch,
    ),
)
async def update_railway_connection(
    connection_id: RailwayConnectionId,
    wish: ConnectionUpdate,
    caller: DetachedWriter,
    runtime: RuntimeDep,
    later: OptionalLaterWriteDep,
    response: Response,
    if_match: IfMatch = None,
) -> ConnectionView:
    """Renames it, or replaces the token by one that reads every environment that is linked."""
    async with later.begin() as (session, _):
        linked = await ConnectionService(session, runtime).to_change(connection_id, caller, if_match=if_match)
    report: ProbeReport | None = None
    if wish.token is not None:
        place = next(((link.railway_project_id, link.railway_environment_id) for link in linked), None)
        report = await probe(runtime.railway, wish.token, said=wish.kind, clock=runtime.clock, place=place)
        client = runtime.railway.by(RailwayCredential(report.identity.kind, wish.token))
        await require_reach(client, sorted({link.railway_environment_id for link in linked}))
    async with later.begin() as (session, once):
        service = ConnectionService(session, runtime)
        connection = await service.update(connection_id, wish, caller, if_match=if_match, report=report)
        response.headers["ETag"] = entity_tag(connection.revision)
        return once.keep(ConnectionView.of(connection), response)


@router.delete(
    "/railway-connections/{connection_id}",
    status_code=204,
    responses=raises(ConnectionNotFound, ConnectionInUse, IdempotencyInFlight, IdempotencyMismatch),
)
async def delete_railway_connection(
    connection_id: RailwayConnectionId,
    caller: Writer,
    once: OptionalIdempotencyDep,
    service: Service,
    response: Response,
) -> None:
    """Forgets the token. At Railway it stays valid: delete it there, too."""
    await service.delete(connection_id, caller)
    once.keep_empty(response)


@router.post(
    "/railway-connections/{connection_id}:probe",
    responses=raises(ConnectionNotFound, IdempotencyInFlight, IdempotencyMismatch),
)
async def probe_railway_connection(
    connection_id: RailwayConnectionId,
    caller: DetachedWriter,
    runtime: RuntimeDep,
    later: OptionalLaterWriteDep,
    response: Response,
) -> ConnectionView:
    """Tries the token out again, and keeps what was found. That it failed is the finding here: see `probe_error`."""
    async with later.begin() as (session, _):  # a repetition ends here, without a probe
        linked = await ConnectionService(session, runtime).to_change(connection_id, caller, if_match=None)
        connection = await ConnectionService(session, runtime).get(connection_id, caller)
        token = credential_of(connection, runtime.key_ring).token
    place = next(((link.railway_project_id, link.railway_environment_id) for link in linked), None)
    report, problem = None, None
    try:
        report = await probe(runtime.railway, token, said=None, clock=runtime.clock, place=place)
    except Problem as error:
        problem = error
    async with later.begin() as (session, once):
        connection = await ConnectionService(session, runtime).record_probe(connection_id, report, problem, caller)
        response.headers["ETag"] = entity_tag(connection.revision)
        return once.keep(ConnectionView.of(connection), response)


@router.get("/railway-connections/{connection_id}/projects", responses=raises(*_READS))
async def list_railway_projects(
    connection_id: RailwayConnectionId, caller: DetachedReader, runtime: RuntimeDep
) -> RailwayProjectsView:
    """The projects at Railway that the token sees, asked just now."""
    return await seen_projects(runtime, await _connection(runtime, connection_id, caller))


@router.get("/railway-connections/{connection_id}/environments", responses=raises(*_READS))
async def list_railway_environments(
    connection_id: RailwayConnectionId,
    caller: DetachedReader,
    runtime: RuntimeDep,
    railway_project_id: Annotated[
        RailwayId | None, Query(description="Not needed with a project token, which has only one.")
    ] = None,
) -> RailwayEnvironmentsView:
    """The environments of a project at Railway, asked just now, and which of yours stand for them."""
    connection = await _connection(runtime, connection_id, caller)
    return await seen_environments(runtime, connection, caller, railway_project_id=railway_project_id)


@router.get("/railway-connections/{connection_id}/services", responses=raises(*_READS))
async def list_railway_services(
    connection_id: RailwayConnectionId,
    caller: DetachedReader,
    runtime: RuntimeDep,
    railway_project_id: RailwayId | None = None,
    railway_environment_id: Annotated[
        RailwayId | None, Query(description="Not needed with a project token, which has only one.")
    ] = None,
) -> RailwayServicesView:
    """The services of an environment that run PostgreSQL, asked just now, and which are managed here already."""
    connection = await _connection(runtime, connection_id, caller)
    return await seen_services(
        runtime,
        connection,
        caller,
        railway_project_id=railway_project_id,
        railway_environment_id=railway_environment_id,
    )


@router.get("/railway-connections/{connection_id}/regions", responses=raises(*_READS))
async def list_railway_regions(
    connection_id: RailwayConnectionId,
    caller: DetachedReader,
    runtime: RuntimeDep,
    railway_project_id: RailwayId | None = None,
) -> RailwayRegionsView:
    """Where services can run, asked just now; with a project, where its services may."""
    connection = await _connection(runtime, connection_id, caller)
    return await seen_regions(runtime, connection, railway_project_id=railway_project_id)


@router.get("/railway-connections/{connection_id}/intents", responses=raises(ConnectionNotFound, CursorInvalid))
async def list_railway_intents(
    connection_id: RailwayConnectionId,
    caller: Reader,
    service: Service,
    paging: PagingDep,
    is_open: Annotated[
        bool | None, Query(alias="open", description="Only those under way, or only those that have ended.")
    ] = None,
) -> Page[IntentView]:
    """What jobs set out to change at Railway by this token, newest first."""
    await service.get(connection_id, caller)
    (before,) = paging.after() or (None,)
    intents = await IntentRepository(service.session).page(
        connection_id, is_open=is_open, before=before, limit=paging.probe
    )
    return paging.cut(intents, IntentView.of, position=lambda intent: (intent.id,))


@router.get("/railway/schema-check", responses=raises(SchemaNotChecked))
async def get_railway_schema_check(session: SessionDep, caller: Reader) -> SchemaCheckView:  # noqa: ARG001 (who may ask)
    """What the last weekly look at Railway's schema found. `pgmanager railway schema-check` looks at once."""
    job = await ConnectionRepository(session).last_result(CheckSchema.kind)
    if job is None or job.result is None:
        raise SchemaNotChecked
    return SchemaCheckView.model_validate(job.result)


async def _connection(runtime: Runtime, connection_id: RailwayConnectionId, caller: Principal) -> RailwayConnection:
    async with runtime.reads() as session:
        return await ConnectionService(session, runtime).get(connection_id, caller)
