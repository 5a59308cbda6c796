"""How fast bytes go to a location, by a clock that only moves when somebody sleeps."""

import asyncio
import os
from dataclasses import dataclass, field, replace

import pytest

from app.storage.body import Body
from app.storage.limits import LEAST_BYTES_PER_SECOND, UNLIMITED, Limit, Limits
from app.storage.s3 import S3Location, S3Stores
from app.storage.store import MIB


@dataclass
class Clock:
    now: float = 0.0
    slept: list[float] = field(default_factory=list)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    def limit(self, bytes_per_second: int | None) -> Limit:
        return Limit(bytes_per_second, clock=lambda: self.now, sleep=self.sleep)


async def sent(content: bytes, limits: Limits, pauses: list[float] | None = None) -> bytes:
    body = Body(content, (pauses if pauses is not None else []).append, limits)
    return b"".join([piece async for piece in body])


async def test_a_body_takes_as_long_as_the_slowest_of_its_limits() -> None:
    clock = Clock()
    limits = Limits(clock.limit(4 * MIB), clock.limit(MIB), clock.limit(None), sleep=clock.sleep)
    content = bytes(3 * MIB)
    assert await sent(content, limits) == content
    assert clock.now == pytest.approx(3, abs=0.13)  # a burst is free


async def test_a_pause_is_told_before_so_that_it_counts_as_no_stall() -> None:
    clock, pauses = Clock(), list[float]()
    await sent(bytes(MIB), Limits(clock.limit(MIB), sleep=clock.sleep), pauses)
    assert [pause for pause in pauses if pause] == clock.slept
    assert max(clock.slept) < 1


async def test_without_a_limit_nobody_waits() -> None:
    clock, pauses = Clock(), list[float]()
    assert await sent(bytes(MIB), UNLIMITED, pauses) == bytes(MIB)
    await clock.limit(None).pay(1 << 40)
    assert (clock.slept, set(pauses)) == ([], {0})


async def test_those_who_share_a_limit_share_its_rate() -> None:
    clock = Clock()
    limit = clock.limit(MIB)
    for _ in range(4):
        await limit.pay(MIB)
    assert clock.now == pytest.approx(4, abs=0.13)


async def test_a_limit_can_be_changed_and_lifted() -> None:
    clock = Clock()
    limit = clock.limit(MIB)
    limit.set(2 * MIB)
    await limit.pay(4 * MIB)
    assert clock.now == pytest.approx(2, abs=0.26)
    limit.set(None)
    await limit.pay(1 << 40)
    assert clock.now == pytest.approx(2, abs=0.26)


async def test_an_upload_is_under_the_limits_of_its_location_and_of_the_process(
    stores: S3Stores, s3_location: S3Location, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same place has one limit, however often it is opened."""
    paid: list[int] = []
    take = Limit.debt_seconds

    def counted(limit: Limit, size_bytes: int) -> float:
        paid.append(size_bytes)
        return take(limit, size_bytes) * 0

    monkeypatch.setattr(Limit, "debt_seconds", counted)
    location = replace(s3_location, upload_bytes_per_second=LEAST_BYTES_PER_SECOND)
    content = os.urandom(6 * MIB)
    one, other = await stores.open(location), await stores.open(location)
    async with one.multipart("big", part_bytes=5 * MIB) as upload:
        await upload.write(content)
        await upload.complete()
    await other.put("small", b"1234")
    assert sum(paid) == 2 * (len(content) + 4)
    assert max(paid) <= LEAST_BYTES_PER_SECOND // 8
    assert await one.get("big", limit_bytes=len(content)) == content
    assert len(stores._limits) == 1


async def test_a_pause_longer_than_the_patience_for_a_store_ends_no_upload(
    stores: S3Stores, s3_location: S3Location, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[float] = []

    async def pay(limits: Limits, size_bytes: int, *, before_waiting: object) -> None:
        assert callable(before_waiting)
        before_waiting(600)
        told.append(size_bytes)
        await asyncio.sleep(0)

    monkeypatch.setattr(Limits, "pay", pay)
    store = await stores.open(s3_location)
    await store.put("k", b"1234")
    assert (told, await store.get("k")) == ([4], b"1234")
