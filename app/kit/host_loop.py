"""What one process of a host does again and again, until it is told to stop."""

import asyncio
import fcntl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path


@asynccontextmanager
async def only_one(path: Path, stop: asyncio.Event, *, seconds: float) -> AsyncIterator[None]:
    """Waits for this host's lock of that name, looking every ``seconds``. The kernel frees it when its holder dies,
    however it dies.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        while not stop.is_set():
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                await pause(stop, seconds)
            else:
                break
        yield


async def pause(stop: asyncio.Event, seconds: float) -> None:
    """At most so long, and not at all once ``stop`` is set."""
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        return
