"""What binds environments to Railway: links, making and deleting them there, and the changes that wait in one."""

from collections.abc import Collection
from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.auth.audit import audit
from app.auth.dependencies import (
    LaterWriteDep,
    OptionalIdempotencyDep,
    OptionalLaterWriteDep,
    RuntimeDep,
    SessionDep,
    requires,
    requires_detached,
)
from app.auth.errors import IdempotencyInFlight, IdempotencyMismatch, ScopeMissing
from app.auth.principal import Principal
from app.auth.responses import raises
from app.auth.scopes import Scope
from app.databases.errors import (
    ConfirmationOfEnvironmentMissing,
    EnvironmentLinked,
    EnvironmentNotFound,
    EnvironmentNotLinked,
    HasDependents,
    NameTaken,
    ProjectNotFound,
)
from app.databases.schemas import EnvironmentView
from app.databases.service.railway import RailwayEnvironmentService
from app.databases.staged import Spot, discard, staged_changes
from app.jobs.models import Job
from app.jobs.schemas import JobView
from app.kit.etags import entity_tag
from app.kit.ids import EnvironmentId, ProjectId, RailwayConnectionId, encode_id
from app.providers.railway.credential import TokenKind
from app.providers.railway.errors import (
    RailwayBusy,
    RailwayNotFound,
    RailwayOutOfReach,
    RailwayProblem,
    RailwayRateLimited,
    RailwayTokenKindWrong,
    RailwayUnavailable,
)
from app.providers.railway.intents import EnvironmentBusy
from app.providers.railway.inventory import EnvironmentState, read_environment
from app.providers.railway.models import RailwayConnection
from app.providers.railway.patches import StagedChangesForeign
from app.providers.railway.projects import read_project
from app.railway.errors import ConnectionNotFound
from app.railway.schemas import (
    CreateRailwayEnvironment,
    DeleteRailwayEnvironment,
    DiscardedView,
    RailwayEnvironmentAccepted,
    RailwayEnvironmentCreate,
    RailwayId,
    RailwayLink,
    StagedChangesView,
)
from app.railway.standing import explained
from app.runtime import Runtime

router = APIRouter(tags=["railway"])

Reader = Annotated[Principal, requires_detached(Scope.RAILWAY_READ)]
Writer = Annotated[Principal, requires_detached(Scope.RAILWAY_WRITE)]
Unlinker = Annotated[Principal, requires(Scope.PROJECTS_WRITE, Scope.RAILWAY_WRITE)]
Linker = Annotated[Principal, requires_detached(Scope.PROJECTS_WRITE, Scope.RAILWAY_WRITE)]

_ASKING = (RailwayNotFound, RailwayOutOfReach, RailwayProblem, RailwayUnavailable, RailwayRateLimited)
_ONCE = (IdempotencyInFlight, IdempotencyMismatch)


@router.put(
    "/projects/{project_id}/environments/{environment_id}/railway-link",
    responses=raises(ProjectNotFound, EnvironmentNotFound, ConnectionNotFound, EnvironmentLinked, *_ASKING, *_ONCE),
)
async def link_environment(
    *,
    project_id: ProjectId,
    environment_id: EnvironmentId,
    wish: RailwayLink,
    caller: Linker,
    runtime: RuntimeDep,
    later: OptionalLaterWriteDep,
    response: Response,
) -> EnvironmentView:
    """Makes an environment stand for one at Railway, once the token is seen to read it.

    Creating or adopting a database on Railway links its environment by itself.
    """
    async with later.begin() as (session, _):  # a repetition ends here
        service = RailwayEnvironmentService(session)
        await service.environment(project_id, environment_id, caller)
        await service.connection(wish.connection_id, caller, project_id=project_id)
    async with explained(runtime, wish.connection_id) as client:
        state = await read_environment(client, wish.railway_environment_id)
    async with later.begin() as (session, once):
        service = RailwayEnvironmentService(session)
        environment = await service.link(project_id, environment_id, wish, state.project_id, caller)
        response.headers["ETag"] = entity_tag(environment.revision)
        return once.keep(EnvironmentView.of(environment), response)


