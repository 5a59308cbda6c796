"""Leases are given back together, and nobody pays for the others."""

import asyncio
from collections.abc import Sequence
from typing import Any

from sqlalchemy import event, text

from app.jobs.claim import claim
from app.jobs.execution import Execution
from app.jobs.machine import Move, done, wait
from app.jobs.models import Job
from app.jobs.release import Releases
from app.jobs.states import JobState
from app.jobs.worker import WorkerOptions
from app.kit.clock import utc_now
from tests.jobs.harness import HOST, Jobs
from tests.jobs.kinds import AnyRun, Plain, flow

ME = WorkerOptions(host_id=HOST, lease_seconds=30)


async def claimed(jobs: Jobs, count: int) -> Sequence[Job]:
    for number in range(count):
        await jobs.enqueue(Plain(note=str(number)))
    return (await claim(jobs.sessions, ME, [Plain.kind], limit=count)).jobs


async def drive(jobs: Jobs, wanted: Sequence[Job], step: Any) -> list[str]:
    """Runs the jobs side by side with one writer; the statements that gave their leases back."""
    releases = Releases(jobs.sessions)
    statements: list[str] = []
    engine = jobs.sessions.kw["bind"].sync_engine
    event.listen(engine, "before_cursor_execute", lambda *call: statements.append(call[2]))
    executions = [Execution(job, flow(Plain, step), jobs.sessions, utc_now, releases) for job in wanted]
    await asyncio.gather(*(execution.drive() for execution in executions))
    return [statement for statement in statements if "told.token" in statement]


async def test_jobs_that_end_at_once_are_written_in_one_statement(jobs: Jobs) -> None:
    together = asyncio.Barrier(10)

    async def meet(run: AnyRun) -> Move:
        await together.wait()
        return done(note=run.args.note)

    wanted = await claimed(jobs, 10)
    assert len(await drive(jobs, wanted, meet)) == 1
    for job in wanted:
        ended = await jobs.until(job, JobState.SUCCEEDED)
        assert ended.result == {"note": job.args["note"]}


async def test_a_job_that_cannot_be_written_does_not_keep_the_others_from_it(jobs: Jobs) -> None:
    together = asyncio.Barrier(3)

    async def meet(run: AnyRun) -> Move:
        if run.args.note == "1":
            run.memo.seen.append("\x00")  # no jsonb column takes it
        await together.wait()
        return done()

    wanted = await claimed(jobs, 3)
    assert len(await drive(jobs, wanted, meet)) == 4
    states = {job.args["note"]: (await jobs.get(job)).state for job in wanted}
    assert states == {"0": "succeeded", "1": "running", "2": "succeeded"}


async def test_each_of_them_is_fenced_by_its_own_lease(jobs: Jobs) -> None:
    together = asyncio.Barrier(3)

    async def meet(_run: AnyRun) -> Move:
        await together.wait()
        return wait("a child")

    wanted = await claimed(jobs, 3)
    await jobs.execute("UPDATE job SET lease_token = gen_random_uuid() WHERE args ->> 'note' = '1'")
    await jobs.cancel(wanted[2])
    # The cancelled one writes its doom and then its end, by itself.
    assert len(await drive(jobs, wanted, meet)) == 2
    states = [(await jobs.get(job)).state for job in wanted]
    assert states == [JobState.WAITING, JobState.RUNNING, JobState.CANCELLED]


async def test_a_child_is_written_alone_while_its_parent_is_locked(jobs: Jobs) -> None:
    (parent,) = await claimed(jobs, 1)
    child = await jobs.enqueue(Plain(note="child"), parent=parent)
    (taken,) = (await claim(jobs.sessions, ME, [Plain.kind], limit=1)).jobs
    others = await claimed(jobs, 2)
    releases = Releases(jobs.sessions)

    async def end(_run: AnyRun) -> Move:
        return done()

    def executed(job: Job) -> Any:
        return Execution(job, flow(Plain, end), jobs.sessions, utc_now, releases).drive()

    async with jobs.sessions() as session, session.begin():
        connection = await session.connection()
        await connection.execute(text("SELECT FROM job WHERE id = :id FOR UPDATE"), {"id": parent.id})
        blocked = asyncio.create_task(executed(taken))
        await asyncio.wait_for(asyncio.gather(*(executed(job) for job in others)), 60)
        for job in others:
            await jobs.until(job, JobState.SUCCEEDED)
        assert (await jobs.get(child)).state == JobState.RUNNING
    await blocked
    await jobs.until(child, JobState.SUCCEEDED)


async def test_a_writer_that_is_closed_leaves_what_waits(jobs: Jobs) -> None:
    (job,) = await claimed(jobs, 1)
    releases = Releases(jobs.sessions)
    await releases.close()  # nothing was ever written

    async def end(_run: AnyRun) -> Move:
        return done()

    async with jobs.sessions() as session, session.begin():
        connection = await session.connection()
        await connection.exec_driver_sql("SELECT FROM job FOR UPDATE")
        driven = asyncio.create_task(Execution(job, flow(Plain, end), jobs.sessions, utc_now, releases).drive())
        while releases._writer is None:
            await asyncio.sleep(0.01)
        driven.cancel()
        await asyncio.gather(driven, return_exceptions=True)
        await asyncio.wait_for(releases.close(), 60)
    assert (await jobs.get(job)).state == JobState.RUNNING
