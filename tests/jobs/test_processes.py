"""Invariants 3, 4 and 5 with real processes: killed, frozen, blocked, asked to stop."""

import asyncio
import os
import signal
from collections.abc import Callable, Iterator
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import pytest

from app.jobs.models import Job
from app.jobs.states import JobState
from tests.jobs import worker_process
from tests.jobs.harness import Jobs, eventually
from tests.jobs.kinds import Plain, flow
from tests.jobs.worker_process import CLEANUP_POINTS, POINTS, Deadly, Poison, Slow

Start = Callable[..., BaseProcess]


@pytest.fixture
def start(jobs: Jobs) -> Iterator[Start]:
    started: list[BaseProcess] = []

    def start_one(**options: Any) -> BaseProcess:
        started.append(worker_process.start(jobs.url, **options))
        return started[-1]

    yield start_one
    for process in started:
        if process.is_alive():
            process.kill()
        process.join(10)
        assert process.exitcode is not None


@pytest.fixture(autouse=True)
async def _notes(jobs: Jobs) -> None:
    await jobs.execute("CREATE TABLE note (id serial, job_id uuid, note text, pid int)")


async def notes(jobs: Jobs, job: Job) -> list[str]:
    found = await jobs.execute("SELECT array_agg(note ORDER BY id) FROM note WHERE job_id = :id", id=job.id)
    return list(found or [])


async def died(process: BaseProcess) -> None:
    await eventually(lambda: not process.is_alive(), seconds=20)
    assert process.exitcode == -signal.SIGKILL


async def test_a_kind_that_kills_its_workers_ends_failed_and_is_cleaned_up_by_a_living_one(
    jobs: Jobs, start: Start, tmp_path: Path
) -> None:
    job = await jobs.enqueue(Poison(folder=str(tmp_path), point="second begins", always=True))
    pids: list[int | None] = []
    for _ in range(Poison.attempts):
        process = start(name=f"victim {len(pids)}")
        pids.append(process.pid)
        await died(process)
        assert (await jobs.get(job)).state == JobState.RUNNING  # nobody is left to say otherwise
    survivor = start(name="survivor")
    failed = await jobs.until(job, JobState.FAILED)
    assert failed.error is not None
    assert (failed.error["code"], failed.error["retryable"]) == ("WORKER_LOST", True)
    assert "2 times" in failed.error["detail"]
    assert await notes(jobs, job) == ["first", "cleaned up failed"]
    assert await jobs.execute("SELECT pid FROM note WHERE note LIKE 'cleaned%'") == survivor.pid
    assert survivor.is_alive()
    reasons = [event.detail.get("reason") for event in await jobs.events(job)]
    assert reasons.count("worker lost") == 2


async def test_a_clean_up_that_kills_its_workers_ends_too_and_names_the_cause(
    jobs: Jobs, start: Start, tmp_path: Path
) -> None:
    job = await jobs.enqueue(Poison(folder=str(tmp_path), point="cleanup begins", always=True, fails=True))
    await jobs.execute("UPDATE job SET max_attempts = 1")
    await died(start())
    async with jobs.worker(flow(Plain)):  # reaps; it does not know the kind
        failed = await jobs.until(job, JobState.FAILED)
    assert failed.error is not None
    assert failed.error["code"] == "CLEANUP_FAILED"
    assert "ValueError in step third" in failed.error["cause"]["detail"]


async def test_a_worker_may_die_at_every_boundary_of_every_step(jobs: Jobs, start: Start, tmp_path: Path) -> None:
    wanted: dict[str, Job] = {}
    for point in (*POINTS, *CLEANUP_POINTS):
        folder = tmp_path / point
        folder.mkdir()
        args = Deadly(folder=str(folder), point=point, fails=point in CLEANUP_POINTS)
        wanted[point] = await jobs.enqueue(args)
        if args.fails:
            # Only its clean-up is of interest, and an unexpected error would be tried again first.
            await jobs.execute("UPDATE job SET max_attempts = 2, attempt = 1 WHERE id = :id", id=wanted[point].id)
            await jobs.execute("UPDATE job SET step = 'third' WHERE id = :id", id=wanted[point].id)
    workers = [start(concurrency=1, lease_seconds=4.0) for _ in range(3)]
    for _ in range(6000):
        workers = [worker if worker.is_alive() else start(concurrency=1, lease_seconds=4.0) for worker in workers]
        if not await jobs.execute("SELECT count(*) FROM job WHERE finished_at IS NULL"):
            break
        await asyncio.sleep(0.02)
    for point, job in wanted.items():
        assert (tmp_path / point / "died").exists(), point
        if point in CLEANUP_POINTS:
            failed = await jobs.until(job, JobState.FAILED)
            assert failed.error is not None
            assert failed.error["code"] == "INTERNAL"
            assert set(await notes(jobs, job)) == {"third", "cleaned up failed"}
            continue
        succeeded = await jobs.until(job, JobState.SUCCEEDED)
        # At the end of a step its writes were committed and its memo was not: it runs again, nothing before it does.
        step = point.split()[0]
        again = [step] if point.endswith("ends") else []
        assert sorted(await notes(jobs, job)) == sorted(["first", "second", "third", *again]), point
        assert succeeded.result is not None
        assert sorted(set(succeeded.result["seen"])) == ["first", "second", "third"]


