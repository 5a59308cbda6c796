"""What a restore works with, read from our tables, and whether the target server can take it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from app.databases.access import target_of
from app.databases.models import Database
from app.errors import Problem
from app.jobs.run import Run
from app.kit.age import Identity
from app.kit.ids import encode_id
from app.locations.archives import RESTORABLE, Archives
from app.locations.identity import identities
from app.locations.manifest import Manifest
from app.locations.models import Location
from app.postgres.connect import Session, Target, TlsMode, connect
from app.postgres.making import NameClash, Shape, oid_of
from app.postgres.restore import Parts, Wish
from app.postgres.roles import missing_extensions, role_names
from app.postgres.toolchain import Ability, Installation, Toolchain
from app.postgres.traits import RoleSettings, Traits
from app.restores.errors import (
    BackupNotRestorable,
    CopyMissing,
    ExtensionUnavailable,
    RestoreImpossible,
    RoleMissing,
    TargetAbsent,
)
from app.restores.models import OwnerMode, Restore, TargetKind
from app.restores.repository import RestoreRepository
from app.runtime import Runtime

LOOK_SECONDS: Final = 5.0
ALWAYS_THERE: Final = frozenset({"plpgsql"})


@dataclass(frozen=True, slots=True)
class Plan:
    restore: Restore
    database: Database
    manifest: Manifest
    locations: Sequence[Location]
    identities: Sequence[Identity]
    target: Target

    @property
    def name(self) -> str:
        return self.restore.logical_database

    @property
    def server_major(self) -> int:
        assert self.database.server_major is not None
        return self.database.server_major

    @property
    def shape(self) -> Shape:
        facts = self.manifest.database
        return Shape(facts.encoding, facts.collate, facts.ctype, facts.locale_provider, facts.locale)

    def client(self, toolchain: Toolchain) -> Installation:
        return client_for(toolchain, self.manifest, self.server_major, self.target.tls)

    def wish(self) -> Wish:
        restore, mode = self.restore, OwnerMode(self.restore.owner_mode)
        return Wish(
            parts=Parts(restore.parts),
            owner_of=restore.role_map.get if mode is OwnerMode.MAP else None,
            owners=mode is not OwnerMode.STRIP,
            grants=mode is OwnerMode.KEEP,
            # Another server need not have the same ones.
            tablespaces=self.manifest.database_id == self.database.id,
        )

    def traits(self) -> Traits:
        """Of the backed up database itself, as far as the owner mode lets them through."""
        facts, mode = self.manifest.database, OwnerMode(self.restore.owner_mode)
        keep = mode is OwnerMode.KEEP
        owner = facts.owner if keep else self.restore.role_map.get(facts.owner)
        return Traits(
            owner=owner,
            acl=facts.acl if keep else None,
            connection_limit=facts.connection_limit,
            comment=facts.comment,
            settings=tuple(RoleSettings(one.role, one.values) for one in facts.settings if keep or one.role is None),
        )


async def read_plan(run: Run[Any, Any], runtime: Runtime) -> Plan:
    """Raises BackupNotRestorable, CopyMissing, DatabaseNotReady."""
    async with run.reading() as session:
        restore = await RestoreRepository(session).find(run.args.restore_id)
        database = await session.get_one(Database, restore.database_id, populate_existing=True)
        archives = Archives(session)
        backup = await archives.get(restore.backup_id, None)
        if backup is None or backup.state not in RESTORABLE:
            raise BackupNotRestorable(restore.backup_id, backup.state if backup else "deleted")
        locations = await archives.locations(backup.id)
        if not locations:
            raise CopyMissing(backup.id)
        return Plan(
            restore=restore,
            database=database,
            manifest=await archives.manifest(backup.id),
            locations=locations,
            identities=await identities(session, runtime.key_ring),
            target=target_of(database, runtime.key_ring, address=run.memo.address),
        )


def client_for(toolchain: Toolchain, manifest: Manifest, server_major: int, tls: TlsMode) -> Installation:
    """Raises VersionUnsupported, ToolMissing."""
    return toolchain.client_for_restore(
        manifest.versions.client_major,
        server_major,
        manifest.compression.algorithm,
        needs=[] if tls in (TlsMode.DISABLE, TlsMode.PREFER) else [Ability.TLS],
    )


def require_fitting(manifest: Manifest, kind: TargetKind, parts: Parts) -> None:
    """What a backup cannot give. Raises RestoreImpossible."""
    options = manifest.options
    if parts is Parts.DATA:
        raise RestoreImpossible(
            "Rows alone need tables to go into, and a restore makes its database anew. Restore all of it, or download the "
            "archive and load it with pg_restore --data-only."
        )
    if options.data_only:
        raise RestoreImpossible(
            "The backup holds rows without the tables they belong to. Download it and load it with pg_restore --data-only."
        )
    if kind is TargetKind.IN_PLACE and (options.tables or options.exclude_tables or options.schema_only):
        raise RestoreImpossible(
            "The backup does not hold the whole database, so it must not replace it. Restore it into a new logical "
            "database and copy from there."
        )
    if kind is TargetKind.IN_PLACE and parts is not Parts.ALL:
        raise RestoreImpossible("A database is replaced as a whole: restore all parts, or into a new logical database.")


async def refusal_of_server(target: Target, restore: Restore, manifest: Manifest) -> Problem | None:
    """Why the server cannot take the restore, seen at once. Raises what ``connect`` raises."""
    async with connect(target, application_name="pgmanager restores", connect_timeout_seconds=LOOK_SECONDS) as session:
        return await _refusal(session, restore, manifest)


async def _refusal(session: Session, restore: Restore, manifest: Manifest) -> Problem | None:
    exists = await oid_of(session, restore.logical_database) is not None
    if restore.target_kind == TargetKind.LOGICAL_DATABASE and exists:
        return NameClash(restore.logical_database)
    if restore.target_kind == TargetKind.IN_PLACE and not exists:
        return TargetAbsent(restore.logical_database)
    if missing := await missing_extensions(session, {one.name for one in manifest.extensions} - ALWAYS_THERE):
        return ExtensionUnavailable(missing)
    if absent := set(restore.role_map.values()) - await role_names(session):
        return RoleMissing(sorted(absent))
    return None


def application_name(run: Run[Any, Any]) -> str:
    """Carried by every session of the job, so that they can be found."""
    return f"pgmanager {encode_id('job', run.id)}"
