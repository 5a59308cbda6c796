"""Which steps run the imports' jobs, and what becomes of rows whose job never ran or runs anew."""

from typing import Any

from sqlalchemy import func
from sqlmodel.ext.asyncio.session import AsyncSession

from app.imports.deleting import DeleteImportSteps
from app.imports.errors import ImportNotFound, ImportStateInvalid, UploadExpired
from app.imports.models import ImportState
from app.imports.repository import ImportRepository
from app.imports.restoring import RestoreImportSteps
from app.imports.schemas import UPLOAD_HOURS, DeleteImport, FetchImport
from app.imports.steps import FetchImportSteps
from app.jobs.hooks import Hooks, register
from app.jobs.machine import Steps
from app.jobs.models import Job
from app.runtime import Runtime


def programmes(runtime: Runtime) -> list[Steps[Any, Any]]:
    return [FetchImportSteps(runtime), RestoreImportSteps(runtime), DeleteImportSteps(runtime)]


async def watch(runtime: Runtime) -> None:
    """To be called now and then. Ends uploads that nobody completed."""
    error = UploadExpired(f"The upload was not completed within {UPLOAD_HOURS} hours. Begin another one.").document()
    async with runtime.sessions() as session, session.begin():
        await ImportRepository(session).expire_uploads(hours=UPLOAD_HOURS, error=error)


async def _abandoned(session: AsyncSession, _job: Job, args: FetchImport) -> None:
    await ImportRepository(session).move(
        args.import_id, frm={ImportState.PENDING}, to=ImportState.CANCELLED, finished_at=func.now()
    )


async def _retried(session: AsyncSession, _job: Job, args: FetchImport) -> FetchImport:
    imports = ImportRepository(session)
    moved = await imports.move(
        args.import_id,
        frm={ImportState.FAILED, ImportState.CANCELLED},
        to=ImportState.PENDING,
        error=None,
        finished_at=None,
    )
    if not moved:
        row = await imports.get(args.import_id, None)
        if row is None:
            raise ImportNotFound(args.import_id)
        raise ImportStateInvalid(args.import_id, row.state, "fetched again")
    return args


async def _deletion_retried(session: AsyncSession, _job: Job, args: DeleteImport) -> DeleteImport:
    row = await ImportRepository(session).find(args.import_id)
    if row.state != ImportState.DELETING:
        raise ImportStateInvalid(row.id, row.state, "deleted by this job")
    return args


register(FetchImport, Hooks(abandoned=_abandoned, retried=_retried))
register(DeleteImport, Hooks(retried=_deletion_retried))
