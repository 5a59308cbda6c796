"""A worker that runs the changes in this process, and an environment at the simulated Railway that only the test uses."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from app.changes import tasks as changes
from app.consumers import tasks as consumers
from app.databases.models import Environment
from app.runtime import Runtime
from app.settings import Settings
from tests.control import make_settings
from tests.databases.records import create_project
from tests.providers.railway_simulated.conftest import platform
from tests.railway_simulator.fixtures import simulator
from tests.railway_simulator.process import Simulator
from tests.railway_world import railway_environment
from tests.workers import MakeWorker, hasty_worker, killed, worker

__all__ = ["killed", "platform", "simulator", "worker"]

Call = Callable[..., Awaitable[httpx.Response]]
Finished = Callable[[httpx.Response], Awaitable[dict[str, Any]]]


@pytest.fixture
def settings(database_url: str, tmp_path: Path, simulator: Simulator) -> Settings:
    return make_settings(
        database_url, tmp_path / "data", railway_endpoint=simulator.endpoint, railway_requests_per_second=1000
    )


@pytest.fixture
async def project_id(client: httpx.AsyncClient, as_admin: dict[str, str]) -> UUID:
    return await create_project(client, as_admin)


@pytest.fixture
async def environment(runtime: Runtime, platform: Simulator, project_id: UUID) -> Environment:
    return await railway_environment(runtime, platform, project_id)


@pytest.fixture
def make_worker(runtime: Runtime) -> MakeWorker:
    return lambda: hasty_worker(runtime, *changes.programmes(runtime), *consumers.programmes(runtime))


@pytest.fixture
def call(client: httpx.AsyncClient, as_admin: dict[str, str]) -> Call:
    """Each with an Idempotency-Key of its own."""
    count = iter(range(1000))

    async def send(method: str, path: str, body: Any = None, *, expect: int = 202) -> httpx.Response:
        headers = as_admin if method == "GET" else as_admin | {"Idempotency-Key": f"key-{next(count)}"}
        answer = await client.request(method, path, json=body, headers=headers)
        assert answer.status_code == expect, answer.text
        return answer

    return send


@pytest.fixture
def finished(client: httpx.AsyncClient, as_admin: dict[str, str]) -> Finished:
    """Waits for the end of the job in an answer, and gives it."""

    async def wait(answer: httpx.Response) -> dict[str, Any]:
        job: dict[str, Any] = answer.json()["job"]
        for _ in range(15):
            if job["done"]:
                return job
            job = (await client.get(f"{job['links']['self']}?wait=10", headers=as_admin)).json()
        message = f"{job['id']} is still {job['state']}: {job['last_error']}"
        raise AssertionError(message)

    return wait
