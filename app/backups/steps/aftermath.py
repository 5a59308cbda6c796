"""Removing traces: of a backup that came to nothing, and of attempts that lost beside one that counts."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from app.backups.copy_rows import UNDER_WAY, hold, judge
from app.backups.errors import BackupCancelled
from app.backups.models import Backup, BackupState, CopyState
from app.backups.repository import GOOD, BackupRepository
from app.backups.steps.memo import TakeRun, UploadMemo
from app.databases.access import target_of
from app.databases.repository import DatabaseRepository
from app.errors import Problem
from app.events.alerts import open_alert
from app.events.emit import emit
from app.events.models import AlertType
from app.jobs.states import JobState
from app.kit.ids import encode_id
from app.locations.access import open_store
from app.locations.manifest import Manifest, folder_of, manifest_key
from app.locations.models import Location, LocationState
from app.locations.repository import LocationRepository
from app.postgres.sessions import end_sessions
from app.runtime import Runtime
from app.storage.errors import BucketMissing
from app.storage.store import Hold, ObjectStore

log = structlog.get_logger()

_NEVER: Final = datetime.max.replace(tzinfo=UTC)


async def end_server_sessions(runtime: Runtime, run: TakeRun, application_name: str) -> None:
    """Those of this job. A server that cannot be reached ends them by itself, once it notices that we are gone."""
    async with run.reading() as session:
        database = await DatabaseRepository(session).find(run.args.database_id)
    if database is None:
        return
    with suppress(Problem):
        target = target_of(database, runtime.key_ring, address=run.memo.address)
        ended = await end_sessions(target, application_name=application_name)
        log.info("backup.sessions_ended", sessions=ended)


async def abort_upload(runtime: Runtime, run: TakeRun, upload: UploadMemo) -> None:
    """Fine when it was completed: what it made is then swept as any other stray."""
    async with run.reading() as session:
        location = await LocationRepository(session).find(upload.location_id)
    if location is None or location.state == LocationState.DELETED:
        return
    store = await open_store(runtime.stores, runtime.key_ring, location)
    try:
        await store.abort(upload.key, upload.upload_id)
    except Problem as problem:  # the location's hourly sweep finds it
        log.warning("backup.upload_left_open", upload_id=upload.upload_id, code=problem.code)


async def undo(runtime: Runtime, run: TakeRun, backups: Sequence[Backup], outcome: JobState) -> None:
    """Objects first, then the rows: what is not yet available becomes failed, what is stays good."""
    ending = run.job.ending or {}
    error = ending.get("error") or BackupCancelled(f"The job {encode_id('job', run.id)} was {outcome}.").document()
    failure: Problem | None = None
    if not backups and outcome is JobState.FAILED:  # it failed before there were rows
        async with run.writing() as session:
            await _alert(session, run, "A backup failed", error)
    for backup in backups:
        if backup.state in GOOD:
            await _give_up_copies(run, backup, error)
            continue
        left = {}
        for location in await _locations(run, backup, frm=frozenset(CopyState)):
            left[location.id] = False
            try:
                await empty_folder(await open_store(runtime.stores, runtime.key_ring, location), backup)
            except Problem as problem:
                left[location.id] = not isinstance(problem, BucketMissing)
                if problem.retryable and run.job.attempt < run.job.max_attempts:
                    failure = failure or problem
                else:  # what failed the backup itself, and lasts; whoever deletes the backup tries again
                    where = encode_id("loc", location.id)
                    await run.warn(f"Objects of the failed backup may be left in {where}: {problem.detail}")
        await _settle(run, backup, error, left, outcome)
    if failure is not None:
        raise failure


async def sweep_strays(runtime: Runtime, run: TakeRun, backup: Backup) -> None:
    """Objects beside those that the manifest names. Not urgent: the backup's deletion takes them along at last."""
    async with run.reading() as session:
        manifest = await BackupRepository(session).manifest(backup.id)
    assert manifest is not None
    for location in await _locations(run, backup, frm={CopyState.AVAILABLE}):
        await sweep_folder(runtime, backup, manifest, location)


async def sweep_folder(runtime: Runtime, backup: Backup, manifest: Manifest, location: Location) -> None:
    keep = {stored.key for stored in manifest.objects} | {manifest_key(backup)}
    with suppress(Problem):
        await _remove(await open_store(runtime.stores, runtime.key_ring, location), backup, keep=keep)


