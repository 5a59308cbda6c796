"""/v1/databases/{id}/roles/{name}:rotate, and the schedules by which applications rotate by themselves."""

from typing import Annotated

from fastapi import APIRouter, Body, Path, Response

from app.auth.dependencies import (
    LaterWriteDep,
    OptionalIdempotencyDep,
    RuntimeDep,
    SessionDep,
    requires,
    requires_detached,
)
from app.auth.errors import IdempotencyInFlight, IdempotencyMismatch
from app.auth.principal import Principal
from app.auth.responses import raises
from app.auth.scopes import Scope
from app.databases.access import require_reach, visible_database
from app.databases.errors import DatabaseNotFound, DatabaseStateInvalid, DatabaseUnreachable
from app.errors import Problem
from app.jobs.errors import JobConflict
from app.jobs.schemas import JobView
from app.kit.ids import DatabaseId
from app.kit.names import PostgresName
from app.providers.railway.errors import RailwayNotAuthorized, RailwayProblem, RailwayUnavailable
from app.rotations.errors import (
    ApplicationIncomplete,
    ApplicationUnknown,
    LoginUnknown,
    RotationImpossible,
    ScheduleUnknown,
    ServiceUnknown,
)
from app.rotations.planning import plan_rotation
from app.rotations.schemas import (
    RotateRole,
    RotationAccepted,
    RotationPlan,
    RotationSchedulePut,
    RotationScheduleView,
    RotationWish,
)
from app.rotations.service import RotationService
from app.rotations.subjects import Subject

router = APIRouter(prefix="/databases/{database_id}", tags=["rotations"])

Rotator = Annotated[Principal, requires_detached(Scope.ROLES_ROTATE)]
ScheduleReader = Annotated[Principal, requires(Scope.ROLES_READ)]
ScheduleWriter = Annotated[Principal, requires(Scope.ROLES_ROTATE)]
_ONCE = (IdempotencyInFlight, IdempotencyMismatch)
RoleName = Annotated[
    PostgresName, Path(description="Of a login that this service made, of an application, or the superuser's.")
]
ApplicationName = Annotated[PostgresName, Path(description="Of an application.")]


@router.post(
    "/roles/{name:path}:rotate",
    status_code=202,
    responses=raises(
        DatabaseNotFound,
        LoginUnknown,
        DatabaseStateInvalid,
        DatabaseUnreachable,
        ApplicationIncomplete,
        RotationImpossible,
        ServiceUnknown,
        JobConflict,
        RailwayNotAuthorized,
        RailwayProblem,
        RailwayUnavailable,
    ),
)
async def rotate_role(
    database_id: DatabaseId,
    name: RoleName,
    wish: Annotated[RotationWish, Body(default_factory=RotationWish)],
    runtime: RuntimeDep,
    caller: Rotator,
    later: LaterWriteDep,
    response: Response,
) -> RotationAccepted:
    """Another password, which nobody is told but the variables at Railway and whoever asks for connection strings.

    An application has two logins: the other one takes over while both work, nobody is locked out, and a cancel undoes
    it until its last step. Any other login is changed at once. `dry_run=true` tells the steps and the outage.
    """

    async def plan() -> tuple[RotationPlan, RotateRole]:
        async with runtime.reads() as session:
            database = await visible_database(session, database_id, caller)
            subject = await Subject.named(session, database, name)
        require_reach(database)
        return await plan_rotation(runtime, subject, wish)

    try:
        planned: tuple[RotationPlan, RotateRole] | Problem = await plan()
    except Problem as refusal:
        planned = refusal
    async with later.begin() as (session, once):
        if isinstance(planned, Problem):  # not before it is known that this is no repetition
            raise planned
        view = JobView.of(await RotationService(session, runtime.clock()).start(planned[1], planned[0], caller))
        response.headers["Location"] = view.links["self"]
        response.headers["Retry-After"] = "1"
        return once.keep(RotationAccepted(job=view, plan=planned[0]), response)


@router.get(
    "/applications/{name}/rotation-schedule",
    responses=raises(DatabaseNotFound, ApplicationUnknown, ScheduleUnknown),
)
async def get_rotation_schedule(
    database_id: DatabaseId, name: ApplicationName, session: SessionDep, runtime: RuntimeDep, caller: ScheduleReader
) -> RotationScheduleView:
    """When the application's login is rotated by itself."""
    return await RotationService(session, runtime.clock()).schedule(database_id, name, caller)


@router.put(
    "/applications/{name}/rotation-schedule",
    responses=raises(DatabaseNotFound, ApplicationUnknown, DatabaseStateInvalid, RotationImpossible, *_ONCE),
)
async def put_rotation_schedule(
    database_id: DatabaseId,
    name: ApplicationName,
    wish: RotationSchedulePut,
    caller: ScheduleWriter,
    session: SessionDep,
    runtime: RuntimeDep,
    once: OptionalIdempotencyDep,
    response: Response,
) -> RotationScheduleView:
    """Rotates the application's login by itself, as an overlap. A slot in which another change of logins is at work waits."""
    view = await RotationService(session, runtime.clock()).put_schedule(database_id, name, wish, caller)
    return once.keep(view, response)


@router.delete(
    "/applications/{name}/rotation-schedule",
    status_code=204,
    responses=raises(DatabaseNotFound, ApplicationUnknown, ScheduleUnknown, *_ONCE),
)
async def delete_rotation_schedule(
    database_id: DatabaseId,
    name: ApplicationName,
    caller: ScheduleWriter,
    session: SessionDep,
    runtime: RuntimeDep,
    once: OptionalIdempotencyDep,
    response: Response,
) -> None:
    """From now on it is rotated when somebody asks for it. A rotation that is under way goes on."""
    await RotationService(session, runtime.clock()).delete_schedule(database_id, name, caller)
    once.keep_empty(response)
