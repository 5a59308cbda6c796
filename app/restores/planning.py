"""What a restore works with, read from our tables, and whether the target server can take it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from app.databases.access import target_of
from app.databases.models import Database
from app.jobs.run import Run
from app.kit.age import Identity
from app.kit.ids import encode_id
from app.locations.archives import RESTORABLE, Archives
from app.locations.identity import identities
from app.locations.manifest import Manifest
from app.locations.models import Location
from app.postgres.connect import Target, TlsMode
from app.postgres.making import Shape
from app.postgres.restore import Parts, Wish
from app.postgres.toolchain import Ability, Installation, Toolchain
from app.postgres.traits import RoleSettings, Traits
from app.restores.errors import (
    BackupNotRestorable,
    CopyMissing,
    RestoreImpossible,
)
from app.restores.models import OwnerMode, Restore, TargetKind
from app.restores.repository import RestoreRepository
from app.runtime import Runtime

TableKey = tuple[str, str]

LOOK_SECONDS: Final = 5.0
ALWAYS_THERE: Final = frozenset({"plpgsql"})


@dataclass(frozen=True, slots=True)
class Reading:
    """Where the archive can be read, and how it is opened."""

    manifest: Manifest
    locations: Sequence[Location]
    identities: Sequence[Identity]


@dataclass(frozen=True, slots=True)
class Plan(Reading):
    restore: Restore
    database: Database
    target: Target

    @property
    def name(self) -> str:
        return self.restore.logical_database

    @property
    def tables(self) -> frozenset[TableKey] | None:
        """Those that were selected; None for all."""
        return names_of_tables(self.restore)

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


def names_of_tables(restore: Restore) -> frozenset[TableKey] | None:
    if restore.tables is None:
        return None
    return frozenset((table["schema"], table["name"]) for table in restore.tables)


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
    if (kind is TargetKind.ROWS) is not (parts is Parts.DATA):
        raise RestoreImpossible(
            "Rows alone need tables to go into: parts data and the target rows go together, and with nothing else."
        )
    if options.data_only and kind is not TargetKind.ROWS:
        raise RestoreImpossible(
            "The backup holds rows without the tables they belong to. Restore it into tables that are there, with the target "
            "rows and parts data."
        )
    if options.schema_only and kind is TargetKind.ROWS:
        raise RestoreImpossible("The backup holds no rows. Take one that does, or restore its definitions.")
    if kind is TargetKind.IN_PLACE and (options.tables or options.exclude_tables or options.schema_only):
        raise RestoreImpossible(
            "The backup does not hold the whole database, so it must not replace it. Restore it into a new logical "
            "database and copy from there."
        )
    if kind is TargetKind.IN_PLACE and parts is not Parts.ALL:
        raise RestoreImpossible("A database is replaced as a whole: restore all parts, or into a new logical database.")


def application_name(run: Run[Any, Any]) -> str:
    """Carried by every session of the job, so that they can be found."""
    return f"pgmanager {encode_id('job', run.id)}"
