"""Databases that are private at Railway, backed up and restored from outside: by a public address for one job, and by a
worker that stands beside the server.
"""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from app.databases.models import Database, Environment
from app.kit.ids import encode_id
from app.postgres.process import ChildProcess
from app.providers.railway.place import Place
from app.runtime import Runtime
from app.settings import BackupSettings, Settings, StorageSettings
from app.storage.s3 import S3Location
from app.storage.store import MIB
from tests.backups.conftest import make_location
from tests.control import data_dir_in, make_settings
from tests.databases.records import create_project
from tests.e2e.stage import environment_of
from tests.object_store import object_store_server, s3_location
from tests.providers.railway_simulated.asking import until
from tests.railway_simulator.fixtures import simulator
from tests.railway_simulator.process import Simulator
from tests.railway_world import inside, open_proxies, railway_database, railway_environment
from tests.restores.conftest import working

__all__ = ["object_store_server", "s3_location", "simulator"]

ROOT = Path(__file__).resolve().parents[2]
FILL = "CREATE TABLE goods AS SELECT n, md5(n::text) AS code FROM generate_series(1, 500) AS n"
COUNT = "SELECT count(*) FROM goods"


@pytest.fixture
def settings(database_url: str, server_directory: Path, simulator: Simulator) -> Settings:
    return make_settings(
        database_url,
        data_dir_in(server_directory),
        storage=StorageSettings(allow_private_endpoints=True, allow_insecure_endpoints=True),
        backup=BackupSettings(part_bytes=5 * MIB),
        railway_endpoint=simulator.endpoint,
        railway_requests_per_second=1000,
    )


@pytest.fixture
async def environment(
    runtime: Runtime,
    simulator: Simulator,
    client: httpx.AsyncClient,
    as_admin: dict[str, str],
    s3_location: S3Location,
) -> Environment:
    """Of a project that has a location for backups."""
    project_id = await create_project(client, as_admin)
    await make_location(client, as_admin, runtime, project_id, s3_location, "copies")
    return await railway_environment(runtime, simulator, project_id)


class Caller:
    def __init__(self, client: httpx.AsyncClient, headers: dict[str, str]) -> None:
        self.client, self.headers = client, headers

    async def call(self, method: str, path: str, body: Any = None, *, expect: int = 202) -> dict[str, Any]:
        headers = self.headers | {"Idempotency-Key": uuid4().hex}
        answer = await self.client.request(method, path, json=body, headers=headers)
        assert answer.status_code == expect, f"{method} {path}: {answer.status_code} {answer.text}"
        document: dict[str, Any] = answer.json()
        return document

    async def ended(self, job: dict[str, Any], *, seconds: float = 120) -> dict[str, Any]:
        async with asyncio.timeout(seconds):
            while not job["done"]:
                job = await self.call("GET", f"/v1/jobs/{job['id']}?wait=10", expect=200)
        return job

    async def succeeded(self, path: str, body: Any = None) -> dict[str, Any]:
        """The job, which had nothing but success."""
        job = await self.ended((await self.call("POST", path, body))["job"])
        assert job["state"] == "succeeded", job["error"]
        return job


@pytest.fixture
def caller(client: httpx.AsyncClient, as_admin: dict[str, str]) -> Caller:
    return Caller(client, as_admin)


@asynccontextmanager
async def worker_process(settings: Settings, label: str, log: Path, **more: str) -> AsyncIterator[None]:
    """`pgmanager worker --label`, as somebody deploys it; ended with the context."""
    environment = environment_of(settings) | {"PGM_RAILWAY_ENDPOINT": settings.railway_endpoint, **more}
    with log.open("a", buffering=1) as lines:
        async with ChildProcess.started(
            [sys.executable, "-c", "from app.cli import main; main()", "worker", "--label", label],
            env=environment,
            on_stderr_line=lambda line: lines.write(line + "\n"),
        ):
            yield


def path_of(database: Database) -> str:
    return f"/v1/databases/{encode_id('db', database.id)}"


def service_of(database: Database) -> str:
    return Place.of(database.provider_data).service()


async def test_a_public_address_is_opened_for_a_backup_and_for_a_restore_and_closed_again(
    runtime: Runtime, simulator: Simulator, environment: Environment, caller: Caller
) -> None:
    database = await railway_database(runtime, simulator, environment, public=False)
    await inside(database, runtime.key_ring, FILL)
    refused = await caller.call("POST", f"{path_of(database)}/backups", {}, expect=409)
    assert refused["code"] == "DATABASE_UNREACHABLE"
    assert [one["remedy"] for one in refused["remedies"]] == ["public_access", "temporary_public", "worker"]
    wish = {"network": "temporary_public"}
    tried = await caller.call("POST", f"{path_of(database)}/backups?dry_run=true", wish)
    assert "egress" in tried["job"]["warnings"][0]
    async with working(runtime):
        job = await caller.succeeded(f"{path_of(database)}/backups", wish)
        assert await open_proxies(simulator, service_of(database)) == []
        assert "egress" in job["warnings"][0]
        backup = job["result"]["backup_ids"][0]
        await inside(database, runtime.key_ring, "TRUNCATE goods")
        await caller.call("POST", "/v1/restores", {"backup_id": backup, "target": {"kind": "in_place"}}, expect=409)
        restored = await caller.succeeded("/v1/restores", {"backup_id": backup, "target": {"kind": "in_place"}, **wish})
        assert await inside(database, runtime.key_ring, COUNT) == [500]
        assert await open_proxies(simulator, service_of(database)) == []
        restore = restored["result"]["restore_id"]
        await caller.call("POST", f"/v1/restores/{restore}:undo", expect=409)
        await caller.succeeded(f"/v1/restores/{restore}:undo?network=temporary_public")
        assert await inside(database, runtime.key_ring, COUNT) == [0]
        await caller.succeeded(f"/v1/restores/{restore}:confirm?network=temporary_public")
    assert await open_proxies(simulator, service_of(database)) == []
    view = await caller.call("GET", path_of(database), expect=200)
    assert (view["reach"], view["host"]) == ("none", None)


