"""The store and its client over a network that breaks."""

import asyncio
import hashlib
import os

import pytest
from structlog.testing import capture_logs

from app.errors import Problem
from app.storage.errors import AccessDenied, ObjectExists, StoreFailed, StoreUnreachable, UploadFailed
from app.storage.retries import Patience, Retries
from app.storage.s3 import S3Location, S3Stores
from app.storage.store import MIB, ObjectStore, Receipt
from tests.object_store import HASTY
from tests.storage.fault_proxy import (
    Choice,
    Exchange,
    Fault,
    FaultProxy,
    abort,
    answers,
    begin,
    complete,
    corrupt,
    cut,
    error,
    lose_answer,
    method,
    part,
    reset,
    stall,
)

PART = 5 * MIB  # the least that S3 takes, but for the last one
CONTENT = os.urandom(2 * PART + 1000)


async def upload(store: ObjectStore, content: bytes = CONTENT) -> Receipt:
    async with store.multipart("key", part_bytes=PART, in_flight=2) as target:
        await target.write(content)
        return await target.complete()


async def nothing_is_left(store: ObjectStore) -> bool:
    uploads = [found async for found in store.uploads()]
    return not uploads and await store.head("key") is None


@pytest.mark.parametrize(
    "fault",
    [
        reset,
        lose_answer,
        corrupt,
        answers("503 Slow Down", error("SlowDown")),
        answers("500 Oh", ""),
        answers("502 Bad", "<html>"),
    ],
    ids=["reset", "lost answer", "flipped bit", "slow down", "server error", "gateway"],
)
async def test_a_broken_part_is_sent_again(
    store: ObjectStore, shaky_store: ObjectStore, proxy: FaultProxy, fault: Fault
) -> None:
    proxy.break_(part(2), fault, times=2)
    proxy.break_(part(3), fault)
    receipt = await upload(shaky_store)
    assert receipt.sha256 == hashlib.sha256(CONTENT).hexdigest()
    assert await store.get("key") == CONTENT
    assert (proxy.count(part(1)), proxy.count(part(2)), proxy.count(part(3))) == (1, 3, 2)
    assert [found async for found in store.uploads()] == []


async def test_a_part_that_stalls_is_sent_again(store: ObjectStore, s3_location: S3Location, proxy: FaultProxy) -> None:
    proxy.break_(part(1), stall)
    patience = Patience(parts=HASTY.parts, calls=HASTY.calls, call_seconds=10, stall_seconds=1)
    async with S3Stores(allow_insecure=True, allow_private=True, patience=patience) as stores:
        shaky = await stores.open(_through(s3_location, proxy))
        async with asyncio.timeout(60):
            await upload(shaky)
    assert proxy.count(part(1)) == 2
    assert await store.get("key") == CONTENT


async def test_a_store_that_keeps_failing_is_given_up_and_nothing_is_left(
    store: ObjectStore, shaky_store: ObjectStore, proxy: FaultProxy
) -> None:
    proxy.break_(part(3), reset, times=1000)
    with pytest.raises(StoreUnreachable):
        await upload(shaky_store)
    assert proxy.count(part(3)) == HASTY.parts.attempts
    assert await nothing_is_left(store)


async def test_a_refused_part_is_not_repeated(store: ObjectStore, shaky_store: ObjectStore, proxy: FaultProxy) -> None:
    proxy.break_(part(1), answers("403 Forbidden", error("AccessDenied")))
    with pytest.raises(AccessDenied):
        await upload(shaky_store)
    assert proxy.count(part(1)) == 1
    assert await nothing_is_left(store)


@pytest.mark.parametrize(
    "fault",
    [answers("200 OK", error("InternalError")), answers("200 OK", ""), answers("503 Busy", ""), lose_answer, reset],
    ids=["error in a success", "empty success", "busy", "lost answer", "reset"],
)
async def test_completing_is_repeated_until_it_is_sure(
    store: ObjectStore, shaky_store: ObjectStore, proxy: FaultProxy, fault: Fault
) -> None:
    proxy.break_(complete, fault, times=2)
    await upload(shaky_store)
    assert proxy.count(complete) == 3
    assert await store.get("key") == CONTENT


async def test_an_upload_whose_completion_fails_leaves_nothing(
    store: ObjectStore, shaky_store: ObjectStore, proxy: FaultProxy
) -> None:
    proxy.break_(complete, answers("200 OK", error("InternalError")), times=1000)
    with pytest.raises(StoreFailed):
        await upload(shaky_store)
    assert await nothing_is_left(store)


async def test_an_object_that_is_shorter_than_sent_is_no_success(shaky_store: ObjectStore, proxy: FaultProxy) -> None:
    headers = ('ETag: "1"', "Last-Modified: Sun, 22 Nov 2026 15:25:26 GMT")
    proxy.break_(method("HEAD"), answers("200 OK", "", *headers))
    with pytest.raises(UploadFailed):
        await upload(shaky_store)


async def test_the_abort_is_repeated(store: ObjectStore, shaky_store: ObjectStore, proxy: FaultProxy) -> None:
    proxy.break_(abort, reset)
    proxy.break_(abort, answers("503 Busy", ""))
    async with shaky_store.multipart("key", part_bytes=PART) as target:
        await target.write(CONTENT)
    assert await nothing_is_left(store)


