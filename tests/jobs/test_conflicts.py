"""Conflict classes (invariant 6): what excludes what, who holds a database and for how long."""

import asyncio
import random
from itertools import product
from uuid import UUID

import pytest

from app.errors import Conflict
from app.jobs.claim import claim
from app.jobs.conflicts import ConflictClass, Scope, excluded_by
from app.jobs.enqueue import OnConflict, Target, enqueue
from app.jobs.errors import JobConflict
from app.jobs.machine import Move, done, go, stay, wait
from app.jobs.models import Job
from app.jobs.states import JobState
from app.jobs.worker import WorkerOptions
from app.kit.ids import encode_id, new_id
from tests.jobs.harness import HOST, Jobs, eventually
from tests.jobs.kinds import OF_CLASS, AnyRun, Backup, Lifecycle, Observe, Plain, Restart, Restore, flow, succeed

LIFECYCLE, RESTART, BACKUP, RESTORE, CHANGE, SNAPSHOT, LOGINS, POOLER, OBSERVE = ConflictClass
WORKER = WorkerOptions(host_id=HOST)
KINDS = sorted(kind.kind for kind in OF_CLASS.values())

# The whole table: the rows exclude the columns, which stand in the same order, on the same database; "same" only on the
# same logical database of it.
TABLE: dict[ConflictClass, dict[ConflictClass, str]] = {
    one: dict(zip(ConflictClass, row.split(), strict=True))
    for one, row in {
        LIFECYCLE: "yes  yes  yes  yes  yes  yes  yes  yes  no",
        RESTART: "yes  yes  yes  yes  yes  yes  yes  no   no",
        BACKUP: "yes  yes  same no   no   no   no   no   no",
        RESTORE: "yes  yes  no   same no   no   no   no   no",
        CHANGE: "yes  yes  no   no   yes  yes  yes  yes  no",
        SNAPSHOT: "yes  yes  no   no   yes  yes  no   no   no",
        LOGINS: "yes  yes  no   no   yes  no   yes  no   no",
        POOLER: "yes  no   no   no   yes  no   no   yes  no",
        OBSERVE: "no   no   no   no   no   no   no   no   no",
    }.items()
}


def test_the_table_of_pairs_is_complete_and_symmetric() -> None:
    for one, other in product(ConflictClass, repeat=2):
        assert TABLE[one][other] == TABLE[other][one]
        assert (other in excluded_by(one, Scope.DATABASE)) == (TABLE[one][other] == "yes")
        assert (other in excluded_by(one, Scope.SUBJECT)) == (TABLE[one][other] == "same")


async def test_the_database_judges_by_the_table_at_enqueue_and_at_claim(jobs: Jobs, subtests: pytest.Subtests) -> None:
    for one, other, subject in product(ConflictClass, ConflictClass, ("app", "shop")):
        with subtests.test(f"{one} {other} {subject}"):
            expected = TABLE[one][other] == "yes" or (TABLE[one][other] == "same" and subject == "app")
            database = new_id()
            await jobs.enqueue(OF_CLASS[one](), targets=[Target(database, "app")])
            if expected:
                with pytest.raises(JobConflict):
                    await jobs.enqueue(OF_CLASS[other](), targets=[Target(database, subject)])
            second = await jobs.enqueue(
                OF_CLASS[other](), targets=[Target(database, subject)], on_conflict=OnConflict.QUEUE
            )
            await claim(jobs.sessions, WORKER, KINDS, limit=10)
            assert ((await jobs.get(second)).state == JobState.QUEUED) == expected
            elsewhere = await jobs.enqueue(OF_CLASS[other](), targets=[Target(new_id(), "app")])
            await claim(jobs.sessions, WORKER, KINDS, limit=10)
            assert (await jobs.get(elsewhere)).state == JobState.RUNNING


async def test_a_refused_start_names_the_blocking_job_and_leaves_no_row(jobs: Jobs) -> None:
    database = new_id()
    blocking = await jobs.enqueue(Backup(), targets=[Target(database, "app")])
    with pytest.raises(JobConflict) as refused:
        await jobs.enqueue(Lifecycle(), targets=[Target(new_id()), Target(database)])
    document = refused.value.document()
    assert (document["status"], document["code"], document["retryable"]) == (409, "JOB_CONFLICT", True)
    assert document["blocking_job_id"] == encode_id("job", blocking.id)
    assert document["retry_after"] == 10
    assert [job.id for job in await jobs.all()] == [blocking.id]


async def test_two_requests_that_race_for_one_database_never_both_start(jobs: Jobs) -> None:
    for _ in range(10):
        database = new_id()
        outcomes = await asyncio.gather(
            *(jobs.enqueue(Restart(), targets=[Target(database)]) for _ in range(4)), return_exceptions=True
        )
        assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Job", *["JobConflict"] * 3]


