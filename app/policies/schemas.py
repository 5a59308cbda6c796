"""Policies as callers write and see them, what they would do, and the jobs that carry them out."""

from datetime import UTC, datetime
from enum import StrEnum
from itertools import pairwise
from typing import Annotated, Final, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from app.auth.schemas import View
from app.auth.scopes import Scope
from app.backups.schemas import MOST_NAMES, TableName
from app.databases.models import DatabaseState
from app.jobs.contract import JobArgs
from app.jobs.models import CatchUp
from app.jobs.schemas import JobView
from app.kit.cron import Cron
from app.kit.ids import (
    BackupId,
    DatabaseId,
    EnvironmentId,
    LocationId,
    PolicyId,
    ProjectId,
    ScheduleId,
    encode_id,
)
from app.kit.names import PostgresName
from app.locations.holdings import Encryption, VerificationLevel
from app.locations.manifest import DumpOptions

LEAST_GAP_SECONDS: Final = 300
MOST_SCHEDULES: Final = 10
NEXT_RUNS: Final = 5
_SLOTS_LOOKED_AT: Final = 300
_SOME_DAY: Final = datetime(2026, 1, 1, tzinfo=UTC)

Count = Annotated[int, Field(ge=0, le=1000)]


class VerifyWish(StrEnum):
    NONE = "none"
    V0 = "V0"
    V1 = "V1"
    V2 = "V2"

    @property
    def level(self) -> VerificationLevel | None:
        return None if self is VerifyWish.NONE else VerificationLevel(self.value)


class ScheduleRule(BaseModel):
    """When, and what."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    cron: str = Field(
        max_length=200, description="Minute, hour, day of month, month, day of week.", examples=["0 2 * * *"]
    )
    zone: str = Field(default="UTC", max_length=100, description="Of the IANA database.", examples=["Europe/Berlin"])
    jitter_seconds: int = Field(
        default=600,
        ge=0,
        le=3600,
        description="Each database comes later by some time below it, always the same, so that not all come at once.",
    )
    catch_up: CatchUp = Field(
        default=CatchUp.ONCE, description="What becomes of slots that nobody looked at: one run for all, each, or none."
    )
    logical_databases: Annotated[list[PostgresName], Field(min_length=1, max_length=100)] | None = Field(
        default=None, description="The database's default one when null."
    )
    all_logical_databases: bool = False
    schema_only: bool = False
    data_only: bool = False
    tables: Annotated[list[TableName], Field(max_length=MOST_NAMES)] = Field(default_factory=list)
    exclude_tables: Annotated[list[TableName], Field(max_length=MOST_NAMES)] = Field(default_factory=list)
    encryption: Encryption = Encryption.AGE

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.schema_only and self.data_only:
            raise ValueError("schema_only and data_only exclude each other")
        if self.all_logical_databases and self.logical_databases is not None:
            raise ValueError("name logical_databases or take all_logical_databases, not both")
        if self.logical_databases and len(set(self.logical_databases)) < len(self.logical_databases):
            raise ValueError("a name is given twice")
        cron = Cron.parse(self.cron, self.zone)
        slots = cron.slots(_SOME_DAY, datetime.max.replace(tzinfo=UTC), _SLOTS_LOOKED_AT)
        if any((later - earlier).total_seconds() < LEAST_GAP_SECONDS for earlier, later in pairwise(slots)):
            raise ValueError(f"{self.cron!r} comes more often than every {LEAST_GAP_SECONDS // 60} minutes")
        return self

    def parsed(self) -> Cron:
        return Cron.parse(self.cron, self.zone)

    def options(self) -> DumpOptions:
        return DumpOptions(
            schema_only=self.schema_only,
            data_only=self.data_only,
            tables=tuple(table.plain() for table in self.tables),
            exclude_tables=tuple(table.plain() for table in self.exclude_tables),
        )


class RetentionRule(BaseModel):
    """Generations are exclusive: a copy that is kept as a daily one is no weekly one. Weeks are those of ISO 8601."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    daily: Count = 7
    weekly: Count = 4
    monthly: Count = 12

    @model_validator(mode="after")
    def _some(self) -> Self:
        if not (self.daily or self.weekly or self.monthly):
            raise ValueError("keep at least one generation")
        return self


