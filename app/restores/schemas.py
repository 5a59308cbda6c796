"""Restores as callers ask for them and see them, and the jobs that make, confirm and undo them."""

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from app.auth.schemas import View
from app.auth.scopes import Scope
from app.backups.schemas import MOST_NAMES, TableName
from app.databases.schemas import DatabaseName, Network, NetworkWish
from app.errors import ProblemDocument
from app.jobs.conflicts import ConflictClass
from app.jobs.contract import JobArgs
from app.jobs.enqueue import OnConflict
from app.jobs.schemas import JobView
from app.kit.ids import BackupId, DatabaseId, EnvironmentId, JobId, ProjectId, RestoreId, encode_id
from app.kit.names import PostgresName
from app.postgres.restore import Parts
from app.restores.models import OnRows, OwnerMode, Restore, RestoreState, TargetKind
from app.restores.reports import RelationView, RestorePlanView, RestoreReport

TEMPORARY_PREFIX = "pgm_rst_"


def _database_name(name: str) -> str:
    if name.startswith(TEMPORARY_PREFIX) or name in ("template0", "template1"):
        raise ValueError(f"template0, template1 and names that begin with {TEMPORARY_PREFIX} are not for this")
    return name


def _schema_name(name: str) -> str:
    if name.startswith("pg_") or name in ("public", "information_schema"):
        raise ValueError("public, information_schema and names that begin with pg_ are not for this")
    return name


SchemaName = Annotated[PostgresName, AfterValidator(_schema_name)]
LogicalName = Annotated[PostgresName, AfterValidator(_database_name)]


