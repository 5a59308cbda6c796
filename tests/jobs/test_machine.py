"""Steps and their moves: what is kept, what is counted, what callers see meanwhile."""

import asyncio
import time
from typing import Any

import pytest

from app.errors import Unavailable, Unprocessable
from app.jobs import execution
from app.jobs.machine import Move, NoMemo, Programmes, Steps, done, go, stay, step, wait
from app.jobs.progress import Progress
from app.jobs.run import Run
from app.jobs.states import JobState
from tests.jobs.harness import Jobs, eventually
from tests.jobs.kinds import AnyRun, Brief, Plain, flow


@pytest.fixture(autouse=True)
def _retries_come_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(execution, "RETRY_BASE_SECONDS", 0.05)


async def last(run: AnyRun) -> Move:
    run.memo.seen.append(f"last {run.job.attempt}")
    return done(seen=run.memo.seen)


async def test_steps_run_in_the_order_of_their_moves_with_one_claim(jobs: Jobs) -> None:
    tokens = set()

    async def first(run: AnyRun) -> Move:
        tokens.add(run.token)
        run.memo.seen.append("first")
        return go(second)

    async def second(run: AnyRun) -> Move:
        tokens.add(run.token)
        run.memo.seen.append("second")
        return go(last)

    async with jobs.worker(flow(Plain, first, second, last)):
        job = await jobs.until(await jobs.enqueue(Plain()), JobState.SUCCEEDED)
    assert job.result == {"seen": ["first", "second", "last 1"]}
    assert len(tokens) == 1
    kinds = [(event.kind, event.detail.get("step") or event.detail.get("state")) for event in await jobs.events(job)]
    assert kinds == [
        ("state", "queued"),
        ("state", "running"),
        ("step", "second"),
        ("step", "last"),
        ("state", "succeeded"),
        ("result", None),
        ("end", "succeeded"),
    ]
    assert job.progress["percent"] == 100
    assert [entry["name"] for entry in job.progress["steps"]] == ["first", "second", "last"]
    assert all(entry["finished_at"] for entry in job.progress["steps"])


async def test_going_on_resets_the_attempt_and_the_last_error(jobs: Jobs) -> None:
    async def first(run: AnyRun) -> Move:
        if run.job.attempt < 3:
            raise Unavailable("not yet")
        return go(last)

    async with jobs.worker(flow(Plain, first, last)):
        job = await jobs.until(await jobs.enqueue(Plain()), JobState.SUCCEEDED)
    assert job.result == {"seen": ["last 1"]}
    assert job.last_error is None


@pytest.mark.parametrize("move", [stay(0.02), wait("the weather", seconds=0.02)])
async def test_staying_and_waiting_refund_the_attempt_and_keep_the_memo(jobs: Jobs, move: Move) -> None:
    async def patient(run: AnyRun) -> Move:
        run.memo.seen.append(f"attempt {run.job.attempt}")
        return move if len(run.memo.seen) < 6 else done(seen=run.memo.seen)

    async with jobs.worker(flow(Plain, patient)):
        job = await jobs.until(await jobs.enqueue(Plain()), JobState.SUCCEEDED)
    assert job.result == {"seen": ["attempt 1"] * 6}


async def test_a_waiting_job_says_for_what_and_holds_neither_lease_nor_slot(jobs: Jobs) -> None:
    async def waits(_run: AnyRun) -> Move:
        return wait("the weather", seconds=600)

    async with jobs.worker(flow(Plain, waits), flow(Brief), concurrency=1):
        job = await jobs.until(await jobs.enqueue(Plain()), JobState.WAITING)
        assert (job.waiting_for, job.lease_token, job.holder, job.attempt) == ("the weather", None, None, 0)
        await jobs.until(await jobs.enqueue(Brief()), JobState.SUCCEEDED)


async def test_the_memo_survives_a_failure_of_the_step_that_changed_it(jobs: Jobs) -> None:
    async def upload(run: AnyRun) -> Move:
        run.memo.seen.append(f"upload {run.job.attempt}")
        if run.job.attempt == 1:
            raise Unavailable("the store went away", retry_after=0)
        return done(seen=run.memo.seen)

    async with jobs.worker(flow(Plain, upload)):
        job = await jobs.until(await jobs.enqueue(Plain()), JobState.SUCCEEDED)
    assert job.result == {"seen": ["upload 1", "upload 2"]}


