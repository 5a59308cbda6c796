"""/v1/databases/{id}/backup-policy and /v1/backup-coverage."""

from typing import Annotated

from fastapi import APIRouter, Body, Depends, Header, Query, Response

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
from app.databases.errors import DatabaseNotFound, DatabaseStateInvalid
from app.jobs.schemas import JobView
from app.kit.etags import PreconditionFailed, entity_tag
from app.kit.ids import DatabaseId, ProjectId
from app.kit.pagination import CursorInvalid, Page
from app.locations.errors import LocationNotFound
from app.policies.coverage import Coverage, CoverageFilter
from app.policies.errors import LocationRequired, TokenStale
from app.policies.schemas import (
    BackupPolicyPreview,
    BackupPolicyPut,
    BackupPolicyRelease,
    BackupPolicyView,
    CoverageView,
    PolicyPreviewView,
    PolicyReleaseAccepted,
)
from app.policies.service import PolicyService

router = APIRouter(tags=["policies"])

Reader = Annotated[Principal, requires(Scope.BACKUPS_READ)]
Writer = Annotated[Principal, requires(Scope.BACKUPS_WRITE)]


async def get_service(session: SessionDep, runtime: RuntimeDep) -> PolicyService:
    return PolicyService(session, runtime.clock())


Service = Annotated[PolicyService, Depends(get_service)]


@router.get("/databases/{database_id}/backup-policy", responses=raises(DatabaseNotFound))
async def get_backup_policy(
    database_id: DatabaseId, caller: Reader, service: Service, response: Response
) -> BackupPolicyView:
    """When the database is backed up by itself, where to, and what is kept.

    Databases of production environments have one as soon as their project has a location: every night all of it.
    """
    view, revision = await service.get(database_id, caller)
    response.headers["ETag"] = entity_tag(revision)
    return view


@router.put(
    "/databases/{database_id}/backup-policy",
    responses=raises(DatabaseNotFound, DatabaseStateInvalid, LocationNotFound, LocationRequired, PreconditionFailed),
)
async def put_backup_policy(
    database_id: DatabaseId,
    wish: BackupPolicyPut,
    caller: Writer,
    once: OptionalIdempotencyDep,
    service: Service,
    response: Response,
    if_match: Annotated[str | None, Header()] = None,
) -> BackupPolicyView:
    """Replaces it as a whole. What becomes superfluous by that is deleted by the next pass: ask for a preview before."""
    view, revision = await service.put(database_id, wish, caller, if_match=if_match)
    response.headers["ETag"] = entity_tag(revision)
    return once.keep(view, response)


@router.post(
    "/databases/{database_id}/backup-policy:preview",
    responses=raises(DatabaseNotFound, LocationNotFound, LocationRequired),
)
async def preview_backup_policy(
    database_id: DatabaseId,
    wish: Annotated[BackupPolicyPreview, Body(default_factory=BackupPolicyPreview)],
    caller: Reader,
    once: OptionalIdempotencyDep,
    service: Service,
    response: Response,
) -> PolicyPreviewView:
    """The next runs, and which copies the next pass would keep, by what tier and why, and which it would delete.

    Of a candidate, or of the policy that is in force. Changes nothing.
    """
    return once.keep(await service.preview(database_id, wish.policy, caller), response)


@router.post(
    "/databases/{database_id}/backup-policy:release",
    status_code=202,
    responses=raises(DatabaseNotFound, TokenStale),
)
async def release_backup_policy(
    database_id: DatabaseId,
    wish: BackupPolicyRelease,
    caller: Writer,
    once: IdempotencyDep,
    service: Service,
    response: Response,
) -> PolicyReleaseAccepted:
    """Lets exactly those copies go that a preview showed as blocked. A token of another day lets nothing go."""
    view = JobView.of(await service.release(database_id, wish.token, caller))
    response.headers["Location"] = view.links["self"]
    response.headers["Retry-After"] = "1"
    return once.keep(PolicyReleaseAccepted(job=view), response)


@router.get("/backup-coverage", responses=raises(CursorInvalid))
async def list_backup_coverage(
    *,
    session: SessionDep,
    caller: Reader,
    paging: PagingDep,
    project_id: ProjectId | None = None,
    days: Annotated[int, Query(ge=1, le=365, description="How old a verified backup may be.")] = 7,
    everything: Annotated[bool, Query(alias="all", description="Also the databases that are covered.")] = False,
) -> Page[CoverageView]:
    """The databases without a verified backup of the last days, newest first."""
    wanted = CoverageFilter(days=days, project_id=project_id, everything=everything)
    (before,) = paging.after() or (None,)
    found = await Coverage(session).page(wanted, caller.project_ids, before=before, limit=paging.probe)
    return paging.cut(found, lambda view: view, position=lambda view: (view.database_id,))