async def test_a_frozen_worker_writes_nothing_after_another_took_over(jobs: Jobs, start: Start, tmp_path: Path) -> None:
    job = await jobs.enqueue(Slow(folder=str(tmp_path)))
    frozen = start(name="frozen")
    assert frozen.pid is not None
    await eventually((tmp_path / f"started-{frozen.pid}").exists)
    os.kill(frozen.pid, signal.SIGSTOP)
    successor = start(name="successor")
    await eventually((tmp_path / f"started-{successor.pid}").exists)
    (tmp_path / "thaw").touch()
    os.kill(frozen.pid, signal.SIGCONT)
    # It is well enough to work on, only not on this.
    process_marks = await jobs.enqueue(Deadly(folder=str(tmp_path), point="never"))
    await jobs.until(process_marks, JobState.SUCCEEDED)
    await asyncio.sleep(1)
    held = await jobs.get(job)
    assert (held.state, held.holder) == ("running", "successor")
    (tmp_path / "finish").touch()
    ended = await jobs.until(job, JobState.SUCCEEDED)
    assert ended.result == {"by": "successor", "seen": ["begun"]}
    assert await notes(jobs, job) == ["finished"]
    assert frozen.is_alive()


async def test_a_worker_whose_event_loop_was_blocked_writes_nothing_after_another_took_over(
    jobs: Jobs, start: Start, tmp_path: Path
) -> None:
    job = await jobs.enqueue(Slow(folder=str(tmp_path), block_seconds=5))
    blocked = start(name="blocked")
    await eventually((tmp_path / f"started-{blocked.pid}").exists)
    successor = start(name="successor")
    await eventually((tmp_path / f"started-{successor.pid}").exists)
    await eventually((tmp_path / "tried").exists)
    (tmp_path / "finish").touch()
    ended = await jobs.until(job, JobState.SUCCEEDED)
    assert ended.result == {"by": "successor", "seen": ["begun"]}
    assert await notes(jobs, job) == ["finished"]
    assert blocked.is_alive()


async def test_a_worker_that_takes_its_own_job_again_after_a_pause_keeps_the_new_lease(
    jobs: Jobs, start: Start, tmp_path: Path
) -> None:
    """The only worker: after its pause its own reaper may be the first to find its lease expired."""
    job = await jobs.enqueue(Slow(folder=str(tmp_path), block_seconds=4))
    only = start(name="only")
    await eventually((tmp_path / f"started-{only.pid}").exists)
    (tmp_path / "finish").touch()
    ended = await jobs.until(job, JobState.SUCCEEDED)
    # Whichever of its two loops came first; also both, when the lease ends between the last note and the end. Never the
    # zombie's last.
    noted = await notes(jobs, job)
    assert noted in (["zombie"], ["finished"], ["zombie", "finished"])
    assert ended.result is not None
    assert ended.result["by"] == {"zombie": "zombie", "finished": "successor"}[noted[-1]]


async def test_sigterm_hands_the_job_back_and_another_worker_goes_on_where_it_was(
    jobs: Jobs, start: Start, tmp_path: Path
) -> None:
    job = await jobs.enqueue(Slow(folder=str(tmp_path)))
    asked = start(grace_seconds=0.3)
    await eventually((tmp_path / f"started-{asked.pid}").exists)
    assert (await jobs.get(job)).attempt == 1
    asked.terminate()
    await eventually(lambda: not asked.is_alive())
    assert asked.exitcode == 0
    parked = await jobs.get(job)
    assert (parked.state, parked.attempt, parked.step, parked.memo) == ("queued", 0, "finish", {"seen": ["begun"]})
    assert parked.lease_token is None
    (tmp_path / "finish").touch()
    start()
    ended = await jobs.until(job, JobState.SUCCEEDED)
    assert ended.result == {"by": "successor", "seen": ["begun"]}
    assert "handed back" in [event.detail.get("reason") for event in await jobs.events(job)]


async def test_sigterm_lets_a_job_end_within_the_grace(jobs: Jobs, start: Start, tmp_path: Path) -> None:
    job = await jobs.enqueue(Slow(folder=str(tmp_path)))
    asked = start(grace_seconds=20)
    await eventually((tmp_path / f"started-{asked.pid}").exists)
    asked.terminate()
    later = await jobs.enqueue(Slow(folder=str(tmp_path)))
    await asyncio.sleep(0.3)
    (tmp_path / "thaw").touch()
    await eventually(lambda: not asked.is_alive())
    assert asked.exitcode == 0
    assert (await jobs.until(job, JobState.SUCCEEDED)).result == {"by": "zombie"}
    assert (await jobs.get(later)).state == JobState.QUEUED
