"""A shop with data in it, backed up to a real store, and a worker in this process that restores it."""

import asyncio
import secrets
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from app.errors import Unavailable
from app.jobs import execution
from app.jobs.enqueue import Enqueued, enqueue
from app.jobs.worker import JobWorker, WorkerOptions
from app.kit.clock import utc_now
from app.kit.ids import decode_id
from app.postgres.connect import Target
from app.postgres.facts import login
from app.postgres.identifiers import quoted
from app.restores import steps
from app.runtime import Runtime
from app.settings import BackupSettings, RestoreSettings, Settings, StorageSettings
from app.storage.store import MIB
from app.worker import programmes
from tests.backups.conftest import Shop, fresh, project_id, shop
from tests.control import data_dir_in, make_settings
from tests.object_store import object_store_server, s3_location
from tests.postgres.conftest import cluster, debian, target, toolchain
from tests.sessions import connect

__all__ = [
    "cluster",
    "debian",
    "fresh",
    "object_store_server",
    "project_id",
    "s3_location",
    "shop",
    "target",
    "toolchain",
]

SCHEMA = """
CREATE SCHEMA sales;
CREATE TYPE sales.mood AS ENUM ('fine', 'cross');
CREATE TABLE sales.customers (id bigserial PRIMARY KEY, name text NOT NULL, mood sales.mood DEFAULT 'fine');
CREATE TABLE sales.orders (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, customer bigint REFERENCES sales.customers, note jsonb
);
CREATE TABLE sales."Ünruly "" name; %s
" (n int);
CREATE TABLE sales.empty (n int);
CREATE TABLE sales.events (day date, what text) PARTITION BY RANGE (day);
CREATE TABLE sales.events_old PARTITION OF sales.events FOR VALUES FROM ('2020-01-01') TO ('2025-01-01');
CREATE TABLE sales.events_new PARTITION OF sales.events FOR VALUES FROM ('2025-01-01') TO ('2030-01-01');
INSERT INTO sales.customers (name) SELECT 'customer ' || n FROM generate_series(1, 500) AS n;
INSERT INTO sales.orders (customer, note) SELECT 1 + n % 500, jsonb_build_object('n', n) FROM generate_series(1, 2000) AS n;
INSERT INTO sales."Ünruly "" name; %s
" VALUES (1), (2), (3);
INSERT INTO sales.events SELECT '2024-01-01'::date + n, 'e' FROM generate_series(1, 700) AS n;
CREATE INDEX orders_customer ON sales.orders (customer);
CREATE MATERIALIZED VIEW sales.totals AS SELECT customer, count(*) FROM sales.orders GROUP BY 1;
SELECT lo_from_bytea(0, 'a large object'), lo_from_bytea(0, 'another');
"""
ROWS = 500 + 2000 + 3 + 0 + 700


BOTH_WAYS = pytest.mark.parametrize("way", ["by one", "by several"], indirect=True)


@pytest.fixture
def way(request: pytest.FixtureRequest) -> str:
    """Streamed through one pg_restore, or in phases by several."""
    found: str = getattr(request, "param", "by one")
    return found


@pytest.fixture
def settings(database_url: str, server_directory: Path, way: str) -> Settings:
    """The data directory is one that the servers' user can enter, which pytest's own is not."""
    return make_settings(
        database_url,
        data_dir_in(server_directory),
        storage=StorageSettings(allow_private_endpoints=True, allow_insecure_endpoints=True),
        backup=BackupSettings(part_bytes=5 * MIB),
        restore=RestoreSettings(parallel_from_bytes=0 if way == "by several" else 1 << 40),
    )


@asynccontextmanager
async def working(runtime: Runtime, **options: Any) -> AsyncGenerator[JobWorker]:
    """A worker that runs every job until the context ends."""
    stop = asyncio.Event()
    worker = JobWorker(
        sessions=runtime.sessions,
        listener=runtime.listener,
        programmes=programmes(runtime),
        options=WorkerOptions(host_id=runtime.host_id, grace_seconds=0, **options),
    )
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(worker.run(stop))
        try:
            yield worker
        finally:
            stop.set()


@pytest.fixture
async def worker(runtime: Runtime) -> AsyncIterator[JobWorker]:
    async with working(runtime, wishes_seconds=0.2, poll_seconds=1.0) as worker:
        yield worker


