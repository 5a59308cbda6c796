"""A slot of a schedule from its backup to what follows, a pass of a policy, and what has reached its day to expire."""

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from pydantic import BaseModel
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.backups.schemas import TakeBackup
from app.databases.models import Database, DatabaseState
from app.errors import Problem
from app.events.emit import emit
from app.jobs.contract import JobArgs
from app.jobs.enqueue import OnConflict, Target, enqueue
from app.jobs.machine import Move, NoMemo, Steps, done, go, step, wait
from app.jobs.models import Job
from app.jobs.run import Run
from app.jobs.scheduler import schedule_id_of
from app.jobs.states import FINAL, JobState
from app.kit.ids import decode_id, encode_id, new_id
from app.locations.holdings import Backup, Origin
from app.locations.models import Location, LocationState
from app.policies.enforcing import enforce, expire
from app.policies.errors import LogicalDatabaseUnknown
from app.policies.models import BackupPolicy
from app.policies.repository import GOOD, PolicyRepository
from app.policies.schemas import ExpireBackups, PolicyRules, RetainBackups, RunSchedule, ScheduleRule, owner_of
from app.runtime import Runtime
from app.verifications.schemas import VerifyBackup

_GONE: Final = frozenset({DatabaseState.DELETING, DatabaseState.DELETED})


class RunMemo(BaseModel):
    """Each is written with what it tells of, so no step does its work twice."""

    skipped: str | None = None
    is_started: bool = False
    is_settled: bool = False


SlotRun = Run[RunSchedule, RunMemo]


@dataclass(frozen=True)
class RunScheduleSteps(Steps[RunSchedule, RunMemo]):
    runtime: Runtime

    args = RunSchedule
    memo = RunMemo

    @step
    async def start(self, run: SlotRun) -> Move:
        """A slot that comes while the backup of the one before still runs is skipped, and that is written down."""
        if not run.memo.is_started and run.memo.skipped is None:
            async with run.writing() as session:
                run.memo.skipped = await self._start(session, run)
                run.memo.is_started = run.memo.skipped is None
        if run.memo.skipped is not None:
            return done(skipped=run.memo.skipped, slot=_slot(run))
        return go(self.backup)

    @step
    async def backup(self, run: SlotRun) -> Move:
        (child,) = await run.children()
        if JobState(child.state) not in FINAL:
            return wait(child.waiting_for or "the backup")
        if child.state == JobState.CANCELLED:
            return done(skipped="the backup was cancelled", slot=_slot(run))
        return go(self.copies)

    @step
    async def copies(self, run: SlotRun) -> Move:
        """Those to further locations have jobs of their own. What they come to is theirs; what follows looks at all."""
        async with run.reading() as session:
            backups = await _taken(session, run)
            is_copying = await PolicyRepository(session).are_copied([backup.id for backup in backups])
        return wait("the copies of the backup", seconds=10) if is_copying else go(self.settle)

    @step
    async def settle(self, run: SlotRun) -> Move:
        async with run.reading() as session:
            backups = await _taken(session, run)
        if not run.memo.is_settled:
            async with run.writing() as session:
                await self._settle(session, run, backups)
                run.memo.is_settled = True
        ids = [encode_id("bak", backup.id) for backup in backups]
        return done(type="backup", backup_ids=ids, slot=_slot(run))

    async def _start(self, session: AsyncSession, run: SlotRun) -> str | None:
        """None when the backup is on its way, else why there is none."""
        policy = await PolicyRepository(session).find(run.args.policy_id, change=True)
        rules = PolicyRules.model_validate(policy.rules) if policy else PolicyRules()
        if policy is None or not policy.enabled or run.args.number >= len(rules.schedules):
            return "the policy is switched off, or no longer has this schedule"
        database = await session.get_one(Database, policy.database_id)
        if database.state in _GONE or database.state == DatabaseState.CREATING:
            return f"the database is {database.state}"
        rule = rules.schedules[run.args.number]
        names = _names(rule, database)
        args = TakeBackup(
            database_id=database.id,
            set_id=new_id(),
            origin=Origin.SCHEDULED,
            logical_databases=names,
            options=rule.options(),
            encryption=rule.encryption,
            location_ids=await _locations(session, rules),
            policy_id=policy.id,
            schedule_id=_schedule_id(run),
        )
        enqueued = await enqueue(
            session,
            args,
            created_by=run.job.created_by,
            targets=[Target(database.id, name) for name in names or ("",)],
            project_id=database.project_id,
            subject_id=args.subject_id(),
            parent=run.job,
            dedupe_key=f"{run.args.subject_id()}:{run.args.number}:backup",
            on_conflict=OnConflict.QUEUE,
        )
        if enqueued.is_new:
            return None
        emit(
            session,
            "backup.slot_skipped",
            project_id=policy.project_id,
            database_id=policy.database_id,
            subject_id=run.args.subject_id(),
            job_id=run.id,
            slot=_slot(run),
            running_job_id=encode_id("job", enqueued.job.id),
        )
        return f"{encode_id('job', enqueued.job.id)} still takes the backup of a slot before"

    async def _settle(self, session: AsyncSession, run: SlotRun, backups: list[Backup]) -> None:
        policies = PolicyRepository(session)
        policy = await policies.find(run.args.policy_id, change=True)
        if policy is None or not backups:
            return
        last = {encode_id("sch", _schedule_id(run)): str(backups[0].set_id)}
        policy.last_sets = policy.last_sets | last
        policy.look_at = await policies.now()
        level = PolicyRules.model_validate(policy.rules).verify.every.level
        for backup in backups if level is not None else ():
            assert level is not None
            verify = VerifyBackup(backup_id=backup.id, level=level)
            await _follow(session, verify, policy, run, dedupe_key=verify.dedupe_key())
        retain = RetainBackups(policy_id=policy.id)
        await _follow(session, retain, policy, run, dedupe_key=f"{retain.subject_id()}:retain")


