"""What is written besides the archive: globals, the manifest that makes it count, and copies in further locations."""

import hashlib
from collections.abc import Sequence
from typing import Final

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from app import __version__
from app.backups.errors import ManifestConflict
from app.backups.models import Backup, BackupState, CopyState, Encryption, Origin
from app.backups.repository import BackupRepository
from app.backups.steps.dumping import Dumped, DumpOrder
from app.backups.steps.memo import BackupMemo, TakeRun
from app.databases.models import Database
from app.events.alerts import clear_alert
from app.events.emit import emit
from app.events.models import AlertType
from app.kit.ids import encode_id
from app.locations.access import open_store
from app.locations.manifest import (
    ArchiveCompression,
    Constraints,
    DatabaseFacts,
    Extension,
    Fingerprints,
    Manifest,
    ObjectKind,
    RelationName,
    SequenceValue,
    Setting,
    Snapshot,
    StoredObject,
    TableRows,
    ToolVersions,
    manifest_key,
)
from app.locations.models import Location
from app.locations.repository import LocationRepository
from app.postgres.relations import Name
from app.runtime import Runtime
from app.storage.errors import ObjectExists
from app.storage.store import ObjectStore

log = structlog.get_logger()

_CREATING: Final = frozenset({BackupState.CREATING})
_MANIFEST_BYTES: Final = 256 * 1024 * 1024


def draft(
    backup: Backup, database: Database, *, order: DumpOrder, dumped: Dumped, archive: StoredObject, memo: BackupMemo
) -> Manifest:
    """The manifest of an archive that is complete; the globals are still to come."""
    facts = dumped.facts
    by_name = {(table.schema, table.name): table.dump_id for table in dumped.index.tables()}
    owners = {entry.owner for entry in dumped.index.entries if entry.owner}
    return Manifest(
        backup_id=backup.id,
        set_id=backup.set_id,
        project_id=backup.project_id,
        database_id=backup.database_id,
        database_name=database.name,
        origin=Origin(backup.origin),
        policy_id=backup.policy_id,
        schedule_id=backup.schedule_id,
        labels=backup.labels,
        created_at=backup.created_at,
        versions=ToolVersions(
            manager=__version__,
            server=memo.server_version,
            server_major=memo.server_major,
            client=order.client.installation.version,
            client_major=order.client.installation.major,
        ),
        database=DatabaseFacts(
            name=facts.name,
            owner=facts.owner,
            encoding=facts.encoding,
            collate=facts.collate,
            ctype=facts.ctype,
            locale_provider=facts.locale_provider,
            locale=facts.locale,
            connection_limit=facts.connection_limit,
            comment=facts.comment,
            acl=facts.acl,
            settings=tuple(Setting(role=role, values=values) for role, values in facts.settings),
            size_bytes=facts.size_bytes,
        ),
        extensions=tuple(
            Extension(name=one.name, version=one.version, schema_name=one.schema) for one in facts.extensions
        ),
        roles=tuple(sorted(owners | set(facts.roles))),
        snapshot=Snapshot(at=dumped.at, lsn=dumped.lsn),
        options=order.options,
        recipients=tuple(str(one) for one in memo.recipients),
        compression=ArchiveCompression(algorithm=order.client.compression, level=order.client.level),
        archive=dumped.index.as_json(),
        tables=tuple(
            TableRows(
                schema_name=schema,
                name=name,
                dump_id=by_name[schema, name],
                rows=rows,
                fingerprint=dumped.fingerprints.of.get((schema, name)),
            )
            for (schema, name), rows in sorted(dumped.rows.items())
        ),
        sequences=tuple(
            SequenceValue(schema_name=schema, name=name, last_value=value)
            for (schema, name), value in dumped.sequences.items()
        ),
        large_objects=dumped.large_objects,
        database_bytes=dumped.facts.size_bytes,
        constraints=Constraints(count=dumped.constraints.count, not_valid=dumped.constraints.not_valid),
        fingerprints=_fingerprints(dumped, memo.server_major),
        materialized_views=_names(dumped.materialized_views),
        foreign_tables=_names(dumped.foreign_tables),
        objects=(archive,),
        warnings=tuple(dumped.warnings),
    )


def _fingerprints(dumped: Dumped, server_major: int) -> Fingerprints:
    taken, rows = dumped.fingerprints, dumped.rows
    return Fingerprints(
        algorithm=taken.algorithm,
        server_major=server_major,
        share=len(taken.of) / len(rows) if rows else 1.0,
        share_of_rows=sum(rows[name] for name in taken.of) / sum(rows.values()) if any(rows.values()) else 1.0,
        seconds=round(taken.seconds, 3),
    )


