"""The flow that fetches: source, file in its location, and, of an archive, the manifest that makes it a backup."""

from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import func

from app.databases.escrow import recipients_of
from app.databases.models import Database
from app.errors import Problem
from app.events.emit import emit
from app.imports.errors import ImportCancelled, ManifestClash
from app.imports.fetching import Recognised, Sealing, Source, recognised, store_archive, store_sql
from app.imports.filing import Filed, draft, extension_of, new_backup
from app.imports.models import Format, Import, ImportState
from app.imports.placing import archive_key, folder_of_import, remove_all, sql_key
from app.imports.repository import ImportRepository
from app.imports.schemas import FetchImport
from app.imports.sources import open_source
from app.imports.unpacking import Unpacking
from app.jobs.machine import Move, Steps, done, go, step
from app.jobs.run import Run
from app.jobs.states import JobState
from app.kit.ids import encode_id, new_id
from app.locations.access import open_store
from app.locations.holdings import BackupState, Encryption
from app.locations.identity import identities
from app.locations.manifest import ObjectKind, StoredObject, manifest_key
from app.locations.models import Location, LocationState
from app.locations.repository import LocationRepository
from app.runtime import Runtime
from app.storage.errors import ObjectExists
from app.storage.pump import in_flight_for, part_bytes_for
from app.storage.store import MAX_PARTS, ObjectStore

LIVE = frozenset({ImportState.PENDING, ImportState.RUNNING})
_MANIFEST_BYTES = 256 * 1024 * 1024


class UploadMemo(BaseModel):
    key: str
    upload_id: str


class FetchMemo(BaseModel):
    """``backup_id`` is chosen before anything is written below it; ``upload`` noted before its first part."""

    backup_id: UUID | None = None
    upload: UploadMemo | None = None


FetchRun = Run[FetchImport, FetchMemo]


