"""A door to a server: a port that passes bytes on. As the platform's public proxy it is on 127.0.0.1, on a new random port.

It adds no encryption and looks into nothing. Closing it cuts whoever is connected.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, Self, TypeAlias

Address: TypeAlias = tuple[str, int]
# The server's port on the loopback interface now; None while there is none.
Target: TypeAlias = Callable[[], int | None]
# Whether this peer may pass, who came to this address of ours.
Admits: TypeAlias = Callable[[Address, Address], Awaitable[bool]]

HOST: Final = "127.0.0.1"
_CHUNK_BYTES: Final = 256 * 1024


class Relay:
    def __init__(self, target: Target, admits: Admits | None) -> None:
        self.host = HOST
        self.port = 0
        self._target = target
        self._admits = admits
        self._server: asyncio.Server | None = None
        self._passing: set[asyncio.Task[None]] = set()

    @classmethod
    async def opened(cls, target: Target, *, host: str = HOST, port: int = 0, admits: Admits | None = None) -> Self:
        """On a random port unless one is given. Raises OSError when that is taken."""
        relay = cls(target, admits)
        relay._server = await asyncio.start_server(relay._pass, host, port)
        relay.host, relay.port = relay._server.sockets[0].getsockname()
        return relay

    async def close(self) -> None:
        if self._server is None:
            return
        self._server.close()
        for task in self._passing:
            task.cancel()
        await asyncio.gather(*self._passing, return_exceptions=True)
        await self._server.wait_closed()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._passing.add(task)
        try:
            if self._server and self._server.is_serving():  # not closed between the accept and now
                await self._converse(reader, writer)
        except* OSError:
            pass  # either side went away, as sides do
        finally:
            self._passing.discard(task)
            writer.transport.abort()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peer, own = writer.get_extra_info("peername"), writer.get_extra_info("sockname")
        if self._admits and not await self._admits(peer, own):
            return
        port = self._target()
        if port is None:
            return
        server_reader, server_writer = await asyncio.open_connection(HOST, port)
        try:
            async with asyncio.TaskGroup() as group:
                asking = group.create_task(_pump(reader, server_writer))
                await _pump(server_reader, writer)  # the server has the last word
                asking.cancel()
            writer.close()
            await writer.wait_closed()
        finally:
            server_writer.transport.abort()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while chunk := await reader.read(_CHUNK_BYTES):
        writer.write(chunk)
        await writer.drain()
    writer.write_eof()
