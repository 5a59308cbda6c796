"""Changes of which no answer came: what is there now tells whether they were made."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from app.providers.railway.errors import OutcomeUnknown, RailwayProblem, RailwayUnavailable

Sleep = Callable[[float], Awaitable[None]]

ATTEMPTS: Final = 3
# What was made is not always seen at once, and a request that was given up may still arrive.
_PAUSES_SECONDS: Final = (0.0, 0.5, 1.0, 2.0, 4.0)


async def certainly(
    change: Callable[[], Awaitable[object]],
    is_made: Callable[[], Awaitable[bool]],
    *,
    sleep: Sleep = asyncio.sleep,
) -> None:
    """Makes a change that does no harm when it is made twice: repeated only after a look has shown that it was not made.

    Raises OutcomeUnknown if Railway was silent every time; the error that it answered with if that left the outcome open
    and looks have shown that nothing was made.
    """
    for attempt in range(1, ATTEMPTS + 1):
        try:
            await change()
        except OutcomeUnknown as unknown:
            if await seen(is_made, sleep=sleep):
                return
            cause = unknown.__cause__
            if isinstance(cause, RailwayProblem) and not isinstance(cause, RailwayUnavailable | OutcomeUnknown):
                raise cause from None
            if attempt == ATTEMPTS or isinstance(cause, OutcomeUnknown):
                raise
        else:
            return


async def seen(is_made: Callable[[], Awaitable[bool]], *, sleep: Sleep = asyncio.sleep) -> bool:
    """Looks for some seconds."""
    for pause in _PAUSES_SECONDS:
        await sleep(pause)
        if await is_made():
            return True
    return False
