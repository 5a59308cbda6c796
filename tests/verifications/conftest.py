"""A shop that was backed up, and a worker in this process that verifies what was."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from app.backups import tasks as backups
from app.backups.steps import dumping
from app.jobs import execution
from app.jobs.machine import Programmes
from app.jobs.worker import JobWorker, WorkerOptions
from app.runtime import Runtime
from app.settings import BackupSettings, Settings, StorageSettings
from app.storage.store import MIB
from app.verifications import tasks as verifications
from app.verifications.rehearsal import scratch_parent
from tests.backups.conftest import Shop, fresh, project_id, shop
from tests.control import data_dir_in, make_settings
from tests.object_store import object_store_server, s3_location
from tests.postgres.conftest import cluster, debian, target, toolchain

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
CREATE SCHEMA extensions; CREATE EXTENSION citext SCHEMA extensions; COMMENT ON EXTENSION citext IS 'ours';
CREATE TYPE mood AS ENUM ('fine', 'cross');
CREATE TABLE customers (
    id bigserial PRIMARY KEY, name text NOT NULL CHECK (name <> ''), mood mood DEFAULT 'fine', mail extensions.citext,
    shouted text GENERATED ALWAYS AS (upper(name)) STORED
);
CREATE TABLE orders (id int PRIMARY KEY, customer bigint REFERENCES customers, note jsonb);
ALTER TABLE orders ADD CONSTRAINT never_checked CHECK (id > 1) NOT VALID;
CREATE TABLE empty (n int);
CREATE TABLE events (day date, what text) PARTITION BY RANGE (day);
CREATE TABLE events_old PARTITION OF events FOR VALUES FROM ('2020-01-01') TO ('2025-01-01');
INSERT INTO customers (name, mail) SELECT 'customer ' || n, n || '@example.org' FROM generate_series(1, 500) AS n;
INSERT INTO orders SELECT n, 1 + n % 500, jsonb_build_object('n', n) FROM generate_series(2, 2000) AS n;
INSERT INTO events SELECT '2024-01-01'::date + n, 'e' FROM generate_series(1, 300) AS n;
CREATE TABLE noise AS SELECT md5(n::text) AS what FROM generate_series(1, 15000) AS n;
CREATE MATERIALIZED VIEW totals AS SELECT customer, count(*) FROM orders GROUP BY 1;
CREATE FUNCTION noted() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN END $$;
CREATE EVENT TRIGGER noted ON ddl_command_start EXECUTE FUNCTION noted();
SELECT lo_from_bytea(0, 'a large object');
"""
ROWS = 500 + 1999 + 300 + 15000
TABLES = 5


@pytest.fixture
def settings(database_url: str, server_directory: Path) -> Settings:
    """The data directory is one that the servers' user can enter, which pytest's own is not."""
    return make_settings(
        database_url,
        data_dir_in(server_directory),
        storage=StorageSettings(allow_private_endpoints=True, allow_insecure_endpoints=True),
        backup=BackupSettings(part_bytes=5 * MIB),
    )


@pytest.fixture
async def worker(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[JobWorker]:
    monkeypatch.setattr(execution, "RETRY_BASE_SECONDS", 0.05)
    monkeypatch.setattr(dumping, "_GRACE_SECONDS", 30.0)  # fingerprints of all tables, however quick the dump
    stop = asyncio.Event()
    worker = JobWorker(
        sessions=runtime.sessions,
        listener=runtime.listener,
        programmes=Programmes(*backups.programmes(runtime), *verifications.programmes(runtime)),
        options=WorkerOptions(host_id=runtime.host_id, grace_seconds=0, wishes_seconds=0.2, poll_seconds=1.0),
    )
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(worker.run(stop))
        try:
            yield worker
        finally:
            stop.set()


@dataclass(frozen=True)
class Verifier:
    """Verifies backups of a shop over HTTP."""

    shop: Shop

    async def start(self, backup: dict[str, Any], **wish: Any) -> dict[str, Any]:
        answer = await self.shop.post(f"/v1/backups/{backup['id']}:verify", **wish)
        assert answer.status_code == 202, answer.text
        accepted: dict[str, Any] = answer.json()
        return accepted

    async def verified(self, backup: dict[str, Any], **wish: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """The verification, and its job."""
        accepted = await self.start(backup, **wish)
        job = await self.shop.ended(accepted["job"])
        return await self.shop.get(f"/v1/verifications/{accepted['verification']['id']}"), job

    async def backup(self, backup: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = await self.shop.get(f"/v1/backups/{backup['id']}")
        return found

    async def alerts(self) -> list[str]:
        found = await self.shop.get("/v1/alerts?state=open")
        return [one["type"] for one in found["data"]]

    def scratch(self) -> list[Path]:
        parent = scratch_parent(self.shop.runtime)
        return sorted(parent.iterdir()) if parent.exists() else []


@pytest.fixture
async def verifier(shop: Shop, worker: JobWorker) -> Verifier:
    await shop.execute(SCHEMA)
    return Verifier(shop)


@pytest.fixture
async def backup(verifier: Verifier) -> dict[str, Any]:
    (backup,) = await verifier.shop.take()
    return backup
