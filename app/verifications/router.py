"""/v1/verifications, and :verify of a backup."""

from typing import Annotated

from fastapi import APIRouter, Depends, Header, HTTPException, Response

from app.auth.dependencies import IdempotencyDep, PagingDep, SessionDep, requires
from app.auth.principal import Principal
from app.auth.responses import raises
from app.auth.scopes import Scope
from app.jobs.schemas import JobView
from app.kit.etags import entity_tag, is_known
from app.kit.ids import BackupId, VerificationId, encode_id
from app.kit.pagination import CursorInvalid, Page
from app.verifications.errors import BackupNotFound, BackupNotVerifiable, CopyMissing, VerificationNotFound
from app.verifications.schemas import VerificationAccepted, VerificationCreate, VerificationSummary, VerificationView
from app.verifications.service import VerificationService

router = APIRouter(tags=["verifications"])

Reader = Annotated[Principal, requires(Scope.BACKUPS_READ)]
Writer = Annotated[Principal, requires(Scope.BACKUPS_WRITE)]


async def get_service(session: SessionDep) -> VerificationService:
    return VerificationService(session)


Service = Annotated[VerificationService, Depends(get_service)]


@router.post(
    "/backups/{backup_id}:verify",
    status_code=202,
    responses=raises(BackupNotFound, BackupNotVerifiable, CopyMissing),
)
async def verify_backup(
    backup_id: BackupId,
    wish: VerificationCreate,
    caller: Writer,
    service: Service,
    once: IdempotencyDep,
    response: Response,
) -> VerificationAccepted:
    """Finds out whether the backup is what it says. Its job fails when it is not; what was found is in the report."""
    verification, job = await service.start(backup_id, wish, caller)
    response.headers["Location"] = f"/v1/jobs/{encode_id('job', job.id)}"
    response.headers["Retry-After"] = "1"
    accepted = VerificationAccepted(verification=VerificationView.of(verification), job=JobView.of(job))
    return once.keep(accepted, response)


@router.get("/backups/{backup_id}/verifications", responses=raises(BackupNotFound, CursorInvalid))
async def list_verifications(
    backup_id: BackupId, caller: Reader, service: Service, paging: PagingDep
) -> Page[VerificationSummary]:
    """Newest first."""
    (before,) = paging.after() or (None,)
    found = await service.page(backup_id, caller, before=before, limit=paging.probe)
    return paging.cut(found, VerificationSummary.of, position=lambda verification: (verification.id,))


@router.get("/verifications/{verification_id}", responses=raises(VerificationNotFound))
async def get_verification(
    verification_id: VerificationId,
    caller: Reader,
    service: Service,
    response: Response,
    if_none_match: Annotated[str | None, Header(description="An ETag; the answer is 304 while it is current.")] = None,
) -> VerificationView:
    """With the report: every copy that was looked at, and every table that was restored."""
    verification = await service.get(verification_id, caller)
    tag = entity_tag(verification.revision)
    if is_known(if_none_match, verification.revision):
        raise HTTPException(304, headers={"ETag": tag})
    response.headers["ETag"] = tag
    return VerificationView.of(verification)
