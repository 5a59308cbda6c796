"""The manifest: everything about one backup that a restore, or a catalogue made anew, needs to know.

It is the last object written of a backup, and names the objects that count. Whatever else lies beside them was left by a
worker that lost its job.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field

from app.kit.ids import BackupId, BackupSetId, DatabaseId, PolicyId, ProjectId, ScheduleId, encode_id
from app.locations.holdings import Backup, Encryption, Origin
from app.postgres.archive import ArchiveIndex, Compression

FORMAT: Final = 1


class Part(BaseModel):
    """``schema`` is a method of every model, so the member of that name has another one in Python."""

    model_config = ConfigDict(frozen=True, validate_by_name=True, validate_by_alias=True, serialize_by_alias=True)


class ToolVersions(Part):
    """``manager`` is this service; ``client`` the pg_dump that wrote the archive."""

    manager: str
    server: str
    server_major: int
    client: str
    client_major: int


class Setting(Part):
    """One ALTER DATABASE … SET, or ALTER ROLE … IN DATABASE … SET when ``role`` is given; ``values`` are ``name=value``."""

    role: str | None
    values: tuple[str, ...]


class DatabaseFacts(Part):
    """What belongs to the database itself, and is lost by a restore that does not create it. ACLs are as in pg_database."""

    name: str
    owner: str
    encoding: str
    collate: str
    ctype: str
    locale_provider: str  # libc, icu or builtin
    locale: str | None  # of icu and builtin
    connection_limit: int
    comment: str | None
    acl: tuple[str, ...] | None
    settings: tuple[Setting, ...]
    size_bytes: int | None = None  # on its server's disk, when it was dumped


class Extension(Part):
    name: str
    version: str
    schema_name: str = Field(alias="schema")


class TableRows(Part):
    """A table whose rows are in the archive, and how many the snapshot had of them."""

    schema_name: str = Field(alias="schema")
    name: str
    dump_id: int
    rows: int
    fingerprint: str | None = None  # null where there was no time for it


class Fingerprints(Part):
    """How the fingerprints of tables were taken. They can be compared within one major only. Shares are of 1."""

    algorithm: str
    server_major: int
    share: float  # of the tables
    share_of_rows: float
    seconds: float


class Constraints(Part):
    """``not_valid`` are those that were never checked against the rows, as ``schema.table.name``."""

    count: int
    not_valid: tuple[str, ...]


class SequenceValue(Part):
    """``last_value`` is null for a sequence that was never used. It was read just after the snapshot, before the dump."""

    schema_name: str = Field(alias="schema")
    name: str
    last_value: int | None


class RelationName(Part):
    schema_name: str = Field(alias="schema")
    name: str


class Snapshot(Part):
    at: datetime
    lsn: str | None


class ObjectKind(StrEnum):
    ARCHIVE = "archive"
    GLOBALS = "globals"


class StoredObject(Part):
    """``key`` is relative to the prefix of whichever location. Digests are hexadecimal SHA-256."""

    kind: ObjectKind
    key: str
    encryption: Encryption
    size_bytes: int
    sha256: str
    plain_size_bytes: int
    plain_sha256: str
    part_bytes: int | None = None  # of the upload; null for an object written at once


class ArchiveCompression(Part):
    algorithm: Compression
    level: int


class DumpOptions(Part):
    schema_only: bool = False
    data_only: bool = False
    tables: tuple[RelationName, ...] = ()  # empty: all of them
    exclude_tables: tuple[RelationName, ...] = ()


class Manifest(Part):
    format: int = FORMAT
    backup_id: BackupId
    set_id: BackupSetId
    project_id: ProjectId
    database_id: DatabaseId
    database_name: str
    origin: Origin
    policy_id: PolicyId | None = None  # of scheduled ones
    schedule_id: ScheduleId | None = None
    labels: dict[str, str]
    created_at: datetime
    versions: ToolVersions
    database: DatabaseFacts
    extensions: tuple[Extension, ...]
    roles: tuple[str, ...]  # owners and grantees of what was dumped
    snapshot: Snapshot
    options: DumpOptions
    recipients: tuple[str, ...]  # who can open the encrypted objects
    compression: ArchiveCompression
    archive: dict[str, Any]  # ArchiveIndex.as_json
    counted: bool = (
        True  # of an imported archive nobody counted anything: tables, sequences and large objects are empty
    )
    tables: tuple[TableRows, ...]
    sequences: tuple[SequenceValue, ...]
    large_objects: int | None  # null where the dump leaves them out
    # These are null in older manifests.
    database_bytes: int | None = None  # on the disk of its server
    constraints: Constraints | None = None  # of the whole database
    fingerprints: Fingerprints | None = None
    materialized_views: tuple[RelationName, ...]  # filled anew by a restore, hence not compared
    foreign_tables: tuple[RelationName, ...]
    objects: tuple[StoredObject, ...]
    warnings: tuple[str, ...]

    def object(self, kind: ObjectKind) -> StoredObject | None:
        return next((stored for stored in self.objects if stored.kind is kind), None)

    @property
    def archive_object(self) -> StoredObject:
        return next(stored for stored in self.objects if stored.kind is ObjectKind.ARCHIVE)

    @property
    def index(self) -> ArchiveIndex:
        return ArchiveIndex.from_json(self.archive)


def folder_of(backup: Backup) -> str:
    """Where all objects of a backup lie, relative to the location's prefix; ids only, so that names can change."""
    ids = (("prj", backup.project_id), ("db", backup.database_id), ("bak", backup.id))
    return "/".join(encode_id(prefix, value) for prefix, value in ids) + "/"


def manifest_key(backup: Backup) -> str:
    return f"{folder_of(backup)}manifest.json"
