"""The last proof of a backup: its objects fetched from the bucket and restored by stock programs, without a line of ours."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg
from pydantic import SecretStr

from app.locations.manifest import Manifest, ObjectKind
from app.postgres.cluster import Cluster, ClusterSpec, free_port
from app.postgres.identifiers import quoted
from app.postgres.toolchain import Installation
from tests.e2e.auditor import every, manifests, prefix_of, remains, secrets_in_logs, secrets_in_rows
from tests.e2e.stock_files import StockFiles, ran, restoring_client
from tests.e2e.world import World

_PORTS = (30000, 30499)
_DATABASE = "scratch"
_SUPERUSER, _PASSWORD = "auditor", "of a scratch server"  # a name that no globals bring a password for


@dataclass(frozen=True)
class Audit:
    """What the auditor found at the end; the lists are empty when all is well."""

    backups: int  # that were restored by stock programs
    copies: int  # that were fetched and compared
    rows: int
    violations: list[str]

    def lines(self) -> list[str]:
        return [
            f"{self.copies} copies fetched and compared, {self.backups} backups restored with age and pg_restore, {self.rows:,} rows equal to their manifests",
            *(self.violations or ["no process, lock, session, database, role, object or secret left"]),
        ]


async def full_audit(world: World) -> Audit:
    violations = await remains(world)
    violations += await asyncio.to_thread(secrets_in_logs, world)
    violations += await secrets_in_rows(world)
    found = await manifests(world)
    claimed = {backup["id"] for backup in await every(world, "/v1/backups?state=available&state=partial")}
    stored = {key.split("/")[-2] for key in found}
    violations += [f"{backup} is said to be available and has no manifest" for backup in sorted(claimed - stored)]
    violations += [f"{backup} has a manifest and is not said to be available" for backup in sorted(stored - claimed)]
    rows = 0
    async with AsyncExitStack() as stack:
        restorer = await stack.enter_async_context(_restorer(world))
        restored: set[str] = set()
        for key, manifest in found.items():
            backup = key.split("/")[-2]
            try:
                if backup in restored:  # the same bytes in another place
                    await restorer.fetched(prefix_of(key), manifest)
                else:
                    rows += await restorer.restored(prefix_of(key), manifest)
            except AssertionError as wrong:
                violations.append(f"{key}: {wrong}")
            restored.add(backup)
    return Audit(backups=len(stored), copies=len(found), rows=rows, violations=violations)


@asynccontextmanager
async def _restorer(world: World) -> AsyncIterator["_Restorer"]:
    folder = world.directory / "audit"
    folder.mkdir()
    try:
        async with AsyncExitStack() as stack:
            yield _Restorer(world, folder, StockFiles(world, folder), stack, {})
    finally:
        shutil.rmtree(folder)


@dataclass(frozen=True)
class _Restorer:
    world: World
    folder: Path
    files: StockFiles
    stack: AsyncExitStack
    scratch: dict[int, Cluster]

    async def fetched(self, prefix: str, manifest: Manifest) -> None:
        """Raises AssertionError when anything is not as the manifest says."""
        await self.files.fetch(await self.world.bucket(prefix.rstrip("/")), manifest)

    async def restored(self, prefix: str, manifest: Manifest) -> int:
        """The rows that were found. Raises AssertionError as ``fetched`` does."""
        await self.fetched(prefix, manifest)
        plain = await self.files.plain(manifest.archive_object)
        roles = None
        if globals_object := manifest.object(ObjectKind.GLOBALS):
            roles = await self.files.plain(globals_object)
            assert b"CREATE ROLE" in roles.read_bytes(), "the globals hold no role"
        installation = restoring_client(self.world, manifest)
        if manifest.options.data_only or manifest.options.tables:
            await ran([*installation.command("pg_restore"), f"--file={os.devnull}", str(plain)])
            return 0
        cluster = await self._cluster(manifest.versions.server_major)
        maintenance = await _connected(cluster, "postgres")
        try:
            await maintenance.execute(f"DROP DATABASE IF EXISTS {_DATABASE}")
            await maintenance.execute(f"CREATE DATABASE {_DATABASE} TEMPLATE template0")
        finally:
            await maintenance.close()
        await self._load(installation, cluster, plain, roles)
        return await self._count(cluster, manifest)

    async def _cluster(self, major: int) -> Cluster:
        if major not in self.scratch:
            spec = ClusterSpec(
                directory=self.folder / f"scratch-{major}",
                port=free_port(*_PORTS),
                superuser=_SUPERUSER,
                password=SecretStr(_PASSWORD),
                settings={"ssl": "off"},
                fsync=False,
            )
            cluster = Cluster(spec, self.world.toolchain.server(major), attached=True)
            await cluster.create()
            self.stack.push_async_callback(cluster.destroy)
            await cluster.start()
            self.scratch[major] = cluster
        return self.scratch[major]

    async def _load(self, installation: Installation, cluster: Cluster, plain: Path, roles: Path | None) -> None:
        # As whoever has nothing but the files: first the roles, those that an earlier backup brought included, then the
        # archive. Policies and grants name them, so without the globals what names them is left out.
        place = ["--host=127.0.0.1", f"--port={cluster.spec.port}", f"--username={_SUPERUSER}", f"--dbname={_DATABASE}"]
        if roles is not None:
            psql = [*installation.command("psql"), "--no-psqlrc", "--quiet", f"--file={roles}"]
            await ran([*psql, *place], PGPASSWORD=_PASSWORD)
        command = [
            *installation.command("pg_restore"),
            "--exit-on-error",
            *([] if roles else ["--no-owner", "--no-acl"]),
        ]
        await ran([*command, *place, str(plain)], PGPASSWORD=_PASSWORD)

    async def _count(self, cluster: Cluster, manifest: Manifest) -> int:
        session = await _connected(cluster, _DATABASE)
        total = 0
        try:
            for table in manifest.tables:
                name = f"{quoted(table.schema_name)}.{quoted(table.name)}"
                rows = await session.fetchval(f"SELECT count(*) FROM ONLY {name}")
                assert rows == table.rows, f"{name} has {rows} rows instead of {table.rows}"
                total += rows
        finally:
            await session.close()
        return total


async def _connected(cluster: Cluster, database: str) -> "asyncpg.Connection[asyncpg.Record]":
    return await asyncpg.connect(
        host="127.0.0.1", port=cluster.spec.port, user=_SUPERUSER, password=_PASSWORD, database=database
    )
