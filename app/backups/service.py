"""What callers may do with backups: start, look up, label, hand out, delete."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from app.auth.audit import audit, current_request_id
from app.auth.principal import Principal
from app.auth.scopes import Scope
from app.backups.copy_rows import require_unused
from app.backups.errors import (
    BackupNotFound,
    BackupStateInvalid,
    LastGoodBackup,
    LocationRequired,
    NoGoodCopy,
)
from app.backups.models import Backup, BackupCopy, BackupState
from app.backups.repository import GOOD, BackupRepository
from app.backups.schemas import BackupCreate, BackupUpdate, DeleteBackup, DownloadCreate, DownloadView, Pin, TakeBackup
from app.databases.access import require_way
from app.databases.errors import DatabaseStateInvalid
from app.databases.models import Database, DatabaseState
from app.databases.openings import cautions
from app.databases.schemas import Network
from app.jobs.enqueue import Target, enqueue
from app.jobs.models import Job
from app.kit.etags import require_match
from app.kit.ids import encode_id, new_id
from app.locations.access import open_store
from app.locations.archives import Archives
from app.locations.errors import LocationNotFound
from app.locations.holdings import Encryption
from app.locations.manifest import ObjectKind
from app.locations.models import Location
from app.locations.repository import LocationRepository
from app.runtime import Runtime

DELETABLE = GOOD | {BackupState.FAILED}


@dataclass(frozen=True, slots=True)
class BackupService:
    session: AsyncSession
    runtime: Runtime
    backups: BackupRepository

    async def start(
        self, database: Database, names: Sequence[str], wish: BackupCreate, caller: Principal
    ) -> tuple[list[Backup], Job]:
        """One backup of the set for each of ``names``; without any, the job makes one for each that the server has.

        Raises LocationRequired, LocationNotFound, JobConflict.
        """
        require_available(database, wish.network)
        locations = await self._locations(database, wish.location_ids, caller)
        ids = [new_id() for _ in names]
        args = TakeBackup(
            database_id=database.id,
            set_id=new_id(),
            backup_ids=tuple(ids),
            options=wish.options(),
            encryption=wish.encryption,
            location_ids=tuple(location.id for location in locations),
            labels=wish.labels,
            expires_at=wish.expires_at,
            network=wish.network,
        )
        enqueued = await enqueue(
            self.session,
            args,
            created_by=caller.actor,
            targets=[Target(database.id, name) for name in names or ("",)],
            project_id=database.project_id,
            subject_id=args.subject_id(),
            host_id=database.host_id,
            request_id=current_request_id(),
            on_conflict=wish.on_conflict,
        )
        enqueued.job.warnings = cautions(database, wish.network)
        rows = new_rows(
            args, database, dict(zip(ids, names, strict=True)), created_by=caller.actor, job_id=enqueued.job.id
        )
        await self.backups.add(rows, args.location_ids)
        job_id = encode_id("job", enqueued.job.id)
        for row in rows:
            self._audit(caller, "create_backups", row, job_id=job_id)
        if not rows:
            audit(
                self.session,
                caller,
                "create_backups",
                target_type="database",
                target_id=encode_id("db", database.id),
                project_id=database.project_id,
                details={"job_id": job_id},
            )
        return rows, enqueued.job

    async def get(self, backup_id: UUID, caller: Principal, *, change: bool = False) -> Backup:
        """Raises BackupNotFound, also for a backup of a project that the caller does not cover."""
        backup = await self.backups.get(backup_id, caller.project_ids, change=change)
        if backup is None:
            raise BackupNotFound(backup_id)
        return backup

    async def copies(self, backup_id: UUID) -> list[BackupCopy]:
        return (await self.backups.copies([backup_id]))[backup_id]

    async def update(self, backup_id: UUID, wish: BackupUpdate, caller: Principal, *, if_match: str | None) -> Backup:
        """Raises PreconditionFailed, ScopeMissing for a pin, BackupStateInvalid for one that is gone or has a policy."""
        given = wish.model_fields_set
        if "pinned" in given:
            caller.require(Scope.BACKUPS_PIN)
        backup = await self.get(backup_id, caller, change=True)
        require_match(if_match, backup.revision)
        if "labels" in given:
            backup.labels = wish.labels
        if "pinned" in given:
            await self._pin(backup, wish.pinned, caller)
        if "expires_at" in given:
            if backup.policy_id is not None:
                raise BackupStateInvalid(backup.id, "kept by its policy", "given a day to expire; change the policy")
            backup.expires_at = wish.expires_at
        backup.revision += 1
        self._audit(caller, "update_backup", backup, **wish.model_dump(mode="json", include=given))
        await self.session.flush()
        return backup

    async def _pin(self, backup: Backup, pin: Pin | None, caller: Principal) -> None:
        if pin is None:
            backup.pinned_at = backup.pinned_until = backup.pin_reason = backup.pinned_by = None
            return
        if backup.state in (BackupState.DELETING, BackupState.DELETED):
            raise BackupStateInvalid(backup.id, backup.state, "pinned")
        backup.pinned_at, backup.pinned_until = await self.backups.now(), pin.until
        backup.pin_reason, backup.pinned_by = pin.reason, caller.actor

    async def delete(self, backup_id: UUID, caller: Principal, *, confirm: str) -> tuple[Backup, Job]:
        """Raises BackupStateInvalid, LastGoodBackup and what ``require_unused`` raises."""
        backup = await self.get(backup_id, caller, change=True)
        if backup.state not in DELETABLE:
            raise BackupStateInvalid(backup.id, backup.state, "deleted")
        await require_unused(self.session, backup)
        is_last = backup.state in GOOD and not await self.backups.has_other_good(backup)
        if is_last and confirm != encode_id("bak", backup.id):
            raise LastGoodBackup(backup.id)
        args = DeleteBackup(backup_id=backup.id)
        enqueued = await enqueue(
            self.session,
            args,
            created_by=caller.actor,
            project_id=backup.project_id,
            subject_id=args.subject_id(),
            request_id=current_request_id(),
            dedupe_key=f"backup.delete:{backup.id}",
        )
        await self.backups.move(backup.id, frm=DELETABLE, to=BackupState.DELETING, job_id=enqueued.job.id)
        await self.session.refresh(backup)
        self._audit(caller, "delete_backup", backup, job_id=encode_id("job", enqueued.job.id))
        return backup, enqueued.job

    async def download(self, backup_id: UUID, wish: DownloadCreate, caller: Principal) -> DownloadView:
        """A link that anyone can use until it expires. Raises BackupStateInvalid, NoGoodCopy."""
        backup = await self.get(backup_id, caller)
        if backup.state not in GOOD:
            raise BackupStateInvalid(backup.id, backup.state, "downloaded")
        manifest = await Archives(self.session).manifest(backup.id)
        stored = manifest.object(wish.object)
        if stored is None:
            raise NoGoodCopy(f"The backup has no {wish.object} object; its warnings say why.")
        location = await self._copy_location(backup, wish.location_id)
        store = await open_store(self.runtime.stores, self.runtime.key_ring, location)
        suffix = "dump" if wish.object is ObjectKind.ARCHIVE else "globals.sql"
        encrypted = stored.encryption is Encryption.AGE
        filename = f"{encode_id('bak', backup.id)}.{suffix}{'.age' if encrypted else ''}"
        expires_at = self.runtime.clock() + timedelta(seconds=wish.expires_seconds)
        url = await store.presign_get(stored.key, expires_seconds=wish.expires_seconds, filename=filename)
        self._audit(
            caller,
            "create_backup_download",
            backup,
            object=wish.object,
            location_id=encode_id("loc", location.id),
            expires_seconds=wish.expires_seconds,
        )
        return DownloadView(
            url=url,
            expires_at=expires_at,
            filename=filename,
            size_bytes=stored.size_bytes,
            sha256=stored.sha256,
            encryption=stored.encryption,
            recipients=list(manifest.recipients) if encrypted else [],
            how_to_open=_how_to_open(filename, wish.object, encrypted=encrypted),
        )

    async def _locations(
        self, database: Database, location_ids: Sequence[UUID] | None, caller: Principal
    ) -> list[Location]:
        """Held, so that none of them is deleted before the copies that refer to them are there."""
        locations = LocationRepository(self.session)
        if location_ids is None:
            default = await locations.default_of(database.project_id, hold=True)
            if default is None:
                raise LocationRequired
            return [default]
        found = []
        for location_id in location_ids:
            location = await locations.get(location_id, caller.project_ids, hold=True)
            if location is None or location.project_id != database.project_id:
                raise LocationNotFound(location_id)
            found.append(location)
        return found

    async def _copy_location(self, backup: Backup, location_id: UUID | None) -> Location:
        for location in await Archives(self.session).locations(backup.id):
            if location_id in (None, location.id):
                return location
        raise NoGoodCopy("There is no good copy of the backup there. Its copies say what became of them.")

    def _audit(self, caller: Principal, action: str, backup: Backup, **details: object) -> None:
        audit(
            self.session,
            caller,
            action,
            target_type="backup",
            target_id=encode_id("bak", backup.id),
            project_id=backup.project_id,
            details={"database_id": encode_id("db", backup.database_id), **details},
        )


def require_available(database: Database, network: Network | None) -> None:
    """Raises DatabaseStateInvalid, DatabaseUnreachable, NotSupported."""
    if database.state != DatabaseState.AVAILABLE:
        raise DatabaseStateInvalid(database.id, database.state, "backed up")
    require_way(database, network)


def new_rows(
    args: TakeBackup, database: Database, names: dict[UUID, str], *, created_by: str, job_id: UUID | None = None
) -> list[Backup]:
    return [
        Backup(
            id=backup_id,
            set_id=args.set_id,
            project_id=database.project_id,
            database_id=database.id,
            logical_database=name,
            origin=args.origin,
            encryption=args.encryption,
            options=args.options.model_dump(mode="json"),
            job_id=job_id,
            labels=args.labels,
            expires_at=args.expires_at,
            policy_id=args.policy_id,
            schedule_id=args.schedule_id,
            created_by=created_by,
        )
        for backup_id, name in names.items()
    ]


def _how_to_open(filename: str, kind: ObjectKind, *, encrypted: bool) -> str:
    reader = "pg_restore --exit-on-error --dbname=NEW_DATABASE" if kind is ObjectKind.ARCHIVE else "psql"
    if not encrypted:
        return f"{reader} {filename}" if kind is ObjectKind.ARCHIVE else f"{reader} --file={filename}"
    return (
        f"age --decrypt --identity KEY.txt {filename} | {reader}, where KEY.txt holds the age identity of one of the "
        "recipients. That of this service is printed by `pgmanager identity export`."
    )
