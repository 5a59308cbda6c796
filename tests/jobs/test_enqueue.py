"""Invariants 1 and 7: a job exists if and only if its transaction committed; one live row per dedupe key."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from app.db.sql import run_sql
from app.jobs.contract import JobArgs
from app.jobs.enqueue import Enqueued, Target, enqueue
from app.jobs.models import EventKind
from app.jobs.states import FINAL, LIVE, JobState
from app.kit.clock import utc_now
from app.kit.ids import new_id
from tests.jobs.harness import Jobs, eventually, job_values
from tests.jobs.kinds import Backup, Observe, Plain, flow


async def test_a_committed_transaction_leaves_the_job_with_its_first_event(jobs: Jobs) -> None:
    parent = await jobs.enqueue(Plain())
    job = await jobs.enqueue(
        Plain(note="é\u2028"), parent=parent, project_id=new_id(), request_id="r", subject_id="bak_1"
    )
    stored = await jobs.get(job)
    assert stored == job
    assert (stored.state, stored.args, stored.max_attempts) == ("queued", {"note": "é\u2028"}, 3)
    assert (stored.parent_id, stored.root_id, parent.root_id) == (parent.id, parent.id, parent.id)
    (event,) = await jobs.events(job)
    assert (event.number, event.kind, event.detail) == (1, EventKind.STATE, {"state": "queued"})


async def test_a_transaction_that_rolls_back_leaves_no_job(jobs: Jobs) -> None:
    async def write_and_fail() -> None:
        async with jobs.sessions() as session, session.begin():
            # The first statement of the transaction, which a raw connection would have run outside of it.
            await enqueue(session, Backup(), created_by="test", targets=[Target(new_id())])
            raise RuntimeError("the rest of the request failed")

    with pytest.raises(RuntimeError, match="the rest"):
        await write_and_fail()
    assert await jobs.all() == []
    assert await jobs.execute("SELECT count(*) FROM job_event") == 0
    assert await jobs.execute("SELECT count(*) FROM job_target") == 0


async def test_a_transaction_that_fails_in_the_database_leaves_no_job(jobs: Jobs) -> None:
    async def write_and_fail() -> None:
        async with jobs.sessions() as session, session.begin():
            job = (await enqueue(session, Plain(), created_by="test")).job
            job.priority = 5000

    with pytest.raises(IntegrityError, match="ck_job_priority"):
        await write_and_fail()
    assert await jobs.all() == []


async def test_no_worker_sees_a_job_before_its_transaction_commits(jobs: Jobs) -> None:
    async with jobs.worker(flow(Plain), poll_seconds=0.02), jobs.sessions() as session:
        async with session.begin():
            job = (await enqueue(session, Plain(), created_by="test")).job
            await asyncio.sleep(0.2)
        await jobs.until(job, JobState.SUCCEEDED)


async def test_a_live_duplicate_is_given_instead_of_a_second_job(jobs: Jobs) -> None:
    async def again(args: JobArgs) -> Enqueued:
        async with jobs.sessions() as session, session.begin():
            return await enqueue(session, args, created_by="test", dedupe_key="nightly")

    first = await again(Plain(note="1"))
    assert first.is_new
    second = await again(Plain(note="2"))
    assert not second.is_new
    assert (second.job.id, second.job.args) == (first.job.id, {"note": "1"})
    assert await jobs.execute("SELECT count(*) FROM job_event") == 1
    async with jobs.worker(flow(Plain)):
        await jobs.until(first.job, JobState.SUCCEEDED)
    third = await again(Plain(note="3"))
    assert third.is_new
    assert third.job.id != first.job.id


async def test_a_duplicate_is_given_without_waiting_for_the_worker_that_writes_it(jobs: Jobs) -> None:
    """It may itself wait for what the request holds."""
    first = await jobs.enqueue(Plain(), dedupe_key="busy")
    async with jobs.sessions() as worker, worker.begin():
        await run_sql(worker, text("UPDATE job SET revision = revision + 1"))
        async with asyncio.timeout(30), jobs.sessions() as session, session.begin():
            again = await enqueue(session, Plain(), created_by="test", dedupe_key="busy")
    assert (again.job.id, again.is_new) == (first.id, False)


async def test_two_transactions_that_race_for_a_dedupe_key_get_the_same_job(jobs: Jobs) -> None:
    async def one() -> UUID:
        async with jobs.sessions() as session, session.begin():
            job = (await enqueue(session, Plain(), created_by="test", dedupe_key="once")).job
            await asyncio.sleep(0.05)
            return job.id

    assert len(set(await asyncio.gather(*(one() for _ in range(6))))) == 1


async def test_every_live_state_counts_as_a_duplicate(jobs: Jobs) -> None:
    lease = {"lease_token": new_id(), "lease_ends": utc_now(), "attempt": 1}
    values: dict[JobState, dict[str, Any]] = {
        JobState.QUEUED: {},
        JobState.WAITING: {"waiting_for": "x"},
        JobState.RUNNING: lease,
        JobState.CANCELLING: lease,
    }
    assert set(values) == LIVE
    assert JobState.SUCCEEDED in FINAL
    for state, more in values.items():
        given = job_values(state=state, dedupe_key=state, **more)
        await jobs.execute(
            "INSERT INTO job (id, root_id, kind, args, args_version, priority, max_attempts, created_by, state, dedupe_key,"
            " attempt, cancellable, progress, event_number, revision, waiting_for, lease_token, lease_ends)"
            " VALUES (:id, :root_id, :kind, '{}', 1, 100, 3, 'test', :state, :dedupe_key, :attempt, true, '{}', 0, 0,"
            " :waiting_for, :lease_token, :lease_ends)",
            **{"attempt": 0, "waiting_for": None, "lease_token": None, "lease_ends": None, **given},
        )
        async with jobs.sessions() as session, session.begin():
            again = await enqueue(session, Plain(), created_by="test", dedupe_key=state)
        assert (again.is_new, again.job.id) == (False, given["id"])


async def test_a_job_of_later_is_not_taken_now(jobs: Jobs) -> None:
    later = await jobs.enqueue(Plain(), run_after=utc_now() + timedelta(hours=1))
    now = await jobs.enqueue(Plain(), run_after=utc_now() - timedelta(hours=1))
    async with jobs.worker(flow(Plain)):
        await jobs.until(now, JobState.SUCCEEDED)
        assert (await jobs.get(later)).state == JobState.QUEUED


async def test_targets_name_what_the_class_excludes_and_the_first_is_the_main_one(jobs: Jobs) -> None:
    one, two = new_id(), new_id()
    job = await jobs.enqueue(Backup(), targets=[Target(two, "app"), Target(one)])
    assert job.database_id == two
    targets = {target.database_id: target for target in await jobs.targets(job)}
    assert (targets[two].subject, targets[one].subject) == ("app", "")
    assert (targets[two].excludes, targets[two].excludes_subject) == (["lifecycle", "restart"], ["backup"])
    assert not targets[two].held
    without_class = await jobs.enqueue(Plain(), targets=[Target(one)])
    assert (without_class.database_id, await jobs.targets(without_class)) == (one, [])


def test_a_kind_is_declared_once() -> None:
    with pytest.raises(TypeError, match=r"test\.plain is declared twice"):

        class Again(JobArgs, kind="test.plain", conflict=None, scope="x"):
            pass


async def test_enqueueing_wakes_an_idle_worker(jobs: Jobs) -> None:
    async with jobs.worker(flow(Observe), poll_seconds=60):
        await eventually(lambda: jobs.execute("SELECT count(*) FROM worker"))
        await asyncio.sleep(0.1)  # its first claim found nothing
        await jobs.until(await jobs.enqueue(Observe()), JobState.SUCCEEDED, seconds=50)  # before it polls
