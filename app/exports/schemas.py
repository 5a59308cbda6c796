"""Exports as callers ask for them and see them, and the jobs that make and remove them, or copy a database."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from app.auth.schemas import View
from app.auth.scopes import Scope
from app.backups.schemas import LINK_SECONDS, LONGEST_LINK_SECONDS, MOST_NAMES, TableName
from app.errors import ProblemDocument
from app.exports.models import Export, ExportState
from app.jobs.conflicts import ConflictClass
from app.jobs.contract import JobArgs
from app.jobs.enqueue import OnConflict
from app.jobs.schemas import JobView
from app.kit.ids import BackupId, DatabaseId, ExportId, JobId, LocationId, ProjectId, encode_id
from app.kit.names import PostgresName
from app.locations.holdings import Encryption
from app.postgres.restore import Parts

KEEP_DAYS = 7
TEMPORARY_PREFIX = "pgm_cpy_"


class ExportFormat(StrEnum):
    PLAIN = "plain"


class ExportOptions(BaseModel):
    """What of the backup is written, and how."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal[ExportFormat.PLAIN] = Field(default=ExportFormat.PLAIN, description="SQL, as psql reads it.")
    gzip: bool = Field(default=True, description="Compress it.")
    parts: Parts = Field(default=Parts.ALL, description="`schema`: no rows; `data`: rows only.")
    tables: Annotated[list[TableName], Field(min_length=1, max_length=MOST_NAMES)] | None = Field(
        default=None, description="Only these, with what they need and what belongs to them. All when not given."
    )
    no_owner: bool = Field(default=False, description="Leave out owners and grants, for loading under another login.")


class ExportCreate(ExportOptions):
    encryption: Encryption = Field(
        default=Encryption.AGE,
        description="To the recipients of the project. `none`: readable by whoever has the file.",
    )
    location_id: LocationId | None = Field(
        default=None, description="Where it is put; one that has a copy of the backup. The first of these by default."
    )
    keep_days: int = Field(default=KEEP_DAYS, ge=1, le=90, description="It is deleted that long after it was made.")

    def options(self) -> ExportOptions:
        return ExportOptions.model_validate(self.model_dump(include=set(ExportOptions.model_fields)))


class MakeExport(JobArgs, kind="export.make", conflict=None, scope=Scope.BACKUPS_DOWNLOAD):
    """Writes a backup as SQL. Needs no server. While it lives nobody deletes the backup, which it names for that."""

    export_id: ExportId
    backup_id: BackupId
    location_id: LocationId | None = None

    def subject_id(self) -> str | None:
        return encode_id("exp", self.export_id)


class DeleteExport(JobArgs, kind="export.delete", conflict=None, scope=Scope.BACKUPS_DOWNLOAD, cancellable=False):
    export_id: ExportId

    def subject_id(self) -> str | None:
        return encode_id("exp", self.export_id)


class ExportView(View):
    """A backup written as a file for other programs."""

    id: ExportId
    project_id: ProjectId
    backup_id: BackupId
    state: ExportState
    options: ExportOptions
    encryption: Encryption
    recipients: list[str] = Field(description="The public halves of the age identities that open it.")
    location_id: LocationId | None
    size_bytes: int | None
    sha256: str | None = Field(description="Of the file, hexadecimal.")
    plain_size_bytes: int | None = Field(description="Of the SQL, before it was compressed and encrypted.")
    warnings: list[str]
    error: ProblemDocument | None = Field(description="A problem document, when the export failed.")
    job_id: JobId | None
    created_by: str
    created_at: datetime
    finished_at: datetime | None
    expires_at: datetime | None = Field(description="When it is deleted by itself.")
    deleted_at: datetime | None

    @classmethod
    def of(cls, export: Export) -> Self:
        return cls.model_validate(export.model_dump(exclude={"revision", "key", "keep_days"}))


class ExportAccepted(View):
    export: ExportView
    job: JobView


class ExportDownloadCreate(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    expires_seconds: int = Field(default=LINK_SECONDS, ge=1, le=LONGEST_LINK_SECONDS)


class ExportDownloadView(View):
    """An address that works without a key until it expires: a secret."""

    url: str | None = Field(description="In this answer only; a repetition of the request does not get it again.")
    expires_at: datetime
    filename: str
    size_bytes: int
    sha256: str = Field(description="Of the downloaded file, hexadecimal.")
    encryption: Encryption
    recipients: list[str]
    how_to_open: str
    withheld: list[str] = Field(default=[], description="Members that only the first answer carried.")


def _not_temporary(name: str) -> str:
    if name.startswith(TEMPORARY_PREFIX) or name in ("template0", "template1"):
        raise ValueError(f"template0, template1 and names that begin with {TEMPORARY_PREFIX} are not for this")
    return name


class OwnerChoice(StrEnum):
    KEEP = "keep"
    STRIP = "strip"


class DatabaseCopyCreate(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    logical_database: PostgresName | None = Field(default=None, description="What is copied; the default one if null.")
    target_database_id: DatabaseId = Field(description="On whose server the copy is made; may be the same one.")
    name: Annotated[PostgresName, AfterValidator(_not_temporary)] = Field(
        description="Of the copy. Must be free on the target's server."
    )
    owner_mode: OwnerChoice = Field(
        default=OwnerChoice.STRIP,
        description="`strip` gives everything to our login and drops grants; `keep` needs every role on the target.",
    )
    on_conflict: OnConflict = OnConflict.FAIL


class CopyDatabase(JobArgs, kind="database.copy", conflict=ConflictClass.RESTORE, scope=Scope.BACKUPS_RESTORE):
    """One logical database straight into another server. To be aimed at both, each by its logical database."""

    source_id: DatabaseId
    source_name: str
    target_id: DatabaseId
    target_name: str
    owner_mode: OwnerChoice = OwnerChoice.STRIP

    def subject_id(self) -> str | None:
        return encode_id("db", self.target_id)


class DatabaseCopyAccepted(View):
    """Its result names the copy, with the number of tables and rows that were found equal."""

    job: JobView