class _Wish(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class IntoLogicalDatabase(_Wish):
    """A new logical database on a server that exists."""

    kind: Literal[TargetKind.LOGICAL_DATABASE]
    database_id: DatabaseId | None = Field(default=None, description="The one that was backed up when not given.")
    name: LogicalName = Field(description="Must be free on the server.")


class InPlace(_Wish):
    """Instead of the logical database that was backed up, which stays beside under another name until confirmed."""

    kind: Literal[TargetKind.IN_PLACE]


class IntoNewDatabase(_Wish):
    """A server of its own, whose default logical database is the restored one."""

    kind: Literal[TargetKind.NEW_DATABASE]
    name: DatabaseName
    environment_id: EnvironmentId | None = Field(default=None, description="That of the backed up one when not given.")
    provider: Literal["local"] = "local"
    major: int | None = Field(
        default=None,
        ge=13,
        le=18,
        description="PostgreSQL major; that of the backup, or the next one here, by default.",
    )


class _Existing(_Wish):
    """A logical database that others use meanwhile."""

    database_id: DatabaseId | None = Field(default=None, description="The one that was backed up when not given.")
    logical_database: PostgresName | None = Field(
        default=None, description="The one that was backed up when not given. Must exist."
    )


class IntoTables(_Existing):
    """Selected tables, with what they need, into a new schema. Nothing outside that schema is touched."""

    kind: Literal[TargetKind.TABLES]
    into_schema: SchemaName | None = Field(
        default=None, description="Must be free in the logical database. `restored_` and an id when not given."
    )


class IntoRows(_Existing):
    """Rows alone, into tables that are there, all in one transaction. Goes with parts `data`."""

    kind: Literal[TargetKind.ROWS]
    on_rows: OnRows = Field(
        default=OnRows.REFUSE, description="Of tables that hold rows already. Nothing is ever emptied for you."
    )


RestoreTarget = Annotated[
    IntoLogicalDatabase | InPlace | IntoNewDatabase | IntoTables | IntoRows, Field(discriminator="kind")
]


class RestoreOptions(_Wish):
    target: RestoreTarget
    parts: Parts = Field(
        default=Parts.ALL, description="`schema` leaves every table empty; `data` goes with the target `rows` alone."
    )
    tables: Annotated[list[TableName], Field(min_length=1, max_length=MOST_NAMES)] | None = Field(
        default=None,
        description="Only these, and what they need. A partitioned table stands for all of its partitions.",
    )
    owner_mode: OwnerMode = Field(
        default=OwnerMode.KEEP,
        description="`keep` creates missing roles without a login; `strip` gives everything to our login and drops "
        "grants; `map` gives to other owners as `role_map` says, the rest as `strip`.",
    )
    role_map: Annotated[dict[PostgresName, PostgresName], Field(max_length=1000)] = Field(default_factory=dict)
    safety_backup: bool = Field(default=True, description="In place: back up what is replaced first.")
    network: NetworkWish = None
    on_conflict: OnConflict = OnConflict.FAIL

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if (self.owner_mode is OwnerMode.MAP) != bool(self.role_map):
            raise ValueError("role_map goes with owner_mode map, and with no other")
        if self.network is not None and isinstance(self.target, IntoNewDatabase):
            raise ValueError("network is about a server that exists, not a new one")
        if isinstance(self.target, IntoTables) and self.tables is None:
            raise ValueError("name the tables for the target tables")
        if isinstance(self.target, InPlace) and self.tables is not None:
            raise ValueError("a database is replaced as a whole: restore tables beside it, or into a new one")
        return self


class RestoreCreate(RestoreOptions):
    backup_id: BackupId


class _RestoreJob(BaseModel):
    restore_id: RestoreId
    network: Network | None = None

    def subject_id(self) -> str | None:
        return encode_id("rst", self.restore_id)

    def needs_label(self) -> bool:
        return self.network is None


class RestoreBackup(
    _RestoreJob, JobArgs, kind="restore.run", conflict=ConflictClass.RESTORE, scope=Scope.BACKUPS_RESTORE
):
    """Into a logical database that does not exist yet. To be aimed at that one."""


class RestoreTables(
    _RestoreJob, JobArgs, kind="restore.tables", conflict=ConflictClass.RESTORE, scope=Scope.BACKUPS_RESTORE
):
    """Selected tables into a new schema of a logical database that others use. To be aimed at that one."""


class RestoreRows(
    _RestoreJob, JobArgs, kind="restore.rows", conflict=ConflictClass.RESTORE, scope=Scope.BACKUPS_RESTORE
):
    """Rows into tables that are there. To be aimed at their logical database."""


class ReplaceDatabase(
    _RestoreJob, JobArgs, kind="restore.in_place", conflict=ConflictClass.LIFECYCLE, scope=Scope.BACKUPS_RESTORE
):
    """Instead of a logical database."""

    safety_backup: bool = True


class ConfirmRestore(
    _RestoreJob,
    JobArgs,
    kind="restore.confirm",
    conflict=ConflictClass.RESTORE,
    scope=Scope.BACKUPS_RESTORE,
    cancellable=False,
):
    """Drops what a restore in place, or its undoing, put aside. To be aimed at that."""


class UndoRestore(
    _RestoreJob,
    JobArgs,
    kind="restore.undo",
    conflict=ConflictClass.LIFECYCLE,
    scope=Scope.BACKUPS_RESTORE,
    cancellable=False,
):
    """Gives the replaced database its name back, and puts the restored one aside."""


class Written(BaseModel):
    """Counters of the server; a later reading minus this one is what was written in between."""

    inserted: int
    updated: int
    deleted: int
    reset: str | None


class Placed(BaseModel):
    """A change of names: app.postgres.swap.Swap, and what was written to the incoming database until then."""

    name: str
    incoming: int
    beside: str
    outgoing: int
    aside: str
    written: Written | None = None


class RestoreSummary(View):
    """One restore, without the report's tables."""

    id: RestoreId
    project_id: ProjectId
    backup_id: BackupId
    state: RestoreState
    target_kind: TargetKind
    database_id: DatabaseId
    logical_database: str
    parts: Parts
    tables: list[RelationView] | None
    into_schema: str | None = Field(description="Where selected tables are restored to, in the logical database.")
    on_rows: OnRows | None
    owner_mode: OwnerMode
    role_map: dict[str, str]
    equal: bool | None = Field(description="Whether all counts met the manifest; null until they were compared.")
    previous_database: str | None = Field(
        description="What stands beside after a restore in place: the replaced database, or the restored one once undone. "
        "`:confirm` drops it."
    )
    safety_backup_id: BackupId | None
    job_id: JobId | None
    error: ProblemDocument | None = Field(description="A problem document, when the restore failed.")
    created_by: str
    created_at: datetime
    finished_at: datetime | None
    confirmed_at: datetime | None

    @classmethod
    def of(cls, restore: Restore) -> Self:
        equal = restore.report["equal"] if restore.report else None
        return cls.model_validate({**restore.model_dump(), "equal": equal})


class RestoreView(RestoreSummary):
    """One restore."""

    report: RestoreReport | None


class RestoreAccepted(View):
    restore: RestoreView
    job: JobView
    plan: RestorePlanView | None = Field(default=None, description="Of a dry run.")


class RestoreFilter(BaseModel):
    """Which restores a list shows; every given condition must hold."""

    project_id: ProjectId | None = None
    database_id: DatabaseId | None = None
    backup_id: BackupId | None = None
    state: list[RestoreState] | None = None
