"""How fast one token may ask: as many requests a second as agreed, and no more an hour than Railway says are left."""

import asyncio
import math
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from time import monotonic
from typing import Final

from app.kit.clock import Clock, utc_now

# Those of the smallest paid plan: who has more may say so.
REQUESTS_PER_SECOND: Final = 10.0
# What reads leave to changes, of each hour's requests. A change must not wait because somebody polled too much.
RESERVED: Final = 0.1
PAUSE_SECONDS: Final = 10.0
LONGEST_PAUSE_SECONDS: Final = 3600.0
# A reset is told in whole seconds, and the answer took its time.
_SAME_RESET_SECONDS: Final = 2.0
_MILLISECONDS_FROM: Final = 1e11
_EPOCH_FROM: Final = 1e8
# Less is missing only because floating point rounds, and no clock counts the wait for it.
_ROUNDING: Final = 1e-6

Sleep = Callable[[float], Awaitable[None]]


class QuotaUsedUp(Exception):
    """The wait would be longer than the caller's patience."""

    def __init__(self, wait_seconds: float) -> None:
        super().__init__(f"the next request may go in {wait_seconds:.0f} seconds")
        self.wait_seconds = wait_seconds


@dataclass(slots=True)
class _Quota:
    """``left`` counts what is under way as used. ``until`` is when it begins anew."""

    limit: int
    left: int
    until: float


class RateLimiter:
    """One for each token, shared by all who use it in this process. What others use up, the headers tell.

    Between looking and taking nothing is awaited, so no lock is needed.
    """

    def __init__(
        self,
        *,
        per_second: float = REQUESTS_PER_SECOND,
        seconds: Callable[[], float] = monotonic,
        clock: Clock = utc_now,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._rate, self._capacity = per_second, max(1.0, per_second)
        self._seconds, self._clock, self._sleep = seconds, clock, sleep
        self._tokens, self._filled_at = self._capacity, seconds()
        self._closed_until = -math.inf
        self._quota: _Quota | None = None
        self._under_way = 0

    async def admit(self, *, change: bool, patience_seconds: float) -> None:
        """Returns when the request may go, and counts it; ``answered`` must follow. Raises QuotaUsedUp at once."""
        began = self._seconds()
        while (wait := self.wait_seconds(change=change)) > 0:
            if self._seconds() - began + wait > patience_seconds:
                raise QuotaUsedUp(wait)
            await self._sleep(wait)
        self._tokens -= 1
        self._under_way += 1
        if self._quota is not None:
            self._quota.left -= 1

    def wait_seconds(self, *, change: bool) -> float:
        now = self._seconds()
        self._refill(now)
        wait = max(0.0, self._closed_until - now)
        # One place in each second's burst is kept for a change too.
        wanted = 1.0 if change or self._capacity < 2 else 2.0  # noqa: PLR2004 (one for it, one kept)
        if self._tokens < wanted - _ROUNDING:
            wait = max(wait, (wanted - self._tokens) / self._rate)
        if self._quota is not None and self._quota.left <= (0 if change else self._reserved(self._quota)):
            wait = max(wait, self._quota.until - now)
        return wait

    def answered(self, headers: Mapping[str, str] | None, *, refused: bool = False) -> None:
        """What an admitted request brought back: None if nothing came. ``refused``: the quota was used up."""
        self._under_way -= 1
        told = headers or {}
        now = self._seconds()
        self._learn(told, now)
        pause = self._until(told.get("Retry-After"))
        if refused and pause is None:
            pause = PAUSE_SECONDS
        if pause is not None:
            self._closed_until = max(self._closed_until, now + pause)

    def _learn(self, told: Mapping[str, str], now: float) -> None:
        limit, left = _whole(told.get("X-RateLimit-Limit")), _whole(told.get("X-RateLimit-Remaining"))
        reset = self._until(told.get("X-RateLimit-Reset"))
        if limit is None or left is None or not reset:  # no reset to come: a late answer, from the hour before
            return
        left, until = max(0, left) - self._under_way, now + reset
        if self._quota is not None and abs(until - self._quota.until) <= _SAME_RESET_SECONDS:
            # Answers overtake each other, and within an hour the number only falls.
            self._quota.left = min(left, self._quota.left)
        else:
            self._quota = _Quota(limit, left, until)

    def _refill(self, now: float) -> None:
        self._tokens = min(self._capacity, self._tokens + max(0.0, now - self._filled_at) * self._rate)
        self._filled_at = now
        if self._quota is not None and now >= self._quota.until:
            self._quota = None  # the next answer tells how much there is

    def _reserved(self, quota: _Quota) -> int:
        return math.ceil(quota.limit * RESERVED)

    def _until(self, text: str | None) -> float | None:
        """Seconds from now: a header says them, or the moment in seconds or milliseconds since 1970, or as a date."""
        if text is None:
            return None
        now = self._clock()
        try:
            number = float(text)
        except ValueError:
            moment = _date(text.strip())
            seconds = None if moment is None else (moment - now).total_seconds()
        else:
            if number >= _MILLISECONDS_FROM:
                number /= 1000
            seconds = number - now.timestamp() if number >= _EPOCH_FROM else number
        if seconds is None or not math.isfinite(seconds):
            return None
        return min(max(0.0, seconds), LONGEST_PAUSE_SECONDS)


def _whole(text: str | None) -> int | None:
    try:
        return int(text or "")
    except ValueError:
        return None


def _date(text: str) -> datetime | None:
    for read in (parsedate_to_datetime, datetime.fromisoformat):
        try:
            moment = read(text)
        except (ValueError, IndexError, TypeError):
            continue
        return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    return None
