"""A project with a real location and a real server to back up, and a worker in this process."""

import asyncio
import secrets
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from app.backups.models import Backup
from app.backups.tasks import programmes
from app.databases.models import Database
from app.jobs.machine import Programmes
from app.jobs.worker import JobWorker, WorkerOptions
from app.kit.age import Identity
from app.kit.ids import decode_id, encode_id
from app.locations.access import open_store
from app.locations.archives import Archives, open_archive
from app.locations.identity import identities
from app.locations.manifest import Manifest
from app.locations.models import Location
from app.postgres.connect import Session, Target
from app.runtime import Runtime
from app.settings import BackupSettings, Settings, StorageSettings
from app.storage.s3 import S3Location
from app.storage.store import MIB, ObjectStore
from tests.control import make_settings
from tests.databases.records import add_database, create_project
from tests.object_store import object_store_server, s3_location
from tests.postgres.conftest import cluster, debian, target, toolchain
from tests.sessions import connect

__all__ = ["cluster", "debian", "object_store_server", "s3_location", "target", "toolchain"]


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return make_settings(
        database_url,
        tmp_path / "data",
        storage=StorageSettings(allow_private_endpoints=True, allow_insecure_endpoints=True),
        backup=BackupSettings(part_bytes=5 * MIB),
    )