class RetainMemo(BaseModel):
    report: dict[str, Any] | None = None


@dataclass(frozen=True)
class RetainBackupsSteps(Steps[RetainBackups, RetainMemo]):
    """The report is written with what it tells of: a pass whose end nobody saw is not made again."""

    runtime: Runtime

    args = RetainBackups
    memo = RetainMemo

    @step
    async def judge(self, run: Run[RetainBackups, RetainMemo]) -> Move:
        if run.memo.report is None:
            async with run.writing() as session:
                policy = await PolicyRepository(session).find(run.args.policy_id, change=True)
                if policy is None or not policy.enabled:
                    return done(skipped="the policy is switched off")
                run.memo.report = await enforce(
                    session,
                    policy,
                    released_by=run.args.released_by,
                    created_by=run.job.created_by,
                    job_id=run.id,
                )
        return done(**run.memo.report)


@dataclass(frozen=True)
class ExpireBackupsSteps(Steps[ExpireBackups, NoMemo]):
    runtime: Runtime

    args = ExpireBackups
    memo = NoMemo

    @step
    async def expire(self, run: Run[ExpireBackups, NoMemo]) -> Move:
        """One database at a time. What one of them has against it is told, and the others are not left for it."""
        async with run.reading() as session:
            databases = await PolicyRepository(session).databases_with_expired()
        expired = 0
        for database_id in databases:
            try:
                async with run.writing() as session:
                    expired += await expire(session, database_id, created_by=run.job.created_by)
            except Problem as problem:
                await run.warn(f"{encode_id('db', database_id)}: {problem.detail}")
        return done(expired=expired)


def _slot(run: SlotRun) -> str | None:
    """As the scheduler has written it down; a job that somebody retried has none."""
    return (run.job.dedupe_key or "").partition(f"schedule:{_schedule_id(run)}:")[2] or None


def _schedule_id(run: SlotRun) -> UUID:
    return schedule_id_of(owner_of(run.args.database_id, run.args.number))


def _names(rule: ScheduleRule, database: Database) -> tuple[str, ...]:
    """Empty for all that the server has. Raises LogicalDatabaseUnknown."""
    if rule.all_logical_databases:
        return ()
    if rule.logical_databases is not None:
        return tuple(rule.logical_databases)
    if database.default_database is None:
        raise LogicalDatabaseUnknown(database.id)
    return (database.default_database,)


async def _locations(session: AsyncSession, rules: PolicyRules) -> tuple[UUID, ...]:
    """Those of the policy that are still there. Empty: the project's default one, which the backup looks for itself."""
    found = [await session.get(Location, location_id) for location_id in rules.location_ids or ()]
    return tuple(one.id for one in found if one is not None and one.state != LocationState.DELETED)


async def _taken(session: AsyncSession, run: SlotRun) -> list[Backup]:
    """The good backups of the slot."""
    children = select(Job).where(Job.parent_id == run.id, Job.kind == TakeBackup.kind)
    sets = [decode_id("set", job.args["set_id"]) for job in (await session.exec(children)).all()]
    query = select(Backup).where(col(Backup.set_id).in_(sets), col(Backup.state).in_(GOOD)).order_by(col(Backup.id))
    return list((await session.exec(query)).all())


async def _follow(session: AsyncSession, args: JobArgs, policy: BackupPolicy, run: SlotRun, *, dedupe_key: str) -> None:
    await enqueue(
        session,
        args,
        created_by=run.job.created_by,
        project_id=policy.project_id,
        subject_id=args.subject_id(),
        dedupe_key=dedupe_key,
    )
