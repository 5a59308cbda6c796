import asyncio
import hashlib
from collections.abc import Sequence
from math import ceil

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.storage import pump as pump_module
from app.storage.errors import (
    AccessDenied,
    StoreFailed,
    StoreUnreachable,
    UploadFailed,
    UploadGone,
    UploadTooLarge,
)
from app.storage.pump import PART_BYTES, Pump, part_bytes_for, pumped
from app.storage.store import MAX_PARTS, MIB, PartReceipt, Receipt
from tests.object_store import HASTY


class Recorder:
    """Takes the five calls of an upload, fails as told, and counts."""

    def __init__(self) -> None:
        self.parts: dict[int, bytes] = {}
        self.failures: dict[int, list[Exception]] = {}
        self.finish_failures: list[Exception] = []
        self.abort_failures: list[Exception] = []
        self.content: bytes | None = None
        self.events: list[str] = []
        self.active = 0
        self.most_active = 0
        self.gate = asyncio.Event()
        self.gate.set()
        self.start_gate = asyncio.Event()
        self.start_gate.set()

    async def start(self) -> str:
        self.events.append("start")
        await self.start_gate.wait()
        return "upload-1"

    async def send(self, upload_id: str, number: int, body: bytearray, *, sha256: bytes) -> str:
        assert upload_id == "upload-1"
        self.active += 1
        self.most_active = max(self.active, self.most_active)
        try:
            await self.gate.wait()
            await asyncio.sleep(0)
            if self.failures.get(number):
                raise self.failures[number].pop(0)
            assert hashlib.sha256(body).digest() == sha256
            self.parts[number] = bytes(body)
            return f"etag-{number}"
        except asyncio.CancelledError:
            self.events.append(f"cancelled {number}")
            raise
        finally:
            self.active -= 1

    async def finish(self, upload_id: str, etags: Sequence[str]) -> None:
        self.events.append("finish")
        if self.finish_failures:
            raise self.finish_failures.pop(0)
        assert etags == [f"etag-{number}" for number in sorted(self.parts)]
        self.content = b"".join(self.parts[number] for number in sorted(self.parts))

    async def abort(self, upload_id: str) -> None:
        self.events.append("abort")
        if self.abort_failures:
            raise self.abort_failures.pop(0)

    async def put_empty(self) -> None:
        self.content = b""

    async def size_bytes(self) -> int | None:
        return None if self.content is None else len(self.content)


async def upload(calls: Recorder, *chunks: bytes, in_flight: int = 4, max_parts: int = MAX_PARTS) -> Receipt:
    limits = {"in_flight": in_flight, "max_parts": max_parts}
    async with pumped(calls, "key", part_bytes=10, patience=HASTY, **limits) as pump:
        for chunk in chunks:
            await pump.write(chunk)
        return await pump.complete()


async def fail(calls: Recorder, content: bytes, error: Exception) -> None:
    """Uploads ``content``, and fails when as many parts are under way as may be."""
    async with pumped(calls, "key", part_bytes=10, in_flight=2, patience=HASTY) as pump:
        await pump.write(content)
        while calls.active < min(2, len(content) // 10):
            await asyncio.sleep(0.001)
        raise error


@given(
    st.lists(st.binary(max_size=200), max_size=20),
    st.integers(1, 64),
    st.integers(1, 5),
    st.sampled_from([1, 2, 3, 50]),
)
@settings(max_examples=60)
async def test_chunks_of_any_size_become_equal_parts_in_bounded_memory(
    chunks: list[bytes], part_bytes: int, in_flight: int, slow: int
) -> None:
    calls = Recorder()
    whole = b"".join(chunks)
    async with pumped(calls, "key", part_bytes=part_bytes, in_flight=in_flight, patience=HASTY) as pump:
        for number, chunk in enumerate(chunks):
            if number % slow == 0:
                await asyncio.sleep(0)
            await pump.write(memoryview(chunk))
        receipt = await pump.complete()
    assert calls.content == whole
    assert receipt.sha256 == hashlib.sha256(whole).hexdigest()
    assert receipt.size_bytes == pump.size_bytes == len(whole)
    pieces = [whole[offset : offset + part_bytes] for offset in range(0, len(whole), part_bytes)]
    assert receipt.parts == tuple(
        PartReceipt(number, len(piece), hashlib.sha256(piece).hexdigest()) for number, piece in enumerate(pieces, 1)
    )
    assert pump.buffers_made <= min(in_flight + 1, max(len(pieces), 1))
    assert calls.most_active <= in_flight
    assert "abort" not in calls.events or not whole


async def test_a_slow_store_holds_the_writer_back() -> None:
    calls = Recorder()
    calls.gate.clear()
    async with pumped(calls, "key", part_bytes=10, in_flight=2, patience=HASTY) as pump:
        await pump.write(b"x" * 30)  # two parts under way, one full
        writing = asyncio.create_task(pump.write(b"x" * 10))
        done, _ = await asyncio.wait([writing], timeout=0.05)
        assert not done
        assert pump.buffers_made == 3
        calls.gate.set()
        await writing
        await pump.complete()
    assert calls.most_active == 2
    assert calls.content == b"x" * 40


async def test_a_part_is_sent_again_from_memory_when_the_store_fails() -> None:
    calls = Recorder()
    calls.failures = {2: [StoreFailed("503"), StoreUnreachable("reset"), StoreFailed("500")]}
    receipt = await upload(calls, bytes(range(35)))
    assert calls.content == bytes(range(35))
    assert len(receipt.parts) == 4


async def test_a_part_is_given_up_after_six_repetitions() -> None:
    calls = Recorder()
    calls.failures = {1: [StoreFailed(str(number)) for number in range(8)]}
    with pytest.raises(StoreFailed):
        await upload(calls, b"x" * 5)
    assert len(calls.failures[1]) == 1
    assert calls.content is None
    assert calls.events == ["start", "abort"]


async def test_a_refusal_ends_the_upload_at_once_and_frees_a_waiting_writer() -> None:
    calls = Recorder()
    calls.failures = {1: [AccessDenied("no")]}
    with pytest.raises(AccessDenied):
        await upload(calls, *[b"x" * 10] * 1000, in_flight=1)
    assert calls.events[-1] == "abort"
    assert "finish" not in calls.events


async def test_parts_under_way_end_before_the_abort() -> None:
    calls = Recorder()
    calls.gate.clear()
    with pytest.raises(RuntimeError, match="the dump failed"):
        await fail(calls, b"x" * 20, RuntimeError("the dump failed"))
    assert sorted(calls.events[1:3]) == ["cancelled 1", "cancelled 2"]
    assert (calls.events[0], calls.events[3:]) == ("start", ["abort"])
    assert calls.content is None


async def test_leaving_without_completing_aborts() -> None:
    calls = Recorder()
    async with pumped(calls, "key", part_bytes=10, patience=HASTY) as pump:
        await pump.write(b"x")
        assert pump.upload_id == "upload-1"
    assert calls.events == ["start", "abort"]


async def test_the_abort_is_repeated_and_its_failure_hides_nothing() -> None:
    calls = Recorder()
    calls.abort_failures = [StoreFailed("1"), StoreFailed("2")]
    async with pumped(calls, "key", part_bytes=10, patience=HASTY):
        pass
    assert calls.events == ["start", "abort", "abort", "abort"]
    calls.abort_failures = [StoreFailed(str(number)) for number in range(9)]
    with pytest.raises(RuntimeError, match="first"):
        await fail(calls, b"", RuntimeError("first"))


async def test_a_cancel_while_the_upload_begins_still_aborts_it() -> None:
    calls = Recorder()
    calls.start_gate.clear()

    task = asyncio.create_task(upload(calls))
    while not calls.events:
        await asyncio.sleep(0)
    task.cancel()
    await asyncio.sleep(0)
    task.cancel()  # an impatient caller
    await asyncio.sleep(0)
    calls.start_gate.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert calls.events == ["start", "abort"]


async def test_a_start_without_an_answer_does_not_hold_a_cancel_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pump_module, "START_GRACE_SECONDS", 0.02)
    calls = Recorder()
    calls.start_gate.clear()

    task = asyncio.create_task(upload(calls))
    while not calls.events:
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        async with asyncio.timeout(60):
            await task
    assert calls.events == ["start"]


