"""Bodies of requests, as the HTTP client below the S3 library wants them."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Any

from app.storage.limits import UNLIMITED, Limits


class Body:
    """A request body sent in small copies: the connection may still hold one when its buffer is filled with other bytes.

    The S3 library asks for its length and whether it can be read, the HTTP client iterates over it. Passed as plain
    bytes, a part would be written at once, and stay in memory twice.
    """

    def __init__(self, content: bytes | bytearray, progress: Callable[[float], None], limits: Limits) -> None:
        self._content = content
        self._progress = progress
        self._limits = limits

    def __len__(self) -> int:
        return len(self._content)

    def read(self) -> bytes:
        return bytes(self._content)

    async def __aiter__(self) -> AsyncGenerator[bytes]:
        size = self._limits.piece_bytes
        for offset in range(0, len(self._content), size):
            piece = bytes(memoryview(self._content)[offset : offset + size])
            await self._limits.pay(len(piece), before_waiting=self._progress)
            self._progress(0)
            yield piece
        self._progress(0)


@asynccontextmanager
async def watched(content: bytes | bytearray, stall_seconds: float, limits: Limits = UNLIMITED) -> AsyncGenerator[Any]:
    """``content`` as a request body; raises TimeoutError when the store takes none of it, or does not answer, so long."""
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(stall_seconds) as timer:
        yield Body(content, lambda pause: timer.reschedule(loop.time() + pause + stall_seconds), limits)
