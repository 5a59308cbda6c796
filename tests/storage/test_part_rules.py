"""Stores that differ about parts: how many there may be, and whether all must have one size."""

import asyncio
import base64
import hashlib
import os
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.storage.errors import RequestRefused, UploadTooLarge
from app.storage.pump import MOST_PART_BYTES, PART_BYTES, in_flight_for, part_bytes_for, pumped
from app.storage.s3 import Manner, S3Location, S3Stores
from app.storage.store import MAX_PARTS, MIB
from tests.object_store import HASTY
from tests.storage.fault_proxy import Exchange, FaultProxy, begin, complete, part

SMALL = 4  # bytes of a part


class StrictCalls:
    """Refuses, as some stores do, a part beyond ``most`` and, when it is completed, parts of unequal size."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.parts: dict[int, bytes] = {}
        self.content: bytes | None = None

    async def start(self) -> str:
        return "u"

    async def send(self, upload_id: str, number: int, body: bytearray, *, sha256: bytes) -> str:
        if number > self.most:
            raise RequestRefused(f"part {number} of {self.most}")
        self.parts[number] = bytes(body)
        return str(number)

    async def finish(self, upload_id: str, etags: Sequence[str]) -> None:
        sizes = [len(self.parts[number]) for number in sorted(self.parts)]
        if len(set(sizes[:-1])) > 1 or sizes[-1] > sizes[0]:
            raise RequestRefused(f"unequal parts {sizes}")
        self.content = b"".join(self.parts[number] for number in sorted(self.parts))

    async def abort(self, upload_id: str) -> None:
        self.parts.clear()

    async def put_empty(self) -> None:
        self.content = b""

    async def size_bytes(self) -> int | None:
        return None if self.content is None else len(self.content)


@given(chunks=st.lists(st.binary(max_size=3 * SMALL), max_size=12))
async def test_whatever_the_stream_is_cut_into_all_parts_but_the_last_are_equal(chunks: list[bytes]) -> None:
    calls = StrictCalls(MAX_PARTS)
    async with pumped(calls, "k", part_bytes=SMALL, patience=HASTY) as upload:
        for chunk in chunks:
            await upload.write(chunk)
        await upload.complete()
    assert calls.content == b"".join(chunks)


async def test_the_last_part_that_a_store_allows_is_used_and_none_after_it() -> None:
    calls = StrictCalls(1000)
    async with pumped(calls, "k", part_bytes=SMALL, max_parts=1000, patience=HASTY) as upload:
        await upload.write(bytes(1000 * SMALL))
        await upload.complete()
    assert len(calls.parts) == 1000
    with pytest.raises(UploadTooLarge) as caught:
        async with pumped(StrictCalls(1000), "k", part_bytes=SMALL, max_parts=1000, patience=HASTY) as upload:
            await upload.write(bytes(1000 * SMALL + 1))
    assert (caught.value.members["max_parts"], caught.value.members["part_bytes"]) == (1000, SMALL)


async def test_a_location_knows_its_number_of_parts(
    stores: S3Stores, s3_location: S3Location, proxy: FaultProxy
) -> None:
    """One part more would be refused by the store, after all the others were sent."""

    async def refuse(exchange: Exchange) -> None:
        raise AssertionError(exchange.line)

    for number in range(3, 6):
        proxy.break_(part(number), refuse)
    location = replace(s3_location, endpoint_url=proxy.url, manner=Manner(max_parts=2))
    store = await stores.open(location)
    with pytest.raises(UploadTooLarge):
        async with store.multipart("k", part_bytes=5 * MIB) as upload:
            assert upload.room_bytes == 10 * MIB
            await upload.write(os.urandom(10 * MIB + 1))
    assert [found async for found in store.list()] == []
    assert [found async for found in store.uploads()] == []


async def test_the_kind_of_checksum_is_told_at_the_start_and_every_one_again_at_the_end(
    stores: S3Stores, s3_location: S3Location, proxy: FaultProxy
) -> None:
    """Some stores refuse a part with a checksum, or the end of an upload without them."""
    seen: dict[str, str | None] = {}

    async def look_at_start(exchange: Exchange) -> None:
        seen["start"] = exchange.header("x-amz-checksum-algorithm")
        await exchange.forward()

    async def look_at_part(exchange: Exchange) -> None:
        seen["part"] = exchange.header("x-amz-checksum-sha256")
        await exchange.forward()

    async def look_at_end(exchange: Exchange) -> None:
        body = await exchange.body()
        seen["end"] = body.decode()
        exchange.reader = asyncio.StreamReader()
        exchange.reader.feed_data(body)
        await exchange.forward()

    proxy.break_(begin, look_at_start)
    proxy.break_(part(1), look_at_part)
    proxy.break_(complete, look_at_end)
    store = await stores.open(replace(s3_location, endpoint_url=proxy.url))
    async with store.multipart("k", part_bytes=5 * MIB) as upload:
        await upload.write(b"content")
        await upload.complete()
    digest = base64.b64encode(hashlib.sha256(b"content").digest()).decode()
    assert (seen["start"], seen["part"]) == ("SHA256", digest)
    assert f"<ChecksumSHA256>{digest}</ChecksumSHA256>" in (seen["end"] or "")


@given(size=st.integers(0, 5 * 1024**4), most=st.sampled_from([100, 1000, MAX_PARTS]))
def test_a_size_that_is_known_fits_and_an_estimate_leaves_a_fifth(size: int, most: int) -> None:
    exact, estimated = part_bytes_for(size, max_parts=most, slack=0), part_bytes_for(size, max_parts=most)
    assert exact * most >= size
    assert estimated * most * 0.8 >= size - 1
    assert exact % MIB == estimated % MIB == 0
    assert exact >= PART_BYTES


@given(part_bytes=st.integers(5 * MIB, MOST_PART_BYTES), wanted=st.integers(1, 16))
def test_large_parts_are_sent_one_at_a_time_rather_than_fill_the_memory(part_bytes: int, wanted: int) -> None:
    in_flight = in_flight_for(part_bytes, wanted)
    assert 1 <= in_flight <= wanted
    assert in_flight == 1 or in_flight * part_bytes <= 512 * MIB
