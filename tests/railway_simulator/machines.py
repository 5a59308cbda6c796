"""The machines behind the platform: a real PostgreSQL server over each volume that a running service mounts.

    async with Machines.opened(directory) as machines:            # at the end every server is stopped
        machines.majors                                           # an image of any other major cannot be pulled
        await machines.start(volume, major=15, variables={...})   # ready for connections, or MachineFailed with its log
        machines.port(volume)                                     # on 127.0.0.1; None while no server runs there
        await machines.stop(volume)                               # as the image stops: killed, the next start recovers
        await machines.crash(volume)                              # its processes are gone; nobody starts it again
        await machines.copy(volume, to=another)                   # what a snapshot holds; safe while the server writes
        await machines.size_mb(volume)
        machines.log(volume)                                      # the last lines, for the deployment's log
        await machines.remove(volume)                             # server and data

A volume is named by any text that is good for a folder; one that is not there yet is empty. ``start`` of a server that
runs does nothing, and neither do ``stop``, ``crash`` and ``remove`` of what is not there. Calls for one volume wait for
each other. The doors to a server take its port anew for each connection: ``Relay.opened(lambda: machines.port(volume))``
is the public proxy (its ``.port`` at 127.0.0.1), ``join_private_network(environment_id, lambda: machines.port(volume))``
the private name (its ``.host`` at 5432); ``await door.close()`` cuts whoever is connected.
"""

import asyncio
import os
import signal
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path
from shutil import rmtree
from typing import Final, Self

import asyncpg
from cryptography import x509
from pydantic import SecretStr

from app.errors import Problem
from app.postgres import certificates
from app.postgres.cluster import Cluster, ClusterSpec, ClusterStatus, free_port
from app.postgres.errors import PortTaken
from app.postgres.identifiers import quoted
from app.postgres.postmaster import Postmaster, StopMode
from app.postgres.server_user import ServerUser, server_user
from app.postgres.toolchain import Ability, Installation, Toolchain
from tests.initdb import initdb_runs_once
from tests.railway_simulator.volume_copy import copy_volume

_PORTS: Final = (27000, 28999)
_STARTS: Final = 5  # another process may take a port between our look and the start
_LOG_BYTES: Final = 32 * 1024
_SOCKET_PATH_BYTES: Final = 107
# The image's own, without its lines that trust the loopback interface: whoever comes through a door comes from there.
_HBA: Final = """\
local all all trust
local replication all trust
host all all all scram-sha-256
"""


class MachineFailed(Exception):
    """The server did not come up; the text is the end of the deployment's log."""


