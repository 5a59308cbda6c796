"""Imports as callers ask for them and see them, and the jobs that fetch, restore and remove them."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from app.auth.schemas import View
from app.auth.scopes import Scope
from app.backups.schemas import Labels
from app.errors import ProblemDocument
from app.imports.models import Format, Import, ImportState, SourceKind
from app.jobs.conflicts import ConflictClass
from app.jobs.contract import JobArgs
from app.jobs.enqueue import OnConflict
from app.jobs.schemas import JobView
from app.kit.ids import BackupId, DatabaseId, ImportId, JobId, LocationId, ProjectId, encode_id
from app.kit.names import STORABLE, STORABLE_SECRET, PostgresName
from app.locations.holdings import Encryption
from app.postgres.plain_sql import OwnerStatements
from app.restores.schemas import LogicalName

MOST_PARTS = 1000  # some stores allow no more
LARGEST_UPLOAD = 5 << 40
UPLOAD_HOURS = 24


class _Wish(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class FromUrl(_Wish):
    """A file on the web. No redirect is followed; private addresses are refused unless the operator allows them."""

    kind: Literal[SourceKind.URL]
    url: Annotated[
        SecretStr,
        Field(
            min_length=1,
            max_length=8192,
            description="May be a presigned one: it is kept sealed, and only until it was read.",
        ),
        STORABLE_SECRET,
    ]


class FromObject(_Wish):
    """An object that lies in one of the project's locations."""

    kind: Literal[SourceKind.OBJECT]
    key: Annotated[
        str, Field(min_length=1, max_length=1024, description="Relative to the location's prefix."), STORABLE
    ]
    location_id: LocationId | None = Field(default=None, description="Where the file is to be kept, when null.")


class FromUpload(_Wish):
    """A file that the caller sends to the location in parts, by the addresses in the answer."""

    kind: Literal[SourceKind.UPLOAD]
    size_bytes: int = Field(ge=1, le=LARGEST_UPLOAD)
    filename: Annotated[str, Field(min_length=1, max_length=255), STORABLE] | None = None


Source = Annotated[FromUrl | FromObject | FromUpload, Field(discriminator="kind")]


class ImportCreate(_Wish):
    """What a file is, is found by its contents: an archive of pg_dump or plain SQL, each also in gzip or age."""

    source: Source
    database_id: DatabaseId = Field(
        description="Whose the file is filed as, and whose server it is restored to by default."
    )
    location_id: LocationId | None = Field(
        default=None, description="Where it is kept. The project's default when null."
    )
    logical_database: PostgresName | None = Field(
        default=None, description="Which one an archive is filed as; the one that it was taken from when null."
    )
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")] | None = Field(
        default=None, description="Of the file as it is at its source; another one is refused."
    )
    encryption: Encryption = Field(default=Encryption.AGE, description="Of the file as it is kept.")
    labels: Labels = Field(default_factory=dict)


class UploadedPart(_Wish):
    number: int = Field(ge=1, le=MOST_PARTS)
    etag: Annotated[str, Field(min_length=1, max_length=255, pattern=r"^[!-~]+$")]


class ImportComplete(_Wish):
    parts: Annotated[list[UploadedPart], Field(min_length=1, max_length=MOST_PARTS)] = Field(
        description="With the header ETag of the answer to each."
    )


class ImportRestore(_Wish):
    """Plain SQL is code, so it is run by a role that is made for it and may do nothing else."""

    name: LogicalName = Field(description="The new logical database. Must be free on the server.")
    database_id: DatabaseId | None = Field(default=None, description="On whose server; the import's own when null.")
    owner: PostgresName | None = Field(
        default=None,
        description="The role that gets everything; it must exist. When null that is our login, or, where that is a "
        "superuser, a role without a login that is made for it: functions of indexes and triggers run with their owner's "
        "rights, and those of a file from elsewhere must not run as a superuser by themselves.",
    )
    owner_mode: OwnerStatements = Field(
        default=OwnerStatements.STRIP,
        description="`strip` leaves out the statements of pg_dump that name roles: owners, grants, comments on "
        "extensions. `keep` runs them, and fails where the role is not the restoring one.",
    )
    extensions: Annotated[list[PostgresName], Field(max_length=100)] = Field(
        default_factory=list,
        description="Made by our login before the file is run: those that only superusers may make.",
    )
    on_conflict: OnConflict = OnConflict.FAIL