async def test_claims_that_race_for_one_database_never_both_hold_it(jobs: Jobs) -> None:
    seed = random.randrange(10**6)
    chance = random.Random(seed)
    held: dict[UUID, list[ConflictClass]] = {}
    broken: list[str] = []
    databases = [new_id() for _ in range(3)]

    async def touch(run: AnyRun) -> Move:
        own = run.args.conflict
        target = (await jobs.targets(run.job))[0].database_id
        others = held.setdefault(target, [])
        broken.extend(f"{own} beside {other}" for other in others if TABLE[own][other] == "yes")
        others.append(own)
        await asyncio.sleep(chance.uniform(0, 0.01))
        others.remove(own)
        return done()

    flows = [flow(kind, touch) for kind in OF_CLASS.values()]
    wanted = []
    for _ in range(90):
        kind = OF_CLASS[chance.choice(list(ConflictClass))]
        target = Target(chance.choice(databases), str(new_id()))
        wanted.append(await jobs.enqueue(kind(), targets=[target], on_conflict=OnConflict.QUEUE))
    async with (
        jobs.worker(*flows, concurrency=3),
        jobs.worker(*flows, concurrency=3),
        jobs.worker(*flows, concurrency=3),
    ):
        for job in wanted:
            await jobs.until(job, JobState.SUCCEEDED, seconds=30)
    assert not broken, f"seed {seed}"


async def test_two_jobs_with_the_same_databases_in_another_order_do_not_lock_each_other_out(jobs: Jobs) -> None:
    one, two = new_id(), new_id()
    wanted = []
    for turn in range(10):
        targets = [Target(one), Target(two)] if turn % 2 else [Target(two), Target(one)]
        wanted.append(await jobs.enqueue(Lifecycle(), targets=targets, on_conflict=OnConflict.QUEUE))
    async with jobs.worker(flow(Lifecycle)), jobs.worker(flow(Lifecycle)):
        for job in wanted:
            await jobs.until(job, JobState.SUCCEEDED)


async def test_all_targets_become_held_or_none(jobs: Jobs) -> None:
    busy, free = new_id(), new_id()
    await jobs.enqueue(Lifecycle(), targets=[Target(busy)])
    both = await jobs.enqueue(Backup(), targets=[Target(free), Target(busy)], on_conflict=OnConflict.QUEUE)
    await claim(jobs.sessions, WORKER, KINDS, limit=10)
    assert (await jobs.get(both)).state == JobState.QUEUED
    assert not any(target.held for target in await jobs.targets(both))


async def test_a_database_is_held_while_its_job_is_parked_between_steps(jobs: Jobs) -> None:
    database = new_id()
    release = asyncio.Event()

    async def first(run: AnyRun) -> Move:
        return go(second)

    async def second(run: AnyRun) -> Move:
        if release.is_set():
            return done()
        return wait("the server", seconds=0.05) if len(run.memo.seen) % 2 else stay(0.05)

    async with jobs.worker(flow(Backup, first, second), flow(Lifecycle)):
        holder = await jobs.enqueue(Backup(), targets=[Target(database, "app")])
        await eventually(lambda: jobs.execute("SELECT step = 'second' AND lease_token IS NULL FROM job"))
        with pytest.raises(JobConflict):
            await jobs.enqueue(Lifecycle(), targets=[Target(database)])
        queued = await jobs.enqueue(Lifecycle(), targets=[Target(database)], on_conflict=OnConflict.QUEUE)
        await asyncio.sleep(0.3)
        assert (await jobs.get(queued)).state == JobState.QUEUED
        assert [target.held for target in await jobs.targets(holder)] == [True]
        release.set()
        await jobs.until(holder, JobState.SUCCEEDED)
        await jobs.until(queued, JobState.SUCCEEDED)
    await jobs.enqueue(Lifecycle(), targets=[Target(database)])


async def test_a_queued_job_starts_when_the_holder_ends_and_not_at_the_next_poll(jobs: Jobs) -> None:
    database = new_id()
    gate = asyncio.Event()

    async def hold(_run: AnyRun) -> Move:
        await gate.wait()
        return done()

    async with jobs.worker(flow(Restart, hold), poll_seconds=60), jobs.worker(flow(Restore), poll_seconds=60):
        holder = await jobs.until(await jobs.enqueue(Restart(), targets=[Target(database)]), JobState.RUNNING)
        queued = await jobs.enqueue(Restore(), targets=[Target(database)], on_conflict=OnConflict.QUEUE)
        gate.set()
        ended = await jobs.until(queued, JobState.SUCCEEDED, seconds=5)
        assert ended.claimed_at is not None
        freed = (await jobs.get(holder)).finished_at
        assert freed is not None
        assert (ended.claimed_at - freed).total_seconds() < 2


