"""Work that a cancel must not cut short, because what it began would be left behind in a store."""

import asyncio
from collections.abc import Coroutine
from typing import Any


async def finished(work: Coroutine[Any, Any, None], *, grace_seconds: float) -> None:
    """Awaits ``work``, also when cancelled: then for at most ``grace_seconds`` more, and raises the cancel after it."""
    task = asyncio.create_task(work)  # noqa: TID251 (awaited right here, whatever happens)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await _ended(task, grace_seconds=grace_seconds)
        raise


async def _ended(task: asyncio.Task[None], *, grace_seconds: float) -> None:
    timer = asyncio.get_running_loop().call_later(grace_seconds, task.cancel)
    try:
        while not task.done():
            try:
                await asyncio.wait([task])
            except asyncio.CancelledError:
                continue  # the caller is told of the first one
    finally:
        timer.cancel()
    if not task.cancelled():
        task.exception()  # seen: the cancel matters more
