"""Stopping a restore while the server still has room for itself.

Without room for rows a statement fails. Without room for the log of changes the whole server goes down, and cannot come up
again before somebody frees space; and a restore fills both.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Final

from app.postgres.errors import DiskFull

RESERVE_BYTES: Final = 256 * 1024 * 1024
_POLL_SECONDS: Final = 0.5


@asynccontextmanager
async def room_kept(free_bytes: Callable[[], Awaitable[int | None]]) -> AsyncGenerator[None]:
    """Raises DiskFull as soon as less than the reserve is left; never where ``free_bytes`` does not know."""
    limit = asyncio.timeout(None)
    looking = asyncio.get_running_loop().create_task(_until_tight(free_bytes))

    def stop(task: asyncio.Task[int]) -> None:
        if not task.cancelled() and task.exception() is None:
            with suppress(RuntimeError):  # the work ended in this very moment
                limit.reschedule(asyncio.get_running_loop().time())

    try:
        async with limit:
            looking.add_done_callback(stop)
            yield
    except TimeoutError:
        if not limit.expired():
            raise
        left = await looking
        raise DiskFull(
            f"Only {left // 2**20} MiB are left on the disk of the server, and it needs {RESERVE_BYTES // 2**20} MiB to stay "
            "alive. The restore was stopped before it took them. Enlarge the disk, or free space on it, and restore again."
        ) from None
    finally:
        looking.cancel()
        await asyncio.gather(looking, return_exceptions=True)


async def _until_tight(free_bytes: Callable[[], Awaitable[int | None]]) -> int:
    while True:
        left = await free_bytes()
        if left is not None and left < RESERVE_BYTES:
            return left
        await asyncio.sleep(_POLL_SECONDS)
