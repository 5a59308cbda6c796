"""The limiter under a clock that moves only when somebody sleeps."""

import asyncio
import heapq
import math
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.providers.railway.limiter import PAUSE_SECONDS, RESERVED, QuotaUsedUp, RateLimiter

START = datetime(2026, 11, 1, tzinfo=UTC)
HOUR = 3600.0


class Time:
    """Time goes on when every sleeper sleeps: then straight to the first of them to wake."""

    def __init__(self) -> None:
        self.now = 0.0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._number = count()

    def seconds(self) -> float:
        return self.now

    def clock(self) -> datetime:
        return START + timedelta(seconds=self.now)

    async def sleep(self, seconds: float) -> None:
        woken = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self.now + seconds, next(self._number), woken))
        await woken

    async def run(self, *work: asyncio.Task[None]) -> None:
        while not all(task.done() for task in work):
            for _ in range(10):
                await asyncio.sleep(0)
            if self._sleepers:
                moment, _, woken = heapq.heappop(self._sleepers)
                self.now = max(self.now, moment)
                woken.set_result(None)
        await asyncio.gather(*work)


def limiter(time: Time, *, per_second: float = 10) -> RateLimiter:
    return RateLimiter(per_second=per_second, seconds=time.seconds, clock=time.clock, sleep=time.sleep)


def headers(limit: int, left: int, reset: object) -> dict[str, str]:
    return {"X-RateLimit-Limit": str(limit), "X-RateLimit-Remaining": str(left), "X-RateLimit-Reset": str(reset)}


async def take(limits: RateLimiter, *, change: bool = False) -> None:
    """One request, of which no answer tells anything."""
    await limits.admit(change=change, patience_seconds=0)
    limits.answered(None)


@given(
    per_second=st.floats(0.5, 50),
    requests=st.lists(st.tuples(st.booleans(), st.floats(0, 3)), min_size=1, max_size=80),
)
def test_no_second_sees_more_than_the_burst_and_what_flows_in(
    per_second: float, requests: list[tuple[bool, float]]
) -> None:
    time = Time()
    limits = limiter(time, per_second=per_second)
    admitted: list[float] = []

    async def one(change: bool, after: float) -> None:
        await time.sleep(after)
        await limits.admit(change=change, patience_seconds=math.inf)
        admitted.append(time.now)
        limits.answered(None)

    async def all_of_them() -> None:
        await time.run(*[asyncio.create_task(one(*request)) for request in requests])

    asyncio.run(all_of_them())

    assert len(admitted) == len(requests)
    burst = max(1.0, per_second)
    for first, began in enumerate(admitted):
        for last in range(first, len(admitted)):
            assert last - first + 1 <= burst + (admitted[last] - began) * per_second + 1e-3


@given(limit=st.integers(1, 300), left=st.integers(0, 300), changes=st.integers(0, 50), under_way=st.integers(0, 5))
def test_reads_leave_the_reserve_to_changes_and_changes_take_all_of_it(
    limit: int, left: int, changes: int, under_way: int
) -> None:
    time, left = Time(), min(left, limit)
    limits = limiter(time, per_second=1e6)

    async def use_up() -> tuple[int, int]:
        # The quota is told while others are under way: nobody knows whether it counts them already.
        for _ in range(under_way + 1):
            await limits.admit(change=True, patience_seconds=0)
        limits.answered(headers(limit, left, HOUR))
        reads = await used_up(limits, change=False)
        return reads, await used_up(limits, change=True)

    reads, rest = asyncio.run(use_up())

    known = left - under_way
    assert reads == max(0, known - math.ceil(limit * RESERVED))
    assert reads + rest == max(0, known)


async def used_up(limits: RateLimiter, *, change: bool) -> int:
    for done in count():
        try:
            await take(limits, change=change)
        except QuotaUsedUp:
            return done
    raise AssertionError


@given(pause=st.floats(0.1, 3600), change=st.booleans(), given=st.sampled_from(["seconds", "date"]))
def test_nothing_goes_before_the_moment_that_retry_after_names(pause: float, change: bool, given: str) -> None:
    time = Time()
    limits = limiter(time)
    moment = format_datetime(time.clock() + timedelta(seconds=math.ceil(pause)), usegmt=True)

    async def refused_then_again() -> None:
        await limits.admit(change=change, patience_seconds=0)
        limits.answered({"Retry-After": str(pause) if given == "seconds" else moment}, refused=True)
        await limits.admit(change=change, patience_seconds=math.inf)

    async def run() -> None:
        await time.run(asyncio.create_task(refused_then_again()))

    asyncio.run(run())
    assert time.now == pytest.approx(pause if given == "seconds" else math.ceil(pause))


@given(st.text(max_size=30), st.text(max_size=30), st.text(max_size=30), st.text(max_size=30))
def test_headers_that_nobody_can_read_change_nothing_for_longer_than_an_hour(
    limit: str, left: str, reset: str, after: str
) -> None:
    limits = limiter(Time())
    told = headers(0, 0, 0) | {"X-RateLimit-Limit": limit, "X-RateLimit-Remaining": left, "X-RateLimit-Reset": reset}
    limits.answered(told | {"Retry-After": after})
    assert 0 <= limits.wait_seconds(change=False) <= HOUR


@pytest.mark.parametrize("form", ["in", "seconds", "milliseconds", "date"])
async def test_a_reset_is_understood_in_every_form(form: str) -> None:
    time = Time()
    limits = limiter(time)
    moment = START + timedelta(seconds=600)
    forms = {
        "in": 600,
        "seconds": int(moment.timestamp()),
        "milliseconds": int(moment.timestamp() * 1000),
        "date": moment.isoformat(),
    }
    await limits.admit(change=True, patience_seconds=0)
    limits.answered(headers(1000, 0, forms[form]))
    assert limits.wait_seconds(change=True) == pytest.approx(600)
    time.now = 600.0
    assert limits.wait_seconds(change=True) == 0


async def test_whoever_has_less_patience_than_the_wait_is_told_at_once() -> None:
    time = Time()
    limits = limiter(time)
    await limits.admit(change=False, patience_seconds=0)
    limits.answered({}, refused=True)
    with pytest.raises(QuotaUsedUp) as used_up:
        await limits.admit(change=True, patience_seconds=PAUSE_SECONDS - 1)
    assert (used_up.value.wait_seconds, time.now) == (PAUSE_SECONDS, 0)


async def test_an_answer_that_was_overtaken_gives_nothing_back() -> None:
    limits = limiter(Time())
    for left in (500, 40, 480):
        await limits.admit(change=True, patience_seconds=0)
        limits.answered(headers(1000, left, HOUR))
    with pytest.raises(QuotaUsedUp):
        await limits.admit(change=False, patience_seconds=1)
    await limits.admit(change=True, patience_seconds=0)


async def test_a_new_hour_begins_with_what_its_first_answer_tells() -> None:
    time = Time()
    limits = limiter(time)
    await limits.admit(change=True, patience_seconds=0)
    limits.answered(headers(1000, 0, 10))
    time.now = 11.0
    await limits.admit(change=False, patience_seconds=0)
    limits.answered(headers(1000, 999, HOUR))
    assert limits.wait_seconds(change=False) == 0


async def test_one_place_in_a_burst_is_kept_for_a_change() -> None:
    limits = limiter(Time(), per_second=5)
    for _ in range(4):
        await take(limits)
    assert limits.wait_seconds(change=False) > 0
    await take(limits, change=True)
    assert limits.wait_seconds(change=True) > 0
