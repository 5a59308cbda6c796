"""One claimed job being driven: its steps, then whatever ends it."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from enum import IntEnum
from functools import partial
from random import Random
from typing import Any

import structlog
from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlmodel import select

from app.db.engine import Sessions
from app.db.errors import translate
from app.db.sql import named_sql, run_alone
from app.errors import Problem
from app.jobs import metrics
from app.jobs.cancelling import cancel_family
from app.jobs.errors import ArgsInvalid, CancelWished, CleanupFailed, DeadlinePassed, LeaseLost
from app.jobs.events import as_json, ending_events, state_event
from app.jobs.machine import Done, Go, NoMemo, Stay, Steps, Wait
from app.jobs.models import Job
from app.jobs.release import Releases
from app.jobs.run import Run
from app.jobs.states import FINAL, JobState
from app.kit.backoff import retry_delay_seconds
from app.kit.clock import Clock

log = structlog.get_logger()

RETRY_BASE_SECONDS = 2.0
RETRY_CAP_SECONDS = 300.0
WRITE_AGAIN_SECONDS = 1.0
CLEANUP_SECONDS = 600.0
_random = Random()  # noqa: S311 (spreads retries, guards nothing)


class Interrupt(IntEnum):
    """Why a running step is stopped from outside. A larger reason replaces a smaller one, never the other way."""

    HAND_BACK = 1  # this process ends; another one continues
    CANCEL = 2
    LOST = 3  # the lease is gone: stop, write nothing


class UnexpectedError(Problem):
    status, code, title, retryable = 500, "INTERNAL", "Internal error", True


class Interrupted(Exception):
    def __init__(self, reason: Interrupt) -> None:
        super().__init__(reason.name)
        self.reason = reason


class Execution:
    """Drives one claim to the point where the lease is given back. ``interrupt`` may be called at any time."""

    def __init__(
        self,
        job: Job,
        steps: Steps[Any, Any],
        sessions: Sessions,
        clock: Clock,
        releases: Releases | None = None,
    ) -> None:
        """``releases`` is shared by executions that are to be written together."""
        self.job = job
        self._steps = steps
        self._sessions = sessions
        self._clock = clock
        self._releases = releases or Releases(sessions)
        self._reason: Interrupt | None = None
        self._work: asyncio.Task[Any] | None = None
        self.run: Run[Any, Any] | None = None

    def interrupt(self, reason: Interrupt) -> None:
        if self._reason is not None and self._reason >= reason:
            return
        if reason is Interrupt.CANCEL and self.run is not None and self.run.is_compensating:
            return  # what a cancel asks for is already under way
        self._reason = reason
        if self._work is not None:
            self._work.cancel()

    async def drive(self) -> None:
        """Never raises: what cannot be written is left to the end of the lease and the reaper."""
        try:
            await self._drive()
        except LeaseLost:
            metrics.LEASES_LOST.inc()
            log.warning("job.lease_lost")
        except Exception:
            log.exception("job.abandoned", note="the lease will expire and the job be taken again")

    async def _drive(self) -> None:
        try:
            self.run = run = self._open()
        except ValidationError as error:
            fields = ", ".join(sorted({".".join(map(str, item["loc"])) for item in error.errors()}))
            problem = ArgsInvalid(f"Arguments or memo do not fit this release: {fields}.")
            self.run = run = Run(job=self.job, args=None, memo=NoMemo(), sessions=self._sessions)
            await self._release(run, JobState.FAILED, error=problem.document())
            return
        if run.is_compensating:
            await self._compensate(run)
            return
        step: str | None = self.job.step or self._steps.names[0]
        run.progress.enter(str(step), self._clock())
        run.progress_changed = True
        while step is not None:
            step = await self._take(run, step)

    async def _take(self, run: Run[Any, Any], step: str) -> str | None:
        """Runs one step and carries out its move; the next step, or None when the lease was given back."""
        deadline = asyncio.timeout(self._seconds_left())
        try:
            async with deadline:
                move = await self._interruptible(getattr(self._steps, step), run)
        except Interrupted as stopped:
            await self._stopped(run, stopped.reason)
        except CancelWished:
            await self._stopped(run, Interrupt.CANCEL)
        except LeaseLost:
            raise
        except Exception as error:  # noqa: BLE001 (_problem logs what is not expected)
            await self._failed(run, self._problem(error, step, is_late=deadline.expired()))
        else:
            if not isinstance(move, Go):
                await self._settle(run, move)
            elif await self._advance(run, move.step):
                return move.step
        return None

    def _seconds_left(self) -> float:
        assert self.job.claimed_at is not None
        return self._steps.args.deadline_seconds - (self._clock() - self.job.claimed_at).total_seconds()

    def _problem(self, error: Exception, step: str, *, is_late: bool) -> Problem:
        """What to tell callers. A step's own TimeoutError is an error like any other."""
        if is_late and isinstance(error, TimeoutError):
            return DeadlinePassed(step, self._steps.args.deadline_seconds)
        if isinstance(error, Problem):
            return error
        known = translate(error) if isinstance(error, DBAPIError) else None
        log.warning("job.step_failed", step=step, exc_info=error)
        return known or UnexpectedError(f"{type(error).__name__} in step {step}; see the worker's log.")

    def _open(self) -> Run[Any, Any]:
        args = self._steps.args.model_validate(self.job.args)
        memo = self._steps.memo.model_validate(self.job.memo or {})
        return Run(job=self.job, args=args, memo=memo, sessions=self._sessions)

    async def _interruptible(self, work: Callable[..., Coroutine[Any, Any, Any]], *arguments: Any) -> Any:
        """Awaits ``work`` in a task of its own, so that it can be stopped while this one goes on and cleans up."""
        self._heed()
        self._work = asyncio.get_running_loop().create_task(work(*arguments))
        try:
            return await self._work
        except asyncio.CancelledError:
            self._heed()
            if is_being_cancelled():
                raise  # by the deadline, or with this process; the work was cancelled along
            raise RuntimeError("something inside the work cancelled it") from None
        except LeaseLost:
            raise
        except Exception as error:
            self._heed(error)
            raise
        finally:
            self._work = None

    def _heed(self, error: Exception | None = None) -> None:
        """Raises Interrupted where it was asked for. What went wrong while stopping is not why the job ends."""
        if self._reason is not None:
            if error is not None:
                log.warning("job.stopping_failed", exc_info=error)
            raise Interrupted(self._reason) from None

    async def _stopped(self, run: Run[Any, Any], reason: Interrupt) -> None:
        if reason is Interrupt.LOST:
            raise LeaseLost
        if reason is Interrupt.HAND_BACK:
            log.info("job.handed_back", step=self.job.step)
            if await self._release(run, JobState.QUEUED, attempt=self.job.attempt - 1, reason="handed back"):
                return
        await self._compensate(run)

    async def _failed(self, run: Run[Any, Any], problem: Problem) -> None:
        document = problem.document(request_id=self.job.request_id)
        attempt, most = self.job.attempt, self.job.max_attempts
        log.warning("job.attempt_failed", code=problem.code, detail=problem.detail, attempt=attempt)
        if problem.retryable and attempt < most:
            delay = retry_delay_seconds(attempt, base=RETRY_BASE_SECONDS, cap=RETRY_CAP_SECONDS, random=_random)
            delay = max(delay, problem.retry_after or 0)
            if await self._release(
                run, JobState.QUEUED, attempt=attempt, delay_seconds=delay, last_error=document, reason="retry"
            ):
                return
            await self._compensate(run)
            return
        self.job.ending = {"state": JobState.FAILED, "error": document}
        await self._compensate(run)

    async def _compensate(self, run: Run[Any, Any]) -> None:
        """Decides the outcome durably, removes the traces, then ends the job."""
        if self.job.ending is None:
            self.job.ending = {"state": JobState.CANCELLED, "error": None}
        ending = self.job.ending
        if not run.is_compensating:
            run.is_compensating = True
            self.job.attempt = 1
            await self._doom(run)
        if self._reason is Interrupt.CANCEL:
            self._reason = None
        outcome = JobState(ending["state"])
        try:
            async with asyncio.timeout(CLEANUP_SECONDS):
                await self._interruptible(self._clean_up, run, outcome)
        except Interrupted as stopped:
            if stopped.reason is Interrupt.LOST:
                raise LeaseLost from None
            await self._release(run, JobState.QUEUED, attempt=self.job.attempt - 1, reason="handed back")
        except LeaseLost:
            raise
        except Exception as error:
            log.exception("job.compensation_failed", attempt=self.job.attempt)
            if self.job.attempt < self.job.max_attempts:
                delay = retry_delay_seconds(
                    self.job.attempt, base=RETRY_BASE_SECONDS, cap=RETRY_CAP_SECONDS, random=_random
                )
                last = error.document() if isinstance(error, Problem) else {"detail": type(error).__name__}
                await self._release(run, JobState.QUEUED, delay_seconds=delay, last_error=last, reason="cleanup retry")
            else:
                cleanup = CleanupFailed(self.job.attempt, ending["error"])
                await self._release(run, JobState.FAILED, error=cleanup.document())
        else:
            await self._release(run, outcome, error=ending["error"])

    async def _clean_up(self, run: Run[Any, Any], outcome: JobState) -> None:
        async with self._sessions() as session, session.begin():
            await cancel_family(session, run.id, by=f"job:{self.job.kind}", whole=False)
        await self._steps.compensate(run, outcome)

    async def _settle(self, run: Run[Any, Any], move: Stay | Wait | Done) -> None:
        if isinstance(move, Done):
            # Also when a cancel was wished meanwhile: it came too late, the work is done.
            await self._release(run, JobState.SUCCEEDED, result=move.result)
            return
        settled = await self._release(
            run,
            JobState.WAITING if isinstance(move, Wait) else JobState.QUEUED,
            attempt=self.job.attempt - 1,
            delay_seconds=move.seconds,
            waiting_for=move.reason if isinstance(move, Wait) else None,
        )
        if not settled:
            await self._compensate(run)

    async def _advance(self, run: Run[Any, Any], step: str) -> bool:
        """Writes the move; False when it was a cancel wish that kept it from being written (then dealt with here)."""
        run.progress.enter(step, self._clock())
        parameters = {
            "id": run.id,
            "token": run.token,
            "step": step,
            "memo": run.memo.model_dump_json(),
            "progress": run.progress.model_dump_json(),
        }
        if await self._write("advance", partial(self._statement, "advance", parameters)):
            self.job.step, self.job.attempt = step, 1
            run.progress_changed = False
            return True
        await self._still_ours(run)
        await self._compensate(run)
        return False

    async def _doom(self, run: Run[Any, Any]) -> None:
        parameters = {
            "id": run.id,
            "token": run.token,
            "memo": run.memo.model_dump_json(),
            "ending": as_json(self.job.ending),
        }
        if not await self._write("doom", partial(self._statement, "doom", parameters)):
            raise LeaseLost

    async def _release(
        self,
        run: Run[Any, Any],
        state: JobState,
        *,
        attempt: int | None = None,
        delay_seconds: float = 0,
        waiting_for: str | None = None,
        result: dict[str, Any] | None = None,
        error: dict[str, Any] | None = None,
        last_error: dict[str, Any] | None = None,
        reason: str | None = None,
    ) -> bool:
        """False: not written, because a cancel wish arrived first. Raises LeaseLost.

        A job that is released in the middle of its compensation stays cancelling when it was.
        """
        is_final = state in FINAL
        if is_final:
            run.progress.leave(self._clock())
            run.progress.percent = 100.0 if state is JobState.SUCCEEDED else run.progress.percent
        events = (
            ending_events(state, result=result, error=error)
            if is_final
            else [
                state_event(
                    state, waiting_for=waiting_for, delay_seconds=delay_seconds, reason=reason, error=last_error
                )
            ]
        )
        move = {
            "id": run.id,
            "token": run.token,
            "state": state.value,
            "waiting_for": waiting_for,
            "delay_seconds": delay_seconds,
            "attempt": max(0, self.job.attempt if attempt is None else attempt),
            "memo": run.memo.model_dump_json() if run.args is not None else None,
            "ending": as_json(self.job.ending if not is_final else None),
            "parked": run.is_compensating,
            "progress": run.progress.model_dump_json(),
            "result": as_json(result),
            "error": as_json(error),
            "last_error": as_json(last_error),
            "events": as_json(events),
        }
        is_child = self.job.parent_id is not None
        if not await self._write("release", partial(self._releases.write, move, is_child=is_child)):
            await self._still_ours(run)
            return False
        log.info("job.released", state=state.value, reason=reason)
        if is_final:
            metrics.count_end(self.job, state, self._clock())
        return True

    async def _statement(self, name: str, parameters: dict[str, Any]) -> bool:
        return bool(await run_alone(self._sessions, named_sql(__package__, name), parameters))

    async def _write(self, name: str, write: Callable[[], Awaitable[bool]]) -> bool:
        """One fenced statement; whether it found the lease. Tried again while the control database is away.

        Without that, a restart of the database would cost every running job its last step. The end of the lease
        bounds it: the worker then says so. Raises LeaseLost.
        """
        while True:
            try:
                return await write()
            except (DBAPIError, PoolTimeout, OSError) as error:
                if isinstance(error, DBAPIError) and translate(error) is None:
                    raise
                log.warning("job.write_failed", statement=name, error=type(error).__name__)
            if self._reason is Interrupt.LOST:
                raise LeaseLost
            await asyncio.sleep(WRITE_AGAIN_SECONDS)

    async def _still_ours(self, run: Run[Any, Any]) -> None:
        async with run.reading() as session:
            token = (await session.exec(select(Job.lease_token).where(Job.id == run.id))).one_or_none()
        if token != run.token:
            raise LeaseLost


def is_being_cancelled() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
