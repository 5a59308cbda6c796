"""Where a database is entered, and strings for it, over HTTP."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from pydantic import SecretStr
from sqlmodel import col, select

from app.auth.models import AuditEvent
from app.auth.scopes import Scope
from app.connections.logins import seal_login_password
from app.connections.models import Application, Login, LoginKind, LoginState, Pool, Pooler, PoolerState, PoolMode
from app.databases.models import Database
from app.kit.ids import encode_id, new_id
from app.postgres.certificates import issue_root
from app.postgres.connect import TlsMode
from app.runtime import Runtime
from tests.control import KeyFactory, bearer
from tests.databases.records import add_database, create_project, somewhere
from tests.planted import plant

ROOT = issue_root("the root of the tests").certificate_pem.decode()
OTHER_ROOT = issue_root("the root of the pooler").certificate_pem.decode()
PASSWORD = "p@ss/word%* of a login"

Headers = dict[str, str]


@pytest.fixture
async def project_id(client: httpx.AsyncClient, as_admin: Headers) -> UUID:
    return await create_project(client, as_admin)


@pytest.fixture
async def database(runtime: Runtime, project_id: UUID) -> Database:
    target = somewhere(tls=TlsMode.VERIFY_CA, ca_pem=ROOT, host="db.example.com")
    return await add_database(runtime, project_id, target=target, provider="external")


def path_of(database: Database, what: str = "connection-strings") -> str:
    return f"/v1/databases/{encode_id('db', database.id)}/{what}"


async def strings(
    client: httpx.AsyncClient, headers: Headers, database: Database, expect: int = 200, /, **wish: Any
) -> dict[str, Any]:
    body = {"client": "libpq-uri", **wish}
    answer = await client.post(path_of(database), json=body, headers=headers)
    assert answer.status_code == expect, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def add_login(runtime: Runtime, database: Database, role: str, **values: Any) -> Login:
    login_id = new_id()
    plant("the password of a login", PASSWORD)
    sealed = seal_login_password(login_id, SecretStr(PASSWORD), runtime.key_ring)
    login = Login(
        id=login_id,
        project_id=database.project_id,
        database_id=database.id,
        role=role,
        created_by="test",
        **{"kind": LoginKind.ROLE, "state": LoginState.READY, "password_sealed": sealed, **values},
    )
    async with runtime.sessions() as session, session.begin():
        session.add(login)
    return login


async def add_application(runtime: Runtime, database: Database, name: str, current: str | None) -> None:
    application = Application(
        project_id=database.project_id,
        database_id=database.id,
        name=name,
        logical_database=f"{name}_data",
        owner_role=f"{name}_owner",
        created_by="test",
    )
    async with runtime.sessions() as session, session.begin():
        session.add(application)
    if current is not None:
        values = {"kind": LoginKind.APPLICATION, "state": LoginState.CURRENT, "application_id": application.id}
        await add_login(runtime, database, current, **values)


async def add_pooler(runtime: Runtime, database: Database, *names: str, **values: Any) -> None:
    standard: dict[str, Any] = {
        "state": PoolerState.RUNNING,
        "host": "127.0.0.1",
        "port": 6432,
        "version": "1.25.2",
        "ca_pem": OTHER_ROOT,
    }
    pooler = Pooler(project_id=database.project_id, database_id=database.id, created_by="test", **(standard | values))
    async with runtime.sessions() as session, session.begin():
        session.add(pooler)
        await session.flush()
        for name in names:
            pool = Pool(pooler_id=pooler.id, name=name, logical_database="railway", mode=PoolMode.TRANSACTION, size=20)
            session.add(pool)


async def reveals(runtime: Runtime) -> list[AuditEvent]:
    async with runtime.sessions() as session:
        query = select(AuditEvent).where(col(AuditEvent.action) == "reveal_connection_strings")
        return list((await session.exec(query)).all())


async def test_the_endpoints_say_who_should_use_them_and_what_can_be_verified(
    client: httpx.AsyncClient, as_admin: Headers, runtime: Runtime, database: Database
) -> None:
    await add_pooler(runtime, database, "railway")
    answer = await client.get(path_of(database, "connections"), headers=as_admin)
    assert answer.status_code == 200, answer.text
    found = answer.json()
    private, pooled = found["data"]
    assert (private["network"], private["host"], private["port"]) == ("private", "db.example.com", 5432)
    assert (private["tls"]["sslmode"], private["tls"]["is_root_pinned"], private["tls"]["may_verify_name"]) == (
        "verify-ca",
        True,
        False,
    )
    assert "verify-full fails" in private["tls"]["why"]
    assert (pooled["network"], pooled["host"], pooled["port"]) == ("pooled", "127.0.0.1", 6432)
    assert "migrations" in private["for_whom"]
    assert "migrations" not in pooled["for_whom"]
    assert (found["default_database"], found["default_role"], found["roles"]) == ("railway", "postgres", ["postgres"])


async def test_a_password_is_masked_unless_it_is_asked_for(
    client: httpx.AsyncClient, as_admin: Headers, runtime: Runtime, database: Database
) -> None:
    found = await strings(client, as_admin, database)
    assert (found["revealed"], found["environment"]["PGPASSWORD"]) == (False, "***")
    assert found["text"].startswith(
        "postgresql://postgres:***@db.example.com:5432/railway?sslmode=verify-ca&sslrootcert=ca.pem"
    )
    assert found["files"] == {"ca.pem": ROOT}
    assert await reveals(runtime) == []


async def test_a_password_is_shown_to_whom_may_see_it_and_that_is_written_down(
    client: httpx.AsyncClient, as_admin: Headers, runtime: Runtime, database: Database
) -> None:
    found = await strings(client, as_admin, database, reveal=True)
    assert (found["revealed"], found["environment"]["PGPASSWORD"]) == (True, "p@ss/word%*")
    (event,) = await reveals(runtime)
    assert event.details == {"role": "postgres", "client": "libpq-uri", "network": "private"}


async def test_without_the_scope_nothing_is_revealed(
    client: httpx.AsyncClient, runtime: Runtime, database: Database, key_factory: KeyFactory
) -> None:
    reader = bearer(await key_factory(Scope.CONNECTIONS_READ))
    refused = await strings(client, reader, database, 403, reveal=True)
    assert (refused["code"], refused["required_scope"]) == ("SCOPE_MISSING", "secrets:reveal")
    assert (await strings(client, reader, database))["environment"]["PGPASSWORD"] == "***"
    assert await reveals(runtime) == []


async def test_a_repetition_and_a_dry_run_show_no_password(
    client: httpx.AsyncClient, as_admin: Headers, runtime: Runtime, database: Database
) -> None:
    body, once = {"client": "psql", "reveal": True}, as_admin | {"Idempotency-Key": "once"}
    tried = await client.post(f"{path_of(database)}?dry_run=true", json=body, headers=as_admin)
    assert (tried.status_code, tried.json()["revealed"], tried.json()["environment"]) == (200, False, None)
    assert await reveals(runtime) == []
    first = await client.post(path_of(database), json=body, headers=once)
    assert first.json()["environment"]["PGPASSWORD"] == "p@ss/word%*"
    again = await client.post(path_of(database), json=body, headers=once)
    assert (again.headers["idempotency-replayed"], again.json()["environment"]) == ("true", None)
    assert again.json()["withheld"] == ["environment", "text"]
    assert len(await reveals(runtime)) == 1


async def test_the_login_of_the_only_application_is_what_one_gets(
    client: httpx.AsyncClient, as_admin: Headers, runtime: Runtime, database: Database
) -> None:
    found = await strings(client, as_admin, database)
    assert any("superuser" in warning for warning in found["warnings"])
    await add_application(runtime, database, "web", "web_a")
    found = await strings(client, as_admin, database)
    assert (found["role"], found["database"]) == ("web_a", "web_data")
    assert not any("superuser" in warning for warning in found["warnings"])
    await add_application(runtime, database, "worker", None)
    assert (await strings(client, as_admin, database))["role"] == "postgres"
    assert (await strings(client, as_admin, database, application="web"))["role"] == "web_a"
    assert (await strings(client, as_admin, database, 409, application="worker"))["code"] == "LOGIN_UNUSABLE"
    refused = await strings(client, as_admin, database, 404, application="nobody")
    assert "web, worker" in refused["detail"]


async def test_a_login_is_named_by_its_role(
    client: httpx.AsyncClient, as_admin: Headers, runtime: Runtime, database: Database
) -> None:
    await add_login(runtime, database, "reader", logical_database="reports")
    await add_login(runtime, database, "resting", state=LoginState.DISABLED)
    found = await strings(client, as_admin, database, role="reader", reveal=True)
    assert (found["role"], found["database"], found["environment"]["PGPASSWORD"]) == ("reader", "reports", PASSWORD)
    assert (await strings(client, as_admin, database, role="reader", database="other"))["database"] == "other"
    assert (await strings(client, as_admin, database, 409, role="resting"))["code"] == "LOGIN_UNUSABLE"
    assert (await strings(client, as_admin, database, 404, role="nobody"))["code"] == "NOT_FOUND"
    both = await strings(client, as_admin, database, 422, role="reader", application="web")
    assert both["code"] == "VALIDATION_FAILED"


async def test_a_login_that_ends_says_so(
    client: httpx.AsyncClient, as_admin: Headers, runtime: Runtime, database: Database
) -> None:
    ends = runtime.clock() + timedelta(hours=1)
    await add_login(runtime, database, "visitor", kind=LoginKind.TEMPORARY, state=LoginState.CURRENT, expires_at=ends)
    await add_login(runtime, database, "old", state=LoginState.RETIRING)
    await add_login(runtime, database, "unkept", password_sealed=None)
    visitor, old = [await strings(client, as_admin, database, role=role) for role in ("visitor", "old")]
    assert any(f"visitor ends at {ends:%Y-%m-%d %H:%M}" in warning for warning in visitor["warnings"])
    assert any("being retired" in warning for warning in old["warnings"])
    assert "rotating" in (await strings(client, as_admin, database, 409, role="unkept"))["detail"]
    listed = await client.get(path_of(database, "connections"), headers=as_admin)
    assert listed.json()["roles"] == ["postgres", "old", "unkept", "visitor"]


async def test_a_pooled_string_goes_by_the_pool_and_keeps_what_the_pooler_refuses_out(
    client: httpx.AsyncClient, as_admin: Headers, runtime: Runtime, database: Database
) -> None:
    refused = await strings(client, as_admin, database, 409, mode="pooled")
    assert (refused["code"], refused["endpoint"]) == ("ENDPOINT_ABSENT", "pooled")
    await add_pooler(runtime, database, "web", version="1.20.1")
    found = await strings(client, as_admin, database, mode="pooled", statement_timeout_seconds=5, client="asyncpg")
    values = found["environment"]
    assert (found["pool_mode"], values["PGHOST"], values["PGPORT"], values["PGDATABASE"]) == (
        "transaction",
        "127.0.0.1",
        "6432",
        "web",
    )
    assert "db.example.com:5432/railway" in values["DIRECT_URL"]
    assert values["DATABASE_PREPARED_STATEMENTS"] == "false"
    assert "DATABASE_STATEMENT_TIMEOUT" not in values
    assert set(found["files"]["ca.pem"].split("\n")) == set(ROOT.split("\n")) | set(OTHER_ROOT.split("\n"))
    said = " ".join(found["warnings"])
    assert all(word in said for word in ("DIRECT_URL", "LISTEN", "statement_timeout", "prepared statements"))
    refused = await strings(client, as_admin, database, 409, mode="pooled", database="elsewhere")
    assert "No pool leads to elsewhere" in refused["detail"]


async def test_a_pooler_that_follows_prepared_statements_is_used_with_them(
    client: httpx.AsyncClient, as_admin: Headers, runtime: Runtime, database: Database
) -> None:
    await add_pooler(runtime, database, "railway")
    found = await strings(client, as_admin, database, mode="pooled")
    assert "DATABASE_PREPARED_STATEMENTS" not in found["environment"]
    assert not any("does not follow prepared" in warning for warning in found["warnings"])


@pytest.mark.parametrize(
    ("mode", "root", "wished", "given"),
    [
        (TlsMode.PREFER, None, None, "require"),
        (TlsMode.REQUIRE, None, "disable", "disable"),
        (TlsMode.VERIFY_CA, ROOT, "require", "require"),
        (TlsMode.VERIFY_FULL, ROOT, None, "verify-full"),
        (TlsMode.VERIFY_FULL, None, "verify-ca", "verify-ca"),
    ],
)
async def test_the_strictest_mode_that_can_succeed_is_given_unless_another_is_wished(
    client: httpx.AsyncClient,
    as_admin: Headers,
    runtime: Runtime,
    project_id: UUID,
    mode: TlsMode,
    root: str | None,
    wished: str | None,
    given: str,
) -> None:
    target = somewhere(tls=mode, ca_pem=root)
    database = await add_database(runtime, project_id, target=target, provider="external")
    found = await strings(client, as_admin, database, sslmode=wished)
    values = found["environment"]
    assert (found["sslmode"], values["PGSSLMODE"]) == (given, given)
    assert values["DATABASE_SSL_REQUIRED"] == ("false" if given == "disable" else "true")
    assert (
        ("DATABASE_CA" in values) == ("ca.pem" in found["files"]) == (root is not None and given.startswith("verify"))
    )


async def test_a_mode_that_cannot_succeed_is_refused_with_the_reason(
    client: httpx.AsyncClient, as_admin: Headers, runtime: Runtime, project_id: UUID, database: Database
) -> None:
    refused = await strings(client, as_admin, database, 409, sslmode="verify-full")
    assert (refused["code"], "db.example.com" in refused["detail"]) == ("TLS_MODE_IMPOSSIBLE", True)
    unpinned = await add_database(
        runtime, project_id, "unpinned", target=somewhere(tls=TlsMode.REQUIRE), provider="external"
    )
    refused = await strings(client, as_admin, unpinned, 409, sslmode="verify-ca")
    assert "/certificate" in refused["detail"]
    assert (await strings(client, as_admin, unpinned, 422, sslmode="prefer"))["code"] == "VALIDATION_FAILED"


async def test_the_reckoning_counts_both_generations_of_a_deployment(
    client: httpx.AsyncClient, as_admin: Headers, database: Database
) -> None:
    found = await strings(client, as_admin, database, client="jdbc", pool={"min": 2, "max": 20}, processes=3)
    assert (found["pool"]["min"], found["pool"]["max"], found["pool"]["connections"]) == (2, 20, 120)
    assert (found["environment"]["DATABASE_POOL_MIN"], found["environment"]["DATABASE_POOL_MAX"]) == ("2", "20")
    assert any("120 connections" in warning for warning in found["warnings"])
    assert (await strings(client, as_admin, database, 422, pool={"min": 3, "max": 2}))["code"] == "VALIDATION_FAILED"


async def test_a_database_without_an_address_has_no_strings(
    client: httpx.AsyncClient, as_admin: Headers, runtime: Runtime, project_id: UUID
) -> None:
    database = await add_database(runtime, project_id)
    assert (await strings(client, as_admin, database, 409))["code"] == "STATE_INVALID"
    answer = await client.get(path_of(database, "connections"), headers=as_admin)
    assert (answer.status_code, answer.json()["code"]) == (409, "STATE_INVALID")


async def test_a_database_of_another_project_is_not_there(
    client: httpx.AsyncClient, as_admin: Headers, database: Database, key_factory: KeyFactory
) -> None:
    other = await create_project(client, as_admin, "other")
    stranger = bearer(await key_factory(Scope.CONNECTIONS_READ, projects=[other]))
    assert (await strings(client, stranger, database, 404))["code"] == "NOT_FOUND"
    assert (await client.get(path_of(database, "connections"), headers=stranger)).status_code == 404
