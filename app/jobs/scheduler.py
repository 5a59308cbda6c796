"""Schedules: due slots become jobs, each slot once, whichever replica comes first."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5
from zoneinfo import ZoneInfo

import structlog
from cronsim import CronSimError
from sqlalchemy import and_, case, text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from app.db.engine import Sessions
from app.db.sql import run_sql
from app.jobs.contract import KINDS
from app.jobs.enqueue import Target, enqueue_rows, job_row
from app.jobs.lanes import ANYWHERE, Lane, lanes_of
from app.jobs.models import CatchUp, Schedule
from app.kit.cron import Cron, jitter_seconds

log = structlog.get_logger()

BATCH = 500
MOST_CAUGHT_UP = 100  # slots of one schedule at a time
AGAIN = timedelta(hours=1)
GRACE_SECONDS = 60.0
"""A slot younger than this is not missed, only late: `skip` still runs it."""

_ADVANCE = text("""
    UPDATE schedule
    SET slot = told.slot, next_run_at = told.next_run_at, last_slot = coalesce(told.last_slot, schedule.last_slot)
    FROM unnest(CAST(:ids AS uuid[]), CAST(:slots AS timestamptz[]), CAST(:runs AS timestamptz[]),
                CAST(:lasts AS timestamptz[])) AS told (id, slot, next_run_at, last_slot)
    WHERE schedule.id = told.id
""")


async def fire_due(sessions: Sessions, now: datetime) -> int:
    """Enqueues the jobs of every schedule that is due at ``now``; returns how many schedules were due.

    Kinds that this release does not know are left to those that do.
    """
    fired = 0
    while True:
        async with sessions() as session, session.begin():
            due = (await session.exec(due_query(now))).all()
            moves = [_move(schedule, now) for schedule in due]
            lanes = await lanes_of(session, {schedule.database_id for schedule in due if schedule.database_id})
            rows = [
                row for schedule, move in zip(due, moves, strict=True) for row in _jobs(schedule, move.slots, lanes)
            ]
            if rows:
                await enqueue_rows(session, rows)
            if moves:
                parameters = {
                    "ids": [schedule.id for schedule in due],
                    "slots": [move.following for move in moves],
                    "runs": [move.next_run_at for move in moves],
                    "lasts": [move.slots[-1] if move.slots else None for move in moves],
                }
                await run_sql(session, _ADVANCE, parameters)
        fired += len(due)
        if len(due) < BATCH:
            return fired


def due_query(now: datetime) -> SelectOfScalar[Schedule]:
    """Walks ix_schedule_due in its order."""
    return (
        select(Schedule)
        .where(col(Schedule.enabled), col(Schedule.next_run_at) <= now, col(Schedule.kind).in_(sorted(KINDS)))
        .order_by(col(Schedule.next_run_at))
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )


@dataclass(frozen=True, slots=True)
class _Move:
    slots: list[datetime]  # those to enqueue now
    following: datetime
    next_run_at: datetime


def _move(schedule: Schedule, now: datetime) -> _Move:
    """Which slots are due: those that, moved by the schedule's jitter, do not lie in the future."""
    jitter = timedelta(seconds=jitter_seconds(schedule.id, schedule.jitter_seconds))
    horizon = max(schedule.slot, now - jitter)
    try:
        cron = Cron(schedule.cron, ZoneInfo(schedule.zone))
        match schedule.catch_up:
            case CatchUp.ALL:
                slots = [schedule.slot, *cron.slots(schedule.slot, horizon, MOST_CAUGHT_UP - 1)]
                following = cron.next_after(slots[-1])  # perhaps due as well, and then for the next tick
            case CatchUp.SKIP:
                fresh = horizon - timedelta(seconds=GRACE_SECONDS)
                slots = [schedule.slot] if schedule.slot >= fresh else cron.slots(fresh, horizon, 1)
                following = cron.next_after(horizon)
            case _:
                slots = [schedule.slot]
                following = cron.next_after(horizon)
    except (ValueError, LookupError, OSError, CronSimError) as error:
        # It was checked when it was written; the zones of this machine may have changed. The others must go on.
        log.error("schedule.unreadable", schedule_id=str(schedule.id), owner=schedule.owner, error=str(error))
        return _Move([], schedule.slot, now + AGAIN)
    if schedule.slot not in slots:
        log.warning("schedule.slot_skipped", schedule_id=str(schedule.id), slot=schedule.slot.isoformat())
    return _Move(slots, following, following + jitter)


def _jobs(schedule: Schedule, slots: list[datetime], lanes: Mapping[UUID, Lane]) -> list[dict[str, Any]]:
    """Arguments are not judged here: a job that fails for them is seen, a schedule that does not fire is not."""
    lane = lanes.get(schedule.database_id, ANYWHERE) if schedule.database_id else ANYWHERE
    return [
        job_row(
            KINDS[schedule.kind],
            schedule.args,
            [Target(schedule.database_id)] if schedule.database_id else [],
            created_by=f"schedule:{schedule.id}",
            dedupe_key=f"schedule:{schedule.id}:{slot.isoformat()}",
            project_id=schedule.project_id,
            lane=lane,
        )
        for slot in slots
    ]


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
    """Makes or replaces the schedule of ``owner``. Raises ValueError for an expression or a zone that do not exist.

    A slot that is due and has not fired yet is not lost by that, as long as cron, zone and jitter stay what they were.
    """
    schedule_id = schedule_id_of(owner)
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
    same = and_(
        *(col(getattr(Schedule, name)) == values[name] for name in ("cron", "zone", "jitter_seconds")),
        col(Schedule.enabled),
    )
    times = {name: case((same, col(getattr(Schedule, name))), else_=values[name]) for name in ("slot", "next_run_at")}
    await session.exec(statement.on_conflict_do_update(index_elements=["owner"], set_=values | times))


def schedule_id_of(owner: str) -> UUID:
    """The same for ever, so that the jitter stays when the schedule is replaced."""
    return uuid5(NAMESPACE_OID, owner)


async def drop_schedule(session: AsyncSession, owner: str) -> None:
    await run_sql(session, text("DELETE FROM schedule WHERE owner = :owner"), {"owner": owner})


async def drop_schedules_of(session: AsyncSession, database_id: UUID) -> None:
    """For a database that is gone: nothing is done for it by itself any more."""
    await run_sql(session, text("DELETE FROM schedule WHERE database_id = :id"), {"id": database_id})