async def test_remember_writes_the_memo_at_once(jobs: Jobs) -> None:
    remembered, go_on = asyncio.Event(), asyncio.Event()

    async def upload(run: AnyRun) -> Move:
        run.memo.seen.append("upload id")
        await run.remember()
        remembered.set()
        await go_on.wait()
        return done()

    async with jobs.worker(flow(Plain, upload)):
        job = await jobs.enqueue(Plain())
        await remembered.wait()
        assert (await jobs.get(job)).memo == {"seen": ["upload id"]}
        go_on.set()
        await jobs.until(job, JobState.SUCCEEDED)


async def test_a_retryable_problem_is_tried_until_the_attempts_are_used_up(jobs: Jobs) -> None:
    attempts: list[int] = []
    undone: list[JobState] = []

    async def fails(run: AnyRun) -> Move:
        attempts.append(run.job.attempt)
        raise Unavailable(f"attempt {run.job.attempt}", host="db.example")

    async def undo(_run: AnyRun, outcome: JobState) -> None:
        undone.append(outcome)

    async with jobs.worker(flow(Plain, fails, compensate=undo)):
        job = await jobs.until(await jobs.enqueue(Plain(), request_id="req"), JobState.FAILED)
    assert attempts == [1, 2, 3]
    assert undone == [JobState.FAILED]
    assert job.error is not None
    assert (job.error["code"], job.error["detail"]) == ("UNAVAILABLE", "attempt 3")
    assert (job.error["host"], job.error["request_id"]) == ("db.example", "req")
    states = [event.detail for event in await jobs.events(job) if event.kind == "state"]
    retries = [detail for detail in states if detail.get("reason") == "retry"]
    assert [detail["error"]["detail"] for detail in retries] == ["attempt 1", "attempt 2"]


async def test_a_problem_that_no_retry_mends_ends_the_job_at_once(jobs: Jobs) -> None:
    async def fails(_run: AnyRun) -> Move:
        raise Unprocessable("no such table")

    async with jobs.worker(flow(Plain, fails)):
        job = await jobs.until(await jobs.enqueue(Plain()), JobState.FAILED)
    assert job.error is not None
    assert job.error["code"] == "VALIDATION_FAILED"
    assert (job.attempt, job.ending, job.lease_token) == (1, None, None)


async def test_an_unexpected_error_is_retried_and_shows_only_its_type(jobs: Jobs) -> None:
    async def fails(run: AnyRun) -> Move:
        raise ZeroDivisionError("password=hunter2")

    async with jobs.worker(flow(Plain, fails)):
        job = await jobs.until(await jobs.enqueue(Plain()), JobState.FAILED)
    assert job.attempt == 1  # of the compensation
    assert job.error is not None
    assert job.error["code"] == "INTERNAL"
    assert "ZeroDivisionError in step fails" in job.error["detail"]
    assert "hunter2" not in str([event.detail for event in await jobs.events(job)])


async def test_an_error_text_that_json_columns_refuse_is_mended(jobs: Jobs) -> None:
    async def fails(_run: AnyRun) -> Move:
        raise Unprocessable("a NUL \x00 and half a pair \ud800")

    async with jobs.worker(flow(Plain, fails)):
        job = await jobs.until(await jobs.enqueue(Plain()), JobState.FAILED)
    assert job.error is not None
    assert job.error["detail"] == "a NUL \ufffd and half a pair ?"


async def test_a_step_that_cancels_itself_fails_like_any_other(jobs: Jobs) -> None:
    async def confused(_run: AnyRun) -> Move:
        raise asyncio.CancelledError

    async with jobs.worker(flow(Plain, confused)):
        job = await jobs.until(await jobs.enqueue(Plain()), JobState.FAILED)
    assert job.error is not None
    assert "RuntimeError" in job.error["detail"]


