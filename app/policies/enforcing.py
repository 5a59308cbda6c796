"""A verdict and what follows from it, in one transaction: nobody ever acts on a verdict of yesterday.

What is doomed leaves the state available with the verdict itself. So it is in no later one, and however often a pass is
repeated, or by however many workers, nothing is deleted but what one of them said.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel.ext.asyncio.session import AsyncSession

from app.backups.schemas import DeleteBackup, DeleteCopy
from app.events.alerts import clear_alert, open_alert
from app.events.emit import emit
from app.events.models import AlertType
from app.jobs.contract import JobArgs
from app.jobs.enqueue import enqueue
from app.kit.ids import encode_id
from app.locations.holdings import Backup, BackupCopy, BackupState, CopyState, Verification, VerificationLevel
from app.locations.manifest import DumpOptions
from app.policies.guards import Holdings, Uses, expired, holds_of, locks_of
from app.policies.models import BackupPolicy
from app.policies.passes import Copy, Pass, Rules, Sort, sort_out
from app.policies.repository import PolicyRepository
from app.policies.retention import Generations, Tier
from app.policies.schemas import PolicyRules
from app.verifications.schemas import VerifyBackup

SUPERFLUOUS = "no generation of its policy keeps it"


@dataclass(frozen=True, slots=True)
class Survey:
    """What a policy has in the locations, as it is now by the clock of the control database."""

    now: datetime
    copies: list[Copy]
    rows: Mapping[tuple[UUID, UUID], BackupCopy]  # by location and backup, those that are available
    backups: Mapping[UUID, Backup]

    def judge(self, rules: Rules, *, released_by: str | None = None) -> Pass:
        return sort_out(self.copies, rules, self.now, released_by=released_by)


async def survey(session: AsyncSession, policy_id: UUID, *, change: bool = False) -> Survey:
    """``change`` locks the backups until the transaction ends: nobody pins one or begins to read it meanwhile."""
    policies = PolicyRepository(session)
    holdings = await policies.holdings(policy_id, change=change)
    uses = await policies.uses([backup.id for backup, _ in holdings])
    return look_at(holdings, uses, await policies.now())


def look_at(holdings: Holdings, uses: Uses, now: datetime) -> Survey:
    """Pure, as all that is decided by it."""
    found, rows = [], {}
    for backup, copies in holdings:
        holds = holds_of(backup, copies, uses[backup.id], now)
        for copy in copies:
            if copy.state == CopyState.AVAILABLE:
                rows[copy.location_id, backup.id] = copy
                found.append(_copy(backup, copy, (*holds, *locks_of(copy, now))))
    return Survey(now, found, rows, {backup.id: backup for backup, _ in holdings})


def rules_of(policy: BackupPolicy, rules: PolicyRules | None = None) -> Rules:
    """Those in force, or a candidate's."""
    told = rules or PolicyRules.model_validate(policy.rules)
    keep = told.retention
    return Rules(
        generations=Generations(daily=keep.daily, weekly=keep.weekly, monthly=keep.monthly),
        zone=ZoneInfo(told.zone),
        last_sets=[UUID(text) for text in policy.last_sets.values()],
    )


async def enforce(
    session: AsyncSession, policy: BackupPolicy, *, released_by: str | None, created_by: str, job_id: UUID
) -> dict[str, Any]:
    """``policy`` is locked. Returns what was done, in numbers."""
    seen = await survey(session, policy.id, change=True)
    result = seen.judge(rules_of(policy), released_by=released_by)
    policies = PolicyRepository(session)
    for location_id, kept in result.kept:
        await _note(policies, seen.rows[location_id, kept.id], kept.tier, list(kept.reasons), is_blocked=False)
    for place in result.blocked:
        await _note(policies, seen.rows[place], None, None, is_blocked=True)
    for place in result.doomed:
        location_id, backup_id = place
        args = DeleteCopy(backup_id=backup_id, location_id=location_id, reason=SUPERFLUOUS)
        dedupe_key = f"{args.kind}:{backup_id}:{location_id}"
        deletion = await _start(session, args, seen.backups[backup_id], dedupe_key, created_by)
        await policies.doom(backup_id, location_id, deletion)
    await _verify_weekly(session, policy, seen, result, created_by=created_by)
    await _tell(session, policy, result, job_id=job_id)
    return {"kept": len(result.kept), "deleted": len(result.doomed), "blocked": len(result.blocked)}


