"""What callers may do with verifications: start, look up."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from app.auth.audit import audit, current_request_id
from app.auth.principal import Principal
from app.jobs.enqueue import enqueue
from app.jobs.models import Job
from app.kit.ids import encode_id
from app.locations.archives import RESTORABLE, Archives
from app.verifications.errors import BackupNotFound, BackupNotVerifiable, CopyMissing, VerificationNotFound
from app.verifications.models import Verification
from app.verifications.repository import VerificationRepository
from app.verifications.schemas import VerificationCreate, VerifyBackup


@dataclass(frozen=True, slots=True)
class VerificationService:
    session: AsyncSession

    async def start(self, backup_id: UUID, wish: VerificationCreate, caller: Principal) -> tuple[Verification, Job]:
        """The one that is under way when the same is asked for again.

        Raises BackupNotFound, BackupNotVerifiable, CopyMissing.
        """
        backup = await Archives(self.session).get(backup_id, caller.project_ids, hold=True)
        if backup is None:
            raise BackupNotFound(backup_id)
        if backup.state not in RESTORABLE:
            raise BackupNotVerifiable(backup.id, backup.state)
        verifications = VerificationRepository(self.session)
        if not await verifications.locations(backup.id, wish.location_id):
            raise CopyMissing(backup.id, wish.location_id)
        args = VerifyBackup(backup_id=backup.id, level=wish.level, location_id=wish.location_id)
        job = (
            await enqueue(
                self.session,
                args,
                created_by=caller.actor,
                project_id=backup.project_id,
                subject_id=args.subject_id(),
                dedupe_key=args.dedupe_key(),
                request_id=current_request_id(),
            )
        ).job
        verification = await verifications.add(
            Verification(
                project_id=backup.project_id,
                backup_id=backup.id,
                level=wish.level,
                location_id=wish.location_id,
                job_id=job.id,
                created_by=caller.actor,
            )
        )
        audit(
            self.session,
            caller,
            "verify_backup",
            target_type="backup",
            target_id=encode_id("bak", backup.id),
            project_id=backup.project_id,
            details={"level": wish.level.value, "job_id": encode_id("job", job.id)},
        )
        return verification, job

    async def get(self, verification_id: UUID, caller: Principal) -> Verification:
        """Raises VerificationNotFound, also for one of a project that the caller does not cover."""
        verification = await VerificationRepository(self.session).get(verification_id, caller.project_ids)
        if verification is None:
            raise VerificationNotFound(verification_id)
        return verification

    async def page(
        self, backup_id: UUID, caller: Principal, *, before: UUID | None, limit: int
    ) -> Sequence[Verification]:
        """Raises BackupNotFound."""
        verifications = VerificationRepository(self.session)
        if await verifications.visible_backup(backup_id, caller.project_ids) is None:
            raise BackupNotFound(backup_id)
        return await verifications.page(backup_id, before=before, limit=limit)
