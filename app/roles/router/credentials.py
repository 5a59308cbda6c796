"""/v1/databases/{id}/temporary-credentials: logins that end by themselves."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Header, HTTPException, Response

from app.auth.dependencies import (
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
from app.connections.models import LoginState
from app.connections.temporary import TemporaryWish, end_temporary, make_temporary, new_temporary
from app.databases.access import visible_database
from app.databases.errors import DatabaseNotFound, DatabaseNotReady, DatabaseUnreachable
from app.errors import Problem
from app.kit.etags import entity_tag, is_known
from app.kit.ids import CredentialId, DatabaseId, encode_id
from app.kit.pagination import CursorInvalid, Page
from app.postgres.errors import AuthenticationFailed, DatabaseAbsent, LockTimeout, PrivilegeMissing, ServerUnreachable
from app.postgres.grants import SchemaMissing
from app.postgres.role_making import plan
from app.postgres.role_removal import DatabaseClosed
from app.postgres.role_wishes import OwnerIsSuperuser
from app.roles.credential_schemas import (
    TemporaryCredentialCreate,
    TemporaryCredentialCreated,
    TemporaryCredentialView,
)
from app.roles.credential_service import CredentialService
from app.roles.errors import CredentialNotFound
from app.roles.places import place_of
from app.roles.repository import RoleRepository

router = APIRouter(prefix="/databases/{database_id}", tags=["roles"])

Reader = Annotated[Principal, requires(Scope.ROLES_READ)]
Giver = Annotated[Principal, requires_detached(Scope.ROLES_TEMPORARY)]
IfNoneMatch = Annotated[str | None, Header(description="An ETag; the answer is 304 while it is the current one.")]

_REACHING = (DatabaseNotFound, DatabaseNotReady, DatabaseUnreachable, AuthenticationFailed, ServerUnreachable)
_ONCE = (IdempotencyInFlight, IdempotencyMismatch)


@router.post(
    "/temporary-credentials",
    status_code=201,
    responses=raises(
        *_REACHING, *_ONCE, DatabaseAbsent, LockTimeout, OwnerIsSuperuser, PrivilegeMissing, SchemaMissing
    ),
)
async def create_temporary_credential(
    database_id: DatabaseId,
    wish: TemporaryCredentialCreate,
    runtime: RuntimeDep,
    caller: Giver,
    later: OptionalLaterWriteDep,
    response: Response,
) -> TemporaryCredentialCreated:
    """Makes a login that ends by itself. Its password is in this answer and nowhere else but in connection-strings."""
    place = await place_of(runtime, database_id, caller)
    response.headers["Cache-Control"] = "no-store"
    temporary = TemporaryWish(
        preset=wish.preset,
        logical_database=wish.logical_database or place.target.database,
        schemas=None if wish.schemas is None else tuple(dict.fromkeys(wish.schemas)),
        expires_at=runtime.clock() + timedelta(seconds=wish.ttl_seconds),
        reason=wish.reason,
        address_note=wish.address_note,
    )
    warnings: list[str] = []
    refusal = None
    try:
        warnings += (await plan(place.target, temporary.role("tmp"))).warnings
    except Problem as problem:
        refusal = problem
    async with later.begin() as (session, once):
        if refusal is not None:
            raise refusal
        login, password = new_temporary(session, place.database, temporary, runtime.key_ring, created_by=caller.actor)
        await session.flush()
        if later.is_dry_run:
            view = TemporaryCredentialCreated.with_password(login, password.get_secret_value(), warnings)
            return once.keep(view, response, without={"password"})
    warnings = list(await make_temporary(place.target, login, password, temporary))
    async with later.begin() as (session, once):
        login = await CredentialService(session, runtime).settle(login.id, temporary, caller)
        response.headers["Location"] = (
            f"/v1/databases/{encode_id('db', database_id)}/temporary-credentials/" + encode_id("crd", login.id)
        )
        view = TemporaryCredentialCreated.with_password(login, password.get_secret_value(), warnings)
        return once.keep(view, response, without={"password"})


@router.get("/temporary-credentials", responses=raises(DatabaseNotFound, CursorInvalid))
async def list_temporary_credentials(
    database_id: DatabaseId, session: SessionDep, caller: Reader, paging: PagingDep
) -> Page[TemporaryCredentialView]:
    """Newest first, those that have ended included, without their passwords."""
    await visible_database(session, database_id, caller)
    (before,) = paging.after() or (None,)
    logins = await RoleRepository(session).credentials(database_id, before=before, limit=paging.probe)
    return paging.cut(logins, TemporaryCredentialView.of, position=lambda login: (login.id,))


@router.get("/temporary-credentials/{credential_id}", responses=raises(DatabaseNotFound, CredentialNotFound))
async def get_temporary_credential(
    *,
    database_id: DatabaseId,
    credential_id: CredentialId,
    session: SessionDep,
    runtime: RuntimeDep,
    caller: Reader,
    response: Response,
    if_none_match: IfNoneMatch = None,
) -> TemporaryCredentialView:
    """One of them, without its password, also after it has ended."""
    await visible_database(session, database_id, caller)
    login = await CredentialService(session, runtime).get(database_id, credential_id)
    if is_known(if_none_match, login.revision):
        raise HTTPException(304, headers={"ETag": entity_tag(login.revision)})
    response.headers["ETag"] = entity_tag(login.revision)
    return TemporaryCredentialView.of(login)


@router.delete(
    "/temporary-credentials/{credential_id}",
    status_code=204,
    responses=raises(*_REACHING, *_ONCE, CredentialNotFound, DatabaseClosed, LockTimeout, PrivilegeMissing),
)
async def delete_temporary_credential(
    *,
    database_id: DatabaseId,
    credential_id: CredentialId,
    runtime: RuntimeDep,
    caller: Giver,
    later: OptionalLaterWriteDep,
    response: Response,
) -> None:
    """Ends its sessions and drops it before its time. What it has made goes to the login of this service."""
    place = await place_of(runtime, database_id, caller)
    async with later.begin() as (session, once):
        service = CredentialService(session, runtime)
        login = await service.get(database_id, credential_id, change=True)
        if later.is_dry_run or login.state == LoginState.ENDED:
            return once.keep_empty(response)
        await service.retire(login)
    removal = await end_temporary(place.target, login)
    async with later.begin() as (session, once):
        service = CredentialService(session, runtime)
        login = await service.get(database_id, credential_id, change=True)
        await service.end(login, removal, caller, "delete_temporary_credential")
        return once.keep_empty(response)
