"""/v1/backups/{id}/exports, /v1/exports, and :copy-into of a database."""

from typing import Annotated

from fastapi import APIRouter, Depends, Header, HTTPException, Response

from app.auth.dependencies import (
    IdempotencyDep,
    OptionalIdempotencyDep,
    PagingDep,
    RuntimeDep,
    SessionDep,
    requires,
)
from app.auth.principal import Principal
from app.auth.responses import raises
from app.auth.scopes import Scope
from app.databases.errors import DatabaseNotFound, DatabaseNotReady, DatabaseStateInvalid, DatabaseUnreachable
from app.exports.copies import start_copy
from app.exports.errors import (
    BackupNotExportable,
    BackupNotFound,
    CopyMissing,
    ExportImpossible,
    ExportNotFound,
    ExportStateInvalid,
    ProjectMismatch,
    SameName,
)
from app.exports.models import Export
from app.exports.repository import ExportRepository
from app.exports.schemas import (
    DatabaseCopyAccepted,
    DatabaseCopyCreate,
    ExportAccepted,
    ExportCreate,
    ExportDownloadCreate,
    ExportDownloadView,
    ExportView,
)
from app.exports.service import ExportService
from app.jobs.errors import JobConflict, NoCommonWorker
from app.jobs.models import Job
from app.jobs.schemas import JobView
from app.kit.etags import entity_tag, is_known
from app.kit.ids import BackupId, DatabaseId, ExportId
from app.kit.pagination import CursorInvalid, Page
from app.locations.errors import LocationNotFound
from app.postgres.errors import ToolMissing, VersionUnsupported

router = APIRouter(tags=["exports"])

Reader = Annotated[Principal, requires(Scope.BACKUPS_READ)]
# An export may be plain, and a download of it always is a way to the data.
Downloader = Annotated[Principal, requires(Scope.BACKUPS_DOWNLOAD)]
Restorer = Annotated[Principal, requires(Scope.BACKUPS_RESTORE)]


async def get_service(session: SessionDep, runtime: RuntimeDep) -> ExportService:
    return ExportService(session, runtime)


Service = Annotated[ExportService, Depends(get_service)]


@router.post(
    "/backups/{backup_id}/exports",
    status_code=202,
    responses=raises(BackupNotFound, BackupNotExportable, CopyMissing, LocationNotFound, ExportImpossible, ToolMissing),
)
async def create_export(
    backup_id: BackupId,
    wish: ExportCreate,
    caller: Downloader,
    service: Service,
    once: IdempotencyDep,
    response: Response,
) -> ExportAccepted:
    """Writes the backup as SQL, for psql and for whatever reads SQL, into the location it lies in. Needs no server."""
    return once.keep(_accepted(*await service.start(backup_id, wish, caller), response), response)


@router.get("/backups/{backup_id}/exports", responses=raises(BackupNotFound, CursorInvalid))
async def list_exports(backup_id: BackupId, caller: Reader, service: Service, paging: PagingDep) -> Page[ExportView]:
    """Newest first, those that are deleted included."""
    await service.visible_backup(backup_id, caller)
    (before,) = paging.after() or (None,)
    exports = await ExportRepository(service.session).page(backup_id, before=before, limit=paging.probe)
    return paging.cut(exports, ExportView.of, position=lambda export: (export.id,))


@router.get("/exports/{export_id}", responses=raises(ExportNotFound))
async def get_export(
    export_id: ExportId,
    caller: Reader,
    service: Service,
    response: Response,
    if_none_match: Annotated[str | None, Header()] = None,
) -> ExportView:
    """One export, also after it was deleted."""
    export = await service.get(export_id, caller)
    tag = entity_tag(export.revision)
    if is_known(if_none_match, export.revision):
        raise HTTPException(304, headers={"ETag": tag})
    response.headers["ETag"] = tag
    return ExportView.of(export)


@router.post(
    "/exports/{export_id}/downloads",
    status_code=201,
    responses=raises(ExportNotFound, ExportStateInvalid, LocationNotFound),
)
async def create_export_download(
    export_id: ExportId,
    wish: ExportDownloadCreate,
    caller: Downloader,
    service: Service,
    once: OptionalIdempotencyDep,
    response: Response,
) -> ExportDownloadView:
    """A link to the file, for whoever has it, until it expires."""
    response.headers["Cache-Control"] = "no-store"
    return once.keep(await service.download(export_id, wish, caller), response, without={"url"})


@router.delete("/exports/{export_id}", status_code=202, responses=raises(ExportNotFound, ExportStateInvalid))
async def delete_export(
    export_id: ExportId, caller: Downloader, service: Service, once: OptionalIdempotencyDep, response: Response
) -> ExportAccepted:
    """Removes the file before it expires. The backup stays."""
    return once.keep(_accepted(*await service.delete(export_id, caller), response), response)


@router.post(
    "/databases/{database_id}:copy-into",
    status_code=202,
    responses=raises(
        DatabaseNotFound,
        DatabaseNotReady,
        DatabaseStateInvalid,
        DatabaseUnreachable,
        JobConflict,
        NoCommonWorker,
        ProjectMismatch,
        SameName,
        ToolMissing,
        VersionUnsupported,
    ),
)
async def copy_database(
    database_id: DatabaseId,
    wish: DatabaseCopyCreate,
    caller: Restorer,
    session: SessionDep,
    runtime: RuntimeDep,
    once: IdempotencyDep,
    response: Response,
) -> DatabaseCopyAccepted:
    """Copies a logical database straight into another server of the project, or the same one, without a backup.

    The source is used as before meanwhile. The copy appears under its name once every table was counted equal.
    """
    job = await start_copy(session, runtime, database_id, wish, caller)
    return once.keep(DatabaseCopyAccepted(job=_job(job, response)), response)


def _accepted(export: Export, job: Job, response: Response) -> ExportAccepted:
    return ExportAccepted(export=ExportView.of(export), job=_job(job, response))


def _job(job: Job, response: Response) -> JobView:
    view = JobView.of(job)
    response.headers["Location"] = view.links["self"]
    response.headers["Retry-After"] = "1"
    return view
