"""Buckets that keep versions and lock objects: a deletion there hides, or is refused."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from app.embedded.object_store import ObjectStoreServer
from app.kit.clock import utc_now
from app.storage.errors import EncryptionNotOffered, LockNotOffered, ObjectRetained
from app.storage.probe import Wishes, probe
from app.storage.s3 import (
    LockMode,
    Manner,
    ObjectLock,
    S3Location,
    S3Store,
    S3Stores,
    ServerSideEncryption,
    WriteOptions,
)
from app.storage.store import MIB, ObjectStore, ObjectVersion
from tests.object_store import LOCKED_BUCKET
from tests.storage.fault_proxy import Exchange, FaultProxy, answers

LOCK = ObjectLock(LockMode.COMPLIANCE, days=2)


@pytest.fixture
async def locking(stores: S3Stores, object_store_server: ObjectStoreServer) -> S3Location:
    location = object_store_server.location(LOCKED_BUCKET, prefix=uuid4().hex)
    await stores.create_bucket(location, object_lock=True)
    return location


@pytest.fixture
async def versioned(stores: S3Stores, locking: S3Location) -> ObjectStore:
    """Locks nothing."""
    return await stores.open(replace(locking, manner=Manner(keeps_versions=True)))


async def lie_under(store: ObjectStore) -> list[tuple[str, bool]]:
    return sorted([(found.key, found.is_marker) async for found in store.versions()])


async def test_a_deletion_takes_all_versions_and_what_hides_them(versioned: ObjectStore) -> None:
    for content in (b"1", b"2"):
        await versioned.put("a", content)
    await versioned.put("a/b", b"3")
    assert len(await lie_under(versioned)) == 3
    await versioned.delete("a")
    assert await lie_under(versioned) == [("a/b", False)]
    await versioned.delete("a/b")
    await versioned.delete("a/b")
    assert await lie_under(versioned) == []


async def test_a_store_that_was_not_known_to_keep_versions_hides_nothing_either(
    stores: S3Stores, locking: S3Location, versioned: ObjectStore
) -> None:
    unaware = await stores.open(locking)
    await unaware.put("a", b"1")
    await unaware.delete("a")
    assert await lie_under(versioned) == []


async def test_what_somebody_else_has_hidden_is_still_seen_and_removed(
    stores: S3Stores, versioned: ObjectStore
) -> None:
    await versioned.put("a", b"1")
    assert isinstance(versioned, S3Store)
    await versioned._client.delete_object(**versioned._object("a"))
    assert await lie_under(versioned) == [("a", False), ("a", True)]
    assert [found.key async for found in versioned.list()] == []
    for version in [found async for found in versioned.versions()]:
        await versioned.remove(version)
    assert await lie_under(versioned) == []


async def test_a_bucket_without_versions_has_one_of_each_object(store: ObjectStore) -> None:
    await store.put("a", b"1")
    assert [found async for found in store.versions()] == [ObjectVersion("a")]
    assert await store.hold_of(ObjectVersion("a")) is None
    assert await store.hold_of(ObjectVersion("gone")) is None
    await store.remove(ObjectVersion("a"))
    await store.remove(ObjectVersion("a"))
    assert [found async for found in store.versions()] == []


@pytest.mark.parametrize("parts", [False, True], ids=["put", "parts"])
async def test_every_object_is_locked_from_when_it_is_written(
    stores: S3Stores, locking: S3Location, parts: bool
) -> None:
    manner = Manner(keeps_versions=True, writing=WriteOptions(object_lock=LOCK))
    store = await stores.open(replace(locking, manner=manner))
    if parts:
        async with store.multipart("a", part_bytes=5 * MIB) as upload:
            await upload.write(b"content")
            await upload.complete()
    else:
        await store.put("a", b"content")
    (version,) = [found async for found in store.versions()]
    hold = await store.hold_of(version)
    assert hold is not None
    assert hold.mode == "COMPLIANCE"
    assert hold.until is not None
    assert timedelta(days=1, hours=23) < hold.until - utc_now() < timedelta(days=2, hours=1)
    for deletion in (store.remove(version), store.delete("a")):
        with pytest.raises(ObjectRetained, match=r"is locked until 20\d\d-") as caught:
            await deletion
        assert (caught.value.until, caught.value.code) == (hold.until, "LOCATION_OBJECT_RETAINED")
    assert await store.get("a") == b"content"


async def test_a_lock_that_has_ended_holds_nothing(versioned: ObjectStore) -> None:
    assert isinstance(versioned, S3Store)
    until = utc_now() + timedelta(hours=1)
    await versioned._client.put_object(
        **versioned._object("a"), Body=b"1", ObjectLockMode="GOVERNANCE", ObjectLockRetainUntilDate=until
    )
    with pytest.raises(ObjectRetained):
        await versioned.delete("a")
    soon = utc_now() + timedelta(seconds=1)
    await versioned._client.put_object_retention(  # as an operator with the right for it may, in this mode
        **versioned._object("a"),
        Retention={"Mode": "GOVERNANCE", "RetainUntilDate": soon},
        BypassGovernanceRetention=True,
    )
    async with asyncio.timeout(60):
        while [one async for one in versioned.versions() if await versioned.hold_of(one)]:
            await asyncio.sleep(0.1)
        await versioned.delete("a")
    assert await lie_under(versioned) == []


async def test_a_legal_hold_has_no_end(versioned: ObjectStore) -> None:
    assert isinstance(versioned, S3Store)
    await versioned._client.put_object(**versioned._object("a"), Body=b"1", ObjectLockLegalHoldStatus="ON")
    with pytest.raises(ObjectRetained, match="legal hold") as caught:
        await versioned.delete("a")
    assert caught.value.until is None
    await versioned._client.put_object_legal_hold(**versioned._object("a"), LegalHold={"Status": "OFF"})
    await versioned.delete("a")


async def test_a_probe_finds_versions_and_lock_and_leaves_nothing_in_any_version(
    stores: S3Stores, locking: S3Location, versioned: ObjectStore
) -> None:
    report = await probe(await stores.open(locking), wishes=Wishes(object_lock=True))
    assert (report.keeps_versions, report.object_lock) == (True, True)
    assert await lie_under(versioned) == []


async def test_a_lock_is_refused_where_the_bucket_has_none(store: ObjectStore) -> None:
    with pytest.raises(LockNotOffered) as caught:
        await probe(store, wishes=Wishes(object_lock=True))
    assert caught.value.members["step"] == "features"
    assert [found async for found in store.versions()] == []


async def test_features_that_may_not_be_asked_for_count_as_absent(shaky_store: ObjectStore, proxy: FaultProxy) -> None:
    def asks(exchange: Exchange) -> bool:
        return "?versioning" in exchange.line or "?object-lock" in exchange.line

    proxy.break_(asks, answers("403 Forbidden", "<Error><Code>AccessDenied</Code></Error>"), times=2)
    report = await probe(shaky_store)
    assert (report.keeps_versions, report.object_lock) == (False, False)


@pytest.mark.parametrize(
    ("wished", "found", "is_fine"),
    [("AES256", "AES256", True), ("aws:kms", "aws:kms", True), ("aws:kms", "AES256", False), ("AES256", None, False)],
)
async def test_encryption_by_the_store_is_what_it_says_it_did(
    stores: S3Stores, s3_location: S3Location, proxy: FaultProxy, wished: str, found: str | None, *, is_fine: bool
) -> None:
    seen: list[str | None] = []

    async def put(exchange: Exchange) -> None:
        seen.append(exchange.header("x-amz-server-side-encryption-aws-kms-key-id"))
        head, _, rest = exchange.head.partition(b"\r\n")
        kept = [line for line in rest.split(b"\r\n") if not line.lower().startswith(b"x-amz-server-side")]
        exchange.head = head + b"\r\n" + b"\r\n".join(kept)
        await answers("200 OK", "", 'ETag: "1"')(exchange)

    says = [] if found is None else [f"x-amz-server-side-encryption: {found}"]
    proxy.break_(lambda exchange: b"x-amz-server-side" in exchange.head.lower(), put)
    location = replace(s3_location, endpoint_url=proxy.url)
    writing = WriteOptions(sse=ServerSideEncryption(wished), kms_key_id="key-1" if wished == "aws:kms" else None)
    plain = await stores.open(location)
    encrypting = await stores.open(replace(location, manner=Manner(writing=writing)))

    async def encrypted_head(exchange: Exchange) -> None:
        stamp = "Last-Modified: Mon, 23 Nov 2026 01:00:00 GMT"
        exchange.writer.write(
            "\r\n".join(["HTTP/1.1 200 OK", "Content-Length: 54", 'ETag: "1"', stamp, *says, "", ""]).encode()
        )
        await exchange.writer.drain()

    heads = 0

    def second_head(exchange: Exchange) -> bool:
        nonlocal heads
        heads += exchange.line.startswith("HEAD ")
        return exchange.line.startswith("HEAD ") and heads == 2

    proxy.break_(second_head, encrypted_head)
    wishes = Wishes(encrypting, wished)
    if is_fine:
        assert (await probe(plain, wishes=wishes)).sse == wished
    else:
        with pytest.raises(EncryptionNotOffered) as caught:
            await probe(plain, wishes=wishes)
        assert caught.value.members["step"] == "write_encrypted"
    assert seen == ["key-1" if wished == "aws:kms" else None]


async def test_a_store_that_fails_when_asked_to_encrypt_does_not_offer_it(
    stores: S3Stores, s3_location: S3Location
) -> None:
    """As the one of these tests does, for want of a key of its own."""
    manner = Manner(writing=WriteOptions(sse=ServerSideEncryption.AES256))
    wishes = Wishes(await stores.open(replace(s3_location, manner=manner)), "AES256")
    store = await stores.open(s3_location)
    with pytest.raises(EncryptionNotOffered, match="AES256"):
        await probe(store, wishes=wishes)
    assert [found async for found in store.versions()] == []


def test_what_is_wished_becomes_the_parameters_of_a_write() -> None:
    now = utc_now()
    everything = WriteOptions(ServerSideEncryption.KMS, "key-1", ObjectLock(LockMode.GOVERNANCE, days=30))
    assert WriteOptions().parameters(now) == {}
    assert everything.parameters(now) == {
        "ServerSideEncryption": "aws:kms",
        "SSEKMSKeyId": "key-1",
        "ObjectLockMode": "GOVERNANCE",
        "ObjectLockRetainUntilDate": now + timedelta(days=30),
    }
