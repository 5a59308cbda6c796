"""Making an export: the archive read from a location, through pg_restore, gzip and age, back into the same location."""

import asyncio
import zlib
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, TypeAlias
from uuid import UUID

from pydantic import BaseModel

from app.databases.escrow import recipients_of
from app.errors import Problem
from app.events.emit import emit
from app.exports.errors import BackupNotExportable, CopyMissing, ExportCancelled
from app.exports.models import Export, ExportState
from app.exports.repository import ExportRepository
from app.exports.schemas import ExportOptions, MakeExport
from app.exports.service import script_client, suffix_of
from app.exports.steps.deleting import abort_upload, empty_folder, folder_of
from app.jobs.machine import Move, Steps, done, go, step
from app.jobs.run import Run
from app.jobs.states import JobState
from app.kit.age import AgeEncryptor, Identity, Recipient
from app.kit.ids import encode_id
from app.locations.access import open_store
from app.locations.archives import RESTORABLE, Archives, CopyDamaged, open_archive
from app.locations.holdings import Encryption
from app.locations.identity import identities
from app.locations.manifest import Manifest
from app.locations.models import Location
from app.postgres.archive.selection import select, select_rows
from app.postgres.archive.toc import entries_of
from app.postgres.restore import Parts, header_of, use_list
from app.postgres.scripting import write_script
from app.postgres.server_user import server_user
from app.runtime import Runtime
from app.storage import errors as storage_errors
from app.storage.pump import in_flight_for, part_bytes_for
from app.storage.store import MAX_PARTS, Upload

_GZIP_LEVEL: Final = 1
_GZIP_BITS: Final = 31  # zlib's number for a gzip file of the largest window
_UNPACKED: Final = 12  # SQL takes at most that many times its archive, or the parts of its upload run out
# What another location's copy may make good.
_OF_ONE_COPY: Final = (
    CopyDamaged,
    storage_errors.AccessDenied,
    storage_errors.BucketMissing,
    storage_errors.ObjectMissing,
    storage_errors.ObjectTruncated,
    storage_errors.StoreFailed,
    storage_errors.StoreFull,
    storage_errors.StoreUnreachable,
)


class ExportUpload(BaseModel):
    """Noted before its first part, so that whoever comes next can end it."""

    location_id: UUID
    key: str
    upload_id: str


class ExportMemo(BaseModel):
    upload: ExportUpload | None = None


MakeRun: TypeAlias = Run[MakeExport, ExportMemo]


@dataclass(frozen=True)
class _Order:
    export: Export
    options: ExportOptions
    manifest: Manifest
    locations: Sequence[Location]
    identities: Sequence[Identity]
    recipients: Sequence[Recipient]


