"""A job that starts others: their failure is its error, its cancel goes down, their end wakes it."""

import asyncio

from app.errors import Unprocessable
from app.jobs.enqueue import enqueue
from app.jobs.machine import Move, done, wait
from app.jobs.states import JobState
from tests.jobs.harness import Jobs, eventually
from tests.jobs.kinds import AnyRun, Other, Plain, Sturdy, flow


async def with_children(run: AnyRun) -> Move:
    if not run.memo.seen:
        run.memo.seen.append("asked")
        async with run.writing() as session:
            for note in run.args.note.split():
                args = Sturdy() if note == "sturdy" else Other(note=note)
                await enqueue(session, args, created_by="test", parent=run.job)
    if not await run.children_ended():
        return wait("its children", seconds=60)
    return done(children=len(await run.children()))


async def child(run: AnyRun) -> Move:
    if run.args.note == "bad":
        raise Unprocessable("the child's reason", table="orders")
    if run.args.note == "slow":
        await asyncio.sleep(60)
    return done()


async def test_the_end_of_the_last_child_wakes_the_parent(jobs: Jobs) -> None:
    async with jobs.worker(flow(Plain, with_children), flow(Other, child), poll_seconds=60):
        job = await jobs.until(await jobs.enqueue(Plain(note="a b c")), JobState.SUCCEEDED, seconds=10)
    assert job.result == {"children": 3}


async def test_a_child_that_ends_while_its_parent_is_about_to_wait_wakes_it(jobs: Jobs) -> None:
    async def parent(run: AnyRun) -> Move:
        if await run.children():
            return done()
        async with run.writing() as session:
            child = (await enqueue(session, Other(), created_by="test", parent=run.job)).job
        await jobs.until(child, JobState.SUCCEEDED)
        return wait("its child, which has just ended", seconds=600)

    async with jobs.worker(flow(Plain, parent), flow(Other), poll_seconds=60):
        await jobs.until(await jobs.enqueue(Plain()), JobState.SUCCEEDED, seconds=10)


async def test_the_failure_of_a_child_is_the_error_of_its_parent_and_stops_the_other_children(jobs: Jobs) -> None:
    async with jobs.worker(flow(Plain, with_children), flow(Other, child), wishes_seconds=30):
        job = await jobs.until(await jobs.enqueue(Plain(note="slow bad")), JobState.FAILED)
        slow, bad = (await jobs.all())[1:]
        await jobs.until(slow, JobState.CANCELLED)
    assert job.error == (await jobs.get(bad)).error
    assert job.error is not None
    assert (job.error["code"], job.error["table"]) == ("VALIDATION_FAILED", "orders")
    assert (await jobs.get(slow)).cancel_requested_by == "job:test.plain"


async def test_a_child_that_fails_without_a_word_is_still_an_error(jobs: Jobs) -> None:
    async with jobs.worker(flow(Plain, with_children), flow(Other, child)):
        parent = await jobs.enqueue(Plain(note="slow"))
        await eventually(lambda: jobs.execute("SELECT count(*) = 2 FROM job"))
        await jobs.until(parent, JobState.WAITING)
        slow = (await jobs.all())[1]
        await jobs.until(slow, JobState.RUNNING)
        await jobs.execute(
            "UPDATE job SET state = 'failed', error = '{}', finished_at = now(), lease_token = NULL, lease_ends = NULL"
            " WHERE id = :id",
            id=slow.id,
        )
        await jobs.execute("UPDATE job SET run_after = now()")
        await jobs.execute("SELECT pg_notify('pgm_wake', '')")
        job = await jobs.until(parent, JobState.FAILED)
    assert job.error == {}


async def test_a_child_that_must_run_through_does_when_its_parent_fails(jobs: Jobs) -> None:
    gate = asyncio.Event()

    async def sturdy(_run: AnyRun) -> Move:
        await gate.wait()
        return done()

    async def slow_to_fail(run: AnyRun) -> Move:
        await eventually(
            lambda: jobs.execute("SELECT count(*) = 1 FROM job WHERE kind = 'test.sturdy' AND claimed_at IS NOT NULL")
        )
        raise Unprocessable("no")

    async with jobs.worker(flow(Plain, with_children), flow(Other, slow_to_fail), flow(Sturdy, sturdy)):
        await jobs.until(await jobs.enqueue(Plain(note="sturdy bad")), JobState.FAILED)
        (tough,) = [job for job in await jobs.all() if job.kind == "test.sturdy"]
        assert (await jobs.get(tough)).state == JobState.RUNNING
        gate.set()
        await jobs.until(tough, JobState.SUCCEEDED)
