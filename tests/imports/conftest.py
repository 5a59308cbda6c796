"""A project with a store and a server, a worker for imports, and a web server to fetch from."""

import asyncio
import gzip
import hashlib
import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.imports.tasks import programmes as imports
from app.jobs.machine import Programmes
from app.jobs.worker import JobWorker, WorkerOptions
from app.kit.ids import encode_id
from app.postgres.connect import Target
from app.postgres.facts import login
from app.restores.tasks import programmes as restores
from app.runtime import Runtime
from app.settings import BackupSettings, ImportSettings, Settings, StorageSettings
from app.storage.store import MIB
from tests.backups.conftest import Shop, fresh, project_id, shop
from tests.control import data_dir_in, make_settings
from tests.object_store import object_store_server, s3_location
from tests.planted import plant
from tests.postgres.conftest import cluster, debian, target, toolchain
from tests.restores.conftest import free_name, know_version
from tests.sessions import connect

__all__ = [
    "cluster",
    "debian",
    "free_name",
    "fresh",
    "object_store_server",
    "project_id",
    "s3_location",
    "shop",
    "target",
    "toolchain",
]

MOST_BYTES, MOST_UNPACKED = 4 * MIB, 16 * MIB
SECRET = "X-Amz-Signature=" + hashlib.sha256(b"a signature").hexdigest()


@pytest.fixture
def settings(database_url: str, server_directory: Path) -> Settings:
    return make_settings(
        database_url,
        data_dir_in(server_directory),
        storage=StorageSettings(allow_private_endpoints=True, allow_insecure_endpoints=True),
        backup=BackupSettings(part_bytes=5 * MIB),
        imports=ImportSettings(max_bytes=MOST_BYTES, max_unpacked_bytes=MOST_UNPACKED, allow_private=True),
    )


@dataclass
class Files:
    """What a web server has; ``cut_at`` makes it leave early, ``holds`` makes it stop there until it is left."""

    port: int = 0
    content: bytes = b""
    announces: int | None = None
    cut_at: int | None = None
    holds: bool = False
    head: str = "200 OK"
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    left: asyncio.Event = field(default_factory=asyncio.Event)
    requests: int = 0

    def source(self) -> dict[str, Any]:
        secret = plant("a signature in an address", SECRET)
        return {"kind": "url", "url": f"http://127.0.0.1:{self.port}/dump?{secret}"}

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.requests += 1
        try:
            await reader.readuntil(b"\r\n\r\n")
            length = len(self.content) if self.announces is None else self.announces
            writer.write(f"HTTP/1.1 {self.head}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n".encode())
            writer.write(self.content[: self.cut_at])
            await writer.drain()
            self.asked.set()
            if self.holds:
                await reader.read()
                self.left.set()
        except (ConnectionError, asyncio.IncompleteReadError):
            return
        finally:
            writer.close()


@pytest.fixture
async def files() -> AsyncIterator[Files]:
    found = Files()
    server = await asyncio.start_server(found.serve, "127.0.0.1", 0)
    found.port = server.sockets[0].getsockname()[1]
    yield found
    server.close()
    await server.wait_closed()


@asynccontextmanager
async def working(runtime: Runtime) -> AsyncIterator[JobWorker]:
    stop = asyncio.Event()
    worker = JobWorker(
        sessions=runtime.sessions,
        listener=runtime.listener,
        programmes=Programmes(*imports(runtime), *restores(runtime)),
        options=WorkerOptions(host_id=runtime.host_id, grace_seconds=0, wishes_seconds=0.2, poll_seconds=1.0),
    )
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(worker.run(stop))
        try:
            yield worker
        finally:
            stop.set()


@pytest.fixture
async def worker(runtime: Runtime) -> AsyncIterator[JobWorker]:
    async with working(runtime) as worker:
        yield worker


