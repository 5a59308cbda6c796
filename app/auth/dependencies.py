"""What a router asks for: the session of the request, the caller, and the promise that a request happens once."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

import structlog
from fastapi import Depends, Header, Query, Request, Response
from sqlmodel.ext.asyncio.session import AsyncSession

from app.auth.authenticator import Authenticator
from app.auth.idempotency import Asked, Once
from app.auth.pages import Paging
from app.auth.principal import Principal
from app.errors import BadRequest, Problem
from app.kit.pagination import DEFAULT_LIMIT, coerce_limit
from app.runtime import Runtime

MUTATIONS = frozenset({"POST", "PUT", "PATCH", "DELETE"})

# Every dependency is async: FastAPI would send a plain function to a thread.


async def get_runtime(request: Request) -> Runtime:
    runtime: Runtime = request.app.state.runtime
    return runtime


RuntimeDep = Annotated[Runtime, Depends(get_runtime)]


async def open_session(request: Request, response: Response) -> AsyncIterator[AsyncSession]:
    """One transaction per request that changes something, begun by its first statement, which reads the caller's key.

    It commits before the answer leaves, so a failed commit is never a success. A dry run only has it checked. What reads
    sees what is committed when each of its statements runs, as it would in a transaction at READ COMMITTED.
    """
    runtime: Runtime = request.app.state.runtime
    reads = request.method not in MUTATIONS
    dry_run = _is_dry_run(request, response)
    session = runtime.reads() if reads else runtime.sessions()
    # Not "async with": that closes it in a task of its own, which shows in the time of short requests.
    try:
        yield session
        if not reads:
            await _end(session, dry_run=dry_run)
        elif session.new:
            # The row about a secret that is shown, before it is. Two rows would not be written together.
            assert len(session.new) == 1
            await session.flush()
    finally:
        await session.close()


SessionDep = Annotated[AsyncSession, Depends(open_session, scope="function")]


class Requires:
    """The caller, if its key has the scopes. Reads the key through the session that the route uses anyway."""

    def __init__(self, *scopes: str) -> None:
        self.scopes = scopes

    async def __call__(self, request: Request, session: SessionDep) -> Principal:
        return await _identified(request, session, self.scopes)


class RequiresDetached(Requires):
    """The same for routes that wait or use the network: its session is closed before they begin."""

    async def __call__(self, request: Request, runtime: RuntimeDep) -> Principal:  # type: ignore[override]  # FastAPI reads it
        async with runtime.reads() as session:
            return await _identified(request, session, self.scopes)


def requires(*scopes: str) -> Any:
    """Marks a parameter as the caller, by ``Annotated[Principal, …]``. Without scopes any key will do."""
    return Depends(Requires(*scopes))


def requires_detached(*scopes: str) -> Any:
    return Depends(RequiresDetached(*scopes))


_KEY_HELP = (
    "A new random value per intended action. A repetition with the same value gets the first answer again for 24 hours, "
    "marked by `Idempotency-Replayed: true`."
)
KeyHeader = Annotated[str | None, Header(alias="Idempotency-Key", description=_KEY_HELP)]


async def begin_once(request: Request, session: SessionDep, runtime: RuntimeDep, key: KeyHeader = None) -> Once:
    return await _once(request, session, runtime, key, required=False)


async def begin_once_required(
    request: Request, session: SessionDep, runtime: RuntimeDep, key: KeyHeader = None
) -> Once:
    return await _once(request, session, runtime, key, required=True)


# Both stand behind the caller in a route's parameters, since they are solved in that order.
IdempotencyDep = Annotated[Once, Depends(begin_once_required)]
OptionalIdempotencyDep = Annotated[Once, Depends(begin_once)]


async def get_paging(
    request: Request,
    runtime: RuntimeDep,
    limit: Annotated[int, Query(ge=0, description="Entries of a page, 200 at most; 0 stands for 50.")] = DEFAULT_LIMIT,
    cursor: Annotated[str | None, Query(description="`next_cursor` of the page before, with the same filters.")] = None,
) -> Paging:
    filters = [pair for pair in request.query_params.multi_items() if pair[0] not in ("limit", "cursor")]
    return Paging(
        limit=coerce_limit(limit),
        cursor=cursor,
        codec=runtime.cursors,
        filters={"path": request.url.path, "query": sorted(filters)},
    )


PagingDep = Annotated[Paging, Depends(get_paging)]


class LaterWrite:
    """For routes that use the network first: the transaction, and the promise, of the short write that follows.

    A route that changes something by the network leaves that out when ``is_dry_run``.
    """

    def __init__(
        self, request: Request, response: Response, runtime: Runtime, key: str | None, *, required: bool
    ) -> None:
        self._request = request
        self._runtime = runtime
        self._key = key
        self._required = required
        self.is_dry_run = _is_dry_run(request, response)

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[tuple[AsyncSession, Once]]:
        async with self._runtime.sessions() as session:
            yield session, await _once(self._request, session, self._runtime, self._key, required=self._required)
            await _end(session, dry_run=self.is_dry_run)


async def later_write(request: Request, response: Response, runtime: RuntimeDep, key: KeyHeader = None) -> LaterWrite:
    return LaterWrite(request, response, runtime, key, required=True)


async def later_write_optional(
    request: Request, response: Response, runtime: RuntimeDep, key: KeyHeader = None
) -> LaterWrite:
    return LaterWrite(request, response, runtime, key, required=False)


# Both go with requires_detached: the request itself holds no session.
LaterWriteDep = Annotated[LaterWrite, Depends(later_write)]
OptionalLaterWriteDep = Annotated[LaterWrite, Depends(later_write_optional)]


async def report_denial(request: Request, problem: Problem) -> None:
    """For the handler of 401 and 403, which runs after the request's session was closed."""
    authenticator: Authenticator = request.app.state.authenticator
    route = request.scope.get("route")
    await authenticator.denied(
        problem,
        actor=request.scope["state"].get("principal"),
        action=getattr(route, "name", "unknown"),
        header=request.headers.get("authorization"),
        details={
            "path": request.url.path.replace("\0", "\ufffd"),  # which no table could hold
            "address": request.client.host if request.client else None,
            "user_agent": request.headers.get("user-agent"),
        },
    )


