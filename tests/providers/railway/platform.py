"""A real HTTP server on loopback that answers as Railway was seen to, and keeps what it was asked."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from random import Random
from typing import Any

from pydantic import SecretStr

from app.http import JsonClient
from app.providers.railway.client import RailwayClient
from app.providers.railway.credential import RailwayCredential, TokenKind
from app.providers.railway.limiter import RateLimiter

TOKEN = "a-token-that-must-not-show"
FAILED = {"data": None, "errors": [{"message": "Problem processing request", "traceId": "4711"}]}
PAGE = "<html><head><title>502 Bad Gateway</title></head></html>"


@dataclass(frozen=True)
class Reply:
    """A ``silent`` one never comes; ``cut`` is ended in the middle of its body."""

    body: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    silent: bool = False
    cut: bool = False

    def encoded(self) -> bytes:
        page = isinstance(self.body, str)
        content = self.body.encode() if isinstance(self.body, str) else json.dumps(self.body).encode()
        headers = {
            "Content-Type": "text/html" if page else "application/json",
            "Content-Length": str(len(content) + (10 if self.cut else 0)),
            **self.headers,
        }
        lines = [f"HTTP/1.1 {self.status} Told", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
        return "\r\n".join(lines).encode() + content


@dataclass(frozen=True)
class Asked:
    headers: Mapping[str, str]
    body: dict[str, Any]


@dataclass
class Platform:
    """``replies`` are used up in their order, the last one for ever."""

    replies: list[Reply] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    port: int = 0

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}/graphql/v2"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                line, *lines = head.strip().split("\r\n")
                assert line == "POST /graphql/v2 HTTP/1.1"
                headers = {name.lower(): value for name, _, value in (text.partition(": ") for text in lines)}
                body = await reader.readexactly(int(headers["content-length"]))
                self.asked.append(Asked(headers, json.loads(body)))
                reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
                if reply.silent:
                    await reader.read()
                    return
                writer.write(reply.encoded())
                await writer.drain()
                if reply.cut:
                    return
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            writer.close()


@asynccontextmanager
async def platform(*replies: Reply) -> AsyncIterator[Platform]:
    found = Platform(list(replies))
    server = await asyncio.start_server(found.serve, "127.0.0.1", 0)
    found.port = server.sockets[0].getsockname()[1]
    try:
        yield found
    finally:
        server.close()
        await server.wait_closed()


def failing(
    message: str, code: str | None = None, *, path: list[str] | None = None, data: Any = None, trace: str | None = None
) -> Reply:
    """As most failures come: with status 200."""
    error: dict[str, Any] = {"message": message}
    if code is not None:
        error["extensions"] = {"code": code}
    if path is not None:
        error["path"] = path
    if trace is not None:
        error["traceId"] = trace
    return Reply({"errors": [error], "data": data})


class Waits:
    """Keeps who was made to wait how long, and moves the limiter's clock instead."""

    def __init__(self) -> None:
        self.now, self.waited = 0.0, list[float]()

    async def sleep(self, seconds: float) -> None:
        self.waited.append(seconds)
        self.now += seconds


@asynccontextmanager
async def asking(
    *replies: Reply, kind: TokenKind = TokenKind.WORKSPACE, patience: float = 60, answer_seconds: float = 30
) -> AsyncIterator[tuple[RailwayClient, Platform, Waits]]:
    waits, http = Waits(), JsonClient()
    limiter = RateLimiter(seconds=lambda: waits.now, sleep=waits.sleep)
    credential = RailwayCredential(kind, SecretStr(TOKEN))
    async with platform(*replies) as there:
        try:
            yield (
                RailwayClient(
                    there.endpoint,
                    credential,
                    limiter,
                    http,
                    patience_seconds=patience,
                    read_timeout_seconds=answer_seconds,
                    change_timeout_seconds=answer_seconds,
                    sleep=waits.sleep,
                    random=Random(1),
                ),
                there,
                waits,
            )
        finally:
            await http.aclose()
