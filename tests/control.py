"""A PostgreSQL server for control databases: one per test process, and for each test a database with nothing in it."""

import base64
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol
from uuid import UUID

import asyncpg
from pydantic import SecretStr

from app.auth.scopes import Scope
from app.db import migrate
from app.postgres.cluster import Cluster, ClusterSpec, free_port
from app.postgres.identifiers import literal, quoted
from app.postgres.scram import verifier
from app.postgres.toolchain import Toolchain
from app.settings import LogSettings, Settings
from tests.emptying import Look, catalogue_of, emptied
from tests.planted import plant

TEMPLATE = "template_control"


class KeyFactory(Protocol):
    """Makes an API key and returns its text."""

    async def __call__(
        self, *scopes: Scope, projects: list[UUID] | None = None, expires_in_days: int | None = None
    ) -> str: ...


@dataclass(frozen=True)
class _Emptied:
    name: str
    catalogue: str


@dataclass(frozen=True)
class ControlServer:
    cluster: Cluster
    toolchain: Toolchain
    _emptied: list[_Emptied] = field(default_factory=list)

    def url(self, database: str) -> str:
        spec = self.cluster.spec
        return f"postgresql://{spec.superuser}:{spec.password.get_secret_value()}@127.0.0.1:{spec.port}/{database}"

    async def quicken_logins(self) -> None:
        """With one round of hashing instead of thousands: every test logs in several times."""
        spec = self.cluster.spec
        kept = literal(verifier(spec.password, iterations=1))
        await self._execute(f"ALTER ROLE {quoted(spec.superuser)} PASSWORD {kept}")

    async def migrated_template(self) -> None:
        await self._execute(f"CREATE DATABASE {TEMPLATE}")
        await migrate.upgrade(self.url(TEMPLATE))

    @asynccontextmanager
    async def database(self, *, template: str = TEMPLATE) -> AsyncIterator[str]:
        """The address of a new database, which is dropped again whoever is still connected."""
        name = await self._create(template)
        try:
            yield self.url(name)
        finally:
            await self._drop(name)

    @asynccontextmanager
    async def migrated_database(self, look: Look) -> AsyncIterator[str]:
        """The address of a database with our tables and no rows: one that an earlier test had, unless that changed more
        than rows. To make another one costs more than most tests do. ``look`` is the last to see its rows.
        """
        database = self._emptied.pop() if self._emptied else await self._new()
        url, kept = self.url(database.name), False
        try:
            yield url
            kept = await emptied(url, database.catalogue, look)
        finally:
            if kept:
                self._emptied.append(database)
            else:
                await self._drop(database.name)

    async def _new(self) -> _Emptied:
        name = await self._create(TEMPLATE)
        return _Emptied(name, await catalogue_of(self.url(name)))

    async def _create(self, template: str) -> str:
        name = f"test_{secrets.token_hex(6)}"
        # Without fsync, which this strategy would wait for, it is the quicker one.
        await self._execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
        return name

    async def _drop(self, name: str) -> None:
        await self._execute(f"DROP DATABASE {name} WITH (FORCE)")

    async def _execute(self, statement: str) -> None:
        connection = await asyncpg.connect(self.url("postgres"))
        try:
            await connection.execute(statement)
        finally:
            await connection.close()


@asynccontextmanager
async def control_server(directory: Path) -> AsyncIterator[ControlServer]:
    toolchain = await Toolchain.discover()
    spec = ClusterSpec(
        directory=directory,
        port=free_port(20000, 29999),
        superuser="postgres",
        password=SecretStr(plant("the control database's password", secrets.token_urlsafe(16), for_session=True)),
        settings={"max_connections": "100", "autovacuum": "off", "shared_buffers": "32MB", "ssl": "off"},
        fsync=False,
    )
    cluster = Cluster(spec, toolchain.server(15), attached=True)
    await cluster.create()
    try:
        await cluster.start()
        server = ControlServer(cluster, toolchain)
        await server.quicken_logins()
        await server.migrated_template()
        yield server
    finally:
        await cluster.destroy()


def make_settings(database_url: str, data_dir: Path, **changes: object) -> Settings:
    values: dict[str, object] = {
        "database_url": database_url,
        "secret_keys": f"test:{random_key()}",
        "api_key_pepper": random_key(),
        "data_dir": data_dir,
        "log": LogSettings(level="warning"),
        **changes,
    }
    return Settings.model_validate(values)


def random_key() -> str:
    return plant("a sealing key or a pepper", base64.b64encode(secrets.token_bytes(32)).decode())


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def data_dir_in(directory: Path) -> Path:
    """A data directory of its own, where the servers' user can enter ``directory``. Short: servers keep sockets there."""
    return directory / f"data-{secrets.token_hex(3)}"
