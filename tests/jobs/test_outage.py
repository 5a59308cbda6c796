"""The control database goes away and comes back under a running worker."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from app.jobs import execution, release
from app.jobs.execution import Execution, Interrupt
from app.jobs.machine import Move, Steps, done, go
from app.jobs.states import JobState
from app.jobs.worker import JobWorker
from tests.control import ControlServer, control_server
from tests.jobs.harness import Jobs, eventually, jobs_in
from tests.jobs.kinds import AnyRun, Other, Plain, flow


@pytest.fixture
async def own_control(server_directory: Path) -> AsyncIterator[ControlServer]:
    """A server that nobody else uses, so that it may be stopped."""
    async with control_server(server_directory / "outage") as server:
        yield server


async def test_a_restart_of_the_control_database_costs_no_job_and_no_worker(own_control: ControlServer) -> None:
    at_work, go_on = asyncio.Event(), asyncio.Event()
    begun: list[str] = []

    async def outside(run: AnyRun) -> Move:
        """Works outside while the database is away, and is ready before it is back."""
        begun.append("outside")
        at_work.set()
        await go_on.wait()
        return go(inside)

    async def inside(run: AnyRun) -> Move:
        begun.append("inside")
        async with run.writing():
            return done(attempt=run.job.attempt)

    async with (
        own_control.database() as url,
        jobs_in(url) as jobs,
        jobs.worker(flow(Plain, outside, inside), flow(Other), lease_seconds=30, poll_seconds=60, grace_seconds=5),
    ):
        job = await jobs.enqueue(Plain())
        await at_work.wait()
        await own_control.cluster.stop()
        go_on.set()
        await asyncio.sleep(1.5)  # the worker finds out in each of its loops
        await own_control.cluster.start()
        ended = await jobs.until(job, JobState.SUCCEEDED, seconds=20)
        assert begun == ["outside", "inside"]
        assert ended.result == {"attempt": 1}
        assert ended.claimed_at is not None
        # The listener is back too: a new job starts at once, an hour before the next poll.
        await eventually(
            lambda: jobs.execute("SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE '%listener'")
        )
        began = time.monotonic()
        await jobs.until(await jobs.enqueue(Other()), JobState.SUCCEEDED)
        assert time.monotonic() - began < 30


async def held_by_a_silent_worker(jobs: Jobs, steps: Steps[Any, Any]) -> tuple[JobWorker, Execution]:
    worker = jobs.make_worker(steps, lease_seconds=0.6, renew_seconds=0.1)
    await worker._claim()
    (execution_,) = worker._held.values()
    return worker, execution_


async def test_a_worker_that_cannot_renew_stops_its_jobs_before_their_leases_end(jobs: Jobs) -> None:
    stopped = asyncio.Event()

    async def endless(_run: AnyRun) -> Move:
        try:
            await asyncio.sleep(60)
        finally:
            stopped.set()
        return done()

    await jobs.enqueue(Plain())
    worker, _ = await held_by_a_silent_worker(jobs, flow(Plain, endless))
    await asyncio.sleep(0.1)
    worker._renewed = time.monotonic()
    tries = 0
    lock = jobs.sessions()
    async with lock as session, session.begin():
        await (await session.connection()).exec_driver_sql("LOCK TABLE job")
        while not stopped.is_set():
            tries += 1
            with pytest.raises(TimeoutError):
                await worker._renew()
        assert tries <= 7  # of a tenth of a second at least: as many as the lease has, and the one in which it stops
    await asyncio.gather(*worker._tasks)
    assert worker._held == {}
    assert (await jobs.all())[0].state == JobState.RUNNING  # nothing was written: the reaper decides


async def test_a_write_is_tried_again_until_the_lease_must_be_believed_lost(
    jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(execution, "WRITE_AGAIN_SECONDS", 0.01)
    tries = 0

    async def away(*_arguments: object) -> None:
        nonlocal tries
        tries += 1
        raise ConnectionRefusedError

    await jobs.enqueue(Plain())
    worker = jobs.make_worker(flow(Plain))
    monkeypatch.setattr(release, "run_alone", away)
    await worker._claim()
    await eventually(lambda: tries > 3)
    (held,) = worker._held.values()
    held.interrupt(Interrupt.LOST)
    await asyncio.gather(*worker._tasks)
    assert (await jobs.all())[0].state == JobState.RUNNING


async def test_a_loop_of_the_worker_outlives_every_error(jobs: Jobs) -> None:
    worker = jobs.make_worker(flow(Plain))
    calls = 0
    enough = asyncio.Event()

    async def action() -> None:
        nonlocal calls
        calls += 1
        if calls == 1:
            raise ZeroDivisionError
        if calls == 2:
            raise ConnectionResetError
        enough.set()

    task = asyncio.create_task(worker._every(0.01, action))
    await asyncio.wait_for(enough.wait(), 60)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_a_claim_that_fails_is_tried_again_soon(jobs: Jobs) -> None:
    worker = jobs.make_worker(flow(Plain))
    await jobs.execute("ALTER TABLE job RENAME TO away")
    assert await worker._claim() == 1
    await jobs.execute("ALTER TABLE away RENAME TO job")
    assert await worker._claim() > 1


async def test_a_worker_that_is_cancelled_leaves_its_jobs_to_the_others(jobs: Jobs) -> None:
    stopped = asyncio.Event()

    async def endless(_run: AnyRun) -> Move:
        try:
            await asyncio.sleep(60)
        finally:
            stopped.set()
        return done()

    task = asyncio.create_task(jobs.make_worker(flow(Plain, endless)).run(asyncio.Event()))
    job = await jobs.until(await jobs.enqueue(Plain()), JobState.RUNNING)
    await asyncio.sleep(0.1)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert stopped.is_set()
    async with jobs.worker(flow(Plain)):
        await jobs.until(job, JobState.SUCCEEDED)


@pytest.mark.parametrize("turns", range(8))
async def test_a_wish_that_comes_with_the_end_does_not_keep_the_worker(jobs: Jobs, turns: int) -> None:
    """However many turns of the loop lie between the notification and the cancellation."""
    worker = jobs.make_worker(flow(Plain))
    running = asyncio.create_task(worker.run(asyncio.Event()))
    await eventually(lambda: jobs.execute("SELECT count(*) FROM worker"))
    await asyncio.sleep(0.05)
    worker._wish.set()
    for _ in range(turns):
        await asyncio.sleep(0)
    running.cancel()
    _, late = await asyncio.wait([running], timeout=60)
    assert not late
