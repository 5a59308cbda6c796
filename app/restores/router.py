"""/v1/restores, and :restore of a backup."""

from typing import Annotated

from fastapi import APIRouter, Depends, Header, HTTPException, Query, Response

from app.auth.dependencies import (
    IdempotencyDep,
    LaterWrite,
    LaterWriteDep,
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
from app.databases.errors import (
    DatabaseNotFound,
    DatabaseNotReady,
    DatabaseStateInvalid,
    DatabaseUnreachable,
    EnvironmentNotFound,
    NameTaken,
)
from app.databases.schemas import NetworkWish
from app.jobs.errors import JobConflict
from app.jobs.models import Job
from app.jobs.schemas import JobView
from app.kit.etags import entity_tag, is_known
from app.kit.ids import BackupId, DatabaseId, ProjectId, RestoreId, encode_id
from app.kit.pagination import CursorInvalid, Page
from app.postgres.archive import TablesNotInArchive
from app.postgres.errors import DatabaseAbsent, ToolMissing, VersionUnsupported
from app.postgres.making import NameClash
from app.postgres.moving import SchemaExists
from app.postgres.rows import RowsUnfitting, TablesNotEmpty
from app.providers.protocol import NotSupported
from app.restores.errors import (
    BackupNotFound,
    BackupNotRestorable,
    CopyMissing,
    ExtensionAbsent,
    ExtensionUnavailable,
    ProjectMismatch,
    RestoreImpossible,
    RestoreNotFound,
    RestoreStateInvalid,
    RoleMissing,
    SafetyBackupImpossible,
    TargetAbsent,
)
from app.restores.models import Restore, RestoreState
from app.restores.reports import RestorePlanView
from app.restores.repository import RestoreRepository
from app.restores.schemas import (
    RestoreAccepted,
    RestoreCreate,
    RestoreFilter,
    RestoreOptions,
    RestoreSummary,
    RestoreView,
)
from app.restores.service import RestoreService, look
from app.runtime import Runtime

router = APIRouter(tags=["restores"])

Reader = Annotated[Principal, requires(Scope.BACKUPS_READ)]
Restorer = Annotated[Principal, requires(Scope.BACKUPS_RESTORE)]
DetachedRestorer = Annotated[Principal, requires_detached(Scope.BACKUPS_RESTORE)]

_REFUSALS = raises(
    BackupNotFound,
    BackupNotRestorable,
    CopyMissing,
    DatabaseAbsent,
    DatabaseNotFound,
    DatabaseNotReady,
    DatabaseStateInvalid,
    DatabaseUnreachable,
    EnvironmentNotFound,
    ExtensionAbsent,
    ExtensionUnavailable,
    JobConflict,
    NameClash,
    NameTaken,
    NotSupported,
    ProjectMismatch,
    RestoreImpossible,
    RoleMissing,
    RowsUnfitting,
    SafetyBackupImpossible,
    SchemaExists,
    ScopeMissing,
    TablesNotEmpty,
    TablesNotInArchive,
    TargetAbsent,
    ToolMissing,
    VersionUnsupported,
)


async def get_service(session: SessionDep, runtime: RuntimeDep) -> RestoreService:
    return RestoreService(session, runtime)


Service = Annotated[RestoreService, Depends(get_service)]


@router.post("/restores", status_code=202, responses=_REFUSALS)
async def create_restore(
    wish: RestoreCreate, caller: DetachedRestorer, runtime: RuntimeDep, later: LaterWriteDep, response: Response
) -> RestoreAccepted:
    """Restores a backup into a new logical database, in place of one, or into a new managed database.

    Or selected tables into a new schema of a logical database that others use, or rows into tables that are there.
    `dry_run=true` answers with a `plan`: what stands against it, what would be read, taken along and left out.
    """
    return await _start(wish, caller, runtime, later, response)


@router.post("/backups/{backup_id}:restore", status_code=202, responses=_REFUSALS)
async def restore_backup(
    backup_id: BackupId,
    options: RestoreOptions,
    caller: DetachedRestorer,
    runtime: RuntimeDep,
    later: LaterWriteDep,
    response: Response,
) -> RestoreAccepted:
    """The same as `POST /v1/restores`."""
    wish = RestoreCreate(backup_id=backup_id, **dict(options))
    return await _start(wish, caller, runtime, later, response)


@router.get("/restores", responses=raises(CursorInvalid))
async def list_restores(
    session: SessionDep,
    caller: Reader,
    paging: PagingDep,
    project_id: ProjectId | None = None,
    database_id: DatabaseId | None = None,
    backup_id: BackupId | None = None,
    state: Annotated[list[RestoreState] | None, Query()] = None,
) -> Page[RestoreSummary]:
    """Newest first."""
    wanted = RestoreFilter(project_id=project_id, database_id=database_id, backup_id=backup_id, state=state)
    (before,) = paging.after() or (None,)
    restores = await RestoreRepository(session).page(wanted, caller.project_ids, before=before, limit=paging.probe)
    return paging.cut(restores, RestoreSummary.of, position=lambda restore: (restore.id,))


@router.get("/restores/{restore_id}", responses=raises(RestoreNotFound))
async def get_restore(
    restore_id: RestoreId,
    caller: Reader,
    service: Service,
    response: Response,
    if_none_match: Annotated[str | None, Header(description="An ETag; the answer is 304 while it is current.")] = None,
) -> RestoreView:
    """With the report: what every table holds, against what was counted before the dump."""
    restore = await service.get(restore_id, caller)
    tag = entity_tag(restore.revision)
    if is_known(if_none_match, restore.revision):
        raise HTTPException(304, headers={"ETag": tag})
    response.headers["ETag"] = tag
    return RestoreView.of(restore)


@router.post(
    "/restores/{restore_id}:confirm",
    status_code=202,
    responses=raises(RestoreNotFound, RestoreStateInvalid, DatabaseUnreachable, NotSupported, JobConflict),
)
async def confirm_restore(
    restore_id: RestoreId,
    caller: Restorer,
    service: Service,
    once: IdempotencyDep,
    response: Response,
    network: NetworkWish = None,
) -> RestoreAccepted:
    """Drops the database that stands beside since a restore in place, or since its undoing. It cannot be brought back."""
    return once.keep(_accepted(*await service.confirm(restore_id, caller, network), response), response)


@router.post(
    "/restores/{restore_id}:undo",
    status_code=202,
    responses=raises(RestoreNotFound, RestoreStateInvalid, DatabaseUnreachable, NotSupported, JobConflict),
)
async def undo_restore(
    restore_id: RestoreId,
    caller: Restorer,
    service: Service,
    once: IdempotencyDep,
    response: Response,
    network: NetworkWish = None,
) -> RestoreAccepted:
    """Gives the replaced database its name back. The job warns of rows that were written since; they are kept beside."""
    return once.keep(_accepted(*await service.undo(restore_id, caller, network), response), response)


async def _start(
    wish: RestoreCreate, caller: Principal, runtime: Runtime, later: LaterWrite, response: Response
) -> RestoreAccepted:
    found = await look(runtime, wish, caller, dry_run=later.is_dry_run)
    async with later.begin() as (session, once):
        restore, job = await RestoreService(session, runtime).start(wish, caller, found.refusal)
        return once.keep(_accepted(restore, job, response, found.plan), response)


def _accepted(restore: Restore, job: Job, response: Response, plan: RestorePlanView | None = None) -> RestoreAccepted:
    response.headers["Location"] = f"/v1/jobs/{encode_id('job', job.id)}"
    response.headers["Retry-After"] = "1"
    if plan is not None:  # made for a row of its own, which is not kept either
        plan = plan.model_copy(update={"database_id": restore.database_id, "into_schema": restore.into_schema})
    return RestoreAccepted(restore=RestoreView.of(restore), job=JobView.of(job), plan=plan)
