"""Invariant 3, and who gets which job: the attempt is counted by the claim, in the order of priority, then age."""

import asyncio
from datetime import timedelta
from typing import Any

from sqlalchemy import event

from app.jobs.claim import claim
from app.jobs.machine import Move, done, stay
from app.jobs.states import JobState
from app.jobs.worker import WorkerOptions
from app.kit.clock import utc_now
from app.kit.ids import new_id
from tests.jobs.harness import HOST, Jobs, eventually
from tests.jobs.kinds import AnyRun, Other, Plain, Urgent, flow

ME = WorkerOptions(host_id=HOST, name="me", lease_seconds=30)


async def test_the_claim_counts_the_attempt_and_pushes_the_next_run_in_one_statement(jobs: Jobs) -> None:
    await jobs.enqueue(Plain())
    writes: list[str] = []
    engine = jobs.sessions.kw["bind"].sync_engine
    event.listen(engine, "before_cursor_execute", lambda *call: writes.append(call[2]))
    (job,) = (await claim(jobs.sessions, ME, ["test.plain"], limit=5)).jobs
    assert sum("UPDATE job" in statement for statement in writes) == 1
    stored = await jobs.get(job)
    assert (stored.state, stored.attempt, stored.holder) == ("running", 1, "me")
    assert stored.run_after > stored.claimed_at  # type: ignore[operator]  # claimed just now
    assert stored.lease_token == job.lease_token
    now = await jobs.execute("SELECT now()")
    assert stored.lease_ends is not None
    assert timedelta(seconds=25) < stored.lease_ends - now <= timedelta(seconds=30)


async def test_the_lease_goes_by_the_clock_of_the_database(jobs: Jobs) -> None:
    """Invariant 9: a worker whose clock is wrong by a day holds its lease as long as any other."""

    async def slow(_run: AnyRun) -> Move:
        await asyncio.sleep(1)
        return done()

    def tomorrow() -> Any:
        return utc_now() + timedelta(hours=12)

    async with jobs.worker(flow(Plain, slow), clock=tomorrow), jobs.worker(flow(Other), reap_seconds=0.05):
        job = await jobs.enqueue(Plain())
        running = await jobs.until(job, JobState.RUNNING)
        assert running.lease_ends is not None
        assert running.lease_ends - utc_now() < timedelta(hours=1)
        assert (await jobs.until(job, JobState.SUCCEEDED)).attempt == 1


async def test_no_job_is_taken_twice_by_claims_that_race(jobs: Jobs) -> None:
    wanted = [await jobs.enqueue(Plain()) for _ in range(40)]
    claims = await asyncio.gather(*(claim(jobs.sessions, ME, ["test.plain"], limit=7) for _ in range(8)))
    taken = [job.id for claimed in claims for job in claimed.jobs]
    assert len(taken) == len(set(taken))
    assert set(taken) <= {job.id for job in wanted}


async def test_smaller_priorities_go_first_and_older_ones_among_equals(jobs: Jobs) -> None:
    order: list[str] = []

    async def note(run: AnyRun) -> Move:
        order.append(run.args.note)
        return done()

    for args in (Plain(note="old"), Plain(note="young"), Urgent(note="urgent")):
        await jobs.enqueue(args)
    async with jobs.worker(flow(Plain, note), flow(Urgent, note), concurrency=1):
        await eventually(lambda: len(order) == 3)
    assert order == ["urgent", "old", "young"]


async def test_a_worker_takes_only_kinds_that_it_knows(jobs: Jobs) -> None:
    foreign = await jobs.enqueue(Other())
    known = await jobs.enqueue(Plain())
    async with jobs.worker(flow(Plain)):
        await jobs.until(known, JobState.SUCCEEDED)
        assert (await jobs.get(foreign)).state == JobState.QUEUED


async def test_hosts_and_labels_bind_a_job_to_the_workers_that_reach_it(jobs: Jobs) -> None:
    for host_id, label in ((None, None), (HOST, None), (new_id(), None), (None, "office"), (None, "cloud")):
        await jobs.enqueue(Plain(), host_id=host_id, worker_label=label)
    office = WorkerOptions(host_id=HOST, label="office")
    taken = [(job.host_id, job.worker_label) for job in (await claim(jobs.sessions, ME, ["test.plain"], limit=9)).jobs]
    assert taken == [(None, None), (HOST, None)]
    taken = [
        (job.host_id, job.worker_label) for job in (await claim(jobs.sessions, office, ["test.plain"], limit=9)).jobs
    ]
    assert taken == [(None, "office")]


async def test_a_worker_runs_no_more_at_once_than_it_may(jobs: Jobs) -> None:
    running = most = 0

    async def count(_run: AnyRun) -> Move:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.02)
        running -= 1
        return done()

    wanted = [await jobs.enqueue(Plain()) for _ in range(12)]
    async with jobs.worker(flow(Plain, count), concurrency=3):
        for job in wanted:
            await jobs.until(job, JobState.SUCCEEDED)
    assert most == 3


async def test_a_full_worker_leaves_the_rest_to_others(jobs: Jobs) -> None:
    gate = asyncio.Event()

    async def held(_run: AnyRun) -> Move:
        await gate.wait()
        return done()

    blocked = await jobs.enqueue(Plain())
    async with jobs.worker(flow(Plain, held), concurrency=1, name="full"):
        await jobs.until(blocked, JobState.RUNNING)
        rest = [await jobs.enqueue(Plain()) for _ in range(3)]
        async with jobs.worker(flow(Plain), concurrency=1, name="free"):
            for job in rest:
                await jobs.until(job, JobState.SUCCEEDED)
        gate.set()
        await jobs.until(blocked, JobState.SUCCEEDED)


async def test_a_step_that_stays_a_moment_comes_back_without_waiting_for_the_poll(jobs: Jobs) -> None:
    async def three_times(run: AnyRun) -> Move:
        run.memo.seen.append("x")
        return stay(0.05) if len(run.memo.seen) < 3 else done()

    async with jobs.worker(flow(Plain, three_times), poll_seconds=60):
        await jobs.until(await jobs.enqueue(Plain()), JobState.SUCCEEDED, seconds=5)


async def test_a_heartbeat_says_that_a_worker_is_there_and_goes_with_it(jobs: Jobs) -> None:
    await jobs.execute(
        "INSERT INTO worker VALUES ('gone', :host, '{}', 1, '0', now(), now() - interval '2 days')", host=HOST
    )
    async with jobs.worker(flow(Plain), name="here", label="office"):
        await eventually(lambda: jobs.execute("SELECT labels FROM worker WHERE id = 'here'"))
        await eventually(lambda: jobs.execute("SELECT NOT EXISTS (SELECT FROM worker WHERE id = 'gone')"))
    assert await jobs.execute("SELECT count(*) FROM worker") == 0
