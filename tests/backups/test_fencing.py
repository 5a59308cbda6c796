"""A worker that lost its job, and still believes in it, changes nothing any more."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from sqlalchemy import text

from app.backups.schemas import TakeBackup
from app.backups.steps import TakeBackupSteps
from app.db.sql import run_sql
from app.jobs.claim import claim
from app.jobs.execution import Execution
from app.jobs.reaper import reap
from app.jobs.worker import WorkerOptions
from app.kit.clock import utc_now
from app.runtime import Runtime
from app.storage.s3 import S3Location, S3Stores
from app.storage.store import Buffer, ObjectStore, Receipt, Upload
from tests.backups.conftest import Shop, working
from tests.object_store import HASTY


@dataclass
class Gate:
    """Where the first worker stops, as one that is suspended does, until its successor is done."""

    place: str
    reached: asyncio.Event = field(default_factory=asyncio.Event)
    opened: asyncio.Event = field(default_factory=asyncio.Event)

    async def pass_through(self, place: str) -> None:
        if place == self.place:
            self.reached.set()
            await self.opened.wait()


class GatedUpload:
    def __init__(self, upload: Upload, gate: Gate) -> None:
        self._upload = upload
        self._gate = gate

    def __getattr__(self, name: str) -> Any:
        return getattr(self._upload, name)

    async def complete(self) -> Receipt:
        await self._gate.pass_through("before the upload is complete")
        receipt = await self._upload.complete()
        await self._gate.pass_through("after the upload is complete")
        return receipt


class GatedStore:
    def __init__(self, store: ObjectStore, gate: Gate) -> None:
        self._store = store
        self._gate = gate

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def put(self, key: str, body: Buffer, *, if_absent: bool = False) -> None:
        if key.endswith("/manifest.json"):
            await self._gate.pass_through("before the manifest")
        await self._store.put(key, body, if_absent=if_absent)

    @asynccontextmanager
    async def multipart(
        self, key: str, *, part_bytes: int, in_flight: int = 4, max_parts: int | None = None
    ) -> AsyncGenerator[Any]:
        async with self._store.multipart(
            key, part_bytes=part_bytes, in_flight=in_flight, max_parts=max_parts
        ) as upload:
            yield GatedUpload(upload, self._gate)


class GatedStores(S3Stores):
    def __init__(self, gate: Gate) -> None:
        super().__init__(allow_insecure=True, allow_private=True, patience=HASTY)
        self._gate = gate

    async def open(self, location: S3Location) -> Any:
        return GatedStore(await super().open(location), self._gate)


@pytest.fixture(
    params=["before the upload is complete", "after the upload is complete", "before the manifest"],
)
async def gate(request: pytest.FixtureRequest) -> Gate:
    return Gate(request.param)


@pytest.fixture
async def gated(runtime: Runtime, gate: Gate) -> AsyncIterator[Runtime]:
    async with GatedStores(gate) as stores:
        yield replace(runtime, stores=stores)


async def test_a_late_upload_or_manifest_of_a_worker_that_was_replaced_counts_for_nothing(
    shop: Shop, runtime: Runtime, gated: Runtime, gate: Gate
) -> None:
    await shop.execute("CREATE TABLE t AS SELECT generate_series(1, 10) AS id")
    accepted = await shop.start()
    options = WorkerOptions(host_id=runtime.host_id)
    (job,) = (await claim(runtime.sessions, options, [TakeBackup.kind], limit=1)).jobs
    execution = Execution(job, TakeBackupSteps(gated), runtime.sessions, utc_now)
    async with asyncio.timeout(60), asyncio.TaskGroup() as tasks:
        stale = tasks.create_task(execution.drive())
        await gate.reached.wait()

        await change(runtime, "UPDATE job SET lease_ends = now() - interval '1 s'")
        assert await reap(runtime.sessions) == 1
        await change(runtime, "UPDATE job SET run_after = now()")
        await shop.execute("INSERT INTO t VALUES (11)")
        async with working(runtime):
            assert (await shop.ended(accepted["job"]))["state"] == "succeeded"
        keys = await shop.keys()
        manifest = await shop.manifest(accepted["backups"][0])
        gate.opened.set()
        await stale

    backup = await shop.get(f"/v1/backups/{accepted['backups'][0]['id']}")
    assert backup["state"] == "available"
    # The one that stopped before the manifest had finished its dump; its successor went on from there.
    expected = 10 if gate.place == "before the manifest" else 11
    assert backup["rows"] == expected
    assert await shop.keys() == keys
    assert sorted(one.key for one in manifest.objects) == [key for key in keys if not key.endswith("manifest.json")]
    assert await shop.manifest(backup) == manifest
    assert len(await shop.archive(backup)) == manifest.archive_object.plain_size_bytes
    assert await shop.open_uploads() == []


async def change(runtime: Runtime, statement: str) -> None:
    async with runtime.sessions() as session, session.begin():
        await run_sql(session, text(statement))