@dataclass(frozen=True)
class Shop:
    """One managed database, a location for its backups, and the API around both."""

    runtime: Runtime
    client: httpx.AsyncClient
    headers: dict[str, str]
    project_id: UUID
    database: Database
    target: Target
    location: Location

    @property
    def path(self) -> str:
        return f"/v1/databases/{encode_id('db', self.database.id)}/backups"

    @asynccontextmanager
    async def session(self, name: str | None = None) -> AsyncGenerator[Session]:
        target = self.target if name is None else self.target.with_database(name)
        async with connect(target, application_name="test") as session:
            yield session

    async def execute(self, sql: str, name: str | None = None) -> None:
        async with self.session(name) as session:
            await session.execute(sql)

    async def post(self, path: str, **body: Any) -> httpx.Response:
        headers = self.headers | {"Idempotency-Key": uuid4().hex}
        return await self.client.post(path, json=body, headers=headers)

    async def get(self, path: str) -> Any:
        answer = await self.client.get(path, headers=self.headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def delete(self, path: str) -> httpx.Response:
        return await self.client.delete(path, headers=self.headers)

    async def start(self, **wish: Any) -> dict[str, Any]:
        answer = await self.post(self.path, **wish)
        assert answer.status_code == 202, answer.text
        accepted: dict[str, Any] = answer.json()
        return accepted

    async def ended(self, job: dict[str, Any], *, seconds: int = 120) -> dict[str, Any]:
        async with asyncio.timeout(seconds):
            while not job["done"]:
                job = await self.get(f"{job['links']['self']}?wait=10")
        return job

    async def take(self, **wish: Any) -> list[dict[str, Any]]:
        """The backups of a job that succeeded."""
        accepted = await self.start(**wish)
        job = await self.ended(accepted["job"])
        assert job["state"] == "succeeded", job["error"]
        return [await self.get(f"/v1/backups/{backup['id']}") for backup in accepted["backups"]]

    async def copied(self, backup: dict[str, Any]) -> dict[str, Any]:
        """The backup once the jobs of its copies have ended, however."""
        for copy in backup["copies"]:
            if copy["job_id"] is not None:
                await self.ended(await self.get(f"/v1/jobs/{copy['job_id']}"))
        ended: dict[str, Any] = await self.get(f"/v1/backups/{backup['id']}")
        return ended

    async def take_and_copy(self, **wish: Any) -> dict[str, Any]:
        (backup,) = await self.take(**wish)
        return await self.copied(backup)

    async def manifest(self, backup: dict[str, Any]) -> Manifest:
        return Manifest.model_validate(await self.get(f"/v1/backups/{backup['id']}/manifest"))

    async def store(self, location: Location | None = None) -> ObjectStore:
        return await open_store(self.runtime.stores, self.runtime.key_ring, location or self.location)

    async def keys(self, location: Location | None = None) -> list[str]:
        store = await self.store(location)
        return sorted([found.key async for found in store.list()])

    async def open_uploads(self) -> list[str]:
        store = await self.store()
        return [found.key async for found in store.uploads()]

    async def identities(self) -> list[Identity]:
        async with self.runtime.sessions() as session:
            return await identities(session, self.runtime.key_ring)

    async def archive(self, backup: dict[str, Any]) -> bytes:
        """As pg_dump wrote it, read back from the store."""
        manifest = await self.manifest(backup)
        chunks = open_archive(await self.store(), manifest, await self.identities())
        return b"".join([chunk async for chunk in chunks])

    async def row(self, backup: dict[str, Any]) -> Backup:
        async with self.runtime.sessions() as session:
            found = await Archives(session).get(decode_id("bak", backup["id"]), None)
        assert found is not None
        return found

    async def sessions_of(self, job: dict[str, Any]) -> int:
        async with self.session() as session:
            count = await session.fetchval(
                "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE '%' || $1", job["id"]
            )
        return int(count)


@pytest.fixture
async def fresh(target: Target) -> AsyncIterator[Target]:
    """A logical database of this test's own."""
    name = f"shop_{secrets.token_hex(4)}"
    async with connect(target, application_name="test") as session:
        await session.execute(f"CREATE DATABASE {name} STRATEGY file_copy")
    yield target.with_database(name)
    async with connect(target, application_name="test") as session:
        await session.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
async def project_id(client: httpx.AsyncClient, as_admin: dict[str, str]) -> UUID:
    return await create_project(client, as_admin)


async def make_location(
    client: httpx.AsyncClient,
    headers: dict[str, str],
    runtime: Runtime,
    project_id: UUID,
    at: S3Location,
    name: str,
    **options: Any,
) -> Location:
    wish = {
        "project_id": encode_id("prj", project_id),
        "name": name,
        "endpoint_url": at.endpoint_url,
        "bucket": at.bucket,
        "prefix": at.prefix,
        "region": at.region,
        "addressing": "path",
        "access_key_id": at.access_key_id,
        "secret_access_key": at.secret_access_key.get_secret_value(),
        "allow_insecure": True,
        **options,
    }
    answer = await client.post("/v1/locations", json=wish, headers=headers)
    assert answer.status_code == 201, answer.text
    async with runtime.sessions() as session:
        return await session.get_one(Location, decode_id("loc", answer.json()["id"]))


@pytest.fixture
async def shop(
    runtime: Runtime,
    client: httpx.AsyncClient,
    as_admin: dict[str, str],
    project_id: UUID,
    fresh: Target,
    s3_location: S3Location,
) -> Shop:
    location = await make_location(client, as_admin, runtime, project_id, s3_location, "copies")
    database = await add_database(runtime, project_id, target=fresh)
    return Shop(runtime, client, as_admin, project_id, database, fresh, location)


@asynccontextmanager
async def working(runtime: Runtime, **options: Any) -> AsyncGenerator[JobWorker]:
    """A worker that runs the jobs of backups until the context ends."""
    stop = asyncio.Event()
    worker = JobWorker(
        sessions=runtime.sessions,
        listener=runtime.listener,
        programmes=Programmes(*programmes(runtime)),
        options=WorkerOptions(host_id=runtime.host_id, grace_seconds=0, **options),
    )
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(worker.run(stop))
        try:
            yield worker
        finally:
            stop.set()


@pytest.fixture
async def worker(runtime: Runtime) -> AsyncIterator[JobWorker]:
    async with working(runtime) as worker:
        yield worker


async def waits_for_a_lock(target: Target) -> None:
    async with connect(target, application_name="test") as session:
        for _ in range(3000):
            if await session.fetchval(
                "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')"
            ):
                return
            await asyncio.sleep(0.02)
    raise AssertionError("nobody waits for a lock")
