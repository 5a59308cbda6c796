"""One copy of a backup in one further location: its objects byte for byte, hashed on the way, the manifest last."""

import asyncio
import hashlib
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Final, TypeAlias
from uuid import UUID

import structlog
from pydantic import BaseModel, Field
from sqlmodel.ext.asyncio.session import AsyncSession

from app.backups.copy_rows import BAD, UNDER_WAY, copy_at, hold, judge, start_copy
from app.backups.errors import BackupCancelled, BackupNotFound, BackupStateInvalid, CopyStateInvalid, NoGoodCopy
from app.backups.models import Backup, CopyState
from app.backups.repository import GOOD, BackupRepository
from app.backups.schemas import CopyBackup
from app.backups.steps.aftermath import copy_error, sweep_folder, try_to_empty
from app.backups.steps.memo import UploadMemo
from app.backups.steps.storing import put_once, rendered
from app.errors import Problem
from app.events.alerts import clear_alert, open_alert
from app.events.models import AlertType
from app.jobs.machine import Move, Steps, done, go, step
from app.jobs.run import Run
from app.jobs.states import JobState
from app.kit.ids import encode_id
from app.locations.access import open_store
from app.locations.archives import Archives, CopyDamaged
from app.locations.corruption import note_corrupt
from app.locations.errors import LocationNotFound
from app.locations.manifest import Manifest, StoredObject, manifest_key
from app.locations.models import Location, LocationState
from app.locations.repository import LocationRepository
from app.runtime import Runtime
from app.storage.errors import ObjectMissing, ObjectTruncated
from app.storage.pump import PART_BYTES, in_flight_for, part_bytes_for
from app.storage.store import MAX_PARTS, ObjectStore

log = structlog.get_logger()

_DAMAGE: Final = (CopyDamaged, ObjectMissing, ObjectTruncated)
_EMPTYING_SECONDS: Final = 60.0
_EMPTYING_ON_CANCEL_SECONDS: Final = 3.0  # a cancel ends within five


class CopyMemo(BaseModel):
    copied: list[str] = Field(default_factory=list)  # keys of objects that are there, whole
    upload: UploadMemo | None = None


CopyRun: TypeAlias = Run[CopyBackup, CopyMemo]


class _SourceFailed(Exception):
    """Another location may still have what this one does not give."""

    def __init__(self, location: Location, problem: Problem) -> None:
        super().__init__(problem.detail)
        self.location = location
        self.problem = problem


@dataclass(frozen=True, slots=True)
class _Plan:
    backup: Backup
    manifest: Manifest
    target: Location
    sources: list[Location]  # the one that was written first before the others