class Machines:
    def __init__(self, directory: Path, toolchain: Toolchain) -> None:
        """``directory`` must be one that the servers' user can enter, which is not root."""
        fitting = [i for i in toolchain.installations if i.abilities >= {Ability.SERVER, Ability.TLS}]
        self._installations: dict[int, Installation] = {i.major: i for i in fitting}
        self._folder = directory / "volumes"
        # One for all, since a socket's path must be short; to whoever gets in there, the servers answer without a password.
        self._sockets = directory / "sockets"
        self._user: ServerUser | None = server_user()
        self._clusters: dict[str, Cluster] = {}
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    @classmethod
    @asynccontextmanager
    async def opened(cls, directory: Path) -> AsyncIterator[Self]:
        machines = cls(directory.absolute(), await Toolchain.discover())
        machines._prepare()
        with initdb_runs_once(directory.absolute() / "initdb"):
            try:
                yield machines
            finally:
                async with asyncio.TaskGroup() as group:
                    for volume in machines._clusters:
                        group.create_task(machines.stop(volume))

    @property
    def majors(self) -> frozenset[int]:
        """Those whose server speaks TLS, which a build that leaves it out for its programs leaves out for its server."""
        return frozenset(self._installations)

    async def start(self, volume: str, *, major: int, variables: Mapping[str, str]) -> None:
        """As the image does: only an empty volume takes user, password and database from the variables."""
        async with self._locks[volume]:
            for starts_left in reversed(range(_STARTS)):
                try:
                    await self._start(volume, major, variables)
                    break
                except PortTaken as taken:
                    if not starts_left:
                        raise MachineFailed(str(taken)) from taken
                except Problem as problem:
                    raise MachineFailed(str(problem)) from problem

    async def stop(self, volume: str) -> None:
        async with self._locks[volume]:
            if cluster := self._clusters.get(volume):
                await cluster.stop(StopMode.IMMEDIATE)

    async def crash(self, volume: str) -> None:
        async with self._locks[volume]:
            cluster = self._clusters.get(volume)
            if cluster and (postmaster := Postmaster.of(cluster.files.data)) and postmaster.is_alive():
                os.kill(postmaster.pid, signal.SIGKILL)
                await postmaster.stop(StopMode.IMMEDIATE, 10)

    def port(self, volume: str) -> int | None:
        cluster = self._clusters.get(volume)
        running = cluster is not None and cluster.status() is ClusterStatus.RUNNING
        return cluster.spec.port if cluster and running else None

    async def copy(self, volume: str, *, to: str) -> None:
        """``to`` must be empty. Raises whatever keeps the copy from being one that a server can start with."""
        async with self._locks[volume], self._locks[to]:
            source, copied = self._folder / volume, self._folder / to
            if copied.exists():
                raise ValueError(f"volume {to} is not empty")
            if self.port(volume) is None:
                await copy_volume(source, copied)
            else:
                async with self._session(volume) as session:
                    await copy_volume(source, copied, session)

    async def size_mb(self, volume: str) -> float:
        return await asyncio.to_thread(_size_mb, self._folder / volume)

    def log(self, volume: str) -> list[str]:
        try:
            with (self._folder / volume / "server.log").open("rb") as file:
                file.seek(max(0, file.seek(0, os.SEEK_END) - _LOG_BYTES))
                return file.read().decode(errors="replace").splitlines()
        except FileNotFoundError:
            return []

    async def remove(self, volume: str) -> None:
        async with self._locks[volume]:
            if cluster := self._clusters.pop(volume, None):
                await cluster.stop(StopMode.IMMEDIATE)
            await asyncio.to_thread(rmtree, self._folder / volume, ignore_errors=True)

    def _prepare(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        self._sockets.mkdir(mode=0o700, exist_ok=True)
        longest = self._sockets / f".s.PGSQL.{_PORTS[1]}.lock"
        if len(bytes(longest)) > _SOCKET_PATH_BYTES:
            raise ValueError(f"{self._sockets} is too long a path for sockets; choose a shorter one")
        self._give(self._sockets)

    async def _start(self, volume: str, major: int, variables: Mapping[str, str]) -> None:
        if self.port(volume):
            return
        if major not in self._installations:
            raise MachineFailed(f"There is no server of PostgreSQL {major} with TLS on this machine.")
        user = variables.get("POSTGRES_USER") or "postgres"
        database = variables.get("POSTGRES_DB") or user
        password = variables.get("POSTGRES_PASSWORD") or ""
        cluster = self._cluster(volume, major, user, password)
        first = cluster.status() is ClusterStatus.ABSENT
        if first and not password:
            raise MachineFailed("Database is uninitialized and superuser password is not specified.")
        await cluster.create()
        if first:
            self._initialise(cluster)
        if begun := self._clusters.get(volume):
            await begun.stop(StopMode.IMMEDIATE)  # a start that was broken off may still be going on, on another port
        self._clusters[volume] = cluster
        await cluster.start()
        if first and database != "postgres":
            async with self._session(volume) as session:
                await session.execute(f"CREATE DATABASE {quoted(database)}")

    def _cluster(self, volume: str, major: int, user: str, password: str) -> Cluster:
        folder = self._folder / volume
        certs, data = folder / "certs", folder / "data"
        spec = ClusterSpec(
            folder,
            free_port(*_PORTS),
            superuser=user,
            password=SecretStr(password),
            settings={
                "hba_file": str(data / "pg_hba.conf"),
                "unix_socket_directories": str(self._sockets),
                "ssl": "on",
                "ssl_cert_file": str(certs / "server.crt"),
                "ssl_key_file": str(certs / "server.key"),
                "ssl_ca_file": str(certs / "root.crt"),
                # What was committed outlives the server's death, though not the machine's.
                "synchronous_commit": "on",
                "full_page_writes": "on",
            },
            fsync=False,
        )
        # Without the ability that would give it certificates for the loopback address, where the image's are for none.
        installation = self._installations[major]
        plain = replace(installation, abilities=installation.abilities - {Ability.TLS})
        return Cluster(spec, plain, attached=True, start_timeout_seconds=120)

    def _initialise(self, cluster: Cluster) -> None:
        """What the image's own scripts leave on a new volume."""
        files = cluster.files
        (files.data / "pg_hba.conf").write_text(_HBA)
        (files.directory / "superuser").write_text(cluster.spec.superuser)
        certs = files.directory / "certs"
        certs.mkdir(exist_ok=True)
        certs.chmod(0o755)
        root = certificates.issue_root("root-ca")
        server = certificates.issue_server(root, names=[x509.DNSName("localhost")])
        (certs / "root.crt").write_bytes(root.certificate_pem)
        (certs / "server.crt").write_bytes(server.certificate_pem)
        key = certs / "server.key"
        key.touch(mode=0o600)
        key.write_bytes(server.key_pem)
        self._give(key)

    @asynccontextmanager
    async def _session(self, volume: str) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
        """As the first superuser, whose password may be another by now, through the socket."""
        user = (self._folder / volume / "superuser").read_text()
        session = await asyncpg.connect(
            host=str(self._sockets), port=self._clusters[volume].spec.port, user=user, database="postgres", ssl=False
        )
        try:
            yield session
        finally:
            await session.close()

    def _give(self, path: Path) -> None:
        if self._user:
            os.chown(path, self._user.uid, self._user.gid)


def _size_mb(folder: Path) -> float:
    blocks = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            with suppress(FileNotFoundError):  # the server removes files while we count
                blocks += Path(parent, name).lstat().st_blocks
    return blocks * 512 / 2**20
