"""What callers may do with imports: begin, complete, look up, restore, delete."""

from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from app.auth.audit import audit, current_request_id
from app.auth.principal import Principal
from app.databases.access import require_way, visible_database
from app.databases.errors import DatabaseStateInvalid
from app.databases.models import Database, DatabaseState
from app.imports.errors import (
    ArchiveIsBackup,
    ImportInUse,
    ImportNotFound,
    ImportStateInvalid,
    NowhereToKeep,
    ProjectMismatch,
)
from app.imports.models import Import, ImportState
from app.imports.placing import upload_key
from app.imports.repository import ImportRepository
from app.imports.schemas import (
    MOST_PARTS,
    UPLOAD_HOURS,
    DeleteImport,
    FetchImport,
    FromObject,
    FromUpload,
    FromUrl,
    ImportCreate,
    ImportRestore,
    PartToUpload,
    RestoreImport,
    UploadView,
)
from app.imports.sources import require_size, seal_url
from app.jobs.contract import JobArgs
from app.jobs.enqueue import OnConflict, Target, enqueue
from app.jobs.models import Job
from app.kit.ids import encode_id, new_id
from app.locations.errors import LocationNotFound
from app.locations.models import Location
from app.locations.repository import LocationRepository
from app.runtime import Runtime
from app.storage.pump import PART_BYTES
from app.storage.store import MIB, ObjectStore


