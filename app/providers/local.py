"""One real PostgreSQL cluster per database on this machine, started detached, kept alive by the reconciler."""

import asyncio
import os
import shutil
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import UUID

from app.kit.ids import encode_id, new_id
from app.postgres.cluster import Cluster, ClusterSpec, ClusterStatus, free_port
from app.postgres.cluster_files import ClusterFiles
from app.postgres.connect import connect
from app.postgres.identifiers import quoted
from app.postgres.pgbouncer import PgBouncer
from app.postgres.server_user import server_user
from app.postgres.toolchain import Toolchain
from app.providers.protocol import Capabilities, Made, Note, Phase, ServerSpec, ServerStatus, silent

_LOCK_SECONDS = 10.0
_STATUS = {
    ClusterStatus.RUNNING: ServerStatus.RUNNING,
    ClusterStatus.STARTING: ServerStatus.STARTING,
    ClusterStatus.STOPPING: ServerStatus.STARTING,
    ClusterStatus.STOPPED: ServerStatus.STOPPED,
    ClusterStatus.CRASHED: ServerStatus.CRASHED,
    ClusterStatus.ABSENT: ServerStatus.ABSENT,
}


class LocalProvider:
    """Servers under ``directory``, one folder each, on ports of the given range. Used by the host's own workers only."""

    # ruff: noqa: ARG002 (the protocol names the arguments)
    name = "local"
    capabilities = Capabilities(creates=True, restarts=True, destroys=True, bound_to_host=True)
    phases = (Phase.CREATE,)

    def __init__(self, toolchain: Toolchain, directory: Path, *, ports: tuple[int, int], user: str | None) -> None:
        self._toolchain = toolchain
        self._directory = directory
        self._ports = ports
        self._user = user

    async def prepare(self, spec: ServerSpec) -> dict[str, Any]:
        installation = self._toolchain.server(spec.major)
        return {"port": await self.free_port(), "major": installation.major}

    async def create(self, spec: ServerSpec, phase: Phase, note: Note = silent) -> Made:
        """Raises PortTaken when another process took the prepared port meanwhile: prepare again."""
        self._directory.mkdir(parents=True, exist_ok=True)
        cluster = self._cluster(spec)
        await cluster.create()
        await cluster.start()
        async with connect(cluster.target, application_name="pgmanager provisioning") as connection:
            exists = await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", spec.database)
            if not exists:
                await connection.execute(f"CREATE DATABASE {quoted(spec.database)}")
        return Made(target=cluster.target.with_database(spec.database))

    async def status(self, spec: ServerSpec) -> ServerStatus:
        return _STATUS[await asyncio.to_thread(self._cluster(spec).status)]

    async def start(self, spec: ServerSpec) -> None:
        await self._cluster(spec).start()

    async def restart(self, spec: ServerSpec) -> None:
        await self._cluster(spec).restart()

    async def rescue(self, spec: ServerSpec, settings: Mapping[str, str]) -> None:
        await self._cluster(spec).start(instead=settings)

    async def stop(self, spec: ServerSpec) -> None:
        """Only the embedded stack and tests stop servers that should run; the reconciler would start them again."""
        pooler = self.pooler(spec.id)
        if pooler.files.directory.exists():
            async with pooler.locked():
                await pooler.stop()
        await self._cluster(spec).stop()

    async def free_bytes(self, database_id: UUID) -> int | None:
        with suppress(FileNotFoundError):  # a server that was made elsewhere
            return (await asyncio.to_thread(shutil.disk_usage, self._folder(database_id))).free
        return None

    async def require_tls(self, database_id: UUID, *, required: bool) -> None:
        """Of every session over the network, from the server's next reload on, and after restarts as well."""
        files = ClusterFiles(self._folder(database_id), server_user(self._user))
        async with files.locked(_LOCK_SECONDS):
            if required:
                files.write(files.tls_required, "")
            else:
                files.tls_required.unlink(missing_ok=True)
            files.write_hba()

    async def require_destroyable(self, spec: ServerSpec) -> None:
        """Its folder is its own."""

    async def destroy(self, spec: ServerSpec, note: Note = silent) -> dict[str, Any]:
        pooler = self.pooler(spec.id)
        if pooler.files.directory.exists():
            async with pooler.locked():
                await pooler.destroy()
        if "major" in spec.data:
            await self._cluster(spec).destroy()
        return {}

    async def free_port(self) -> int:
        return await asyncio.to_thread(free_port, *self._ports)

    def pooler(self, database_id: UUID) -> PgBouncer:
        """Beside the servers' folders, so that it can be ended after its server is gone."""
        return PgBouncer(self._directory.parent / "poolers" / encode_id("db", database_id), user=self._user)

    def sockets(self, database_id: UUID, port: int) -> Path | None:
        """The folder of the server's socket; None for a server without one, whose folder has too long a name."""
        folder = self._folder(database_id) / "sockets"
        return folder if (folder / f".s.PGSQL.{port}").exists() else None

    def certificates(self, database_id: UUID) -> Path:
        """The folder of the server's root and its key, where the server has TLS."""
        return self._folder(database_id) / "tls"

    def _cluster(self, spec: ServerSpec) -> Cluster:
        return Cluster(
            ClusterSpec(
                directory=self._folder(spec.id),
                port=spec.data["port"],
                superuser=spec.username,
                password=spec.password,
            ),
            self._toolchain.server(spec.data["major"]),
            user=self._user,
        )

    def _folder(self, database_id: UUID) -> Path:
        return self._directory / encode_id("db", database_id)


def host_id(data_directory: Path) -> UUID:
    """This machine's id, made on first use. Local servers belong to it, since nobody else reaches their files."""
    path = data_directory / "host-id"
    data_directory.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        mine = path.with_name(f"host-id.{os.getpid()}")
        mine.write_text(str(new_id()))
        with suppress(FileExistsError):  # another process of this host was first
            os.link(mine, path)
        mine.unlink()
    return UUID(path.read_text())
