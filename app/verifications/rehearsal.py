"""V2: the backup restored into a server made for it, compared, and thrown away."""

import re
import shutil
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app.kit.ids import encode_id
from app.locations.archives import open_archive, open_object
from app.locations.manifest import ObjectKind
from app.locations.models import Location
from app.postgres.connect import Target, connect
from app.postgres.errors import DiskFull, ToolMissing, VersionUnsupported
from app.postgres.identifiers import quoted
from app.postgres.making import Shape, create_database
from app.postgres.rehearsing import (
    Choice,
    ExtensionNotMade,
    Needed,
    absent_extensions,
    make_extensions,
    make_restorer,
    make_roles,
    roles_of,
)
from app.postgres.restore import Parts, RestoreFailed, RestoreInterrupted, Telling, Wish, restore_archive
from app.postgres.scratch import ScratchServerFailed, installation_for, scratch_server
from app.postgres.toolchain import Installation
from app.runtime import Runtime
from app.storage.store import ObjectStore
from app.verifications.comparing import compare
from app.verifications.errors import BackupBad, ScratchDiskShort, Unverifiable
from app.verifications.schemas import RehearsalReport
from app.verifications.subject import Subject, VerifyRun, run_as, store_of

_DATABASE: Final = "rehearsal"
_RESERVE_BYTES: Final = 1024 * 1024 * 1024  # for the server itself, and its log of changes
# Rows of a database are rarely compressed better than this, where the manifest does not tell its size.
_LARGEST_RATIO: Final = 8
# What pg_restore was told is missing: here, not in the backup.
_MISSING: Final = (
    re.compile(r'(extension "[^"]+") is not available'),
    re.compile(r'(collation "[^"]+" for encoding "[^"]+") does not exist'),
    re.compile(r'could not create (locale "[^"]+")'),
    re.compile(r'(ICU locale "[^"]+")'),
    re.compile(r'could not (?:access|load) (?:file|library) ("[^"]+")'),
    re.compile(r'(unrecognized configuration parameter "[^"]+")'),
)
_FOR_SUPERUSERS: Final = re.compile(r"permission denied|must be (?:a )?superuser|must be owner|[Oo]nly superusers? ")
_NOT_HELD: Final = re.compile(r"(\S+ \S+) does not exist")


