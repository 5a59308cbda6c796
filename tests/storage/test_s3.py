import asyncio
import hashlib
import logging
import os
import urllib.request
from contextlib import AsyncExitStack, aclosing
from dataclasses import replace

import pytest
from pydantic import SecretStr

from app.storage.errors import (
    AccessDenied,
    BucketMissing,
    ObjectChanged,
    ObjectExists,
    ObjectMissing,
    ObjectTooLarge,
    ObjectTruncated,
    RequestRefused,
    StoreUnreachable,
)
from app.storage.s3 import S3Location, S3Stores, objects
from app.storage.store import MIB, ObjectStore

PART = 5 * MIB  # the least that S3 takes, but for the last one


async def open_uploads(store: ObjectStore, prefix: str = "") -> list[str]:
    return [upload.key async for upload in store.uploads(prefix)]


async def collect(store: ObjectStore, key: str, start: int = 0, end: int | None = None) -> bytes:
    return b"".join([chunk async for chunk in store.read(key, start=start, end=end)])


async def test_an_object_is_what_was_written_until_it_is_deleted(store: ObjectStore) -> None:
    await store.put("a/b", bytearray(b"content"))
    info = await store.head("a/b")
    assert info is not None
    assert (info.key, info.size_bytes) == ("a/b", 7)
    assert info.modified_at.tzinfo is not None
    assert await store.get("a/b") == b"content"
    await store.delete("a/b")
    assert await store.head("a/b") is None
    await store.delete("a/b")
    with pytest.raises(ObjectMissing, match=r"key .*/a/b"):
        await store.get("a/b")


async def test_a_second_write_is_refused_when_asked_for(store: ObjectStore) -> None:
    await store.put("manifest.json", b"mine", if_absent=True)
    with pytest.raises(ObjectExists):
        await store.put("manifest.json", b"yours", if_absent=True)
    with pytest.raises(ObjectExists):
        await store.put("manifest.json", b"mine", if_absent=True)
    assert await store.get("manifest.json") == b"mine"
    await store.put("manifest.json", b"later")
    assert await store.get("manifest.json") == b"later"


async def test_an_upload_in_parts_has_the_digest_of_its_content(store: ObjectStore) -> None:
    content = os.urandom(2 * PART + 7)
    async with store.multipart("big", part_bytes=PART, in_flight=2) as upload:
        assert await open_uploads(store, "big") == ["big"]
        assert await store.head("big") is None
        for offset in range(0, len(content), 300_000):
            await upload.write(content[offset : offset + 300_000])
        receipt = await upload.complete()
    assert receipt.sha256 == hashlib.sha256(content).hexdigest()
    assert [part.size_bytes for part in receipt.parts] == [PART] * 2 + [7]
    assert await store.get("big") == content
    assert await open_uploads(store) == []


async def test_an_object_smaller_than_a_part_and_an_empty_one_are_uploaded_too(store: ObjectStore) -> None:
    for key, content in (("small", b"x"), ("empty", b"")):
        async with store.multipart(key, part_bytes=PART) as upload:
            await upload.write(content)
            receipt = await upload.complete()
        assert receipt.size_bytes == len(content)
        assert await store.get(key) == content
    assert await open_uploads(store) == []


async def test_an_upload_that_is_left_leaves_nothing(store: ObjectStore) -> None:
    async with store.multipart("left", part_bytes=PART) as upload:
        await upload.write(b"x" * 2 * PART)
    assert await store.head("left") is None
    assert await open_uploads(store) == []


async def test_a_cancelled_upload_leaves_nothing(store: ObjectStore) -> None:
    started = asyncio.Event()

    async def run() -> None:
        async with store.multipart("cancelled", part_bytes=PART) as upload:
            while True:
                await upload.write(b"x" * MIB)
                started.set()

    task = asyncio.create_task(run())
    await started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        async with asyncio.timeout(60):
            await task
    assert await store.head("cancelled") is None
    assert await open_uploads(store) == []


async def test_aborting_an_upload_that_is_gone_is_fine(store: ObjectStore) -> None:
    async with store.multipart("key", part_bytes=PART) as upload:
        await store.abort("key", upload.upload_id)
        assert await open_uploads(store) == []
    await store.abort("key", "never was one")