async def test_a_timeout_of_the_step_itself_is_no_deadline(jobs: Jobs) -> None:
    async def hurried(_run: AnyRun) -> Move:
        async with asyncio.timeout(0.01):
            await asyncio.sleep(10)
        return done()

    async with jobs.worker(flow(Plain, hurried)):
        job = await jobs.until(await jobs.enqueue(Plain()), JobState.FAILED)
    assert job.error is not None
    assert "TimeoutError" in job.error["detail"]


async def test_a_deadline_ends_the_job_in_whatever_step_and_cleans_up(jobs: Jobs) -> None:
    cleaned: list[str] = []

    async def first(_run: AnyRun) -> Move:
        return go(endless)

    async def endless(_run: AnyRun) -> Move:
        try:
            await asyncio.sleep(60)
        finally:
            cleaned.append("step")
        return done()

    async def undo(_run: AnyRun, _outcome: JobState) -> None:
        cleaned.append("job")

    async with jobs.worker(flow(Brief, first, endless, compensate=undo)):
        job = await jobs.until(await jobs.enqueue(Brief()), JobState.FAILED)
    assert job.error is not None
    assert (job.error["code"], job.error["retryable"]) == ("JOB_DEADLINE", False)
    assert "endless" in job.error["detail"]
    assert cleaned == ["step", "job"]


async def test_the_time_that_a_job_waits_counts_for_its_deadline(jobs: Jobs) -> None:
    async def waits(_run: AnyRun) -> Move:
        await asyncio.sleep(0)
        return wait("for ever", seconds=0.05)

    async with jobs.worker(flow(Brief, waits)):
        job = await jobs.until(await jobs.enqueue(Brief()), JobState.FAILED)
    assert job.error is not None
    assert job.error["code"] == "JOB_DEADLINE"


async def test_work_that_no_longer_moves_is_ended_and_tried_again(jobs: Jobs) -> None:
    async def dump(run: AnyRun) -> Move:
        async with run.moving(stall_seconds=0.8):
            for number in range(4):
                run.report(bytes_done=number, detail="waiting for lock on public.orders")
                await asyncio.sleep(0.25)  # longer than the limit in all, but it moves
            if run.job.attempt == 1:
                while True:
                    run.report(bytes_done=3)
                    await asyncio.sleep(0.01)
        return done()

    async with jobs.worker(flow(Plain, dump)):
        job = await jobs.enqueue(Plain())
        await eventually(lambda: jobs.execute("SELECT last_error IS NOT NULL FROM job"))
        stalled = await jobs.get(job)
        error, progress = stalled.last_error, Progress.model_validate(stalled.progress)
        await jobs.until(job, JobState.SUCCEEDED)
    assert error is not None
    assert progress.moved_at is not None
    assert progress.moved_at > progress.steps[0].started_at  # the last of four moves, not the repetitions of it
    assert (error["code"], error["retryable"]) == ("JOB_STALLED", True)
    assert "waiting for lock on public.orders" in error["detail"]


async def test_a_timeout_inside_moving_work_is_no_stall(jobs: Jobs) -> None:
    async def dump(run: AnyRun) -> Move:
        with pytest.raises(TimeoutError):
            async with run.moving():
                raise TimeoutError
        run.report(bytes_done=1)
        return done()

    async with jobs.worker(flow(Plain, dump)):
        await jobs.until(await jobs.enqueue(Plain()), JobState.SUCCEEDED)


async def test_progress_is_shown_and_written_at_most_once_a_period(jobs: Jobs) -> None:
    took: list[float] = []
    looked = asyncio.Event()

    async def copy(run: AnyRun) -> Move:
        began = time.monotonic()
        for number in range(200):
            run.report(bytes_done=number, bytes_total=400, detail=f"part {number}")
            await asyncio.sleep(0.005)
        took.append(time.monotonic() - began)
        await looked.wait()
        return done()

    async with jobs.worker(flow(Plain, copy), progress_seconds=0.25):
        job = await jobs.enqueue(Plain())
        await eventually(lambda: jobs.execute("SELECT (progress->>'bytes_done')::int > 0 FROM job"))
        shown = await jobs.get(job)
        looked.set()
        assert shown.progress["bytes_total"] == 400
        assert shown.progress["steps"][0]["detail"].startswith("part ")
        assert 0 < shown.progress["percent"] < 51
        ended = await jobs.until(job, JobState.SUCCEEDED)
    # Enqueued 0, claimed 1, released 1: the rest are writes of progress, each a quarter of a second apart.
    assert 2 <= ended.revision - 2 <= took[0] / 0.25 + 4


