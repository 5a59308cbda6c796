"""Invariant 8: cancel is a wish. What never ran ends at once; the rest ends when its holder has cleaned up."""

import asyncio
import contextlib
import time
from typing import Any
from uuid import UUID

import pytest
from sqlmodel.ext.asyncio.session import AsyncSession

from app.errors import Unavailable, Unprocessable
from app.jobs import hooks
from app.jobs.claim import claim
from app.jobs.enqueue import enqueue
from app.jobs.errors import CancelWished, JobNotCancellable
from app.jobs.hooks import Hooks
from app.jobs.machine import Move, done, go, stay, wait
from app.jobs.models import Job
from app.jobs.repository import JobRepository
from app.jobs.service import JobService
from app.jobs.states import JobState
from app.jobs.worker import WorkerOptions
from tests.jobs.harness import CALLER, HOST, Jobs, eventually
from tests.jobs.kinds import AnyRun, Endless, Other, Plain, Sturdy, flow


@pytest.fixture
def abandoned(monkeypatch: pytest.MonkeyPatch) -> list[tuple[UUID, str]]:
    found: list[tuple[UUID, str]] = []

    async def note(_session: AsyncSession, job: Job, args: Any) -> None:
        found.append((job.id, args.note))

    monkeypatch.setitem(hooks._HOOKS, Plain.kind, Hooks(abandoned=note))
    monkeypatch.setitem(hooks._HOOKS, Other.kind, Hooks(abandoned=note))
    return found


async def test_a_job_that_never_ran_ends_at_once_and_its_domain_is_told(
    jobs: Jobs, abandoned: list[tuple[UUID, str]]
) -> None:
    job = await jobs.enqueue(Plain(note="x"))
    cancelled = await jobs.cancel(job)
    assert (cancelled.state, cancelled.cancel_requested_by) == ("cancelled", CALLER.actor)
    assert cancelled.finished_at is not None
    await jobs.check_history(cancelled)
    assert abandoned == [(job.id, "x")]
    async with jobs.worker(flow(Plain)):
        await jobs.until(await jobs.enqueue(Plain()), JobState.SUCCEEDED)
    assert (await jobs.get(job)).state == JobState.CANCELLED


async def test_a_running_job_ends_cancelled_within_seconds_and_cleans_up(
    jobs: Jobs, abandoned: list[tuple[UUID, str]]
) -> None:
    endless = Endless()
    async with jobs.worker(flow(Plain, endless.step, compensate=endless.undo), wishes_seconds=60, renew_seconds=1):
        job = await jobs.until(await jobs.enqueue(Plain()), JobState.RUNNING)
        await eventually(lambda: endless.seen)
        began = time.monotonic()
        assert (await jobs.cancel(job)).state == JobState.CANCELLING
        ended = await jobs.until(job, JobState.CANCELLED)
        assert time.monotonic() - began < 30
    assert endless.seen == ["began", "stopped", "undone cancelled"]
    assert (ended.error, ended.result, ended.ending) == (None, None, None)
    assert abandoned == []
    assert [event.detail.get("state") for event in await jobs.events(job)] == [
        "queued",
        "running",
        "cancelling",
        "cancelled",
        "cancelled",
    ]


@pytest.mark.parametrize("carrier", ["the look for wishes", "the renewal"])
async def test_a_wish_whose_notification_is_lost_is_found_by_looking(jobs: Jobs, carrier: str) -> None:
    endless = Endless()
    periods = (
        {"wishes_seconds": 0.1} if carrier == "the look for wishes" else {"wishes_seconds": 60, "renew_seconds": 0.1}
    )
    async with jobs.worker(flow(Plain, endless.step, compensate=endless.undo), **periods):
        job = await jobs.until(await jobs.enqueue(Plain()), JobState.RUNNING)
        await jobs.execute("UPDATE job SET state = 'cancelling', event_number = event_number + 1")
        await jobs.execute(
            "INSERT INTO job_event (job_id, number, kind, detail) VALUES (:id, 3, 'state', '{}')", id=job.id
        )
        await jobs.until(job, JobState.CANCELLED)


