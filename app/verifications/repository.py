"""Verifications looked up and moved, and what they say about backups and copies."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import func, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.locations.holdings import Backup, BackupCopy, BackupState, CopyState
from app.locations.models import Location, LocationState
from app.verifications.models import Verification, VerificationState

LIVE = frozenset({VerificationState.PENDING, VerificationState.RUNNING})


@dataclass(frozen=True, slots=True)
class VerificationRepository:
    session: AsyncSession

    async def add(self, verification: Verification) -> Verification:
        """That of the same job, when there is one already."""
        values = {name: value for name, value in verification.model_dump().items() if name != "created_at"}
        await self.session.exec(insert(Verification).values(**values).on_conflict_do_nothing(index_elements=["job_id"]))
        found = await self.of_job(verification.job_id)
        assert found is not None
        return found

    async def get(self, verification_id: UUID, projects: frozenset[UUID] | None) -> Verification | None:
        """``projects``: those the caller may see, None for all."""
        query = select(Verification).where(Verification.id == verification_id)
        if projects is not None:
            query = query.where(col(Verification.project_id).in_(projects))
        return (await self.session.exec(query)).one_or_none()

    async def of_job(self, job_id: UUID) -> Verification | None:
        query = select(Verification).where(Verification.job_id == job_id)
        return (await self.session.exec(query.execution_options(populate_existing=True))).one_or_none()

    async def page(self, backup_id: UUID, *, before: UUID | None, limit: int) -> Sequence[Verification]:
        """Newest first; ``before`` is the last id of the page before."""
        query = select(Verification).where(Verification.backup_id == backup_id)
        if before is not None:
            query = query.where(col(Verification.id) < before)
        return (await self.session.exec(query.order_by(col(Verification.id).desc()).limit(limit))).all()

    async def move(
        self, verification_id: UUID, *, frm: Collection[VerificationState], to: VerificationState, **values: Any
    ) -> bool:
        """Sets the state, and ``values`` with it, if it is one of ``frm``; the caller learns whether it was."""
        statement = (
            update(Verification)
            .where(col(Verification.id) == verification_id, col(Verification.state).in_(frm))
            .values(state=to.value, revision=Verification.revision + 1, **values)
            .execution_options(synchronize_session=False)
        )
        return bool((await self.session.exec(statement)).rowcount)

    async def held_backup(self, backup_id: UUID) -> Backup:
        return await self.session.get_one(Backup, backup_id, with_for_update=True, populate_existing=True)

    async def visible_backup(self, backup_id: UUID, projects: frozenset[UUID] | None) -> Backup | None:
        """Deleted ones too: what was found of them is history."""
        query = select(Backup).where(Backup.id == backup_id)
        if projects is not None:
            query = query.where(col(Backup.project_id).in_(projects))
        return (await self.session.exec(query)).one_or_none()

    async def locations(self, backup_id: UUID, named: UUID | None) -> Sequence[Location]:
        """With a good copy, the one that was looked at longest ago first; only ``named``, even if its copy is damaged."""
        query = (
            select(Location)
            .join(BackupCopy, col(BackupCopy.location_id) == Location.id)
            .where(BackupCopy.backup_id == backup_id, Location.state != LocationState.DELETED)
            .order_by(
                col(BackupCopy.checked_at).asc().nulls_first(), col(BackupCopy.is_primary).desc(), col(Location.id)
            )
        )
        if named is None:
            query = query.where(BackupCopy.state == CopyState.AVAILABLE)
        else:
            query = query.where(
                Location.id == named, col(BackupCopy.state).in_([CopyState.AVAILABLE, CopyState.CORRUPT])
            )
        return (await self.session.exec(query)).all()

    async def copy_passed(self, backup_id: UUID, location_id: UUID, *, was_read: bool) -> None:
        """A damaged one counts again. ``was_read``: all of it was."""
        values: dict[str, Any] = {"state": CopyState.AVAILABLE.value, "error": None}
        if was_read:
            values["checked_at"] = func.now()
        await self._change_copy(backup_id, location_id, **values)

    async def copy_damaged(self, backup_id: UUID, location_id: UUID, error: dict[str, Any]) -> None:
        await self._change_copy(backup_id, location_id, state=CopyState.CORRUPT.value, error=error)

    async def good_copies(self, backup_id: UUID) -> int:
        query = select(func.count()).select_from(BackupCopy)
        query = query.where(BackupCopy.backup_id == backup_id, BackupCopy.state == CopyState.AVAILABLE)
        return (await self.session.exec(query)).one()

    async def settle_backup(self, backup_id: UUID, **values: Any) -> None:
        """With ``values``; partial while a copy that was asked for is not good."""
        missing = (
            select(BackupCopy.backup_id)
            .where(
                BackupCopy.backup_id == backup_id,
                col(BackupCopy.state).in_([CopyState.FAILED, CopyState.CORRUPT]),
            )
            .limit(1)
        )
        partial = (await self.session.exec(missing)).first() is not None
        to = BackupState.PARTIAL if partial else BackupState.AVAILABLE
        statement = (
            update(Backup)
            .where(col(Backup.id) == backup_id, col(Backup.state).in_([BackupState.AVAILABLE, BackupState.PARTIAL]))
            .values(state=to.value, revision=Backup.revision + 1, **values)
            .execution_options(synchronize_session=False)
        )
        await self.session.exec(statement)

    async def _change_copy(self, backup_id: UUID, location_id: UUID, **values: Any) -> None:
        """Only one that is there: it may have been deleted meanwhile."""
        statement = (
            update(BackupCopy)
            .where(
                col(BackupCopy.backup_id) == backup_id,
                col(BackupCopy.location_id) == location_id,
                col(BackupCopy.state).in_([CopyState.AVAILABLE, CopyState.CORRUPT]),
            )
            .values(**values)
            .execution_options(synchronize_session=False)
        )
        await self.session.exec(statement)
