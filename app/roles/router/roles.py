"""/v1/databases/{id}/roles: who may log in to a server and what they may do there, by PUT."""

from typing import Annotated

from fastapi import APIRouter, Header, HTTPException, Path, Query, Response

from app.auth.dependencies import OptionalLaterWriteDep, PagingDep, RuntimeDep, requires_detached
from app.auth.errors import IdempotencyInFlight, IdempotencyMismatch
from app.auth.principal import Principal
from app.auth.responses import raises
from app.auth.scopes import Scope
from app.databases.errors import DatabaseNotFound, DatabaseNotReady, DatabaseUnreachable
from app.kit.etags import PreconditionFailed, entity_tag, is_known
from app.kit.ids import DatabaseId
from app.kit.names import PostgresName, Text
from app.kit.pagination import CursorInvalid, Page
from app.postgres.errors import AuthenticationFailed, DatabaseAbsent, LockTimeout, PrivilegeMissing, ServerUnreachable
from app.postgres.grants import SchemaMissing
from app.postgres.role_removal import DatabaseClosed, RoleInUse, RoleOwnsObjects
from app.postgres.role_wishes import OwnerIsSuperuser, RoleMissing, SettingInvalid
from app.roles.errors import RoleNotFound, RoleReserved, RoleUnmanaged
from app.roles.inspecting import privileges_of
from app.roles.places import place_of
from app.roles.privilege_schemas import RolePrivilegesView
from app.roles.repository import RoleRepository
from app.roles.router.changing import RoleChange
from app.roles.schemas import DatabaseRoleView, RoleChanged, RoleReplace, RoleWishView
from app.roles.service import list_views, one_view, revision_of

router = APIRouter(prefix="/databases/{database_id}", tags=["roles"])

Reader = Annotated[Principal, requires_detached(Scope.ROLES_READ)]
Writer = Annotated[Principal, requires_detached(Scope.ROLES_WRITE)]
# With ":path" a name may have slashes, which are decoded before the route is found.
RoleName = Annotated[PostgresName, Path(description="As the server has it, in UTF-8, percent-encoded.")]
IfMatch = Annotated[str | None, Header(description="The ETag that the change was decided on; another one answers 412.")]
IfNoneMatch = Annotated[str | None, Header(description="An ETag; the answer is 304 while it is the current one.")]

_REACHING = (DatabaseNotFound, DatabaseNotReady, DatabaseUnreachable, AuthenticationFailed, ServerUnreachable)
_ONCE = (IdempotencyInFlight, IdempotencyMismatch)
_MAKING = (
    DatabaseAbsent,
    LockTimeout,
    OwnerIsSuperuser,
    PrivilegeMissing,
    RoleMissing,
    RoleReserved,
    SchemaMissing,
    SettingInvalid,
)
_REMOVING = (DatabaseClosed, LockTimeout, PrivilegeMissing, RoleInUse, RoleMissing, RoleOwnsObjects, RoleReserved)


@router.get("/roles", responses=raises(*_REACHING, CursorInvalid))
async def list_roles(
    database_id: DatabaseId, runtime: RuntimeDep, caller: Reader, paging: PagingDep
) -> Page[DatabaseRoleView]:
    """The roles of the server by name, its predefined ones aside, with what this service knows of them."""
    place = await place_of(runtime, database_id, caller)
    (after,) = paging.after() or ("",)
    views = await list_views(runtime, place, after=str(after), limit=paging.probe)
    return paging.cut(views, lambda view: view, position=lambda view: (view.name,))


@router.get("/roles/{name:path}/privileges", responses=raises(*_REACHING, DatabaseAbsent, RoleNotFound))
async def get_role_privileges(
    database_id: DatabaseId,
    name: RoleName,
    runtime: RuntimeDep,
    caller: Reader,
    *,
    logical_database: Annotated[PostgresName | None, Query(description="The default one when not given.")] = None,
    schema: Annotated[PostgresName | None, Query(description="Show the objects of this schema one by one.")] = None,
    after: Annotated[Text | None, Query(description="Only objects whose names come after it.")] = None,
) -> RolePrivilegesView:
    """What the role may do in effect, per schema with counts, and where it has drifted from what it was wished to be."""
    place = await place_of(runtime, database_id, caller)
    return await privileges_of(runtime, place, name, logical_database=logical_database, schema=schema, after=after)


@router.get("/roles/{name:path}", responses=raises(*_REACHING, RoleNotFound))
async def get_role(
    database_id: DatabaseId,
    name: RoleName,
    runtime: RuntimeDep,
    caller: Reader,
    response: Response,
    *,
    if_none_match: IfNoneMatch = None,
) -> DatabaseRoleView:
    """One role as the server has it. Its password is shown nowhere; see connection-strings."""
    view = await one_view(runtime, await place_of(runtime, database_id, caller), name)
    revision = revision_of(view)
    if is_known(if_none_match, revision):
        raise HTTPException(304, headers={"ETag": entity_tag(revision)})
    response.headers["ETag"] = entity_tag(revision)
    return view


@router.put(
    "/roles/{name:path}",
    responses={
        201: {"model": RoleChanged, "description": "The role was made."},
        **raises(*_REACHING, *_MAKING, *_ONCE, PreconditionFailed),
    },
)
async def set_role(
    *,
    database_id: DatabaseId,
    name: RoleName,
    wish: RoleReplace,
    runtime: RuntimeDep,
    caller: Writer,
    later: OptionalLaterWriteDep,
    response: Response,
    if_match: IfMatch = None,
) -> RoleChanged:
    """Makes the role (201) or makes it what is wished (200), with its privileges on what is there and on what will be.

    A login that is made gets a password, which connection-strings reveal. A role that was there keeps its own. What
    `dry_run=true` shows is the SQL. The same request again finishes what was broken off.
    """
    change = RoleChange(runtime, await place_of(runtime, database_id, caller), name, caller)
    reset = wish.reset_password
    return await change.set(wish.wish(), later, response, action="set_role", reset=reset, tag=if_match)


@router.post("/roles/{name:path}:repair", responses=raises(*_REACHING, *_MAKING, *_ONCE, RoleUnmanaged))
async def repair_role(
    *,
    database_id: DatabaseId,
    name: RoleName,
    runtime: RuntimeDep,
    caller: Writer,
    later: OptionalLaterWriteDep,
    response: Response,
) -> RoleChanged:
    """Gives the role what it lacks of its wish, and takes from it what is more than that."""
    place = await place_of(runtime, database_id, caller)
    async with runtime.reads() as session:
        managed = await RoleRepository(session).managed(database_id, name)
    if managed is None:
        raise RoleUnmanaged(name)
    change = RoleChange(runtime, place, name, caller)
    return await change.set(RoleWishView.model_validate(managed.wish), later, response, action="repair_role")


@router.delete("/roles/{name:path}", status_code=204, responses=raises(*_REACHING, *_REMOVING, *_ONCE, RoleNotFound))
async def delete_role(
    *,
    database_id: DatabaseId,
    name: RoleName,
    runtime: RuntimeDep,
    caller: Writer,
    later: OptionalLaterWriteDep,
    response: Response,
    successor: Annotated[
        PostgresName | None, Query(description="Who gets what it owns, in every logical database.")
    ] = None,
    terminate: Annotated[bool, Query(description="End its sessions.")] = False,
) -> None:
    """Takes its privileges everywhere and drops it. The same request again finishes what was broken off."""
    change = RoleChange(runtime, await place_of(runtime, database_id, caller), name, caller)
    await change.delete(later, response, successor=successor, terminate=terminate)