@pytest.mark.parametrize("parked", [stay(600), wait("the weather", seconds=600)])
async def test_a_parked_job_that_ran_before_is_cleaned_up_by_a_worker(
    jobs: Jobs, parked: Move, abandoned: list[tuple[UUID, str]]
) -> None:
    undone: list[str] = []

    async def park(_run: AnyRun) -> Move:
        return parked

    async def undo(run: AnyRun, outcome: JobState) -> None:
        undone.append(f"{outcome} attempt {run.job.attempt}")

    async with jobs.worker(flow(Plain, park, compensate=undo)):
        job = await jobs.enqueue(Plain())
        await eventually(lambda: jobs.execute("SELECT claimed_at IS NOT NULL AND lease_token IS NULL FROM job"))
    wished = await jobs.cancel(job)
    assert (wished.state, wished.lease_token, wished.waiting_for) == ("cancelling", None, None)
    async with jobs.worker(flow(Plain, park, compensate=undo)):
        await jobs.until(job, JobState.CANCELLED)
    assert undone == ["cancelled attempt 1"]
    assert abandoned == []


async def test_asking_again_changes_nothing(jobs: Jobs) -> None:
    job = await jobs.enqueue(Plain())
    await claim(jobs.sessions, WorkerOptions(host_id=HOST), [Plain.kind], limit=1)
    first, second = await jobs.cancel(job), await jobs.cancel(job)
    assert (first.state, first.revision, first.event_number) == ("cancelling", 2, 3)
    assert second == first


async def test_what_has_ended_cannot_be_cancelled(jobs: Jobs) -> None:
    async with jobs.worker(flow(Plain)):
        job = await jobs.until(await jobs.enqueue(Plain()), JobState.SUCCEEDED)
    with pytest.raises(JobNotCancellable, match="already succeeded"):
        await jobs.cancel(job)


async def test_a_job_that_ends_while_the_wish_is_written_is_not_cancelled(jobs: Jobs) -> None:
    job = await jobs.enqueue(Plain())
    async with jobs.sessions() as session, session.begin():
        service = JobService(session, JobRepository(session))
        read_first = await service.get(job.id, CALLER)
        await jobs.execute("UPDATE job SET state = 'succeeded', finished_at = now()")
        with pytest.raises(JobNotCancellable, match="already succeeded"):
            await service.cancel(job.id, CALLER)
    assert read_first.state == JobState.SUCCEEDED


async def test_what_must_run_through_cannot_be_cancelled(jobs: Jobs) -> None:
    job = await jobs.enqueue(Sturdy())
    with pytest.raises(JobNotCancellable, match=r"test\.sturdy cannot be cancelled"):
        await jobs.cancel(job)
    assert (await jobs.get(job)).state == JobState.QUEUED


async def test_a_job_that_is_cleaning_up_after_a_failure_ends_by_itself(jobs: Jobs) -> None:
    gate = asyncio.Event()

    async def fails(_run: AnyRun) -> Move:
        raise Unprocessable("no")

    async def undo(_run: AnyRun, _outcome: JobState) -> None:
        await gate.wait()

    async with jobs.worker(flow(Plain, fails, compensate=undo)):
        job = await jobs.enqueue(Plain())
        await eventually(lambda: jobs.execute("SELECT ending IS NOT NULL FROM job"))
        with pytest.raises(JobNotCancellable, match="ends by itself"):
            await jobs.cancel(job)
        gate.set()
        failed = await jobs.until(job, JobState.FAILED)
    assert failed.error is not None
    assert failed.error["code"] == "VALIDATION_FAILED"
    assert failed.cancel_requested_at is None


async def test_a_wish_that_comes_at_the_last_moment_is_too_late(jobs: Jobs) -> None:
    async def work(_run: AnyRun) -> Move:
        await jobs.cancel(_run.id)
        return done(answer=42)

    async with jobs.worker(flow(Plain, work), wishes_seconds=60, renew_seconds=1):
        job = await jobs.until(await jobs.enqueue(Plain()), JobState.SUCCEEDED)
    assert job.result == {"answer": 42}
    assert job.cancel_requested_at is not None


