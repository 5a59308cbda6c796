"""A relay in front of a server that counts what is fetched through it, so that nobody's own account is believed."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Self
from urllib.parse import urlsplit

PIECE_BYTES = 256 * 1024


class Relay:
    def __init__(self, upstream: str) -> None:
        parts = urlsplit(upstream)
        self._upstream = str(parts.hostname), int(parts.port or 80)
        self._connections: set[asyncio.Task[None]] = set()
        self.url = ""
        self.fetched_bytes = 0  # answers with their heads

    @classmethod
    @asynccontextmanager
    async def started(cls, upstream: str) -> AsyncIterator[Self]:
        relay = cls(upstream)
        server = await asyncio.start_server(relay._accept, "127.0.0.1", 0)
        relay.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        try:
            yield relay
        finally:
            server.close()
            for connection in relay._connections:
                connection.cancel()
            await asyncio.gather(*relay._connections, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = asyncio.current_task()
        assert connection is not None
        self._connections.add(connection)
        connection.add_done_callback(self._connections.discard)
        with suppress(ConnectionError, asyncio.CancelledError):
            answers, requests = await asyncio.open_connection(*self._upstream)
            await asyncio.gather(self._requests(reader, requests), self._answers(answers, writer))

    async def _requests(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while piece := await reader.read(PIECE_BYTES):
                writer.write(piece)
                await writer.drain()
        finally:
            writer.close()

    async def _answers(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while piece := await reader.read(PIECE_BYTES):
                self.fetched_bytes += len(piece)
                writer.write(piece)
                await writer.drain()
        finally:
            writer.close()
