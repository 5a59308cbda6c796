"""What callers may have done with snapshots, after Railway was asked and in one short write."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from app.auth.audit import audit, current_request_id
from app.auth.principal import Principal
from app.auth.scopes import Scope
from app.databases.access import visible_database
from app.databases.errors import DatabaseStateInvalid
from app.databases.models import Database, DatabaseState
from app.databases.reach import Reach
from app.databases.repository import DatabaseRepository
from app.jobs.contract import JobArgs
from app.jobs.enqueue import OnConflict, Target, enqueue
from app.jobs.models import Job
from app.kit.ids import encode_id, new_id
from app.locations.repository import LocationRepository
from app.providers.railway.snapshots import Snapshot
from app.snapshots.errors import ConfirmationMissing, SafetyBackupImpossible
from app.snapshots.schemas import DeleteSnapshot, RestoreSnapshot, SnapshotCreate, SnapshotRestore, TakeSnapshot

RESTORABLE: Final = frozenset({DatabaseState.AVAILABLE, DatabaseState.UNREACHABLE})


@dataclass(frozen=True, slots=True)
class SnapshotService:
    session: AsyncSession

    async def take(self, database_id: UUID, wish: SnapshotCreate, caller: Principal) -> tuple[str, Job]:
        """The name that it will have, and the job. Raises JobConflict."""
        database = await visible_database(self.session, database_id, caller)
        name = f"{wish.label or 'requested'} {encode_id('snp', new_id())}"
        args = TakeSnapshot(database_id=database.id, name=name)
        job = await self._start(args, database, caller, on_conflict=wish.on_conflict)
        self.record(caller, "create_snapshot", database, job=job, name=name)
        return name, job

    async def delete(self, database_id: UUID, snapshot_id: str, caller: Principal) -> Job:
        """Raises JobConflict."""
        database = await visible_database(self.session, database_id, caller)
        args = DeleteSnapshot(database_id=database.id, snapshot_id=snapshot_id)
        job = await self._start(args, database, caller)
        self.record(caller, "delete_snapshot", database, job=job, snapshot_id=snapshot_id)
        return job

    async def restore(
        self, database_id: UUID, snapshot_id: str, wish: SnapshotRestore, caller: Principal, *, confirm: str | None
    ) -> tuple[Job, str]:
        """The job, and what is said of the safety backup. A dry run needs no confirmation: None.

        Raises ConfirmationMissing, DatabaseStateInvalid, SafetyBackupImpossible, ScopeMissing, JobConflict.
        """
        database = await visible_database(self.session, database_id, caller)
        if wish.force:
            caller.require(Scope.RAILWAY_FORCE)
        if confirm is not None and confirm != database.name:
            raise ConfirmationMissing(database.name)
        is_backed_up, remark = await self._safety(database, wish=wish.safety_backup)
        before = DatabaseState(database.state)
        args = RestoreSnapshot(
            database_id=database.id,
            snapshot_id=snapshot_id,
            safety_backup=is_backed_up,
            delete_old_volume=wish.delete_old_volume,
            force=wish.force,
            state_before=before,
        )
        job = await self._start(args, database, caller, on_conflict=wish.on_conflict)
        if not await DatabaseRepository(self.session).move(database.id, frm=RESTORABLE, to=DatabaseState.RESTORING):
            raise DatabaseStateInvalid(database.id, before, "restored")
        self.record(caller, "restore_snapshot", database, job=job, snapshot_id=snapshot_id)
        return job, remark

    def record(
        self, caller: Principal, action: str, database: Database, *, job: Job | None = None, **details: object
    ) -> None:
        audit(
            self.session,
            caller,
            action,
            target_type="database",
            target_id=encode_id("db", database.id),
            project_id=database.project_id,
            details={**details, **({"job_id": encode_id("job", job.id)} if job else {})},
        )

    async def _safety(self, database: Database, *, wish: bool | None) -> tuple[bool, str]:
        """Whether there will be a backup first, and why. A server that does not answer cannot be dumped."""
        obstacle = None
        if database.state != DatabaseState.AVAILABLE:
            obstacle = f"the database is {database.state}"
        elif database.reach == Reach.NONE:
            obstacle = "nothing of this installation reaches its server"
        elif await LocationRepository(self.session).default_of(database.project_id) is None:
            obstacle = "the project has no default location to keep it in"
        if wish is False:
            return False, "No backup is taken first, as you wished."
        if obstacle is None:
            return True, "Every logical database is backed up first; nothing is replaced before that has succeeded."
        if wish:
            raise SafetyBackupImpossible(obstacle)
        return False, f"No backup is taken first: {obstacle}."

    async def _start(
        self, args: JobArgs, database: Database, caller: Principal, *, on_conflict: OnConflict = OnConflict.FAIL
    ) -> Job:
        enqueued = await enqueue(
            self.session,
            args,
            created_by=caller.actor,
            targets=[Target(database.id)],
            project_id=database.project_id,
            subject_id=args.subject_id(),
            request_id=current_request_id(),
            on_conflict=on_conflict,
        )
        return enqueued.job


def newer_than(snapshot: Snapshot, found: Sequence[Snapshot]) -> list[Snapshot]:
    """What Railway removes when ``snapshot`` is restored."""
    return [one for one in found if one.created_at > snapshot.created_at]
