"""What callers may do with single copies of a backup: ask for one more, repair one, delete one."""

from dataclasses import dataclass
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from app.auth.audit import audit, current_request_id
from app.auth.principal import Principal
from app.backups.copy_rows import (
    UNDER_WAY,
    copy_at,
    live_copy_job,
    require_spare,
    require_unused,
    start_copy,
    start_deletion,
)
from app.backups.errors import BackupNotFound, BackupStateInvalid, CopyNotFound, CopyStateInvalid, OnlyGoodCopy
from app.backups.models import Backup, BackupCopy, BackupState, CopyState
from app.backups.repository import GOOD, BackupRepository
from app.jobs.models import Job
from app.kit.ids import encode_id
from app.locations.errors import LocationNotFound
from app.locations.repository import LocationRepository

_COPYABLE = frozenset({CopyState.FAILED, CopyState.CORRUPT, CopyState.DELETED}) | UNDER_WAY
_DELETABLE = frozenset({CopyState.AVAILABLE, CopyState.FAILED, CopyState.CORRUPT, CopyState.RETAINED}) | UNDER_WAY


@dataclass(frozen=True, slots=True)
class CopyService:
    session: AsyncSession

    async def start(self, backup_id: UUID, location_id: UUID, caller: Principal) -> tuple[Backup, Job]:
        """Raises BackupNotFound, LocationNotFound, BackupStateInvalid, CopyStateInvalid."""
        backup = await self._held(backup_id, caller)
        if backup.state not in GOOD:
            raise BackupStateInvalid(backup.id, backup.state, "copied")
        location = await LocationRepository(self.session).get(location_id, caller.project_ids, hold=True)
        if location is None or location.project_id != backup.project_id:
            raise LocationNotFound(location_id)
        copy = await copy_at(self.session, backup.id, location_id)
        if copy is None:
            self.session.add(BackupCopy(backup_id=backup.id, location_id=location_id))
            await self.session.flush()
        elif copy.state not in _COPYABLE or await live_copy_job(self.session, backup.id, location_id) is not None:
            raise CopyStateInvalid(copy, "made")
        job = await start_copy(
            self.session,
            backup,
            location_id,
            created_by=caller.actor,
            request_id=current_request_id(),
            repair=copy is not None and copy.state == CopyState.CORRUPT,
        )
        self._audit(caller, "create_backup_copy", backup, location_id, job)
        await self.session.refresh(backup)
        return backup, job

    async def delete(
        self, backup_id: UUID, location_id: UUID, caller: Principal, *, confirm: str
    ) -> tuple[Backup, Job]:
        """Raises BackupNotFound, CopyNotFound, BackupStateInvalid, CopyStateInvalid and what stands against it."""
        backup = await self._held(backup_id, caller)
        copy = await copy_at(self.session, backup.id, location_id)
        if copy is None:
            raise CopyNotFound(backup.id, location_id)
        if backup.state not in GOOD | {BackupState.FAILED}:
            raise BackupStateInvalid(backup.id, backup.state, "deleted")
        if copy.state not in _DELETABLE:
            raise CopyStateInvalid(copy, "deleted")
        await require_unused(self.session, backup)
        try:
            await require_spare(self.session, backup, copy)
        except OnlyGoodCopy:
            if confirm != encode_id("bak", backup.id):
                raise
        job = await start_deletion(
            self.session,
            backup,
            location_id,
            reason="a caller asked for it",
            created_by=caller.actor,
            request_id=current_request_id(),
        )
        await BackupRepository(self.session).move_copies(
            backup.id, frm=_DELETABLE, to=CopyState.DELETING, location_id=location_id, job_id=job.id
        )
        self._audit(caller, "delete_backup_copy", backup, location_id, job)
        await self.session.refresh(backup)
        return backup, job

    async def _held(self, backup_id: UUID, caller: Principal) -> Backup:
        backup = await BackupRepository(self.session).get(backup_id, caller.project_ids, change=True)
        if backup is None:
            raise BackupNotFound(backup_id)
        return backup

    def _audit(self, caller: Principal, action: str, backup: Backup, location_id: UUID, job: Job) -> None:
        audit(
            self.session,
            caller,
            action,
            target_type="backup",
            target_id=encode_id("bak", backup.id),
            project_id=backup.project_id,
            details={"location_id": encode_id("loc", location_id), "job_id": encode_id("job", job.id)},
        )
