"""The numbered events of a job: what they say, and following them as they come."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any
from uuid import UUID

from sqlmodel import col, select

from app.db.engine import Sessions
from app.db.listener import Listener
from app.jobs.models import EventKind, Job, JobEvent
from app.jobs.states import FINAL, JobState

POLL_SECONDS = 5.0
STOP_SECONDS = 1.0


def as_json(value: Any) -> str | None:
    """For a jsonb column, which refuses NUL and lone surrogates; errors may quote either from the world outside."""
    if value is None:
        return None
    text = json.dumps(value, default=str, ensure_ascii=False).replace("\\u0000", "\\ufffd")
    return text.encode("utf-8", "replace").decode()


def state_event(
    state: JobState,
    *,
    waiting_for: str | None = None,
    delay_seconds: float = 0,
    reason: str | None = None,
    error: dict[str, Any] | None = None,
) -> dict[str, Any]:
    detail: dict[str, Any] = {"state": state.value}
    if waiting_for is not None:
        detail["waiting_for"] = waiting_for
    if reason is not None:
        detail["reason"] = reason
    if delay_seconds:
        detail["next_attempt_in_seconds"] = round(delay_seconds, 1)
    if error is not None:
        detail["error"] = error
    return {"kind": EventKind.STATE, "detail": detail}


def ending_events(
    state: JobState, *, result: dict[str, Any] | None = None, error: dict[str, Any] | None = None
) -> list[dict[str, Any]]:
    """What a job's end is told as: its state, its result if there is one, and the end of the stream."""
    events = [state_event(state, error=error)]
    if result is not None:
        events.append({"kind": EventKind.RESULT, "detail": result})
    events.append({"kind": EventKind.END, "detail": {"state": state.value}})
    return events


class JobWatch:
    """Wakes those who wait for a job of this process's listener; also polls, since a notification may be lost."""

    def __init__(self, sessions: Sessions, listener: Listener, job_id: UUID) -> None:
        self._sessions = sessions
        self._listener = listener
        self._job_id = job_id
        self._changed = asyncio.Event()

    def _heard(self, payload: str) -> None:
        if payload in ("", str(self._job_id)):
            self._changed.set()

    async def changed_since(self, revision: int | None, *, seconds: float, stop: asyncio.Event) -> Job | None:
        """The job once it is final or, given a ``revision``, beyond it; else as it is after ``seconds`` or at ``stop``.

        None when there is no such job. Holds no database connection while it waits.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + seconds
        looked = float("-inf")
        with self._listener.heard("pgm_job", self._heard):
            while True:
                if self._changed.is_set() or loop.time() - looked >= POLL_SECONDS or loop.time() >= deadline:
                    self._changed.clear()
                    looked = loop.time()
                    job = await self._job()
                    changed = job is not None and revision is not None and job.revision > revision
                    if job is None or changed or JobState(job.state) in FINAL or looked >= deadline or stop.is_set():
                        return job
                await self._wait(min(STOP_SECONDS, max(0.0, deadline - loop.time())))
                if stop.is_set():
                    deadline = loop.time()

    async def follow(self, after: int, *, stop: asyncio.Event) -> AsyncIterator[JobEvent | Job]:
        """Every event numbered above ``after`` in order, and the job itself at first and whenever only it moved.

        Ends after the end event, or within a second of ``stop`` being set.
        """
        revision = -1
        with self._listener.heard("pgm_job", self._heard):
            while not stop.is_set():
                self._changed.clear()
                events, job = await self._news(after)
                for event in events:
                    after = event.number
                    yield event
                    if event.kind == EventKind.END:
                        return
                if job is None or (JobState(job.state) in FINAL and not events):
                    return
                if job.revision != revision and (revision < 0 or not events):
                    yield job
                revision = job.revision
                await self._wait(STOP_SECONDS)

    async def _wait(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._changed.wait()

    async def _job(self) -> Job | None:
        async with self._sessions() as session:
            return await session.get(Job, self._job_id)

    async def _news(self, after: int) -> tuple[list[JobEvent], Job | None]:
        async with self._sessions() as session:
            # The job first: an event that comes between the two reads is then seen, or announced by a notification.
            job = await session.get(Job, self._job_id)
            query = (
                select(JobEvent)
                .where(JobEvent.job_id == self._job_id, JobEvent.number > after)
                .order_by(col(JobEvent.number))
                .limit(500)
            )
            return list((await session.exec(query)).all()), job
