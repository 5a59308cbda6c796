"""/v1/imports."""

from typing import Annotated

from fastapi import APIRouter, Depends, Header, HTTPException, Query, Response

from app.auth.dependencies import (
    IdempotencyDep,
    LaterWriteDep,
    OptionalIdempotencyDep,
    PagingDep,
    RuntimeDep,
    SessionDep,
    requires,
    requires_detached,
)
from app.auth.principal import Principal
from app.auth.responses import raises
from app.auth.scopes import Scope
from app.databases.errors import DatabaseNotFound, DatabaseStateInvalid, DatabaseUnreachable
from app.imports.errors import (
    ArchiveIsBackup,
    ImportInUse,
    ImportNotFound,
    ImportStateInvalid,
    NowhereToKeep,
    ProjectMismatch,
    SourceMismatch,
    SourceTooLarge,
)
from app.imports.models import Import, ImportState, SourceKind
from app.imports.repository import ImportRepository
from app.imports.schemas import (
    ImportAccepted,
    ImportComplete,
    ImportCreate,
    ImportFilter,
    ImportRestore,
    ImportView,
    UploadView,
)
from app.imports.service import ImportService, begin_upload
from app.jobs.errors import JobConflict, NoCommonWorker
from app.jobs.models import Job
from app.jobs.schemas import JobView
from app.kit.etags import entity_tag, is_known
from app.kit.ids import DatabaseId, ImportId, ProjectId, encode_id
from app.kit.pagination import CursorInvalid, Page
from app.locations.access import open_store
from app.locations.errors import LocationNotFound
from app.providers.protocol import NotSupported
from app.storage.errors import StoreUnreachable, UploadGone

router = APIRouter(tags=["imports"])

Reader = Annotated[Principal, requires(Scope.BACKUPS_READ)]
Writer = Annotated[Principal, requires(Scope.BACKUPS_WRITE)]
Restorer = Annotated[Principal, requires(Scope.BACKUPS_RESTORE)]
DetachedWriter = Annotated[Principal, requires_detached(Scope.BACKUPS_WRITE)]


async def get_service(session: SessionDep, runtime: RuntimeDep) -> ImportService:
    return ImportService(session, runtime)


Service = Annotated[ImportService, Depends(get_service)]


@router.post(
    "/imports",
    status_code=202,
    responses=raises(DatabaseNotFound, LocationNotFound, NowhereToKeep, SourceTooLarge, StoreUnreachable),
)
async def create_import(
    wish: ImportCreate, caller: DetachedWriter, runtime: RuntimeDep, later: LaterWriteDep, response: Response
) -> ImportAccepted:
    """Fetches a dump that was made elsewhere, or gives addresses to upload it to.

    An archive becomes a backup, which is restored like any other. Plain SQL is kept, and restored by `:restore`.
    """
    async with later.begin() as (session, _):  # a repetition ends here
        row, location = await ImportService(session, runtime).prepare(wish, caller)
    if row.source_kind != SourceKind.UPLOAD or later.is_dry_run:
        async with later.begin() as (session, once):
            job = await ImportService(session, runtime).begin(row, caller)
            return once.keep(_accepted(row, job, response), response)
    store = await open_store(runtime.stores, runtime.key_ring, location)
    upload = await begin_upload(runtime, store, row)
    assert row.source_key is not None
    assert row.upload_id is not None
    try:
        async with later.begin() as (session, once):
            await ImportService(session, runtime).begin(row, caller)
            return once.keep(_accepted(row, None, response, upload), response, without={"upload"})
    except BaseException:
        await store.abort(row.source_key, row.upload_id)
        raise


