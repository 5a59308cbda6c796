"""An HTTP proxy on loopback that breaks chosen requests on their way to a real store."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

from app.postgres.cluster import free_port

_PORTS = (31000, 31999)  # below those that the kernel hands out: `closed` gives the port up and wants it back


@dataclass
class Exchange:
    """One request and its connection."""

    head: bytes
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    upstream: tuple[str, int]

    @property
    def line(self) -> str:
        return self.head.split(b"\r\n", 1)[0].decode()

    def header(self, name: str) -> str | None:
        for line in self.head.decode().split("\r\n")[1:]:
            key, _, value = line.partition(":")
            if key.lower() == name:
                return value.strip()
        return None

    async def body(self) -> bytes:
        return await self.reader.readexactly(int(self.header("content-length") or 0))

    async def answer(self) -> bytes:
        """What the store answers, whole."""
        body = await self.body()
        reader, writer = await asyncio.open_connection(*self.upstream)
        try:
            head, _, rest = self.head.partition(b"\r\n")
            writer.write(head + b"\r\nConnection: close\r\n" + rest + body)
            await writer.drain()
            return await reader.read()
        finally:
            writer.close()

    async def forward(self) -> None:
        self.writer.write(await self.answer())
        await self.writer.drain()


Fault = Callable[[Exchange], Awaitable[None]]
Choice = Callable[[Exchange], bool]


def part(number: int | None = None) -> Choice:
    wanted = "partNumber=" if number is None else f"partNumber={number}&"
    return lambda exchange: exchange.line.startswith("PUT ") and wanted in f"{exchange.line.replace(' ', '&')}"


def begin(exchange: Exchange) -> bool:
    return exchange.line.startswith("POST ") and "?uploads" in exchange.line


def complete(exchange: Exchange) -> bool:
    return exchange.line.startswith("POST ") and "uploadId=" in exchange.line


def abort(exchange: Exchange) -> bool:
    return exchange.line.startswith("DELETE ") and "uploadId=" in exchange.line


def method(name: str) -> Choice:
    return lambda exchange: exchange.line.startswith(f"{name} ")


async def reset(exchange: Exchange) -> None:
    """Half of the body arrives."""
    await exchange.reader.read(int(exchange.header("content-length") or 0) // 2)


async def stall(exchange: Exchange) -> None:
    await asyncio.Event().wait()


async def lose_answer(exchange: Exchange) -> None:
    await exchange.answer()


async def corrupt(exchange: Exchange) -> None:
    exchange.reader = _Flipped(exchange.reader)  # type: ignore[assignment]  # the one method that is used
    await exchange.forward()


class _Flipped:
    def __init__(self, reader: asyncio.StreamReader) -> None:
        self._reader = reader

    async def readexactly(self, size: int) -> bytes:
        body = await self._reader.readexactly(size)
        return bytes([body[0] ^ 1]) + body[1:]


def cut(after_bytes: int) -> Fault:
    """The answer breaks off after so many bytes of its body."""

    async def fault(exchange: Exchange) -> None:
        head, _, body = (await exchange.answer()).partition(b"\r\n\r\n")
        exchange.writer.write(head + b"\r\n\r\n" + body[:after_bytes])
        await exchange.writer.drain()

    return fault


def answers(status: str, body: str = "", *headers: str) -> Fault:
    async def fault(exchange: Exchange) -> None:
        await exchange.body()
        lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers, "", body]
        exchange.writer.write("\r\n".join(lines).encode())
        await exchange.writer.drain()

    return fault


def error(code: str) -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?><Error><Code>{code}</Code><Message>told to</Message></Error>'


class FaultProxy:
    def __init__(self, upstream: str) -> None:
        parts = urlsplit(upstream)
        self._upstream = (str(parts.hostname), int(parts.port or 80))
        self._faults: list[tuple[Choice, Fault, int]] = []
        self._connections: set[asyncio.Task[None]] = set()
        self._changed = asyncio.Condition()
        self.lines: list[str] = []
        self.url = ""
        self._server: asyncio.Server

    @classmethod
    @asynccontextmanager
    async def started(cls, upstream: str) -> AsyncIterator[Self]:
        proxy = cls(upstream)
        await proxy._listen(free_port(*_PORTS))
        try:
            yield proxy
        finally:
            await proxy._leave()

    @asynccontextmanager
    async def closed(self) -> AsyncIterator[None]:
        """Connections are refused, and those that there are end. The port stays ours."""
        port = urlsplit(self.url).port or 0
        await self._leave()
        with socket.socket() as kept:
            kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            kept.bind(("127.0.0.1", port))
            try:
                yield
            finally:
                kept.close()
                await self._listen(port)

    async def cut(self) -> int:
        """Closes the connections that there are, and tells how many; new ones are taken."""
        connections = [*self._connections]
        for task in connections:
            task.cancel()
        await asyncio.gather(*connections, return_exceptions=True)
        return len(connections)

    async def _listen(self, port: int) -> None:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", port, limit=1 << 20)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def _leave(self) -> None:
        self._server.close()
        for task in self._connections:
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    def break_(self, choice: Choice, fault: Fault, *, times: int = 1) -> None:
        self._faults.append((choice, fault, times))

    def mend(self) -> None:
        self._faults.clear()

    def count(self, choice: Choice) -> int:
        return sum(choice(Exchange(line.encode(), None, None, self._upstream)) for line in self.lines)  # type: ignore[arg-type]  # only the line is looked at

    async def saw(self, choice: Choice, *, times: int = 1) -> None:
        """Waits until so many such requests came in."""
        async with asyncio.timeout(60), self._changed:
            await self._changed.wait_for(lambda: self.count(choice) >= times)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        try:
            exchange = Exchange(await reader.readuntil(b"\r\n\r\n"), reader, writer, self._upstream)
            async with self._changed:
                self.lines.append(exchange.line)
                self._changed.notify_all()
            fault = self._take(exchange)
            await (fault(exchange) if fault else exchange.forward())
            if fault in (reset, lose_answer):
                writer.transport.abort()
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass  # the client left, or the proxy does; asyncio's server would log it
        finally:
            writer.close()
            self._connections.discard(task)

    def _take(self, exchange: Exchange) -> Fault | None:
        for place, (choice, fault, times) in enumerate(self._faults):
            if choice(exchange):
                self._faults[place] = (choice, fault, times - 1)
                if times == 1:
                    del self._faults[place]
                return fault
        return None
