"""Snapshots as callers ask for them and see them, and the jobs that take, delete and restore them."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from app.auth.schemas import View
from app.auth.scopes import Scope
from app.databases.models import DatabaseState
from app.jobs.conflicts import ConflictClass
from app.jobs.contract import JobArgs
from app.jobs.enqueue import OnConflict
from app.jobs.schemas import JobView
from app.kit.ids import DatabaseId, encode_id
from app.kit.names import Name
from app.providers.railway.inventory import VolumeInstance
from app.providers.railway.prices import CostEstimate
from app.providers.railway.snapshots import Schedule, Snapshot

SnapshotId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,128}$")]
RailwayId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,128}$", description="Railway's.")]

NOT_COVERED_BY_SNAPSHOTS: Final = (
    "The volume is deleted or wiped: its snapshots go with it, after the 48 hours in which Railway can bring it back.",
    "The service's project, its account or Railway's storage in the region is lost: snapshots lie nowhere else.",
    "A server elsewhere is needed: a snapshot is restored into its own service and environment, and cannot be downloaded.",
    "An older snapshot is restored: Railway removes the newer ones.",
    "A table or one logical database is lost: a snapshot brings the whole server back, and everything in it.",
    "Damage that nobody noticed: a snapshot copies blocks, damaged ones too, and is not read until it is restored.",
    "Data takes up more than half of the volume: Railway refuses a snapshot on request.",
)
NOT_COVERED_BY_BACKUPS: Final = (
    "What was written after the last backup: between two of them there is no way back to a moment.",
    "The server's own settings (postgresql.conf, pg_hba.conf, replication slots): a backup holds databases and roles.",
    "The bucket or this service's PGM_SECRET_KEYS are lost: an encrypted backup is opened with them.",
    "It must be back within minutes: a backup is loaded and its indexes built, a snapshot is mounted.",
)


class SnapshotOrigin(StrEnum):
    REQUESTED = "requested"
    SCHEDULED = "scheduled"


class SnapshotView(View):
    """One of Railway's own copies of the volume. It tells of no state: what is in the list is complete."""

    id: RailwayId
    name: str | None
    origin: SnapshotOrigin
    created_at: datetime
    expires_at: datetime | None = Field(description="Null: it stays until it is deleted.")
    used_mb: int | None = Field(
        description="What only this snapshot holds, and is billed. Railway counts it every few hours."
    )
    referenced_mb: int | None = Field(description="What it refers to in all.")
    volume_size_mb: int | None = Field(description="Of the volume when it was taken.")

    @classmethod
    def of(cls, snapshot: Snapshot) -> Self:
        origin = SnapshotOrigin.SCHEDULED if snapshot.schedule_id else SnapshotOrigin.REQUESTED
        return cls(origin=origin, **snapshot.model_dump(exclude={"schedule_id"}))


class SnapshotVolumeView(View):
    """A volume at Railway. What is used of it is billed; one that nothing mounts is billed as well."""

    volume_id: RailwayId
    size_mb: int
    used_mb: int

    @classmethod
    def of(cls, volume: VolumeInstance) -> Self:
        return cls(volume_id=volume.volume_id, size_mb=volume.size_mb, used_mb=round(volume.used_mb))


class NotCovered(View):
    """The disasters that each of the two kinds of copies does not help against. Keep both."""

    snapshots: tuple[str, ...] = NOT_COVERED_BY_SNAPSHOTS
    backups: tuple[str, ...] = NOT_COVERED_BY_BACKUPS


class SnapshotsView(View):
    """As Railway lists them now, newest first."""

    data: list[SnapshotView]
    volume: SnapshotVolumeView
    not_covered: NotCovered


class SnapshotCreate(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    label: Name | None = Field(default=None, description="Begins its name at Railway, which is made unique.")
    on_conflict: OnConflict = OnConflict.FAIL


class SnapshotAccepted(View):
    name: str = Field(
        description="By which it is found in the list once the job has succeeded; Railway gives the id later."
    )
    volume: SnapshotVolumeView
    cost: CostEstimate
    job: JobView


class SnapshotDeletionAccepted(View):
    snapshot: SnapshotView
    job: JobView


class SnapshotScheduleEntry(View):
    kind: str = Field(examples=["daily"])
    cron: str = Field(description="In UTC. Railway chooses the hour and the minute.")
    retention_seconds: int | None = Field(description="How long Railway keeps what comes of it.")

    @classmethod
    def of(cls, schedule: Schedule) -> Self:
        return cls(kind=schedule.kind.lower(), cron=schedule.cron, retention_seconds=schedule.retention_seconds)


class Kind(StrEnum):
    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"


class SnapshotSchedulePut(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    kinds: list[Kind] = Field(max_length=3, description="All of them: those that are not given end.")


class SnapshotScheduleView(View):
    """New databases on Railway have none. What Railway has taken stays until it expires."""

    kinds: list[Kind]
    entries: list[SnapshotScheduleEntry]


class SnapshotRestore(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    safety_backup: bool | None = Field(
        default=None,
        description="A backup of every logical database first. Null: if the server can be reached and the project has a "
        "location; the plan says whether.",
    )
    delete_old_volume: bool = Field(
        default=False,
        description="Delete the volume that is replaced, and with it its snapshots. Otherwise it stays, unmounted and billed.",
    )
    force: bool = Field(
        default=False,
        description="Deploy changes, too, that others have staged in the environment. Needs the scope `railway:force`.",
    )
    on_conflict: OnConflict = OnConflict.FAIL


class SnapshotRestorePlan(View):
    snapshot: SnapshotView
    replaced_volume: SnapshotVolumeView
    safety_backup: bool
    deletes_replaced_volume: bool
    vanishing_snapshots: list[SnapshotView] = Field(description="Newer ones: Railway removes them.")
    remarks: list[str]
    cost: CostEstimate


class SnapshotRestoreAccepted(View):
    plan: SnapshotRestorePlan
    job: JobView


class _SnapshotJob(BaseModel):
    database_id: DatabaseId

    def subject_id(self) -> str | None:
        return encode_id("db", self.database_id)


class TakeSnapshot(
    _SnapshotJob,
    JobArgs,
    kind="snapshot.take",
    conflict=ConflictClass.SNAPSHOT,
    scope=Scope.BACKUPS_WRITE,
    deadline_seconds=7200,
    cancellable=False,
):
    """``name`` is one that no other snapshot has: by it the work is found again."""

    name: str


class DeleteSnapshot(
    _SnapshotJob,
    JobArgs,
    kind="snapshot.delete",
    conflict=ConflictClass.SNAPSHOT,
    scope=Scope.BACKUPS_WRITE,
    deadline_seconds=7200,
    cancellable=False,
):
    snapshot_id: SnapshotId


class RestoreSnapshot(
    _SnapshotJob, JobArgs, kind="snapshot.restore", conflict=ConflictClass.LIFECYCLE, scope=Scope.BACKUPS_RESTORE
):
    """``state_before`` is what the database returns to when nothing was replaced."""

    snapshot_id: SnapshotId
    safety_backup: bool
    delete_old_volume: bool = False
    force: bool = False
    state_before: DatabaseState

    def scopes(self) -> tuple[str, ...]:
        return (self.scope, Scope.RAILWAY_FORCE) if self.force else (self.scope,)
