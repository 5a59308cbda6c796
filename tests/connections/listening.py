"""Listeners that answer every client with the same bytes, as servers do that are no PostgreSQL, or not the right one."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


@asynccontextmanager
async def answering(answer: bytes | None) -> AsyncIterator[int]:
    """On the port that it gives. None: silent, with the connection left open until the end."""
    over = asyncio.Event()
    served: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if task := asyncio.current_task():
            served.add(task)
        try:
            await reader.read(8)
            if answer is None:
                await over.wait()
            else:
                writer.write(answer)
                await writer.drain()
        finally:
            writer.transport.abort() if answer is None else writer.close()

    listener = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield int(listener.sockets[0].getsockname()[1])
    finally:
        listener.close()
        over.set()
        await asyncio.gather(*served, return_exceptions=True)
