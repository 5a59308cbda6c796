"""Rebuilding: projects, locations, databases and backups as the manifests of a bucket tell of them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from app.auth.principal import Principal
from app.auth.scopes import Scope
from app.catalogue.finding import Bucket, FoundManifest, ManifestBroken, look_through, read_manifest
from app.catalogue.repository import CatalogueRepository
from app.catalogue.schemas import Broken, Place, RebuildReport
from app.databases.models import Database, DatabaseState, Project, ProviderName
from app.errors import Problem
from app.kit.age import Identity
from app.kit.ids import encode_id
from app.locations.holdings import Backup, BackupCopy, BackupManifest, BackupState, CopyState, Encryption
from app.locations.identity import adopt_identity, identities
from app.locations.manifest import Manifest
from app.locations.models import LocationState
from app.locations.probing import try_out
from app.locations.schemas import LocationCreate
from app.locations.service import LocationService
from app.runtime import Runtime
from app.storage.probe import ProbeReport
from app.storage.s3 import S3Location

log = structlog.get_logger()

ACTOR: Final = "cli"
GOOD: Final = frozenset({BackupState.AVAILABLE, BackupState.PARTIAL})
_NOBODY_KNOWS: Final = "Found in the manifests of its backups; where its server is, or was, they do not tell."


class _Operator(Principal):
    """Whoever has the control database may do everything."""

    @property
    def actor(self) -> str:
        return ACTOR


_OPERATOR: Final = _Operator(UUID(int=0), ACTOR, frozenset(Scope), None)


@dataclass(frozen=True, slots=True)
class CatalogueService:
    """Adds what is missing and changes nothing that is there, so it may be run twice, and interrupted."""

    runtime: Runtime
    place: Place
    report: RebuildReport = field(default_factory=RebuildReport)

    async def rebuild(self, keys: Sequence[Identity]) -> RebuildReport:
        """``keys`` are taken in, to open the backups. Raises what the store raises when it cannot be looked through."""
        async with self.runtime.sessions() as session, session.begin():
            for key in keys:
                if await adopt_identity(session, self.runtime.key_ring, key):
                    self.report.count("keys")
            known = {str(one.recipient) for one in await identities(session, self.runtime.key_ring)}
        store = await self.runtime.stores.open(self._at(self.place.prefix))
        bucket = await look_through(store)
        self.report.manifests = len(bucket.manifests)
        locations = await self._locations(bucket)
        for found in bucket.manifests:
            location_id = locations.get((found.project_id, found.prefix))
            if location_id is None:
                self._broken(found, "its project was deleted in this catalogue")
                continue
            try:
                manifest, lacks = await read_manifest(store, found, bucket)
            except ManifestBroken as broken:
                self._broken(found, str(broken))
                continue
            async with self.runtime.sessions() as session, session.begin():
                await self._add(session, found, manifest, location_id, lacks)
            if manifest.archive_object.encryption is Encryption.AGE and known.isdisjoint(manifest.recipients):
                self.report.without_key.append(encode_id("bak", manifest.backup_id))
        return self.report

    async def _locations(self, bucket: Bucket) -> dict[tuple[UUID, str], UUID]:
        """One for each project and prefix in the bucket, by these two. None for a project that is deleted."""
        result = {}
        for project_id, prefix in dict.fromkeys((found.project_id, found.prefix) for found in bucket.manifests):
            async with self.runtime.sessions() as session, session.begin():
                rows = CatalogueRepository(session)
                project = await rows.project(project_id)
                if project is None:
                    name = f"recovered-{project_id.hex[-8:]}"
                    await rows.add_project(Project(id=project_id, name=name, created_by=ACTOR))
                    self.report.count("projects")
                elif project.deleted_at is not None:
                    continue
                at = self._at("/".join(part for part in (self.place.prefix, prefix) if part))
                location = await rows.location_at(project_id, at)
            result[project_id, prefix] = location.id if location else await self._add_location(project_id, at)
        return result

    async def _add_location(self, project_id: UUID, at: S3Location) -> UUID:
        """Tried out as any other; one that can only be read is kept as well, since reading is what it is for now."""
        settings = self.runtime.settings.storage
        async with self.runtime.sessions() as session, session.begin():
            service = LocationService(session, self.runtime.key_ring, self.runtime.clock)
            location = await service.prepare(await self._wish(session, project_id, at), _OPERATOR)
        failure: Problem | None = None
        report = ProbeReport()
        try:
            report = await try_out(location, self.runtime.key_ring, settings, self.runtime.clock)
        except Problem as problem:
            failure = problem
            self.report.warnings.append(
                f"Writing to {location.name} failed, so only restores will work: {problem.detail}"
            )
        async with self.runtime.sessions() as session, session.begin():
            service = LocationService(session, self.runtime.key_ring, self.runtime.clock)
            await service.create(location, report, _OPERATOR)
            if failure is not None:
                location.state, location.probe_error = LocationState.UNREACHABLE, failure.document()
        self.report.count("locations")
        return location.id

    async def _wish(self, session: AsyncSession, project_id: UUID, at: S3Location) -> LocationCreate:
        name, number = self.place.name, 1
        while await CatalogueRepository(session).has_location_named(project_id, name):
            number += 1
            name = f"{self.place.name[:58]}-{number}"
        wish = self.place.model_dump() | {"project_id": project_id, "name": name, "prefix": at.prefix}
        return LocationCreate.model_validate(wish)

    async def _add(
        self, session: AsyncSession, found: FoundManifest, manifest: Manifest, location_id: UUID, lacks: list[str]
    ) -> None:
        rows = CatalogueRepository(session)
        if await rows.database(manifest.database_id) is None:
            environment = await rows.production(manifest.project_id)
            await rows.add_database(_database(manifest, environment.id))
            self.report.count("databases")
        backup = await rows.backup(manifest.backup_id)
        if backup is None:
            session.add(_backup(manifest, found, lacks))
            await session.flush()
            session.add(BackupManifest(backup_id=manifest.backup_id, manifest=manifest.model_dump(mode="json")))
            self.report.count("backups")
        else:
            self.report.known += 1
            if backup.state not in GOOD:
                return
        if await rows.copy(manifest.backup_id, location_id) is None:
            session.add(
                BackupCopy(
                    backup_id=manifest.backup_id,
                    location_id=location_id,
                    state=CopyState.AVAILABLE,
                    is_primary=backup is None,
                    size_bytes=sum(stored.size_bytes for stored in manifest.objects),
                    completed_at=found.written_at,
                )
            )
            self.report.count("copies")

    def _at(self, prefix: str) -> S3Location:
        place = self.place
        return S3Location(
            endpoint_url=place.endpoint_url,
            bucket=place.bucket,
            prefix=prefix,
            region=place.region,
            addressing_style="path" if place.addressing == "path" else "virtual",
            access_key_id=place.access_key_id,
            secret_access_key=place.secret_access_key,
        )

    def _broken(self, found: FoundManifest, reason: str) -> None:
        log.warning("catalogue.manifest_broken", key=found.key, reason=reason)
        self.report.broken.append(Broken(key=found.key, reason=reason))


def _database(manifest: Manifest, environment_id: UUID) -> Database:
    return Database(
        id=manifest.database_id,
        project_id=manifest.project_id,
        environment_id=environment_id,
        name=manifest.database_name,
        provider=ProviderName.EXTERNAL,
        state=DatabaseState.MISSING,
        state_reason=_NOBODY_KNOWS,
        server_version=manifest.versions.server,
        server_major=manifest.versions.server_major,
        default_database=manifest.database.name,
        created_by=ACTOR,
    )


def _backup(manifest: Manifest, found: FoundManifest, lacks: list[str]) -> Backup:
    """When it was to expire is not in a manifest, so it never does before somebody says so."""
    return Backup(
        id=manifest.backup_id,
        set_id=manifest.set_id,
        project_id=manifest.project_id,
        database_id=manifest.database_id,
        logical_database=manifest.database.name,
        origin=manifest.origin,
        state=BackupState.AVAILABLE,
        encryption=manifest.archive_object.encryption,
        options=manifest.options.model_dump(mode="json"),
        client_version=manifest.versions.client,
        server_version=manifest.versions.server,
        compression=f"{manifest.compression.algorithm}:{manifest.compression.level}",
        snapshot_at=manifest.snapshot.at,
        size_bytes=sum(stored.size_bytes for stored in manifest.objects),
        tables=len(manifest.tables),
        rows=sum(table.rows for table in manifest.tables),
        manifest_written_at=found.written_at,
        warnings=[*manifest.warnings, *(f"When the catalogue was rebuilt, {one}." for one in lacks)],
        labels=manifest.labels,
        created_by=ACTOR,
        created_at=manifest.created_at,
    )
