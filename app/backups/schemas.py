"""Backups as callers ask for them and see them, and the jobs that make and remove them."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from app.auth.schemas import View
from app.auth.scopes import Scope
from app.databases.schemas import Network, NetworkWish
from app.errors import ProblemDocument
from app.jobs.conflicts import ConflictClass
from app.jobs.contract import JobArgs
from app.jobs.enqueue import OnConflict
from app.jobs.schemas import JobView
from app.kit.clock import Moment
from app.kit.ids import (
    BackupId,
    BackupSetId,
    DatabaseId,
    JobId,
    LocationId,
    PolicyId,
    ProjectId,
    ScheduleId,
    encode_id,
    new_id,
)
from app.kit.names import STORABLE, PostgresName
from app.locations.holdings import (
    Backup,
    BackupCopy,
    BackupState,
    CopyState,
    Encryption,
    Origin,
    Verification,
    VerificationLevel,
)
from app.locations.manifest import DumpOptions, ObjectKind, RelationName

MOST_NAMES = 1000  # they become arguments of a program
LONGEST_LINK_SECONDS = 7 * 24 * 3600  # of a signature
LINK_SECONDS = 900

Labels = Annotated[
    dict[
        Annotated[str, Field(min_length=1, max_length=63), STORABLE],
        Annotated[str, Field(max_length=255), STORABLE],
    ],
    Field(max_length=32),
]


class TableName(BaseModel):
    """An exact name, not a pattern. A partitioned table stands for all of its partitions."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_by_name=True, validate_by_alias=True)

    schema_name: PostgresName = Field(alias="schema")
    name: PostgresName

    def plain(self) -> RelationName:
        return RelationName(schema_name=self.schema_name, name=self.name)


