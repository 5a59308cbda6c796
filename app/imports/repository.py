"""Imports looked up and moved, and the rows of the backups that they become."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.imports.models import Import, ImportState
from app.imports.schemas import ImportFilter, RestoreImport
from app.jobs.models import Job
from app.jobs.states import LIVE
from app.kit.ids import encode_id
from app.locations.holdings import Backup, BackupCopy, BackupManifest, BackupState, CopyState
from app.locations.manifest import Manifest


@dataclass(frozen=True, slots=True)
class ImportRepository:
    session: AsyncSession

    async def add(self, row: Import) -> None:
        self.session.add(row)
        await self.session.flush()

    async def get(self, import_id: UUID, projects: frozenset[UUID] | None, *, change: bool = False) -> Import | None:
        """``projects``: those the caller may see, None for all. Deleted ones are found: what they were is history."""
        query = select(Import).where(Import.id == import_id)
        if projects is not None:
            query = query.where(col(Import.project_id).in_(projects))
        if change:
            query = query.with_for_update().execution_options(populate_existing=True)
        return (await self.session.exec(query)).one_or_none()

    async def find(self, import_id: UUID) -> Import:
        """Of whatever project: for steps."""
        return await self.session.get_one(Import, import_id, populate_existing=True)

    async def page(
        self, wanted: ImportFilter, projects: frozenset[UUID] | None, *, before: UUID | None, limit: int
    ) -> Sequence[Import]:
        """Newest first; ``before`` is the last id of the page before."""
        query = select(Import).order_by(col(Import.id).desc()).limit(limit)
        if projects is not None:
            query = query.where(col(Import.project_id).in_(projects))
        if before is not None:
            query = query.where(col(Import.id) < before)
        if wanted.state:
            query = query.where(col(Import.state).in_(wanted.state))
        else:
            query = query.where(Import.state != ImportState.DELETED)
        for column, value in ((Import.project_id, wanted.project_id), (Import.database_id, wanted.database_id)):
            if value is not None:
                query = query.where(col(column) == value)
        return (await self.session.exec(query)).all()

    async def move(self, import_id: UUID, *, frm: Collection[ImportState], to: ImportState, **values: Any) -> bool:
        """Sets the state, and ``values`` with it, if it is one of ``frm``; the caller learns whether it was."""
        statement = (
            update(Import)
            .where(col(Import.id) == import_id, col(Import.state).in_(frm))
            .values(state=to.value, revision=Import.revision + 1, **values)
            .execution_options(synchronize_session=False)
        )
        return bool((await self.session.exec(statement)).rowcount)

    async def expire_uploads(self, *, hours: int, error: dict[str, Any]) -> int:
        """Those that nobody completed. What the store has of them goes with the sweep of its location."""
        statement = (
            update(Import)
            .where(
                col(Import.state) == ImportState.AWAITING_UPLOAD,
                col(Import.created_at) < func.now() - timedelta(hours=hours),
            )
            .values(state=ImportState.FAILED.value, error=error, finished_at=func.now(), revision=Import.revision + 1)
            .execution_options(synchronize_session=False)
        )
        return (await self.session.exec(statement)).rowcount

    async def reading_job(self, import_id: UUID) -> UUID | None:
        """A live job that restores it."""
        query = select(Job.id).where(
            Job.kind == RestoreImport.kind,
            Job.subject_id == encode_id("imp", import_id),
            col(Job.state).in_(sorted(LIVE)),
        )
        return (await self.session.exec(query.limit(1))).one_or_none()

    async def add_backup(self, backup: Backup, manifest: Manifest, location_id: UUID, *, at: datetime) -> None:
        """With the copy that was streamed. The manifest is a draft until ``finish_backup``."""
        self.session.add(backup)
        await self.session.flush()
        self.session.add(
            BackupCopy(
                backup_id=backup.id,
                location_id=location_id,
                state=CopyState.COPYING,
                is_primary=True,
                size_bytes=backup.size_bytes,
                created_at=at,
            )
        )
        self.session.add(BackupManifest(backup_id=backup.id, manifest=manifest.model_dump(mode="json")))
        await self.session.flush()

    async def backup(self, backup_id: UUID) -> tuple[Backup, Manifest] | None:
        backup = await self.session.get(Backup, backup_id, populate_existing=True)
        if backup is None:
            return None
        row = await self.session.get_one(BackupManifest, backup_id)
        return backup, Manifest.model_validate(row.manifest)

    async def finish_backup(self, backup_id: UUID) -> None:
        await self._move_backup(backup_id, BackupState.AVAILABLE, manifest_written_at=func.now())
        await self._move_copy(backup_id, CopyState.AVAILABLE, completed_at=func.now())

    async def fail_backup(self, backup_id: UUID, error: dict[str, Any]) -> None:
        await self._move_backup(backup_id, BackupState.FAILED, error=error)
        await self._move_copy(backup_id, CopyState.FAILED, error=error)

    async def _move_backup(self, backup_id: UUID, to: BackupState, **values: Any) -> None:
        statement = (
            update(Backup)
            .where(col(Backup.id) == backup_id, col(Backup.state) == BackupState.CREATING)
            .values(state=to.value, revision=Backup.revision + 1, **values)
        )
        await self.session.exec(statement.execution_options(synchronize_session=False))

    async def _move_copy(self, backup_id: UUID, to: CopyState, **values: Any) -> None:
        statement = (
            update(BackupCopy)
            .where(col(BackupCopy.backup_id) == backup_id, col(BackupCopy.state) == CopyState.COPYING)
            .values(state=to.value, **values)
        )
        await self.session.exec(statement.execution_options(synchronize_session=False))
