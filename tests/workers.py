"""Workers in the process of the test. A folder that takes these fixtures has one of its own: `make_worker`."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from app.jobs.machine import Programmes, Steps
from app.jobs.worker import JobWorker, WorkerOptions
from app.runtime import Runtime
from tests.railway_simulator.process import Pause

MakeWorker = Callable[[], JobWorker]
# From the answer that named the job and the pause where its first worker stops to the job at its end.
Killed = Callable[[Any, Pause], Awaitable[dict[str, Any]]]


def hasty_worker(runtime: Runtime, *programmes: Steps[Any, Any]) -> JobWorker:
    """Hands everything back as soon as it is told to stop."""
    return JobWorker(
        sessions=runtime.sessions,
        listener=runtime.listener,
        programmes=Programmes(*programmes),
        options=WorkerOptions(host_id=runtime.host_id, grace_seconds=0, poll_seconds=0.2),
    )


@pytest.fixture
async def worker(make_worker: MakeWorker) -> AsyncIterator[None]:
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(make_worker().run(stop))
        yield
        stop.set()


@pytest.fixture
def killed(make_worker: MakeWorker, finished: Callable[[Any], Awaitable[dict[str, Any]]]) -> Killed:
    """The job's end, after the worker that reached the pause was stopped there and another one has taken the job."""

    async def kill(answer: Any, pause: Pause) -> dict[str, Any]:
        stop = asyncio.Event()
        first = asyncio.create_task(make_worker().run(stop))
        assert await pause.reached(30)
        stop.set()
        await first
        stop = asyncio.Event()
        async with asyncio.TaskGroup() as tasks:
            # What was held up goes on while the next worker is at it, as a late request does.
            tasks.create_task(make_worker().run(stop))
            await pause.release()
            job = await finished(answer)
            stop.set()
        return job

    return kill
