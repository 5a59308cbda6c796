"""Schedules: due slots become jobs, each slot once, whichever replica comes first."""

from datetime import datetime, timedelta
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

import structlog
from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.db.engine import Sessions
from app.db.sql import run_sql
from app.jobs.contract import KINDS
from app.jobs.enqueue import OnConflict, Target, enqueue
from app.jobs.models import CatchUp, Schedule
from app.kit.cron import Cron, jitter_seconds

log = structlog.get_logger()

BATCH = 500
MOST_CAUGHT_UP = 100
GRACE_SECONDS = 60.0
"""A slot younger than this is not missed, only late: `skip` still runs it."""

_ADVANCE = text("""
    UPDATE schedule SET slot = told.slot, next_run_at = told.next_run_at, last_slot = told.last_slot
    FROM unnest(CAST(:ids AS uuid[]), CAST(:slots AS timestamptz[]), CAST(:runs AS timestamptz[]),
                CAST(:lasts AS timestamptz[])) AS told (id, slot, next_run_at, last_slot)
    WHERE schedule.id = told.id
""")


async def fire_due(sessions: Sessions, now: datetime) -> int:
    """Enqueues the jobs of every schedule that is due at ``now``; returns how many schedules were due."""
    fired = 0
    while True:
        async with sessions() as session, session.begin():
            query = (
                select(Schedule)
                .where(col(Schedule.enabled), col(Schedule.next_run_at) <= now)
                .order_by(col(Schedule.next_run_at))
                .limit(BATCH)
                .with_for_update(skip_locked=True)
            )
            due = (await session.exec(query)).all()
            moves = [await _fire(session, schedule, now) for schedule in due]
            if moves:
                ids, slots, runs, lasts = (list(column) for column in zip(*moves, strict=True))
                await run_sql(session, _ADVANCE, {"ids": ids, "slots": slots, "runs": runs, "lasts": lasts})
        fired += len(due)
        if len(due) < BATCH:
            return fired


async def _fire(session: AsyncSession, schedule: Schedule, now: datetime) -> tuple[UUID, datetime, datetime, datetime]:
    cron = Cron.parse(schedule.cron, schedule.zone)
    missed = cron.slots(schedule.slot, now, MOST_CAUGHT_UP) if schedule.catch_up == CatchUp.ALL else []
    slots = [schedule.slot, *missed]
    if schedule.catch_up == CatchUp.SKIP and (now - schedule.next_run_at).total_seconds() > GRACE_SECONDS:
        slots = []
        log.warning("schedule.slot_skipped", schedule_id=str(schedule.id), slot=schedule.slot.isoformat())
    for slot in slots:
        args = KINDS[schedule.kind].model_validate(schedule.args)
        await enqueue(
            session,
            args,
            created_by=f"schedule:{schedule.id}",
            project_id=schedule.project_id,
            targets=[Target(schedule.database_id)] if schedule.database_id else [],
            on_conflict=OnConflict.QUEUE,
            dedupe_key=f"schedule:{schedule.id}:{slot.isoformat()}",
        )
    following = cron.next_after(now)
    jitter = jitter_seconds(schedule.id, schedule.jitter_seconds)
    return schedule.id, following, following + timedelta(seconds=jitter), slots[-1] if slots else schedule.slot


async def put_schedule(
    session: AsyncSession,
    *,
    owner: str,
    kind: str,
    args: dict[str, Any],
    cron: str,
    now: datetime,
    zone: str = "UTC",
    jitter_bound_seconds: int = 0,
    catch_up: CatchUp = CatchUp.ONCE,
    project_id: UUID | None = None,
    database_id: UUID | None = None,
) -> None:
    """Makes or replaces the schedule of ``owner``. Raises ValueError for an expression or a zone that do not exist."""
    schedule_id = uuid5(NAMESPACE_OID, owner)  # its jitter stays the same when the schedule is replaced
    slot = Cron.parse(cron, zone).next_after(now)
    values = {
        "kind": kind,
        "args": args,
        "cron": cron,
        "zone": zone,
        "jitter_seconds": jitter_bound_seconds,
        "catch_up": catch_up.value,
        "project_id": project_id,
        "database_id": database_id,
        "slot": slot,
        "next_run_at": slot + timedelta(seconds=jitter_seconds(schedule_id, jitter_bound_seconds)),
        "enabled": True,
    }
    statement = insert(Schedule).values(id=schedule_id, owner=owner, **values)
    await session.exec(statement.on_conflict_do_update(index_elements=["owner"], set_=values))


async def drop_schedule(session: AsyncSession, owner: str) -> None:
    await run_sql(session, text("DELETE FROM schedule WHERE owner = :owner"), {"owner": owner})