async def empty_folder(store: ObjectStore, backup: Backup) -> None:
    """The manifest first, so that nobody takes what is left for a backup."""
    await store.delete(manifest_key(backup))
    await _remove(store, backup, keep=())


async def held_there(store: ObjectStore, backup: Backup) -> Hold | None:
    """What the store keeps the objects for, the longest of all; to be asked before the first of them is deleted."""
    holds = [await store.hold_of(version) async for version in store.versions(folder_of(backup))]
    found = [one for one in holds if one is not None]
    by_hand = next((one for one in found if one.until is None), None)
    return by_hand or max(found, key=lambda one: one.until or _NEVER, default=None)


async def try_to_empty(runtime: Runtime, backup: Backup, location: Location, *, seconds: float) -> bool:
    """Whether nothing is left there, as far as can be told in that time."""
    try:
        async with asyncio.timeout(seconds):
            await empty_folder(await open_store(runtime.stores, runtime.key_ring, location), backup)
    except BucketMissing:  # and with it all that was in it
        return True
    except (Problem, TimeoutError) as error:
        log.warning("backup.objects_left", location_id=encode_id("loc", location.id), error=type(error).__name__)
        return False
    return True


def copy_error(error: dict[str, Any], *, objects_left: bool) -> dict[str, Any]:
    """Of a failed copy. LocationRepository.live_copies counts those with the mark."""
    return error | {"objects_left": True} if objects_left else error


async def _remove(store: ObjectStore, backup: Backup, *, keep: Collection[str]) -> None:
    folder = folder_of(backup)
    with suppress(Problem):  # not every store lists them; those that do are also swept every hour
        for upload in [found async for found in store.uploads(folder)]:
            await store.abort(upload.key, upload.upload_id)
    for stray in [found async for found in store.versions(folder) if found.key not in keep]:
        await store.remove(stray)
        log.info("backup.object_removed", key=stray.key, version_id=stray.version_id)


async def _locations(run: TakeRun, backup: Backup, *, frm: Collection[CopyState]) -> list[Location]:
    async with run.reading() as session:
        copies = (await BackupRepository(session).copies([backup.id]))[backup.id]
        locations = LocationRepository(session)
        found = [await locations.find(copy.location_id) for copy in copies if copy.state in frm]
    return [one for one in found if one is not None and one.state != LocationState.DELETED]


async def _give_up_copies(run: TakeRun, backup: Backup, error: dict[str, Any]) -> None:
    """Those that no job was started for yet; the others go on by themselves."""
    async with run.writing() as session:
        backups = BackupRepository(session)
        await hold(session, backup.id)
        for copy in (await backups.copies([backup.id]))[backup.id]:
            if copy.state in UNDER_WAY and copy.job_id is None:
                await backups.move_copies(
                    backup.id, frm=UNDER_WAY, to=CopyState.FAILED, location_id=copy.location_id, error=error
                )
        await judge(session, backup.id)


async def _settle(
    run: TakeRun, backup: Backup, error: dict[str, Any], left: Mapping[UUID, bool], outcome: JobState
) -> None:
    async with run.writing() as session:
        backups = BackupRepository(session)
        await backups.move_copies(backup.id, frm=UNDER_WAY, to=CopyState.FAILED, error=error)
        for location_id, objects_left in left.items():
            await backups.move_copies(
                backup.id,
                frm={CopyState.FAILED},
                to=CopyState.FAILED,
                location_id=location_id,
                error=copy_error(error, objects_left=objects_left),
            )
        if await backups.move(backup.id, frm={BackupState.CREATING}, to=BackupState.FAILED, error=error):
            emit(
                session,
                "backup.failed",
                project_id=backup.project_id,
                database_id=backup.database_id,
                subject_id=encode_id("bak", backup.id),
                job_id=run.id,
                logical_database=backup.logical_database,
                origin=backup.origin,
                code=error.get("code"),
            )
            if outcome is JobState.FAILED:
                await _alert(session, run, f"A backup of {backup.logical_database} failed", error)


async def _alert(session: AsyncSession, run: TakeRun, title: str, error: dict[str, Any]) -> None:
    """Cleared by the next backup of the database that becomes available."""
    database_id = run.args.database_id
    await open_alert(
        session,
        AlertType.BACKUP_FAILED,
        encode_id("db", database_id),
        title=title,
        detail=str(error.get("detail")),
        project_id=run.job.project_id,
        database_id=database_id,
        job_id=encode_id("job", run.id),
        code=error.get("code"),
    )
