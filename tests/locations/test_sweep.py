"""The sweep of a location, run by a worker on uploads in a real store whose clock is a day ahead."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
from pydantic import SecretStr

from app.jobs.enqueue import enqueue
from app.jobs.events import JobWatch
from app.jobs.machine import Programmes
from app.jobs.models import Job
from app.jobs.states import FINAL, JobState
from app.jobs.worker import JobWorker, WorkerOptions
from app.kit.clock import utc_now
from app.kit.ids import decode_id
from app.locations.access import open_store, seal_secret
from app.locations.repository import LocationRepository
from app.locations.schemas import SweepLocation
from app.locations.tasks import programmes
from app.runtime import Runtime
from app.storage.s3 import S3Store
from app.storage.store import ObjectStore
from tests.locations.conftest import Creator

FAR = utc_now() + timedelta(days=30)


async def store_of(runtime: Runtime, location_id: UUID) -> ObjectStore:
    async with runtime.sessions() as session:
        location = await LocationRepository(session).find(location_id)
    assert location is not None
    return await open_store(runtime.stores, runtime.key_ring, location)


async def forget_upload(store: ObjectStore, key: str) -> str:
    """As a process that was killed leaves it."""
    assert isinstance(store, S3Store)
    return await store._parts(key).start()


async def swept(runtime: Runtime, location_id: UUID, *, ahead: timedelta = timedelta(days=1, minutes=1)) -> Job:
    """The sweep's job once it has ended."""
    later = replace(runtime, clock=lambda: utc_now() + ahead)
    async with runtime.sessions() as session, session.begin():
        job = (await enqueue(session, SweepLocation(location_id=location_id), created_by="test")).job
    async with working(later):
        watch = JobWatch(runtime.sessions, runtime.listener, job.id)
        ended = await watch.changed_since(None, seconds=20, stop=runtime.stopping)
    assert ended is not None
    assert JobState(ended.state) in FINAL
    return ended


@asynccontextmanager
async def working(runtime: Runtime) -> AsyncIterator[None]:
    worker = JobWorker(
        sessions=runtime.sessions,
        listener=runtime.listener,
        programmes=Programmes(*programmes(runtime)),
        options=WorkerOptions(host_id=runtime.host_id, grace_seconds=0),
    )
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(worker.run(stop))
        try:
            yield
        finally:
            stop.set()


async def test_forgotten_uploads_are_aborted_and_those_of_live_jobs_are_not(create: Creator, runtime: Runtime) -> None:
    location_id = decode_id("loc", (await create()).json()["id"])
    store = await store_of(runtime, location_id)
    forgotten, owned = await forget_upload(store, "a/forgotten"), await forget_upload(store, "b/owned")
    async with runtime.sessions() as session, session.begin():
        owner = await enqueue(session, SweepLocation(location_id=location_id), created_by="test", run_after=FAR)
        owner.job.memo = {"parts": [{"uploads": [owned]}]}
        session.add(owner.job)
    job = await swept(runtime, location_id)
    assert (job.state, job.result) == ("succeeded", {"aborted": 1, "failed": 0, "kept": 1}), job.error
    left = [upload.upload_id async for upload in store.uploads()]
    assert left == [owned]
    assert forgotten not in left
    await store.abort("b/owned", owned)


async def test_young_uploads_and_other_prefixes_are_left_alone(
    create: Creator, wish: dict[str, Any], runtime: Runtime
) -> None:
    location_id = decode_id("loc", (await create()).json()["id"])
    beside = await create(name="beside", prefix=f"{wish['prefix']}2")
    store = await store_of(runtime, location_id)
    neighbour = await store_of(runtime, decode_id("loc", beside.json()["id"]))
    young = await forget_upload(store, "young")
    foreign = await forget_upload(neighbour, "foreign")
    job = await swept(runtime, location_id, ahead=timedelta(hours=23))
    assert job.result == {"aborted": 0, "failed": 0, "kept": 1}
    job = await swept(runtime, location_id)
    assert job.result == {"aborted": 1, "failed": 0, "kept": 0}
    assert [upload.upload_id async for upload in neighbour.uploads()] == [foreign]
    await neighbour.abort("foreign", foreign)
    assert young


async def test_a_location_deleted_meanwhile_is_not_swept(
    client: httpx.AsyncClient, as_admin: dict[str, str], create: Creator, runtime: Runtime
) -> None:
    made = await create()
    assert (await client.delete(made.headers["location"], headers=as_admin)).status_code == 204
    job = await swept(runtime, decode_id("loc", made.json()["id"]))
    assert job.result == {"aborted": 0, "failed": 0, "kept": 0}


async def test_a_sweep_that_the_store_refuses_fails_with_its_reason(create: Creator, runtime: Runtime) -> None:
    location_id = decode_id("loc", (await create()).json()["id"])
    async with runtime.sessions() as session, session.begin():
        location = await LocationRepository(session).get(location_id, None, change=True)
        assert location is not None
        location.secret_key_sealed = seal_secret(location, SecretStr("wrong"), runtime.key_ring)
    job = await swept(runtime, location_id)
    assert job.state == "failed"
    assert job.error is not None
    assert job.error["code"] == "LOCATION_ACCESS_DENIED"
