"""Removing the traces: after a failure and after a cancel, again when that fails, and not for ever."""

import asyncio

import pytest

from app.errors import Unavailable, Unprocessable
from app.jobs import execution
from app.jobs.machine import Move
from app.jobs.states import JobState
from tests.jobs.harness import Jobs
from tests.jobs.kinds import AnyRun, Endless, Plain, flow


async def test_a_compensation_that_fails_is_tried_again_and_then_says_so_with_the_cause(
    jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(execution, "RETRY_BASE_SECONDS", 0.02)
    tries: list[int] = []

    async def fails(_run: AnyRun) -> Move:
        raise Unprocessable("the first reason")

    async def undo(run: AnyRun, _outcome: JobState) -> None:
        tries.append(run.job.attempt)
        if run.args.note == "never" or run.job.attempt < 3:
            raise Unavailable("the store is away") if run.job.attempt == 1 else ZeroDivisionError

    async with jobs.worker(flow(Plain, fails, compensate=undo)):
        at_last = await jobs.until(await jobs.enqueue(Plain(note="at last")), JobState.FAILED)
        never = await jobs.until(await jobs.enqueue(Plain(note="never")), JobState.FAILED)
    assert tries == [1, 2, 3, 1, 2, 3]
    assert at_last.error is not None
    assert at_last.error["detail"] == "the first reason"
    assert never.error is not None
    assert (never.error["code"], never.error["cause"]["detail"]) == ("CLEANUP_FAILED", "the first reason")


async def test_a_cancelled_job_whose_compensation_fails_stays_cancelling_until_it_gives_up(
    jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(execution, "RETRY_BASE_SECONDS", 0.02)
    states: list[str] = []

    async def undo(run: AnyRun, _outcome: JobState) -> None:
        states.append((await jobs.get(run.id)).state)
        raise ZeroDivisionError

    async with jobs.worker(flow(Plain, Endless().step, compensate=undo)):
        job = await jobs.until(await jobs.enqueue(Plain()), JobState.RUNNING)
        await jobs.cancel(job)
        failed = await jobs.until(job, JobState.FAILED)
    assert states == ["cancelling"] * 3
    assert failed.error is not None
    assert (failed.error["code"], failed.error["cause"]) == ("CLEANUP_FAILED", None)


async def test_a_compensation_that_hangs_is_stopped(jobs: Jobs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(execution, "CLEANUP_SECONDS", 2.0)  # the database's part of it included
    monkeypatch.setattr(execution, "RETRY_BASE_SECONDS", 0.02)
    tries: list[int] = []

    async def fails(_run: AnyRun) -> Move:
        raise Unprocessable("no")

    async def undo(run: AnyRun, _outcome: JobState) -> None:
        tries.append(run.job.attempt)
        monkeypatch.setattr(execution, "CLEANUP_SECONDS", 60)
        await asyncio.sleep(100 if run.job.attempt == 1 else 0)

    async with jobs.worker(flow(Plain, fails, compensate=undo)):
        await jobs.until(await jobs.enqueue(Plain()), JobState.FAILED)
    assert tries == [1, 2]


async def test_what_a_compensation_writes_is_not_held_up_by_the_wish(jobs: Jobs) -> None:
    async def undo(run: AnyRun, _outcome: JobState) -> None:
        run.memo.seen.append("written")
        await run.remember()

    async with jobs.worker(flow(Plain, Endless().step, compensate=undo)):
        job = await jobs.until(await jobs.enqueue(Plain()), JobState.RUNNING)
        await jobs.cancel(job)
        ended = await jobs.until(job, JobState.CANCELLED)
    assert ended.memo == {"seen": ["written"]}
