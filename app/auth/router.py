"""Keys, the caller itself, and the trail."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from app.auth.dependencies import OptionalIdempotencyDep, PagingDep, RuntimeDep, SessionDep, requires
from app.auth.errors import IdempotencyInFlight, IdempotencyMismatch, RightsExceeded, ScopeMissing
from app.auth.principal import Principal
from app.auth.repository import AuditFilter, AuthRepository
from app.auth.responses import raises
from app.auth.schemas import ApiKeyCreate, ApiKeyCreated, ApiKeyView, AuditEventView, AuditQuery, Whoami
from app.auth.scopes import Scope
from app.auth.service import KeyService
from app.errors import NotFound
from app.kit.ids import KeyId, encode_id
from app.kit.pagination import CursorInvalid, Page

router = APIRouter(tags=["auth"])

Anyone = Annotated[Principal, requires()]
KeyReader = Annotated[Principal, requires(Scope.KEYS_READ)]
KeyWriter = Annotated[Principal, requires(Scope.KEYS_WRITE)]
Auditor = Annotated[Principal, requires(Scope.AUDIT_READ)]


async def get_service(session: SessionDep, runtime: RuntimeDep) -> KeyService:
    return KeyService(session, runtime.pepper, runtime.clock)


KeyServiceDep = Annotated[KeyService, Depends(get_service)]


@router.get("/whoami")
async def whoami(caller: Anyone) -> Whoami:
    """The key that this request was sent with, and what it may do."""
    return Whoami.of(caller)


@router.get("/api-keys", responses=raises(CursorInvalid))
async def list_api_keys(caller: KeyReader, service: KeyServiceDep, paging: PagingDep) -> Page[ApiKeyView]:
    """Newest first. A key that covers some projects sees only keys that cover no others."""
    keys = await service.page(caller, after=paging.after(), limit=paging.probe)
    return paging.cut(keys, ApiKeyView.of, position=lambda key: (key.created_at, key.id))


@router.post(
    "/api-keys",
    status_code=201,
    responses=raises(RightsExceeded, ScopeMissing, IdempotencyInFlight, IdempotencyMismatch),
)
async def create_api_key(
    wish: ApiKeyCreate, caller: KeyWriter, once: OptionalIdempotencyDep, service: KeyServiceDep, response: Response
) -> ApiKeyCreated:
    """Makes a key within the rights of the calling one. The secret is in this answer and nowhere else."""
    key, secret = await service.create(wish, caller)
    response.headers["Location"] = f"/v1/api-keys/{encode_id('key', key.id)}"
    view = ApiKeyCreated(**dict(ApiKeyView.of(key)), secret=secret.get_secret_value())
    return once.keep(view, response, without={"secret"})


@router.get("/api-keys/{key_id}", responses=raises(NotFound))
async def get_api_key(key_id: KeyId, caller: KeyReader, service: KeyServiceDep) -> ApiKeyView:
    """One key, without its secret. Revoked and expired keys are still found."""
    return ApiKeyView.of(await service.get(key_id, caller))


@router.delete(
    "/api-keys/{key_id}", status_code=204, responses=raises(NotFound, IdempotencyInFlight, IdempotencyMismatch)
)
async def revoke_api_key(
    key_id: KeyId, caller: KeyWriter, once: OptionalIdempotencyDep, service: KeyServiceDep, response: Response
) -> None:
    """The key stops working with this answer. It stays in the list, so that the trail remains readable."""
    await service.revoke(key_id, caller)
    once.keep_empty(response)


@router.get("/audit-events", responses=raises(CursorInvalid))
async def list_audit_events(
    query: Annotated[AuditQuery, Query()], caller: Auditor, session: SessionDep, paging: PagingDep
) -> Page[AuditEventView]:
    """Newest first: every mutation, every reveal of a secret and every denied attempt."""
    events = await AuthRepository(session).trail(
        AuditFilter(**dict(query)), projects=caller.project_ids, after=paging.after(), limit=paging.probe
    )
    return paging.cut(events, AuditEventView.of, position=lambda event: (event.at, event.id))
