"""Workers that are stopped in the middle of a request to Railway: another one finds what came of it, and goes on."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import pytest

from app.jobs.machine import Programmes
from app.jobs.worker import JobWorker, WorkerOptions
from app.postgres.connection_string import parse_connection_string
from app.provisioning.tasks import programmes
from app.runtime import Runtime
from tests.providers.railway_simulated.making import there
from tests.provisioning.conftest import Finished
from tests.provisioning.railway import There, impatient, platform, railway, settings
from tests.railway_simulator.process import Simulator
from tests.railway_world import open_proxies
from tests.sessions import connect

__all__ = ["impatient", "platform", "railway", "settings"]

pytestmark = pytest.mark.usefixtures("impatient")

PUBLIC = ("environmentPatchCommit", "after"), ("tcpProxies", "before"), ("variablesForServiceDeployment", "after")


@asynccontextmanager
async def working(runtime: Runtime) -> AsyncIterator[None]:
    """A worker that is given no time at its end: what it is at is cut off where it is."""
    stop = asyncio.Event()
    worker = JobWorker(
        sessions=runtime.sessions,
        listener=runtime.listener,
        programmes=Programmes(*programmes(runtime)),
        options=WorkerOptions(host_id=runtime.host_id, grace_seconds=0),
    )
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(worker.run(stop))
        yield
        stop.set()


@pytest.mark.parametrize(("operation", "when"), PUBLIC)
async def test_a_creation_that_is_cut_off_while_it_is_published_ends_with_one_service_and_one_address(
    railway: There, platform: Simulator, runtime: Runtime, finished: Finished, operation: str, when: str
) -> None:
    pause = await platform.pause(operation, when)
    async with working(runtime):
        accepted = (await railway.post(public_access=True)).json()
        assert await pause.reached()
    await pause.release()
    async with working(runtime):
        job = await finished(accepted)
    assert job["state"] == "succeeded", job["error"]
    found = await there(platform, railway.environment_id)
    (service_id,) = found.services
    assert len(found.mounted) == len(found.volumes) == 1
    assert len(await open_proxies(platform, service_id)) == 1
    assert (await railway.get(f"/v1/databases/{accepted['database']['id']}"))["reach"] == "public"


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_restart_that_is_cut_off_ends_with_a_server_that_was_restarted(
    railway: There, platform: Simulator, runtime: Runtime, finished: Finished, when: str
) -> None:
    async with working(runtime):
        accepted = (await railway.post(public_access=True)).json()
        assert (await finished(accepted))["state"] == "succeeded"
    path = f"/v1/databases/{accepted['database']['id']}"
    before, asked = await _started(railway, path), await _restarts(platform)
    pause = await platform.pause("deploymentRestart", when)
    async with working(runtime):
        restart = (await railway.post(f"{path}:restart")).json()
        assert await pause.reached()
    await pause.release()
    async with working(runtime):
        job = await finished(restart)
    assert job["state"] == "succeeded", job["error"]
    assert await _started(railway, path) > before
    if when == "after":
        assert await _restarts(platform) == asked + 1, "it was restarted already, and is restarted once more"


async def _started(railway: There, path: str) -> datetime:
    variables = (await railway.get(f"{path}/variables?reveal=true"))["variables"]
    async with connect(parse_connection_string(variables["DATABASE_URL"]), application_name="test") as session:
        started: datetime = await session.fetchval("SELECT pg_postmaster_start_time()")
    return started


async def _restarts(platform: Simulator) -> int:
    requests: dict[str, Any] = (await platform.state())["requests"]
    return sum(counts.get("deploymentRestart", 0) for counts in requests.values())
