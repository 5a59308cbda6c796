"""What callers may do with policies: read and replace one, try one out, let go what was blocked."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from app.auth.audit import audit, current_request_id
from app.auth.principal import Principal
from app.databases.access import visible_database
from app.databases.errors import DatabaseStateInvalid
from app.databases.models import Database, DatabaseState
from app.db.locks import lock_key, lock_until_commit
from app.events.alerts import clear_alert
from app.events.models import AlertType
from app.jobs.enqueue import enqueue
from app.jobs.models import Job
from app.jobs.scheduler import drop_schedule, put_schedule, schedule_id_of
from app.kit.cron import jitter_seconds
from app.kit.etags import require_match
from app.kit.ids import encode_id, new_id
from app.locations.errors import LocationNotFound
from app.locations.repository import LocationRepository
from app.policies.enforcing import Survey, rules_of, survey
from app.policies.errors import LocationRequired, TokenStale
from app.policies.models import BackupPolicy
from app.policies.passes import Pass
from app.policies.repository import PolicyRepository
from app.policies.retention import Kept
from app.policies.schemas import (
    MOST_SCHEDULES,
    NEXT_RUNS,
    BackupPolicyPut,
    BackupPolicyView,
    CopyFate,
    LocationFate,
    NextRuns,
    PolicyPreviewView,
    PolicyRules,
    PolicyScheduleView,
    RetainBackups,
    RunSchedule,
    owner_of,
)

RETAIN_CRON: Final = "30 4 * * *"
RETAIN_JITTER_SECONDS: Final = 3600
OF_POLICIES: Final = (AlertType.BACKUP_OVERDUE, AlertType.SCHEDULE_MISSED, AlertType.RETENTION_BLOCKED)

_GONE: Final = frozenset({DatabaseState.DELETING, DatabaseState.DELETED})


@dataclass(frozen=True, slots=True)
class PolicyService:
    """``now`` is the time by which schedules fire."""

    session: AsyncSession
    now: datetime

    async def get(self, database_id: UUID, caller: Principal) -> tuple[BackupPolicyView, int]:
        """With its revision, 0 for one that nobody has made."""
        database = await visible_database(self.session, database_id, caller)
        policy = await PolicyRepository(self.session).of_database(database.id)
        return await self._view(database, policy), policy.revision if policy else 0

    async def put(
        self, database_id: UUID, wish: BackupPolicyPut, caller: Principal, *, if_match: str | None
    ) -> tuple[BackupPolicyView, int]:
        """Raises PreconditionFailed, DatabaseStateInvalid, LocationNotFound, LocationRequired."""
        database = await visible_database(self.session, database_id, caller)
        if database.state in _GONE:
            raise DatabaseStateInvalid(database.id, database.state, "given a policy")
        await self._require_locations(database, wish, caller)
        await _alone(self.session, database.id)
        policy = await PolicyRepository(self.session).of_database(database.id, change=True)
        require_match(if_match, policy.revision if policy else 0)
        if policy is None:
            policy = _new(database, wish, created_by=caller.actor)
            self.session.add(policy)
        else:
            policy.enabled, policy.rules = wish.enabled, wish.rules().model_dump(mode="json")
            policy.last_sets = {key: value for key, value in policy.last_sets.items() if key in _schedule_ids(policy)}
            policy.is_default = False
            policy.updated_at = policy.look_at = await PolicyRepository(self.session).now()
            policy.revision += 1
        await self.session.flush()
        await self.session.refresh(policy)
        await _schedule(self.session, policy, self.now)
        if not policy.enabled:
            for kind in OF_POLICIES:
                about = encode_id("db", database.id)
                await clear_alert(self.session, kind, about, reason="the policy was switched off")
        self._audit(caller, "put_backup_policy", database, policy, enabled=wish.enabled)
        return await self._view(database, policy), policy.revision

    async def preview(self, database_id: UUID, wish: BackupPolicyPut | None, caller: Principal) -> PolicyPreviewView:
        """What the next pass would do, by what is there now."""
        database = await visible_database(self.session, database_id, caller)
        policy = await PolicyRepository(self.session).of_database(database.id)
        if wish is not None:
            await self._require_locations(database, wish, caller)
        policy = policy or _new(database, wish or BackupPolicyPut(enabled=False), created_by=caller.actor)
        rules = wish.rules() if wish else PolicyRules.model_validate(policy.rules)
        seen = await survey(self.session, policy.id)
        result = seen.judge(rules_of(policy, rules))
        runs = [
            NextRuns(cron=rule.cron, zone=rule.zone, next_runs=self._next_runs(database.id, number, rules))
            for number, rule in enumerate(rules.schedules)
        ]
        return PolicyPreviewView(schedules=runs, locations=_fates(seen, result), token=result.token)

    async def release(self, database_id: UUID, token: str, caller: Principal) -> Job:
        """The pass that deletes what was blocked, if that is still what the token stands for. Raises TokenStale."""
        database = await visible_database(self.session, database_id, caller)
        policy = await PolicyRepository(self.session).of_database(database.id, change=True)
        if policy is None or not policy.enabled:
            raise TokenStale
        result = (await survey(self.session, policy.id)).judge(rules_of(policy))
        if result.token != token:
            raise TokenStale
        args = RetainBackups(policy_id=policy.id, released_by=token)
        enqueued = await enqueue(
            self.session,
            args,
            created_by=caller.actor,
            project_id=database.project_id,
            subject_id=args.subject_id(),
            request_id=current_request_id(),
            dedupe_key=f"{args.subject_id()}:release:{token}",
        )
        job_id = encode_id("job", enqueued.job.id)
        self._audit(caller, "release_backup_policy", database, policy, job_id=job_id, copies=len(result.blocked))
        return enqueued.job

    async def make_default(self, database: Database) -> None:
        """Every night everything. Fine when somebody makes a policy at the same time: then that one is it."""
        await _alone(self.session, database.id)
        if await PolicyRepository(self.session).of_database(database.id) is not None:
            return
        policy = _new(database, DEFAULT, created_by="default policy")
        policy.is_default = True
        self.session.add(policy)
        await self.session.flush()
        await _schedule(self.session, policy, self.now)

    async def _require_locations(self, database: Database, wish: BackupPolicyPut, caller: Principal) -> None:
        locations = LocationRepository(self.session)
        for location_id in wish.location_ids or ():
            location = await locations.get(location_id, caller.project_ids, hold=True)
            if location is None or location.project_id != database.project_id:
                raise LocationNotFound(location_id)
        if wish.enabled and not wish.location_ids and await locations.default_of(database.project_id) is None:
            raise LocationRequired

    async def _view(self, database: Database, policy: BackupPolicy | None) -> BackupPolicyView:
        rules = PolicyRules.model_validate(policy.rules) if policy else PolicyRules()
        owners = [owner_of(policy.database_id, number) for number in range(len(rules.schedules))] if policy else []
        rows = await PolicyRepository(self.session).schedules(owners)
        schedules = [
            PolicyScheduleView(
                **dict(rule),
                id=schedule_id_of(owner),
                last_slot=rows[owner].last_slot if owner in rows else None,
                next_run_at=rows[owner].next_run_at if owner in rows else None,
            )
            for owner, rule in zip(owners, rules.schedules, strict=True)
        ]
        return BackupPolicyView(
            id=policy.id if policy else None,
            project_id=database.project_id,
            database_id=database.id,
            enabled=policy is not None and policy.enabled,
            is_default=policy is not None and policy.is_default,
            schedules=schedules,
            location_ids=rules.location_ids,
            retention=rules.retention,
            verify=rules.verify,
            created_by=policy.created_by if policy else None,
            updated_at=policy.updated_at if policy else None,
        )

    def _next_runs(self, database_id: UUID, number: int, rules: PolicyRules) -> list[datetime]:
        rule = rules.schedules[number]
        jitter = timedelta(seconds=jitter_seconds(schedule_id_of(owner_of(database_id, number)), rule.jitter_seconds))
        slots, slot = [], self.now - jitter
        for _ in range(NEXT_RUNS):
            slot = rule.parsed().next_after(slot)
            slots.append(slot + jitter)
        return slots

    def _audit(
        self, caller: Principal, action: str, database: Database, policy: BackupPolicy, **details: object
    ) -> None:
        audit(
            self.session,
            caller,
            action,
            target_type="backup_policy",
            target_id=encode_id("pol", policy.id),
            project_id=database.project_id,
            details={"database_id": encode_id("db", database.id), **details},
        )


DEFAULT: Final = BackupPolicyPut.model_validate(
    {"schedules": [{"cron": "0 2 * * *", "jitter_seconds": 3600, "all_logical_databases": True}]}
)


def _new(database: Database, wish: BackupPolicyPut, *, created_by: str) -> BackupPolicy:
    return BackupPolicy(
        id=new_id(),
        project_id=database.project_id,
        database_id=database.id,
        enabled=wish.enabled,
        rules=wish.rules().model_dump(mode="json"),
        created_by=created_by,
    )


def _schedule_ids(policy: BackupPolicy) -> set[str]:
    count = len(PolicyRules.model_validate(policy.rules).schedules)
    return {encode_id("sch", schedule_id_of(owner_of(policy.database_id, number))) for number in range(count)}


async def _alone(session: AsyncSession, database_id: UUID) -> None:
    """A database has one policy, whoever makes it at the same time."""
    await lock_until_commit(session, lock_key("backup-policy", database_id))


async def _schedule(session: AsyncSession, policy: BackupPolicy, now: datetime) -> None:
    rules = PolicyRules.model_validate(policy.rules)
    for number in range(MOST_SCHEDULES):
        owner = owner_of(policy.database_id, number)
        if not policy.enabled or number >= len(rules.schedules):
            await drop_schedule(session, owner)
            continue
        rule = rules.schedules[number]
        await put_schedule(
            session,
            owner=owner,
            kind=RunSchedule.kind,
            args=RunSchedule(policy_id=policy.id, database_id=policy.database_id, number=number).model_dump(
                mode="json"
            ),
            cron=rule.cron,
            zone=rule.zone,
            jitter_bound_seconds=rule.jitter_seconds,
            catch_up=rule.catch_up,
            now=now,
            project_id=policy.project_id,
            database_id=policy.database_id,
        )
    if not policy.enabled:
        await drop_schedule(session, _retain_owner(policy.id))
        return
    await put_schedule(
        session,
        owner=_retain_owner(policy.id),
        kind=RetainBackups.kind,
        args=RetainBackups(policy_id=policy.id).model_dump(mode="json"),
        cron=RETAIN_CRON,
        zone=rules.zone,
        jitter_bound_seconds=RETAIN_JITTER_SECONDS,
        now=now,
        project_id=policy.project_id,
        database_id=policy.database_id,
    )


def _retain_owner(policy_id: UUID) -> str:
    return f"policy:{policy_id}:retain"


def _fates(seen: Survey, result: Pass) -> list[LocationFate]:
    by_location: dict[UUID, dict[str, list[CopyFate]]] = defaultdict(lambda: {"kept": [], "deleted": [], "blocked": []})
    for location_id, kept in result.kept:
        by_location[location_id]["kept"].append(_fate(seen, kept.id, kept))
    for outcome, places in (("deleted", result.doomed), ("blocked", result.blocked)):
        for location_id, backup_id in places:
            by_location[location_id][outcome].append(_fate(seen, backup_id, None))
    return [LocationFate(location_id=key, **fates) for key, fates in sorted(by_location.items())]


def _fate(seen: Survey, backup_id: UUID, kept: Kept | None) -> CopyFate:
    backup = seen.backups[backup_id]
    return CopyFate(
        backup_id=backup_id,
        logical_database=backup.logical_database,
        taken_at=backup.created_at,
        tier=kept.tier if kept else None,
        because=list(kept.reasons) if kept else [],
    )