@dataclass(frozen=True)
class FetchImportSteps(Steps[FetchImport, FetchMemo]):
    runtime: Runtime

    args = FetchImport
    memo = FetchMemo

    @step
    async def fetch(self, run: FetchRun) -> Move:
        async with run.writing() as session:
            imports = ImportRepository(session)
            await imports.move(run.args.import_id, frm=LIVE, to=ImportState.RUNNING, job_id=run.id)
            run.memo.backup_id = run.memo.backup_id or new_id()
        row, location = await self._row(run)
        store = await open_store(self.runtime.stores, self.runtime.key_ring, location)
        if row.format is not None:  # all of it is here already
            return go(self.manifest)
        await _abandon_upload(run, store)
        async with run.reading() as session:
            keys = await identities(session, self.runtime.key_ring)
            found_at = row.source_location_id and await LocationRepository(session).find(row.source_location_id)
        limits = self.runtime.settings.imports
        unpacking = Unpacking(keys, most_bytes=limits.max_unpacked_bytes)
        async with run.moving(), open_source(self.runtime, row, found_at or location) as opened:
            source = Source(
                opened.chunks,
                unpacking,
                announced_bytes=opened.size_bytes,
                most_bytes=limits.max_bytes,
                report=lambda count: run.report(bytes_done=count, bytes_total=opened.size_bytes),
            )
            await self._store(run, row, store, await recognised(source), max_parts=location.max_parts or MAX_PARTS)
        return go(self.manifest)

    @step
    async def manifest(self, run: FetchRun) -> Move:
        """The last object of a backup. With it, and only then, an archive is available as one."""
        row, location = await self._row(run)
        if row.format == Format.ARCHIVE:
            assert run.memo.backup_id is not None
            store = await open_store(self.runtime.stores, self.runtime.key_ring, location)
            async with run.reading() as session:
                found = await ImportRepository(session).backup(run.memo.backup_id)
            assert found is not None
            backup, manifest = found
            await run.remember()  # a worker that lost its job ends here
            await _put_once(store, manifest_key(backup), manifest.model_dump_json().encode())
            async with run.writing() as session:
                await ImportRepository(session).finish_backup(backup.id)
        return go(self.settle)

    @step
    async def settle(self, run: FetchRun) -> Move:
        """The address is forgotten, and what was uploaded or left beside is removed."""
        row, location = await self._row(run)
        store = await open_store(self.runtime.stores, self.runtime.key_ring, location)
        async with run.reading() as session:
            found = await ImportRepository(session).backup(row.backup_id) if row.backup_id else None
        keep = {manifest_key(found[0]), *(one.key for one in found[1].objects)} if found else set()
        if row.stored is not None:
            keep.add(StoredObject.model_validate(row.stored).key)
        with suppress(Problem):  # not urgent: the deletion of the import and of the backup take the rest along
            await remove_all(store, folder_of_import(row), keep=keep)
            if found:
                await remove_all(store, archive_key(row, found[0].id, ""), keep=keep)
        async with run.writing() as session:
            moved = await ImportRepository(session).move(
                row.id, frm=LIVE, to=ImportState.AVAILABLE, finished_at=func.now(), url_sealed=None, error=None
            )
            if moved:
                emit(
                    session,
                    "import.finished",
                    project_id=row.project_id,
                    database_id=row.database_id,
                    subject_id=encode_id("imp", row.id),
                    job_id=run.id,
                    format=row.format,
                )
        backup = {} if row.backup_id is None else {"backup_id": encode_id("bak", row.backup_id)}
        return done(type="import", import_id=encode_id("imp", row.id), format=row.format, **backup)

    async def compensate(self, run: FetchRun, outcome: JobState) -> None:
        """What a caller uploaded stays, for a retry, until the import is deleted."""
        error = (run.job.ending or {}).get("error")
        failed = outcome is JobState.FAILED
        error = error or ImportCancelled(f"The job {encode_id('job', run.id)} was {outcome}.").document()
        async with run.writing() as session:
            imports = ImportRepository(session)
            found = await imports.backup(run.memo.backup_id) if run.memo.backup_id else None
            if found and found[0].state != BackupState.CREATING and found[0].state != BackupState.FAILED:
                # It is a backup already, and somebody may be restoring it.
                await imports.move(run.args.import_id, frm=LIVE, to=ImportState.AVAILABLE, finished_at=func.now())
                return
            if found:
                await imports.fail_backup(found[0].id, error)
            moved = await imports.move(
                run.args.import_id,
                frm=LIVE,
                to=ImportState.FAILED if failed else ImportState.CANCELLED,
                finished_at=func.now(),
                error=error if failed else None,
                format=None,
                stored=None,
                backup_id=None,
            )
            row = await imports.find(run.args.import_id)
            location = await session.get_one(Location, row.location_id)
            if moved and failed:
                emit(
                    session,
                    "import.failed",
                    project_id=row.project_id,
                    database_id=row.database_id,
                    subject_id=encode_id("imp", row.id),
                    job_id=run.id,
                    code=error.get("code"),
                )
        if row.state == ImportState.AVAILABLE or location.state == LocationState.DELETED:
            return
        try:
            store = await open_store(self.runtime.stores, self.runtime.key_ring, location)
            await _abandon_upload(run, store)
            await remove_all(store, folder_of_import(row), keep={row.source_key or ""})
            if run.memo.backup_id is not None:
                await remove_all(store, archive_key(row, run.memo.backup_id, ""), keep=())
        except Problem as problem:
            if problem.retryable and run.job.attempt < run.job.max_attempts:
                raise
            where = encode_id("loc", location.id)
            await run.warn(f"Objects of the import may be left in {where}: {problem.detail}")

    async def _store(
        self, run: FetchRun, row: Import, store: ObjectStore, found: Recognised, *, max_parts: int
    ) -> None:
        source = found.source
        async with run.writing() as session:  # the first of all recipients is made here
            recipients = []
            if row.encryption == Encryption.AGE:
                recipients = await recipients_of(session, self.runtime.key_ring, row.project_id)
        assert run.memo.backup_id is not None
        sealing = Sealing(recipients)
        name = f"{run.token}/{_NAMES[found.format]}{extension_of(row.encryption)}"
        is_archive = found.format is Format.ARCHIVE
        key = archive_key(row, run.memo.backup_id, name) if is_archive else sql_key(row, name)
        settings = self.runtime.settings.backup
        # How long a source is that does not tell is known at its end only, so it may be the longest that is taken.
        longest = source.announced_bytes or self.runtime.settings.imports.max_bytes
        part_bytes = max(settings.part_bytes, part_bytes_for(longest, max_parts=max_parts))
        in_flight = in_flight_for(part_bytes, settings.parts_in_flight)
        began = self.runtime.clock()
        async with store.multipart(key, part_bytes=part_bytes, in_flight=in_flight) as upload:
            run.memo.upload = UploadMemo(key=key, upload_id=upload.upload_id)
            await run.remember()
            indexed = None
            if is_archive:
                indexed = await store_archive(found.pieces, upload, sealing, digests=not recipients)
            else:
                await store_sql(found.pieces, upload, sealing)
            source.require(sha256=row.sha256)
            receipt = await upload.complete()
        stored = StoredObject(
            kind=ObjectKind.ARCHIVE,
            key=key,
            encryption=Encryption(row.encryption),
            size_bytes=receipt.size_bytes,
            sha256=receipt.sha256,
            plain_size_bytes=sealing.plain_size_bytes,
            plain_sha256=sealing.plain_sha256,
            part_bytes=part_bytes,
        )
        now = self.runtime.clock()
        run.memo.upload = None
        async with run.writing() as session:
            imports = ImportRepository(session)
            values: dict[str, Any] = {
                "format": found.format.value,
                "size_bytes": source.size_bytes,
                "sha256": source.sha256,
                "unpacked_bytes": source.unpacked_bytes,
            }
            if indexed is None:
                values["stored"] = stored.model_dump(mode="json")
            else:
                database = await session.get_one(Database, row.database_id)
                filed = Filed(
                    index=indexed[0],
                    origin=indexed[1],
                    archive=stored,
                    recipients=tuple(str(one) for one in recipients),
                    seconds=(now - began).total_seconds(),
                )
                backup = new_backup(row, database, filed, backup_id=run.memo.backup_id, job_id=run.id, now=now)
                await imports.add_backup(backup, draft(backup, database, filed, now=now), row.location_id, at=now)
                values |= {
                    "backup_id": backup.id,
                    "logical_database": backup.logical_database,
                    "warnings": backup.warnings,
                }
            await imports.move(row.id, frm=LIVE, to=ImportState.RUNNING, **values)

    async def _row(self, run: FetchRun) -> tuple[Import, Location]:
        async with run.reading() as session:
            row = await ImportRepository(session).find(run.args.import_id)
            location = await LocationRepository(session).find(row.location_id)
        assert location is not None
        return row, location


_NAMES = {Format.ARCHIVE: "archive-0001.dump", Format.SQL: "source.sql.gz"}


async def _abandon_upload(run: FetchRun, store: ObjectStore) -> None:
    """Of an attempt before this one: whoever made it may still be sending, and must not be able to complete it."""
    if run.memo.upload is not None:
        await store.abort(run.memo.upload.key, run.memo.upload.upload_id)
        run.memo.upload = None


async def _put_once(store: ObjectStore, key: str, content: bytes) -> None:
    """Fine when the very same is there already, which an attempt before this one has put. Raises ManifestClash."""
    if await store.head(key) is None:
        try:
            await store.put(key, content)
        except ObjectExists:
            pass
        else:
            return
    if await store.get(key, limit_bytes=_MANIFEST_BYTES) != content:
        raise ManifestClash(
            f"There is another manifest at {key}. Nothing was overwritten; find out who else writes to the location."
        )
