"""Leases that ended because their worker died: the job is queued again, or ended when its attempts are used up."""

from typing import Any

import structlog

from app.db.engine import Sessions
from app.db.sql import named_sql, run_sql
from app.jobs import metrics
from app.jobs.errors import CleanupFailed, WorkerLost
from app.jobs.events import as_json, ending_events, state_event
from app.jobs.release import as_moves
from app.jobs.states import FINAL, JobState
from app.kit.ids import encode_id

log = structlog.get_logger()


async def reap(sessions: Sessions) -> int:
    """How many jobs were taken from dead workers. Any number of processes may reap at once."""
    async with sessions() as session, session.begin():
        expired = (await run_sql(session, named_sql(__package__, "expired"))).all()
        for row in expired:
            verdict = _verdict(row)
            # One by one: a child and its parent may have died together.
            await run_sql(session, named_sql(__package__, "release"), {"moves": as_moves([verdict])})
            metrics.WORKERS_LOST.inc()
            if verdict["state"] in FINAL:
                metrics.ENDED.labels(row.kind, verdict["state"]).inc()
            log.warning("job.worker_lost", job_id=encode_id("job", row.id), holder=row.holder, attempt=row.attempt)
    return len(expired)


def _verdict(row: Any) -> dict[str, Any]:
    """What becomes of the job. A death counts like a failure: the attempt was counted when the job was taken."""
    exhausted = row.attempt >= row.max_attempts
    ending, attempt, delay_seconds = row.ending, row.attempt, 0.0
    state, error = JobState.QUEUED, None
    if row.ending is not None and exhausted:
        state, error = JobState.FAILED, CleanupFailed(row.attempt, row.ending["error"]).document()
    elif row.ending is None and row.state == JobState.CANCELLING:
        ending, attempt = {"state": JobState.CANCELLED, "error": None}, 0
    elif row.ending is None and exhausted:
        # Not final yet: what the dead worker left behind must be removed by a living one.
        ending, attempt = {"state": JobState.FAILED, "error": WorkerLost(row.attempt).document()}, 0
    elif row.attempt > 1:
        delay_seconds = min(300.0, 2.0**row.attempt)
    is_final = state is JobState.FAILED
    events = ending_events(state, error=error) if is_final else [state_event(state, reason="worker lost")]
    return {
        "id": row.id,
        "token": row.lease_token,
        "state": state.value,
        "parked": True,
        "waiting_for": None,
        "delay_seconds": delay_seconds,
        "attempt": attempt,
        "memo": None,
        "ending": None if is_final else as_json(ending),
        "progress": None,
        "result": None,
        "error": as_json(error),
        "last_error": as_json(WorkerLost(row.attempt).document()),
        "events": as_json(events),
    }