@dataclass(frozen=True, slots=True)
class Rehearsal:
    runtime: Runtime
    run: VerifyRun
    subject: Subject

    async def restored(self, location: Location) -> tuple[RehearsalReport, list[str]]:
        """The report and its warnings. Nothing is left of the server afterwards.

        Raises BackupBad, Unverifiable, ScratchDiskShort, ScratchServerFailed, and what the copy and its store raise.
        """
        manifest, settings = self.subject.manifest, self.runtime.settings
        if manifest.options.data_only:
            raise Unverifiable(
                "The backup holds rows without the tables they belong to, so it cannot be restored alone."
            )
        server, client = self._installations()
        self.require_disk()
        store = await store_of(location, self.runtime)
        self.run.report(detail="starting a scratch server")
        async with scratch_server(
            scratch_folder(self.runtime, self.run), server, user=settings.postgres.run_as_user
        ) as superuser:
            try:
                return await self._in(superuser, server, client, store, location)
            except DiskFull as full:  # more than was expected, or somebody else fills it
                raise ScratchServerFailed(full.detail) from full

    def require_disk(self) -> None:
        """Raises ScratchDiskShort."""
        manifest = self.subject.manifest
        size = manifest.database_bytes or manifest.archive_object.plain_size_bytes * _LARGEST_RATIO
        needed = int(size * self.runtime.settings.verification.disk_factor) + _RESERVE_BYTES
        folder = scratch_parent(self.runtime)
        free = free_bytes(folder)
        if free < needed:
            raise ScratchDiskShort(needed_bytes=needed, free_bytes=free, folder=str(folder))

    def _installations(self) -> tuple[Installation, Installation]:
        versions = self.subject.manifest.versions
        try:
            server = installation_for(self.runtime.toolchain, max(versions.server_major, versions.client_major))
            client = self.runtime.toolchain.client_for_restore(
                versions.client_major, server.major, self.subject.manifest.compression.algorithm
            )
        except (ToolMissing, VersionUnsupported) as missing:
            package = missing.members.get("package")
            raise Unverifiable(missing.detail, missing=[package] if package else []) from missing
        return server, client

    async def _in(
        self, superuser: Target, server: Installation, client: Installation, store: ObjectStore, location: Location
    ) -> tuple[RehearsalReport, list[str]]:
        manifest, settings, name = self.subject.manifest, self.runtime.settings.verification, self._application_name
        warnings: list[str] = []
        roles = await make_roles(superuser, await self._roles(store, warnings), application_name=name)
        locale = await self._make_database(superuser, server.major)
        needed = await self._make_extensions(superuser)
        restorer = await make_restorer(superuser, _DATABASE, application_name=name)
        database = superuser.with_database(_DATABASE)
        await self._extend(database, needed, restorer.user)
        choice = Choice(needed, settings.as_superuser, [])
        target = database if settings.as_superuser else restorer
        began = self.runtime.clock()
        try:
            warnings += await self._restore(store, target, client, server.major, choice)
        except RestoreInterrupted:
            raise
        except RestoreFailed as failure:
            raise self._judged(failure, locale) from failure
        seconds = (self.runtime.clock() - began).total_seconds()
        compared = await compare(
            self.run,
            target,
            manifest,
            server_major=server.major,
            seconds=settings.fingerprint_seconds,
            application_name=name,
        )
        if locale is not None:
            warnings.append(locale)
        report = RehearsalReport(
            equal=compared.equal,
            location_id=location.id,
            server_version=server.version,
            server_reason=self._reason(server),
            as_superuser=settings.as_superuser,
            rows=compared.rows,
            size_bytes=compared.size_bytes,
            restore_seconds=seconds,
            tables=compared.tables,
            sequences=compared.sequences,
            large_objects=compared.large_objects,
            constraints=compared.constraints,
            extensions=compared.extensions,
            contents=compared.contents,
            roles=roles,
            left_out=choice.left_out,
        )
        return report, warnings

    async def _roles(self, store: ObjectStore, warnings: list[str]) -> set[str]:
        """Those of the server that was backed up, and those that the archive names."""
        manifest = self.subject.manifest
        stored = manifest.object(ObjectKind.GLOBALS)
        if stored is None:
            warnings.append("The backup has no roles of its server, so those that it names were made without them.")
            return set(manifest.roles)
        async with aclosing(open_object(store, stored, self.subject.identities)) as chunks:
            script = b"".join([chunk async for chunk in chunks])
        roles = set(roles_of(script.decode(errors="replace")))
        absent = sorted(name for name in set(manifest.roles) - roles if not name.startswith("pg_"))
        if absent:
            warnings.append(f"The archive names roles that are not among those of its server: {', '.join(absent)}.")
        return roles | set(manifest.roles)

    async def _make_database(self, superuser: Target, server_major: int) -> str | None:
        """A warning where the locale is not to be had here."""
        facts = self.subject.manifest.database
        shape = Shape(facts.encoding, facts.collate, facts.ctype, facts.locale_provider, facts.locale)
        async with connect(
            superuser, application_name=self._application_name, statement_timeout_seconds=600
        ) as session:
            instead = await create_database(session, _DATABASE, shape, server_major=server_major)
            await session.execute(f"ALTER DATABASE {_DATABASE} CONNECTION LIMIT -1")
        if instead is None:
            return None
        wanted = facts.locale or facts.collate
        return f"This machine does not have the locale {wanted} ({facts.locale_provider}); {instead} was taken."

    async def _make_extensions(self, superuser: Target) -> list[Needed]:
        """What is to be made. A part of a database comes without extensions, and may do without."""
        manifest = self.subject.manifest
        needed = [Needed(one.name, one.version, one.schema_name) for one in manifest.extensions]
        absent = await absent_extensions(superuser, needed, application_name=self._application_name)
        if absent and not manifest.options.tables:
            raise Unverifiable(
                f"The backup needs the extensions {', '.join(absent)}, which this machine's servers cannot make. Install "
                "their packages, or verify on a worker that has them.",
                missing=absent,
            )
        return [one for one in needed if one.name not in absent]

    async def _extend(self, database: Target, needed: list[Needed], owner: str) -> None:
        try:
            await make_extensions(database, needed, owner=owner, application_name=self._application_name)
        except ExtensionNotMade as missing:
            raise Unverifiable(missing.detail, missing=[missing.members["extension"]]) from missing
        # pg_dump of named tables leaves their schemas out.
        schemas = sorted({table.schema_name for table in self.subject.manifest.options.tables})
        async with connect(database, application_name=self._application_name) as session:
            for schema in schemas:
                await session.execute(f"CREATE SCHEMA IF NOT EXISTS {quoted(schema)} AUTHORIZATION {quoted(owner)}")

    async def _restore(
        self, store: ObjectStore, target: Target, client: Installation, server_major: int, choice: Choice
    ) -> list[str]:
        manifest, run = self.subject.manifest, self.run
        run.report(bytes_total=manifest.archive_object.plain_size_bytes)
        async with run.moving(), aclosing(open_archive(store, manifest, self.subject.identities)) as archive:
            return await restore_archive(
                archive,
                target,
                client,
                Wish(parts=Parts.ALL, owners=choice.as_superuser, grants=choice.as_superuser, tablespaces=False),
                header_length=manifest.index.header_length,
                server_major=server_major,
                application_name=self._application_name,
                run_as=run_as(self.runtime, client),
                telling=Telling(
                    bytes_read=lambda count: run.report(bytes_done=count),
                    doing=lambda text: run.report(detail=text),
                    copying=lambda *_: None,
                ),
                only=choice,
            )

    def _judged(self, failure: RestoreFailed, locale: str | None) -> BackupBad | Unverifiable:
        """Whether the backup is to blame, or what this server lacks."""
        options = self.subject.manifest.options
        for pattern in _MISSING:
            if found := pattern.search(failure.detail):
                return Unverifiable(failure.detail, missing=[found[1]])
        if not self.runtime.settings.verification.as_superuser and _FOR_SUPERUSERS.search(failure.detail):
            return Unverifiable(
                f"{failure.detail} Only a superuser can restore this, and what a backup holds is not trusted with that "
                "unless PGM_VERIFICATION__AS_SUPERUSER says so.",
                missing=["superuser"],
            )
        if locale is not None:
            return Unverifiable(f"{failure.detail} {locale}", missing=[locale])
        if (options.tables or options.exclude_tables) and (found := _NOT_HELD.search(failure.detail)):
            return Unverifiable(f"The backup is of a part of the database only. {failure.detail}", missing=[found[1]])
        return BackupBad(f"Every byte is as it was written, and yet it cannot be restored. {failure.detail}")

    def _reason(self, server: Installation) -> str | None:
        versions = self.subject.manifest.versions
        if server.major == versions.server_major:
            return None
        if versions.client_major > versions.server_major:
            return f"The archive was written by pg_dump {versions.client_major}; {server.major} is the lowest here that takes it."
        return f"There is no server of {versions.server_major} on this machine; {server.major} is the next one above."

    @property
    def _application_name(self) -> str:
        return f"pgmanager {encode_id('job', self.run.id)}"


def scratch_parent(runtime: Runtime) -> Path:
    return runtime.settings.data_dir.absolute() / "scratch"


def scratch_folder(runtime: Runtime, run: VerifyRun) -> Path:
    return scratch_parent(runtime) / encode_id("job", run.id)


def free_bytes(folder: Path) -> int:
    """Of the disk that ``folder`` is on, or will be."""
    there = next(path for path in (folder, *folder.parents) if path.exists())
    return shutil.disk_usage(there).free
