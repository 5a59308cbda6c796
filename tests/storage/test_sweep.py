from contextlib import AsyncExitStack
from datetime import timedelta

from app.kit.clock import utc_now
from app.storage.store import ObjectStore
from app.storage.sweep import sweep
from tests.storage.fault_proxy import FaultProxy, abort, answers, error

PART = 64 * 1024


async def test_old_uploads_without_a_job_are_aborted(store: ObjectStore) -> None:
    async with AsyncExitStack() as stack:
        uploads = {
            key: await stack.enter_async_context(store.multipart(key, part_bytes=PART))
            for key in ("a/orphan", "a/running", "b/orphan")
        }
        await uploads["a/orphan"].write(b"x" * PART)
        keep = {uploads["a/running"].upload_id}

        early = await sweep(store, "a/", older_than=utc_now() - timedelta(hours=24), keep=keep)
        assert (early.aborted, early.failed, early.kept) == ((), (), 2)

        done = await sweep(store, "a/", older_than=utc_now() + timedelta(minutes=1), keep=keep)
        assert [upload.key for upload in done.aborted] == ["a/orphan"]
        assert (done.failed, done.kept) == ((), 1)
        assert {upload.key async for upload in store.uploads()} == {"a/running", "b/orphan"}


async def test_one_that_cannot_be_aborted_does_not_stop_the_others(shaky_store: ObjectStore, proxy: FaultProxy) -> None:
    async with AsyncExitStack() as stack:
        for key in ("1", "2", "3"):
            await stack.enter_async_context(shaky_store.multipart(key, part_bytes=PART))
        proxy.break_(abort, answers("403 Forbidden", error("AccessDenied")))
        done = await sweep(shaky_store, "", older_than=utc_now() + timedelta(minutes=1), keep=())
        assert len(done.failed) == 1
        assert len(done.aborted) == 2
