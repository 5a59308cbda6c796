"""Settings that a server takes over when it starts, on one that this service runs."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from app.databases.models import Database
from app.databases.spec import spec_of
from app.jobs import execution
from app.kit.ids import new_id
from app.parameters import steps
from app.parameters import tasks as parameters
from app.parameters.repository import ChangeRepository
from app.postgres.connect import Target
from app.providers.local import LocalProvider
from app.providers.protocol import NotSupported, Phase, ServerSpec
from app.provisioning import tasks as provisioning
from app.runtime import Runtime
from app.settings import Settings
from tests.control import data_dir_in, make_settings
from tests.databases.records import add_database, create_project
from tests.parameters.conftest import Call, session_on
from tests.planted import plant
from tests.workers import MakeWorker, hasty_worker, worker

__all__ = ["worker"]

Finished = Callable[[httpx.Response], Awaitable[dict[str, Any]]]


@pytest.fixture
def settings(database_url: str, server_directory: Path) -> Settings:
    return make_settings(database_url, data_dir_in(server_directory))


@pytest.fixture
async def database(runtime: Runtime, client: httpx.AsyncClient, as_admin: dict[str, str]) -> AsyncIterator[Database]:
    provider = runtime.providers["local"]
    password = SecretStr(plant("the password of the server", "of-a-server-that-restarts"))
    wish = ServerSpec(id=new_id(), username="postgres", password=password, database="railway", major=15)
    spec = replace(wish, data=await provider.prepare(wish))
    target = (await provider.create(spec, Phase.CREATE)).target
    assert target is not None
    project_id = await create_project(client, as_admin)
    database = await add_database(
        runtime,
        project_id,
        target=target,
        database_id=spec.id,
        host_id=runtime.host_id,
        provider_data=spec.data,
        wanted_major=15,
    )
    yield database
    await provider.destroy(spec_of(database, runtime.key_ring))


@pytest.fixture
def make_worker(runtime: Runtime) -> MakeWorker:
    return lambda: hasty_worker(runtime, *parameters.programmes(runtime), *provisioning.programmes(runtime))


@pytest.fixture
async def mortal(make_worker: MakeWorker, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[set[str]]:
    """Workers that die when they first come to the end of one of these, and the names of those that have died."""
    died = set[str]()
    dying = asyncio.Event()

    def ends_at(owner: Any, name: str) -> None:
        real = getattr(owner, name)

        async def once(*arguments: Any, **named: Any) -> Any:
            result = await real(*arguments, **named)
            if name not in died:
                died.add(name)
                dying.set()
                await asyncio.Event().wait()
            return result

        monkeypatch.setattr(owner, name, once)

    async def successive() -> None:
        while True:
            stop = asyncio.Event()
            run = asyncio.create_task(make_worker().run(stop))
            try:
                await dying.wait()
                dying.clear()
            finally:
                stop.set()
                await run

    for owner, name in (
        (steps, "write"),
        (steps, "seen_anew"),
        (LocalProvider, "rescue"),
        (ChangeRepository, "settle"),
    ):
        ends_at(owner, name)
    workers = asyncio.create_task(successive())
    yield died
    workers.cancel()
    with suppress(asyncio.CancelledError):
        await workers


@pytest.fixture
def finished(client: httpx.AsyncClient, as_admin: dict[str, str]) -> Finished:
    async def wait(answer: httpx.Response) -> dict[str, Any]:
        job: dict[str, Any] = answer.json()["job"]
        for _ in range(15):
            if job["done"]:
                return job
            job = (await client.get(f"{job['links']['self']}?wait=10", headers=as_admin)).json()
        message = f"{job['id']} is still {job['state']}: {job['last_error']}"
        raise AssertionError(message)

    return wait


def way_in(database: Database) -> Target:
    assert database.host is not None
    assert database.port is not None
    return Target(database.host, database.port, "postgres", SecretStr("of-a-server-that-restarts"))


async def running(database: Database, name: str) -> str:
    async with session_on(way_in(database)) as session:
        return str(await session.fetchval("SELECT current_setting($1)", name))


async def change(call: Call, values: dict[str, Any]) -> httpx.Response:
    tag = (await call("GET", "/settings")).headers["etag"]
    return await call("PATCH", "/settings", {"values": values, "allow_restart": True}, if_match=tag, expect=202)


async def succeeds_and_fails(call: Call, database: Database, finished: Finished) -> None:
    """A change that the server comes up with, and one that keeps it down."""
    accepted = await change(
        call, {"max_connections": 60, "shared_preload_libraries": "pg_stat_statements, auto_explain"}
    )
    assert accepted.headers["location"] == accepted.json()["job"]["links"]["self"]
    assert accepted.json()["needs_restart"] == ["max_connections", "shared_preload_libraries"]
    job = await finished(accepted)
    assert (job["state"], job["error"]) == ("succeeded", None)
    assert await running(database, "max_connections") == "60"
    assert await running(database, "shared_preload_libraries") == "pg_stat_statements, auto_explain"
    assert not (await call("GET", "/settings?pending_restart=true")).json()["data"]
    assert (await call("GET", "/settings/auto_explain.log_min_duration")).json()["unit"] == "ms"

    # More memory than any machine has.
    job = await finished(await change(call, {"shared_buffers": "6TB", "max_connections": None}))
    assert (job["state"], job["error"]["code"]) == ("failed", "CLUSTER_FAILED"), job
    assert await running(database, "shared_buffers") == "64MB"
    assert await running(database, "max_connections") == "60"
    found = (await call("GET", "/settings/changes")).json()["data"]
    assert [entry["state"] for entry in found] == ["failed", "applied"]
    assert found[0]["before"] == {"shared_buffers": None, "max_connections": "60"}
    assert not (await call("GET", "/settings?pending_restart=true")).json()["data"]
    assert (await call("GET", "")).json()["state"] == "available"


@pytest.mark.usefixtures("worker")
async def test_a_server_is_restarted_for_a_setting_and_gets_the_former_one_back_when_it_does_not_come_up(
    call: Call, database: Database, finished: Finished
) -> None:
    await succeeds_and_fails(call, database, finished)
    (change_id,) = [
        entry["id"] for entry in (await call("GET", "/settings/changes")).json()["data"] if entry["state"] == "applied"
    ]
    path = f"/settings/changes/{change_id}:undo"
    assert (await call("POST", path, expect=409)).json()["code"] == "RESTART_REQUIRED"
    job = await finished(await call("POST", path, {"allow_restart": True}, expect=202))
    assert job["state"] == "succeeded", job["error"]
    assert await running(database, "max_connections") == "100"
    found = (await call("GET", "/settings/changes")).json()["data"]
    assert [entry["state"] for entry in found] == ["applied", "failed", "undone"]


async def test_it_ends_the_same_when_workers_die_over_it(
    call: Call, database: Database, finished: Finished, mortal: set[str]
) -> None:
    await succeeds_and_fails(call, database, finished)
    assert mortal == {"write", "seen_anew", "rescue", "settle"}


@pytest.mark.usefixtures("worker")
async def test_where_nobody_can_start_it_with_other_settings_the_way_out_is_named(
    *,
    call: Call,
    database: Database,
    finished: Finished,
    runtime: Runtime,
    client: httpx.AsyncClient,
    as_admin: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As at Railway, where the command line is the operator's."""

    async def refuse(_self: LocalProvider, _spec: ServerSpec, _settings: Mapping[str, str]) -> None:
        raise NotSupported("railway", "started with other settings")

    with monkeypatch.context() as patch:
        patch.setattr(LocalProvider, "rescue", refuse)
        patch.setattr(execution, "RETRY_BASE_SECONDS", 0.01)
        job = await finished(await change(call, {"shared_buffers": "6TB"}))
    assert (job["state"], job["error"]["code"]) == ("failed", "CLUSTER_FAILED"), job
    (change_id,) = [entry["id"] for entry in (await call("GET", "/settings/changes")).json()["data"]]
    retried = await client.post(f"/v1/jobs/{job['id']}:retry", headers=as_admin | {"Idempotency-Key": "retry"})
    assert (retried.status_code, retried.json()["code"]) == (409, "CHANGE_UNSETTLED")
    assert any("-c shared_buffers=8192 " in warning and change_id in warning for warning in job["warnings"])
    await runtime.providers["local"].rescue(spec_of(database, runtime.key_ring), {"shared_buffers": "8192"})
    await call("POST", f"/settings/changes/{change_id}:undo")
    found = (await call("GET", "/settings/changes")).json()["data"]
    assert [entry["state"] for entry in found] == ["applied", "undone"]
    await runtime.providers["local"].restart(spec_of(database, runtime.key_ring))
    assert await running(database, "shared_buffers") == "64MB"


