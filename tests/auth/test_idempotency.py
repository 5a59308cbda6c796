import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import httpx
import pytest
from fastapi import FastAPI, Response
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel
from sqlmodel import select

from app.auth.audit import audit
from app.auth.dependencies import IdempotencyDep, SessionDep, requires
from app.auth.idempotency import Asked, forget_expired
from app.auth.models import AuditEvent, IdempotencyKey
from app.auth.principal import Principal
from app.auth.scopes import Scope
from app.errors import Conflict
from app.kit.ids import encode_id, new_id
from app.runtime import Runtime
from tests.control import KeyFactory, bearer

Caller = Annotated[Principal, requires()]


class Wish(BaseModel):
    text: str = "é"
    number: float = 1.5
    fails: bool = False


class View(BaseModel):
    text: str
    number: float
    at: datetime


class Gate:
    """Holds the work of a request open until a test lets it go."""

    def __init__(self) -> None:
        self.entered = asyncio.Event()
        self.open = asyncio.Event()
        self.open.set()


@pytest.fixture
def gate(app: FastAPI) -> Gate:
    gate = Gate()

    async def work(wish: Wish, caller: Caller, once: IdempotencyDep, session: SessionDep, response: Response) -> View:
        gate.entered.set()
        await gate.open.wait()
        audit(session, caller, "work")
        if wish.fails:
            raise Conflict("no")
        response.headers["Location"] = "/v1/chores/1"
        response.headers["X-Other"] = "not kept"
        return once.keep(View(text=wish.text, number=wish.number, at=datetime.now(UTC)), response)

    app.add_api_route("/v1/chores/{name}", work, methods=["POST"], status_code=202)
    return gate


@pytest.fixture
async def works(runtime: Runtime) -> Any:
    async def count() -> int:
        async with runtime.sessions() as session:
            return len((await session.exec(select(AuditEvent).where(AuditEvent.action == "work"))).all())

    return count


async def post(
    client: httpx.AsyncClient, headers: dict[str, str], key: str | None, path: str = "/v1/chores/a", **wish: Any
) -> httpx.Response:
    named = {} if key is None else {"Idempotency-Key": key}
    return await client.post(path, json=wish, headers={**headers, **named})


async def test_a_repeated_request_gets_the_first_answer_and_works_once(
    client: httpx.AsyncClient, gate: Gate, as_admin: dict[str, str], works: Any
) -> None:
    first = await post(client, as_admin, "k1")
    again = await post(client, as_admin, '"k1"')  # quoted or not is the same key
    assert (first.status_code, again.status_code) == (202, 202)
    assert again.content == first.content
    assert again.headers["location"] == first.headers["location"] == "/v1/chores/1"
    assert again.headers["content-type"] == first.headers["content-type"]
    assert again.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.headers
    assert "x-other" not in again.headers
    assert again.headers["x-request-id"] != first.headers["x-request-id"]
    assert await works() == 1


async def test_the_same_key_for_another_body_path_or_query_is_refused(
    client: httpx.AsyncClient, gate: Gate, as_admin: dict[str, str], works: Any
) -> None:
    await post(client, as_admin, "k1")
    for other in (
        await post(client, as_admin, "k1", text="other"),
        await post(client, as_admin, "k1", "/v1/chores/b"),
        await post(client, as_admin, "k1", "/v1/chores/a?dry_run=true"),
    ):
        assert (other.status_code, other.json()["code"]) == (422, "IDEMPOTENCY_MISMATCH")
    assert await works() == 1


async def test_a_key_belongs_to_its_caller_and_route(
    client: httpx.AsyncClient, gate: Gate, as_admin: dict[str, str], key_factory: KeyFactory, works: Any
) -> None:
    await post(client, as_admin, "k1")
    other = bearer(await key_factory(Scope.JOBS_READ))
    assert "idempotency-replayed" not in (await post(client, other, "k1")).headers
    made = await client.post(
        "/v1/api-keys", json={"name": "k", "scopes": ["jobs:read"]}, headers={**as_admin, "Idempotency-Key": "k1"}
    )
    assert made.status_code == 201
    assert await works() == 2


async def test_while_the_first_request_runs_the_second_is_told_to_wait(
    client: httpx.AsyncClient, gate: Gate, as_admin: dict[str, str], works: Any
) -> None:
    gate.open.clear()
    async with asyncio.TaskGroup() as tasks:
        first = tasks.create_task(post(client, as_admin, "k1"))
        await asyncio.wait_for(gate.entered.wait(), 60)
        second = await post(client, as_admin, "k1")
        gate.open.set()
    assert (second.status_code, second.json()["code"]) == (409, "IDEMPOTENCY_IN_FLIGHT")
    assert second.json()["retryable"] is True
    assert second.headers["retry-after"] == "1"
    assert (await post(client, as_admin, "k1")).content == first.result().content
    assert await works() == 1


async def test_a_failed_request_leaves_its_key_free(
    client: httpx.AsyncClient, gate: Gate, as_admin: dict[str, str], works: Any
) -> None:
    for _ in range(2):
        assert (await post(client, as_admin, "k1", fails=True)).json()["code"] == "STATE_INVALID"
    invalid = await client.post("/v1/chores/a", json={"number": "x"}, headers={**as_admin, "Idempotency-Key": "k1"})
    assert invalid.status_code == 422
    assert (await post(client, as_admin, "k1")).status_code == 202
    assert await works() == 1


