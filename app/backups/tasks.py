"""Which steps run the backups' jobs, and what becomes of rows whose job never ran or runs anew."""

from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from app.backups.copy_rows import BAD, UNDER_WAY, copy_at, hold, judge, live_copy_job
from app.backups.errors import BackupCancelled, BackupNotFound, BackupStateInvalid
from app.backups.models import BackupState, CopyState
from app.backups.repository import GOOD, BackupRepository
from app.backups.schemas import CopyBackup, DeleteBackup, DeleteCopy, TakeBackup
from app.backups.service import new_rows
from app.backups.steps import CopyBackupSteps, DeleteBackupSteps, DeleteCopySteps, TakeBackupSteps
from app.databases.errors import DatabaseNotFound
from app.databases.repository import DatabaseRepository
from app.jobs.hooks import Hooks, register
from app.jobs.machine import Steps
from app.jobs.models import Job
from app.kit.ids import encode_id, new_id
from app.runtime import Runtime


def programmes(runtime: Runtime) -> list[Steps[Any, Any]]:
    return [
        TakeBackupSteps(runtime),
        CopyBackupSteps(runtime),
        DeleteCopySteps(runtime),
        DeleteBackupSteps(runtime),
    ]


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


async def _copy_abandoned(session: AsyncSession, job: Job, args: CopyBackup) -> None:
    error = BackupCancelled(f"The job {encode_id('job', job.id)} was cancelled before it began.").document()
    await hold(session, args.backup_id)
    await BackupRepository(session).move_copies(
        args.backup_id, frm={CopyState.PENDING}, to=CopyState.FAILED, location_id=args.location_id, error=error
    )
    await judge(session, args.backup_id)


async def _copy_retried(session: AsyncSession, _job: Job, args: CopyBackup) -> CopyBackup:
    backup = await hold(session, args.backup_id)
    if backup is None:
        raise BackupNotFound(args.backup_id)
    if backup.state not in GOOD:
        raise BackupStateInvalid(backup.id, backup.state, "copied")
    copy = await copy_at(session, backup.id, args.location_id)
    is_live = await live_copy_job(session, backup.id, args.location_id) is not None
    if copy is None or is_live or copy.state not in BAD | UNDER_WAY:
        raise BackupStateInvalid(backup.id, "where it was to be copied to, or on its way", "copied by this job")
    await BackupRepository(session).move_copies(
        backup.id, frm=BAD | UNDER_WAY, to=CopyState.PENDING, location_id=args.location_id, job_id=None
    )
    return args


async def _copy_deletion_retried(session: AsyncSession, _job: Job, args: DeleteCopy) -> DeleteCopy:
    """A second one beside it would do no harm: what is gone is gone."""
    if await hold(session, args.backup_id) is None:
        raise BackupNotFound(args.backup_id)
    return args


register(TakeBackup, Hooks(abandoned=_abandoned, retried=_retried))
register(DeleteBackup, Hooks(retried=_deletion_retried))
register(CopyBackup, Hooks(abandoned=_copy_abandoned, retried=_copy_retried))
register(DeleteCopy, Hooks(retried=_copy_deletion_retried))
