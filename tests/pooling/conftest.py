"""One server for all tests of a file, a pooler of each test's own before it, and the worker that runs its jobs."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from pydantic import SecretStr

from app.connections.models import Pooler
from app.connections.poolers import live_pooler
from app.databases.models import Database
from app.jobs.machine import Programmes
from app.jobs.worker import JobWorker, WorkerOptions
from app.kit.ids import encode_id
from app.pooling.processes import local_provider
from app.pooling.tasks import programmes
from app.postgres.cluster import Cluster, ClusterSpec, free_port
from app.postgres.connect import Target
from app.postgres.pooler_login import drop_pooler_login
from app.runtime import Runtime
from app.settings import Settings
from tests.control import ControlServer, data_dir_in, make_settings
from tests.databases.records import add_database, create_project
from tests.planted import plant

SECONDS = 60.0

Finished = Callable[[dict[str, Any]], Awaitable[dict[str, Any]]]


@pytest.fixture(scope="module")
def cluster(server_directory: Path, control: ControlServer) -> Iterator[Cluster]:
    """Apart from the control server, since tests restart it."""
    spec = ClusterSpec(
        directory=server_directory / "pooled",
        port=free_port(30000, 30999),
        superuser="postgres",
        password=SecretStr(plant("the pooled server's password", "pooled-server-pw-2hd7", for_session=True)),
        settings={"max_connections": "60", "autovacuum": "off", "shared_buffers": "32MB"},
        fsync=False,
    )
    cluster = Cluster(spec, control.toolchain.server(15))
    with asyncio.Runner() as runner:
        runner.run(cluster.create())
        runner.run(cluster.start())
        try:
            yield cluster
        finally:
            runner.run(cluster.destroy())


@pytest.fixture
def settings(database_url: str, server_directory: Path) -> Settings:
    """The data directory is one that the servers' user can enter, which pytest's own is not."""
    return make_settings(database_url, data_dir_in(server_directory))


@pytest.fixture
async def worker(runtime: Runtime) -> AsyncIterator[None]:
    stop = asyncio.Event()
    worker = JobWorker(
        sessions=runtime.sessions,
        listener=runtime.listener,
        programmes=Programmes(*programmes(runtime)),
        options=WorkerOptions(host_id=runtime.host_id, grace_seconds=0),
    )
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(worker.run(stop))
        yield
        stop.set()


@pytest.fixture
def finished(client: httpx.AsyncClient, as_admin: dict[str, str]) -> Finished:
    """Waits for the end of the job in an answer, and gives it."""

    async def wait(answer: dict[str, Any]) -> dict[str, Any]:
        job: dict[str, Any] = answer["job"]
        for _ in range(15):
            if job["done"]:
                return job
            job = (await client.get(f"{job['links']['self']}?wait=10", headers=as_admin)).json()
        message = f"{job['id']} is still {job['state']}"
        raise AssertionError(message)

    return wait


@pytest.fixture
async def database(
    runtime: Runtime, client: httpx.AsyncClient, as_admin: dict[str, str], cluster: Cluster
) -> AsyncIterator[Database]:
    project_id = await create_project(client, as_admin)
    found = await add_database(runtime, project_id, target=cluster.target, host_id=runtime.host_id)
    yield found
    process = local_provider(runtime).pooler(found.id)
    async with process.locked():
        await process.destroy()
    await drop_pooler_login(cluster.target)


@dataclass(frozen=True)
class Attached:
    """A pooler that runs, by the API."""

    client: httpx.AsyncClient
    headers: dict[str, str]
    finished: Finished
    runtime: Runtime
    database: Database
    path: str

    async def get(self, below: str = "") -> Any:
        answer = await self.client.get(self.path + below, headers=self.headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def apply(self, method: str, below: str = "", **options: Any) -> dict[str, Any]:
        """The job of what is asked for, at its end."""
        answer = await self.client.request(method, self.path + below, headers=self.headers, **options)
        assert answer.status_code == 202, answer.text
        return await self.finished(answer.json())

    async def tell(self, verb: str, **wish: Any) -> httpx.Response:
        return await self.client.post(f"{self.path}:{verb}", json=wish, headers=self.headers, timeout=SECONDS)

    async def door(self, **changes: Any) -> Target:
        """As clients find it, for the superuser unless told otherwise."""
        view = await self.get()
        password = SecretStr("pooled-server-pw-2hd7")
        own = Target(view["host"], view["port"], "postgres", password, "postgres", ca_pem=view["ca_pem"])
        return replace(own, **changes)


@asynccontextmanager
async def entered(target: Target, folder: Path) -> AsyncIterator["psycopg.AsyncConnection[Any]"]:
    """A client's connection, encrypted and checked, without a transaction of its own."""
    root = folder / "root.pem"
    root.write_text(target.ca_pem or "")
    connection = await psycopg.AsyncConnection.connect(
        host=target.host,
        port=target.port,
        user=target.user,
        password=target.password.get_secret_value(),
        dbname=target.database,
        sslmode="verify-full",
        sslrootcert=str(root),
        connect_timeout=30,
        prepare_threshold=None,
        autocommit=True,
    )
    try:
        yield connection
    finally:
        await connection.close()


@pytest.fixture
async def attached(
    runtime: Runtime,
    client: httpx.AsyncClient,
    as_admin: dict[str, str],
    worker: None,
    finished: Finished,
    database: Database,
) -> Attached:
    path = f"/v1/databases/{encode_id('db', database.id)}/pooler"
    pooler = Attached(client, as_admin, finished, runtime, database, path)
    job = await pooler.apply("PUT", json={"default_pool_size": 3})
    assert job["state"] == "succeeded", job
    return pooler


async def pooler_row(attached: Attached) -> Pooler:
    async with attached.runtime.sessions() as session:
        pooler = await live_pooler(session, attached.database.id)
    assert pooler is not None
    return pooler