@router.delete(
    "/projects/{project_id}/environments/{environment_id}/railway-link",
    status_code=204,
    responses=raises(ProjectNotFound, EnvironmentNotFound, HasDependents, *_ONCE),
)
async def unlink_environment(
    *,
    project_id: ProjectId,
    environment_id: EnvironmentId,
    session: SessionDep,
    caller: Unlinker,
    once: OptionalIdempotencyDep,
    response: Response,
) -> None:
    """Makes an environment stand for none at Railway, once no database on Railway is left in it. There nothing changes."""
    await RailwayEnvironmentService(session).unlink(project_id, environment_id, caller)
    once.keep_empty(response)


@router.post(
    "/railway-connections/{connection_id}/environments",
    status_code=202,
    responses=raises(
        ConnectionNotFound,
        ProjectNotFound,
        EnvironmentNotFound,
        EnvironmentLinked,
        NameTaken,
        RailwayTokenKindWrong,
        *_ASKING,
    ),
)
async def create_railway_environment(
    *,
    connection_id: RailwayConnectionId,
    wish: RailwayEnvironmentCreate,
    caller: Writer,
    runtime: RuntimeDep,
    later: LaterWriteDep,
    response: Response,
) -> RailwayEnvironmentAccepted:
    """Makes an environment in a project at Railway, empty or as a fork, and links one of yours to it.

    A fork has the services, volumes and variables of its source, and starts them. The data on the volumes stay behind.
    """
    async with later.begin() as (session, _):  # a repetition ends here
        service = RailwayEnvironmentService(session)
        connection = await service.connection(connection_id, caller)
        if wish.environment_id is not None:
            ours = await service.environment(connection.project_id, wish.environment_id, caller)
            if ours.railway_environment_id is not None:
                raise EnvironmentLinked(ours.id, ours.railway_environment_id)
    _require_bearer(connection, "environmentCreate")
    source: EnvironmentState | None = None
    async with explained(runtime, connection_id) as client:
        project = await read_project(client, wish.railway_project_id)
        if list(project.named(wish.name)):
            raise NameTaken("an environment at Railway", wish.name)
        if wish.source_environment_id is not None:
            source = await read_environment(client, wish.source_environment_id)
            _require_project(source, wish.railway_project_id)
    args = CreateRailwayEnvironment(connection_id=connection_id, **wish.model_dump())
    async with later.begin() as (session, once):
        service = RailwayEnvironmentService(session)
        connection = await service.connection(connection_id, caller)
        job = await service.start(args, connection, caller, "create_railway_environment")
        services = [found.service_name for found in source.services] if source else []
        return once.keep(_accepted(None, wish.name, services, job, response), response)


@router.delete(
    "/railway-connections/{connection_id}/environments/{railway_environment_id}",
    status_code=202,
    responses=raises(
        ConnectionNotFound,
        ConfirmationOfEnvironmentMissing,
        HasDependents,
        RailwayTokenKindWrong,
        *_ASKING,
        *_ONCE,
    ),
)
async def delete_railway_environment(
    *,
    connection_id: RailwayConnectionId,
    railway_environment_id: RailwayId,
    caller: Writer,
    runtime: RuntimeDep,
    later: OptionalLaterWriteDep,
    response: Response,
    confirm: Annotated[str, Query(description="The environment's name at Railway, to say that you mean it.")] = "",
) -> RailwayEnvironmentAccepted:
    """Deletes an environment at Railway with all services in it, once no database that is managed here lives there.

    The answer names the services that go; with `dry_run=true` nothing else happens.
    """
    async with later.begin() as (session, _):  # a repetition ends here
        service = RailwayEnvironmentService(session)
        connection = await service.connection(connection_id, caller)
        await service.require_empty(railway_environment_id, caller)
    _require_bearer(connection, "environmentDelete")
    async with explained(runtime, connection_id) as client:
        state = await read_environment(client, railway_environment_id)
    if confirm != state.name and not later.is_dry_run:
        raise ConfirmationOfEnvironmentMissing(state.name)
    args = DeleteRailwayEnvironment(
        connection_id=connection_id,
        railway_project_id=state.project_id,
        railway_environment_id=railway_environment_id,
        name=state.name,
    )
    async with later.begin() as (session, once):
        service = RailwayEnvironmentService(session)
        connection = await service.connection(connection_id, caller)
        job = await service.start(args, connection, caller, "delete_railway_environment")
        services = [found.service_name for found in state.services]
        return once.keep(_accepted(railway_environment_id, state.name, services, job, response), response)


