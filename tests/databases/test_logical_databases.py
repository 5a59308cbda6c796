import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from uuid import UUID

import httpx
import pytest

from app.kit.ids import encode_id
from app.postgres.connect import Session, Target
from app.postgres.identifiers import quoted
from app.runtime import Runtime
from tests.control import ControlServer, KeyFactory, bearer
from tests.databases.records import add_database
from tests.databases.test_databases import plain_target
from tests.sessions import connect

Call = Callable[..., Awaitable[httpx.Response]]


@pytest.fixture
def target(control: ControlServer) -> Target:
    return plain_target(control)


@pytest.fixture
async def server(target: Target) -> AsyncIterator[Session]:
    """What tests make is named shop, and goes behind them."""
    async with connect(target, application_name="test") as session:
        yield session
        for row in await session.fetch("SELECT datname FROM pg_database WHERE datname LIKE 'shop%'"):
            await session.execute(f"DROP DATABASE {quoted(row[0])} WITH (FORCE)")
        await session.execute("DROP ROLE IF EXISTS shopkeeper")


@pytest.fixture
async def call(
    *,
    client: httpx.AsyncClient,
    as_admin: dict[str, str],
    runtime: Runtime,
    project_id: UUID,
    target: Target,
    server: Session,
) -> Call:
    assert not server.is_closed()
    database = await add_database(runtime, project_id, provider="external", target=target)
    base = f"/v1/databases/{encode_id('db', database.id)}"

    async def send(
        method: str, path: str, body: Any = None, *, expect: int = 200, headers: dict[str, str] | None = None
    ) -> httpx.Response:
        answer = await client.request(method, base + path, json=body, headers=headers or as_admin)
        assert answer.status_code == expect, answer.text
        return answer

    return send


async def test_a_logical_database_is_created_altered_and_dropped(call: Call, server: Session) -> None:
    await server.execute("CREATE ROLE shopkeeper")
    wish = {"owner": "shopkeeper", "encoding": "UTF8", "locale": "C", "connection_limit": 7, "comment": "it's a shop"}
    made = (await call("PUT", "/logical-databases/shop", wish, expect=201)).json()
    assert (made["owner"], made["collation"], made["connection_limit"]) == ("shopkeeper", "C", 7)
    altered = (await call("PUT", "/logical-databases/shop", {"owner": "postgres"})).json()
    assert (altered["owner"], altered["connection_limit"], altered["comment"]) == ("postgres", None, None)
    listed = (await call("GET", "/logical-databases")).json()["data"]
    assert altered["name"] in [entry["name"] for entry in listed]
    unconfirmed = (await call("DELETE", "/logical-databases/shop", expect=409)).json()
    assert unconfirmed["code"] == "CONFIRMATION_MISSING"
    await call("DELETE", "/logical-databases/shop?confirm=shop", expect=204)
    gone = await call("DELETE", "/logical-databases/shop?confirm=shop", expect=404)
    assert gone.json()["code"] == "NOT_FOUND"
    types = [event["type"] for event in (await call("GET", "/events")).json()["data"]]
    assert types == ["logical_database.dropped", "logical_database.altered", "logical_database.created"]


async def test_a_name_may_have_any_characters(call: Call) -> None:
    name = 'shop "é" x'
    await call("PUT", "/logical-databases/shop%20%22%C3%A9%22%20x", expect=201)
    assert name in [entry["name"] for entry in (await call("GET", "/logical-databases")).json()["data"]]
    await call("PUT", f"/logical-databases/{'x' * 64}", expect=422)


async def test_what_is_chosen_at_creation_cannot_change(call: Call) -> None:
    await call("PUT", "/logical-databases/shop", expect=201)
    refused = (await call("PUT", "/logical-databases/shop", {"encoding": "LATIN1"}, expect=409)).json()
    assert (refused["code"], refused["differences"]) == ("LOGICAL_DATABASE_DIFFERS", {"encoding": "UTF8"})
    await call("PUT", "/logical-databases/shop", {"encoding": "utf-8"})
    nobody = await call("PUT", "/logical-databases/shop2", {"owner": "nobody here"}, expect=422)
    assert nobody.json()["code"] == "SQL_ERROR"


async def test_one_with_sessions_goes_only_when_they_may_be_ended(call: Call, target: Target) -> None:
    await call("PUT", "/logical-databases/shop", expect=201)
    async with connect(target.with_database("shop"), application_name="a till") as till:
        for query in ("confirm=shop", "dry_run=true"):
            refused = (await call("DELETE", f"/logical-databases/shop?{query}", expect=409)).json()
            assert (refused["code"], refused["sessions"][0]["application_name"]) == (
                "LOGICAL_DATABASE_IN_USE",
                "a till",
            )
        await call("DELETE", "/logical-databases/shop?terminate=true&dry_run=true", expect=204)
        assert await till.fetchval("SELECT 1") == 1
        await call("DELETE", "/logical-databases/shop?confirm=shop&terminate=true", expect=204)


async def test_our_own_idle_sessions_are_in_nobodys_way(call: Call, target: Target, runtime: Runtime) -> None:
    await call("PUT", "/logical-databases/shop", expect=201)
    async with runtime.connections.session(target.with_database("shop")) as session:
        assert await session.fetchval("SELECT 1") == 1
    await call("DELETE", "/logical-databases/shop?confirm=shop", expect=204)


async def test_the_servers_own_and_the_default_one_stay(call: Call, target: Target) -> None:
    for name in ("template1", "postgres"):
        for method in ("PUT", "DELETE"):
            refused = (await call(method, f"/logical-databases/{name}?confirm={name}", expect=409)).json()
            assert refused["code"] == "LOGICAL_DATABASE_RESERVED"
    assert target.database == "postgres"


async def test_a_dry_run_makes_and_drops_nothing(call: Call) -> None:
    wish = {"connection_limit": 3}
    tried = (await call("PUT", "/logical-databases/shop?dry_run=true", wish, expect=201)).json()
    assert (tried["name"], tried["connection_limit"], tried["size_bytes"]) == ("shop", 3, None)
    assert "shop" not in [entry["name"] for entry in (await call("GET", "/logical-databases")).json()["data"]]


async def test_two_who_create_it_at_once_both_find_it_made(call: Call) -> None:
    async def create() -> int:
        for status in (201, 200):
            try:
                await call("PUT", "/logical-databases/shop", expect=status)
            except AssertionError:
                continue
            return status
        return 0

    assert 201 in await asyncio.gather(create(), create())


async def test_a_reader_may_not_create(call: Call, key_factory: KeyFactory) -> None:
    reader = bearer(await key_factory("databases:read"))  # type: ignore[arg-type]  # a scope is its text
    await call("GET", "/logical-databases", headers=reader)
    await call("PUT", "/logical-databases/shop", expect=403, headers=reader)
