"""Deleting a backup, or one copy of it: the objects, their absence, and only then the rows."""

from dataclasses import dataclass, field
from datetime import timedelta
from random import SystemRandom
from typing import Any, Final, TypeAlias
from uuid import UUID

from pydantic import BaseModel, Field
from sqlmodel.ext.asyncio.session import AsyncSession

from app.backups.copy_rows import (
    copy_at,
    forget_if_gone,
    hold,
    judge,
    require_spare,
    require_unused,
    start_deletion,
)
from app.backups.errors import BackupNotFound
from app.backups.models import Backup, BackupState, CopyState
from app.backups.repository import BackupRepository
from app.backups.schemas import DeleteBackup, DeleteCopy
from app.backups.steps.aftermath import empty_folder, held_there
from app.errors import Problem
from app.events.alerts import clear_alert, open_alert
from app.events.models import AlertType
from app.jobs.enqueue import enqueue
from app.jobs.machine import Move, Steps, done, go, step, wait
from app.jobs.run import Run
from app.jobs.states import JobState
from app.kit.backoff import retry_delay_seconds
from app.kit.ids import encode_id
from app.locations.access import open_store
from app.locations.manifest import folder_of
from app.locations.models import LocationState
from app.locations.repository import LocationRepository
from app.runtime import Runtime
from app.storage.errors import BucketMissing, ObjectRetained, StoreFailed
from app.storage.store import Hold

_AGAIN: Final = timedelta(hours=1)
_HELD_BY_HAND: Final = timedelta(days=1)  # until it is tried again
_AFTER_THE_LOCK: Final = timedelta(minutes=1)
_FIRST_DELAY_SECONDS: Final = 5.0
_LONGEST_DELAY_SECONDS: Final = 3600.0
_WORTH_AN_ALERT: Final = 3  # failures of something that may pass
_random = SystemRandom()


class DeletionMemo(BaseModel):
    retained: list[UUID] = Field(default_factory=list)  # locations whose store does not delete yet


class CopyDeletionMemo(BaseModel):
    failures: int = 0


DeleteRun: TypeAlias = Run[DeleteBackup, DeletionMemo]
DeleteCopyRun: TypeAlias = Run[DeleteCopy, CopyDeletionMemo]


@dataclass(frozen=True)
class DeleteBackupSteps(Steps[DeleteBackup, DeletionMemo]):
    runtime: Runtime

    args = DeleteBackup
    memo = DeletionMemo

    @step
    async def remove(self, run: DeleteRun) -> Move:
        """One copy; the step comes again for the next."""
        async with run.reading() as session:
            (backup,) = await BackupRepository(session).find([run.args.backup_id])
            copies = (await BackupRepository(session).copies([backup.id]))[backup.id]
        left = [one for one in copies if one.state != CopyState.DELETED and one.location_id not in run.memo.retained]
        if not left:
            return go(self.forget)
        location_id = left[0].location_id
        async with run.writing() as session:
            await BackupRepository(session).move_copies(
                backup.id, frm=set(CopyState), to=CopyState.DELETING, location_id=location_id, job_id=run.id
            )
        kept = await _remove_objects(self.runtime, run, backup, location_id)
        if kept is not None:
            run.memo.retained.append(location_id)
        async with run.writing() as session:
            await _settle(session, run, backup, location_id, kept)
        return go(self.remove)

    @step
    async def forget(self, run: DeleteRun) -> Move:
        async with run.writing() as session:
            backup = await hold(session, run.args.backup_id)
            if backup is not None:
                await forget_if_gone(session, backup, run.id)
        retained = [encode_id("loc", location_id) for location_id in run.memo.retained]
        return done(type="backup", backup_id=encode_id("bak", run.args.backup_id), retained=retained)

    async def compensate(self, run: DeleteRun, outcome: JobState) -> None:
        """There is no way back: objects may be gone already, so all that is left is to delete it again, for ever."""
        if outcome is not JobState.FAILED:
            return
        error = (run.job.ending or {}).get("error") or {}
        async with run.writing() as session:
            (backup,) = await BackupRepository(session).find([run.args.backup_id])
            if backup.state != BackupState.DELETING:
                return
            await open_alert(
                session,
                AlertType.BACKUP_DELETION_FAILED,
                encode_id("bak", backup.id),
                title=f"A backup of {backup.logical_database} could not be deleted",
                detail=str(error.get("detail")),
                project_id=backup.project_id,
                database_id=backup.database_id,
                job_id=encode_id("job", run.id),
                code=error.get("code"),
            )
            await enqueue(
                session,
                run.args,
                created_by=run.job.created_by,
                project_id=backup.project_id,
                subject_id=run.args.subject_id(),
                dedupe_key=f"{run.args.kind}:{backup.id}:after:{run.id}",  # not its own, which is still alive
                run_after=self.runtime.clock() + _AGAIN,
            )


