"""Deleting a backup: its objects, their absence, and only then the rows."""

from dataclasses import dataclass

from sqlmodel import col, delete

from app.backups.models import Backup, BackupCopy, BackupManifest, BackupState, CopyState
from app.backups.repository import BackupRepository
from app.backups.schemas import DeleteBackup
from app.backups.steps.aftermath import empty_folder
from app.events.alerts import clear_alert, open_alert
from app.events.emit import emit
from app.events.models import AlertType
from app.jobs.machine import Move, NoMemo, Steps, done, go, step
from app.jobs.run import Run
from app.jobs.states import JobState
from app.kit.ids import encode_id
from app.locations.access import open_store
from app.locations.manifest import folder_of
from app.locations.models import LocationState
from app.locations.repository import LocationRepository
from app.runtime import Runtime
from app.storage.errors import BucketMissing, StoreFailed

DeleteRun = Run[DeleteBackup, NoMemo]


@dataclass(frozen=True)
class DeleteBackupSteps(Steps[DeleteBackup, NoMemo]):
    runtime: Runtime

    args = DeleteBackup
    memo = NoMemo

    @step
    async def remove(self, run: DeleteRun) -> Move:
        """One copy; the step comes again for the next."""
        async with run.reading() as session:
            backups = BackupRepository(session)
            (backup,) = await backups.find([run.args.backup_id])
            copies = (await backups.copies([backup.id]))[backup.id]
        copy = next((one for one in copies if one.state != CopyState.DELETED), None)
        if copy is None:
            return go(self.forget)
        await self._remove(run, backup, copy)
        return go(self.remove)

    @step
    async def forget(self, run: DeleteRun) -> Move:
        async with run.writing() as session:
            backups = BackupRepository(session)
            (backup,) = await backups.find([run.args.backup_id])
            await session.exec(delete(BackupManifest).where(col(BackupManifest.backup_id) == backup.id))
            now = await backups.now()
            if await backups.move(backup.id, frm={BackupState.DELETING}, to=BackupState.DELETED, deleted_at=now):
                emit(
                    session,
                    "backup.deleted",
                    project_id=backup.project_id,
                    database_id=backup.database_id,
                    subject_id=encode_id("bak", backup.id),
                    job_id=run.id,
                    logical_database=backup.logical_database,
                )
                about = encode_id("bak", backup.id)
                await clear_alert(session, AlertType.BACKUP_DELETION_FAILED, about, reason="it is deleted")
        return done(type="backup", backup_id=encode_id("bak", run.args.backup_id))

    async def compensate(self, run: DeleteRun, outcome: JobState) -> None:
        """There is no way back: objects may be gone already, so all that is left is to delete it again."""
        if outcome is not JobState.FAILED:
            return
        error = (run.job.ending or {}).get("error") or {}
        async with run.writing() as session:
            (backup,) = await BackupRepository(session).find([run.args.backup_id])
            await open_alert(
                session,
                AlertType.BACKUP_DELETION_FAILED,
                encode_id("bak", backup.id),
                title=f"A backup of {backup.logical_database} could not be deleted",
                detail=str(error.get("detail")),
                project_id=backup.project_id,
                database_id=backup.database_id,
                job_id=encode_id("job", run.id),
                code=error.get("code"),
            )

    async def _remove(self, run: DeleteRun, backup: Backup, copy: BackupCopy) -> None:
        async with run.writing() as session:
            await BackupRepository(session).move_copies(
                backup.id, frm=set(CopyState), to=CopyState.DELETING, location_id=copy.location_id
            )
            location = await LocationRepository(session).find(copy.location_id)
        # A location that was deleted held no objects of a copy, and its secret is gone.
        if location is not None and location.state != LocationState.DELETED:
            store = await open_store(self.runtime.stores, self.runtime.key_ring, location)
            try:
                await empty_folder(store, backup)
                left = [found.key async for found in store.list(folder_of(backup))]
            except BucketMissing as problem:  # and with it all that was in it
                await run.warn(f"{problem.detail} The objects in it count as deleted.")
                left = []
            if left:
                raise StoreFailed(f"The location still shows {left[0]} after it was deleted.", key=left[0])
        async with run.writing() as session:
            await BackupRepository(session).move_copies(
                backup.id, frm={CopyState.DELETING}, to=CopyState.DELETED, location_id=copy.location_id
            )