@dataclass(frozen=True)
class Restorer:
    """Restores backups of a shop over HTTP, and looks at what came of it on the server itself."""

    shop: Shop

    async def start(self, backup: dict[str, Any], target: dict[str, Any], **options: Any) -> dict[str, Any]:
        answer = await self.shop.post("/v1/restores", backup_id=backup["id"], target=target, **options)
        assert answer.status_code == 202, answer.text
        accepted: dict[str, Any] = answer.json()
        return accepted

    async def refused(self, backup: dict[str, Any], target: dict[str, Any], **options: Any) -> dict[str, Any]:
        answer = await self.shop.post("/v1/restores", backup_id=backup["id"], target=target, **options)
        assert answer.status_code >= 400, answer.text
        problem: dict[str, Any] = answer.json()
        return problem

    async def ended(self, accepted: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        job = await self.shop.ended(accepted["job"])
        return await self.get(accepted), job

    async def get(self, accepted: dict[str, Any]) -> dict[str, Any]:
        restore: dict[str, Any] = await self.shop.get(f"/v1/restores/{accepted['restore']['id']}")
        return restore

    async def restored(self, backup: dict[str, Any], target: dict[str, Any], **options: Any) -> dict[str, Any]:
        restore, job = await self.ended(await self.start(backup, target, **options))
        assert job["state"] == "succeeded", job["error"]
        return restore

    async def settled(self, restore: dict[str, Any], action: str) -> tuple[dict[str, Any], dict[str, Any]]:
        answer = await self.shop.post(f"/v1/restores/{restore['id']}:{action}")
        assert answer.status_code == 202, answer.text
        return await self.ended(answer.json())

    async def databases(self, target: Target | None = None) -> set[str]:
        """The names that this test's own databases have; other tests make others on the same server."""
        async with connect((target or self.shop.target).with_database("template1"), application_name="test") as session:
            return {row["datname"] for row in await session.fetch("SELECT datname FROM pg_database")}

    async def value(self, name: str, query: str, *arguments: object) -> Any:
        async with self.shop.session(name) as session:
            return await session.fetchval(query, *arguments)

    async def children(self, accepted: dict[str, Any]) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await self.shop.get(f"/v1/jobs?parent_id={accepted['job']['id']}"))["data"]
        return found

    async def child_cancelled(self, accepted: dict[str, Any]) -> None:
        """Once the job has started one, which must not have been taken by then: see ``children_wait``."""
        async with asyncio.timeout(90):
            while not (children := await self.children(accepted)):
                await asyncio.sleep(0.05)
        answer = await self.shop.post(f"/v1/jobs/{children[0]['id']}:cancel")
        assert answer.json()["state"] == "cancelled", answer.text

    async def no_traces(self, accepted: dict[str, Any]) -> None:
        """Neither a temporary database, nor a session of the job."""
        prefix = temporary_prefix(accepted)
        assert not [name for name in await self.databases() if name.startswith(prefix)]
        assert await self.shop.sessions_of(accepted["job"]) == 0


@pytest.fixture
def children_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """No worker takes the jobs that restores start."""

    async def later(*arguments: Any, **options: Any) -> Enqueued:
        return await enqueue(*arguments, **options, run_after=utc_now() + timedelta(hours=1))

    monkeypatch.setattr(steps, "enqueue", later)


@pytest.fixture
def first_enqueue_fails(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The transaction in which a restore starts a job is rolled back the first time; the list then has its code."""
    failed: list[str] = []

    async def failing(*arguments: Any, **options: Any) -> Enqueued:
        enqueued = await enqueue(*arguments, **options)
        if not failed:
            failed.append(Unavailable.code)
            raise Unavailable("as if the control database went away")
        return enqueued

    monkeypatch.setattr(steps, "enqueue", failing)
    monkeypatch.setattr(execution, "RETRY_BASE_SECONDS", 0.05)
    return failed


def temporary_prefix(accepted: dict[str, Any]) -> str:
    return f"pgm_rst_{decode_id('rst', accepted['restore']['id']).hex[-8:]}_"


@pytest.fixture
async def restorer(shop: Shop, worker: JobWorker) -> Restorer:
    async with shop.session() as session:
        found = await login(session)
        await session.execute(SCHEMA)
    await know_version(shop, found.major)
    return Restorer(shop)


async def know_version(shop: Shop, major: int) -> None:
    async with shop.runtime.sessions() as session, session.begin():
        database = await session.get_one(type(shop.database), shop.database.id)
        database.server_major = major
    shop.database.server_major = major


@pytest.fixture
async def backup(restorer: Restorer) -> dict[str, Any]:
    (backup,) = await restorer.shop.take()
    return backup


@pytest.fixture
async def free_name(target: Target) -> AsyncIterator[str]:
    """A name for a new logical database, as unruly as names can be; dropped at the end."""
    name = f'új "db" 100% ;\n{secrets.token_hex(4)}'
    yield name
    await drop(target, name)


async def drop(target: Target, *names: str) -> None:
    async with connect(target, application_name="test") as session:
        for name in names:
            await session.execute(f"DROP DATABASE IF EXISTS {quoted(name)} WITH (FORCE)")