@dataclass(frozen=True)
class Importer:
    """Imports over HTTP, and looks at what came of it."""

    shop: Shop
    files: Files

    async def start(self, source: dict[str, Any], **wish: Any) -> dict[str, Any]:
        database_id = encode_id("db", self.shop.database.id)
        answer = await self.shop.post("/v1/imports", source=source, database_id=database_id, **wish)
        assert answer.status_code == 202, answer.text
        accepted: dict[str, Any] = answer.json()
        return accepted

    async def ended(self, accepted: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        job = await self.shop.ended(accepted["job"])
        return await self.shop.get(f"/v1/imports/{accepted['import']['id']}"), job

    async def fetched(self, content: bytes, **wish: Any) -> dict[str, Any]:
        self.files.content = content
        found, job = await self.ended(await self.start(self.files.source(), **wish))
        assert job["state"] == "succeeded", job["error"]
        return found

    async def refused(self, content: bytes, **wish: Any) -> dict[str, Any]:
        """The error of an import that failed, and left nothing."""
        self.files.content = content
        found, job = await self.ended(await self.start(self.files.source(), **wish))
        assert (job["state"], found["state"]) == ("failed", "failed"), job
        assert found["error"] == job["error"]
        assert await self.shop.keys() == []
        assert await self.shop.open_uploads() == []
        error: dict[str, Any] = job["error"]
        return error

    async def restore(self, found: dict[str, Any], name: str, **wish: Any) -> dict[str, Any]:
        answer = await self.shop.post(f"/v1/imports/{found['id']}:restore", name=name, **wish)
        assert answer.status_code == 202, answer.text
        accepted: dict[str, Any] = answer.json()
        return accepted

    async def restored(self, sql: bytes, name: str, **wish: Any) -> dict[str, Any]:
        """The result of a restore that went well."""
        job = await self.shop.ended((await self.restore(await self.fetched(sql), name, **wish))["job"])
        assert job["state"] == "succeeded", job["error"]
        result: dict[str, Any] = job["result"]
        return result

    async def failed(self, sql: bytes, name: str, **wish: Any) -> dict[str, Any]:
        """The error of a restore that failed, and left nothing."""
        accepted = await self.restore(await self.fetched(sql), name, **wish)
        job = await self.shop.ended(accepted["job"])
        assert job["state"] == "failed", job
        await self.no_traces(accepted, name)
        error: dict[str, Any] = job["error"]
        return error

    async def no_traces(self, accepted: dict[str, Any], name: str) -> None:
        async with connect(self.shop.target.with_database("template1"), application_name="test") as session:
            found = await session.fetch(
                "SELECT datname FROM pg_database WHERE datname = $1 OR starts_with(datname, 'pgm_rst_')"
                " UNION ALL SELECT rolname FROM pg_roles WHERE starts_with(rolname, 'pgm_rst_') OR starts_with(rolname, 'imported_')",
                name,
            )
        assert [row[0] for row in found] == []
        assert await self.shop.sessions_of(accepted["job"]) == 0

    async def value(self, name: str, query: str) -> Any:
        async with self.shop.session(name) as session:
            return await session.fetchval(query)


@pytest.fixture
async def importer(shop: Shop, files: Files, worker: JobWorker) -> Importer:
    async with shop.session() as session:
        found = await login(session)
    await know_version(shop, found.major)
    return Importer(shop, files)


@pytest.fixture(autouse=True)
async def roles_made(target: Target) -> AsyncIterator[None]:
    """The owners that restores made go once their databases are gone."""
    yield
    async with connect(target, application_name="test") as session:
        for row in await session.fetch("SELECT rolname FROM pg_roles WHERE starts_with(rolname, 'imported_')"):
            await session.execute(f"DROP ROLE {row['rolname']}")


SCHEMA = """
CREATE ROLE {role};
CREATE TABLE public.orders (id int PRIMARY KEY, note text);
INSERT INTO public.orders SELECT n, 'it''s order ' || n FROM generate_series(1, 500) AS n;
CREATE VIEW public.few AS SELECT * FROM public.orders WHERE id < 10;
CREATE FUNCTION public.twice(n int) RETURNS int LANGUAGE sql AS $$ SELECT n * 2; $$;
CREATE INDEX ON public.orders (public.twice(id)) WHERE false;
ALTER TABLE public.orders OWNER TO {role};
GRANT SELECT ON public.few TO {role};
"""


@dataclass(frozen=True)
class Dumps:
    """The same database, as a stock pg_dump writes it."""

    archive: bytes
    plain: bytes
    role: str


@pytest.fixture(scope="session")
def dumps(target: Target) -> Dumps:
    return asyncio.run(_dumps(target))


async def _dumps(target: Target) -> Dumps:
    role = "seller"
    async with connect(target, application_name="test") as session:
        await session.execute("CREATE DATABASE dumped")
    try:
        async with connect(target.with_database("dumped"), application_name="test") as session:
            await session.execute(SCHEMA.replace("LANGUAGE sql AS", "LANGUAGE sql IMMUTABLE AS").format(role=role))
        archive, plain = _dump(target, "--format=custom"), _dump(target, "--format=plain")
    finally:
        async with connect(target, application_name="test") as session:
            await session.execute("DROP DATABASE dumped WITH (FORCE)")
            await session.execute(f"DROP ROLE {role}")
    assert gzip.compress(plain)
    return Dumps(archive, plain, role)


def _dump(target: Target, form: str) -> bytes:
    program = shutil.which("pg_dump", path="/usr/lib/postgresql/15/bin")
    assert program
    address = f"host={target.host} port={target.port} user={target.user} dbname=dumped"
    environment = {"PGPASSWORD": target.password.get_secret_value()}
    return subprocess.run([program, form, address], env=environment, check=True, capture_output=True).stdout


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    """A caller's own client, which sends parts to the store."""
    async with httpx.AsyncClient(trust_env=False) as client:
        yield client
