"""/v1/databases/{id}/snapshots and /snapshot-schedule. Railway is asked first, without a session, then comes a short write."""

from collections.abc import Sequence
from typing import Annotated, Final

from fastapi import APIRouter, Body, Query, Response

from app.auth.dependencies import LaterWrite, LaterWriteDep, OptionalLaterWriteDep, RuntimeDep, requires_detached
from app.auth.errors import IdempotencyInFlight, IdempotencyMismatch, ScopeMissing
from app.auth.principal import Principal
from app.auth.responses import raises
from app.auth.scopes import Scope
from app.databases.errors import DatabaseNotFound, DatabaseStateInvalid
from app.databases.places import Site, visible_site
from app.jobs.errors import JobConflict
from app.jobs.models import Job
from app.jobs.schemas import JobView
from app.kit.ids import DatabaseId
from app.providers.protocol import NotSupported
from app.providers.railway import patches
from app.providers.railway import snapshots as railway
from app.providers.railway.errors import (
    RailwayForbidden,
    RailwayRateLimited,
    RailwayTokenInvalid,
    RailwayTokenKindWrong,
    RailwayUnavailable,
)
from app.providers.railway.patches import StagedChangesForeign
from app.providers.railway.prices import CostEstimate, Priced, estimate
from app.providers.railway.snapshots import Schedule, ScheduleKind, Snapshot
from app.runtime import Runtime
from app.snapshots.errors import (
    ClusterNotRestorable,
    ConfirmationMissing,
    SafetyBackupImpossible,
    ScheduleNotKept,
    SnapshotNotFound,
    VolumeMissing,
    VolumeTooFull,
)
from app.snapshots.room import require_room
from app.snapshots.scheduling import lock, put_schedule
from app.snapshots.schemas import (
    Kind,
    NotCovered,
    SnapshotAccepted,
    SnapshotCreate,
    SnapshotDeletionAccepted,
    SnapshotId,
    SnapshotRestore,
    SnapshotRestoreAccepted,
    SnapshotRestorePlan,
    SnapshotScheduleEntry,
    SnapshotSchedulePut,
    SnapshotScheduleView,
    SnapshotsView,
    SnapshotView,
    SnapshotVolumeView,
)
from app.snapshots.service import SnapshotService, newer_than
from app.snapshots.volumes import Mounted, mounted

router = APIRouter(prefix="/databases/{database_id}", tags=["snapshots"])

Reader = Annotated[Principal, requires_detached(Scope.BACKUPS_READ)]
Writer = Annotated[Principal, requires_detached(Scope.BACKUPS_WRITE)]
Restorer = Annotated[Principal, requires_detached(Scope.BACKUPS_RESTORE)]

_ACTION: Final = "copied as snapshots of its volume"
_MB_OF_GB: Final = 1000
_ASKING: Final = (
    DatabaseNotFound,
    DatabaseStateInvalid,
    NotSupported,
    VolumeMissing,
    RailwayTokenInvalid,
    RailwayRateLimited,
    RailwayUnavailable,
)
_CHANGING: Final = (*_ASKING, RailwayForbidden, RailwayTokenKindWrong)
_ONCE: Final = (IdempotencyInFlight, IdempotencyMismatch)


@router.get("/snapshots", responses=raises(*_ASKING))
async def list_snapshots(database_id: DatabaseId, caller: Reader, runtime: RuntimeDep) -> SnapshotsView:
    """Railway's own copies of the volume, as it lists them now, and what neither they nor our backups help against.

    They are taken in seconds and restored in minutes, in the same place; backups lie elsewhere, are counted, and go
    anywhere. Keep both.
    """
    at = await mounted(await visible_site(runtime, database_id, caller, _ACTION))
    return SnapshotsView(
        data=[SnapshotView.of(one) for one in await at.snapshots()],
        volume=SnapshotVolumeView.of(at.volume),
        not_covered=NotCovered(),
    )