async def test_a_warning_is_kept_once_for_each_text(jobs: Jobs) -> None:
    async def warns(run: AnyRun) -> Move:
        await run.warn("a collation differs")
        await run.warn("a collation differs")
        await run.warn("another")
        return stay(0) if run.job.step is None and not run.memo.seen and not run.memo.seen.append("x") else done()

    async with jobs.worker(flow(Plain, warns)):
        job = await jobs.until(await jobs.enqueue(Plain()), JobState.SUCCEEDED)
    assert job.warnings == ["a collation differs", "another"]
    told = [event.detail["warning"] for event in await jobs.events(job) if event.kind == "warning"]
    assert told == job.warnings


async def test_arguments_that_do_not_fit_end_the_job_and_say_which(jobs: Jobs) -> None:
    job = await jobs.enqueue(Plain(note="x"))
    await jobs.execute("""UPDATE job SET args = '{"note": 5, "unknown": 1}'""")
    async with jobs.worker(flow(Plain)):
        failed = await jobs.until(job, JobState.FAILED)
    assert failed.error is not None
    assert failed.error["code"] == "JOB_ARGS_INVALID"
    assert failed.error["detail"].endswith("note, unknown.")


async def test_a_memo_that_does_not_fit_ends_the_job_and_is_left_as_it_was(jobs: Jobs) -> None:
    job = await jobs.enqueue(Plain())
    await jobs.execute("""UPDATE job SET memo = '{"seen": 5}'""")
    async with jobs.worker(flow(Plain)):
        failed = await jobs.until(job, JobState.FAILED)
    assert failed.error is not None
    assert (failed.error["code"], failed.memo) == ("JOB_ARGS_INVALID", {"seen": 5})


async def test_a_step_that_this_release_lost_fails_with_its_name(jobs: Jobs) -> None:
    job = await jobs.enqueue(Plain())
    await jobs.execute("UPDATE job SET step = 'gone'")
    async with jobs.worker(flow(Plain)):
        failed = await jobs.until(job, JobState.FAILED)
    assert failed.error is not None
    assert "step gone" in failed.error["detail"]


async def test_a_programme_without_compensation_has_nothing_to_undo(jobs: Jobs) -> None:
    class Bare(Steps[Plain, NoMemo]):
        args = Plain
        memo = NoMemo

        @step
        async def only(self, run: Run[Plain, NoMemo]) -> Move:
            raise Unprocessable("no")

    programmes = Programmes(Bare())
    assert (programmes.kinds, programmes.of("test.plain").names) == (["test.plain"], ("only",))
    async with jobs.worker(Bare()):
        await jobs.until(await jobs.enqueue(Plain()), JobState.FAILED)


async def test_a_mistake_in_our_own_statements_leaves_the_job_to_the_reaper(jobs: Jobs) -> None:
    async def fails(run: AnyRun) -> Move:
        if run.job.attempt == 1:
            return done(bad=Unserialisable())
        return done()

    async with jobs.worker(flow(Plain, fails), lease_seconds=1.5, renew_seconds=0.3):
        job = await jobs.until(await jobs.enqueue(Plain()), JobState.SUCCEEDED)
    assert "worker lost" in [event.detail.get("reason") for event in await jobs.events(job)]


class Unserialisable:
    def __str__(self) -> Any:
        raise ZeroDivisionError


def test_inherited_steps_count_after_the_own_ones() -> None:
    class Base(Steps[Plain, NoMemo]):
        args, memo = Plain, NoMemo

        @step
        async def shared(self, _run: Run[Plain, NoMemo]) -> Move:
            return go(self.last)

        @step
        async def last(self, _run: Run[Plain, NoMemo]) -> Move:
            return done()

    class Special(Base):
        @step
        async def first(self, _run: Run[Plain, NoMemo]) -> Move:
            return go(self.shared)

        @step
        async def last(self, _run: Run[Plain, NoMemo]) -> Move:
            return done(special=True)

    assert Base.names == ("shared", "last")
    assert Special.names == ("first", "last", "shared")
