"""/v1/databases/{id}/backups and /v1/backups."""

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
from app.auth.errors import ScopeMissing
from app.auth.principal import Principal
from app.auth.responses import raises
from app.auth.scopes import Scope
from app.backups.copies import CopyService
from app.backups.errors import (
    BackupBusy,
    BackupInUse,
    BackupNotFound,
    BackupPinned,
    BackupStateInvalid,
    CopyNotFound,
    CopyStateInvalid,
    ForgettingUnconfirmed,
    LastGoodBackup,
    LocationRequired,
    NoGoodCopy,
    OnlyGoodCopy,
)
from app.backups.forgetting import ForgetService
from app.backups.models import Backup, BackupState
from app.backups.repository import BackupRepository
from app.backups.schemas import (
    BackupAccepted,
    BackupCreate,
    BackupFilter,
    BackupsAccepted,
    BackupUpdate,
    BackupView,
    CopyCreate,
    CopyList,
    CopyView,
    DownloadCreate,
    DownloadView,
    LocationForget,
    LocationForgotten,
)
from app.backups.service import BackupService, require_available
from app.databases.access import target_of, visible_database
from app.databases.errors import DatabaseNotFound, DatabaseNotReady, DatabaseStateInvalid, DatabaseUnreachable
from app.databases.models import Database
from app.databases.reach import is_reached_from_here
from app.jobs.errors import JobConflict
from app.jobs.models import Job
from app.jobs.schemas import JobView
from app.kit.etags import PreconditionFailed, entity_tag, is_known
from app.kit.ids import BackupId, DatabaseId, LocationId, ProjectId
from app.kit.pagination import CursorInvalid, Page
from app.locations.archives import Archives
from app.locations.errors import LocationInUse, LocationNamed, LocationNotFound
from app.locations.manifest import Manifest
from app.postgres.errors import DatabaseAbsent, ServerUnreachable
from app.postgres.logical_databases import logical_databases
from app.providers.protocol import NotSupported
from app.runtime import Runtime

router = APIRouter(tags=["backups"])

Reader = Annotated[Principal, requires(Scope.BACKUPS_READ)]
Writer = Annotated[Principal, requires(Scope.BACKUPS_WRITE)]
Starter = Annotated[Principal, requires_detached(Scope.BACKUPS_WRITE)]
Downloader = Annotated[Principal, requires(Scope.BACKUPS_DOWNLOAD)]


async def get_service(session: SessionDep, runtime: RuntimeDep) -> BackupService:
    return _service(session, runtime)


Service = Annotated[BackupService, Depends(get_service)]


@router.post(
    "/databases/{database_id}/backups",
    status_code=202,
    responses=raises(
        DatabaseNotFound,
        DatabaseStateInvalid,
        DatabaseUnreachable,
        DatabaseAbsent,
        LocationRequired,
        LocationNotFound,
        JobConflict,
        NotSupported,
        ServerUnreachable,
    ),
)
async def create_backups(
    database_id: DatabaseId,
    wish: BackupCreate,
    runtime: RuntimeDep,
    caller: Starter,
    later: LaterWriteDep,
    response: Response,
) -> BackupsAccepted:
    """Dumps one or several logical databases, as one job.

    Rows are counted on the very snapshot that is dumped. When logical databases are named, or all are taken, the server
    is asked for them first, so a wrong name is the answer and not a failed job. Only the worker beside a server of another
    host, or of a private one on Railway, can ask that one: a wrong name then fails the job, and the list is empty as long
    as the job has not made it.
    """
    async with later.begin() as (session, _):  # a repetition ends here, whatever became of the database
        database = await visible_database(session, database_id, caller)
    names = await _names(runtime, database, wish)
    async with later.begin() as (session, once):
        database = await visible_database(session, database_id, caller)
        backups, job = await _service(session, runtime).start(database, names, wish, caller)
        view = JobView.of(job)
        response.headers["Location"] = view.links["self"]
        response.headers["Retry-After"] = "1"
        return once.keep(BackupsAccepted(backups=await _views(session, backups), job=view), response)


@router.get("/databases/{database_id}/backups", responses=raises(DatabaseNotFound, CursorInvalid))
async def list_database_backups(
    database_id: DatabaseId,
    caller: Reader,
    session: SessionDep,
    paging: PagingDep,
    state: Annotated[list[BackupState] | None, Query()] = None,
) -> Page[BackupView]:
    """Newest first; also those of a database that is deleted."""
    await visible_database(session, database_id, caller)
    return await _page(session, BackupFilter(database_id=database_id, state=state), caller, paging)


