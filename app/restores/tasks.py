"""The jobs that this domain brings to a worker, and what becomes of a restore whose job ends without one."""

from typing import Any, Final, TypeAlias

from sqlalchemy import func
from sqlmodel.ext.asyncio.session import AsyncSession

from app.databases.models import DatabaseState
from app.databases.repository import DatabaseRepository
from app.events.alerts import open_alert, open_subjects
from app.events.models import AlertType
from app.jobs.contract import JobArgs
from app.jobs.errors import JobNotRetryable
from app.jobs.hooks import Hooks, register
from app.jobs.machine import Steps
from app.jobs.models import Job
from app.kit.ids import encode_id
from app.locations.archives import RESTORABLE, Archives
from app.restores.errors import BackupNotRestorable
from app.restores.filling import RestoreRowsSteps
from app.restores.models import RestoreState, TargetKind
from app.restores.repository import RestoreRepository
from app.restores.schemas import ReplaceDatabase, RestoreBackup, RestoreRows, RestoreTables
from app.restores.settling import ConfirmRestoreSteps, UndoRestoreSteps
from app.restores.steps import ReplaceDatabaseSteps, RestoreBackupSteps
from app.restores.tables import RestoreTablesSteps
from app.runtime import Runtime

ASK_AFTER_DAYS: Final = 7

_Restoring: TypeAlias = RestoreBackup | ReplaceDatabase | RestoreTables | RestoreRows


def programmes(runtime: Runtime) -> list[Steps[Any, Any]]:
    return [
        RestoreBackupSteps(runtime),
        ReplaceDatabaseSteps(runtime),
        RestoreTablesSteps(runtime),
        RestoreRowsSteps(runtime),
        ConfirmRestoreSteps(runtime),
        UndoRestoreSteps(runtime),
    ]


async def watch(runtime: Runtime) -> None:
    """To be called now and then. Asks for a decision about databases that restores in place left beside."""
    async with runtime.sessions() as session, session.begin():
        told = await open_subjects(session, AlertType.RESTORE_UNCONFIRMED)
        for restore in await RestoreRepository(session).unconfirmed(days=ASK_AFTER_DAYS):
            about = encode_id("rst", restore.id)
            if about not in told:
                await open_alert(
                    session,
                    AlertType.RESTORE_UNCONFIRMED,
                    about,
                    title=f"A restore of {restore.logical_database} in place waits for a decision",
                    detail=f"The database from before still stands beside as {restore.previous_database} and takes up disk. "
                    "Confirm the restore to drop it, or undo it.",
                    project_id=restore.project_id,
                    database_id=restore.database_id,
                )


async def _abandoned(session: AsyncSession, job: Job, args: _Restoring) -> None:
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


async def _retried(session: AsyncSession, _job: Job, args: _Restoring) -> JobArgs:
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


for kind in (RestoreBackup, ReplaceDatabase, RestoreTables, RestoreRows):
    register(kind, Hooks(abandoned=_abandoned, retried=_retried))