async def test_a_job_that_fails_or_is_cancelled_closes_its_address_too(
    runtime: Runtime, simulator: Simulator, environment: Environment, caller: Caller
) -> None:
    database = await railway_database(runtime, simulator, environment, public=False, server_major=None)
    wish = {"network": "temporary_public"}
    async with working(runtime):
        # Nobody can tell from here whether there is such a one.
        absent = await caller.call("POST", f"{path_of(database)}/backups", {"logical_databases": ["nowhere"], **wish})
        job = await caller.ended(absent["job"])
        assert (job["state"], job["error"]["code"]) == ("failed", "DATABASE_ABSENT")
        assert await open_proxies(simulator, service_of(database)) == []
        backup = (await caller.succeeded(f"{path_of(database)}/backups", wish))["result"]["backup_ids"][0]
        clash = {"backup_id": backup, "target": {"kind": "logical_database", "name": "railway"}, **wish}
        job = await caller.ended((await caller.call("POST", "/v1/restores", clash))["job"])
        assert (job["state"], job["error"]["code"]) == ("failed", "NAME_TAKEN")
        assert await open_proxies(simulator, service_of(database)) == []
        beside = {**clash, "target": {"kind": "logical_database", "name": "copy"}}
        await caller.succeeded("/v1/restores", beside)
    assert await open_proxies(simulator, service_of(database)) == []
    async with working(runtime):
        pause = await simulator.pause("tcpProxyDelete", "before")
        job = (await caller.call("POST", f"{path_of(database)}/backups", wish))["job"]
        assert await pause.reached()
        await caller.call("POST", f"/v1/jobs/{job['id']}:cancel")
        assert (await caller.ended(job))["state"] == "cancelled"
        await pause.release()
    assert await open_proxies(simulator, service_of(database)) == []
    new = {**clash, "target": {"kind": "new_database", "name": "another"}}
    refused = await caller.call("POST", "/v1/restores", new, expect=422)
    assert refused["code"] == "VALIDATION_FAILED"


async def test_a_worker_in_the_environment_backs_up_a_database_that_is_private_and_one_elsewhere_cannot(
    runtime: Runtime,
    settings: Settings,
    simulator: Simulator,
    environment: Environment,
    caller: Caller,
    tmp_path: Path,
) -> None:
    database = await railway_database(runtime, simulator, environment, public=False)
    place = Place.of(database.provider_data)
    await inside(database, runtime.key_ring, FILL)
    view = await caller.call("PATCH", path_of(database), {"worker_label": "beside"}, expect=200)
    assert (view["reach"], view["host"]) == ("worker:beside", place.private_host)
    refused = await caller.call("GET", f"{path_of(database)}/logical-databases", expect=409)
    assert refused["code"] == "DATABASE_UNREACHABLE"
    assert "pgmanager worker --label beside" in [one.get("command") for one in refused["remedies"]]
    async with working(runtime):  # which has no label
        job = (await caller.call("POST", f"{path_of(database)}/backups", {}))["job"]
        async with worker_process(settings, "beside", tmp_path / "elsewhere.log"):
            elsewhere = await until(
                lambda: caller.call("GET", f"/v1/jobs/{job['id']}", expect=200), lambda found: found["last_error"]
            )
            assert elsewhere["last_error"]["code"] == "DATABASE_UNREACHABLE", elsewhere
        where = {"RAILWAY_PROJECT_ID": place.project_id, "RAILWAY_ENVIRONMENT_ID": place.environment_id}
        async with worker_process(settings, "beside", tmp_path / "beside.log", **where):
            job = await caller.ended(job)
            assert job["state"] == "succeeded", job["error"]
            await inside(database, runtime.key_ring, "TRUNCATE goods")
            wish = {"backup_id": job["result"]["backup_ids"][0], "target": {"kind": "in_place"}}
            await caller.succeeded("/v1/restores", wish)
    assert await inside(database, runtime.key_ring, COUNT) == [500]
    view = await caller.call("GET", path_of(database), expect=200)
    assert view["reach"] == "worker:beside"
    assert await open_proxies(simulator, service_of(database)) == []
