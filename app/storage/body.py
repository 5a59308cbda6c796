"""Bodies of requests, as the HTTP client below the S3 library wants them."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Any, Final

_SEND_BYTES: Final = 256 * 1024


class Body:
    """A request body sent in small copies: the connection may still hold one when its buffer is filled with other bytes.

    The S3 library asks for its length and whether it can be read, the HTTP client iterates over it. Passed as plain
    bytes, a part would be written at once, and stay in memory twice.
    """

    def __init__(self, content: bytes | bytearray, progress: Callable[[], None]) -> None:
        self._content = content
        self._progress = progress

    def __len__(self) -> int:
        return len(self._content)

    def read(self) -> bytes:
        return bytes(self._content)

    async def __aiter__(self) -> AsyncGenerator[bytes]:
        for offset in range(0, len(self._content), _SEND_BYTES):
            self._progress()
            yield bytes(memoryview(self._content)[offset : offset + _SEND_BYTES])
        self._progress()


@asynccontextmanager
async def watched(content: bytes | bytearray, stall_seconds: float) -> AsyncGenerator[Any]:
    """``content`` as a request body; raises TimeoutError when the store takes none of it, or does not answer, so long."""
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(stall_seconds) as timer:
        yield Body(content, lambda: timer.reschedule(loop.time() + stall_seconds))
