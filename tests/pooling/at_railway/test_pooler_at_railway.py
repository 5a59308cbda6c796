"""A pooler at Railway: attached, changed and removed by its template, and what stands against that."""

import asyncio
from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from app.connections.poolers import live_pooler, pools_of
from app.databases.models import Database, Environment
from app.pooling import keeping
from app.runtime import Runtime
from tests.pooling.at_railway.conftest import Pooled
from tests.providers.railway_simulated.asking import STAGE, ask, commit, deployed, variables_of
from tests.railway_simulator.process import Simulator
from tests.railway_world import open_at_railway, railway_database

pytestmark = pytest.mark.usefixtures("worker")


@pytest.fixture
async def served(
    runtime: Runtime, platform: Simulator, environment: Environment, pooled_with: Callable[[Database], Pooled]
) -> Pooled:
    return pooled_with(await railway_database(runtime, platform, environment, public=True))


async def test_one_that_is_reached_pools_real_sessions_and_is_told_what_to_do(served: Pooled, runtime: Runtime) -> None:
    job = await served.apply("PUT", json={"default_pool_size": 3})
    assert (job["state"], len(job["warnings"])) == ("succeeded", 1), job["error"]
    (service_id,) = await served.poolers()
    database = served.path.removesuffix("/pooler")
    name = (await served.client.get(database, headers=served.headers)).json()["name"]
    kept = await served.client.delete(f"{database}?final_backup=false&confirm={name}", headers=served.headers)
    assert (kept.status_code, kept.json()["code"]) == (409, "POOLER_IN_THE_WAY"), kept.text
    view = await served.ask("GET", expect=200)
    assert (view["state"], view["host"], view["port"]) == ("running", job["result"]["host"], 5432)
    assert (await served.ask("POST", ":pause", expect=409, json={}))["code"] == "POOLER_OUT_OF_REACH"

    host, port = await open_at_railway_past_us(served, service_id)
    job = await served.apply("PUT", json={"default_pool_size": 4, "idle_transaction_timeout": 33})
    assert (job["state"], job["warnings"], job["result"]["was_there"]) == ("succeeded", [], True), job["error"]
    assert job["result"]["version"], "its console was asked"
    stats = await served.ask("GET", "/stats", expect=200)
    assert "railway" in {row["pool"] for row in stats["totals"]}

    address = f"host={host} port={port} dbname=railway user=postgres sslmode=require connect_timeout=30"
    password = await password_of(served)
    paused = await served.ask("POST", ":pause", expect=200, json={"max_seconds": 1})
    assert paused["pools"][0]["paused_until"]
    asked = asyncio.create_task(one(address, password))
    async with runtime.sessions() as session:
        pooler = await live_pooler(session, served.database_id)
        assert pooler is not None
    async with asyncio.timeout(60):
        while True:  # its end comes by itself, by whichever worker reaches it
            await keeping.keep(runtime)
            async with runtime.sessions() as session:
                if [pool.paused_until for pool in await pools_of(session, pooler.id)] == [None]:
                    break
            await asyncio.sleep(0.2)
        assert await asked == 1
    for verb in (":reload", ":reconnect", ":resume"):
        await served.ask("POST", verb, expect=200, json={})

    job = await served.apply("DELETE")
    assert (job["state"], await served.poolers(), await served.state()) == ("succeeded", {}, "none"), job["error"]


async def test_its_options_are_variables_and_its_address_is_a_connection(pooled: Pooled) -> None:
    tried = await pooled.ask("PUT", "?dry_run=true", expect=202, json={"default_pool_size": 7})
    assert tried["plan"]["cost"]["lines"][0]["what"] == "memory"
    assert any(".URL" in warning for warning in tried["plan"]["warnings"])
    assert await pooled.poolers() == {}
    job = await pooled.apply("PUT", json={"default_pool_size": 7, "pool_mode": "session"})
    assert job["state"] == "succeeded", job["error"]
    (service_id,) = await pooled.poolers()
    variables = await variables_of(pooled.platform, pooled.place.environment_id, service_id)
    wanted = {"DEFAULT_POOL_SIZE": "7", "POOL_MODE": "session", "QUERY_WAIT_TIMEOUT": "120", "CLIENT_IDLE_TIMEOUT": "0"}
    assert wanted.items() <= variables.items()
    assert job["warnings"], "nothing here reaches it"
    path = pooled.path.removesuffix("/pooler")
    endpoints = (await pooled.client.get(f"{path}/connections", headers=pooled.headers)).json()["data"]
    (address,) = [one for one in endpoints if one["network"] == "pooled"]
    assert (address["host"], address["port"]) == (job["result"]["host"], 5432)
    pools = (await pooled.ask("GET", "/pools", expect=200))["data"]
    assert [(pool["name"], pool["mode"], pool["size"]) for pool in pools] == [("railway", "session", 7)]

    before = await pooled.deployments()
    again = await pooled.apply("PUT", json={"default_pool_size": 9})
    assert again["state"] == "succeeded", again["error"]
    variables = await variables_of(pooled.platform, pooled.place.environment_id, service_id)
    assert (variables["DEFAULT_POOL_SIZE"], variables["POOL_MODE"]) == ("9", "transaction")
    assert await pooled.deployments() == before + 1
    assert not await pooled.is_held()


