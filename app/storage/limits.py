"""How many bytes a second go to a location, and in and out of a worker."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Final

from app.kit.token_bucket import TokenBucket

LEAST_BYTES_PER_SECOND: Final = 1024 * 1024  # slower, a transfer could not be told from one that stands still
_SMALLEST_PIECE: Final = 16 * 1024
_LARGEST_PIECE: Final = 256 * 1024
_PIECES_A_SECOND: Final = 8

Sleep = Callable[[float], Awaitable[None]]


class Limit:
    """Shared by all who pay into it; without a rate it costs nothing."""

    def __init__(
        self,
        bytes_per_second: int | None,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._clock = clock
        self._sleep = sleep
        self._bucket: TokenBucket | None = None
        self.set(bytes_per_second)

    @property
    def piece_bytes(self) -> int:
        """What to send at once: small enough that no pause is as long as a store waits for the next bytes."""
        if self._bucket is None:
            return _LARGEST_PIECE
        return max(_SMALLEST_PIECE, min(_LARGEST_PIECE, int(self._bucket.per_second) // _PIECES_A_SECOND))

    def set(self, bytes_per_second: int | None) -> None:
        if bytes_per_second is None:
            self._bucket = None
        elif self._bucket is None or self._bucket.per_second != bytes_per_second:
            burst = bytes_per_second / _PIECES_A_SECOND
            self._bucket = TokenBucket(bytes_per_second, burst=burst, now=self._clock())

    def debt_seconds(self, size_bytes: int) -> float:
        """Takes ``size_bytes`` and says how long to wait for them."""
        return 0.0 if self._bucket is None else self._bucket.take(size_bytes, self._clock())

    async def pay(self, size_bytes: int) -> None:
        if seconds := self.debt_seconds(size_bytes):
            await self._sleep(seconds)


class Limits:
    """Those that one transfer is under, together: the slowest decides."""

    def __init__(self, *limits: Limit, sleep: Sleep = asyncio.sleep) -> None:
        self._limits = limits
        self._sleep = sleep

    @property
    def piece_bytes(self) -> int:
        return min((limit.piece_bytes for limit in self._limits), default=_LARGEST_PIECE)

    async def pay(self, size_bytes: int, *, before_waiting: Callable[[float], None]) -> None:
        """``before_waiting`` is told of every pause: it is no stall."""
        if seconds := max((limit.debt_seconds(size_bytes) for limit in self._limits), default=0.0):
            before_waiting(seconds)
            await self._sleep(seconds)


UNLIMITED: Final = Limits()
