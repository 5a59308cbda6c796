"""A database on the simulated Railway with a real server behind it, the API over it, and a worker in this process."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlmodel import col, select

from app.backups import tasks as backups
from app.databases.access import target_of
from app.databases.models import Database, Environment
from app.jobs import execution
from app.jobs.machine import Programmes
from app.jobs.worker import JobWorker, WorkerOptions
from app.kit.ids import encode_id
from app.postgres.errors import ServerUnreachable
from app.providers.railway.models import RailwayIntent
from app.runtime import Runtime
from app.settings import Settings, StorageSettings
from app.snapshots import tasks as snapshots
from app.snapshots.steps import writing
from tests.backups.conftest import make_location
from tests.control import make_settings
from tests.databases.records import create_project
from tests.object_store import object_store_server, s3_location
from tests.railway_simulator.fixtures import simulator
from tests.railway_simulator.process import Simulator
from tests.railway_world import railway_database, railway_environment
from tests.sessions import connect

__all__ = ["make_location", "object_store_server", "s3_location", "simulator"]


@pytest.fixture
def settings(database_url: str, tmp_path: Path, simulator: Simulator) -> Settings:
    return make_settings(
        database_url,
        tmp_path / "data",
        railway_endpoint=simulator.endpoint,
        railway_requests_per_second=1000,
        storage=StorageSettings(allow_private_endpoints=True, allow_insecure_endpoints=True),
    )


@pytest.fixture(autouse=True)
def _hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is waited for takes fractions of a second here."""
    monkeypatch.setattr(writing, "PAUSE_SECONDS", 0.1)
    monkeypatch.setattr(writing, "LOST_SECONDS", 3.0)
    monkeypatch.setattr(writing, "SEEN_SECONDS", 10.0)
    monkeypatch.setattr(writing, "UNSEEN_SECONDS", 5.0)
    monkeypatch.setattr(execution, "RETRY_BASE_SECONDS", 0.05)


@pytest.fixture(autouse=True)
async def _as_it_was(simulator: Simulator) -> AsyncIterator[None]:
    """The simulator is one for all tests of a module."""
    before = await simulator.settings()
    yield
    await simulator.no_faults()
    await simulator.settings(**before)


@pytest.fixture
async def project_id(client: httpx.AsyncClient, as_admin: dict[str, str]) -> UUID:
    return await create_project(client, as_admin)


@pytest.fixture
async def environment(runtime: Runtime, simulator: Simulator, project_id: UUID) -> Environment:
    return await railway_environment(runtime, simulator, project_id)


@asynccontextmanager
async def working(runtime: Runtime) -> AsyncGenerator[None]:
    """A worker for the jobs of snapshots and backups until the context ends."""
    stop = asyncio.Event()
    worker = JobWorker(
        sessions=runtime.sessions,
        listener=runtime.listener,
        programmes=Programmes(*snapshots.programmes(runtime), *backups.programmes(runtime)),
        options=WorkerOptions(host_id=runtime.host_id, grace_seconds=0, poll_seconds=0.2, wishes_seconds=0.2),
    )
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(worker.run(stop))
        try:
            yield
        finally:
            stop.set()


@pytest.fixture
async def worker(runtime: Runtime) -> AsyncIterator[None]:
    async with working(runtime):
        yield


