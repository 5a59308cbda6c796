"""What callers may do with restores: start, look up, confirm, undo."""

from dataclasses import dataclass
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from app.auth.audit import audit, current_request_id
from app.auth.principal import Principal
from app.auth.scopes import Scope
from app.databases.access import require_way, target_of, tls_of, visible_database
from app.databases.errors import DatabaseStateInvalid
from app.databases.models import Database, DatabaseState
from app.databases.openings import cautions
from app.databases.reach import is_reached_from_here
from app.databases.schemas import Network
from app.errors import Problem
from app.jobs.contract import JobArgs
from app.jobs.enqueue import OnConflict, Target, enqueue
from app.jobs.models import Job
from app.kit.ids import encode_id, new_id
from app.locations.archives import RESTORABLE, Archives
from app.locations.holdings import Backup
from app.locations.identity import identities
from app.locations.manifest import Manifest
from app.locations.repository import LocationRepository
from app.postgres.archive import TablesNotInArchive
from app.postgres.toolchain import Toolchain
from app.restores.errors import (
    BackupNotFound,
    BackupNotRestorable,
    CopyMissing,
    ProjectMismatch,
    RestoreNotFound,
    RestoreStateInvalid,
    SafetyBackupImpossible,
)
from app.restores.models import Restore, RestoreState, TargetKind
from app.restores.newdatabase import new_database
from app.restores.planning import Reading, client_for, require_fitting
from app.restores.preview import Asked, plan_of
from app.restores.reports import RestorePlanView
from app.restores.repository import RestoreRepository
from app.restores.schemas import (
    ConfirmRestore,
    InPlace,
    IntoLogicalDatabase,
    IntoNewDatabase,
    IntoRows,
    IntoTables,
    ReplaceDatabase,
    RestoreBackup,
    RestoreCreate,
    RestoreRows,
    RestoreTables,
    UndoRestore,
)
from app.restores.surveying import first_obstacle
from app.runtime import Runtime