@dataclass(frozen=True)
class DeleteCopySteps(Steps[DeleteCopy, CopyDeletionMemo]):
    runtime: Runtime
    first_delay_seconds: float = field(default=_FIRST_DELAY_SECONDS, kw_only=True)

    args = DeleteCopy
    memo = CopyDeletionMemo

    @step
    async def mark(self, run: DeleteCopyRun) -> Move:
        """Whoever begins to read the backup looks for this state under the same lock, and this for whoever has begun."""
        async with run.writing() as session:
            backup = await hold(session, run.args.backup_id)
            copy = await copy_at(session, run.args.backup_id, run.args.location_id)
            if backup is None or copy is None:
                raise BackupNotFound(run.args.backup_id)
            if copy.state == CopyState.DELETED:
                return _result(run, copy.state)
            if copy.state != CopyState.DELETING and backup.state != BackupState.DELETING:
                await require_unused(session, backup)
                await require_spare(session, backup, copy)
            await self._move(session, run, set(CopyState), job_id=run.id)
        return go(self.remove)

    @step
    async def remove(self, run: DeleteCopyRun) -> Move:
        async with run.reading() as session:
            (backup,) = await BackupRepository(session).find([run.args.backup_id])
        try:
            kept = await _remove_objects(self.runtime, run, backup, run.args.location_id)
        except Problem as problem:
            return await self._again(run, backup, problem)
        async with run.writing() as session:
            await _settle(session, run, backup, run.args.location_id, kept)
        return _result(run, CopyState.DELETED if kept is None else CopyState.RETAINED)

    async def compensate(self, run: DeleteCopyRun, outcome: JobState) -> None:  # noqa: ARG002 (it cannot be cancelled)
        """What was begun is gone through with, however long it takes."""
        async with run.writing() as session:
            backup = await hold(session, run.args.backup_id)
            copy = await copy_at(session, run.args.backup_id, run.args.location_id)
            if backup is None or copy is None or copy.state != CopyState.DELETING or copy.job_id != run.id:
                return
            await start_deletion(
                session,
                backup,
                copy.location_id,
                reason=run.args.reason,
                created_by=run.job.created_by,
                at=self.runtime.clock() + _AGAIN,
            )

    async def _again(self, run: DeleteCopyRun, backup: Backup, problem: Problem) -> Move:
        run.memo.failures += 1
        async with run.writing() as session:
            await self._move(session, run, {CopyState.DELETING}, error=problem.document())
            if not problem.retryable or run.memo.failures >= _WORTH_AN_ALERT:
                location = await LocationRepository(session).find(run.args.location_id)
                name = run.args.location_id if location is None else location.name
                await open_alert(
                    session,
                    AlertType.BACKUP_COPY_DELETION_FAILED,
                    encode_id("loc", run.args.location_id),
                    title=f"A copy of a backup in {name} could not be deleted",
                    detail=f"{problem.detail} It is tried again.",
                    project_id=backup.project_id,
                    backup_id=encode_id("bak", backup.id),
                    job_id=encode_id("job", run.id),
                    code=problem.code,
                )
        delay = retry_delay_seconds(
            run.memo.failures, base=self.first_delay_seconds, cap=_LONGEST_DELAY_SECONDS, random=_random
        )
        return wait(f"the location: {problem.detail}", seconds=delay)

    async def _move(self, session: AsyncSession, run: DeleteCopyRun, frm: set[CopyState], **values: Any) -> None:
        await BackupRepository(session).move_copies(
            run.args.backup_id, frm=frm, to=CopyState.DELETING, location_id=run.args.location_id, **values
        )


async def _remove_objects(runtime: Runtime, run: Run[Any, Any], backup: Backup, location_id: UUID) -> Hold | None:
    """Ends with nothing left there, or with what the store keeps all of it for."""
    async with run.reading() as session:
        location = await LocationRepository(session).find(location_id)
    # A location that was deleted held no objects of a copy, and its secret is gone.
    if location is None or location.state == LocationState.DELETED:
        return None
    store = await open_store(runtime.stores, runtime.key_ring, location)
    try:
        if (held := await held_there(store, backup)) is not None:
            return held
        await empty_folder(store, backup)
        left = [found.key async for found in store.versions(folder_of(backup))]
    except ObjectRetained as problem:  # by the store's clock, or by a lock that began just now
        return Hold("", problem.until)
    except BucketMissing as problem:  # and with it all that was in it
        await run.warn(f"{problem.detail} The objects in it count as deleted.")
        return None
    if left:
        raise StoreFailed(f"The location still shows {left[0]} after it was deleted.", key=left[0])
    return None


async def _settle(
    session: AsyncSession, run: Run[Any, Any], backup: Backup, location_id: UUID, kept: Hold | None
) -> None:
    """The end of one copy, or, when the store keeps it, the job that tries again."""
    found = await hold(session, backup.id)
    assert found is not None
    if kept is not None:
        now = await BackupRepository(session).now()
        at = now + _HELD_BY_HAND if kept.until is None else kept.until + _AFTER_THE_LOCK
        job = await start_deletion(
            session, found, location_id, reason="its lock has ended", created_by=run.job.created_by, at=at
        )
        await BackupRepository(session).move_copies(
            found.id,
            frm={CopyState.DELETING},
            to=CopyState.RETAINED,
            location_id=location_id,
            retained_until=kept.until,
            lock_mode=kept.mode or None,
            error=None,
            job_id=job.id,
        )
        return
    await BackupRepository(session).move_copies(
        found.id,
        frm={CopyState.DELETING},
        to=CopyState.DELETED,
        location_id=location_id,
        retained_until=None,
        lock_mode=None,
        error=None,
    )
    await clear_alert(
        session,
        AlertType.BACKUP_COPY_DELETION_FAILED,
        encode_id("loc", location_id),
        reason="a copy was deleted there",
    )
    if not await forget_if_gone(session, found, run.id):
        await judge(session, found.id)


def _result(run: DeleteCopyRun, state: str) -> Move:
    ids = {"backup_id": encode_id("bak", run.args.backup_id), "location_id": encode_id("loc", run.args.location_id)}
    return done(type="backup_copy", state=str(state), **ids)