async def test_completing_is_repeated_when_its_answer_is_lost() -> None:
    calls = Recorder()
    calls.content = b"x" * 15
    calls.finish_failures = [StoreUnreachable("no answer"), UploadGone("completed already")]
    receipt = await upload(calls, b"x" * 15)
    assert receipt.size_bytes == 15
    assert calls.events == ["start", "finish", "finish"]


async def test_an_upload_that_somebody_else_ended_is_no_success() -> None:
    calls = Recorder()
    calls.content = b"x"
    calls.finish_failures = [UploadGone("aborted by a sweep")]
    with pytest.raises(UploadGone):
        await upload(calls, b"x")
    assert calls.events[-1] == "abort"


@pytest.mark.parametrize("stored", [None, b"x" * 14])
async def test_an_object_of_another_size_is_no_success(stored: bytes | None) -> None:
    calls = Recorder()
    calls.content = stored
    calls.finish_failures = [StoreFailed("x"), UploadGone("gone")]
    with pytest.raises(UploadFailed, match="instead of 15"):
        await upload(calls, b"x" * 15)
    assert calls.events[-1] == "abort"


async def test_the_part_beyond_the_cap_is_refused_before_it_is_sent() -> None:
    calls = Recorder()
    with pytest.raises(UploadTooLarge, match="3 parts of 10 bytes"):
        await upload(calls, b"x" * 30, b"", b"x", max_parts=3)
    assert max(calls.parts, default=0) <= 3
    assert calls.events[-1] == "abort"


async def test_exactly_as_many_parts_as_allowed_are_fine_and_the_room_is_told() -> None:
    calls = Recorder()
    async with pumped(calls, "key", part_bytes=10, max_parts=3, patience=HASTY) as pump:
        await pump.write(b"x" * 25)
        assert pump.room_bytes == 5
        await pump.write(b"x" * 5)
        assert pump.room_bytes == 0
        assert len((await pump.complete()).parts) == 3


@given(st.integers(0, 50 * 1024**4), st.sampled_from([1_000, 10_000]))
def test_the_part_size_leaves_a_fifth_of_the_parts_for_wrong_estimates(estimate_bytes: int, max_parts: int) -> None:
    part_bytes = part_bytes_for(estimate_bytes, max_parts=max_parts)
    assert part_bytes % MIB == 0
    assert part_bytes >= PART_BYTES
    assert ceil(estimate_bytes / part_bytes) <= max_parts * 0.8
    assert part_bytes == PART_BYTES or ceil(estimate_bytes / (part_bytes - MIB)) > max_parts * 0.8 - 1


def test_a_pump_is_an_upload_without_an_id_until_it_started() -> None:
    pump = Pump(Recorder(), "key", part_bytes=1, in_flight=1, max_parts=1, patience=HASTY)
    with pytest.raises(AssertionError):
        _ = pump.upload_id
