"""What a worker clears away: jobs that ended long ago, and answers that are no longer replayed."""

import structlog

from app.auth.idempotency import forget_expired
from app.db.engine import Sessions
from app.db.sql import named_sql, run_sql

log = structlog.get_logger()

KEPT_DAYS = 30
BATCH = 500


async def maintain(sessions: Sessions) -> None:
    """Domain events and the audit trail stay. Any number of processes may do this at once."""
    jobs = await prune(sessions)
    async with sessions() as session, session.begin():
        answers = await forget_expired(session)
    log.info("maintenance.done", jobs=jobs, answers=answers)


async def prune(sessions: Sessions, *, days: int = KEPT_DAYS, batch: int = BATCH) -> int:
    """Deletes finished jobs older than ``days``, in transactions of ``batch`` so that none of them is long."""
    pruned = 0
    while True:
        async with sessions() as session, session.begin():
            deleted = await run_sql(session, named_sql(__package__, "prune"), {"days": days, "limit": batch})
        pruned += deleted.rowcount
        if deleted.rowcount < batch:
            return pruned
