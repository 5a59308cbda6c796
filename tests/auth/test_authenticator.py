import asyncio
from datetime import UTC, datetime, timedelta
from typing import Annotated

import asyncpg
import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text
from sqlalchemy.pool import QueuePool
from sqlmodel import select
from structlog.testing import capture_logs

from app.auth import authenticator
from app.auth.authenticator import Authenticator
from app.auth.dependencies import LaterWriteDep, RuntimeDep, SessionDep, requires_detached
from app.auth.errors import KeyInvalid
from app.auth.models import ApiKey, IdempotencyKey
from app.auth.principal import Principal
from app.auth.scopes import Scope
from app.db.sql import run_sql
from app.kit.ids import new_id
from app.main import create_app
from app.runtime import Runtime
from tests.control import KeyFactory, bearer

PROJECT = new_id()


@pytest.fixture
async def without_tables(runtime: Runtime) -> None:
    async with runtime.sessions() as session, session.begin():
        await run_sql(session, text("DROP TABLE audit_event, api_key, idempotency_key"))


async def test_a_trail_that_cannot_be_written_does_not_change_the_refusal(
    app_authenticator: Authenticator, without_tables: None
) -> None:
    with capture_logs() as lines:
        await app_authenticator.denied(KeyInvalid("no"), actor=None, action="whoami", header=None, details={})
    assert [line["event"] for line in lines] == ["request.denied", "audit.failed"]


async def test_chores_that_fail_are_logged_and_tried_again(
    client: httpx.AsyncClient, app_authenticator: Authenticator, admin_key: str, runtime: Runtime
) -> None:
    await client.get("/v1/whoami", headers=bearer(admin_key))
    async with runtime.sessions() as session, session.begin():
        await run_sql(session, text("DROP TABLE audit_event, api_key, idempotency_key"))
    with capture_logs() as lines:
        await app_authenticator.flush()
        await app_authenticator.forget_answers()
        await app_authenticator.flush()  # nothing is left to write
    assert [line["event"] for line in lines] == ["keys.last_use_lost", "idempotency.sweep_failed"]


async def test_chores_run_while_the_application_does(
    app: FastAPI, admin_key: str, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(authenticator, "FLUSH_SECONDS", 0.01)
    monkeypatch.setattr(authenticator, "FORGET_SECONDS", 0.01)
    async with runtime.sessions() as session, session.begin():
        session.add(
            IdempotencyKey(
                principal=new_id(),
                route="POST /",
                key="k",
                fingerprint=b"x",
                status=200,
                headers={},
                body="",
                expires_at=datetime.now(UTC) - timedelta(days=1),
            )
        )
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://api") as client,
    ):
        await client.get("/v1/whoami", headers=bearer(admin_key))
        for _ in range(6000):
            async with runtime.sessions() as session:
                used = (await session.exec(select(ApiKey.last_used_at))).one()
                kept = (await session.exec(select(IdempotencyKey))).all()
            if used and not kept:
                return
            await asyncio.sleep(0.01)
    pytest.fail("the chores did not run within a minute")


async def test_the_last_use_is_written_when_the_application_ends(
    app: FastAPI, admin_key: str, runtime: Runtime
) -> None:
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://api") as client,
    ):
        await client.get("/v1/whoami", headers=bearer(admin_key))
    async with runtime.sessions() as session:
        assert (await session.exec(select(ApiKey.last_used_at))).one() is not None


@pytest.fixture
def detached(app: FastAPI) -> None:
    async def watch(runtime: RuntimeDep, caller: Annotated[Principal, requires_detached(Scope.JOBS_READ)]) -> int:
        pool = runtime.engine.sync_engine.pool
        assert isinstance(pool, QueuePool)
        return pool.checkedout()

    async def probe(caller: Annotated[Principal, requires_detached()], later: LaterWriteDep) -> str:
        async with later.begin() as (session, once):
            assert session.in_transaction()
        return type(once).__name__

    app.add_api_route("/v1/watch", watch)
    app.add_api_route("/v1/probe", probe, methods=["POST"])


async def test_a_detached_route_holds_no_connection(
    client: httpx.AsyncClient, detached: None, key_factory: KeyFactory
) -> None:
    answer = await client.get("/v1/watch", headers=bearer(await key_factory(Scope.JOBS_READ)))
    assert (answer.status_code, answer.json()) == (200, 0)
    refused = await client.get("/v1/watch", headers=bearer(await key_factory(Scope.JOBS_WRITE)))
    assert refused.json()["code"] == "SCOPE_MISSING"


async def test_a_detached_route_promises_once_when_it_writes(
    client: httpx.AsyncClient, detached: None, as_admin: dict[str, str]
) -> None:
    missing = await client.post("/v1/probe", headers=as_admin)
    assert missing.json()["code"] == "IDEMPOTENCY_KEY_MISSING"
    assert (await client.post("/v1/probe", headers={**as_admin, "Idempotency-Key": "k"})).json() == "Once"


@pytest.mark.parametrize("path", ["/v1/watch", "/v1/whoami"])
async def test_without_the_control_database_the_answer_says_so(
    *,
    client: httpx.AsyncClient,
    detached: None,
    as_admin: dict[str, str],
    runtime: Runtime,
    path: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def refuse(*_: object, **__: object) -> None:
        raise ConnectionRefusedError

    await runtime.engine.dispose()
    monkeypatch.setattr(asyncpg, "connect", refuse)
    answer = await client.get(path, headers=as_admin)
    assert (answer.status_code, answer.json()["code"]) == (503, "UNAVAILABLE")


async def test_a_request_without_a_key_takes_no_connection(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else anybody could keep the pool busy. Only the trail of the refusals needs one, and that is bounded."""
    monkeypatch.setattr(authenticator, "ANONYMOUS_DENIALS_PER_MINUTE", 0)
    transport = httpx.ASGITransport(create_app(runtime))
    async with httpx.AsyncClient(transport=transport, base_url="http://api") as client:
        assert (await client.get("/v1/whoami")).status_code == 401
        assert (await client.get("/v1/whoami", headers=bearer("pgm_typo"))).status_code == 401
    pool = runtime.engine.sync_engine.pool
    assert isinstance(pool, QueuePool)
    assert pool.checkedin() == 0


def test_a_principal_sees_its_projects_and_nothing_that_belongs_to_none() -> None:
    some = Principal(new_id(), "some", frozenset(), frozenset({PROJECT}))
    every = Principal(new_id(), "every", frozenset(), None)
    assert (some.may_see(PROJECT), some.may_see(new_id()), some.may_see(None)) == (True, False, False)
    assert (every.may_see(PROJECT), every.may_see(None)) == (True, True)


_STATE = text("SELECT state FROM pg_stat_activity WHERE pid = :pid")


@pytest.mark.parametrize(("method", "state"), [("GET", "idle"), ("POST", "idle in transaction")])
async def test_only_a_request_that_changes_something_holds_a_transaction(
    app: FastAPI, client: httpx.AsyncClient, method: str, state: str
) -> None:
    async def look(runtime: RuntimeDep, session: SessionDep) -> str:
        pid = (await run_sql(session, text("SELECT pg_backend_pid()"))).scalar_one()
        async with runtime.sessions() as other:
            return str((await run_sql(other, _STATE, {"pid": pid})).scalar_one())

    app.add_api_route("/v1/look", look, methods=[method])
    assert (await client.request(method, "/v1/look")).json() == state
