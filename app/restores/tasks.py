"""The jobs that this domain brings to a worker, and what becomes of a restore whose job ends without one."""

from typing import Any

from sqlalchemy import func
from sqlmodel.ext.asyncio.session import AsyncSession

from app.databases.models import DatabaseState
from app.databases.repository import DatabaseRepository
from app.jobs.contract import JobArgs
from app.jobs.errors import JobNotRetryable
from app.jobs.hooks import Hooks, register
from app.jobs.machine import Steps
from app.jobs.models import Job
from app.locations.archives import RESTORABLE, Archives
from app.restores.errors import BackupNotRestorable
from app.restores.models import RestoreState, TargetKind
from app.restores.repository import RestoreRepository
from app.restores.schemas import ReplaceDatabase, RestoreBackup
from app.restores.settling import ConfirmRestoreSteps, UndoRestoreSteps
from app.restores.steps import ReplaceDatabaseSteps, RestoreBackupSteps
from app.runtime import Runtime


def programmes(runtime: Runtime) -> list[Steps[Any, Any]]:
    return [
        RestoreBackupSteps(runtime),
        ReplaceDatabaseSteps(runtime),
        ConfirmRestoreSteps(runtime),
        UndoRestoreSteps(runtime),
    ]


async def _abandoned(session: AsyncSession, job: Job, args: RestoreBackup | ReplaceDatabase) -> None:
    """No worker ever took the job, so there is no server to a new database either."""
    restores = RestoreRepository(session)
    await restores.move(args.restore_id, frm={RestoreState.PENDING}, to=RestoreState.CANCELLED, finished_at=func.now())
    restore = await restores.find(args.restore_id)
    if restore.target_kind == TargetKind.NEW_DATABASE:
        await DatabaseRepository(session).move(
            restore.database_id,
            frm={DatabaseState.CREATING},
            to=DatabaseState.DELETED,
            job_id=job.id,
            deleted_at=func.now(),
            password_sealed=None,
        )


async def _retried(session: AsyncSession, _job: Job, args: RestoreBackup | ReplaceDatabase) -> JobArgs:
    restores = RestoreRepository(session)
    restore = await restores.find(args.restore_id)
    if restore.target_kind == TargetKind.NEW_DATABASE:
        raise JobNotRetryable("The new database of this restore was deleted again; start another restore.")
    backup = await Archives(session).get(restore.backup_id, None, hold=True)
    if backup is None or backup.state not in RESTORABLE:
        raise BackupNotRestorable(restore.backup_id, backup.state if backup else "deleted")
    moved = await restores.move(
        restore.id,
        frm={RestoreState.FAILED, RestoreState.CANCELLED},
        to=RestoreState.PENDING,
        error=None,
        report=None,
        finished_at=None,
    )
    if not moved:
        raise JobNotRetryable(f"The restore is {restore.state}: it was retried already.")
    return args


for kind in (RestoreBackup, ReplaceDatabase):
    register(kind, Hooks(abandoned=_abandoned, retried=_retried))