@router.get("/backups", responses=raises(CursorInvalid))
async def list_backups(
    caller: Reader,
    session: SessionDep,
    paging: PagingDep,
    project_id: ProjectId | None = None,
    database_id: DatabaseId | None = None,
    state: Annotated[list[BackupState] | None, Query()] = None,
) -> Page[BackupView]:
    """Newest first. Deleted ones only when asked for."""
    wanted = BackupFilter(project_id=project_id, database_id=database_id, state=state)
    return await _page(session, wanted, caller, paging)


@router.get("/backups/{backup_id}", responses=raises(BackupNotFound))
async def get_backup(
    backup_id: BackupId,
    caller: Reader,
    service: Service,
    response: Response,
    if_none_match: Annotated[str | None, Header()] = None,
) -> BackupView:
    """One backup with its copies, also after it was deleted."""
    backup = await service.get(backup_id, caller)
    tag = entity_tag(backup.revision)
    if is_known(if_none_match, backup.revision):
        raise HTTPException(304, headers={"ETag": tag})
    response.headers["ETag"] = tag
    return BackupView.of(backup, await service.copies(backup.id))


@router.get("/backups/{backup_id}/manifest", responses=raises(BackupNotFound, BackupStateInvalid))
async def get_backup_manifest(backup_id: BackupId, caller: Reader, service: Service, session: SessionDep) -> Manifest:
    """What the object `manifest.json` beside the backup holds: rows per table, versions, digests, the archive's index."""
    backup = await service.get(backup_id, caller)
    if backup.manifest_written_at is None or backup.state == BackupState.DELETED:
        raise BackupStateInvalid(backup.id, backup.state, "read")
    return await Archives(session).manifest(backup.id)


@router.get("/backups/{backup_id}/copies", responses=raises(BackupNotFound))
async def list_backup_copies(backup_id: BackupId, caller: Reader, service: Service) -> CopyList:
    """Where it lies, and what became of each copy."""
    await service.get(backup_id, caller)
    return CopyList(data=[CopyView.of(copy) for copy in await service.copies(backup_id)])


@router.post(
    "/backups/{backup_id}/copies",
    status_code=202,
    responses=raises(BackupNotFound, LocationNotFound, BackupStateInvalid, CopyStateInvalid),
)
async def create_backup_copy(
    backup_id: BackupId,
    wish: CopyCreate,
    caller: Writer,
    once: IdempotencyDep,
    session: SessionDep,
    response: Response,
) -> BackupAccepted:
    """Copies it to one more location, from whichever has a good copy; also makes a failed or corrupt copy anew."""
    backup, job = await CopyService(session).start(backup_id, wish.location_id, caller)
    return once.keep(await _accepted(session, backup, job, response), response)


@router.delete(
    "/backups/{backup_id}/copies/{location_id}",
    status_code=202,
    responses=raises(
        BackupNotFound,
        CopyNotFound,
        BackupStateInvalid,
        CopyStateInvalid,
        BackupPinned,
        BackupInUse,
        BackupBusy,
        OnlyGoodCopy,
    ),
)
async def delete_backup_copy(
    backup_id: BackupId,
    location_id: LocationId,
    caller: Writer,
    once: OptionalIdempotencyDep,
    session: SessionDep,
    response: Response,
    confirm: Annotated[
        str, Query(description="The backup's id: needed for the only good copy of the newest good backup.")
    ] = "",
) -> BackupAccepted:
    """Deletes what lies in one location, and says so only when it is seen to be gone. With the last one goes the backup.

    What the store has locked stays, as `retained`, and is deleted when the lock has ended.
    """
    backup, job = await CopyService(session).delete(backup_id, location_id, caller, confirm=confirm)
    return once.keep(await _accepted(session, backup, job, response), response)


@router.post(
    "/backups/{backup_id}/downloads",
    status_code=201,
    responses=raises(BackupNotFound, BackupStateInvalid, NoGoodCopy),
)
async def create_backup_download(
    backup_id: BackupId,
    wish: DownloadCreate,
    caller: Downloader,
    once: OptionalIdempotencyDep,
    service: Service,
    response: Response,
) -> DownloadView:
    """A link to one object, for whoever has it, until it expires."""
    response.headers["Cache-Control"] = "no-store"
    return once.keep(await service.download(backup_id, wish, caller), response, without={"url"})


