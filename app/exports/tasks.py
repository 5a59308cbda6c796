"""The jobs that this domain brings to a worker, and what becomes of an export whose job ends without one."""

from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from app.exports.errors import BackupNotExportable, ExportCancelled
from app.exports.models import ExportState
from app.exports.repository import ExportRepository
from app.exports.schemas import DeleteExport, MakeExport
from app.exports.steps import CopyDatabaseSteps, DeleteExportSteps, MakeExportSteps
from app.jobs.enqueue import enqueue
from app.jobs.errors import JobNotRetryable
from app.jobs.hooks import Hooks, register
from app.jobs.machine import Steps
from app.jobs.models import Job
from app.kit.ids import encode_id
from app.locations.archives import RESTORABLE, Archives
from app.runtime import Runtime


def programmes(runtime: Runtime) -> list[Steps[Any, Any]]:
    return [MakeExportSteps(runtime), DeleteExportSteps(runtime), CopyDatabaseSteps(runtime)]


async def watch(runtime: Runtime) -> None:
    """To be called now and then. Deletes what has expired."""
    async with runtime.sessions() as session, session.begin():
        exports = ExportRepository(session)
        for export in await exports.expired():
            args = DeleteExport(export_id=export.id)
            enqueued = await enqueue(
                session, args, created_by="worker", project_id=export.project_id, subject_id=args.subject_id()
            )
            await exports.move(export.id, frm={ExportState.AVAILABLE}, to=ExportState.DELETING, job_id=enqueued.job.id)


async def _abandoned(session: AsyncSession, job: Job, args: MakeExport) -> None:
    error = ExportCancelled(f"The job {encode_id('job', job.id)} was cancelled before it began.").document()
    await ExportRepository(session).move(
        args.export_id, frm={ExportState.PENDING}, to=ExportState.CANCELLED, error=error
    )


async def _retried(session: AsyncSession, _job: Job, args: MakeExport) -> MakeExport:
    exports = ExportRepository(session)
    export = await exports.find(args.export_id)
    backup = await Archives(session).get(export.backup_id, None, hold=True)
    if backup is None or backup.state not in RESTORABLE:
        raise BackupNotExportable(export.backup_id, backup.state if backup else "deleted")
    moved = await exports.move(
        export.id,
        frm={ExportState.FAILED, ExportState.CANCELLED},
        to=ExportState.PENDING,
        error=None,
        finished_at=None,
    )
    if not moved:
        raise JobNotRetryable(f"The export is {export.state}: it was retried already.")
    return args


async def _deletion_retried(session: AsyncSession, job: Job, args: DeleteExport) -> DeleteExport:
    moved = await ExportRepository(session).move(
        args.export_id, frm={ExportState.AVAILABLE}, to=ExportState.DELETING, job_id=job.id
    )
    if not moved:
        raise JobNotRetryable("The export is gone, or on its way.")
    return args


register(MakeExport, Hooks(abandoned=_abandoned, retried=_retried))
register(DeleteExport, Hooks(retried=_deletion_retried))
