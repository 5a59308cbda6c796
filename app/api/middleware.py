"""What surrounds every request. Plain ASGI: a BaseHTTPMiddleware would cost a task and a queue per request."""

import re
import time
from uuid import UUID

import structlog
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.errors import BodyTooLarge
from app.api.metrics import HttpMetrics
from app.api.problems import answer
from app.errors import Problem
from app.kit.ids import new_id

log = structlog.get_logger()

_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
# Asked every few seconds by machines; their lines would drown the others.
_QUIET = frozenset({"/livez", "/readyz", "/metrics"})


class RequestContext:
    """Names the request, logs and measures it, and turns what nobody caught into a 500 that can be found in the log."""

    def __init__(self, app: ASGIApp, metrics: HttpMetrics) -> None:
        self.app = app
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = _request_id(scope)
        header = (b"x-request-id", request_id.encode())
        scope.setdefault("state", {})["request_id"] = request_id
        structlog.contextvars.bind_contextvars(request_id=request_id)
        started = time.perf_counter()
        status: int | None = None

        async def send_named(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), header]
            await send(message)

        try:
            await self.app(scope, receive, send_named)
        except Exception:
            # The server outside logs it too, but there without the request id.
            log.exception("request.failed", method=scope["method"], route=_route(scope))
            if status is not None:
                raise
            problem = Problem("Something went wrong here; the log has the details under this request id.")
            await answer(scope, problem)(scope, receive, send_named)
        finally:
            self._record(scope, status or 0, time.perf_counter() - started)
            structlog.contextvars.unbind_contextvars("request_id", "key_id")

    def _record(self, scope: Scope, status: int, seconds: float) -> None:
        route = _route(scope)
        self.metrics.observe(scope["method"], route, status, seconds)
        write = log.debug if route in _QUIET else log.info
        write("request.answered", method=scope["method"], route=route, status=status, seconds=round(seconds, 6))


class BodyLimit:
    """Refuses bodies above a size, by their announced length or, when chunked, once they grow past it."""

    def __init__(self, app: ASGIApp, max_bytes: int) -> None:
        self.app = app
        self.max_bytes = max_bytes
        self.detail = f"A request body may have {max_bytes} bytes at most."

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        announced = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
        if not announced.isdigit() or int(announced) > self.max_bytes:
            await answer(scope, BodyTooLarge(self.detail))(scope, receive, send)
            return
        received = 0

        async def receive_limited() -> Message:
            nonlocal received
            message = await receive()
            if message["type"] == "http.request":
                received += len(message.get("body", b""))
                if received > self.max_bytes:
                    # FastAPI lets only this type through; anything else it reports as a malformed body.
                    raise HTTPException(413, self.detail)
            return message

        await self.app(scope, receive_limited, send)


def _request_id(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == b"x-request-id":
            text = value.decode("latin-1")
            return str(UUID(text)) if _UUID.fullmatch(text) else str(new_id())
    return str(new_id())


def _route(scope: Scope) -> str:
    """The template of the path, since the path itself is a different label for each resource."""
    return getattr(scope.get("route"), "path", None) or "(none)"
