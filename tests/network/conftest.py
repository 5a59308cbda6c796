"""A worker that runs the changes in this process, and an environment at the simulated Railway that only the test uses."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from app.changes import tasks as changes
from app.jobs.machine import Programmes
from app.jobs.worker import JobWorker, WorkerOptions
from app.network import tasks as network
from app.runtime import Runtime
from tests.changes.conftest import call, environment, finished, platform, project_id, settings, simulator

__all__ = ["call", "environment", "finished", "platform", "project_id", "settings", "simulator"]


@pytest.fixture
async def worker(runtime: Runtime) -> AsyncIterator[None]:
    stop = asyncio.Event()
    worker = JobWorker(
        sessions=runtime.sessions,
        listener=runtime.listener,
        programmes=Programmes(*changes.programmes(runtime), *network.programmes(runtime)),
        options=WorkerOptions(host_id=runtime.host_id, grace_seconds=0, poll_seconds=0.2),
    )
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(worker.run(stop))
        yield
        stop.set()
