"""What callers may do with exports: start, look up, hand out, delete."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from app.auth.audit import audit, current_request_id
from app.auth.principal import Principal
from app.exports.errors import (
    BackupNotExportable,
    BackupNotFound,
    CopyMissing,
    ExportImpossible,
    ExportNotFound,
    ExportStateInvalid,
)
from app.exports.models import Export, ExportState
from app.exports.repository import ExportRepository
from app.exports.schemas import (
    DeleteExport,
    ExportCreate,
    ExportDownloadCreate,
    ExportDownloadView,
    ExportOptions,
    MakeExport,
)
from app.jobs.contract import JobArgs
from app.jobs.enqueue import enqueue
from app.jobs.models import Job
from app.kit.ids import encode_id, new_id
from app.locations.access import open_store
from app.locations.archives import RESTORABLE, Archives
from app.locations.errors import LocationNotFound
from app.locations.holdings import Backup, Encryption
from app.locations.manifest import Manifest
from app.locations.models import LocationState
from app.locations.repository import LocationRepository
from app.postgres.restore import Parts
from app.postgres.toolchain import Installation, Toolchain
from app.runtime import Runtime


@dataclass(frozen=True, slots=True)
class ExportService:
    session: AsyncSession
    runtime: Runtime

    async def start(self, backup_id: UUID, wish: ExportCreate, caller: Principal) -> tuple[Export, Job]:
        """Raises BackupNotFound, BackupNotExportable, CopyMissing, LocationNotFound, ExportImpossible, ToolMissing."""
        backup = await self.visible_backup(backup_id, caller, hold=True)
        if backup.state not in RESTORABLE:
            raise BackupNotExportable(backup.id, backup.state)
        archives = Archives(self.session)
        locations = await archives.locations(backup.id)
        if not locations:
            raise CopyMissing(backup.id)
        if wish.location_id is not None and wish.location_id not in {location.id for location in locations}:
            raise LocationNotFound(wish.location_id)
        manifest = await archives.manifest(backup.id)
        require_fitting(manifest, wish)
        script_client(self.runtime.toolchain, manifest)
        args = MakeExport(export_id=new_id(), backup_id=backup.id, location_id=wish.location_id)
        job = await self._enqueue(args, backup.project_id, caller)
        export = Export(
            id=args.export_id,
            project_id=backup.project_id,
            backup_id=backup.id,
            options=wish.options().model_dump(mode="json", by_alias=True),
            encryption=wish.encryption,
            keep_days=wish.keep_days,
            job_id=job.id,
            created_by=caller.actor,
        )
        await ExportRepository(self.session).add(export)
        self._audit(caller, "create_export", export, job_id=encode_id("job", job.id), encryption=wish.encryption)
        return export, job

    async def get(self, export_id: UUID, caller: Principal, *, change: bool = False) -> Export:
        """Raises ExportNotFound, also for one of a project that the caller does not cover."""
        export = await ExportRepository(self.session).get(export_id, caller.project_ids, change=change)
        if export is None:
            raise ExportNotFound(export_id)
        return export

    async def visible_backup(self, backup_id: UUID, caller: Principal, *, hold: bool = False) -> Backup:
        """Raises BackupNotFound."""
        backup = await Archives(self.session).get(backup_id, caller.project_ids, hold=hold)
        if backup is None:
            raise BackupNotFound(backup_id)
        return backup

    async def delete(self, export_id: UUID, caller: Principal) -> tuple[Export, Job]:
        """Raises ExportStateInvalid."""
        export = await self.get(export_id, caller, change=True)
        if export.state != ExportState.AVAILABLE:
            raise ExportStateInvalid(export.id, export.state, "deleted")
        job = await self._enqueue(DeleteExport(export_id=export.id), export.project_id, caller)
        exports = ExportRepository(self.session)
        await exports.move(export.id, frm={ExportState.AVAILABLE}, to=ExportState.DELETING, job_id=job.id)
        await self.session.refresh(export)
        self._audit(caller, "delete_export", export, job_id=encode_id("job", job.id))
        return export, job

    async def download(self, export_id: UUID, wish: ExportDownloadCreate, caller: Principal) -> ExportDownloadView:
        """A link that anyone can use until it expires. Raises ExportStateInvalid."""
        export = await self.get(export_id, caller)
        if export.state != ExportState.AVAILABLE:
            raise ExportStateInvalid(export.id, export.state, "downloaded")
        assert export.location_id is not None
        assert export.key is not None
        location = await LocationRepository(self.session).find(export.location_id)
        if location is None or location.state == LocationState.DELETED:
            raise LocationNotFound(export.location_id)
        store = await open_store(self.runtime.stores, self.runtime.key_ring, location)
        filename = f"{encode_id('exp', export.id)}{suffix_of(export)}"
        url = await store.presign_get(export.key, expires_seconds=wish.expires_seconds, filename=filename)
        self._audit(caller, "create_export_download", export, expires_seconds=wish.expires_seconds)
        assert export.size_bytes is not None
        assert export.sha256 is not None
        return ExportDownloadView(
            url=url,
            expires_at=self.runtime.clock() + timedelta(seconds=wish.expires_seconds),
            filename=filename,
            size_bytes=export.size_bytes,
            sha256=export.sha256,
            encryption=Encryption(export.encryption),
            recipients=export.recipients,
            how_to_open=_how_to_open(filename, export),
        )

    async def _enqueue(self, args: JobArgs, project_id: UUID, caller: Principal) -> Job:
        enqueued = await enqueue(
            self.session,
            args,
            created_by=caller.actor,
            project_id=project_id,
            subject_id=args.subject_id(),
            request_id=current_request_id(),
        )
        return enqueued.job

    def _audit(self, caller: Principal, action: str, export: Export, **details: object) -> None:
        audit(
            self.session,
            caller,
            action,
            target_type="export",
            target_id=encode_id("exp", export.id),
            project_id=export.project_id,
            details={"backup_id": encode_id("bak", export.backup_id), **details},
        )


def script_client(toolchain: Toolchain, manifest: Manifest) -> Installation:
    """The program that writes the SQL: as near to the one that wrote the archive as there is. Raises ToolMissing."""
    major = manifest.versions.client_major
    return toolchain.client_for_restore(major, major, manifest.compression.algorithm)


def require_fitting(manifest: Manifest, wish: ExportOptions) -> None:
    """What the backup cannot give. Raises ExportImpossible."""
    if manifest.options.schema_only and wish.parts is not Parts.SCHEMA:
        raise ExportImpossible("The backup has no rows; export its parts schema.")
    if manifest.options.data_only and wish.parts is not Parts.DATA:
        raise ExportImpossible("The backup has rows only; export its parts data.")


def suffix_of(export: Export) -> str:
    gzipped = ".gz" if export.options["gzip"] else ""
    return f".sql{gzipped}{'.age' if export.encryption == Encryption.AGE else ''}"


def _how_to_open(filename: str, export: Export) -> str:
    psql = "psql --set ON_ERROR_STOP=1 --dbname=NEW_DATABASE"
    gunzip = "gunzip | " if export.options["gzip"] else ""
    if export.encryption == Encryption.AGE:
        return f"age --decrypt --identity KEY.txt {filename} | {gunzip}{psql}"
    return f"gunzip --stdout {filename} | {psql}" if gunzip else f"{psql} --file={filename}"