async def expire(session: AsyncSession, database_id: UUID, *, created_by: str) -> int:
    """Backups of one database whose day has come go as a whole, and never the last good or last verified ones."""
    policies = PolicyRepository(session)
    holdings = await policies.finished_of(database_id)
    uses = await policies.uses([backup.id for backup, _ in holdings])
    due = expired(holdings, uses, await policies.now())
    for backup in due:
        backup.state = BackupState.DELETING
        backup.revision += 1
        args = DeleteBackup(backup_id=backup.id)
        backup.job_id = await _start(session, args, backup, f"backup.delete:{backup.id}", created_by)
    return len(due)


async def _note(
    policies: PolicyRepository, copy: BackupCopy, tier: Tier | None, because: list[str] | None, *, is_blocked: bool
) -> None:
    """Only what is new: the tag of a backup changes with it."""
    if (copy.tier, copy.kept_because, copy.is_blocked) != (tier, because, is_blocked):
        await policies.judged(copy.backup_id, copy.location_id, tier=tier, because=because, is_blocked=is_blocked)


async def _verify_weekly(
    session: AsyncSession, policy: BackupPolicy, seen: Survey, result: Pass, *, created_by: str
) -> None:
    """Each until it has an outcome: what has failed was told, and what cannot be verified here cannot be so tomorrow."""
    level = PolicyRules.model_validate(policy.rules).verify.weekly.level
    weekly = {kept.id for _, kept in result.kept if kept.tier is Tier.WEEKLY}
    for backup in (seen.backups[backup_id] for backup_id in sorted(weekly)):
        if level is not None and _is_to_verify(backup, level):
            args = VerifyBackup(backup_id=backup.id, level=level)
            await _start(session, args, backup, args.dedupe_key(), created_by)


def _is_to_verify(backup: Backup, level: VerificationLevel) -> bool:
    if backup.verification in (Verification.FAILED, Verification.UNVERIFIABLE):
        return False
    return backup.verification_level is None or backup.verification_level < level


async def _start(session: AsyncSession, args: JobArgs, backup: Backup, dedupe_key: str, created_by: str) -> UUID:
    enqueued = await enqueue(
        session,
        args,
        created_by=created_by,
        project_id=backup.project_id,
        subject_id=args.subject_id(),
        dedupe_key=dedupe_key,
    )
    return enqueued.job.id


async def _tell(session: AsyncSession, policy: BackupPolicy, result: Pass, *, job_id: UUID) -> None:
    about = encode_id("db", policy.database_id)
    if result.doomed:
        emit(
            session,
            "retention.applied",
            project_id=policy.project_id,
            database_id=policy.database_id,
            subject_id=encode_id("pol", policy.id),
            job_id=job_id,
            deleted=len(result.doomed),
            kept=len(result.kept),
            blocked=len(result.blocked),
        )
    if not result.blocked:
        await clear_alert(session, AlertType.RETENTION_BLOCKED, about, reason="nothing is blocked any more")
        return
    await open_alert(
        session,
        AlertType.RETENTION_BLOCKED,
        about,
        title=f"A policy would delete {len(result.blocked)} more copies at once than it may",
        detail="They stay until somebody has looked: POST /v1/databases/{id}/backup-policy:preview lists them and gives a "
        "token, with which :release lets them go. If they are to stay, change the policy.",
        project_id=policy.project_id,
        database_id=policy.database_id,
        subject_id=encode_id("pol", policy.id),
        blocked=len(result.blocked),
        token=result.token,
    )


def _copy(backup: Backup, copy: BackupCopy, holds: tuple[str, ...]) -> Copy:
    return Copy(
        backup_id=backup.id,
        sort=Sort(copy.location_id, backup.logical_database, _canonical(json.dumps(backup.options))),
        taken_at=backup.created_at,
        set_id=backup.set_id,
        is_verified=backup.verified_at is not None,
        is_blocked=copy.is_blocked,
        holds=holds,
    )


@lru_cache(maxsize=1024)
def _canonical(options: str) -> str:
    """The same for rows of releases that knew fewer options."""
    return DumpOptions.model_validate_json(options).model_dump_json()
