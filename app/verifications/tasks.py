"""The jobs that this domain brings to a worker, and what becomes of a verification whose job ends without one."""

from typing import Any

from sqlalchemy import func
from sqlmodel.ext.asyncio.session import AsyncSession

from app.events.alerts import clear_alert
from app.events.models import AlertType
from app.events.repository import AlertRepository
from app.jobs.hooks import Hooks, register
from app.jobs.machine import Steps
from app.jobs.models import Job
from app.kit.ids import decode_id
from app.locations.holdings import BackupState
from app.postgres.scratch import remove_all_scratch
from app.runtime import Runtime
from app.verifications.models import VerificationState
from app.verifications.rehearsal import scratch_parent
from app.verifications.repository import VerificationRepository
from app.verifications.schemas import VerifyBackup
from app.verifications.steps import VerifyBackupSteps


def programmes(runtime: Runtime) -> list[Steps[Any, Any]]:
    return [VerifyBackupSteps(runtime)]


async def watch(runtime: Runtime) -> None:
    """To be called now and then, first at the worker's start. Removes scratch servers of workers that were killed.

    A bad backup that was deleted is no incident any more.
    """
    await remove_all_scratch(scratch_parent(runtime))
    async with runtime.sessions() as session, session.begin():
        for alert in await AlertRepository(session).open_of(types=[AlertType.BACKUP_VERIFY_FAILED]):
            backup = await VerificationRepository(session).visible_backup(decode_id("bak", str(alert.subject_id)), None)
            if backup is None or backup.state == BackupState.DELETED:
                about = alert.key.removeprefix(f"{alert.type}:")
                await clear_alert(session, AlertType.BACKUP_VERIFY_FAILED, about, reason="the backup was deleted")


async def _abandoned(session: AsyncSession, job: Job, _args: VerifyBackup) -> None:
    verifications = VerificationRepository(session)
    if (verification := await verifications.of_job(job.id)) is not None:
        await verifications.move(
            verification.id,
            frm={VerificationState.PENDING},
            to=VerificationState.CANCELLED,
            finished_at=func.now(),
        )


register(VerifyBackup, Hooks(abandoned=_abandoned))