async def keep_draft(session: AsyncSession, manifest: Manifest, primary: Location, *, seconds: float) -> None:
    """What the archive is, in the rows. Another attempt may have begun in another location: its copy waits again."""
    backups = BackupRepository(session)
    await backups.keep_manifest(manifest)
    await backups.move(
        manifest.backup_id,
        frm=_CREATING,
        to=BackupState.CREATING,
        client_version=manifest.versions.client,
        server_version=manifest.versions.server,
        compression=f"{manifest.compression.algorithm}:{manifest.compression.level}",
        snapshot_at=manifest.snapshot.at,
        size_bytes=sum(stored.size_bytes for stored in manifest.objects),
        tables=len(manifest.tables),
        rows=sum(table.rows for table in manifest.tables),
        duration_seconds=seconds,
        warnings=list(manifest.warnings),
    )
    await backups.move_copies(manifest.backup_id, frm=set(CopyState), to=CopyState.PENDING, is_primary=False)
    await backups.move_copies(
        manifest.backup_id,
        frm={CopyState.PENDING},
        to=CopyState.COPYING,
        location_id=primary.id,
        is_primary=True,
    )


async def put_globals(
    runtime: Runtime,
    run: TakeRun,
    backup: Backup,
    key: str,
    *,
    script: bytes,
    sealed: bytes,
    warnings: Sequence[str],
) -> None:
    """Each backup of a set gets the same object, so that any of them can be deleted. Empty: there is none."""
    stored = StoredObject(
        kind=ObjectKind.GLOBALS,
        key=key,
        encryption=Encryption.AGE,
        size_bytes=len(sealed),
        sha256=hashlib.sha256(sealed).hexdigest(),
        plain_size_bytes=len(script),
        plain_sha256=hashlib.sha256(script).hexdigest(),
    )
    if sealed:
        _, store = await _primary(runtime, run, backup)
        await run.remember()  # a worker that lost its job ends here
        await store.put(key, sealed)
    async with run.writing() as session:
        backups = BackupRepository(session)
        manifest = await _manifest(backups, backup)
        changes = {
            "objects": (manifest.archive_object, stored) if sealed else (manifest.archive_object,),
            "warnings": (*manifest.warnings, *(one for one in warnings if one not in manifest.warnings)),
        }
        manifest = manifest.model_copy(update=changes)
        await backups.keep_manifest(manifest)
        await backups.move(
            backup.id,
            frm=_CREATING,
            to=BackupState.CREATING,
            size_bytes=sum(one.size_bytes for one in manifest.objects),
            warnings=list(manifest.warnings),
        )


async def put_manifest(runtime: Runtime, run: TakeRun, backup: Backup) -> None:
    """The last object of a backup. Raises ManifestConflict."""
    async with run.reading() as session:
        manifest = await _manifest(BackupRepository(session), backup)
    location, store = await _primary(runtime, run, backup)
    await run.remember()  # a worker that lost its job ends here
    await put_once(store, manifest_key(backup), rendered(manifest), location)
    async with run.writing() as session:
        backups = BackupRepository(session)
        now = await backups.now()
        await backups.move(backup.id, frm=_CREATING, to=BackupState.AVAILABLE, manifest_written_at=now)
        await _mark_available(backups, manifest, location)
        emit(
            session,
            "backup.succeeded",
            project_id=backup.project_id,
            database_id=backup.database_id,
            subject_id=encode_id("bak", backup.id),
            job_id=run.id,
            logical_database=backup.logical_database,
            origin=backup.origin,
            size_bytes=backup.size_bytes,
            rows=backup.rows,
        )
        available = f"{encode_id('bak', backup.id)} is available"
        await clear_alert(session, AlertType.BACKUP_FAILED, encode_id("db", backup.database_id), reason=available)


async def put_once(store: ObjectStore, key: str, content: bytes, location: Location) -> None:
    """Fine when the very same is there already, which an attempt before this one has put."""
    if await store.head(key) is None:
        try:
            await store.put(key, content, if_absent=bool(location.capabilities.get("honours_if_none_match")))
        except ObjectExists:
            pass
        else:
            return
    if await store.get(key, limit_bytes=_MANIFEST_BYTES) != content:
        raise ManifestConflict(
            f"There is another manifest at {key}. Nothing was overwritten; find out who else writes to the location."
        )


async def _primary(runtime: Runtime, run: TakeRun, backup: Backup) -> tuple[Location, ObjectStore]:
    async with run.reading() as session:
        copies = (await BackupRepository(session).copies([backup.id]))[backup.id]
        location_id = next(copy.location_id for copy in copies if copy.is_primary)
        location = await LocationRepository(session).find(location_id)
    assert location is not None
    return location, await open_store(runtime.stores, runtime.key_ring, location)


async def _manifest(backups: BackupRepository, backup: Backup) -> Manifest:
    manifest = await backups.manifest(backup.id)
    assert manifest is not None, "the dump was not kept"
    return manifest


async def _mark_available(backups: BackupRepository, manifest: Manifest, location: Location) -> None:
    await backups.move_copies(
        manifest.backup_id,
        frm={CopyState.COPYING},
        to=CopyState.AVAILABLE,
        location_id=location.id,
        size_bytes=sum(stored.size_bytes for stored in manifest.objects),
        completed_at=await backups.now(),
    )


def rendered(manifest: Manifest) -> bytes:
    return manifest.model_dump_json().encode()


def _names(names: list[Name]) -> tuple[RelationName, ...]:
    return tuple(RelationName(schema_name=schema, name=name) for schema, name in names)