@router.post(
    "/imports/{import_id}:complete",
    status_code=202,
    responses=raises(ImportNotFound, ImportStateInvalid, SourceMismatch, UploadGone, StoreUnreachable),
)
async def complete_import(
    import_id: ImportId,
    wish: ImportComplete,
    caller: DetachedWriter,
    runtime: RuntimeDep,
    later: LaterWriteDep,
    response: Response,
) -> ImportAccepted:
    """Puts the uploaded parts together, and looks at what they are."""
    async with later.begin() as (session, _):
        row, location = await ImportService(session, runtime).awaiting(import_id, caller)
    if not later.is_dry_run:
        assert row.source_key is not None
        assert row.upload_id is not None
        store = await open_store(runtime.stores, runtime.key_ring, location)
        try:
            etags = {part.number: part.etag for part in wish.parts}
            await store.by_others(row.source_key).finish(row.upload_id, etags)
        except UploadGone:
            if await store.head(row.source_key) is None:  # else a call before this one did it
                raise
        found = await store.head(row.source_key)
        if found is None or found.size_bytes != row.size_bytes:
            raise SourceMismatch(
                f"The location holds {found.size_bytes if found else 0} bytes of the file instead of {row.size_bytes}. Delete "
                "the import and begin another one."
            )
    async with later.begin() as (session, once):
        row, job = await ImportService(session, runtime).completed(import_id, caller)
        return once.keep(_accepted(row, job, response), response)


@router.get("/imports", responses=raises(CursorInvalid))
async def list_imports(
    caller: Reader,
    session: SessionDep,
    paging: PagingDep,
    project_id: ProjectId | None = None,
    database_id: DatabaseId | None = None,
    state: Annotated[list[ImportState] | None, Query()] = None,
) -> Page[ImportView]:
    """Newest first. Deleted ones only when asked for."""
    wanted = ImportFilter(project_id=project_id, database_id=database_id, state=state)
    (before,) = paging.after() or (None,)
    found = await ImportRepository(session).page(wanted, caller.project_ids, before=before, limit=paging.probe)
    return paging.cut(found, ImportView.of, position=lambda row: (row.id,))


@router.get("/imports/{import_id}", responses=raises(ImportNotFound))
async def get_import(
    import_id: ImportId,
    caller: Reader,
    service: Service,
    response: Response,
    if_none_match: Annotated[str | None, Header()] = None,
) -> ImportView:
    """One import, also after it was deleted."""
    row = await service.get(import_id, caller)
    tag = entity_tag(row.revision)
    if is_known(if_none_match, row.revision):
        raise HTTPException(304, headers={"ETag": tag})
    response.headers["ETag"] = tag
    return ImportView.of(row)


@router.post(
    "/imports/{import_id}:restore",
    status_code=202,
    responses=raises(
        ImportNotFound,
        ImportStateInvalid,
        ArchiveIsBackup,
        DatabaseNotFound,
        DatabaseStateInvalid,
        DatabaseUnreachable,
        JobConflict,
        NoCommonWorker,
        NotSupported,
        ProjectMismatch,
    ),
)
async def restore_import(
    import_id: ImportId,
    wish: ImportRestore,
    caller: Restorer,
    service: Service,
    once: IdempotencyDep,
    response: Response,
) -> ImportAccepted:
    """Runs a plain SQL file into a new logical database, which appears under its name only when all of it went well."""
    return once.keep(_accepted(*await service.restore(import_id, wish, caller), response), response)


@router.delete(
    "/imports/{import_id}", status_code=202, responses=raises(ImportNotFound, ImportStateInvalid, ImportInUse)
)
async def delete_import(
    import_id: ImportId, caller: Writer, service: Service, once: OptionalIdempotencyDep, response: Response
) -> ImportAccepted:
    """Removes the file. A backup that it became stays."""
    return once.keep(_accepted(*await service.delete(import_id, caller), response), response)


def _accepted(row: Import, job: Job | None, response: Response, upload: UploadView | None = None) -> ImportAccepted:
    view = JobView.of(job) if job else None
    response.headers["Location"] = view.links["self"] if view else f"/v1/imports/{encode_id('imp', row.id)}"
    response.headers["Retry-After"] = "1"
    return ImportAccepted(imported=ImportView.of(row), job=view, upload=upload)
