"""Copies as rows: who works on one, what may not be deleted, and what their fate makes of their backup."""

from collections.abc import Collection
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.backups.errors import BackupBusy, BackupInUse, BackupPinned, OnlyGoodCopy
from app.backups.models import Backup, BackupCopy, BackupManifest, BackupState, CopyState
from app.backups.repository import GOOD, BackupRepository
from app.backups.schemas import CopyBackup, DeleteBackup, DeleteCopy
from app.db.locks import lock_key, lock_until_commit
from app.events.alerts import clear_alert
from app.events.emit import emit
from app.events.models import AlertType
from app.jobs.enqueue import enqueue
from app.jobs.models import Job
from app.jobs.states import LIVE
from app.kit.ids import encode_id

UNDER_WAY: Final = frozenset({CopyState.PENDING, CopyState.COPYING})
BAD: Final = frozenset({CopyState.FAILED, CopyState.CORRUPT})
_DELETIONS: Final = frozenset({DeleteBackup.kind, DeleteCopy.kind})


async def hold(session: AsyncSession, backup_id: UUID) -> Backup | None:
    """The backup, locked until the transaction ends: every decision about its copies is made so."""
    return await BackupRepository(session).get(backup_id, None, change=True)


async def copy_at(session: AsyncSession, backup_id: UUID, location_id: UUID) -> BackupCopy | None:
    return await session.get(BackupCopy, (backup_id, location_id), populate_existing=True)


async def live_jobs(session: AsyncSession, backup_id: UUID, *, but: Collection[str] = ()) -> list[Job]:
    """Jobs that have not ended and name the backup in their arguments: copies of it, checks of it, its deletion."""
    query = select(Job).where(
        col(Job.state).in_(sorted(LIVE)),
        col(Job.finished_at).is_(None),
        col(Job.args)["backup_id"].astext == encode_id("bak", backup_id),
        col(Job.kind).not_in(sorted(but)),
    )
    return list((await session.exec(query.order_by(col(Job.id)))).all())


async def live_copy_job(session: AsyncSession, backup_id: UUID, location_id: UUID) -> Job | None:
    """The one that is to make the copy there."""
    wanted = encode_id("loc", location_id)
    jobs = await live_jobs(session, backup_id)
    return next((job for job in jobs if job.kind == CopyBackup.kind and job.args["location_id"] == wanted), None)


async def require_unused(session: AsyncSession, backup: Backup) -> None:
    """Raises BackupPinned, BackupInUse, BackupBusy: for whoever is about to delete it, or a copy of it.

    Until the transaction ends nobody else decides so about the same database: of the last two not both may go.
    """
    await lock_until_commit(session, lock_key("backups-deleted", backup.database_id))
    if backup.is_pinned(await BackupRepository(session).now()):
        raise BackupPinned(backup)
    await require_idle(session, backup)


async def require_idle(session: AsyncSession, backup: Backup) -> None:
    """Raises BackupInUse, BackupBusy."""
    reader = await BackupRepository(session).reading_restore(backup.id)
    if reader is not None:
        raise BackupInUse(reader)
    jobs = await live_jobs(session, backup.id, but=_DELETIONS)
    if jobs:
        raise BackupBusy(jobs[0].id, jobs[0].kind)


async def require_spare(session: AsyncSession, backup: Backup, copy: BackupCopy) -> None:
    """Raises OnlyGoodCopy when the newest good backup of its logical database would have no good copy any more."""
    if backup.state not in GOOD or copy.state != CopyState.AVAILABLE:
        return
    backups = BackupRepository(session)
    copies = (await backups.copies([backup.id]))[backup.id]
    if any(one.state == CopyState.AVAILABLE and one.location_id != copy.location_id for one in copies):
        return
    if not await backups.has_other_good(backup, newer=True):
        raise OnlyGoodCopy(backup.id)


async def start_copy(
    session: AsyncSession,
    backup: Backup,
    location_id: UUID,
    *,
    created_by: str,
    request_id: str | None,
    repair: bool = False,
) -> Job:
    """The job that copies ``backup``, held by the caller, to where a row of its copy stands already."""
    args = CopyBackup(backup_id=backup.id, location_id=location_id, repair=repair)
    enqueued = await enqueue(
        session,
        args,
        created_by=created_by,
        project_id=backup.project_id,
        subject_id=args.subject_id(),
        request_id=request_id,
        dedupe_key=f"{args.kind}:{backup.id}:{location_id}",
    )
    await BackupRepository(session).move_copies(
        backup.id,
        frm=UNDER_WAY | BAD | {CopyState.DELETED},
        to=CopyState.PENDING,
        location_id=location_id,
        job_id=enqueued.job.id,
        error=None,
    )
    return enqueued.job


async def start_deletion(
    session: AsyncSession,
    backup: Backup,
    location_id: UUID,
    *,
    reason: str,
    created_by: str,
    request_id: str | None = None,
    at: datetime | None = None,
) -> Job:
    """``at``: not before then."""
    args = DeleteCopy(backup_id=backup.id, location_id=location_id, reason=reason)
    key = f"{args.kind}:{backup.id}:{location_id}"
    enqueued = await enqueue(
        session,
        args,
        created_by=created_by,
        project_id=backup.project_id,
        subject_id=args.subject_id(),
        request_id=request_id,
        dedupe_key=key if at is None else f"{key}:{at.isoformat()}",
        run_after=at,
    )
    return enqueued.job


async def judge(session: AsyncSession, backup_id: UUID) -> None:
    """Whether a good backup, held by the caller, is everywhere where it was wanted. What was deleted is not wanted."""
    backups = BackupRepository(session)
    states = {CopyState(copy.state) for copy in (await backups.copies([backup_id]))[backup_id]}
    if states & BAD:
        await backups.move(backup_id, frm={BackupState.AVAILABLE}, to=BackupState.PARTIAL)
    elif not states & UNDER_WAY:
        await backups.move(backup_id, frm={BackupState.PARTIAL}, to=BackupState.AVAILABLE)
    if CopyState.CORRUPT not in states:
        about = encode_id("bak", backup_id)
        await clear_alert(session, AlertType.BACKUP_COPY_CORRUPT, about, reason="none of its copies is corrupt")


async def forget_if_gone(session: AsyncSession, backup: Backup, job_id: UUID | None) -> bool:
    """Ends a backup, held by the caller, of which nothing lies anywhere any more."""
    backups = BackupRepository(session)
    copies = (await backups.copies([backup.id]))[backup.id]
    if any(copy.state != CopyState.DELETED and not _left_nothing(copy) for copy in copies):
        return False
    await session.exec(delete(BackupManifest).where(col(BackupManifest.backup_id) == backup.id))
    frm = GOOD | {BackupState.FAILED, BackupState.DELETING}
    if await backups.move(backup.id, frm=frm, to=BackupState.DELETED, deleted_at=await backups.now()):
        about = encode_id("bak", backup.id)
        emit(
            session,
            "backup.deleted",
            project_id=backup.project_id,
            database_id=backup.database_id,
            subject_id=about,
            job_id=job_id,
            logical_database=backup.logical_database,
        )
        await clear_alert(session, AlertType.BACKUP_DELETION_FAILED, about, reason="it is deleted")
    return True


def _left_nothing(copy: BackupCopy) -> bool:
    return copy.state == CopyState.FAILED and not (copy.error or {}).get("objects_left")