class BackupCreate(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    logical_databases: Annotated[list[PostgresName], Field(min_length=1, max_length=100)] | None = Field(
        default=None, description="Each becomes a backup of one set. The database's default one when not given."
    )
    all_logical_databases: bool = Field(
        default=False, description="Every one that takes connections and is no template, instead of naming them."
    )
    schema_only: bool = False
    data_only: bool = False
    tables: Annotated[list[TableName], Field(max_length=MOST_NAMES)] = Field(
        default_factory=list, description="Only these. All when empty."
    )
    exclude_tables: Annotated[list[TableName], Field(max_length=MOST_NAMES)] = Field(default_factory=list)
    encryption: Encryption = Field(
        default=Encryption.AGE, description="Of the archive. Roles and their password hashes are encrypted in any case."
    )
    location_ids: Annotated[list[LocationId], Field(min_length=1, max_length=10)] | None = Field(
        default=None,
        description="The dump goes to the first that works, and is copied to the others. The project's default when not "
        "given.",
    )
    labels: Labels = Field(default_factory=dict)
    expires_at: Moment | None = Field(
        default=None, description="When it may be deleted, unless it is the newest good one then. Null: never."
    )
    network: NetworkWish = None
    on_conflict: OnConflict = OnConflict.FAIL

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.schema_only and self.data_only:
            raise ValueError("schema_only and data_only exclude each other")
        if self.all_logical_databases and self.logical_databases is not None:
            raise ValueError("name logical_databases or take all_logical_databases, not both")
        for names in (self.logical_databases or [], self.location_ids or []):
            if len(set(names)) < len(names):
                raise ValueError("a name or id is given twice")
        return self

    def options(self) -> DumpOptions:
        return DumpOptions(
            schema_only=self.schema_only,
            data_only=self.data_only,
            tables=tuple(table.plain() for table in self.tables),
            exclude_tables=tuple(table.plain() for table in self.exclude_tables),
        )


class TakeBackup(JobArgs, kind="backup.take", conflict=ConflictClass.BACKUP, scope=Scope.BACKUPS_WRITE):
    """Dumps one or several logical databases of one server as one set.

    ``backup_ids`` are rows in the state creating; when empty, the job's first step makes the rows itself, one for each of
    ``logical_databases``, or for all that the server has when that is empty too. Without ``location_ids`` they go to
    the project's default location.
    """

    database_id: DatabaseId
    set_id: BackupSetId
    origin: Origin = Origin.MANUAL
    backup_ids: tuple[BackupId, ...] = ()
    logical_databases: tuple[str, ...] = ()
    options: DumpOptions = DumpOptions()
    encryption: Encryption = Encryption.AGE
    location_ids: tuple[LocationId, ...] = ()
    labels: dict[str, str] = Field(default_factory=dict)
    expires_at: datetime | None = None
    network: Network | None = None
    policy_id: PolicyId | None = None
    schedule_id: ScheduleId | None = None

    @classmethod
    def final(cls, database_id: UUID, *, expires_at: datetime | None = None) -> Self:
        """Everything on the server, before it is deleted. To be aimed at the whole server."""
        return cls(database_id=database_id, set_id=new_id(), origin=Origin.FINAL, expires_at=expires_at)

    @classmethod
    def safety(
        cls,
        database_id: UUID,
        logical_database: str,
        *,
        expires_at: datetime | None = None,
        network: Network | None = None,
    ) -> Self:
        """One logical database, before it is replaced. To be aimed at that one. The job's result names the backup."""
        return cls(
            database_id=database_id,
            set_id=new_id(),
            origin=Origin.SAFETY,
            logical_databases=(logical_database,),
            expires_at=expires_at,
            network=network,
        )

    def subject_id(self) -> str | None:
        return encode_id("bak", self.backup_ids[0]) if len(self.backup_ids) == 1 else encode_id("set", self.set_id)

    def needs_label(self) -> bool:
        return self.network is None


class DeleteBackup(JobArgs, kind="backup.delete", conflict=None, scope=Scope.BACKUPS_WRITE, cancellable=False):
    """Removes the objects of a backup everywhere, and only then says that it is gone."""

    backup_id: BackupId

    def subject_id(self) -> str | None:
        return encode_id("bak", self.backup_id)


class CopyBackup(JobArgs, kind="backup.copy", conflict=None, scope=Scope.BACKUPS_WRITE, attempts=3):
    """Makes one copy of a good backup in one location. ``repair``: what lies there is no good and is overwritten."""

    backup_id: BackupId
    location_id: LocationId
    repair: bool = False

    def subject_id(self) -> str | None:
        return encode_id("bak", self.backup_id)


class DeleteCopy(
    JobArgs,
    kind="backup.delete_copy",
    conflict=None,
    scope=Scope.BACKUPS_WRITE,
    cancellable=False,
    deadline_seconds=30 * 86_400,
):
    """Removes the objects of one copy, however long its location is away; the last one takes the backup along."""

    backup_id: BackupId
    location_id: LocationId
    reason: str

    def subject_id(self) -> str | None:
        return encode_id("bak", self.backup_id)


class CopyView(View):
    """The presence of a backup in one location."""

    location_id: LocationId
    state: CopyState
    is_primary: bool = Field(description="The dump was streamed to it; the others are copies of its objects.")
    size_bytes: int | None
    tier: str | None = Field(description="The generation of its policy that it represents.", examples=["weekly"])
    kept_because: list[str] | None = Field(
        description="Every reason why its policy keeps it. Null: the policy has not judged it, or nothing keeps it."
    )
    is_blocked: bool = Field(
        description="Superfluous, but one of more than may be deleted at once: released by "
        "`/databases/{id}/backup-policy:release`."
    )
    error: ProblemDocument | None = Field(
        description="A problem document, when the copy failed. Its member objects_left is true when what was copied could "
        "not be removed; the location then stays in use until the backup is deleted."
    )
    job_id: JobId | None = Field(description="The job that copies or deletes it, or did so last.")
    checked_at: datetime | None = Field(description="When all of it was read and had the digests of the manifest.")
    retained_until: datetime | None = Field(
        description="In the state retained: when the store's lock ends and it is deleted. Null: a legal hold, tried daily."
    )
    lock_mode: str | None = Field(examples=["COMPLIANCE"])
    created_at: datetime
    completed_at: datetime | None

    @classmethod
    def of(cls, copy: BackupCopy) -> Self:
        return cls.model_validate(copy.model_dump(exclude={"backup_id"}))


class PinView(View):
    """Whoever pinned it wants it to stay: neither a policy nor a caller deletes it."""

    reason: str
    until: datetime | None = Field(description="Null: until somebody unpins it.")
    at: datetime
    by: str

    @classmethod
    def of(cls, backup: Backup) -> Self | None:
        if backup.pinned_at is None:
            return None
        return cls(
            reason=backup.pin_reason or "", until=backup.pinned_until, at=backup.pinned_at, by=backup.pinned_by or ""
        )


class BackupView(View):
    """One dump of one logical database."""

    id: BackupId
    set_id: BackupSetId = Field(description="Backups taken together share it.")
    project_id: ProjectId
    database_id: DatabaseId
    logical_database: str
    origin: Origin
    state: BackupState
    verification: Verification
    verification_level: VerificationLevel | None = Field(
        description="The highest level that was passed; the one that failed when `verification` is failed."
    )
    verified_at: datetime | None = Field(description="When that level was passed; null once one has failed.")
    encryption: Encryption
    options: DumpOptions
    policy_id: PolicyId | None = Field(description="Of scheduled ones.")
    schedule_id: ScheduleId | None
    pinned: PinView | None
    job_id: JobId | None
    client_version: str | None
    server_version: str | None
    compression: str | None = Field(examples=["gzip:1"])
    snapshot_at: datetime | None = Field(description="The moment whose data it holds.")
    size_bytes: int | None = Field(description="Of all its objects, as they are stored once.")
    tables: int | None = Field(description="Tables whose rows it holds.")
    rows: int | None = Field(description="Counted on the very snapshot that was dumped.")
    duration_seconds: float | None
    manifest_written_at: datetime | None
    warnings: list[str]
    error: ProblemDocument | None = Field(description="A problem document, when the backup failed.")
    labels: dict[str, str]
    copies: list[CopyView]
    created_by: str
    created_at: datetime
    expires_at: datetime | None
    deleted_at: datetime | None

    @classmethod
    def of(cls, backup: Backup, copies: list[BackupCopy]) -> Self:
        views = [CopyView.of(copy) for copy in sorted(copies, key=lambda copy: (not copy.is_primary, copy.location_id))]
        return cls.model_validate(
            backup.model_dump(exclude={"revision"}) | {"copies": views, "pinned": PinView.of(backup)}
        )


class CopyCreate(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    location_id: LocationId


class LocationForget(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    confirm: str = Field(default="", max_length=100, description="The location's id, once you know what is given up.")


class LocationForgotten(View):
    """What was given up with a location."""

    location_id: LocationId
    copies: int = Field(description="Of backups, that were there or were to be made there.")
    lost: int = Field(description="Backups that had no good copy anywhere else.")


class CopyList(View):
    data: list[CopyView]


class BackupsAccepted(BaseModel):
    """The backups as they are now, and the job that takes all of them."""

    backups: list[BackupView]
    job: JobView


class BackupAccepted(BaseModel):
    backup: BackupView
    job: JobView


class Pin(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    reason: Annotated[str, Field(min_length=1, max_length=500), STORABLE]
    until: Moment | None = Field(default=None, description="Null: until somebody unpins it.")


class BackupUpdate(BaseModel):
    """What is not given stays."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    labels: Labels = Field(default_factory=dict, description="All of them: those that are not named are removed.")
    pinned: Pin | None = Field(
        default=None, description="Keeps it from being deleted; null lets it go again. Needs the scope `backups:pin`."
    )
    expires_at: Moment | None = Field(
        default=None,
        description="When it may be deleted, unless it is the newest good one; null: never. Scheduled ones are kept by "
        "their policy and have none.",
    )


class BackupFilter(BaseModel):
    """Which backups a list shows; every given condition must hold. Deleted ones only when asked for."""

    project_id: ProjectId | None = None
    database_id: DatabaseId | None = None
    set_id: BackupSetId | None = None
    state: list[BackupState] | None = None


class DownloadCreate(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    object: ObjectKind = ObjectKind.ARCHIVE
    location_id: LocationId | None = Field(default=None, description="The first location with a good copy when null.")
    expires_seconds: int = Field(default=LINK_SECONDS, ge=1, le=LONGEST_LINK_SECONDS)


class DownloadView(View):
    """An address that works without a key until it expires: a secret."""

    url: str | None = Field(description="In this answer only; a repetition of the request does not get it again.")
    expires_at: datetime
    filename: str
    size_bytes: int
    sha256: str = Field(description="Of the downloaded file, hexadecimal.")
    encryption: Encryption
    recipients: list[str] = Field(description="The public halves of the age identities that open an encrypted file.")
    how_to_open: str
    withheld: list[str] = Field(default=[], description="Members that only the first answer carried.")