@pytest.mark.parametrize(
    ("start", "end"), [(0, None), (5, None), (0, 5), (10, 2_000_000), (7, 7), (2_999_999, 3_000_000)]
)
async def test_a_range_is_read(store: ObjectStore, start: int, end: int | None) -> None:
    content = os.urandom(3_000_000)
    await store.put("object", content)
    chunks = [chunk async for chunk in store.read("object", start=start, end=end)]
    assert b"".join(chunks) == content[start:end]
    assert all(len(chunk) == MIB for chunk in chunks[:-1])


async def test_a_range_beyond_the_end_is_refused(store: ObjectStore) -> None:
    await store.put("object", b"0123456789")
    for start, end in ((0, 11), (5, 11), (10, 11), (11, 12), (10, None)):
        with pytest.raises(ObjectTruncated):
            await collect(store, "object", start, end)


async def test_an_object_larger_than_expected_is_not_fetched_whole(store: ObjectStore) -> None:
    await store.put("object", b"x" * 1000)
    assert len(await store.get("object", limit_bytes=1000)) == 1000
    with pytest.raises(ObjectTooLarge):
        await store.get("object", limit_bytes=999)


@pytest.mark.parametrize("page", [1, 2, 1000])
async def test_a_listing_shows_everything_under_a_prefix(
    store: ObjectStore, monkeypatch: pytest.MonkeyPatch, page: int
) -> None:
    monkeypatch.setattr(objects, "_PAGE", page)
    for key in ("a/1", "a/2", "a b/ü+%", "b"):
        await store.put(key, key.encode())
    assert {found.key async for found in store.list()} == {"a/1", "a/2", "a b/ü+%", "b"}
    assert [(found.key, found.size_bytes) async for found in store.list("a/")] == [("a/1", 3), ("a/2", 3)]
    assert [found.key async for found in store.list("nothing")] == []


