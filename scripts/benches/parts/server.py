"""A PostgreSQL server for one benchmark: durable as PostgreSQL ships it, on loopback, removed at the end."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg
from pydantic import SecretStr

from app.postgres.cluster import Cluster, ClusterSpec, free_port
from app.postgres.toolchain import Toolchain

ROOT = Path(__file__).resolve().parents[3]
PORTS = (27000, 27999)


@dataclass(frozen=True)
class BenchServer:
    cluster: Cluster

    def url(self, database: str) -> str:
        spec = self.cluster.spec
        return f"postgresql://{spec.superuser}:{spec.password.get_secret_value()}@127.0.0.1:{spec.port}/{database}"

    async def make_database(self, name: str) -> str:
        """The address of a new, empty database."""
        await self.execute("postgres", f"CREATE DATABASE {name}")
        return self.url(name)

    async def execute(self, database: str, statement: str) -> None:
        connection = await asyncpg.connect(self.url(database))
        try:
            await connection.execute(statement)
        finally:
            await connection.close()


@asynccontextmanager
async def bench_server(name: str, *, tls: bool = False) -> AsyncIterator[BenchServer]:
    """With fsync and synchronous commit. TLS is off: on loopback it would measure the drivers' TLS libraries."""
    spec = ClusterSpec(
        directory=ROOT / ".data" / "bench" / f"{name}-{secrets.token_hex(4)}",
        port=free_port(*PORTS),
        superuser="bench",
        password=SecretStr(secrets.token_urlsafe(16)),
        settings={"ssl": "on" if tls else "off"},
    )
    spec.directory.parent.mkdir(parents=True, exist_ok=True)
    cluster = Cluster(spec, (await Toolchain.discover()).server(), attached=True)
    try:
        await cluster.create()
        await cluster.start()
        print(f"PostgreSQL {cluster.installation.version}, fsync on")
        yield BenchServer(cluster)
    finally:
        await cluster.destroy()
