"""A server for the module, on which each test finds what the server began with."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from pydantic import SecretStr

from app.databases.models import Database
from app.kit.ids import encode_id
from app.postgres.cluster import Cluster, ClusterSpec, free_port
from app.postgres.connect import Session, Target
from app.runtime import Runtime
from tests.control import ControlServer
from tests.databases.records import add_database, create_project
from tests.planted import plant
from tests.sessions import connect

Call = Callable[..., Awaitable[httpx.Response]]


@pytest.fixture(scope="module")
def cluster(control: ControlServer, server_directory: Path) -> Iterator[Cluster]:
    password = SecretStr(plant("the password of the server", secrets.token_urlsafe(16), for_session=True))
    folder = server_directory / f"s{secrets.token_hex(3)}"
    spec = ClusterSpec(folder, free_port(31000, 31999), "postgres", password, fsync=False)
    cluster = Cluster(spec, control.toolchain.server(15), attached=True)
    with asyncio.Runner() as runner:
        runner.run(cluster.create())
        try:
            runner.run(cluster.start())
            yield cluster
        finally:
            runner.run(cluster.destroy())


@asynccontextmanager
async def session_on(target: Target) -> AsyncIterator[Session]:
    async with connect(target, application_name="test") as session:
        yield session


@pytest.fixture
async def server(cluster: Cluster) -> AsyncIterator[Session]:
    """A superuser's session; what a test has set is taken away behind it."""
    async with session_on(cluster.target) as session:
        yield session
        await session.execute("ALTER SYSTEM RESET ALL")
        await session.execute("SELECT pg_reload_conf()")
        rows = await session.fetch("""
            SELECT CASE WHEN setrole = 0 THEN format('DATABASE %I', d.datname)
                        WHEN setdatabase = 0 THEN format('ROLE %I', r.rolname)
                        ELSE format('ROLE %I IN DATABASE %I', r.rolname, d.datname) END AS whose
            FROM pg_db_role_setting s LEFT JOIN pg_database d ON d.oid = setdatabase LEFT JOIN pg_roles r ON r.oid = setrole
        """)
        for row in rows:
            await session.execute(f"ALTER {row['whose']} RESET ALL")


@pytest.fixture
async def project_id(client: httpx.AsyncClient, as_admin: dict[str, str]) -> UUID:
    return await create_project(client, as_admin)


@pytest.fixture
async def database(runtime: Runtime, project_id: UUID, cluster: Cluster, server: Session) -> Database:
    assert not server.is_closed()
    return await add_database(runtime, project_id, provider="external", target=cluster.target)


@pytest.fixture
def call(client: httpx.AsyncClient, as_admin: dict[str, str], database: Database) -> Call:
    """Below the database's path, each with an Idempotency-Key of its own."""
    count = iter(range(1000))

    async def send(method: str, path: str, body: Any = None, *, expect: int = 200, **headers: str) -> httpx.Response:
        own = {} if method == "GET" else {"Idempotency-Key": f"key-{next(count)}"}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        answer = await client.request(
            method, f"/v1/databases/{encode_id('db', database.id)}{path}", json=body, headers=as_admin | own | named
        )
        assert answer.status_code == expect, answer.text
        return answer

    return send
