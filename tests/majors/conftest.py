"""A server of every major that Debian 12 does not have, with TLS and contrib: each made once in a test process."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any, Final
from uuid import UUID, uuid4

import httpx
import pytest
from pydantic import SecretStr

from app.connections.logins import new_password
from app.databases.models import Database
from app.jobs import execution
from app.kit.ids import encode_id
from app.postgres.cluster import Cluster, ClusterSpec, free_port
from app.postgres.connect import Target
from app.postgres.identifiers import literal, quoted
from app.postgres.process import run
from app.postgres.toolchain import Ability, Installation
from app.rotations.steps import overlap
from app.runtime import Runtime
from tests.databases.records import add_database, create_project
from tests.planted import plant
from tests.postgres.conftest import PORTS
from tests.roles.conftest import Call, Shop
from tests.sessions import connect

MAJORS: Final = (13, 14, 16, 17, 18)
_BUILDS: Final = Path(__file__).parent / "node_modules"
_ABILITIES: Final = frozenset({Ability.SERVER, Ability.TLS, Ability.CONTRIB})


async def installation_of(major: int) -> Installation:
    """These builds have no programs of clients, by which those of this machine are found."""
    programs = _BUILDS / f"postgres-{major}" / "native" / "bin"
    assert programs.is_dir(), "no servers of other majors (they are for Linux on x86-64): run scripts/install --tests"
    said = (await run([str(programs / "postgres"), "--version"], env={"LC_ALL": "C"}, timeout_seconds=60)).stdout
    version = said.decode().split()[2]
    assert version.split(".")[0] == str(major)
    return Installation(programs, major, version, _ABILITIES)


@pytest.fixture(scope="session")
def servers(server_directory: Path) -> Iterator[Callable[[int], Cluster]]:
    """Not one fixture for each major: tests come in any order, and pytest keeps one of them at a time."""
    running: dict[int, Cluster] = {}
    stack = AsyncExitStack()

    async def start(major: int) -> Cluster:
        folder = server_directory / f"major-{major}"
        password = SecretStr(plant(f"the password of the server of {major}", uuid4().hex, for_session=True))
        # The rules are where a superuser can write them, as on servers that are not ours.
        settings = {"hba_file": str(folder / "data" / "pg_hba.conf"), "shared_buffers": "16MB", "autovacuum": "off"}
        spec = ClusterSpec(folder, free_port(*PORTS), "postgres", password, settings=settings, fsync=False)
        cluster = Cluster(spec, await installation_of(major), attached=True)
        stack.push_async_callback(cluster.destroy)
        await cluster.create()
        await cluster.start()
        running[major] = cluster
        return cluster

    with asyncio.Runner() as runner:
        try:
            yield lambda major: running.get(major) or runner.run(start(major))
        finally:
            runner.run(stack.aclose())


@pytest.fixture(params=MAJORS)
def major(request: pytest.FixtureRequest) -> int:
    found: int = request.param
    return found


@pytest.fixture
def cluster(servers: Callable[[int], Cluster], major: int) -> Cluster:
    return servers(major)


@pytest.fixture
async def target(cluster: Cluster) -> AsyncIterator[Target]:
    """A superuser and a logical database of the test's own. Roles whose names begin with its name go with it."""
    name, password = f"t{uuid4().hex[:12]}", new_password()
    plant("the superuser's password", password.get_secret_value())
    async with connect(cluster.target, application_name="test") as admin:
        await admin.execute(f"CREATE ROLE {name} SUPERUSER LOGIN PASSWORD {literal(password.get_secret_value())}")
        await admin.execute(f"CREATE DATABASE {name} OWNER {name}")
        yield replace(cluster.target, user=name, password=password, database=name)
        await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
        for (role,) in await admin.fetch("SELECT rolname FROM pg_roles WHERE starts_with(rolname, $1)", name):
            await admin.execute(f"DROP OWNED BY {quoted(role)}; DROP ROLE {quoted(role)}")


@pytest.fixture
async def project_id(client: httpx.AsyncClient, as_admin: dict[str, str]) -> UUID:
    return await create_project(client, as_admin)


@pytest.fixture
async def database(runtime: Runtime, project_id: UUID, target: Target) -> Database:
    return await add_database(runtime, project_id, target=target, provider="external")


@pytest.fixture
def shop(target: Target) -> Shop:
    return Shop(target, target.database)


@pytest.fixture
def call(client: httpx.AsyncClient, as_admin: dict[str, str], database: Database) -> Call:
    """Below the path of the database."""

    async def send(method: str, where: str, body: Any = None, *, expect: int = 200, **headers: str) -> httpx.Response:
        own = {} if method == "GET" else {"Idempotency-Key": uuid4().hex}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        path = f"/v1/databases/{encode_id('db', database.id)}{where}"
        answer = await client.request(method, path, json=body, headers=as_admin | own | named)
        assert answer.status_code == expect, answer.text
        return answer

    return send


@pytest.fixture(autouse=True)
def _hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overlap, "WATCH_SECONDS", 0.1)
    monkeypatch.setattr(overlap, "QUIET_SECONDS", 0.2)
    monkeypatch.setattr(overlap, "QUIET_SECONDS_WHERE_LEFT", 0.2)
    monkeypatch.setattr(execution, "RETRY_BASE_SECONDS", 0.05)