@router.get(
    "/environments/{environment_id}/staged-changes",
    responses=raises(EnvironmentNotFound, EnvironmentNotLinked, *_ASKING),
)
async def get_staged_changes(environment_id: EnvironmentId, caller: Reader, runtime: RuntimeDep) -> StagedChangesView:
    """What waits to be deployed in the environment at Railway, asked just now: where, and whether it is ours.

    Whoever presses "Deploy" there deploys all of it. What it changes things to is not shown, since it may be secret.
    """
    return await staged_changes(runtime, await _spot(runtime, environment_id, caller))


@router.delete(
    "/environments/{environment_id}/staged-changes",
    responses=raises(
        EnvironmentNotFound,
        EnvironmentNotLinked,
        StagedChangesForeign,
        EnvironmentBusy,
        RailwayBusy,
        ScopeMissing,
        *_ASKING,
        *_ONCE,
    ),
)
async def discard_staged_changes(
    *,
    environment_id: EnvironmentId,
    caller: Writer,
    runtime: RuntimeDep,
    later: OptionalLaterWriteDep,
    response: Response,
    force: Annotated[bool, Query(description="Somebody else's, too; needs the scope `railway:force`.")] = False,
) -> DiscardedView:
    """Empties what waits in the environment at Railway, if all of it was staged by this service."""
    if force:
        caller.require(Scope.RAILWAY_FORCE)
    async with later.begin():  # a repetition ends here
        pass
    keys = await discard(runtime, await _spot(runtime, environment_id, caller), force=force, dry_run=later.is_dry_run)
    async with later.begin() as (session, once):
        environment, _ = await RailwayEnvironmentService(session).linked(environment_id, caller)
        audit(
            session,
            caller,
            "discard_staged_changes",
            target_type="environment",
            target_id=encode_id("env", environment_id),
            project_id=environment.project_id,
            details={"keys": keys, "force": force},
        )
        return once.keep(DiscardedView(keys=keys), response)


async def _spot(runtime: Runtime, environment_id: EnvironmentId, caller: Principal) -> Spot:
    async with runtime.reads() as session:
        environment, connection = await RailwayEnvironmentService(session).linked(environment_id, caller)
    assert environment.railway_environment_id is not None
    return Spot(connection.id, environment.railway_environment_id)


def _require_bearer(connection: RailwayConnection, operation: str) -> None:
    """Raises RailwayTokenKindWrong before Railway would say a bare "Not Authorized"."""
    if connection.kind == TokenKind.PROJECT:
        raise RailwayTokenKindWrong("that is not for a project token", operation=operation)


def _require_project(state: EnvironmentState, railway_project_id: str) -> None:
    if state.project_id != railway_project_id:
        raise RailwayNotFound(f"{state.id} belongs to another project", operation="environment")


def _accepted(
    railway_environment_id: str | None, name: str, services: Collection[str], job: Job, response: Response
) -> RailwayEnvironmentAccepted:
    view = JobView.of(job)
    response.headers["Location"], response.headers["Retry-After"] = view.links["self"], "1"
    return RailwayEnvironmentAccepted(
        id=railway_environment_id, name=name, services=sorted(services), data_copied=False, job=view
    )