@pytest.mark.parametrize("how", ["go", "stay", "wait", "retry", "write", "give up"])
async def test_a_wish_wins_over_every_other_move(jobs: Jobs, how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker has not heard of the wish yet: the statements of the moves themselves must see it."""
    undone: list[str] = []

    async def second(_run: AnyRun) -> Move:
        undone.append("second ran")
        return done()

    async def first(run: AnyRun) -> Move:
        await jobs.execute("UPDATE job SET state = 'cancelling'")
        match how:
            case "go":
                return go(second)
            case "stay":
                return stay(0)
            case "wait":
                return wait("x")
            case "retry":
                raise Unavailable("later")
            case "give up":
                with pytest.raises(CancelWished):
                    await run.remember()
                raise Unprocessable("never")
        async with run.writing():
            undone.append("written")
        return done()

    async def undo(_run: AnyRun, outcome: JobState) -> None:
        undone.append(f"undone {outcome}")

    async with jobs.worker(flow(Plain, first, second, compensate=undo), wishes_seconds=60, renew_seconds=1.9):
        expected = JobState.FAILED if how == "give up" else JobState.CANCELLED
        await jobs.until(await jobs.enqueue(Plain()), expected)
    assert undone == [f"undone {expected}"]


async def test_what_goes_wrong_while_a_step_stops_is_not_why_the_job_ends(jobs: Jobs) -> None:
    async def clumsy(_run: AnyRun) -> Move:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            raise Unprocessable("the abort of the upload failed") from None
        return done()

    async with jobs.worker(flow(Plain, clumsy)):
        job = await jobs.until(await jobs.enqueue(Plain()), JobState.RUNNING)
        await jobs.cancel(job)
        await jobs.until(job, JobState.CANCELLED)


async def test_a_step_that_shrugs_off_its_stop_is_not_followed_by_another(jobs: Jobs) -> None:
    async def second(_run: AnyRun) -> Move:
        raise AssertionError

    async def stubborn(_run: AnyRun) -> Move:
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.sleep(60)
        return go(second)

    async with jobs.worker(flow(Plain, stubborn, second)):
        job = await jobs.until(await jobs.enqueue(Plain()), JobState.RUNNING)
        await jobs.cancel(job)
        await jobs.until(job, JobState.CANCELLED)


async def test_children_are_cancelled_with_their_parent(jobs: Jobs, abandoned: list[tuple[UUID, str]]) -> None:
    endless = Endless()

    async def parent(run: AnyRun) -> Move:
        if not run.memo.seen:
            run.memo.seen.append("asked")
            async with run.writing() as session:
                first = await enqueue(session, Other(note="runs"), created_by="test", parent=run.job)
                grandchild = Other(note="never runs")
                await enqueue(session, grandchild, created_by="test", parent=first.job, worker_label="nobody")
        return wait("its children", seconds=600)

    flows = flow(Plain, parent), flow(Other, endless.step, compensate=endless.undo)
    async with jobs.worker(*flows, wishes_seconds=60, renew_seconds=1):
        job = await jobs.until(await jobs.enqueue(Plain()), JobState.WAITING)
        child, grandchild = (await jobs.all())[1:]
        await jobs.until(child, JobState.RUNNING)
        await eventually(lambda: endless.seen)
        await jobs.cancel(job)
        assert (await jobs.get(grandchild)).state == JobState.CANCELLED
        await jobs.until(job, JobState.CANCELLED)
        await jobs.until(child, JobState.CANCELLED)
    assert endless.seen == ["began", "stopped", "undone cancelled"]
    assert abandoned == [(grandchild.id, "never runs")]


async def test_a_child_that_its_parent_starts_while_the_wish_is_written_is_cancelled_too(jobs: Jobs) -> None:
    """The wish could not see the child yet; the parent's clean-up does."""
    entered, asked = asyncio.Event(), asyncio.Event()

    async def parent(run: AnyRun) -> Move:
        async with run.writing() as session:
            await enqueue(session, Other(), created_by="test", parent=run.job, worker_label="nobody")
            entered.set()
            await asked.wait()
        return wait("its child", seconds=600)

    async with jobs.worker(flow(Plain, parent)):
        job = await jobs.enqueue(Plain())
        await entered.wait()
        wish = asyncio.create_task(jobs.cancel(job))
        await eventually(lambda: jobs.execute("SELECT count(*) > 0 FROM pg_locks WHERE NOT granted"))
        asked.set()
        await wish
        await jobs.until(job, JobState.CANCELLED)
    assert [it.state for it in await jobs.all()] == ["cancelled", "cancelled"]


async def test_a_parent_that_waits_is_woken_when_its_child_is_cancelled_before_it_ran(jobs: Jobs) -> None:
    async def parent(run: AnyRun) -> Move:
        if not run.memo.seen:
            run.memo.seen.append("asked")
            async with run.writing() as session:
                await enqueue(session, Other(), created_by="test", parent=run.job, worker_label="nobody")
        return done() if await run.children_ended() else wait("its child", seconds=600)

    async with jobs.worker(flow(Plain, parent), poll_seconds=60):
        job = await jobs.until(await jobs.enqueue(Plain()), JobState.WAITING)
        await jobs.cancel((await jobs.all())[1])
        await jobs.until(job, JobState.SUCCEEDED, seconds=5)
