"""Verifications as callers ask for them and see them, and the job that makes them."""

from datetime import datetime
from enum import StrEnum
from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from app.auth.schemas import View
from app.auth.scopes import Scope
from app.errors import ProblemDocument
from app.jobs.contract import JobArgs
from app.jobs.schemas import JobView
from app.kit.ids import BackupId, JobId, LocationId, ProjectId, VerificationId, encode_id
from app.locations.holdings import VerificationLevel
from app.verifications.models import Verification, VerificationState

__all__ = ["VerificationLevel", "VerifyBackup"]

LEVEL = Field(
    default=VerificationLevel.V2,
    description="`V0`: the objects are there, of the right size, and open. `V1`: every byte is read back, hashed and "
    "decoded. `V2`: restored into a scratch server and compared with what was counted before the dump.",
)


class VerifyBackup(JobArgs, kind="backup.verify", conflict=None, scope=Scope.BACKUPS_WRITE, attempts=3):
    """V0 and V1 look at every good copy, V2 at the one whose last check is longest ago; at one location when it is named.

    Enqueue it with ``dedupe_key()``: who asks for the same twice gets the verification that is under way. Its row is made
    by the job, unless the request that asked for it made it.
    """

    backup_id: BackupId
    level: VerificationLevel = VerificationLevel.V2
    location_id: LocationId | None = None

    def subject_id(self) -> str | None:
        return encode_id("bak", self.backup_id)

    def dedupe_key(self) -> str:
        where = encode_id("loc", self.location_id) if self.location_id else "all"
        return f"{self.kind}:{encode_id('bak', self.backup_id)}:{self.level}:{where}"


class VerificationCreate(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    level: VerificationLevel = LEVEL
    location_id: LocationId | None = Field(
        default=None,
        description="Only the copy there, a damaged one too: it counts again when it passes. When null, V0 and V1 look at "
        "every good copy, V2 at the one that was not looked at for longest.",
    )


class CopyResult(StrEnum):
    PASSED = "passed"
    DAMAGED = "damaged"
    UNREACHABLE = "unreachable"


class CopyCheck(View):
    """What was found of the copy in one location."""

    location_id: LocationId
    result: CopyResult
    problem: ProblemDocument | None = None
    bytes_read: int = 0
    seconds: float


class ComparedTable(View):
    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True, serialize_by_alias=True)

    schema_name: str = Field(alias="schema")
    name: str
    expected: int | None = Field(description="Counted on the snapshot that was dumped; null when it was not.")
    found: int | None = Field(description="Null where it is missing.")
    equal: bool
    same_content: bool | None = Field(
        default=None, description="Whether the fingerprints of its rows are equal; null when they were not compared."
    )


class ComparedNumber(View):
    expected: int
    found: int
    equal: bool


class ComparedExtension(View):
    name: str
    expected: str = Field(description="The version of the server that was backed up.")
    found: str | None = Field(
        description="A restore makes the version that its server offers; null where it is missing."
    )


class ComparedConstraints(View):
    """`not_valid` ones were never checked against the rows; the same ones must be so after a restore."""

    expected: int
    found: int
    not_valid_expected: list[str]
    not_valid_found: list[str]
    equal: bool


class ComparedContents(View):
    """Of tables, and of 1: how much of the contents was compared beyond the counts, which are of all tables."""

    tables: int
    share_of_tables: float
    share_of_rows: float
    reason: str | None = Field(description="Why none were compared.")


class RehearsalReport(View):
    """The restore into a scratch server, and the restored database against the manifest."""

    equal: bool
    location_id: LocationId
    server_version: str
    server_reason: str | None = Field(description="Why it was not the major of the server that was backed up.")
    as_superuser: bool = Field(description="Owners and grants were restored, too.")
    rows: int
    size_bytes: int
    restore_seconds: float
    tables: list[ComparedTable]
    sequences: list[ComparedTable]
    large_objects: ComparedNumber | None
    constraints: ComparedConstraints | None
    extensions: list[ComparedExtension]
    contents: ComparedContents
    roles: int = Field(description="That the backup names, all of which were made.")
    left_out: list[str] = Field(description="Entries that were not restored, since only a superuser may make them.")


class VerificationReport(View):
    copies: list[CopyCheck] = Field(default_factory=list)
    rehearsal: RehearsalReport | None = None
    warnings: list[str] = Field(default_factory=list)


class VerificationSummary(View):
    """One verification, without its report."""

    id: VerificationId
    project_id: ProjectId
    backup_id: BackupId
    level: VerificationLevel
    state: VerificationState
    location_id: LocationId | None = Field(description="Null when none was named.")
    rows: int | None = Field(description="Compared exactly, in all tables together.")
    job_id: JobId
    error: ProblemDocument | None = Field(
        description="Why it did not pass: what is wrong with the backup, what is missing here, or what failed."
    )
    created_by: str
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None

    @classmethod
    def of(cls, verification: Verification) -> Self:
        return cls.model_validate(verification.model_dump())


class VerificationView(VerificationSummary):
    """One verification."""

    report: VerificationReport | None


class VerificationAccepted(View):
    verification: VerificationView
    job: JobView
