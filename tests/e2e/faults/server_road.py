"""The address of a managed server as a road that can be closed, dug up or led elsewhere behind the service's back."""

import asyncio
import ssl
import struct
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Final, Self

from app.postgres.certificates import issue_root, issue_server
from app.postgres.connect import Target, TlsMode
from app.postgres.version import server_version

Travel = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

_CHUNK: Final = 64 * 1024
_TLS_REQUEST_BYTES: Final = 8
IMPOSSIBLE_MAJOR: Final = 99


class Road:
    """A port of its own, by default straight to a server."""

    def __init__(self, target: Target, host: str) -> None:
        self._target = target
        self._host = host
        self._server: asyncio.Server | None = None
        self._travellers: set[asyncio.Task[None]] = set()
        self._travel: Travel = self.straight
        self.port = 0

    @classmethod
    @asynccontextmanager
    async def to(cls, target: Target, *, host: str = "127.0.0.1") -> AsyncIterator[Self]:
        road = cls(target, host)
        await road._open()
        try:
            yield road
        finally:
            await road.closed()

    def target(self, tls: TlsMode | None = None) -> Target:
        """The server by this road."""
        return replace(self._target, host=self._host, port=self.port, tls=tls or self._target.tls)

    async def leads(self, travel: Travel) -> None:
        """From now on; whoever is on it already is cut off."""
        self._travel = travel
        await self._cut()
        if self._server is None:
            await self._open()

    async def closed(self) -> None:
        """Connections are refused."""
        if self._server is not None:
            self._server.close()
            self._server = None
        await self._cut()

    async def straight(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._through(reader, writer, lambda data: data)

    async def newer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """The same server, which says that it is of a major that nobody has a client for. Without TLS only."""
        _, major = await server_version(self._target)

        def changed(data: bytes) -> bytes:
            data = data.replace(f"{major}.".encode(), f"{IMPOSSIBLE_MAJOR}.".encode())
            # Integers come in binary, behind their length: the major alone, and server_version_num.
            at = 0
            while (at := data.find(b"\0\0\0\4", at)) >= 0 and at + 8 <= len(data):
                (number,) = struct.unpack_from("!i", data, at + 4)
                if number == major or number // 10_000 == major:
                    new_number = IMPOSSIBLE_MAJOR if number == major else IMPOSSIBLE_MAJOR * 10_000 + 1
                    data = data[: at + 4] + struct.pack("!i", new_number) + data[at + 8 :]
                at += 4
            return data

        await self._through(reader, writer, changed)

    async def _through(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, answered: Callable[[bytes], bytes]
    ) -> None:
        there, back = await asyncio.open_connection(self._target.host, self._target.port)
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(_pump(reader, back, lambda data: data))
                tasks.create_task(_pump(there, writer, answered))
        finally:
            back.close()

    async def _open(self) -> None:
        self._server = await asyncio.start_server(self._accept, self._host, self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._travellers.add(task)
        try:
            with suppress(OSError, asyncio.IncompleteReadError):
                await self._travel(reader, writer)
        except asyncio.CancelledError:
            pass  # cut off; asyncio's server would log it as an error
        finally:
            self._travellers.discard(task)
            writer.transport.abort()

    async def _cut(self) -> None:
        for task in self._travellers:
            task.cancel()
        await asyncio.gather(*self._travellers, return_exceptions=True)


async def silence(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    """Accepts, and says nothing."""
    while await reader.read(_CHUNK):
        pass


async def speaks_http(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(_CHUNK)
    writer.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    await writer.drain()


async def without_tls(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """As a server that was built or configured without it."""
    await reader.readexactly(_TLS_REQUEST_BYTES)
    writer.write(b"N")
    await writer.drain()
    await reader.read(_CHUNK)


async def another_certificate(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """As a server, or whoever stands in its place, whose certificate another root has signed."""
    await reader.readexactly(_TLS_REQUEST_BYTES)
    writer.write(b"S")
    await writer.drain()
    issued = issue_server(issue_root("somebody else"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_alpn_protocols(["postgresql"])
    with tempfile.NamedTemporaryFile() as file:
        Path(file.name).write_bytes(issued.certificate_pem + issued.key_pem)
        context.load_cert_chain(file.name)
    await writer.start_tls(context)
    await reader.read(_CHUNK)


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, changed: Callable[[bytes], bytes]) -> None:
    while data := await reader.read(_CHUNK):
        writer.write(changed(data))
        await writer.drain()
    # The end of one direction is the end of both.
    writer.transport.abort()
