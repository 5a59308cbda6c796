"""Invariant 5, statement by statement: without the lease nothing is written."""

import asyncio

import pytest

from app.jobs.claim import claim
from app.jobs.errors import LeaseLost
from app.jobs.execution import Execution, Interrupt
from app.jobs.machine import Move, done, go, stay
from app.jobs.models import Job
from app.jobs.run import Run
from app.jobs.states import JobState
from app.jobs.worker import WorkerOptions
from app.kit.clock import utc_now
from app.kit.ids import new_id
from tests.jobs.harness import HOST, Jobs
from tests.jobs.kinds import AnyRun, Notes, Plain, flow


async def claimed(jobs: Jobs, *, max_attempts: int = 3) -> Job:
    await jobs.enqueue(Plain())
    await jobs.execute("UPDATE job SET max_attempts = :most", most=max_attempts)
    return (await claim(jobs.sessions, WorkerOptions(host_id=HOST), [Plain.kind], limit=1)).jobs[0]


async def take_away(jobs: Jobs) -> None:
    await jobs.execute("UPDATE job SET lease_token = :token, holder = 'another'", token=new_id())


async def test_a_session_for_writing_opens_only_under_the_lease(jobs: Jobs) -> None:
    job = await claimed(jobs)
    run: AnyRun = Run(job=job, args=Plain(), memo=Notes(), sessions=jobs.sessions)
    async with run.writing() as session:
        await (await session.connection()).exec_driver_sql("CREATE TABLE kept ()")
    await take_away(jobs)
    with pytest.raises(LeaseLost):
        async with run.writing() as session:
            await (await session.connection()).exec_driver_sql("CREATE TABLE lost ()")
    assert await jobs.execute("SELECT to_regclass('kept') IS NOT NULL AND to_regclass('lost') IS NULL")


async def test_the_lease_cannot_change_hands_while_a_write_is_open(jobs: Jobs) -> None:
    job = await claimed(jobs)
    run: AnyRun = Run(job=job, args=Plain(), memo=Notes(), sessions=jobs.sessions)
    async with run.writing():
        taking = asyncio.create_task(take_away(jobs))
        await asyncio.sleep(0.2)
        assert not taking.done()
    await taking


@pytest.mark.parametrize("how", ["go", "stay", "done", "fail", "warn", "cancel", "nothing heard"])
async def test_no_move_of_a_worker_without_the_lease_is_written(jobs: Jobs, how: str) -> None:
    async def second(_run: AnyRun) -> Move:
        raise AssertionError

    async def first(run: AnyRun) -> Move:
        await take_away(jobs)
        match how:
            case "go":
                return go(second)
            case "stay":
                return stay(0)
            case "fail":
                raise ZeroDivisionError
            case "warn":
                await run.warn("never seen")
            case "cancel":
                execution.interrupt(Interrupt.CANCEL)
                await asyncio.sleep(1)
            case "nothing heard":
                await run.remember()
        return done(answer=42)

    job = await claimed(jobs)
    execution = Execution(job, flow(Plain, first, second), jobs.sessions, utc_now)
    await execution.drive()
    stored = await jobs.get(job)
    assert (stored.state, stored.holder, stored.attempt, stored.step) == (JobState.RUNNING, "another", 1, None)
    assert (stored.ending, stored.result, stored.warnings, stored.event_number) == (None, None, [], 2)


@pytest.mark.parametrize("is_told", [True, False])
async def test_a_compensation_that_loses_the_lease_stops(jobs: Jobs, is_told: bool) -> None:
    async def fails(_run: AnyRun) -> Move:
        raise ZeroDivisionError

    async def undo(run: AnyRun, _outcome: JobState) -> None:
        await take_away(jobs)
        if is_told:
            execution.interrupt(Interrupt.LOST)
            await asyncio.sleep(10)
        await run.remember()

    job = await claimed(jobs, max_attempts=1)
    execution = Execution(job, flow(Plain, fails, compensate=undo), jobs.sessions, utc_now)
    await execution.drive()
    stored = await jobs.get(job)
    assert (stored.state, stored.holder) == (JobState.RUNNING, "another")


async def test_a_step_is_handed_back_with_its_attempt_and_memo(jobs: Jobs) -> None:
    async def endless(run: AnyRun) -> Move:
        run.memo.seen.append("begun")
        execution.interrupt(Interrupt.HAND_BACK)
        await asyncio.sleep(10)
        return done()

    execution = Execution(await claimed(jobs), flow(Plain, endless), jobs.sessions, utc_now)
    await execution.drive()
    (stored,) = await jobs.all()
    assert (stored.state, stored.attempt, stored.memo) == (JobState.QUEUED, 0, {"seen": ["begun"]})


async def test_a_write_that_the_database_refuses_for_good_is_left_to_the_reaper(jobs: Jobs) -> None:
    async def unwritable(run: AnyRun) -> Move:
        run.memo.seen.append("\x00")  # no jsonb column takes it
        return done()

    await Execution(await claimed(jobs), flow(Plain, unwritable), jobs.sessions, utc_now).drive()
    (stored,) = await jobs.all()
    assert (stored.state, stored.memo) == (JobState.RUNNING, None)


async def test_a_compensation_is_handed_back_like_a_step(jobs: Jobs) -> None:
    job = await claimed(jobs, max_attempts=1)

    async def fails(_run: AnyRun) -> Move:
        raise ZeroDivisionError

    async def undo(_run: AnyRun, _outcome: JobState) -> None:
        execution.interrupt(Interrupt.HAND_BACK)
        execution.interrupt(Interrupt.CANCEL)  # what it asks for is under way
        await asyncio.sleep(10)

    execution = Execution(job, flow(Plain, fails, compensate=undo), jobs.sessions, utc_now)
    await execution.drive()
    stored = await jobs.get(job)
    assert (stored.state, stored.attempt, stored.lease_token) == (JobState.QUEUED, 0, None)
    assert stored.ending is not None
    assert stored.ending["state"] == "failed"


async def test_a_job_that_is_cancelled_while_its_worker_leaves_is_cleaned_up(jobs: Jobs) -> None:
    """The wish is written first, the hand-back comes second: it must not lose the wish."""
    undone: list[JobState] = []

    async def endless(_run: AnyRun) -> Move:
        await jobs.execute("UPDATE job SET state = 'cancelling'")
        execution.interrupt(Interrupt.HAND_BACK)
        await asyncio.sleep(10)
        return done()

    async def undo(_run: AnyRun, outcome: JobState) -> None:
        undone.append(outcome)

    job = await claimed(jobs)
    execution = Execution(job, flow(Plain, endless, compensate=undo), jobs.sessions, utc_now)
    await execution.drive()
    stored = await jobs.get(job)
    # This worker is leaving, so the clean-up is the next one's.
    assert (stored.state, stored.attempt, undone) == (JobState.CANCELLING, 0, [])
    async with jobs.worker(flow(Plain, endless, compensate=undo)):
        await jobs.until(job, JobState.CANCELLED)
    assert undone == [JobState.CANCELLED]


async def test_an_interruption_before_the_first_step_is_heeded(jobs: Jobs) -> None:
    async def never(_run: AnyRun) -> Move:
        raise AssertionError

    job = await claimed(jobs)
    execution = Execution(job, flow(Plain, never), jobs.sessions, utc_now)
    execution.interrupt(Interrupt.LOST)
    execution.interrupt(Interrupt.HAND_BACK)  # the weaker reason does not replace the stronger one
    await execution.drive()
    assert (await jobs.get(job)).state == JobState.RUNNING
