"""/v1/locations. Routes that call a store hold no session while they do: the probe first, then a short write."""

from typing import Annotated

from fastapi import APIRouter, Depends, Header, HTTPException, Response

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
from app.kit.etags import PreconditionFailed, entity_tag, is_known
from app.kit.ids import LocationId, ProjectId, encode_id
from app.kit.pagination import CursorInvalid, Page
from app.locations.errors import (
    LocationExists,
    LocationInUse,
    LocationNamed,
    LocationNotFound,
    NameTaken,
    ProbeFailed,
    ProjectUnknown,
)
from app.locations.probing import try_out
from app.locations.repository import LocationRepository
from app.locations.schemas import LocationCreate, LocationUpdate, LocationView, ProbeView
from app.locations.service import LocationService
from app.storage.errors import EndpointForbidden
from app.storage.probe import ProbeReport

router = APIRouter(prefix="/locations", tags=["locations"])

LocationReader = Annotated[Principal, requires(Scope.LOCATIONS_READ)]
LocationWriter = Annotated[Principal, requires(Scope.LOCATIONS_WRITE)]
DetachedWriter = Annotated[Principal, requires_detached(Scope.LOCATIONS_WRITE)]
IfMatch = Annotated[str | None, Header(description="The ETag that the change was decided on; another one answers 412.")]


async def get_service(session: SessionDep, runtime: RuntimeDep) -> LocationService:
    return LocationService(session, runtime.key_ring, runtime.clock)


Service = Annotated[LocationService, Depends(get_service)]


@router.get("", responses=raises(CursorInvalid))
async def list_locations(
    session: SessionDep, caller: LocationReader, paging: PagingDep, project_id: ProjectId | None = None
) -> Page[LocationView]:
    """Newest first."""
    (before,) = paging.after() or (None,)
    locations = await LocationRepository(session).page(
        caller.project_ids, project_id=project_id, before=before, limit=paging.probe
    )
    return paging.cut(locations, LocationView.of, position=lambda location: (location.id,))


@router.post(
    "",
    status_code=201,
    responses=raises(
        ProjectUnknown,
        NameTaken,
        LocationExists,
        EndpointForbidden,
        ProbeFailed,
        IdempotencyInFlight,
        IdempotencyMismatch,
    ),
)
async def create_location(
    wish: LocationCreate,
    caller: DetachedWriter,
    runtime: RuntimeDep,
    later: OptionalLaterWriteDep,
    response: Response,
) -> LocationView:
    """Adds a place for copies of backups, after an object was written, read and deleted there."""
    async with later.begin() as (session, _):  # a repetition ends here, without a probe
        location = await LocationService(session, runtime.key_ring, runtime.clock).prepare(wish, caller)
    report = await try_out(location, runtime.key_ring, runtime.settings.storage, runtime.clock)
    async with later.begin() as (session, once):
        await LocationService(session, runtime.key_ring, runtime.clock).create(location, report, caller)
        response.headers["Location"] = f"/v1/locations/{encode_id('loc', location.id)}"
        response.headers["ETag"] = entity_tag(location.revision)
        return once.keep(LocationView.of(location), response)


@router.get("/{location_id}", responses=raises(LocationNotFound))
async def get_location(
    location_id: LocationId,
    caller: LocationReader,
    service: Service,
    response: Response,
    if_none_match: Annotated[str | None, Header()] = None,
) -> LocationView:
    """One location, without its secret key."""
    location = await service.get(location_id, caller)
    tag = entity_tag(location.revision)
    if is_known(if_none_match, location.revision):
        raise HTTPException(304, headers={"ETag": tag})
    response.headers["ETag"] = tag
    return LocationView.of(location)


@router.patch(
    "/{location_id}",
    responses=raises(
        LocationNotFound,
        NameTaken,
        PreconditionFailed,
        EndpointForbidden,
        ProbeFailed,
        IdempotencyInFlight,
        IdempotencyMismatch,
    ),
)
async def update_location(
    location_id: LocationId,
    wish: LocationUpdate,
    caller: DetachedWriter,
    runtime: RuntimeDep,
    later: OptionalLaterWriteDep,
    response: Response,
    if_match: IfMatch = None,
) -> LocationView:
    """Renames it, makes it the default of its project, or replaces its credentials once they were tried out."""
    async with later.begin() as (session, _):
        service = LocationService(session, runtime.key_ring, runtime.clock)
        candidate = await service.candidate(location_id, wish, caller, if_match=if_match)
    report: ProbeReport | None = None
    if candidate is not None:
        report = await try_out(candidate, runtime.key_ring, runtime.settings.storage, runtime.clock)
    async with later.begin() as (session, once):
        service = LocationService(session, runtime.key_ring, runtime.clock)
        location = await service.update(location_id, wish, caller, if_match=if_match, report=report)
        response.headers["ETag"] = entity_tag(location.revision)
        return once.keep(LocationView.of(location), response)


@router.delete(
    "/{location_id}",
    status_code=204,
    responses=raises(LocationNotFound, LocationInUse, LocationNamed, IdempotencyInFlight, IdempotencyMismatch),
)
async def delete_location(
    location_id: LocationId, caller: LocationWriter, once: OptionalIdempotencyDep, service: Service, response: Response
) -> None:
    """Forgets the place and its credentials. Objects that lie there stay where they are."""
    await service.delete(location_id, caller)
    once.keep_empty(response)


@router.post("/{location_id}:probe", responses=raises(LocationNotFound, IdempotencyInFlight, IdempotencyMismatch))
async def probe_location(
    location_id: LocationId,
    caller: DetachedWriter,
    runtime: RuntimeDep,
    later: OptionalLaterWriteDep,
    response: Response,
) -> ProbeView:
    """Writes, reads and deletes an object there, and keeps the finding in the location's state."""
    async with later.begin() as (session, _):  # a repetition ends here, without a probe
        location = await LocationService(session, runtime.key_ring, runtime.clock).get(location_id, caller)
    report, error = None, None
    try:
        report = await try_out(location, runtime.key_ring, runtime.settings.storage, runtime.clock)
    except EndpointForbidden as problem:
        error = problem.document()
    except ProbeFailed as problem:
        error = problem.members["cause"]
    async with later.begin() as (session, once):
        service = LocationService(session, runtime.key_ring, runtime.clock)
        await service.record_probe(location_id, report, error, caller)
        return once.keep(ProbeView.of(report or ProbeReport(), error), response)