@dataclass(frozen=True, slots=True)
class RestoreService:
    session: AsyncSession
    runtime: Runtime

    async def start(self, wish: RestoreCreate, caller: Principal, refusal: Problem | None) -> tuple[Restore, Job]:
        """Everything that can be known to fail is a refusal here and no failed job; ``refusal`` is that of the server."""
        backup, manifest = await _backup(self.session, wish, caller)
        target = wish.target
        if isinstance(target, IntoNewDatabase):
            caller.require(Scope.DATABASES_WRITE)
            restore, database = await self._into_new(wish, target, backup, manifest, caller)
        else:
            database = await _existing(
                self.session,
                self.runtime.toolchain,
                target,
                backup=backup,
                manifest=manifest,
                caller=caller,
                network=wish.network,
            )
            restore = _row(wish, backup, database, caller)
        if isinstance(target, InPlace) and wish.safety_backup:
            default = await LocationRepository(self.session).default_of(database.project_id)
            if default is None:
                raise SafetyBackupImpossible("the project has no default location to keep it in")
        if refusal is not None:
            raise refusal
        args, subject = _args(wish, restore.id), restore.logical_database
        if isinstance(target, InPlace):
            subject = ""
        job = await self._enqueue(
            args, restore, database, caller, subject=subject, on_conflict=wish.on_conflict, network=wish.network
        )
        restore.job_id = job.id
        await RestoreRepository(self.session).add(restore)
        self._audit(
            caller,
            "create_restore",
            restore,
            job,
            backup_id=encode_id("bak", backup.id),
            target_kind=restore.target_kind,
            logical_database=restore.logical_database,
        )
        return restore, job

    async def get(self, restore_id: UUID, caller: Principal, *, change: bool = False) -> Restore:
        """Raises RestoreNotFound, also for a restore of a project that the caller does not cover."""
        restore = await RestoreRepository(self.session).get(restore_id, caller.project_ids, change=change)
        if restore is None:
            raise RestoreNotFound(restore_id)
        return restore

    async def confirm(self, restore_id: UUID, caller: Principal, network: Network | None) -> tuple[Restore, Job]:
        """Raises RestoreStateInvalid, DatabaseUnreachable, JobConflict."""
        restore = await self.get(restore_id, caller, change=True)
        if restore.state not in (RestoreState.RESTORED, RestoreState.UNDONE) or restore.previous_database is None:
            raise RestoreStateInvalid(restore.id, restore.state, "confirmed")
        args = ConfirmRestore(restore_id=restore.id, network=network)
        return await self._settle("confirm_restore", args, restore, caller, subject=restore.previous_database)

    async def undo(self, restore_id: UUID, caller: Principal, network: Network | None) -> tuple[Restore, Job]:
        """Raises RestoreStateInvalid, DatabaseUnreachable, JobConflict."""
        restore = await self.get(restore_id, caller, change=True)
        if restore.state != RestoreState.RESTORED or restore.previous_database is None:
            raise RestoreStateInvalid(restore.id, restore.state, "undone")
        args = UndoRestore(restore_id=restore.id, network=network)
        return await self._settle("undo_restore", args, restore, caller, subject="")

    async def _into_new(
        self, wish: RestoreCreate, target: IntoNewDatabase, backup: Backup, manifest: Manifest, caller: Principal
    ) -> tuple[Restore, Database]:
        """The row of the new database, too; its server is made by a job that the restore starts."""
        database = await new_database(
            self.session, self.runtime, target, backup=backup, manifest=manifest, caller=caller
        )
        return _row(wish, backup, database, caller), database

    async def _settle(
        self, action: str, args: ConfirmRestore | UndoRestore, restore: Restore, caller: Principal, *, subject: str
    ) -> tuple[Restore, Job]:
        database = await visible_database(self.session, restore.database_id, caller)
        require_way(database, args.network)
        job = await self._enqueue(
            args, restore, database, caller, subject=subject, on_conflict=OnConflict.FAIL, network=args.network
        )
        self._audit(caller, action, restore, job, previous_database=restore.previous_database)
        return restore, job

    async def _enqueue(
        self,
        args: JobArgs,
        restore: Restore,
        database: Database,
        caller: Principal,
        *,
        subject: str,
        on_conflict: OnConflict,
        network: Network | None,
    ) -> Job:
        enqueued = await enqueue(
            self.session,
            args,
            created_by=caller.actor,
            targets=[Target(database.id, subject)],
            project_id=restore.project_id,
            subject_id=args.subject_id(),
            host_id=database.host_id,
            request_id=current_request_id(),
            on_conflict=on_conflict,
        )
        enqueued.job.warnings = cautions(database, network)
        return enqueued.job

    def _audit(self, caller: Principal, action: str, restore: Restore, job: Job, **details: object) -> None:
        audit(
            self.session,
            caller,
            action,
            target_type="restore",
            target_id=encode_id("rst", restore.id),
            project_id=restore.project_id,
            details={
                "database_id": encode_id("db", restore.database_id),
                "job_id": encode_id("job", job.id),
                **details,
            },
        )


@dataclass(frozen=True, slots=True)
class Look:
    """What the store and the target server have against it; of a dry run the plan, which tells that as well."""

    refusal: Problem | None = None
    plan: RestorePlanView | None = None


async def look(runtime: Runtime, wish: RestoreCreate, caller: Principal, *, dry_run: bool) -> Look:
    """Asked without holding a session of ours. Everything that our own tables tell is left to ``RestoreService.start``,
    which says it better.
    """
    try:
        asked = await _asked(runtime, wish, caller)
        if dry_run:
            return Look(plan=await plan_of(runtime, asked))
        return Look(await first_obstacle(runtime, asked.target, asked.restore, asked.reading))
    except TablesNotInArchive as problem:
        return Look(problem)
    except Problem:
        return Look()


