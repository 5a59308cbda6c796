"""What changes a database's service at Railway: public access, size, limits, name, variables, redeployment."""

from collections.abc import Awaitable
from typing import Annotated, TypeVar
from uuid import UUID

from fastapi import APIRouter, Response

from app.auth.dependencies import LaterWrite, LaterWriteDep, OptionalLaterWriteDep, RuntimeDep, requires_detached
from app.auth.principal import Principal
from app.auth.responses import raises
from app.auth.scopes import Scope
from app.changes import planning
from app.changes.errors import (
    LimitAboveThePlan,
    NothingToChange,
    ReferencesWouldBreak,
    ServiceNameTaken,
    VariableReserved,
)
from app.changes.schemas import (
    ChangeAccepted,
    ChangePlan,
    ChangePublicAccess,
    ChangeVariables,
    LimitDatabase,
    LimitsChange,
    PublicAccess,
    RedeployDatabase,
    RenameService,
    Resize,
    ResizeDatabase,
    ServiceRename,
    VariablesChange,
)
from app.changes.service import ChangeService
from app.changes.values import seal_values
from app.databases.errors import DatabaseNotFound, DatabaseStateInvalid
from app.databases.places import visible_site
from app.databases.schemas import DatabaseView
from app.errors import Problem
from app.jobs.contract import JobArgs
from app.jobs.errors import JobConflict
from app.jobs.schemas import JobView
from app.kit.ids import DatabaseId
from app.providers.protocol import NotSupported
from app.providers.railway.errors import RailwayNotAuthorized, RailwayProblem, RailwayUnavailable
from app.providers.railway.patches import StagedChangesForeign
from app.providers.railway.proxies import ProxyElsewhere
from app.providers.railway.volumes import VolumeCannotShrink

router = APIRouter(prefix="/databases", tags=["databases"])

Found = TypeVar("Found")
Writer = Annotated[Principal, requires_detached(Scope.DATABASES_WRITE)]
Operator = Annotated[Principal, requires_detached(Scope.DATABASES_OPERATE)]
ConnectionWriter = Annotated[Principal, requires_detached(Scope.CONNECTIONS_WRITE)]

_REFUSALS = (
    DatabaseNotFound,
    DatabaseStateInvalid,
    JobConflict,
    NotSupported,
    RailwayNotAuthorized,
    RailwayProblem,
    RailwayUnavailable,
)


@router.put(
    "/{database_id}/public-access", status_code=202, responses=raises(*_REFUSALS, ProxyElsewhere, StagedChangesForeign)
)
async def set_public_access(
    database_id: DatabaseId,
    wish: PublicAccess,
    runtime: RuntimeDep,
    caller: Writer,
    later: OptionalLaterWriteDep,
    response: Response,
) -> ChangeAccepted:
    """Switches the public address on or off. Each time it is switched on Railway gives another port.

    A database on Railway is private to its environment unless this is on. What leaves through the address is billed.
    """

    async def plan() -> ChangePlan:
        site = await visible_site(runtime, database_id, caller, "given a public address")
        return await planning.of_public_access(runtime, site, wish)

    args = ChangePublicAccess(database_id=database_id, enabled=wish.enabled, force=wish.force)
    planned, details = await _look(plan()), wish.model_dump()
    return await _start(later, database_id, args, caller, "set_public_access", planned, response, **details)


@router.post("/{database_id}:redeploy", status_code=202, responses=raises(*_REFUSALS))
async def redeploy_database(
    database_id: DatabaseId, runtime: RuntimeDep, caller: Operator, later: LaterWriteDep, response: Response
) -> ChangeAccepted:
    """A new deployment of the service as it is configured now, after a checkpoint if the server is reached. It is an outage,
    unlike a restart's container it picks up changed variables, limits and images.
    """

    async def plan() -> ChangePlan:
        return planning.of_redeployment(await visible_site(runtime, database_id, caller, "redeployed"))

    args = RedeployDatabase(database_id=database_id)
    return await _start(later, database_id, args, caller, "redeploy_database", await _look(plan()), response)