@dataclass(frozen=True, slots=True)
class ImportService:
    session: AsyncSession
    runtime: Runtime

    async def prepare(self, wish: ImportCreate, caller: Principal) -> tuple[Import, Location]:
        """The row as ``begin`` will take it, not stored yet. Raises what the request contradicts."""
        database = await visible_database(self.session, wish.database_id, caller)
        location = await self._location(database, wish.location_id)
        source = wish.source
        row = Import(
            id=new_id(),
            project_id=database.project_id,
            database_id=database.id,
            location_id=location.id,
            source_kind=source.kind,
            sha256=wish.sha256,
            encryption=wish.encryption,
            labels=wish.labels,
            logical_database=wish.logical_database,
            created_by=caller.actor,
        )
        match source:
            case FromUrl():
                url = source.url.get_secret_value()
                row.source_host = _host(url)
                row.url_sealed = seal_url(row, url, self.runtime.key_ring)
            case FromObject():
                row.source_key = source.key
                if source.location_id is not None:
                    row.source_location_id = (await self._location(database, source.location_id)).id
            case FromUpload():
                require_size(source.size_bytes, self.runtime.settings.imports.max_bytes)
                row.state, row.size_bytes, row.filename = (
                    ImportState.AWAITING_UPLOAD,
                    source.size_bytes,
                    source.filename,
                )
                row.source_key = upload_key(row)
        return row, location

    async def begin(self, row: Import, caller: Principal) -> Job | None:
        """Stores it, and starts to fetch unless the caller is to send the file."""
        await visible_database(self.session, row.database_id, caller)
        location = await LocationRepository(self.session).get(row.location_id, None, hold=True)
        if location is None:
            raise LocationNotFound(row.location_id)
        await ImportRepository(self.session).add(row)
        job = None if row.state == ImportState.AWAITING_UPLOAD else await self._fetch(row, caller)
        self._audit(caller, "create_import", row, source_kind=row.source_kind, source_host=row.source_host)
        return job

    async def get(self, import_id: UUID, caller: Principal, *, change: bool = False) -> Import:
        """Raises ImportNotFound, also for an import of a project that the caller does not cover."""
        row = await ImportRepository(self.session).get(import_id, caller.project_ids, change=change)
        if row is None:
            raise ImportNotFound(import_id)
        return row

    async def awaiting(self, import_id: UUID, caller: Principal, *, change: bool = False) -> tuple[Import, Location]:
        """Raises ImportNotFound, ImportStateInvalid."""
        row = await self.get(import_id, caller, change=change)
        if row.state != ImportState.AWAITING_UPLOAD:
            raise ImportStateInvalid(row.id, row.state, "completed")
        return row, await self.session.get_one(Location, row.location_id)

    async def completed(self, import_id: UUID, caller: Principal) -> tuple[Import, Job]:
        """The store has the whole file. Raises ImportStateInvalid."""
        row, _ = await self.awaiting(import_id, caller, change=True)
        row.state, row.upload_id = ImportState.PENDING, None
        row.revision += 1
        job = await self._fetch(row, caller)
        self._audit(caller, "complete_import", row)
        return row, job

    async def restore(self, import_id: UUID, wish: ImportRestore, caller: Principal) -> tuple[Import, Job]:
        """Raises ArchiveIsBackup, ImportStateInvalid, and what the database has against it."""
        row = await self.get(import_id, caller, change=True)
        if row.backup_id is not None:
            raise ArchiveIsBackup(row.backup_id)
        if row.state != ImportState.AVAILABLE:
            raise ImportStateInvalid(row.id, row.state, "restored")
        database = await visible_database(self.session, wish.database_id or row.database_id, caller)
        if database.project_id != row.project_id:
            raise ProjectMismatch
        if database.state != DatabaseState.AVAILABLE:
            raise DatabaseStateInvalid(database.id, database.state, "restored into")
        require_way(database, None)
        args = RestoreImport(
            import_id=row.id,
            database_id=database.id,
            logical_database=wish.name,
            owner=wish.owner,
            owner_mode=wish.owner_mode,
            extensions=tuple(wish.extensions),
        )
        target = Target(database.id, wish.name)
        job = await self._enqueue(args, row, caller, target, host_id=database.host_id, on_conflict=wish.on_conflict)
        self._audit(caller, "restore_import", row, logical_database=wish.name, owner=wish.owner)
        return row, job

    async def delete(self, import_id: UUID, caller: Principal) -> tuple[Import, Job]:
        """Raises ImportStateInvalid, ImportInUse."""
        row = await self.get(import_id, caller, change=True)
        if row.state in (ImportState.PENDING, ImportState.RUNNING, ImportState.DELETING, ImportState.DELETED):
            raise ImportStateInvalid(row.id, row.state, "deleted")
        reader = await ImportRepository(self.session).reading_job(row.id)
        if reader is not None:
            raise ImportInUse(reader)
        row.state = ImportState.DELETING
        row.revision += 1
        job = await self._enqueue(DeleteImport(import_id=row.id), row, caller)
        row.job_id = job.id
        self._audit(caller, "delete_import", row)
        return row, job

    async def _location(self, database: Database, location_id: UUID | None) -> Location:
        locations = LocationRepository(self.session)
        if location_id is None:
            default = await locations.default_of(database.project_id)
            if default is None:
                raise NowhereToKeep
            return default
        location = await locations.get(location_id, frozenset({database.project_id}))
        if location is None:
            raise LocationNotFound(location_id)
        return location

    async def _fetch(self, row: Import, caller: Principal) -> Job:
        job = await self._enqueue(FetchImport(import_id=row.id), row, caller)
        row.job_id = job.id
        return job

    async def _enqueue(
        self,
        args: JobArgs,
        row: Import,
        caller: Principal,
        *targets: Target,
        host_id: UUID | None = None,
        on_conflict: OnConflict = OnConflict.FAIL,
    ) -> Job:
        enqueued = await enqueue(
            self.session,
            args,
            created_by=caller.actor,
            targets=targets,
            project_id=row.project_id,
            subject_id=args.subject_id(),
            host_id=host_id,
            request_id=current_request_id(),
            on_conflict=on_conflict,
        )
        return enqueued.job

    def _audit(self, caller: Principal, action: str, row: Import, **details: object) -> None:
        audit(
            self.session,
            caller,
            action,
            target_type="import",
            target_id=encode_id("imp", row.id),
            project_id=row.project_id,
            details={"database_id": encode_id("db", row.database_id), **details},
        )


async def begin_upload(runtime: Runtime, store: ObjectStore, row: Import) -> UploadView:
    """Begins it in the store, and signs an address for each part."""
    assert row.source_key is not None
    assert row.size_bytes is not None
    upload = store.by_others(row.source_key)
    row.upload_id = await upload.start()
    part_bytes = max(PART_BYTES, -(-row.size_bytes // MOST_PARTS // MIB) * MIB)
    numbers = range(1, -(-row.size_bytes // part_bytes) + 1)
    seconds = UPLOAD_HOURS * 3600
    parts = [
        PartToUpload(
            number=number,
            size_bytes=min(part_bytes, row.size_bytes - (number - 1) * part_bytes),
            url=await upload.address_of(row.upload_id, number, expires_seconds=seconds),
        )
        for number in numbers
    ]
    return UploadView(expires_at=runtime.clock() + timedelta(seconds=seconds), parts=parts)


def _host(url: str) -> str | None:
    """All that is shown of an address. What is none is refused by whoever calls it."""
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None