async def _asked(runtime: Runtime, wish: RestoreCreate, caller: Principal) -> Asked:
    async with runtime.sessions() as session:
        backup, manifest = await _backup(session, wish, caller)
        reading = Reading(
            manifest, await Archives(session).locations(backup.id), await identities(session, runtime.key_ring)
        )
        if isinstance(wish.target, IntoNewDatabase):
            database = await new_database(
                session, runtime, wish.target, backup=backup, manifest=manifest, caller=caller
            )
            return Asked(_row(wish, backup, database, caller), reading, database, None)
        database = await _existing(
            session,
            runtime.toolchain,
            wish.target,
            backup=backup,
            manifest=manifest,
            caller=caller,
            network=wish.network,
        )
        is_reached = is_reached_from_here(database, runtime)
        target = target_of(database, runtime.key_ring) if is_reached else None
        return Asked(_row(wish, backup, database, caller), reading, database, target)


async def _backup(session: AsyncSession, wish: RestoreCreate, caller: Principal) -> tuple[Backup, Manifest]:
    """Held, so that it is not deleted before the restore that reads it is there."""
    archives = Archives(session)
    backup = await archives.get(wish.backup_id, caller.project_ids, hold=True)
    if backup is None:
        raise BackupNotFound(wish.backup_id)
    if backup.state not in RESTORABLE:
        raise BackupNotRestorable(backup.id, backup.state)
    if not await archives.locations(backup.id):
        raise CopyMissing(backup.id)
    manifest = await archives.manifest(backup.id)
    require_fitting(manifest, wish.target.kind, wish.parts)
    return backup, manifest


async def _existing(
    session: AsyncSession,
    toolchain: Toolchain,
    target: IntoLogicalDatabase | InPlace | IntoTables | IntoRows,
    *,
    backup: Backup,
    manifest: Manifest,
    caller: Principal,
    network: Network | None,
) -> Database:
    named = None if isinstance(target, InPlace) else target.database_id
    database = await visible_database(session, named or backup.database_id, caller)
    if database.project_id != backup.project_id:
        raise ProjectMismatch
    if database.state != DatabaseState.AVAILABLE:
        raise DatabaseStateInvalid(database.id, database.state, "restored into")
    require_way(database, network)
    # What nobody has logged in to yet tells its version to the job.
    if database.server_major is not None:
        client_for(toolchain, manifest, database.server_major, tls_of(database))
    return database


def _args(wish: RestoreCreate, restore_id: UUID) -> JobArgs:
    match wish.target:
        case InPlace():
            return ReplaceDatabase(restore_id=restore_id, safety_backup=wish.safety_backup, network=wish.network)
        case IntoTables():
            return RestoreTables(restore_id=restore_id, network=wish.network)
        case IntoRows():
            return RestoreRows(restore_id=restore_id, network=wish.network)
        case _:
            return RestoreBackup(restore_id=restore_id, network=wish.network)


def _row(wish: RestoreCreate, backup: Backup, database: Database, caller: Principal) -> Restore:
    target, restore_id, name = wish.target, new_id(), backup.logical_database
    if isinstance(target, IntoLogicalDatabase):
        name = target.name
    elif isinstance(target, IntoTables | IntoRows):
        name = target.logical_database or name
    into_schema = None
    if isinstance(target, IntoTables):
        into_schema = target.into_schema or f"restored_{restore_id.hex[-8:]}"
    return Restore(
        id=restore_id,
        project_id=database.project_id,
        backup_id=backup.id,
        target_kind=TargetKind(target.kind),
        database_id=database.id,
        logical_database=name,
        parts=wish.parts,
        tables=None
        if wish.tables is None
        else [{"schema": table.schema_name, "name": table.name} for table in wish.tables],
        into_schema=into_schema,
        on_rows=target.on_rows if isinstance(target, IntoRows) else None,
        owner_mode=wish.owner_mode,
        role_map=dict(wish.role_map),
        created_by=caller.actor,
    )