@router.post("/snapshots", status_code=202, responses=raises(*_CHANGING, VolumeTooFull, JobConflict))
async def create_snapshot(
    database_id: DatabaseId,
    wish: Annotated[SnapshotCreate, Body(default_factory=SnapshotCreate)],
    caller: Writer,
    runtime: RuntimeDep,
    later: LaterWriteDep,
    response: Response,
) -> SnapshotAccepted:
    """Has Railway copy the volume. Refused while more than half of the volume is used, since Railway would refuse it."""
    at = await mounted(await _site(runtime, database_id, caller, later))
    require_room(at.volume, database_id)
    async with later.begin() as (session, once):
        name, job = await SnapshotService(session).take(database_id, wish, caller)
        note = "At most, and at first nothing: only blocks that the volume no longer shares with it are billed."
        cost = _cost(Priced.BACKUP, at.volume.used_mb, note)
        view = SnapshotAccepted(
            name=name, volume=SnapshotVolumeView.of(at.volume), cost=cost, job=_accepted(job, response)
        )
        return once.keep(view, response)


@router.post("/snapshots/{snapshot_id}:lock", responses=raises(*_CHANGING, SnapshotNotFound, *_ONCE))
async def lock_snapshot(
    database_id: DatabaseId,
    snapshot_id: SnapshotId,
    caller: Writer,
    runtime: RuntimeDep,
    later: OptionalLaterWriteDep,
    response: Response,
) -> SnapshotView:
    """Takes its expiry away. One way: nothing gives it back, and it stays, and is billed, until it is deleted."""
    site = await _site(runtime, database_id, caller, later)
    at = await mounted(site)
    snapshot = await at.snapshot(snapshot_id) if later.is_dry_run else await lock(runtime, at, snapshot_id)
    async with later.begin() as (session, once):
        SnapshotService(session).record(caller, "lock_snapshot", site.database, snapshot_id=snapshot_id)
        return once.keep(SnapshotView.of(snapshot), response)


@router.delete(
    "/snapshots/{snapshot_id}", status_code=202, responses=raises(*_CHANGING, SnapshotNotFound, JobConflict, *_ONCE)
)
async def delete_snapshot(
    database_id: DatabaseId,
    snapshot_id: SnapshotId,
    caller: Writer,
    runtime: RuntimeDep,
    later: OptionalLaterWriteDep,
    response: Response,
) -> SnapshotDeletionAccepted:
    """Deletes it at Railway. There is no way back."""
    at = await mounted(await _site(runtime, database_id, caller, later))
    snapshot = await at.snapshot(snapshot_id)
    async with later.begin() as (session, once):
        job = await SnapshotService(session).delete(database_id, snapshot_id, caller)
        view = SnapshotDeletionAccepted(snapshot=SnapshotView.of(snapshot), job=_accepted(job, response))
        return once.keep(view, response)


@router.get("/snapshot-schedule", responses=raises(*_ASKING))
async def get_snapshot_schedule(database_id: DatabaseId, caller: Reader, runtime: RuntimeDep) -> SnapshotScheduleView:
    """When Railway takes snapshots by itself, and how long it keeps them, as it tells both."""
    at = await mounted(await visible_site(runtime, database_id, caller, _ACTION))
    return _schedule(await railway.schedules(at.client, at.volume.id))


@router.put("/snapshot-schedule", responses=raises(*_CHANGING, ScheduleNotKept, *_ONCE))
async def put_snapshot_schedule(
    database_id: DatabaseId,
    wish: SnapshotSchedulePut,
    caller: Writer,
    runtime: RuntimeDep,
    later: OptionalLaterWriteDep,
    response: Response,
) -> SnapshotScheduleView:
    """Replaces the kinds. The hour and the retention are Railway's; for others of your own, schedule backups."""
    site = await _site(runtime, database_id, caller, later)
    at = await mounted(site)
    kinds = {ScheduleKind(kind.upper()) for kind in wish.kinds}
    if later.is_dry_run:
        found = await railway.schedules(at.client, at.volume.id)
    else:
        found = await put_schedule(runtime, at, kinds)
    async with later.begin() as (session, once):
        shown = sorted(kind.lower() for kind in kinds)
        SnapshotService(session).record(caller, "put_snapshot_schedule", site.database, kinds=shown)
        return once.keep(_schedule(found), response)