class FetchImport(JobArgs, kind="import.fetch", conflict=None, scope=Scope.BACKUPS_WRITE, attempts=3):
    """Streams a file into its location, and makes a backup of it where it is an archive."""

    import_id: ImportId

    def subject_id(self) -> str | None:
        return encode_id("imp", self.import_id)


class RestoreImport(
    JobArgs, kind="import.restore", conflict=ConflictClass.RESTORE, scope=Scope.BACKUPS_RESTORE, attempts=3
):
    """Runs a plain SQL file into a new logical database. To be aimed at that one."""

    import_id: ImportId
    database_id: DatabaseId
    logical_database: str
    owner: str | None = None
    owner_mode: OwnerStatements = OwnerStatements.STRIP
    extensions: tuple[str, ...] = ()

    def subject_id(self) -> str | None:
        return encode_id("imp", self.import_id)


class DeleteImport(JobArgs, kind="import.delete", conflict=None, scope=Scope.BACKUPS_WRITE, cancellable=False):
    """Removes the file. A backup that it became stays."""

    import_id: ImportId

    def subject_id(self) -> str | None:
        return encode_id("imp", self.import_id)


class ImportView(View):
    """One import. Of the address of its source only the host is shown."""

    id: ImportId
    project_id: ProjectId
    database_id: DatabaseId
    location_id: LocationId
    state: ImportState
    source_kind: SourceKind
    source_host: str | None
    source_location_id: LocationId | None
    source_key: str | None
    filename: str | None
    size_bytes: int | None = Field(description="Of the file at its source.")
    sha256: str | None = Field(description="Of the file at its source: as demanded, then as read.")
    encryption: Encryption
    labels: dict[str, str]
    logical_database: str | None
    format: Format | None = Field(description="Found by the file's contents; null until it was looked at.")
    unpacked_bytes: int | None = Field(description="After gzip.")
    backup_id: BackupId | None = Field(description="What an archive became.")
    job_id: JobId | None
    warnings: list[str]
    error: ProblemDocument | None = Field(description="A problem document, when the import failed.")
    created_by: str
    created_at: datetime
    finished_at: datetime | None
    deleted_at: datetime | None

    @classmethod
    def of(cls, found: Import) -> Self:
        return cls.model_validate(found.model_dump(exclude={"url_sealed", "upload_id", "stored", "revision"}))


class PartToUpload(View):
    number: int
    size_bytes: int
    url: str = Field(description="Where this part goes by PUT, without a key of ours: a secret.")


class UploadView(View):
    expires_at: datetime = Field(description="When the addresses end, and the upload with them.")
    parts: list[PartToUpload]


class ImportAccepted(View):
    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True, serialize_by_alias=True)

    imported: ImportView = Field(alias="import")
    job: JobView | None = Field(description="Null while the file is still to be uploaded.")
    upload: UploadView | None = Field(
        default=None,
        description="Where the caller is to send the file, in this answer only; null where it is fetched from elsewhere.",
    )
    withheld: list[str] = Field(default=[], description="Members that only the first answer carried.")


class ImportFilter(BaseModel):
    """Which imports a list shows; every given condition must hold. Deleted ones only when asked for."""

    project_id: ProjectId | None = None
    database_id: DatabaseId | None = None
    state: list[ImportState] | None = None


class RestoredImport(BaseModel):
    """The result of a restore of plain SQL, as its job shows it."""

    type: Literal["import_restore"] = "import_restore"
    import_id: str
    database_id: str
    logical_database: str
    owner: str
    tables: int
    rows: int
    size_bytes: int
    left_out: dict[str, int]
    warnings: list[str]
    seconds: float

    def members(self) -> dict[str, Any]:
        return self.model_dump(mode="json")