async def _identified(request: Request, session: AsyncSession, scopes: tuple[str, ...]) -> Principal:
    authenticator: Authenticator = request.app.state.authenticator
    principal = await authenticator.authenticate(
        request.headers.get("authorization"),
        session,
        address=request.client.host if request.client else None,
        user_agent=request.headers.get("user-agent"),
    )
    request.state.principal = principal
    structlog.contextvars.bind_contextvars(key_id=principal.actor)
    for scope in scopes:
        principal.require(scope)
    return principal


def _is_dry_run(request: Request, response: Response) -> bool:
    """Whether a mutation is only to be checked and answered, which the answer then says; what reads ignores it."""
    if request.method not in MUTATIONS:
        return False
    wish = request.query_params.getlist("dry_run") or ["false"]
    if wish in (["true"], ["false"]):
        dry_run: bool = wish == ["true"]
        request.state.dry_run = dry_run
        if dry_run:
            response.headers["Dry-Run"] = "true"
        return dry_run
    detail = "The parameter dry_run is true or false, and is given once."
    raise BadRequest(detail, errors=[{"parameter": "dry_run", "code": "BOOL_PARSING", "detail": detail}])


async def _end(session: AsyncSession, *, dry_run: bool) -> None:
    if dry_run:
        # What the tables refuse is refused here too. Closing rolls back and, unlike rollback(), leaves rows readable.
        await session.flush()
    else:
        await session.commit()


async def _once(request: Request, session: AsyncSession, runtime: Runtime, key: str | None, *, required: bool) -> Once:
    route = request.scope["route"]
    asked = Asked(
        route=f"{request.method} {route.path}",
        status=route.status_code or 200,
        path=request.path_params,
        query=request.query_params.multi_items(),
        body=await request.body(),
        dry_run=request.state.dry_run,
    )
    return await Once.begin(session, request.state.principal, asked, header=key, required=required, clock=runtime.clock)