async def test_all_unfinished_uploads_are_listed(store: ObjectStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(objects, "_PAGE", 2)
    async with AsyncExitStack() as stack:
        for key in ("a", "b", "b", "c", "d"):
            await stack.enter_async_context(store.multipart(key, part_bytes=PART))
        assert sorted(await open_uploads(store)) == ["a", "b", "b", "c", "d"]


async def test_a_store_sees_its_own_prefix_only(stores: S3Stores, s3_location: S3Location) -> None:
    mine = await stores.open(replace(s3_location, prefix=f"/{s3_location.prefix}/mine/"))
    whole = await stores.open(s3_location)
    await whole.put("yours", b"")
    await mine.put("key", b"")
    async with mine.multipart("upload", part_bytes=PART):
        assert [found.key async for found in mine.list()] == ["key"]
        assert await open_uploads(mine) == ["upload"]
        assert await open_uploads(whole) == ["mine/upload"]
    assert {found.key async for found in whole.list()} == {"yours", "mine/key"}


async def test_without_a_prefix_keys_are_those_of_the_bucket(stores: S3Stores, s3_location: S3Location) -> None:
    whole = await stores.open(replace(s3_location, prefix=""))
    key = f"{s3_location.prefix}/key"
    await whole.put(key, b"x")
    assert await (await stores.open(s3_location)).get("key") == b"x"


async def test_a_download_link_needs_no_credentials_and_names_the_file(store: ObjectStore) -> None:
    await store.put("object", b"content")
    link = await store.presign_get("object", filename='Jörgs "dump".sql', expires_seconds=60)

    def download() -> tuple[bytes, str]:
        with urllib.request.urlopen(link) as answer:  # noqa: S310 (our own server)
            return answer.read(), answer.headers["Content-Disposition"]

    content, disposition = await asyncio.to_thread(download)
    assert content == b"content"
    assert disposition == "attachment; filename=\"J_rgs _dump_.sql\"; filename*=UTF-8''J%C3%B6rgs%20%22dump%22.sql"


@pytest.mark.parametrize("seconds", [0, 7 * 24 * 3600 + 1])
async def test_a_download_link_lives_for_a_week_at_most(store: ObjectStore, seconds: int) -> None:
    with pytest.raises(RequestRefused):
        await store.presign_get("object", filename="x", expires_seconds=seconds)


async def test_a_missing_bucket_is_told_from_a_missing_object(stores: S3Stores, s3_location: S3Location) -> None:
    store = await stores.open(replace(s3_location, bucket="no-such-bucket"))
    with pytest.raises(BucketMissing):
        await store.put("key", b"")
    with pytest.raises(BucketMissing):
        await store.get("key")
    with pytest.raises(BucketMissing):
        await store.head("key")
    with pytest.raises(BucketMissing):
        async with store.multipart("key", part_bytes=PART):
            pass


async def test_wrong_credentials_are_refused_without_repeating_them(stores: S3Stores, s3_location: S3Location) -> None:
    for wrong in (
        replace(s3_location, secret_access_key=SecretStr("wrong-secret")),
        replace(s3_location, access_key_id="nobody"),
    ):
        store = await stores.open(wrong)
        with pytest.raises(AccessDenied) as caught:
            await store.put("key", b"")
        rendered = f"{caught.value!r} {caught.value.document()} {wrong!r} {store!r}"
        assert "wrong-secret" not in rendered
        assert s3_location.secret_access_key.get_secret_value() not in rendered


async def test_a_server_that_does_not_answer_is_unreachable(stores: S3Stores, s3_location: S3Location) -> None:
    store = await stores.open(replace(s3_location, endpoint_url="http://127.0.0.1:1"))
    with pytest.raises(StoreUnreachable, match=r"bucket backups at 127\.0\.0\.1") as caught:
        await store.head("key")
    assert caught.value.status == 503
    assert caught.value.retryable


async def test_the_environment_of_the_machine_has_no_say(
    s3_location: S3Location, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {
        "AWS_PROFILE": "nobody",
        "AWS_ACCESS_KEY_ID": "other",
        "AWS_SECRET_ACCESS_KEY": "other",
        "AWS_SESSION_TOKEN": "other",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
        "AWS_ENDPOINT_URL_S3": "http://127.0.0.1:1",
        "AWS_DEFAULT_REGION": "mars-1",
        "AWS_CONFIG_FILE": "/nowhere",
        "HTTP_PROXY": "http://127.0.0.1:1",
        "http_proxy": "http://127.0.0.1:1",
    }.items():
        monkeypatch.setenv(name, value)
    async with S3Stores(allow_insecure=True, allow_private=True) as stores:
        store = await stores.open(s3_location)
        await store.put("key", b"content")
        assert await store.get("key") == b"content"


async def test_one_client_serves_all_prefixes_of_a_location(stores: S3Stores, s3_location: S3Location) -> None:
    await asyncio.gather(*(stores.open(replace(s3_location, prefix=str(number))) for number in range(5)))
    await stores.open(replace(s3_location, secret_access_key=SecretStr("another")))
    assert len(stores._clients) == 2


@pytest.mark.parametrize("bucket", ["", "a", "arn:aws:s3:us-east-1:123456789012:accesspoint/x", "a/b", "-a-"])
async def test_a_name_that_no_bucket_can_have_is_refused(
    stores: S3Stores, s3_location: S3Location, bucket: str
) -> None:
    with pytest.raises(RequestRefused):
        await stores.open(replace(s3_location, bucket=bucket))


async def test_an_impossible_key_is_refused(store: ObjectStore, stores: S3Stores, s3_location: S3Location) -> None:
    whole = await stores.open(replace(s3_location, prefix=""))
    with pytest.raises(RequestRefused):
        await whole.get("")


async def test_creating_a_bucket_twice_is_fine(stores: S3Stores, s3_location: S3Location) -> None:
    location = replace(s3_location, bucket=f"made-{s3_location.prefix}")
    await stores.create_bucket(location)
    await stores.create_bucket(location)
    store = await stores.open(location)
    assert [found.key async for found in store.list()] == []


async def test_an_object_replaced_while_it_is_read_is_refused(store: ObjectStore) -> None:
    await store.put("object", b"a" * 10)
    info = await store.head("object")
    assert info is not None
    await store.put("object", b"b" * 10)
    with pytest.raises(ObjectChanged):
        await store._open_range("object", 5, None, info.etag)  # type: ignore[attr-defined]  # what a broken read does next


async def test_leaving_a_read_early_is_fine(store: ObjectStore) -> None:
    await store.put("object", os.urandom(5 * MIB))
    async with aclosing(store.read("object")) as chunks:
        assert len(await anext(chunks)) == MIB
    assert (await store.head("object")) is not None


async def test_signatures_are_not_logged(store: ObjectStore, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    await store.put("object", b"content")
    await store.presign_get("object", filename="x")
    assert "ignature" not in caplog.text
