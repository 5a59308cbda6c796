"""Which steps run the backups' jobs, and what becomes of rows whose job never ran or runs anew."""

from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from app.backups.errors import BackupCancelled, BackupNotFound, BackupStateInvalid
from app.backups.models import BackupState, CopyState
from app.backups.repository import BackupRepository
from app.backups.schemas import DeleteBackup, TakeBackup
from app.backups.service import new_rows
from app.backups.steps import DeleteBackupSteps, TakeBackupSteps
from app.databases.errors import DatabaseNotFound
from app.databases.repository import DatabaseRepository
from app.jobs.hooks import Hooks, register
from app.jobs.machine import Steps
from app.jobs.models import Job
from app.kit.ids import encode_id, new_id
from app.runtime import Runtime


def programmes(runtime: Runtime) -> list[Steps[Any, Any]]:
    return [TakeBackupSteps(runtime), DeleteBackupSteps(runtime)]


async def _abandoned(session: AsyncSession, job: Job, args: TakeBackup) -> None:
    error = BackupCancelled(f"The job {encode_id('job', job.id)} was cancelled before it began.").document()
    backups = BackupRepository(session)
    for backup_id in args.backup_ids:
        await backups.move(backup_id, frm={BackupState.CREATING}, to=BackupState.FAILED, error=error)
        await backups.move_copies(backup_id, frm={CopyState.PENDING}, to=CopyState.FAILED, error=error)


async def _retried(session: AsyncSession, job: Job, args: TakeBackup) -> TakeBackup:
    """New rows in a new set: those that failed stay as what happened."""
    if not args.backup_ids:
        return args.model_copy(update={"set_id": new_id()})
    database = await DatabaseRepository(session).find(args.database_id)
    if database is None:
        raise DatabaseNotFound(args.database_id)
    backups = BackupRepository(session)
    names = {new_id(): backup.logical_database for backup in await backups.find(args.backup_ids)}
    args = args.model_copy(update={"set_id": new_id(), "backup_ids": tuple(names)})
    await backups.add(new_rows(args, database, names, created_by=job.created_by), args.location_ids)
    return args


async def _deletion_retried(session: AsyncSession, _job: Job, args: DeleteBackup) -> DeleteBackup:
    found = await BackupRepository(session).find([args.backup_id])
    if not found:
        raise BackupNotFound(args.backup_id)
    if found[0].state != BackupState.DELETING:
        raise BackupStateInvalid(args.backup_id, found[0].state, "deleted by this job")
    return args


register(TakeBackup, Hooks(abandoned=_abandoned, retried=_retried))
register(DeleteBackup, Hooks(retried=_deletion_retried))
