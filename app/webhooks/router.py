"""/v1/hooks. Their messages come without an API key: what proves the sender is for the hook's kind to say."""

from typing import Annotated, Final

from fastapi import APIRouter, Body, Depends, Header, HTTPException, Request, Response

from app.auth.dependencies import OptionalIdempotencyDep, PagingDep, RuntimeDep, SessionDep, requires
from app.auth.errors import IdempotencyInFlight, IdempotencyMismatch, ScopeMissing
from app.auth.principal import Principal
from app.auth.responses import raises
from app.auth.scopes import Scope
from app.databases.errors import DatabaseNotFound, DatabaseStateInvalid, EnvironmentNotFound, NameTaken
from app.kit.etags import PreconditionFailed, entity_tag, is_known
from app.kit.ids import HookId, ProjectId
from app.kit.pagination import CursorInvalid, Page
from app.webhooks.errors import EnvironmentNotLinked, HookNotFound
from app.webhooks.receiving import Receiver
from app.webhooks.repository import HookRepository
from app.webhooks.schemas import (
    HookAnswer,
    HookCreate,
    HookDeliveryView,
    HookSecretView,
    HookUpdate,
    HookView,
    path_of,
)
from app.webhooks.senders import Message
from app.webhooks.service import HookService

router = APIRouter(tags=["hooks"])

MOST_BYTES: Final = 1 << 20

Reader = Annotated[Principal, requires(Scope.HOOKS_READ)]
Writer = Annotated[Principal, requires(Scope.HOOKS_WRITE)]

_ONCE: Final = (IdempotencyInFlight, IdempotencyMismatch)


async def get_service(session: SessionDep, runtime: RuntimeDep) -> HookService:
    return HookService(session, runtime)


Service = Annotated[HookService, Depends(get_service)]


@router.get("/hooks", responses=raises(CursorInvalid))
async def list_hooks(
    caller: Reader, session: SessionDep, paging: PagingDep, project_id: ProjectId | None = None
) -> Page[HookView]:
    """Newest first."""
    (before,) = paging.after() or (None,)
    hooks = await HookRepository(session).page(
        caller.project_ids, project_id=project_id, before=before, limit=paging.probe
    )
    return paging.cut(hooks, HookView.of, position=lambda hook: (hook.id,))


@router.post(
    "/hooks",
    status_code=201,
    responses=raises(
        DatabaseNotFound,
        DatabaseStateInvalid,
        EnvironmentNotFound,
        EnvironmentNotLinked,
        NameTaken,
        ScopeMissing,
        *_ONCE,
    ),
)
async def create_hook(
    wish: Annotated[HookCreate, Body()],
    caller: Writer,
    service: Service,
    once: OptionalIdempotencyDep,
    response: Response,
) -> HookSecretView:
    """Makes an address for one sender. Its secret is in this answer and nowhere else.

    The sender posts to `path` without an API key. GitHub signs with the secret, GitLab sends it as its secret token, and
    for Railway it is the last part of the address. What it sends is only a signal: nothing in it is run.
    """
    hook, secret = await service.create(wish, caller)
    response.headers["Location"] = path_of(hook)
    response.headers["ETag"] = entity_tag(hook.revision)
    view = HookSecretView(**dict(HookView.of(hook)), secret=secret.get_secret_value())
    return once.keep(view, response, without={"secret"})


@router.get("/hooks/{hook_id}", responses=raises(HookNotFound))
async def get_hook(
    hook_id: HookId,
    caller: Reader,
    service: Service,
    response: Response,
    if_none_match: Annotated[str | None, Header()] = None,
) -> HookView:
    """One hook, without its secret."""
    hook = await service.get(hook_id, caller)
    tag = entity_tag(hook.revision)
    if is_known(if_none_match, hook.revision):
        raise HTTPException(304, headers={"ETag": tag})
    response.headers["ETag"] = tag
    return HookView.of(hook)


@router.get("/hooks/{hook_id}/deliveries", responses=raises(HookNotFound, CursorInvalid))
async def list_hook_deliveries(
    hook_id: HookId, caller: Reader, service: Service, session: SessionDep, paging: PagingDep
) -> Page[HookDeliveryView]:
    """What its sender has sent within a week, newest first, and what came of it. Refused messages are in the audit trail."""
    hook = await service.get(hook_id, caller)
    (before,) = paging.after() or (None,)
    found = await HookRepository(session).deliveries(hook.id, before=before, limit=paging.probe)
    return paging.cut(found, HookDeliveryView.of, position=lambda delivery: (delivery.id,))


@router.patch("/hooks/{hook_id}", responses=raises(HookNotFound, NameTaken, PreconditionFailed, *_ONCE))
async def update_hook(
    hook_id: HookId,
    wish: HookUpdate,
    caller: Writer,
    service: Service,
    once: OptionalIdempotencyDep,
    response: Response,
    if_match: Annotated[str | None, Header()] = None,
) -> HookView:
    """Renames it, switches it off or on, or replaces its filters."""
    hook = await service.update(hook_id, wish, caller, if_match=if_match)
    response.headers["ETag"] = entity_tag(hook.revision)
    return once.keep(HookView.of(hook), response)


@router.delete("/hooks/{hook_id}", status_code=204, responses=raises(HookNotFound, *_ONCE))
async def delete_hook(
    hook_id: HookId, caller: Writer, service: Service, once: OptionalIdempotencyDep, response: Response
) -> None:
    """Its sender is refused from now on."""
    await service.delete(hook_id, caller)
    once.keep_empty(response)


@router.post("/hooks/{hook_id}:rotate", responses=raises(HookNotFound, *_ONCE))
async def rotate_hook(
    hook_id: HookId, caller: Writer, service: Service, once: OptionalIdempotencyDep, response: Response
) -> HookSecretView:
    """A new secret, in this answer only. The present one counts for a day more, so that the sender can be changed."""
    hook, secret = await service.rotate(hook_id, caller)
    response.headers["ETag"] = entity_tag(hook.revision)
    view = HookSecretView(**dict(HookView.of(hook)), secret=secret.get_secret_value())
    return once.keep(view, response, without={"secret"})


# Shaped by the senders and called by nobody else, so they are no part of the API's document.
@router.post("/hooks/{hook_id}", status_code=202, include_in_schema=False)
async def receive_hook_message(hook_id: str, request: Request, session: SessionDep, runtime: RuntimeDep) -> HookAnswer:
    return await Receiver(session, runtime).receive(hook_id, await _message(request))


@router.post("/hooks/{hook_id}/{secret}", status_code=202, include_in_schema=False)
async def receive_hook_message_by_path(
    hook_id: str, secret: str, request: Request, session: SessionDep, runtime: RuntimeDep
) -> HookAnswer:
    # Here the secret leaves the address, which problem documents and the trail repeat.
    request.scope["path"] = request.scope["path"].removesuffix(f"/{secret}")
    return await Receiver(session, runtime).receive(hook_id, await _message(request, path_secret=secret))


async def _message(request: Request, *, path_secret: str | None = None) -> Message:
    """The body byte for byte, as it was signed."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BYTES:
            raise HTTPException(413, f"A message may have {MOST_BYTES} bytes at most.")
    return Message(request.headers, bytes(body), path_secret)
