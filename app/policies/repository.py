"""Policies looked up, and what lies in the locations as a pass needs to know it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Uuid, column, func, table, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from app.backups.schemas import CopyBackup, DeleteBackup, DeleteCopy
from app.databases.models import Database, DatabaseState, Environment, EnvironmentKind
from app.jobs.models import Job, Schedule
from app.jobs.states import LIVE, JobState
from app.kit.ids import decode_id, encode_id
from app.locations.holdings import Backup, BackupCopy, BackupState, CopyState, Origin
from app.locations.models import Location, LocationState
from app.policies.models import BackupPolicy
from app.policies.schemas import RunSchedule

GOOD: Final = frozenset({BackupState.AVAILABLE, BackupState.PARTIAL})

# A table of a sibling, which must not be imported.
_restore = table("restore", column("id", Uuid), column("backup_id", Uuid), column("state"))


@dataclass(frozen=True, slots=True)
class PolicyRepository:
    session: AsyncSession

    async def of_database(self, database_id: UUID, *, change: bool = False) -> BackupPolicy | None:
        return await self._one(BackupPolicy.database_id == database_id, change=change)

    async def find(self, policy_id: UUID, *, change: bool = False) -> BackupPolicy | None:
        return await self._one(BackupPolicy.id == policy_id, change=change)

    async def _one(self, condition: Any, *, change: bool) -> BackupPolicy | None:
        query = select(BackupPolicy).where(condition)
        if change:
            query = query.with_for_update()
        return (await self.session.exec(query.execution_options(populate_existing=True))).one_or_none()

    async def due_to_look(self, *, limit: int) -> Sequence[BackupPolicy]:
        """Those that nobody else looks after just now."""
        query = (
            select(BackupPolicy)
            .where(col(BackupPolicy.enabled), col(BackupPolicy.look_at) <= func.now())
            .order_by(col(BackupPolicy.look_at))
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        return (await self.session.exec(query)).all()

    async def without_policy(self, *, limit: int) -> Sequence[Database]:
        """Production databases of projects that have a location, for which nobody has made a policy."""
        query = (
            select(Database)
            .join(Environment, col(Environment.id) == Database.environment_id)
            .join(Location, col(Location.project_id) == Database.project_id)
            .outerjoin(BackupPolicy, col(BackupPolicy.database_id) == Database.id)
            .where(
                Database.state == DatabaseState.AVAILABLE,
                Environment.kind == EnvironmentKind.PRODUCTION,
                col(Location.is_default),
                Location.state != LocationState.DELETED,
                col(BackupPolicy.id).is_(None),
            )
            .order_by(col(Database.id))
            .limit(limit)
        )
        return (await self.session.exec(query)).all()

    async def never_begun(self, before: datetime) -> Sequence[Job]:
        """Slots that became jobs which no worker has taken."""
        query = select(Job).where(
            Job.kind == RunSchedule.kind,
            Job.state == JobState.QUEUED,
            col(Job.claimed_at).is_(None),
            col(Job.run_after) < before,
        )
        return (await self.session.exec(query)).all()

    async def late_schedules(self, before: datetime) -> Sequence[Schedule]:
        """Whose slot lies before then. Their jitter may still make them wait."""
        query = select(Schedule).where(
            Schedule.kind == RunSchedule.kind, col(Schedule.enabled), col(Schedule.slot) < before
        )
        return (await self.session.exec(query)).all()

    async def schedules(self, owners: Collection[str]) -> dict[str, Schedule]:
        query = select(Schedule).where(col(Schedule.owner).in_(owners)).execution_options(populate_existing=True)
        return {schedule.owner: schedule for schedule in (await self.session.exec(query)).all()}

    async def holdings(self, policy_id: UUID, *, change: bool = False) -> list[tuple[Backup, list[BackupCopy]]]:
        """The good backups that the policy has taken, with all their copies; ``change`` keeps others from touching them."""
        query = select(Backup).where(
            Backup.policy_id == policy_id, Backup.origin == Origin.SCHEDULED, col(Backup.state).in_(GOOD)
        )
        return await self._with_copies(query.order_by(col(Backup.id)), change=change)

    async def newest_of_schedule(self, database_id: UUID, schedule_id: UUID, *, limit: int) -> Sequence[UUID]:
        """Good backups, the newest first."""
        query = (
            select(Backup.id)
            .where(Backup.database_id == database_id, Backup.schedule_id == schedule_id, col(Backup.state).in_(GOOD))
            .order_by(col(Backup.id).desc())
            .limit(limit)
        )
        return (await self.session.exec(query)).all()

    async def databases_with_expired(self) -> Sequence[UUID]:
        """Where something is to be judged whose day has come, by the clock of the control database."""
        query = (
            select(Backup.database_id)
            .where(col(Backup.expires_at) < func.now(), col(Backup.state).in_({*GOOD, BackupState.FAILED}))
            .distinct()
        )
        return sorted((await self.session.exec(query)).all())

    async def finished_of(self, database_id: UUID) -> list[tuple[Backup, list[BackupCopy]]]:
        """Whatever took them, locked, so that which of them is the newest good one stays so until the transaction ends."""
        query = select(Backup).where(
            Backup.database_id == database_id, col(Backup.state).in_({*GOOD, BackupState.FAILED})
        )
        return await self._with_copies(query.order_by(col(Backup.id)), change=True)

    async def _with_copies(
        self, query: SelectOfScalar[Backup], *, change: bool
    ) -> list[tuple[Backup, list[BackupCopy]]]:
        if change:
            query = query.with_for_update()
        fresh = {"populate_existing": True}
        backups = (await self.session.exec(query.execution_options(**fresh))).all()
        found: dict[UUID, list[BackupCopy]] = {backup.id: [] for backup in backups}
        copies = select(BackupCopy).where(col(BackupCopy.backup_id).in_(found))
        for copy in await self.session.exec(copies.execution_options(**fresh)):
            found[copy.backup_id].append(copy)
        return [(backup, found[backup.id]) for backup in backups]

    async def uses(self, backup_ids: Collection[UUID]) -> Mapping[UUID, list[str]]:
        """Who reads each of them just now: restores, and jobs that name it, other than those that delete it."""
        found: dict[UUID, list[str]] = {backup_id: [] for backup_id in backup_ids}
        restores = select(_restore.c.id, _restore.c.backup_id).where(
            _restore.c.backup_id.in_(backup_ids), _restore.c.state.in_(("pending", "running"))
        )
        for restore_id, backup_id in (await self.session.exec(restores)).all():
            found[backup_id].append(f"{encode_id('rst', restore_id)} reads it")
        named = func.jsonb_extract_path_text(col(Job.args), "backup_id")
        jobs = select(Job.id, named).where(
            col(Job.state).in_(sorted(LIVE)),
            col(Job.kind).not_in((DeleteBackup.kind, DeleteCopy.kind)),
            named.in_([encode_id("bak", backup_id) for backup_id in backup_ids]),
        )
        for job_id, text in (await self.session.exec(jobs)).all():
            found[decode_id("bak", text)].append(f"{encode_id('job', job_id)} works on it")
        return found

    async def are_copied(self, backup_ids: Collection[UUID]) -> bool:
        """Whether a copy of one of them is still being made."""
        named = func.jsonb_extract_path_text(col(Job.args), "backup_id")
        query = select(Job.id).where(
            Job.kind == CopyBackup.kind,
            col(Job.state).in_(sorted(LIVE)),
            named.in_([encode_id("bak", backup_id) for backup_id in backup_ids]),
        )
        return (await self.session.exec(query.limit(1))).first() is not None

    async def judged(
        self, backup_id: UUID, location_id: UUID, *, tier: str | None, because: list[str] | None, is_blocked: bool
    ) -> None:
        statement = (
            update(BackupCopy)
            .where(col(BackupCopy.backup_id) == backup_id, col(BackupCopy.location_id) == location_id)
            .values(tier=tier, kept_because=because, is_blocked=is_blocked)
            .execution_options(synchronize_session=False)
        )
        await self.session.exec(statement)
        await self.touch(backup_id)

    async def doom(self, backup_id: UUID, location_id: UUID, job_id: UUID) -> None:
        """From here on the copy is its deletion's."""
        statement = (
            update(BackupCopy)
            .where(
                col(BackupCopy.backup_id) == backup_id,
                col(BackupCopy.location_id) == location_id,
                col(BackupCopy.state) == CopyState.AVAILABLE,
            )
            .values(state=CopyState.DELETING.value, job_id=job_id, tier=None, kept_because=None, is_blocked=False)
            .execution_options(synchronize_session=False)
        )
        await self.session.exec(statement)
        await self.touch(backup_id)

    async def touch(self, backup_id: UUID) -> None:
        """Callers see the copies as a part of the backup."""
        statement = update(Backup).where(col(Backup.id) == backup_id).values(revision=Backup.revision + 1)
        await self.session.exec(statement.execution_options(synchronize_session=False))

    async def now(self) -> datetime:
        """Of the control database, which is the only one that schedules and retention go by."""
        now: datetime = (await self.session.exec(select(func.clock_timestamp()))).one()
        return now
