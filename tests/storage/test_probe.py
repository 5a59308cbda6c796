import asyncio
from datetime import timedelta

import pytest

from app.errors import Problem
from app.kit.clock import utc_now
from app.storage.errors import AccessDenied, BucketMissing, StoreFailed
from app.storage.probe import probe
from app.storage.s3 import S3Location, S3Stores
from app.storage.store import ObjectStore
from tests.storage.fault_proxy import (
    Choice,
    Exchange,
    Fault,
    FaultProxy,
    answers,
    begin,
    error,
    method,
    stall,
)


async def left_behind(store: ObjectStore) -> list[str]:
    return [found.key async for found in store.list()] + [found.key async for found in store.uploads()]


def listing(exchange: Exchange) -> bool:
    return exchange.line.startswith("GET ") and "?uploads" in exchange.line


async def test_a_good_location_passes_and_nothing_is_left(store: ObjectStore) -> None:
    report = await probe(store)
    assert report.honours_if_none_match
    assert report.lists_uploads
    assert report.warnings == []
    assert abs(report.clock_skew_seconds) < 5
    assert set(report.seconds) == {
        "write", "read", "read_range", "head", "write_if_absent", "multipart", "features", "delete"
    }  # fmt: skip
    assert await left_behind(store) == []


@pytest.mark.parametrize("minutes", [-2, 2])
async def test_a_clock_that_is_off_is_a_warning(store: ObjectStore, minutes: int) -> None:
    report = await probe(store, clock=lambda: utc_now() + timedelta(minutes=minutes))
    assert report.clock_skew_seconds == pytest.approx(minutes * 60, abs=10)
    assert len(report.warnings) == 1
    assert "clock" in report.warnings[0]


async def test_a_missing_bucket_fails_at_the_first_step(stores: S3Stores, s3_location: S3Location) -> None:
    location = S3Location(
        endpoint_url=s3_location.endpoint_url,
        bucket="no-such-bucket",
        addressing_style="path",
        access_key_id=s3_location.access_key_id,
        secret_access_key=s3_location.secret_access_key,
    )
    with pytest.raises(BucketMissing) as caught:
        await probe(await stores.open(location))
    assert caught.value.members["step"] == "write"


FAILURES: dict[str, tuple[Choice, Fault, str, type[Problem]]] = {
    "other content": (method("GET"), answers("200 OK", "something else", 'ETag: "1"'), "read", StoreFailed),
    "no reading": (method("GET"), answers("403 Forbidden", error("AccessDenied")), "read", AccessDenied),
    "no uploads": (begin, answers("403 Forbidden", error("AccessDenied")), "multipart", AccessDenied),
    "other range": (
        lambda exchange: "bytes=8-19" in exchange.head.decode(),
        answers("206 Partial Content", "x" * 12, 'ETag: "1"', "Content-Range: bytes 8-19/54"),
        "read_range",
        StoreFailed,
    ),
    "invisible": (method("HEAD"), answers("404 Not Found", ""), "head", StoreFailed),
}


@pytest.mark.parametrize("failure", list(FAILURES))
async def test_a_failed_step_is_named_and_nothing_is_left(
    store: ObjectStore, shaky_store: ObjectStore, proxy: FaultProxy, failure: str
) -> None:
    choice, fault, step, problem = FAILURES[failure]
    proxy.break_(choice, fault)
    with pytest.raises(problem) as caught:
        await probe(shaky_store)
    assert caught.value.members["step"] == step
    assert await left_behind(store) == []


async def test_a_location_that_does_not_delete_is_refused(
    store: ObjectStore, shaky_store: ObjectStore, proxy: FaultProxy
) -> None:
    def delete_of_object(exchange: Exchange) -> bool:
        return exchange.line.startswith("DELETE ") and "uploadId" not in exchange.line

    proxy.break_(delete_of_object, answers("204 No Content", ""))
    with pytest.raises(StoreFailed, match="after it was deleted"):
        await probe(shaky_store)
    assert await left_behind(store) == []
    proxy.break_(delete_of_object, answers("403 Forbidden", error("AccessDenied")), times=100)
    with pytest.raises(AccessDenied):
        await probe(shaky_store)
    (left,) = await left_behind(store)
    assert left.startswith(".probe/")


@pytest.mark.parametrize(
    "fault",
    [answers("200 OK", "", 'ETag: "1"'), answers("501 Not Implemented", error("NotImplemented"))],
    ids=["ignored", "refused"],
)
async def test_a_location_without_conditional_writes_is_accepted_with_a_warning(
    shaky_store: ObjectStore, proxy: FaultProxy, fault: Fault
) -> None:
    proxy.break_(lambda exchange: b"If-None-Match" in exchange.head, fault)
    report = await probe(shaky_store)
    assert not report.honours_if_none_match
    assert "If-None-Match" in report.warnings[0]


async def test_a_location_that_lists_no_uploads_is_accepted_with_a_warning(
    shaky_store: ObjectStore, proxy: FaultProxy
) -> None:
    proxy.break_(listing, answers("501 Not Implemented", error("NotImplemented")))
    report = await probe(shaky_store)
    assert not report.lists_uploads
    assert "unfinished uploads" in report.warnings[0]


async def test_a_cancelled_probe_leaves_nothing(
    store: ObjectStore, shaky_store: ObjectStore, proxy: FaultProxy
) -> None:
    proxy.break_(listing, stall)
    task = asyncio.create_task(probe(shaky_store))
    await proxy.saw(listing)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await left_behind(store) == []
