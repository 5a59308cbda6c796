"""A real HTTP server on loopback that keeps what it was sent and answers as it is told."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True)
class Request:
    line: str
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Receiver:
    """``answers`` are used up in their order, the last one for ever: status lines, which headers may follow."""

    answers: list[str] = field(default_factory=lambda: ["200 OK"])
    requests: list[Request] = field(default_factory=list)
    connections: int = 0
    port: int = 0
    scheme: str = "http"
    # What it stops before, and then waits for the caller to leave.
    silent_before: Literal["answer", "body"] | None = None
    left: asyncio.Event = field(default_factory=asyncio.Event)

    def url(self, host: str = "127.0.0.1", path: str = "/hook") -> str:
        return f"{self.scheme}://{host}:{self.port}{path}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            line, *lines = head.strip().split("\r\n")
            headers = {name.lower(): value for name, _, value in (text.partition(": ") for text in lines)}
            body = await reader.readexactly(int(headers.get("content-length", "0")))
            self.requests.append(Request(line, headers, body))
            if self.silent_before != "answer":
                head = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
                length = 1000 if self.silent_before else 0
                writer.write(f"HTTP/1.1 {head}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n".encode())
                await writer.drain()
            if self.silent_before:
                await reader.read()
                self.left.set()
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            writer.close()


@asynccontextmanager
async def receiver(host: str = "127.0.0.1", *, tls: ssl.SSLContext | None = None) -> AsyncIterator[Receiver]:
    found = Receiver(scheme="https" if tls else "http")
    server = await asyncio.start_server(found.serve, host, 0, ssl=tls)
    found.port = server.sockets[0].getsockname()[1]
    try:
        yield found
    finally:
        server.close()
        await server.wait_closed()
