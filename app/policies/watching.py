"""What goes wrong by nothing happening: a slot that no job was made of, a location that no backup comes to.

And the policy that nobody has made: a production database gets one as soon as its project has a location.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel.ext.asyncio.session import AsyncSession

from app.databases.models import Database
from app.errors import Problem
from app.events.alerts import clear_alert, open_alert, open_subjects
from app.events.models import AlertType
from app.jobs.scheduler import put_schedule, schedule_id_of
from app.kit.cron import jitter_seconds
from app.kit.ids import encode_id
from app.locations.access import open_store
from app.locations.models import Location, LocationState
from app.locations.repository import LocationRepository
from app.policies.models import BackupPolicy
from app.policies.overdue import due_by, newest_in
from app.policies.repository import PolicyRepository
from app.policies.schemas import ExpireBackups, PolicyRules, owner_of
from app.policies.service import PolicyService
from app.runtime import Runtime

log = structlog.get_logger()

LATE: Final = timedelta(seconds=45)  # looked at every minute, so told within two
LOOK_AGAIN: Final = timedelta(hours=1)
LOOK_SOON: Final = timedelta(minutes=5)
EXPIRE_OWNER: Final = "backups:expire"
EXPIRE_CRON: Final = "15 5 * * *"
AT_ONCE: Final = 20
ROWS_TO_TRY: Final = 20
SECONDS_OF_A_LOOK: Final = 20.0


async def make_defaults(runtime: Runtime) -> None:
    """Also the one schedule that belongs to no policy."""
    async with runtime.sessions() as session, session.begin():
        for database in await PolicyRepository(session).without_policy(limit=AT_ONCE):
            await PolicyService(session, runtime.clock()).make_default(database)
        if EXPIRE_OWNER not in await PolicyRepository(session).schedules([EXPIRE_OWNER]):
            kind, now = ExpireBackups.kind, runtime.clock()
            await put_schedule(session, owner=EXPIRE_OWNER, kind=kind, args={}, cron=EXPIRE_CRON, now=now)


async def watch_missed(session: AsyncSession, now: datetime) -> None:
    """Opens and clears; more than one process may do so at once."""
    policies = PolicyRepository(session)
    missed: dict[UUID, str] = {}
    for schedule in await policies.late_schedules(now - LATE):
        due = schedule.slot + timedelta(seconds=jitter_seconds(schedule.id, schedule.jitter_seconds))
        if schedule.database_id is not None and due < now - LATE:
            missed[schedule.database_id] = (
                f"The slot of {schedule.slot:%Y-%m-%d %H:%M} UTC ({schedule.cron}, {schedule.zone}) was due at "
                f"{due:%H:%M:%S} and has not begun. Look whether a worker runs and reaches the control database."
            )
    for job in await policies.never_begun(now - LATE):
        if job.database_id is not None:
            missed[job.database_id] = (
                f"{encode_id('job', job.id)} of a slot waits since {job.run_after:%Y-%m-%d %H:%M:%S} UTC and no worker has "
                "taken it. Look whether one runs on the host of the database, and whether all are busy."
            )
    told = await open_subjects(session, AlertType.SCHEDULE_MISSED)
    for database_id, detail in missed.items():
        if encode_id("db", database_id) not in told:
            database = await session.get_one(Database, database_id)
            await open_alert(
                session,
                AlertType.SCHEDULE_MISSED,
                encode_id("db", database_id),
                title=f"A scheduled backup of {database.name} has not begun",
                detail=detail,
                project_id=database.project_id,
                database_id=database_id,
            )
    for about in told - {encode_id("db", database_id) for database_id in missed}:
        await clear_alert(session, AlertType.SCHEDULE_MISSED, str(about), reason="the schedule goes on")


async def watch_overdue(runtime: Runtime) -> None:
    """Looks into the locations of those policies whose time it is, side by side."""
    async with runtime.sessions() as session, session.begin():
        policies = PolicyRepository(session)
        now = await policies.now()
        looks = []
        for policy in await policies.due_to_look(limit=AT_ONCE):
            policy.look_at = now + LOOK_SOON  # also if this process dies meanwhile
            try:
                looks.append(await _Look.of(session, policy))
            except ValueError as error:  # it was checked when it was put; the zones of this machine may have changed
                log.error("policy.unreadable", policy_id=encode_id("pol", policy.id), error=str(error))
    async with asyncio.TaskGroup() as tasks:
        for look in looks:
            tasks.create_task(_look(runtime, look))


@dataclass(frozen=True, slots=True)
class _Look:
    policy_id: UUID
    database_id: UUID
    project_id: UUID
    look_at: datetime
    rules: PolicyRules
    locations: Sequence[Location]
    newest: Mapping[UUID, Sequence[UUID]]  # of each schedule, as the rows tell

    @classmethod
    async def of(cls, session: AsyncSession, policy: BackupPolicy) -> "_Look":
        rules = PolicyRules.model_validate(policy.rules)
        locations = LocationRepository(session)
        if rules.location_ids is None:
            found = [await locations.default_of(policy.project_id)]
        else:
            found = [await locations.find(location_id) for location_id in rules.location_ids]
        here = [one for one in found if one is not None and one.state != LocationState.DELETED]
        policies, newest = PolicyRepository(session), {}
        for number in range(len(rules.schedules)):
            schedule_id = schedule_id_of(owner_of(policy.database_id, number))
            newest[schedule_id] = await policies.newest_of_schedule(policy.database_id, schedule_id, limit=ROWS_TO_TRY)
        return cls(policy.id, policy.database_id, policy.project_id, policy.look_at, rules, here, newest)


async def _look(runtime: Runtime, look: _Look) -> None:
    seen: dict[str, dict[str, str]] = {}
    for location in look.locations:
        try:
            async with asyncio.timeout(SECONDS_OF_A_LOOK):
                store = await open_store(runtime.stores, runtime.key_ring, location)
                found = await newest_in(store, look.project_id, look.database_id, look.newest)
        except (Problem, TimeoutError) as error:  # what was seen there before still counts, and grows old
            log.warning("policy.look_failed", location_id=encode_id("loc", location.id), error=type(error).__name__)
        else:
            seen[encode_id("loc", location.id)] = {encode_id("sch", key): at.isoformat() for key, at in found.items()}
    try:
        async with runtime.sessions() as session, session.begin():
            await _judge(session, look, seen)
    except (SQLAlchemyError, OSError) as error:
        log.warning("policy.look_not_kept", policy_id=encode_id("pol", look.policy_id), error=type(error).__name__)


async def _judge(session: AsyncSession, look: _Look, seen: Mapping[str, dict[str, str]]) -> None:
    policies = PolicyRepository(session)
    policy = await policies.find(look.policy_id, change=True)
    if policy is None or not policy.enabled:
        return
    now = await policies.now()
    policy.seen = {key: policy.seen.get(key, {}) for key in map(_key, look.locations)} | dict(seen)
    late, following = overdue(policy, look.rules, look.locations, now)
    if policy.look_at == look.look_at:  # else somebody wants it to be looked at sooner
        policy.look_at = now + LOOK_SOON if late else min(now + LOOK_AGAIN, max(following, now + LOOK_SOON / 5))
    about = encode_id("db", look.database_id)
    if not late:
        await clear_alert(
            session, AlertType.BACKUP_OVERDUE, about, reason="each location has a backup that is new enough"
        )
        return
    database = await session.get_one(Database, look.database_id)
    await open_alert(
        session,
        AlertType.BACKUP_OVERDUE,
        about,
        title=f"No scheduled backup of {database.name} came in time",
        detail=f"{' '.join(late)} Its jobs and alerts tell why: GET /v1/jobs?database_id={about}.",
        project_id=look.project_id,
        database_id=look.database_id,
    )


def overdue(
    policy: BackupPolicy, rules: PolicyRules, locations: Sequence[Location], now: datetime
) -> tuple[list[str], datetime]:
    """A sentence for each location and schedule that is too late, and when the next one would be.

    What a policy demands counts from when it was made or changed last.
    """
    late, following = [], now + LOOK_AGAIN
    for location in locations:
        for number, rule in enumerate(rules.schedules):
            schedule = encode_id("sch", schedule_id_of(owner_of(policy.database_id, number)))
            told = policy.seen.get(_key(location), {}).get(schedule)
            newest = datetime.fromisoformat(told) if told else None
            due = due_by(rule.parsed(), max(newest or policy.updated_at, policy.updated_at), rule.jitter_seconds)
            if now <= due:
                following = min(following, due)
                continue
            what = f"its newest is of {newest:%Y-%m-%d %H:%M} UTC" if newest else "there is none"
            late.append(f"In {location.name} one of the schedule {rule.cron} ({rule.zone}) was due, and {what}.")
    return late, following


def _key(location: Location) -> str:
    return encode_id("loc", location.id)