async def test_an_abort_that_never_succeeds_is_told(shaky_store: ObjectStore, proxy: FaultProxy) -> None:
    proxy.break_(abort, reset, times=1000)
    with capture_logs() as logs:
        async with shaky_store.multipart("key", part_bytes=PART) as target:
            pass
    (left,) = [entry for entry in logs if entry["event"] == "upload.left_open"]
    assert left["upload_id"] == target.upload_id


async def test_a_cancel_with_stalled_parts_leaves_nothing_within_seconds(
    store: ObjectStore, shaky_store: ObjectStore, proxy: FaultProxy
) -> None:
    proxy.break_(part(), stall, times=1000)
    task = asyncio.create_task(upload(shaky_store))
    await proxy.saw(part(), times=2)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        async with asyncio.timeout(30):
            await task
    assert await nothing_is_left(store)
    assert len(asyncio.all_tasks()) <= 1 + len(proxy._connections) + 1


async def test_a_cancel_while_an_upload_begins_leaves_nothing(
    store: ObjectStore, shaky_store: ObjectStore, proxy: FaultProxy
) -> None:
    task = asyncio.create_task(upload(shaky_store))
    await proxy.saw(begin)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await nothing_is_left(store)


async def test_a_cancel_waits_a_moment_for_a_write_that_may_happen_all_the_same(
    store: ObjectStore, shaky_store: ObjectStore, proxy: FaultProxy
) -> None:
    """Else whoever removes the traces of what was cancelled could come too early."""
    answered = asyncio.Event()

    async def late(exchange: Exchange) -> None:
        await answered.wait()
        await exchange.forward()

    proxy.break_(method("PUT"), late)
    task = asyncio.create_task(shaky_store.put("key", b"content"))
    await proxy.saw(method("PUT"))
    task.cancel()
    done, _ = await asyncio.wait([task], timeout=0.2)
    assert not done
    answered.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await store.get("key") == b"content"


async def test_a_read_goes_on_after_broken_connections(
    store: ObjectStore, shaky_store: ObjectStore, proxy: FaultProxy
) -> None:
    content = os.urandom(3 * MIB)
    await store.put("key", content)
    for fault in (reset, cut(0), cut(1_500_000), answers("503 Busy", ""), cut(100_000)):
        proxy.break_(method("GET"), fault)
    assert b"".join([chunk async for chunk in shaky_store.read("key", start=5)]) == content[5:]
    assert proxy.count(method("GET")) == 6


async def test_a_store_that_ignores_ranges_is_refused(
    store: ObjectStore, shaky_store: ObjectStore, proxy: FaultProxy
) -> None:
    await store.put("key", b"0123456789")
    proxy.break_(method("GET"), answers("200 OK", "0123456789", 'ETag: "1"'), times=1000)
    with pytest.raises(StoreFailed, match="ignores ranges"):
        _ = [chunk async for chunk in shaky_store.read("key", start=5)]


@pytest.mark.parametrize("fault", [lose_answer, reset, answers("500 Oh", "")], ids=["lost answer", "reset", "error"])
async def test_a_conditional_write_is_not_beaten_by_itself(
    store: ObjectStore, shaky_store: ObjectStore, proxy: FaultProxy, fault: Fault
) -> None:
    proxy.break_(method("PUT"), fault)
    await shaky_store.put("key", b"mine", if_absent=True)
    assert await store.get("key") == b"mine"


async def test_a_repeated_conditional_write_still_loses_to_another(
    store: ObjectStore, shaky_store: ObjectStore, proxy: FaultProxy
) -> None:
    await store.put("key", b"first")
    proxy.break_(method("PUT"), reset)
    with pytest.raises(ObjectExists):
        await shaky_store.put("key", b"later", if_absent=True)
    assert await store.get("key") == b"first"


async def test_small_calls_are_repeated_a_few_times(
    store: ObjectStore, shaky_store: ObjectStore, proxy: FaultProxy
) -> None:
    await store.put("key", b"content")
    proxy.break_(method("HEAD"), reset, times=3)
    assert await shaky_store.head("key") is not None
    proxy.break_(method("HEAD"), reset, times=4)
    with pytest.raises(StoreUnreachable):
        await shaky_store.head("key")


async def test_who_may_not_look_at_the_bucket_still_learns_that_an_object_is_missing(
    shaky_store: ObjectStore, proxy: FaultProxy
) -> None:
    proxy.break_(lambda exchange: exchange.line.startswith("HEAD /backups "), answers("403 Forbidden", ""))
    assert await shaky_store.head("key") is None


@pytest.mark.parametrize("kind", [part(), complete, begin], ids=["part", "complete", "begin"])
async def test_a_stall_of_a_small_call_is_a_retryable_problem(
    s3_location: S3Location, proxy: FaultProxy, kind: Choice
) -> None:
    hurried = Patience(Retries(2, 0, 0), Retries(2, 0, 0), call_seconds=0.3, stall_seconds=0.3)
    proxy.break_(kind, stall, times=1000)
    async with S3Stores(allow_insecure=True, allow_private=True, patience=hurried) as stores:
        with pytest.raises(Problem) as caught:
            await upload(await stores.open(_through(s3_location, proxy)))
    assert caught.value.code == "LOCATION_UNREACHABLE"
    assert caught.value.retryable


def _through(location: S3Location, proxy: FaultProxy) -> S3Location:
    return S3Location(
        endpoint_url=proxy.url,
        bucket=location.bucket,
        region=location.region,
        addressing_style="path",
        access_key_id=location.access_key_id,
        secret_access_key=location.secret_access_key,
        prefix=location.prefix,
    )