@router.patch(
    "/backups/{backup_id}", responses=raises(BackupNotFound, BackupStateInvalid, PreconditionFailed, ScopeMissing)
)
async def update_backup(
    backup_id: BackupId,
    wish: BackupUpdate,
    caller: Writer,
    service: Service,
    response: Response,
    if_match: Annotated[str | None, Header()] = None,
) -> BackupView:
    """Replaces the labels, pins it or lets it go, or says when it expires."""
    backup = await service.update(backup_id, wish, caller, if_match=if_match)
    response.headers["ETag"] = entity_tag(backup.revision)
    return BackupView.of(backup, await service.copies(backup.id))


@router.delete(
    "/backups/{backup_id}",
    status_code=202,
    responses=raises(BackupNotFound, BackupStateInvalid, BackupPinned, BackupInUse, BackupBusy, LastGoodBackup),
)
async def delete_backup(
    backup_id: BackupId,
    caller: Writer,
    once: OptionalIdempotencyDep,
    service: Service,
    session: SessionDep,
    response: Response,
    confirm: Annotated[
        str, Query(description="The backup's id: needed for the last good backup of its logical database.")
    ] = "",
) -> BackupAccepted:
    """Deletes its objects everywhere, and forgets it only when they are seen to be gone.

    What a store has locked stays, as a copy in the state `retained`, and the backup `deleting` until the lock has ended.
    """
    backup, job = await service.delete(backup_id, caller, confirm=confirm)
    return once.keep(await _accepted(session, backup, job, response), response)


@router.post(
    "/locations/{location_id}:forget",
    responses=raises(
        LocationNotFound,
        LocationNamed,
        LocationInUse,
        BackupStateInvalid,
        BackupInUse,
        BackupBusy,
        ForgettingUnconfirmed,
        ScopeMissing,
    ),
)
async def forget_location(
    location_id: LocationId,
    wish: LocationForget,
    caller: Writer,
    once: IdempotencyDep,
    session: SessionDep,
    runtime: RuntimeDep,
    response: Response,
) -> LocationForgotten:
    """Gives up a place that is lost for good, with what lay there. Nothing is asked of it, and nothing deleted there.

    A backup that has no good copy anywhere else is gone here with it. For a place that works, delete its copies instead.
    """
    return once.keep(await ForgetService(session, runtime).forget(location_id, caller, confirm=wish.confirm), response)


async def _accepted(session: SessionDep, backup: Backup, job: Job, response: Response) -> BackupAccepted:
    view = JobView.of(job)
    response.headers["Location"] = view.links["self"]
    response.headers["Retry-After"] = "1"
    (backup_view,) = await _views(session, [backup])
    return BackupAccepted(backup=backup_view, job=view)


async def _names(runtime: Runtime, database: Database, wish: BackupCreate) -> list[str]:
    """None when all are wanted and only another host can tell them.

    Raises DatabaseStateInvalid, DatabaseAbsent, and what a connection raises.
    """
    require_available(database, wish.network)
    if wish.logical_databases is None and not wish.all_logical_databases:
        if database.default_database is None:
            raise DatabaseNotReady(database.id, database.state)
        return [database.default_database]
    if not is_reached_from_here(database, runtime):
        return wish.logical_databases or []
    target = target_of(database, runtime.key_ring)
    async with runtime.connections.session(target) as session:
        existing = [found.name for found in await logical_databases(session)]
    unknown = sorted(set(wish.logical_databases or ()) - set(existing))
    if unknown:
        raise DatabaseAbsent(f"The server has no database {', '.join(map(repr, unknown))} that takes connections.")
    return wish.logical_databases or existing


async def _page(session: SessionDep, wanted: BackupFilter, caller: Principal, paging: PagingDep) -> Page[BackupView]:
    (before,) = paging.after() or (None,)
    repository = BackupRepository(session)
    found = await repository.page(wanted, caller.project_ids, before=before, limit=paging.probe)
    copies = await repository.copies([backup.id for backup in found])
    return paging.cut(
        found, lambda backup: BackupView.of(backup, copies[backup.id]), position=lambda backup: (backup.id,)
    )


async def _views(session: SessionDep, backups: list[Backup]) -> list[BackupView]:
    copies = await BackupRepository(session).copies([backup.id for backup in backups])
    return [BackupView.of(backup, copies[backup.id]) for backup in backups]


def _service(session: SessionDep, runtime: Runtime) -> BackupService:
    return BackupService(session, runtime, BackupRepository(session))