@pytest.mark.parametrize("key", ["", " ", "with space", "é", "x" * 256])
async def test_a_malformed_key_is_refused(
    client: httpx.AsyncClient, gate: Gate, as_admin: dict[str, str], key: str
) -> None:
    headers = [*as_admin.items(), ("Idempotency-Key", key)]
    raw = [(name.encode(), value.encode("latin-1")) for name, value in headers]
    answer = await client.post("/v1/chores/a", json={}, headers=raw)
    assert (answer.status_code, answer.json()["code"]) == (400, "PARAMETER_INVALID")


async def test_a_required_key_that_is_missing_is_asked_for(
    client: httpx.AsyncClient, gate: Gate, as_admin: dict[str, str]
) -> None:
    answer = await post(client, as_admin, None)
    assert (answer.status_code, answer.json()["code"]) == (400, "IDEMPOTENCY_KEY_MISSING")


async def test_an_optional_key_may_be_missing(client: httpx.AsyncClient, as_admin: dict[str, str]) -> None:
    made = [
        await client.post("/v1/api-keys", json={"name": "k", "scopes": ["jobs:read"]}, headers=as_admin)
        for _ in range(2)
    ]
    assert made[0].json()["id"] != made[1].json()["id"]


async def test_a_route_that_uses_the_network_first_may_leave_the_key_optional(
    client: httpx.AsyncClient, as_admin: dict[str, str]
) -> None:
    answer = await client.post(f"/v1/locations/{encode_id('loc', new_id())}:probe", headers=as_admin)
    assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")


async def test_a_replay_says_that_the_secret_is_gone(
    client: httpx.AsyncClient, as_admin: dict[str, str], runtime: Runtime
) -> None:
    headers = {**as_admin, "Idempotency-Key": "k1"}
    wish = {"name": "k", "scopes": ["jobs:read"]}
    first = (await client.post("/v1/api-keys", json=wish, headers=headers)).json()
    again = (await client.post("/v1/api-keys", json=wish, headers=headers)).json()
    assert (first["withheld"], again["withheld"]) == ([], ["secret"])
    assert again["secret"] is None
    assert {**again, "secret": first["secret"], "withheld": []} == first
    async with runtime.sessions() as session:
        (stored,) = (await session.exec(select(IdempotencyKey))).all()
    assert first["secret"] not in stored.body


async def test_an_answer_without_a_body_is_replayed_as_one(
    client: httpx.AsyncClient, as_admin: dict[str, str], key_factory: KeyFactory, runtime: Runtime
) -> None:
    await key_factory(Scope.JOBS_READ)
    keys = (await client.get("/v1/api-keys", headers=as_admin)).json()["data"]
    (key_id,) = (key["id"] for key in keys if key["scopes"] == ["jobs:read"])
    project = (await client.post("/v1/projects", json={"name": "shop"}, headers=as_admin)).headers["location"]
    made = await client.post(f"{project}/environments", json={"name": "e", "kind": "staging"}, headers=as_admin)
    for path in (f"/v1/api-keys/{key_id}", made.headers["location"], project):
        answers = [await client.delete(path, headers=as_admin | {"Idempotency-Key": "k1"}) for _ in range(2)]
        assert [(answer.status_code, answer.content) for answer in answers] == [(204, b"")] * 2
        assert [answer.headers.get("idempotency-replayed") for answer in answers] == [None, "true"]
        assert "content-type" not in answers[1].headers
        with_new_key = await client.delete(path, headers=as_admin | {"Idempotency-Key": "k2"})
        assert with_new_key.status_code == (204 if "api-keys" in path else 404)


async def test_after_a_day_the_key_may_be_used_again(
    client: httpx.AsyncClient, gate: Gate, as_admin: dict[str, str], runtime: Runtime, works: Any
) -> None:
    first = await post(client, as_admin, "k1")
    async with runtime.sessions() as session, session.begin():
        (stored,) = (await session.exec(select(IdempotencyKey))).all()
        assert abs(stored.expires_at - stored.created_at - timedelta(hours=24)) < timedelta(minutes=1)
        stored.expires_at = datetime.now(UTC) - timedelta(seconds=1)
    second = await post(client, as_admin, "k1", text="something else")
    assert second.status_code == 202
    assert second.json() != first.json()
    assert (await post(client, as_admin, "k1", text="something else")).content == second.content
    assert await works() == 2


async def test_expired_answers_are_forgotten(
    client: httpx.AsyncClient, gate: Gate, as_admin: dict[str, str], runtime: Runtime
) -> None:
    await post(client, as_admin, "old")
    async with runtime.sessions() as session, session.begin():
        (stored,) = (await session.exec(select(IdempotencyKey))).all()
        stored.expires_at = datetime.now(UTC) - timedelta(seconds=1)
    await post(client, as_admin, "new")
    async with runtime.sessions() as session, session.begin():
        assert await forget_expired(session) == 1
        assert [row.key for row in (await session.exec(select(IdempotencyKey))).all()] == ["new"]


def asked(body: bytes) -> Asked:
    return Asked(route="POST /v1/work", status=202, path={}, query=[], body=body)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)


@given(st.dictionaries(st.text(), json_values, max_size=5))
def test_the_order_and_spacing_of_a_body_do_not_change_its_fingerprint(body: dict[str, Any]) -> None:
    plain = json.dumps(body).encode()
    turned = json.dumps(dict(reversed(body.items())), indent=2, ensure_ascii=False).encode("utf-8", "surrogatepass")
    assert asked(plain).fingerprint() == asked(turned).fingerprint()


@given(st.binary(max_size=20), st.binary(max_size=20))
def test_different_bodies_have_different_fingerprints(one: bytes, other: bytes) -> None:
    def parsed(body: bytes) -> object:
        try:
            return json.dumps(json.loads(body)) if body else "null"
        except ValueError:
            return body

    assert (asked(one).fingerprint() == asked(other).fingerprint()) == (parsed(one) == parsed(other))