async def test_blocked_jobs_are_passed_over_and_those_behind_them_run(jobs: Jobs) -> None:
    busy = new_id()
    gate = asyncio.Event()

    async def hold(_run: AnyRun) -> Move:
        await gate.wait()
        return done()

    async with jobs.worker(flow(Lifecycle, hold), flow(Backup), concurrency=2, poll_seconds=60):
        holder = await jobs.until(await jobs.enqueue(Lifecycle(), targets=[Target(busy)]), JobState.RUNNING)
        blocked = [await jobs.enqueue(Backup(), targets=[Target(busy)], on_conflict=OnConflict.QUEUE) for _ in range(6)]
        behind = await jobs.enqueue(Backup(), targets=[Target(new_id())])
        await jobs.until(behind, JobState.SUCCEEDED, seconds=5)
        assert {(await jobs.get(job)).state for job in blocked} == {"queued"}
        gate.set()
        for job in [holder, *blocked]:
            await jobs.until(job, JobState.SUCCEEDED, seconds=5)


async def test_equals_behind_a_full_batch_of_blocked_ones_are_found_without_waiting(jobs: Jobs) -> None:
    """Two slots, three jobs of which two exclude each other and none is held yet."""
    gate = asyncio.Event()

    async def hold(_run: AnyRun) -> Move:
        await gate.wait()
        return done()

    database = new_id()
    for _ in range(2):
        await jobs.enqueue(Restart(), targets=[Target(database)], on_conflict=OnConflict.QUEUE)
    third = await jobs.enqueue(Restart(), targets=[Target(new_id())])
    async with jobs.worker(flow(Restart, hold), concurrency=2, poll_seconds=60):
        await jobs.until(third, JobState.RUNNING, seconds=5)
        gate.set()


async def test_a_job_does_not_exclude_its_children_nor_they_each_other(jobs: Jobs) -> None:
    database = new_id()

    async def parent(run: AnyRun) -> Move:
        if not run.memo.seen:
            run.memo.seen.append("asked")
            async with run.writing() as session:
                for _ in range(2):
                    target = Target(database, "app")
                    await enqueue(session, Backup(), created_by="test", parent=run.job, targets=[target])
        if not await run.children_ended():
            return wait("its children", seconds=60)
        return done()

    async with jobs.worker(flow(Lifecycle, parent), flow(Backup)):
        job = await jobs.enqueue(Lifecycle(), targets=[Target(database)])
        stranger = await jobs.enqueue(Backup(), targets=[Target(database)], on_conflict=OnConflict.QUEUE)
        await jobs.until(job, JobState.SUCCEEDED)
        await jobs.until(stranger, JobState.SUCCEEDED)
    order = sorted(await jobs.all(), key=lambda it: str(it.finished_at))
    assert [it.kind for it in order] == ["test.backup", "test.backup", "test.lifecycle", "test.backup"]
    assert order[-1].id == stranger.id


async def test_observing_is_never_blocked_and_blocks_nothing(jobs: Jobs) -> None:
    database = new_id()
    for kind in (Observe, Lifecycle, Observe):
        await jobs.enqueue(kind(), targets=[Target(database)])
    assert len((await claim(jobs.sessions, WORKER, KINDS, limit=10)).jobs) == 3


async def test_a_claim_does_not_wait_for_a_request_that_is_judging_the_database(jobs: Jobs) -> None:
    database = new_id()
    job = await jobs.enqueue(Observe(), targets=[Target(database)])
    other = await jobs.enqueue(Plain())
    async with jobs.sessions() as session:
        async with session.begin():
            await enqueue(session, Backup(), created_by="test", targets=[Target(database)])  # holds the lock
            claimed = await claim(jobs.sessions, WORKER, [*KINDS, "test.plain"], limit=10)
            assert [it.id for it in claimed.jobs] == [other.id]
            assert claimed.is_contended
        async with jobs.worker(flow(Observe), flow(Backup)):
            await jobs.until(job, JobState.SUCCEEDED)


async def test_a_contended_database_is_looked_at_again_at_once(jobs: Jobs) -> None:
    """The one who held the lock may have been a claim, whose end wakes nobody."""
    database = new_id()
    await jobs.enqueue(Observe(), targets=[Target(database)])
    async with jobs.sessions() as session, session.begin():
        await enqueue(session, Backup(), created_by="test", targets=[Target(database)])
        worker = jobs.make_worker(flow(Observe, succeed), poll_seconds=60)
        assert 0 < await worker._claim() < 1


async def held_by(jobs: Jobs, job: Job) -> bool:
    return any(target.held for target in await jobs.targets(job))


async def test_a_failed_job_frees_its_database(jobs: Jobs) -> None:
    async def fails(_run: AnyRun) -> Move:
        raise Conflict("it will never work")

    database = new_id()
    async with jobs.worker(flow(Lifecycle, fails)):
        job = await jobs.enqueue(Lifecycle(), targets=[Target(database)])
        await jobs.until(job, JobState.FAILED)
    assert not await held_by(jobs, job)
    await jobs.enqueue(Lifecycle(), targets=[Target(database)])
