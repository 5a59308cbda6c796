"""The platform's HTTP server. Its own, so that an answer can be lost after the work is done: the connection is cut."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from tests.railway_simulator.errors import Failed, NotAuthorized, Refusal
from tests.railway_simulator.execution import Asked, Invalid, executed, nulled, parsed, refused
from tests.railway_simulator.faults import FaultKind
from tests.railway_simulator.platform import Platform
from tests.railway_simulator.registry import Call
from tests.railway_simulator.tokens import Token, caller

ENDPOINT: Final = "/graphql/v2"
BAD_GATEWAY: Final = (
    "<html><head><title>502 Bad Gateway</title></head><body>Application failed to respond</body></html>"
)
_REFUSALS: Final[Mapping[FaultKind, Refusal]] = {
    FaultKind.NOT_AUTHORIZED: NotAuthorized(),
    FaultKind.TOO_QUICKLY: Refusal("You are doing this too quickly. Please try again in 30 seconds."),
    FaultKind.BUSY: Refusal("Cannot do this now: an operation is already in progress"),
    FaultKind.INTERNAL: Failed(),
}
_WORKFLOWS: Final = frozenset(
    {
        FaultKind.WORKFLOW_ERROR,
        FaultKind.WORKFLOW_ERROR_AFTER,
        FaultKind.WORKFLOW_NEVER,
        FaultKind.WORKFLOW_REFUSED,
    }
)
_LARGEST_HEAD: Final = 64 * 1024


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """Raises ValueError."""
        return json.loads(self.body or b"{}")


@dataclass(frozen=True)
class Reply:
    """``cut``: nothing is answered, the connection ends."""

    body: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: bool = False

    def encoded(self) -> bytes:
        page = isinstance(self.body, str)
        content = self.body.encode() if isinstance(self.body, str) else json.dumps(self.body).encode()
        headers = {
            "Content-Type": "text/html" if page else "application/json",
            "Content-Length": str(len(content)),
            **self.headers,
        }
        lines = [f"HTTP/1.1 {self.status} Simulated", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
        return "\r\n".join(lines).encode() + content


Handler = Callable[[Request], Awaitable[Reply]]


class _Instead(Exception):
    """This is answered, and nothing more is done."""

    def __init__(self, reply: Reply) -> None:
        super().__init__()
        self.reply = reply


async def answered(platform: Platform, request: Request) -> Reply:
    """What comes of one GraphQL request."""
    try:
        if request.method != "POST":
            raise _Instead(Reply(refused(Refusal("Only POST is answered here")), status=405))
        token = _caller(platform, request)
        headers = _admitted(platform, token)
        asked = _asked(request, headers)
        platform.requests[token.secret if isinstance(token, Token) else ""][asked.name] += 1
        if isinstance(token, Refusal):
            raise _Instead(Reply(refused(token)))
        await platform.faults.stop(asked.operations, "before")
        fault = platform.faults.next(asked.operations)
        _fail_before(fault, headers)
        answer = await executed(asked, Call(platform, token, fault if fault in _WORKFLOWS else None))
        await platform.faults.stop(asked.operations, "after")
        if fault is FaultKind.LOST_ANSWER:
            return Reply(cut=True)
        if fault is FaultKind.HTML_502_AFTER:
            return Reply(BAD_GATEWAY, status=502)
        return Reply(nulled(asked, answer) if fault is FaultKind.NULL else answer, headers=headers)
    except _Instead as instead:
        return instead.reply


def _caller(platform: Platform, request: Request) -> Token | Refusal:
    try:
        return caller(request.headers, platform.tokens)
    except Refusal as refusal:
        return refusal


def _admitted(platform: Platform, token: Token | Refusal) -> Mapping[str, str]:
    """The headers that tell of the quota, which only tokens have."""
    if isinstance(token, Refusal):
        return {}
    settings = platform.settings
    admission = platform.quotas.take(
        token.secret, platform.now(), hourly=settings.hourly_limit, per_second=settings.per_second
    )
    if admission.wait_seconds is not None:
        raise _Instead(_too_many(admission.headers))
    return admission.headers


def _asked(request: Request, headers: Mapping[str, str]) -> Asked:
    try:
        body = request.json()
        return parsed(body if isinstance(body, dict) else {})
    except Invalid as invalid:
        raise _Instead(Reply(invalid.body(), status=400, headers=headers)) from invalid
    except ValueError as error:
        body = {"errors": [{"message": "The body is not JSON", "extensions": {"code": "BAD_REQUEST"}}]}
        raise _Instead(Reply(body, status=400, headers=headers)) from error


def _fail_before(fault: FaultKind | None, headers: Mapping[str, str]) -> None:
    if fault is None:
        return
    if fault is FaultKind.LOST_REQUEST:
        raise _Instead(Reply(cut=True))
    if fault is FaultKind.HTML_502:
        raise _Instead(Reply(BAD_GATEWAY, status=502))
    if fault is FaultKind.RATE_LIMITED:
        raise _Instead(_too_many({**headers, "Retry-After": "1"}))
    if (refusal := _REFUSALS.get(fault)) is not None:
        raise _Instead(Reply(refused(refusal), headers=headers))


def _too_many(headers: Mapping[str, str]) -> Reply:
    return Reply(refused(Refusal("Rate limit exceeded", code="RATE_LIMITED")), status=429, headers=headers)


class Server:
    """Answers on 127.0.0.1 until it is closed. What a request began goes on though its sender went away."""

    def __init__(self, handler: Handler) -> None:
        self._handler = handler
        self._server: asyncio.Server | None = None
        self._talking: set[asyncio.Task[None]] = set()

    async def open(self, port: int) -> int:
        self._server = await asyncio.start_server(self._talk, "127.0.0.1", port, limit=_LARGEST_HEAD)
        found: int = self._server.sockets[0].getsockname()[1]
        return found

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
        for task in self._talking:
            task.cancel()
        await asyncio.gather(*self._talking, return_exceptions=True)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._talking.add(task)
        try:
            while await self._exchange(reader, writer):
                pass
            writer.close()
            await writer.wait_closed()
        except (OSError, EOFError, ValueError, asyncio.LimitOverrunError):
            pass  # the other side went away, or speaks no HTTP
        finally:
            self._talking.discard(task)
            writer.transport.abort()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        line, *lines = head.strip().split("\r\n")
        method, target, _ = line.split(" ", 2)
        headers = {name.lower(): value.strip() for name, _, value in (text.partition(":") for text in lines)}
        body = await reader.readexactly(int(headers.get("content-length") or 0))
        address = urlsplit(target)
        reply = await self._handler(Request(method, address.path, dict(parse_qsl(address.query)), headers, body))
        if reply.cut:
            raise EOFError
        writer.write(reply.encoded())
        await writer.drain()
        return headers.get("connection", "").lower() != "close"
