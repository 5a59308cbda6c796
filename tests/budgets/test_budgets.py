"""Budgets over HTTP, against a server that is asked."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from app.auth.scopes import Scope
from app.connections.models import Pool, Pooler, PoolerState
from app.databases.models import Database
from app.kit.ids import encode_id
from app.postgres.cluster import Cluster
from app.runtime import Runtime
from tests.control import KeyFactory, bearer
from tests.databases.records import add_database, create_project, somewhere
from tests.postgres.conftest import cluster, debian, toolchain
from tests.sessions import connect

__all__ = ["cluster", "debian", "toolchain"]

Headers = dict[str, str]
Call = Callable[..., Awaitable[httpx.Response]]

WEB = {"service": "web", "replicas": 2, "pool_max": 10}


@pytest.fixture
async def database(runtime: Runtime, client: httpx.AsyncClient, as_admin: Headers, cluster: Cluster) -> Database:
    project_id = await create_project(client, as_admin)
    # As a server of this machine has it: what is there is not always Railway's.
    return await add_database(runtime, project_id, target=cluster.target, provider_data={"directory": "main"})


@pytest.fixture
def call(client: httpx.AsyncClient, as_admin: Headers, database: Database) -> Call:
    async def send(method: str, verb: str = "", *, headers: Headers | None = None, **wish: Any) -> httpx.Response:
        path = f"/v1/databases/{encode_id('db', database.id)}/connection-budget{verb}"
        body = wish if method != "GET" else None
        return await client.request(method, path, headers=as_admin | (headers or {}), json=body)

    return send


async def test_what_was_declared_is_held_against_the_server_as_it_is_now(call: Call, cluster: Cluster) -> None:
    empty = await call("GET")
    assert (empty.status_code, empty.headers["ETag"]) == (200, '"0"')
    assert (empty.json()["consumers"], empty.json()["updated_at"]) == ([], None)
    assert empty.json()["assessment"]["verdict"] == "ok"

    stored = await call("PUT", consumers=[WEB])
    assert (stored.status_code, stored.headers["ETag"]) == (200, '"1"')
    async with connect(cluster.target, application_name="the web") as session:
        limit = int(await session.fetchval("SELECT current_setting('max_connections')"))
        read = (await call("GET")).json()
    assert read["consumers"] == stored.json()["consumers"]
    assert read["consumers"][0] | WEB == read["consumers"][0]
    found = read["assessment"]
    assert (found["demand"], found["server"]["max_connections"]) == (40, limit)
    assert found["usable"] == limit - found["server"]["reserved"] - 4
    sessions = {one["application_name"]: one for one in found["server"]["sessions"]}
    assert (sessions["the web"]["count"], sessions["the web"]["role"]) == (1, "postgres")
    assert not any(name.startswith("pgmanager") for name in sessions)


async def test_a_declaration_that_somebody_else_has_replaced_is_not_overwritten(call: Call) -> None:
    first = await call("PUT", consumers=[WEB], headers={"If-Match": '"0"'})
    assert first.status_code == 200
    stale = await call("PUT", consumers=[], headers={"If-Match": '"0"'})
    assert (stale.status_code, stale.json()["code"]) == (412, "PRECONDITION_FAILED")
    assert (await call("PUT", consumers=[], headers={"If-Match": '"1"'})).headers["ETag"] == '"2"'
    tried = await call("PUT", "?dry_run=true", consumers=[WEB | {"pool_max": 1000}])
    assert tried.json()["assessment"]["verdict"] == "refuse"
    assert ((await call("GET")).json()["consumers"], tried.status_code) == ([], 200)


async def test_a_deploy_asks_first(call: Call) -> None:
    await call("PUT", consumers=[WEB])
    fits = (await call("POST", ":check", consumers=[WEB | {"replicas": 1}])).json()
    assert (fits["verdict"], fits["before"]["demand"], fits["after"]["demand"]) == ("ok", 40, 20)
    worker = {"service": "worker", "replicas": 1, "processes": 8, "pool_max": 15}
    refused = await call("POST", ":check", consumers=[worker])
    assert (refused.status_code, refused.json()["verdict"]) == (200, "refuse")
    assert refused.json()["after"]["demand"] == 40 + 240
    assert any(line.startswith("worker: 1 (replicas)") for line in refused.json()["after"]["arithmetic"])
    swapped = (await call("POST", ":check", consumers=[worker | {"processes": 1}], remove=["web"])).json()
    assert (swapped["verdict"], swapped["after"]["demand"]) == ("ok", 30)
    assert [one["service"] for one in (await call("GET")).json()["consumers"]] == ["web"]


async def test_a_service_is_named_once_for_each_endpoint(call: Call) -> None:
    both = [WEB, WEB | {"endpoint": "pooled"}]
    assert (await call("PUT", consumers=both)).status_code == 200
    twice = await call("PUT", consumers=[WEB, WEB])
    assert (twice.status_code, "web (direct)" in twice.text) == (422, True)
    change = await call("POST", ":check", consumers=[WEB, WEB])
    assert (change.status_code, change.json()["code"]) == (422, "BUDGET_INVALID")


async def test_the_pooler_of_the_database_is_known_unless_another_is_described(
    call: Call, runtime: Runtime, database: Database
) -> None:
    pooler = Pooler(
        project_id=database.project_id,
        database_id=database.id,
        state=PoolerState.RUNNING,
        options={"default_pool_size": 8, "max_client_conn": 500},
        created_by="test",
    )
    pool = Pool(pooler_id=pooler.id, name="postgres", logical_database="postgres", size=12, reserve=3)
    async with runtime.sessions() as session, session.begin():
        session.add(pooler)
        await session.flush()
        session.add(pool)
    consumers = [WEB | {"endpoint": "pooled"}]
    ours = (await call("PUT", consumers=consumers)).json()["assessment"]
    assert ours["demand"] == 12 + 3
    assert "The pooler's clients: 40 of 500 (max_client_conn)." in ours["arithmetic"]
    other = (await call("PUT", consumers=consumers, pooler={"pool_size": 6, "replicas": 2})).json()["assessment"]
    assert other["demand"] == 12


async def test_a_declaration_is_kept_and_read_while_the_server_does_not_answer(
    client: httpx.AsyncClient, as_admin: Headers, runtime: Runtime
) -> None:
    target = somewhere(host="127.0.0.1", port=1)
    database = await add_database(runtime, await create_project(client, as_admin, "away"), "away", target=target)
    path = f"/v1/databases/{encode_id('db', database.id)}/connection-budget"
    assert (await client.put(path, json={"consumers": [WEB]}, headers=as_admin)).status_code == 200
    read = (await client.get(path, headers=as_admin)).json()
    assert (read["assessment"], read["consumers"][0]["service"]) == (None, "web")
    assert read["unassessed_because"]
    checked = await client.post(f"{path}:check", json={}, headers=as_admin)
    assert (checked.status_code, checked.json()["code"]) == (503, "DATABASE_UNREACHABLE")


async def test_a_key_that_reads_may_check_and_not_declare(call: Call, key_factory: KeyFactory) -> None:
    reader = bearer(await key_factory(Scope.CONNECTIONS_READ))
    assert (await call("POST", ":check", headers=reader)).status_code == 200
    assert (await call("PUT", consumers=[], headers=reader)).status_code == 403