@dataclass(frozen=True)
class CopyBackupSteps(Steps[CopyBackup, CopyMemo]):
    runtime: Runtime

    args = CopyBackup
    memo = CopyMemo

    @step
    async def begin(self, run: CopyRun) -> Move:
        """Whoever deletes the backup, or this copy, looks for live jobs under the same lock."""
        async with run.writing() as session:
            backup = await hold(session, run.args.backup_id)
            copy = await copy_at(session, run.args.backup_id, run.args.location_id)
            if backup is None or copy is None:
                raise BackupNotFound(run.args.backup_id)
            if backup.state not in GOOD:
                raise BackupStateInvalid(backup.id, backup.state, "copied")
            if copy.state == CopyState.AVAILABLE:
                return _result(run)
            if copy.state not in UNDER_WAY | BAD:
                raise CopyStateInvalid(copy, "made")
            await self._move(session, run, UNDER_WAY | BAD, CopyState.COPYING, job_id=run.id, error=None)
        return go(self.copy)

    @step
    async def copy(self, run: CopyRun) -> Move:
        """One object; the step comes again for the next, with all of its attempts."""
        await self._abandon_upload(run)
        plan = await self._plan(run)
        stored = next((one for one in plan.manifest.objects if one.key not in run.memo.copied), None)
        if stored is None:
            return go(self.manifest)
        await self._copy_from_any(run, plan, stored)
        run.memo.copied.append(stored.key)
        return go(self.copy)

    @step
    async def manifest(self, run: CopyRun) -> Move:
        """The last object: with it the copy counts, also for whoever finds only the bucket."""
        plan = await self._plan(run)
        store = await open_store(self.runtime.stores, self.runtime.key_ring, plan.target)
        await run.remember()  # a worker that lost its job ends here
        if run.args.repair:
            await store.put(manifest_key(plan.backup), rendered(plan.manifest))
        else:
            await put_once(store, manifest_key(plan.backup), rendered(plan.manifest), plan.target)
        async with run.writing() as session:
            await hold(session, plan.backup.id)
            now = await BackupRepository(session).now()
            await self._move(
                session,
                run,
                {CopyState.COPYING},
                CopyState.AVAILABLE,
                size_bytes=sum(stored.size_bytes for stored in plan.manifest.objects),
                completed_at=now,
                checked_at=now,
            )
            await judge(session, plan.backup.id)
            about = encode_id("loc", plan.target.id)
            reason = f"{encode_id('bak', plan.backup.id)} was copied there"
            await clear_alert(session, AlertType.BACKUP_COPY_FAILED, about, reason=reason)
        return go(self.sweep)

    @step
    async def sweep(self, run: CopyRun) -> Move:
        """What attempts that lost left beside the objects that count."""
        plan = await self._plan(run)
        await sweep_folder(self.runtime, plan.backup, plan.manifest, plan.target)
        return _result(run)

    async def compensate(self, run: CopyRun, outcome: JobState) -> None:
        error = (run.job.ending or {}).get("error") or BackupCancelled(
            f"The job {encode_id('job', run.id)} was {outcome}."
        ).document()
        async with run.reading() as session:
            (backup,) = await BackupRepository(session).find([run.args.backup_id])
            copy = await copy_at(session, backup.id, run.args.location_id)
            location = await LocationRepository(session).find(run.args.location_id)
        if copy is None or location is None or copy.state not in UNDER_WAY or copy.job_id not in (None, run.id):
            return
        seconds = _EMPTYING_SECONDS if outcome is JobState.FAILED else _EMPTYING_ON_CANCEL_SECONDS
        # A manifest of somebody else stays, as what it tells about them.
        is_taken = error.get("code") == "MANIFEST_CONFLICT"
        is_empty = not is_taken and await try_to_empty(self.runtime, backup, location, seconds=seconds)
        run.memo.upload = None
        async with run.writing() as session:
            await hold(session, backup.id)
            marked = copy_error(error, objects_left=not is_empty)
            await self._move(session, run, UNDER_WAY, CopyState.FAILED, error=marked)
            await judge(session, backup.id)
            if outcome is JobState.FAILED:
                await self._alert(session, run, backup, location, error)

    async def _plan(self, run: CopyRun) -> _Plan:
        async with run.reading() as session:
            (backup,) = await BackupRepository(session).find([run.args.backup_id])
            archives = Archives(session)
            manifest = await archives.manifest(backup.id)
            target = await LocationRepository(session).find(run.args.location_id)
            sources = [one for one in await archives.locations(backup.id) if one.id != run.args.location_id]
        if target is None or target.state == LocationState.DELETED:
            raise LocationNotFound(run.args.location_id)
        return _Plan(backup, manifest, target, sources)

    async def _copy_from_any(self, run: CopyRun, plan: _Plan, stored: StoredObject) -> None:
        """Raises NoGoodCopy, and what the locations raise."""
        if not plan.sources:
            raise NoGoodCopy("No other location has a good copy of the backup to copy from. Take a new backup.")
        failures: list[_SourceFailed] = []
        for source in plan.sources:
            try:
                await self._copy(run, plan, stored, source)
            except _SourceFailed as failure:
                failures.append(failure)
                where = encode_id("loc", source.id)
                await run.warn(f"The copy in {where} could not be read and was passed over: {failure.problem.detail}")
            else:
                await self._mark_corrupt(run, plan.backup, failures)
                return
        raise min((failure.problem for failure in failures), key=lambda problem: not problem.retryable)

    async def _copy(self, run: CopyRun, plan: _Plan, stored: StoredObject, source: Location) -> None:
        target = await open_store(self.runtime.stores, self.runtime.key_ring, plan.target)
        most = plan.target.max_parts or MAX_PARTS
        part_bytes = max(stored.part_bytes or PART_BYTES, part_bytes_for(stored.size_bytes, max_parts=most, slack=0))
        in_flight = in_flight_for(part_bytes, self.runtime.settings.backup.parts_in_flight)
        digest = hashlib.sha256()
        async with target.multipart(stored.key, part_bytes=part_bytes, in_flight=in_flight) as upload:
            run.memo.upload = UploadMemo(location_id=plan.target.id, key=stored.key, upload_id=upload.upload_id)
            await run.remember()
            async with run.moving(), aclosing(self._read(source, stored)) as chunks:
                async for chunk in chunks:
                    await asyncio.to_thread(digest.update, chunk)
                    await upload.write(chunk)
                    run.report(bytes_done=upload.size_bytes, bytes_total=stored.size_bytes, detail=stored.kind)
            if (upload.size_bytes, digest.hexdigest()) != (stored.size_bytes, stored.sha256):
                damage = CopyDamaged(f"The object {stored.key} reads differently than it was written.", key=stored.key)
                raise _SourceFailed(source, damage)
            await upload.complete()
        run.memo.upload = None

    async def _read(self, source: Location, stored: StoredObject) -> AsyncGenerator[bytes]:
        try:
            store: ObjectStore = await open_store(self.runtime.stores, self.runtime.key_ring, source)
            async with aclosing(store.read(stored.key)) as chunks:
                async for chunk in chunks:
                    await self.runtime.stores.limit.pay(len(chunk))
                    yield chunk
        except Problem as problem:
            raise _SourceFailed(source, problem) from problem

    async def _mark_corrupt(self, run: CopyRun, backup: Backup, failures: list[_SourceFailed]) -> None:
        """Those that gave other bytes than another one, whose bytes were right."""
        damaged = [one for one in failures if isinstance(one.problem, _DAMAGE)]
        if not damaged:
            return
        async with run.writing() as session:
            await hold(session, backup.id)
            for failure in damaged:
                await note_corrupt(session, backup, failure.location, failure.problem)
            await judge(session, backup.id)

    async def _move(
        self,
        session: AsyncSession,
        run: CopyRun,
        frm: set[CopyState] | frozenset[CopyState],
        to: CopyState,
        **values: Any,
    ) -> None:
        await BackupRepository(session).move_copies(
            run.args.backup_id, frm=frm, to=to, location_id=run.args.location_id, **values
        )

    async def _alert(
        self, session: AsyncSession, run: CopyRun, backup: Backup, location: Location, error: dict[str, Any]
    ) -> None:
        """Of the location, whichever backups it lacks; cleared by the next copy that succeeds there."""
        await open_alert(
            session,
            AlertType.BACKUP_COPY_FAILED,
            encode_id("loc", location.id),
            title=f"A backup could not be copied to {location.name}",
            detail=str(error.get("detail")),
            project_id=backup.project_id,
            backup_id=encode_id("bak", backup.id),
            job_id=encode_id("job", run.id),
            code=error.get("code"),
        )

    async def _abandon_upload(self, run: CopyRun) -> None:
        """Of an attempt before this one: whoever made it may still be sending, and must not be able to complete it."""
        if run.memo.upload is None:
            return
        upload: UploadMemo = run.memo.upload
        location = await self._find(run, upload.location_id)
        if location is not None and location.state != LocationState.DELETED:
            store = await open_store(self.runtime.stores, self.runtime.key_ring, location)
            try:
                await store.abort(upload.key, upload.upload_id)
            except Problem as problem:  # the location's hourly sweep finds it
                log.warning("backup.upload_left_open", upload_id=upload.upload_id, code=problem.code)
        run.memo.upload = None

    async def _find(self, run: CopyRun, location_id: UUID) -> Location | None:
        async with run.reading() as session:
            return await LocationRepository(session).find(location_id)


async def start_copies(session: AsyncSession, run: Run[Any, Any], backup_id: UUID) -> None:
    """For the job that took the backup: one for each further location that has none yet."""
    backup = await hold(session, backup_id)
    if backup is None or backup.state not in GOOD:  # deleted meanwhile
        return
    for copy in (await BackupRepository(session).copies([backup_id]))[backup_id]:
        if copy.state in UNDER_WAY and not copy.is_primary and copy.job_id is None:
            await start_copy(
                session, backup, copy.location_id, created_by=run.job.created_by, request_id=run.job.request_id
            )


def _result(run: CopyRun) -> Move:
    ids = {"backup_id": encode_id("bak", run.args.backup_id), "location_id": encode_id("loc", run.args.location_id)}
    return done(type="backup_copy", **ids)
