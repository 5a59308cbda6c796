"""The fleet: which databases have a backup that was verified lately, and which have not."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import exists, func
from sqlalchemy.dialects.postgresql import distinct_on
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.databases.models import Database, DatabaseState
from app.jobs.models import Schedule
from app.locations.holdings import Backup
from app.policies.models import BackupPolicy
from app.policies.repository import GOOD
from app.policies.schemas import CoverageBackup, CoverageView, PolicyState, RunSchedule


@dataclass(frozen=True, slots=True)
class CoverageFilter:
    """``everything``: also the databases that are covered."""

    days: int
    project_id: UUID | None = None
    everything: bool = False


@dataclass(frozen=True, slots=True)
class Coverage:
    session: AsyncSession

    async def page(
        self, wanted: CoverageFilter, projects: frozenset[UUID] | None, *, before: UUID | None, limit: int
    ) -> Sequence[CoverageView]:
        """Newest databases first; ``before`` is the last id of the page before."""
        since = func.now() - func.make_interval(0, 0, 0, wanted.days)
        covered = exists().where(
            col(Backup.database_id) == Database.id,
            col(Backup.state).in_(GOOD),
            col(Backup.verified_at).is_not(None),
            col(Backup.created_at) > since,
        )
        query = select(Database, covered.label("is_covered")).where(Database.state != DatabaseState.DELETED)
        if projects is not None:
            query = query.where(col(Database.project_id).in_(projects))
        if wanted.project_id is not None:
            query = query.where(Database.project_id == wanted.project_id)
        if not wanted.everything:
            query = query.where(~covered)
        if before is not None:
            query = query.where(col(Database.id) < before)
        found = (await self.session.exec(query.order_by(col(Database.id).desc()).limit(limit))).all()
        return await self._views([(database, is_covered) for database, is_covered in found])

    async def _views(self, found: Sequence[tuple[Database, bool]]) -> Sequence[CoverageView]:
        ids = [database.id for database, _ in found]
        now: datetime = (await self.session.exec(select(func.now()))).one()
        newest = await self._newest(ids)
        verified = await self._newest(ids, col(Backup.verified_at).is_not(None))
        policies = select(BackupPolicy.database_id, BackupPolicy.enabled).where(col(BackupPolicy.database_id).in_(ids))
        enabled = dict((await self.session.exec(policies)).all())
        runs = (
            select(Schedule.database_id, func.min(Schedule.next_run_at))
            .where(Schedule.kind == RunSchedule.kind, col(Schedule.enabled), col(Schedule.database_id).in_(ids))
            .group_by(col(Schedule.database_id))
        )
        next_runs = dict((await self.session.exec(runs)).all())
        return [
            CoverageView(
                database_id=database.id,
                name=database.name,
                project_id=database.project_id,
                environment_id=database.environment_id,
                state=DatabaseState(database.state),
                is_covered=is_covered,
                newest_backup=_backup(newest.get(database.id), now),
                newest_verified=_backup(verified.get(database.id), now),
                policy=_policy(enabled.get(database.id)),
                next_run_at=next_runs.get(database.id),
            )
            for database, is_covered in found
        ]

    async def _newest(self, database_ids: Collection[UUID], *conditions: Any) -> dict[UUID, Backup]:
        query = (
            select(Backup)
            .where(col(Backup.database_id).in_(database_ids), col(Backup.state).in_(GOOD), *conditions)
            .ext(distinct_on(col(Backup.database_id)))
            .order_by(col(Backup.database_id), col(Backup.created_at).desc(), col(Backup.id).desc())
        )
        return {backup.database_id: backup for backup in (await self.session.exec(query)).all()}


def _backup(backup: Backup | None, now: datetime) -> CoverageBackup | None:
    if backup is None:
        return None
    return CoverageBackup(
        id=backup.id, at=backup.created_at, age_seconds=max(0.0, (now - backup.created_at).total_seconds())
    )


def _policy(enabled: bool | None) -> PolicyState:  # noqa: FBT001 (a column, null where there is no row)
    if enabled is None:
        return PolicyState.NONE
    return PolicyState.ENABLED if enabled else PolicyState.DISABLED