@dataclass(frozen=True)
class MakeExportSteps(Steps[MakeExport, ExportMemo]):
    runtime: Runtime

    args = MakeExport
    memo = ExportMemo

    @step
    async def write(self, run: MakeRun) -> Move:
        """From the first copy that is whole; an export that was written before is left as it is."""
        async with run.writing() as session:
            exports = ExportRepository(session)
            await exports.move(run.args.export_id, frm={ExportState.PENDING}, to=ExportState.RUNNING, job_id=run.id)
            export = await exports.find(run.args.export_id)
        if export.state != ExportState.RUNNING:
            return go(self.sweep)
        order = await self._order(run, export)
        await self._abandon_upload(run)
        failures: list[Problem] = []
        for location in order.locations:
            try:
                await self._write(run, order, location)
            except _OF_ONE_COPY as problem:
                failures.append(problem)
                if len(failures) == len(order.locations):
                    raise min(failures, key=lambda failure: not failure.retryable) from None
                await run.warn(f"The location {location.name} was passed over: {problem.detail}")
            else:
                break
        return go(self.sweep)

    @step
    async def sweep(self, run: MakeRun) -> Move:
        """What attempts that lost left beside the file that counts."""
        async with run.reading() as session:
            export = await ExportRepository(session).find(run.args.export_id)
        await empty_folder(self.runtime, run, export, keep=export.key)
        return done(type="export", export_id=encode_id("exp", export.id), size_bytes=export.size_bytes)

    async def compensate(self, run: MakeRun, outcome: JobState) -> None:
        error = (run.job.ending or {}).get("error")
        error = error or ExportCancelled(f"The job {encode_id('job', run.id)} was {outcome}.").document()
        ended = ExportState.CANCELLED if outcome is JobState.CANCELLED else ExportState.FAILED
        async with run.writing() as session:
            exports = ExportRepository(session)
            await exports.move(
                run.args.export_id,
                frm={ExportState.PENDING, ExportState.RUNNING},
                to=ended,
                error=error,
                finished_at=self.runtime.clock(),
            )
            export = await exports.find(run.args.export_id)
        await self._abandon_upload(run)
        await empty_folder(self.runtime, run, export, keep=export.key)

    async def _order(self, run: MakeRun, export: Export) -> _Order:
        """Raises BackupNotExportable, CopyMissing."""
        async with run.writing() as session:  # the key of this installation may have to be made
            archives = Archives(session)
            backup = await archives.get(export.backup_id, None)
            if backup is None or backup.state not in RESTORABLE:
                raise BackupNotExportable(export.backup_id, backup.state if backup else "deleted")
            found = await archives.locations(backup.id)
            wanted = run.args.location_id
            locations = [location for location in found if wanted in (None, location.id)]
            if not locations:
                raise CopyMissing(backup.id)
            is_encrypted = export.encryption == Encryption.AGE
            ring = self.runtime.key_ring
            return _Order(
                export=export,
                options=ExportOptions.model_validate(export.options),
                manifest=await archives.manifest(backup.id),
                locations=locations,
                identities=await identities(session, ring),
                recipients=await recipients_of(session, ring, export.project_id) if is_encrypted else [],
            )

    async def _write(self, run: MakeRun, order: _Order, location: Location) -> None:
        store = await open_store(self.runtime.stores, self.runtime.key_ring, location)
        key = f"{folder_of(order.export)}{run.token}/dump{suffix_of(order.export)}"
        settings = self.runtime.settings.backup
        unpacked_bytes = order.manifest.archive_object.plain_size_bytes * _UNPACKED
        part_bytes = max(settings.part_bytes, part_bytes_for(unpacked_bytes, max_parts=location.max_parts or MAX_PARTS))
        in_flight = in_flight_for(part_bytes, settings.parts_in_flight)
        archive = open_archive(store, order.manifest, order.identities)
        async with (
            aclosing(archive),
            store.multipart(key, part_bytes=part_bytes, in_flight=in_flight) as upload,
        ):
            run.memo.upload = ExportUpload(location_id=location.id, key=key, upload_id=upload.upload_id)
            await run.remember()
            packing = _Packing(order)
            async with run.moving():
                await self._stream(run, order, archive, packing, upload)
            await upload.write(await asyncio.to_thread(packing.finish))
            receipt = await upload.complete()
        run.memo.upload = None
        now = self.runtime.clock()
        async with run.writing() as session:
            await ExportRepository(session).move(
                order.export.id,
                frm={ExportState.RUNNING},
                to=ExportState.AVAILABLE,
                location_id=location.id,
                key=key,
                size_bytes=receipt.size_bytes,
                sha256=receipt.sha256,
                plain_size_bytes=packing.plain_size_bytes,
                recipients=[str(one) for one in order.recipients],
                warnings=run.job.warnings,
                finished_at=now,
                expires_at=now + timedelta(days=order.export.keep_days),
            )
            emit(
                session,
                "export.succeeded",
                project_id=order.export.project_id,
                subject_id=encode_id("exp", order.export.id),
                job_id=run.id,
                backup_id=encode_id("bak", order.export.backup_id),
                size_bytes=receipt.size_bytes,
            )

    async def _stream(
        self, run: MakeRun, order: _Order, archive: AsyncGenerator[bytes], packing: "_Packing", upload: Upload
    ) -> None:
        total = order.manifest.archive_object.plain_size_bytes
        done_bytes = 0

        async def counted() -> AsyncGenerator[bytes]:
            nonlocal done_bytes
            async for chunk in archive:
                done_bytes += len(chunk)
                run.report(bytes_done=done_bytes, bytes_total=total)
                yield chunk

        async def take(chunk: bytes) -> None:
            await upload.write(await asyncio.to_thread(packing.take, chunk))
            run.report(detail=f"{packing.plain_size_bytes >> 20} MiB of SQL")

        async with aclosing(counted()) as stream:
            header, rest = await header_of(stream, order.manifest.index.header_length)
            async with aclosing(_joined(header + rest, stream)) as whole:
                client = script_client(self.runtime.toolchain, order.manifest)
                user = server_user(self.runtime.settings.postgres.run_as_user)
                if user is not None:
                    user.check_reach([client.bin_dir])
                await write_script(
                    whole,
                    take,
                    client,
                    arguments=_arguments(order.options),
                    entries=_entries(order.options, header),
                    run_as=None if user is None else (user.uid, user.gid),
                )

    async def _abandon_upload(self, run: MakeRun) -> None:
        if run.memo.upload is not None:
            await abort_upload(self.runtime, run, run.memo.upload.location_id, run.memo.upload)
            run.memo.upload = None


class _Packing:
    def __init__(self, order: _Order) -> None:
        self.plain_size_bytes = 0
        self._gzip = zlib.compressobj(_GZIP_LEVEL, zlib.DEFLATED, _GZIP_BITS) if order.options.gzip else None
        self._age = AgeEncryptor(order.recipients) if order.recipients else None

    def take(self, chunk: bytes) -> bytes:
        self.plain_size_bytes += len(chunk)
        packed = self._gzip.compress(chunk) if self._gzip else chunk
        return self._age.update(packed) if self._age else packed

    def finish(self) -> bytes:
        packed = self._gzip.flush() if self._gzip else b""
        return self._age.update(packed) + self._age.finish() if self._age else packed


async def _joined(start: bytes, stream: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
    yield start
    async for chunk in stream:
        yield chunk


def _arguments(options: ExportOptions) -> list[str]:
    arguments = ["--no-subscriptions"]
    if options.parts is Parts.SCHEMA:
        arguments.append("--schema-only")
    if options.parts is Parts.DATA:
        arguments.append("--data-only")
    if options.no_owner:
        arguments += ["--no-owner", "--no-privileges"]
    return arguments


def _entries(options: ExportOptions, header: bytes) -> bytes | None:
    """Raises TablesNotInArchive."""
    if options.tables is None:
        return None
    names = [(table.schema_name, table.name) for table in options.tables]
    entries = entries_of(header)
    if options.parts is Parts.DATA:
        wanted = {entry.dump_id for entry in select_rows(entries, names)}
    else:
        wanted = set(select(entries, names).dump_ids)
    # The order of the list becomes that of the script.
    return use_list([entry.dump_id for entry in entries if entry.dump_id in wanted])