async def test_a_change_that_no_worker_has_begun_is_cancelled_without_a_trace(
    call: Call, database: Database, client: httpx.AsyncClient, as_admin: dict[str, str]
) -> None:
    tag = (await call("GET", "/settings")).headers["etag"]
    wish = {"values": {"max_connections": 60}, "allow_restart": True}
    tried = await call("PATCH", "/settings?dry_run=true", wish, if_match=tag, expect=202)
    assert tried.json()["change"]["after"] == {"max_connections": "60"}
    assert (await call("GET", "/settings/changes")).json()["data"] == []
    job = (await call("PATCH", "/settings", wish, if_match=tag, expect=202)).json()["job"]
    busy = await call("PATCH", "/settings", {"values": {"jit": "off"}}, if_match=tag, expect=409)
    assert (busy.json()["code"], busy.json()["blocking_job_id"]) == ("SETTINGS_BUSY", job["id"])
    await client.post(f"/v1/jobs/{job['id']}:cancel", headers=as_admin)
    assert (await call("GET", "/settings/changes")).json()["data"][0]["state"] == "failed"
    again = await client.post(f"/v1/jobs/{job['id']}:retry", headers=as_admin | {"Idempotency-Key": "retry"})
    assert (await call("GET", "/settings/changes")).json()["data"][0]["state"] == "pending"
    await client.post(f"/v1/jobs/{again.json()['id']}:cancel", headers=as_admin)
    await call("PATCH", "/settings", {"values": {"jit": "off"}}, if_match=tag)
    assert await running(database, "max_connections") == "100"