@pytest.mark.parametrize("leads", [False, True])
async def test_it_is_taken_away_again_with_what_the_template_changed(pooled: Pooled, *, leads: bool) -> None:
    await pooled.platform.settings(overlays_lead_readers=leads)
    place = pooled.place
    services = (await pooled.platform.state())["services"]
    (reader,) = [one["id"] for one in services if one["name"] == f"api {place.service()[:6]}"]

    async def read() -> str:
        found = await variables_of(pooled.platform, place.environment_id, reader, unrendered=True)
        return found["URL"]

    before = await read()
    job = await pooled.apply("PUT", json={})
    assert job["state"] == "succeeded", job["error"]
    assert (await read() != before) == leads
    job = await pooled.apply("DELETE")
    assert (job["state"], job["warnings"]) == ("succeeded", []), job["error"]
    assert (await pooled.poolers(), await read(), await pooled.state()) == ({}, before, "none")
    assert await pooled.staged() == {}
    assert not await pooled.is_held()


async def test_variables_that_lead_to_one_that_is_gone_are_named(pooled: Pooled) -> None:
    job = await pooled.apply("PUT", json={})
    services = (await pooled.platform.state())["services"]
    (reader,) = [one["id"] for one in services if one["name"] == f"api {pooled.place.service()[:6]}"]
    value = f"${{{{{job['result']['service_name']}.RAILWAY_PRIVATE_DOMAIN}}}}"
    patch = {"services": {reader: {"variables": {"POOLED_HOST": {"value": value}}}}}
    await commit(pooled.platform, pooled.place.environment_id, patch)
    job = await pooled.apply("DELETE")
    assert job["state"] == "succeeded", job["error"]
    assert [".POOLED_HOST" in warning for warning in job["warnings"]] == [True]


async def test_what_others_have_staged_is_not_deployed_with_it(pooled: Pooled) -> None:
    theirs = {"services": {pooled.place.service(): {"variables": {"COLOUR": {"value": "blue"}}}}}
    await ask(pooled.platform, STAGE, e=pooled.place.environment_id, patch=theirs, merge=True)
    refused = await pooled.ask("PUT", expect=409, json={})
    assert refused["code"] == "RAILWAY_STAGED_CHANGES_FOREIGN"
    assert await pooled.state() == "none"
    assert await pooled.staged() == theirs


async def test_one_that_somebody_added_there_is_taken_over(pooled: Pooled) -> None:
    job = await pooled.apply("PUT", json={})
    assert job["state"] == "succeeded", job["error"]
    (service_id,) = await pooled.poolers()
    async with pooled.runtime.sessions() as session, session.begin():
        pooler = await live_pooler(session, pooled.database_id)
        assert pooler is not None
        for pool in await pools_of(session, pooler.id):
            await session.delete(pool)
        await session.flush()
        await session.delete(pooler)
    job = await pooled.apply("PUT", json={"default_pool_size": 5})
    assert (job["state"], job["result"]["was_there"]) == ("succeeded", True), job["error"]
    assert job["result"]["service_id"] == service_id


async def test_pools_of_its_own_and_members_of_a_cluster_are_refused(pooled: Pooled) -> None:
    assert (await pooled.apply("PUT", json={}))["state"] == "succeeded"
    for method, below, body in (("PUT", "/pools/other", {}), ("PATCH", "/pools/railway", {"size": 3})):
        assert (await pooled.ask(method, below, expect=409, json=body))["code"] == "POOLS_FIXED"
    assert (await pooled.ask("DELETE", "/pools/railway", expect=409))["code"] == "POOLS_FIXED"
    variables = {"PATRONI_ENABLED": {"value": "true"}}
    patch = {"services": {pooled.place.service(): {"variables": variables}}}
    await commit(pooled.platform, pooled.place.environment_id, patch)
    assert (await pooled.ask("PUT", expect=409, json={}))["code"] == "CLUSTER_NOT_POOLABLE"


async def test_a_template_of_another_shape_fails_without_a_change(
    pooled: Pooled, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.providers.railway.poolers.CODE", "postgres-pitr")
    job = await pooled.apply("PUT", json={})
    assert (job["state"], job["error"]["code"]) == ("failed", "RAILWAY_POOLER_TEMPLATE_CHANGED")
    assert (await pooled.state(), await pooled.staged(), await pooled.is_held()) == ("failed", {}, False)
    monkeypatch.undo()
    assert (await pooled.apply("PUT", json={}))["state"] == "succeeded"


async def open_at_railway_past_us(served: Pooled, service_id: str) -> tuple[str, int]:
    """A TCP proxy of the pooler's own."""
    environment_id = served.place.environment_id
    address = await open_pooler(served.platform, environment_id, service_id)
    await deployed(served.platform, environment_id, service_id)
    return address


async def open_pooler(platform: Simulator, environment_id: str, service_id: str) -> tuple[str, int]:
    variable = {
        "DATABASE_PUBLIC_URL": {"value": "postgresql://${{RAILWAY_TCP_PROXY_DOMAIN}}:${{RAILWAY_TCP_PROXY_PORT}}"}
    }
    await commit(platform, environment_id, {"services": {service_id: {"variables": variable}}})
    return await open_at_railway(platform, environment_id, service_id)


async def password_of(served: Pooled) -> str:
    variables = await variables_of(served.platform, served.place.environment_id, served.place.service())
    return variables["POSTGRES_PASSWORD"]


async def one(address: str, password: str) -> Any:
    connection = await psycopg.AsyncConnection.connect(address, password=password, prepare_threshold=None)
    async with connection:
        row = await (await connection.execute("SELECT 1")).fetchone()
        return row[0] if row else None