class VerifyRule(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    weekly: VerifyWish = Field(default=VerifyWish.V2, description="Of what is kept as a weekly copy.")
    every: VerifyWish = Field(default=VerifyWish.V1, description="Of every backup, once it is there.")


class PolicyRules(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    schedules: Annotated[list[ScheduleRule], Field(max_length=MOST_SCHEDULES)] = Field(default_factory=list)
    location_ids: Annotated[list[LocationId], Field(min_length=1, max_length=10)] | None = Field(
        default=None, description="The project's default of that time when null."
    )
    retention: RetentionRule = Field(
        default_factory=RetentionRule, description="Days are those of the first schedule's zone."
    )
    verify: VerifyRule = Field(default_factory=VerifyRule)

    @property
    def zone(self) -> str:
        """In which the days of generations are told."""
        return self.schedules[0].zone if self.schedules else "UTC"


class BackupPolicyPut(PolicyRules):
    enabled: bool = True

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.enabled and not self.schedules:
            raise ValueError("a policy that is enabled needs a schedule")
        if self.location_ids and len(set(self.location_ids)) < len(self.location_ids):
            raise ValueError("a location is given twice")
        return self

    def rules(self) -> PolicyRules:
        return PolicyRules.model_validate(self.model_dump(exclude={"enabled"}))


class BackupPolicyPreview(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    policy: BackupPolicyPut | None = Field(default=None, description="The one that is in force when null.")


class BackupPolicyRelease(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    token: Annotated[str, Field(pattern="^[0-9a-f]{32}$", description="Of a preview.")]


class RunSchedule(
    JobArgs, kind="policy.run", conflict=None, scope=Scope.BACKUPS_WRITE, deadline_seconds=2 * 86_400, priority=90
):
    """A slot of a policy's schedule: takes the backup, and then sees to its verification and to what becomes superfluous."""

    policy_id: PolicyId
    database_id: DatabaseId
    number: int = Field(description="Of the schedule, in the order of the policy.")

    def subject_id(self) -> str | None:
        return encode_id("pol", self.policy_id)


class RetainBackups(JobArgs, kind="policy.retain", conflict=None, scope=Scope.BACKUPS_WRITE):
    """Judges every copy of the policy's scheduled backups, and has those deleted that nothing keeps."""

    policy_id: PolicyId
    released_by: str | None = None

    def subject_id(self) -> str | None:
        return encode_id("pol", self.policy_id)


class ExpireBackups(JobArgs, kind="backup.expire", conflict=None, scope=Scope.BACKUPS_WRITE):
    """Has those backups deleted whose day has come, except the newest good and the newest verified one."""


class PolicyScheduleView(ScheduleRule):
    """A schedule with what becomes of it."""

    model_config = ConfigDict(frozen=True, json_schema_serialization_defaults_required=True)

    id: ScheduleId
    last_slot: datetime | None = Field(description="The newest slot that became a job.")
    next_run_at: datetime | None = Field(description="Null while the policy is not enabled.")


class BackupPolicyView(View):
    id: PolicyId | None = Field(description="Null while nobody has made one: nothing is backed up by itself then.")
    project_id: ProjectId
    database_id: DatabaseId
    enabled: bool
    is_default: bool = Field(description="Made by this service, as for every database of a production environment.")
    schedules: list[PolicyScheduleView]
    location_ids: list[LocationId] | None
    retention: RetentionRule
    verify: VerifyRule
    created_by: str | None
    updated_at: datetime | None


class NextRuns(View):
    cron: str
    zone: str
    next_runs: list[datetime] = Field(description="With the jitter of this database.")


class CopyFate(View):
    backup_id: BackupId
    logical_database: str
    taken_at: datetime
    tier: str | None
    because: list[str] = Field(description="Why it is kept; empty when nothing keeps it.")


class LocationFate(View):
    """``blocked`` are more than may go at once: they stay until they are released."""

    location_id: LocationId
    kept: list[CopyFate]
    deleted: list[CopyFate]
    blocked: list[CopyFate]


class PolicyPreviewView(View):
    schedules: list[NextRuns]
    locations: list[LocationFate]
    token: str | None = Field(description="Releases what is blocked, and nothing else. Null when nothing is.")


class PolicyReleaseAccepted(BaseModel):
    job: JobView


class PolicyState(StrEnum):
    NONE = "none"
    DISABLED = "disabled"
    ENABLED = "enabled"


class CoverageBackup(View):
    id: BackupId
    at: datetime
    age_seconds: float


class CoverageView(View):
    """How well a database is backed up."""

    database_id: DatabaseId
    name: str
    project_id: ProjectId
    environment_id: EnvironmentId
    state: DatabaseState
    is_covered: bool = Field(description="Whether one of its backups of the last days was verified.")
    newest_backup: CoverageBackup | None = Field(description="The newest good one.")
    newest_verified: CoverageBackup | None
    policy: PolicyState
    next_run_at: datetime | None


def owner_of(database_id: UUID, number: int) -> str:
    """Of the schedule that fires the slots. A database keeps its jitter whatever becomes of its policy."""
    return f"database:{database_id}:backups:{number}"
