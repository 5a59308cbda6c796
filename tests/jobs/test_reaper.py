"""Invariant 4: what becomes of jobs whose worker died, by how often it happened and what was under way."""

from datetime import timedelta
from typing import Any

import pytest

from app.jobs.claim import claim
from app.jobs.models import Job
from app.jobs.reaper import reap
from app.jobs.states import JobState
from app.jobs.worker import WorkerOptions
from tests.jobs.harness import HOST, Jobs
from tests.jobs.kinds import AnyRun, Plain, flow


async def dead(jobs: Jobs, **changes: Any) -> Job:
    """A job whose lease ended without being given back."""
    await jobs.enqueue(Plain())
    (job,) = (await claim(jobs.sessions, WorkerOptions(host_id=HOST), [Plain.kind], limit=1)).jobs
    values = {"attempt": 1, "state": "running", "ending": None, **changes}
    await jobs.execute(
        "UPDATE job SET lease_ends = now() - interval '1 second', attempt = :attempt, state = :state,"
        " ending = CAST(:ending AS jsonb)",
        **values,
    )
    assert await reap(jobs.sessions) == 1
    assert await reap(jobs.sessions) == 0
    return await jobs.get(job)


async def test_a_lease_that_has_not_ended_is_left_alone(jobs: Jobs) -> None:
    await jobs.enqueue(Plain())
    await claim(jobs.sessions, WorkerOptions(host_id=HOST), [Plain.kind], limit=1)
    assert await reap(jobs.sessions) == 0


@pytest.mark.parametrize(("attempt", "delay_seconds"), [(1, 0), (2, 4)])
async def test_with_attempts_left_the_job_is_queued_again_later_each_time(
    jobs: Jobs, attempt: int, delay_seconds: float
) -> None:
    job = await dead(jobs, attempt=attempt)
    assert (job.state, job.attempt, job.lease_token, job.holder) == (JobState.QUEUED, attempt, None, None)
    now = await jobs.execute("SELECT now()")
    assert abs(job.run_after - now - timedelta(seconds=delay_seconds)) < timedelta(seconds=2)
    assert job.last_error is not None
    assert job.last_error["code"] == "WORKER_LOST"


async def test_the_last_death_dooms_the_job_but_leaves_the_cleaning_up_to_a_living_worker(jobs: Jobs) -> None:
    undone: list[JobState] = []

    async def undo(_run: AnyRun, outcome: JobState) -> None:
        undone.append(outcome)

    job = await dead(jobs, attempt=3)
    assert (job.state, job.attempt, job.finished_at) == (JobState.QUEUED, 0, None)
    assert job.ending is not None
    assert (job.ending["state"], job.ending["error"]["code"]) == ("failed", "WORKER_LOST")
    async with jobs.worker(flow(Plain, compensate=undo)):
        await jobs.until(job, JobState.FAILED)
    assert undone == [JobState.FAILED]


async def test_a_wish_to_cancel_is_kept_over_the_death_of_the_worker(jobs: Jobs) -> None:
    job = await dead(jobs, state="cancelling", attempt=3)
    assert (job.state, job.attempt, job.ending) == (JobState.CANCELLING, 0, {"state": "cancelled", "error": None})
    async with jobs.worker(flow(Plain)):
        await jobs.until(job, JobState.CANCELLED)


ENDING = '{"state": "failed", "error": {"code": "FIRST"}}'


async def test_a_death_while_cleaning_up_is_tried_again(jobs: Jobs) -> None:
    job = await dead(jobs, attempt=2, ending=ENDING)
    assert (job.state, job.attempt) == (JobState.QUEUED, 2)
    async with jobs.worker(flow(Plain)):
        await jobs.execute("UPDATE job SET run_after = now()")
        await jobs.execute("SELECT pg_notify('pgm_wake', '')")
        failed = await jobs.until(job, JobState.FAILED)
    assert failed.error == {"code": "FIRST"}


async def test_deaths_while_cleaning_up_end_the_job_with_the_cause(jobs: Jobs) -> None:
    job = await dead(jobs, attempt=3, ending=ENDING)
    assert (job.state, job.ending) == (JobState.FAILED, None)
    assert job.error is not None
    assert (job.error["code"], job.error["cause"]) == ("CLEANUP_FAILED", {"code": "FIRST"})
    await jobs.check_history(job)
