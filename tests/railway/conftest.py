"""The simulated Railway, a project of ours, and a worker that runs the jobs about both."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from app.databases import tasks as databases
from app.jobs.machine import Programmes
from app.jobs.worker import JobWorker, WorkerOptions
from app.kit.ids import encode_id
from app.railway import tasks as railway
from app.runtime import Runtime
from app.settings import Settings
from tests.control import make_settings
from tests.databases.records import create_project
from tests.providers.railway_simulated.conftest import platform
from tests.railway_simulator.fixtures import simulator
from tests.railway_simulator.process import Simulator

__all__ = ["platform", "simulator"]

Finished = Callable[[dict[str, Any]], Awaitable[dict[str, Any]]]
Connected = Callable[..., Awaitable[dict[str, Any]]]


@pytest.fixture
def settings(database_url: str, tmp_path: Path, simulator: Simulator) -> Settings:
    return make_settings(
        database_url, tmp_path / "data", railway_endpoint=simulator.endpoint, railway_requests_per_second=1000
    )


@pytest.fixture
async def project_id(client: httpx.AsyncClient, as_admin: dict[str, str]) -> UUID:
    return await create_project(client, as_admin)


@pytest.fixture
def connected(client: httpx.AsyncClient, as_admin: dict[str, str], platform: Simulator, project_id: UUID) -> Connected:
    """Registers a token, the workspace's first unless another is given."""

    async def connect(**changes: Any) -> dict[str, Any]:
        wish = {"project_id": encode_id("prj", project_id), "name": "railway", "token": platform.tokens["workspace"]}
        answer = await client.post("/v1/railway-connections", json=wish | changes, headers=as_admin)
        assert answer.status_code == 201, answer.text
        document: dict[str, Any] = answer.json()
        return document

    return connect


@asynccontextmanager
async def working(runtime: Runtime) -> AsyncIterator[None]:
    stop = asyncio.Event()
    worker = JobWorker(
        sessions=runtime.sessions,
        listener=runtime.listener,
        programmes=Programmes(*railway.programmes(runtime), *databases.programmes(runtime)),
        options=WorkerOptions(host_id=runtime.host_id, grace_seconds=0),
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


@pytest.fixture
def finished(client: httpx.AsyncClient, as_admin: dict[str, str]) -> Finished:
    """Waits for the end of the job, and gives it."""

    async def wait(job: dict[str, Any]) -> dict[str, Any]:
        for _ in range(15):
            if job["done"]:
                return job
            job = (await client.get(f"{job['links']['self']}?wait=10", headers=as_admin)).json()
        message = f"{job['id']} is still {job['state']}"
        raise AssertionError(message)

    return wait