@router.post(
    "/{database_id}:resize", status_code=202, responses=raises(*_REFUSALS, VolumeCannotShrink, StagedChangesForeign)
)
async def resize_database(
    database_id: DatabaseId,
    wish: Resize,
    runtime: RuntimeDep,
    caller: Writer,
    later: LaterWriteDep,
    response: Response,
) -> ChangeAccepted:
    """Enlarges the volume, while the server runs unless the volume is full. It never shrinks."""

    async def plan() -> ChangePlan:
        return await planning.of_resize(await visible_site(runtime, database_id, caller, "resized"), wish)

    args = ResizeDatabase(database_id=database_id, volume_size_mb=wish.volume_size_mb, force=wish.force)
    planned, details = await _look(plan()), wish.model_dump()
    return await _start(later, database_id, args, caller, "resize_database", planned, response, **details)


@router.put("/{database_id}/limits", status_code=202, responses=raises(*_REFUSALS, NothingToChange, LimitAboveThePlan))
async def set_database_limits(
    database_id: DatabaseId,
    wish: LimitsChange,
    runtime: RuntimeDep,
    caller: Writer,
    later: OptionalLaterWriteDep,
    response: Response,
) -> ChangeAccepted:
    """How much memory and how many processors the server may use, from its next deployment on."""

    async def plan() -> ChangePlan:
        return await planning.of_limits(await visible_site(runtime, database_id, caller, "limited"), wish)

    args = LimitDatabase(database_id=database_id, **wish.model_dump())
    planned = await _look(plan())
    return await _start(later, database_id, args, caller, "set_database_limits", planned, response, **wish.model_dump())


@router.post(
    "/{database_id}:rename-service",
    status_code=202,
    responses=raises(*_REFUSALS, NothingToChange, ServiceNameTaken, ReferencesWouldBreak),
)
async def rename_database_service(
    database_id: DatabaseId,
    wish: ServiceRename,
    runtime: RuntimeDep,
    caller: Writer,
    later: LaterWriteDep,
    response: Response,
) -> ChangeAccepted:
    """Renames the service at Railway, and rewrites what refers to it by name in its environment.

    References in other environments of the project are listed, and refuse it unless `break_references` is true.
    """

    async def plan() -> tuple[ChangePlan, str]:
        site = await visible_site(runtime, database_id, caller, "renamed at Railway")
        return await planning.of_rename(runtime, site, wish)

    found = await _look(plan())
    planned, old_name = found if isinstance(found, tuple) else (found, "")
    args = RenameService(database_id=database_id, name=wish.name, old_name=old_name)
    action = "rename_database_service"
    return await _start(later, database_id, args, caller, action, planned, response, before=old_name, now=wish.name)


@router.put(
    "/{database_id}/variables",
    status_code=202,
    responses=raises(*_REFUSALS, NothingToChange, VariableReserved, StagedChangesForeign),
)
async def change_database_variables(
    database_id: DatabaseId,
    wish: VariablesChange,
    runtime: RuntimeDep,
    caller: ConnectionWriter,
    later: OptionalLaterWriteDep,
    response: Response,
) -> ChangeAccepted:
    """Sets and removes variables of the service at Railway, without a deployment unless one is wished.

    The login, the password and what is composed of them are refused: the server would not follow.
    """

    async def plan() -> ChangePlan:
        return await planning.of_variables(await visible_site(runtime, database_id, caller, "configured"), wish)

    sealed = seal_values(database_id, wish.set, runtime.key_ring)
    args = ChangeVariables(database_id=database_id, sealed=sealed, unset=wish.unset, redeploy=wish.redeploy)
    names = {"set": sorted(wish.set), "unset": sorted(wish.unset)}
    action = "change_database_variables"
    return await _start(later, database_id, args, caller, action, await _look(plan()), response, **names)


async def _look(plan: Awaitable[Found]) -> Found | Problem:
    """A refusal waits until it is known that this is no repetition: that one gets its first answer again."""
    try:
        return await plan
    except Problem as refusal:
        return refusal


async def _start(
    later: LaterWrite,
    database_id: UUID,
    args: JobArgs,
    caller: Principal,
    action: str,
    plan: ChangePlan | Problem,
    response: Response,
    **details: object,
) -> ChangeAccepted:
    async with later.begin() as (session, once):
        if isinstance(plan, Problem):
            raise plan
        database, job = await ChangeService(session).start(database_id, args, caller, action, **details)
        view = JobView.of(job)
        response.headers["Location"] = view.links["self"]
        response.headers["Retry-After"] = "1"
        return once.keep(ChangeAccepted(database=DatabaseView.of(database), job=view, plan=plan), response)
