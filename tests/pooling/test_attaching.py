"""Attaching that is interrupted, refused or called off leaves either a pooler or nothing."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from app.connections.models import Pooler
from app.connections.poolers import live_pooler
from app.databases.access import target_of
from app.databases.models import Database
from app.kit.ids import encode_id
from app.pooling import steps
from app.pooling.processes import auth_password, bring, local_provider
from app.postgres.errors import ServerUnreachable
from app.postgres.pgbouncer import PgBouncerStatus
from app.postgres.pgbouncer_console import Console
from app.postgres.pooler_login import make_pooler_login
from app.postgres.scram import verifier
from app.runtime import Runtime
from tests.databases.records import add_database
from tests.planted import plant
from tests.pooling.conftest import Finished
from tests.sessions import connect


@pytest.fixture
def path(database: Database) -> str:
    return f"/v1/databases/{encode_id('db', database.id)}/pooler"


def dying_once(work: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    """Done, and then cut off before anybody is told."""
    died = False

    async def call(*given: Any, **named: Any) -> Any:
        nonlocal died
        found = await work(*given, **named)
        if not died:
            died = True
            raise ServerUnreachable("the power went")
        return found

    return call


async def test_each_step_may_be_cut_off_after_its_work(
    path: str,
    worker: None,
    client: httpx.AsyncClient,
    as_admin: dict[str, str],
    finished: Finished,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(steps, "make_pooler_login", dying_once(make_pooler_login))
    monkeypatch.setattr(steps, "bring", dying_once(bring))
    monkeypatch.setattr(Console, "log_in", dying_once(Console.log_in))
    answer = await client.put(path, json={}, headers=as_admin)
    job = await finished(answer.json())
    assert (job["state"], job["warnings"]) == ("succeeded", []), job["error"]
    assert (await client.get(path, headers=as_admin)).json()["state"] == "running"


async def test_a_login_that_is_no_superuser_is_told_what_is_missing(
    runtime: Runtime,
    database: Database,
    worker: None,
    client: httpx.AsyncClient,
    as_admin: dict[str, str],
    finished: Finished,
) -> None:
    password = SecretStr(plant("a plain login's password", "plain-password-7fk3"))
    own = target_of(database, runtime.key_ring)
    async with connect(own, application_name="test") as session:
        await session.execute(f"CREATE ROLE plain LOGIN PASSWORD '{verifier(password)}'")
    try:
        target = type(own)(own.host, own.port, "plain", password, tls=own.tls, ca_pem=own.ca_pem)
        poor = await add_database(runtime, database.project_id, "poor", target=target, host_id=runtime.host_id)
        path = f"/v1/databases/{encode_id('db', poor.id)}/pooler"
        job = await finished((await client.put(path, json={}, headers=as_admin)).json())
        assert (job["state"], job["error"]["code"]) == ("failed", "PRIVILEGE_MISSING")
        view = (await client.get(path, headers=as_admin)).json()
        assert (view["state"], job["id"] in view["state_reason"]) == ("failed", True)
        assert not local_provider(runtime).pooler(poor.id).files.directory.exists()
    finally:
        async with connect(own, application_name="test") as session:
            await session.execute("DROP ROLE plain")


async def test_a_schema_of_somebody_else_is_not_trusted(
    path: str,
    runtime: Runtime,
    database: Database,
    worker: None,
    client: httpx.AsyncClient,
    as_admin: dict[str, str],
    finished: Finished,
) -> None:
    own = target_of(database, runtime.key_ring)
    async with connect(own, application_name="test") as session:
        await session.execute("CREATE ROLE squatter; CREATE SCHEMA pgm_pooler AUTHORIZATION squatter")
    try:
        job = await finished((await client.put(path, json={}, headers=as_admin)).json())
        assert (job["state"], job["error"]["code"]) == ("failed", "POOLER_SCHEMA_FOREIGN")
        async with connect(own, application_name="test") as session:
            assert await session.fetchval("SELECT count(*) FROM pg_roles WHERE rolname = 'pgm_pooler'") == 0
    finally:
        async with connect(own, application_name="test") as session:
            await session.execute("DROP SCHEMA pgm_pooler; DROP ROLE squatter")


async def test_what_is_called_off_before_it_began_can_be_asked_for_again(
    path: str, runtime: Runtime, database: Database, client: httpx.AsyncClient, as_admin: dict[str, str]
) -> None:
    asked = (await client.put(path, json={}, headers=as_admin)).json()
    assert asked["pooler"]["state"] == "creating"
    busy = await client.put(path, json={}, headers=as_admin)
    assert (busy.status_code, busy.json()["code"]) == (409, "JOB_CONFLICT")
    changed = await client.put(f"{path}/pools/postgres", json={}, headers=as_admin)
    assert changed.status_code == 409
    cancelled = await client.post(f"{asked['job']['links']['self']}:cancel", headers=as_admin)
    assert cancelled.json()["state"] == "cancelled", cancelled.text
    assert (await client.get(path, headers=as_admin)).json()["state"] == "failed"
    again = (await client.put(path, json={"default_pool_size": 7}, headers=as_admin)).json()
    assert (again["pooler"]["state"], again["pooler"]["options"]["default_pool_size"]) == ("creating", 7)
    assert local_provider(runtime).pooler(database.id).status() is PgBouncerStatus.STOPPED


async def test_another_provider_has_no_pooler(
    runtime: Runtime, database: Database, client: httpx.AsyncClient, as_admin: dict[str, str]
) -> None:
    other = await add_database(
        runtime, database.project_id, "theirs", target=target_of(database, runtime.key_ring), provider="external"
    )
    path = f"/v1/databases/{encode_id('db', other.id)}/pooler"
    answer = await client.put(path, json={}, headers=as_admin)
    assert (answer.status_code, answer.json()["code"]) == (409, "PROVIDER_CANNOT")
    absent = await client.get(path, headers=as_admin)
    assert (absent.status_code, absent.json()["code"]) == (404, "POOLER_NOT_FOUND")


async def test_passwords_are_sealed_and_each_its_own(
    path: str, client: httpx.AsyncClient, as_admin: dict[str, str], runtime: Runtime, database: Database
) -> None:
    await client.put(path, json={}, headers=as_admin)
    async with runtime.sessions() as session:
        pooler = await live_pooler(session, database.id)
    assert isinstance(pooler, Pooler)
    auth = auth_password(pooler, runtime.key_ring)
    assert auth.get_secret_value().encode() not in (pooler.auth_password_sealed or b"")
    assert pooler.auth_password_sealed != pooler.admin_password_sealed