@router.post(
    "/snapshots/{snapshot_id}:restore",
    status_code=202,
    responses=raises(
        *_CHANGING,
        SnapshotNotFound,
        ClusterNotRestorable,
        StagedChangesForeign,
        ConfirmationMissing,
        SafetyBackupImpossible,
        ScopeMissing,
        JobConflict,
    ),
)
async def restore_snapshot(
    database_id: DatabaseId,
    snapshot_id: SnapshotId,
    wish: Annotated[SnapshotRestore, Body(default_factory=SnapshotRestore)],
    caller: Restorer,
    runtime: RuntimeDep,
    later: LaterWriteDep,
    response: Response,
    confirm: Annotated[str, Query(description="The database's name, to say that you mean it.")] = "",
) -> SnapshotRestoreAccepted:
    """Puts the whole server back to the snapshot, by a new volume in place of the present one, which stays by default.

    `dry_run=true` tells what would happen: the newer snapshots that vanish, the backup that is taken first, the costs.
    """
    at = await mounted(await _site(runtime, database_id, caller, later), config=True)
    at.require_standalone()
    found = await at.snapshots()
    snapshot = await at.snapshot(snapshot_id)
    waiting = await patches.staged(at.client, at.place.environment_id)
    patches.require_own(waiting, [], force=wish.force)
    said = None if later.is_dry_run else confirm
    async with later.begin() as (session, once):
        job, remark = await SnapshotService(session).restore(database_id, snapshot_id, wish, caller, confirm=said)
        plan = _plan(at, snapshot, newer_than(snapshot, found), wish, remark, is_backed_up=job.args["safety_backup"])
        return once.keep(SnapshotRestoreAccepted(plan=plan, job=_accepted(job, response)), response)


async def _site(runtime: Runtime, database_id: DatabaseId, caller: Principal, later: LaterWrite) -> Site:
    async with later.begin():  # a repetition ends here, whatever became of the database
        pass
    return await visible_site(runtime, database_id, caller, _ACTION)


def _plan(
    at: Mounted,
    snapshot: Snapshot,
    vanishing: Sequence[Snapshot],
    wish: SnapshotRestore,
    remark: str,
    *,
    is_backed_up: bool,
) -> SnapshotRestorePlan:
    kept = "It stays beside, mounted by nothing, until you delete it."
    return SnapshotRestorePlan(
        snapshot=SnapshotView.of(snapshot),
        replaced_volume=SnapshotVolumeView.of(at.volume),
        safety_backup=is_backed_up,
        deletes_replaced_volume=wish.delete_old_volume,
        vanishing_snapshots=[SnapshotView.of(one) for one in vanishing],
        remarks=[
            remark,
            "What was written since the snapshot is gone from the database, and every logical database in it is put back.",
            "The service is deployed anew on the restored volume: it is down until the server has recovered.",
            "Passwords and roles are those of the snapshot; ours is of use only if it has not changed since.",
            f"Railway removes {len(vanishing)} newer snapshots; the others stay with the present volume.",
            "The present volume is deleted with its snapshots; Railway can bring it back for 48 hours."
            if wish.delete_old_volume
            else f"The present volume is kept. {kept}",
            "Schedules belong to a volume: the kinds of the present one are set for the restored one as well.",
            "Until the change of volumes is committed, whoever presses Deploy in Railway's dashboard commits it.",
        ],
        cost=_cost(
            Priced.VOLUME, 0 if wish.delete_old_volume else at.volume.used_mb, f"What the replaced volume holds. {kept}"
        ),
    )


def _schedule(found: Sequence[Schedule]) -> SnapshotScheduleView:
    known = {kind.value for kind in Kind}
    entries = [SnapshotScheduleEntry.of(entry) for entry in found]
    return SnapshotScheduleView(kinds=[Kind(one.kind) for one in entries if one.kind in known], entries=entries)


def _cost(what: Priced, megabytes: float, note: str) -> CostEstimate:
    return estimate({what: megabytes / _MB_OF_GB}, {what: note})


def _accepted(job: Job, response: Response) -> JobView:
    view = JobView.of(job)
    response.headers["Location"] = view.links["self"]
    response.headers["Retry-After"] = "1"
    return view