@dataclass(frozen=True)
class Album:
    """One database, its snapshots, and both sides of every promise about them."""

    runtime: Runtime
    simulator: Simulator
    client: httpx.AsyncClient
    headers: dict[str, str]
    database: Database

    @property
    def path(self) -> str:
        return f"/v1/databases/{encode_id('db', self.database.id)}"

    @property
    def place(self) -> dict[str, Any]:
        return self.database.provider_data

    async def call(self, method: str, path: str, body: Any = None, *, expect: int) -> dict[str, Any]:
        headers = self.headers | {"Idempotency-Key": uuid4().hex}
        answer = await self.client.request(method, self.path + path, json=body, headers=headers)
        assert answer.status_code == expect, answer.text
        document: dict[str, Any] = answer.json()
        return document

    async def start(self, **wish: Any) -> dict[str, Any]:
        return await self.call("POST", "/snapshots", wish, expect=202)

    async def taken(self, **wish: Any) -> dict[str, Any]:
        """The snapshot of a job that succeeded."""
        job = await self.succeeded(await self.start(**wish))
        snapshot: dict[str, Any] = job["result"]["snapshot"]
        return snapshot

    async def start_restore(self, snapshot: dict[str, Any], **wish: Any) -> dict[str, Any]:
        path = f"/snapshots/{snapshot['id']}:restore?confirm={self.database.name}"
        return await self.call("POST", path, {"safety_backup": False, **wish}, expect=202)

    async def ended(self, accepted: dict[str, Any], *, seconds: int = 90) -> dict[str, Any]:
        job: dict[str, Any] = accepted["job"]
        async with asyncio.timeout(seconds):
            while not job["done"]:
                answer = await self.client.get(f"{job['links']['self']}?wait=5", headers=self.headers)
                job = answer.json()
        return job

    async def succeeded(self, accepted: dict[str, Any]) -> dict[str, Any]:
        job = await self.ended(accepted)
        assert job["state"] == "succeeded", job["error"]
        return job

    async def failed(self, accepted: dict[str, Any]) -> dict[str, Any]:
        job = await self.ended(accepted)
        assert job["state"] == "failed", job
        error: dict[str, Any] = job["error"]
        return error

    async def listed(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await self.call("GET", "/snapshots", expect=200))["data"]
        return found

    async def execute(self, *statements: str) -> Any:
        """The value that the last one gives."""
        value = None
        async with connect(target_of(await self.row(), self.runtime.key_ring), application_name="test") as session:
            for statement in statements:
                value = await session.fetchval(statement)
        return value

    async def answers(self) -> None:
        """Waits until the server takes logins: a deployment is a success before that."""
        async with asyncio.timeout(90):
            while True:
                with suppress(ServerUnreachable):
                    await self.execute("SELECT 1")
                    return
                await asyncio.sleep(0.1)

    async def row(self) -> Database:
        async with self.runtime.sessions() as session:
            return await session.get_one(Database, self.database.id)

    async def intents(self) -> list[RailwayIntent]:
        """Oldest first."""
        async with self.runtime.sessions() as session:
            return list((await session.exec(select(RailwayIntent).order_by(col(RailwayIntent.id)))).all())

    async def volumes(self) -> dict[str, dict[str, Any]]:
        """Those of the environment that are there, by the ids of their volumes, as the platform itself sees them."""
        state = await self.simulator.state()
        return {
            one["volume_id"]: one
            for one in state["volume_instances"]
            if one["environment_id"] == self.place["environment_id"] and not one["pending_deletion"]
        }

    async def backups(self) -> list[dict[str, Any]]:
        """Those of the volume that are there, as the platform itself sees them."""
        state = await self.simulator.state()
        return [
            one
            for one in state["backups"]
            if one["volume_instance_id"] == self.place["volume_instance_id"] and one["deleted_at"] is None
        ]

    async def staged(self) -> dict[str, Any]:
        query = "query($e: String!) { environmentStagedChanges(environmentId: $e) { patch(decryptVariables: true) } }"
        variables = {"e": self.place["environment_id"]}
        answer = await self.simulator.graphql(self.simulator.tokens["account"], query, variables)
        patch: dict[str, Any] = answer["data"]["environmentStagedChanges"]["patch"]
        return patch


@pytest.fixture
async def album(
    runtime: Runtime,
    simulator: Simulator,
    client: httpx.AsyncClient,
    as_admin: dict[str, str],
    environment: Environment,
) -> Album:
    database = await railway_database(runtime, simulator, environment, public=True)
    album = Album(runtime, simulator, client, as_admin, database)
    await album.answers()
    return album
