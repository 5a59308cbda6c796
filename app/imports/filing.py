"""An archive from elsewhere as a backup of ours: its row, and a manifest that says what nobody knows."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from app import __version__
from app.databases.models import Database
from app.imports.models import Import
from app.kit.ids import new_id
from app.locations.holdings import Backup, Encryption
from app.locations.holdings import Origin as BackupOrigin
from app.locations.manifest import (
    ArchiveCompression,
    DatabaseFacts,
    DumpOptions,
    Extension,
    Manifest,
    RelationName,
    Snapshot,
    StoredObject,
    ToolVersions,
)
from app.postgres.archive import ArchiveIndex, Section
from app.postgres.archive.foreign import Origin

UNKNOWN_LEVEL: Final = -1
NOT_COUNTED: Final = (
    "The archive was made elsewhere: nobody counted its rows, so a restore of it has nothing to compare with."
)
_NO_CONTENT: Final = frozenset({"ENCODING", "STDSTRINGS", "SEARCHPATH", "DATABASE"})


@dataclass(frozen=True, slots=True)
class Filed:
    """What was found while an archive was streamed."""

    index: ArchiveIndex
    origin: Origin
    archive: StoredObject
    recipients: tuple[str, ...]
    seconds: float


def new_backup(
    row: Import, database: Database, filed: Filed, *, backup_id: UUID, job_id: UUID, now: datetime
) -> Backup:
    head = filed.index.head
    return Backup(
        id=backup_id,
        set_id=new_id(),
        project_id=row.project_id,
        database_id=database.id,
        logical_database=row.logical_database or head.database,
        origin=BackupOrigin.IMPORTED,
        encryption=row.encryption,
        options=_options(filed.index).model_dump(mode="json"),
        job_id=job_id,
        client_version=_plain(head.client_version),
        server_version=_plain(head.server_version),
        compression=head.compression.value,
        snapshot_at=_taken_at(filed.index, now),
        size_bytes=filed.archive.size_bytes,
        tables=len(filed.index.tables()),
        duration_seconds=filed.seconds,
        warnings=[NOT_COUNTED],
        labels=row.labels,
        created_by=row.created_by,
        created_at=now,
    )


def draft(backup: Backup, database: Database, filed: Filed, *, now: datetime) -> Manifest:
    head, origin, entries = filed.index.head, filed.origin, filed.index.entries
    return Manifest(
        backup_id=backup.id,
        set_id=backup.set_id,
        project_id=backup.project_id,
        database_id=backup.database_id,
        database_name=database.name,
        origin=BackupOrigin.IMPORTED,
        labels=backup.labels,
        created_at=now,
        versions=ToolVersions(
            manager=__version__,
            server=_plain(head.server_version),
            server_major=head.server_major,
            client=_plain(head.client_version),
            client_major=head.client_major,
        ),
        database=DatabaseFacts(
            name=backup.logical_database,
            owner=origin.owner,
            encoding=origin.encoding,
            collate=origin.collate,
            ctype=origin.ctype,
            locale_provider=origin.provider,
            locale=origin.locale,
            connection_limit=-1,
            comment=None,
            acl=None,
            settings=(),
        ),
        extensions=tuple(Extension(name=name, version="", schema_name=schema) for name, schema in origin.extensions),
        roles=origin.roles,
        snapshot=Snapshot(at=_taken_at(filed.index, now), lsn=None),
        options=_options(filed.index),
        recipients=filed.recipients,
        compression=ArchiveCompression(algorithm=head.compression, level=UNKNOWN_LEVEL),
        archive=filed.index.as_json(),
        counted=False,
        tables=(),
        sequences=(),
        large_objects=None,
        materialized_views=tuple(
            RelationName(schema_name=one.namespace or "", name=one.tag)
            for one in entries
            if one.desc == "MATERIALIZED VIEW"
        ),
        foreign_tables=tuple(
            RelationName(schema_name=one.namespace or "", name=one.tag)
            for one in entries
            if one.desc == "FOREIGN TABLE"
        ),
        objects=(filed.archive,),
        warnings=(NOT_COUNTED,),
    )


def extension_of(encryption: str) -> str:
    return ".age" if encryption == Encryption.AGE else ""


def _options(index: ArchiveIndex) -> DumpOptions:
    """What it was dumped with is not written in it, but shows."""
    content = [one for one in index.entries if one.desc not in _NO_CONTENT]
    return DumpOptions(
        schema_only=bool(content) and not index.blocks,
        data_only=bool(index.blocks) and not any(one.section is Section.PRE_DATA for one in content),
    )


def _taken_at(index: ArchiveIndex, now: datetime) -> datetime:
    """By the clock of whoever dumped, whose zone the archive does not tell; never later than now."""
    return min(datetime.fromisoformat(index.head.created_local).replace(tzinfo=UTC), now)


def _plain(version: str) -> str:
    """Without what a packager adds."""
    return version.split(" ", 1)[0]
