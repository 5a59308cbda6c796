"""Connection tests over HTTP: the first layer that fails is named, whatever is wrong on the way."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Any
from uuid import UUID

import httpx
import pytest
from cryptography import x509
from pydantic import SecretStr

from app.connections import layers_before_login, layers_of_sessions, testing
from app.connections.logins import new_password, seal_login_password
from app.connections.models import Login, LoginKind, LoginState, Pooler, PoolerState
from app.databases.access import target_of
from app.databases.models import Database
from app.kit.ids import encode_id, new_id
from app.postgres import tls_probe
from app.postgres.certificates import issue_root, issue_server
from app.postgres.connect import Target, TlsMode
from app.postgres.errors import TooManyConnections
from app.postgres.identifiers import literal, quoted
from app.runtime import Runtime
from tests.connections.listening import answering
from tests.connections.showing import ShowingServer, issued, showing
from tests.databases.records import add_database, create_project, somewhere
from tests.sessions import connect

__all__ = ["showing"]

Test = Callable[..., Awaitable[dict[str, Any]]]


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that is busy with other tests is not what is tested."""
    monkeypatch.setattr(testing, "SECONDS", 120.0)
    monkeypatch.setattr(testing, "_RAILWAY_SECONDS", 60.0)
    for name in ("_SECONDS", "_HANDSHAKE_SECONDS"):
        monkeypatch.setattr(layers_before_login, name, 60.0)
    monkeypatch.setattr(layers_of_sessions, "_SECONDS", 60.0)
    monkeypatch.setattr(layers_of_sessions, "_FAR_MILLISECONDS", 60_000.0)


@pytest.fixture
async def project_id(client: httpx.AsyncClient, as_admin: dict[str, str]) -> UUID:
    return await create_project(client, as_admin)


@pytest.fixture
async def fresh(showing: ShowingServer) -> ShowingServer:
    root = issue_root("a root of its own")
    await showing.show(issued(root), root=root)
    return showing


@pytest.fixture
def test(client: httpx.AsyncClient, as_admin: dict[str, str]) -> Test:
    async def run(database: Database, **wish: Any) -> dict[str, Any]:
        path = f"/v1/databases/{encode_id('db', database.id)}/connection-tests"
        answer = await client.post(path, json=wish, headers=as_admin)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        found["layers"] = {layer["layer"]: layer for layer in found["layers"]}
        return found

    return run


def trusting(server: ShowingServer, **changes: Any) -> Target:
    return replace(server.target, tls=TlsMode.VERIFY_CA, ca_pem=server.root_pem, **changes)


async def adopted(runtime: Runtime, project_id: UUID, target: Target) -> Database:
    return await add_database(runtime, project_id, target=target, provider="external")


async def add_login(runtime: Runtime, database: Database, role: str, *, password: SecretStr | None = None) -> SecretStr:
    """On record only."""
    password, login_id = password or new_password(), new_id()
    async with runtime.sessions() as session, session.begin():
        session.add(
            Login(
                id=login_id,
                project_id=database.project_id,
                database_id=database.id,
                kind=LoginKind.ROLE,
                state=LoginState.READY,
                role=role,
                password_sealed=seal_login_password(login_id, password, runtime.key_ring),
                created_by="test",
            )
        )
    return password


async def create_role(server: ShowingServer, role: str, password: SecretStr, options: str = "LOGIN") -> None:
    await server.ask(f"CREATE ROLE {quoted(role)} {options} PASSWORD {literal(password.get_secret_value())}")


def statuses(found: dict[str, Any]) -> dict[str, str]:
    return {name: layer["status"] for name, layer in found["layers"].items()}


async def test_a_connection_that_works_is_described_layer_by_layer(
    runtime: Runtime, project_id: UUID, fresh: ShowingServer, test: Test
) -> None:
    found = await test(await adopted(runtime, project_id, trusting(fresh)))
    assert (found["ok"], found["first_failure"], found["endpoint"], found["role"]) == (
        True,
        None,
        "private",
        "postgres",
    )
    assert statuses(found) == {
        "consumer": "skipped",
        "platform": "skipped",
        **dict.fromkeys(("dns", "tcp", "tls", "authentication", "version", "latency"), "ok"),
        **dict.fromkeys(("read_write", "pool_mode", "free_slots"), "ok"),
    }
    facts = {name: layer["facts"] for name, layer in found["layers"].items()}
    assert facts["tls"]["names"] == ["localhost", "127.0.0.1", "::1"]
    assert facts["authentication"] == {"method": "scram-sha-256", "channel_binding": True}
    assert facts["latency"]["round_trips"] == 20
    assert 0 < facts["latency"]["p50_ms"] <= facts["latency"]["p95_ms"]
    assert facts["read_write"] == {"transaction_read_only": False, "is_standby": False}
    slots = facts["free_slots"]
    assert slots["max_connections"] == slots["superuser_reserved_connections"] + slots["used"] + slots["free"]


async def test_a_name_that_does_not_resolve_is_told_by_whose_name_it_is(
    runtime: Runtime, project_id: UUID, test: Test, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def resolve(_host: str, _port: int) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(tls_probe, "resolve", resolve)
    for number, (host, code) in enumerate([("db.railway.internal", "PRIVATE_NAME"), ("db.test", "NAME_UNKNOWN")]):
        database = await add_database(
            runtime, project_id, f"main-{number}", target=somewhere(host=host), provider="external"
        )
        found = await test(database)
        assert (found["first_failure"], found["layers"]["dns"]["trouble"]) == ("dns", code)
        assert found["layers"]["tcp"]["status"] == found["layers"]["free_slots"]["status"] == "skipped"


@pytest.mark.parametrize(
    ("answer", "layer", "code"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "tls", "NOT_POSTGRES"),
        (b"N", "tls", "TLS_NOT_OFFERED"),
        (b"", "tls", "CLOSED_EARLY"),
        (b"S\x15\x03\x01\x00\x02\x02\x28", "tls", "TLS_PROTOCOL"),
        (None, "tls", "NO_ANSWER"),
    ],
)
async def test_what_is_no_server_of_ours_is_told_apart(
    runtime: Runtime,
    project_id: UUID,
    test: Test,
    monkeypatch: pytest.MonkeyPatch,
    answer: bytes | None,
    layer: str,
    code: str,
) -> None:
    if answer is None:
        monkeypatch.setattr(layers_before_login, "_HANDSHAKE_SECONDS", 0.3)
    async with answering(answer) as port:
        target = somewhere(host="127.0.0.1", port=port, tls=TlsMode.REQUIRE)
        found = await test(await adopted(runtime, project_id, target))
    assert (found["first_failure"], found["layers"][layer]["trouble"]) == (layer, code)
    assert found["layers"][layer]["remedy"]


async def test_a_port_that_nothing_listens_at_is_the_network_s_fault(
    runtime: Runtime, project_id: UUID, test: Test
) -> None:
    found = await test(await adopted(runtime, project_id, somewhere(host="127.0.0.1", port=1)))
    assert (found["first_failure"], found["layers"]["tcp"]["trouble"]) == ("tcp", "REFUSED")


async def test_the_layer_that_is_tried_when_the_time_is_over_has_failed(
    runtime: Runtime, project_id: UUID, test: Test, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(testing, "SECONDS", 0.5)
    async with answering(None) as port:
        target = somewhere(host="127.0.0.1", port=port, tls=TlsMode.REQUIRE)
        found = await test(await adopted(runtime, project_id, target))
    assert (found["ok"], found["layers"]["free_slots"]["status"]) == (False, "skipped")
    assert "were over" in found["layers"][found["first_failure"]]["detail"]


async def test_a_certificate_is_judged_as_the_client_would(
    runtime: Runtime, project_id: UUID, fresh: ShowingServer, test: Test
) -> None:
    other = issue_root("another root")
    strict = trusting(fresh)
    plain = await adopted(runtime, project_id, fresh.target)
    pinned = await add_database(runtime, project_id, "pinned", target=strict, provider="external")
    named = await add_database(
        runtime, project_id, "named", target=replace(strict, tls=TlsMode.VERIFY_FULL), provider="external"
    )
    assert (await test(plain))["layers"]["tls"]["trouble"] == "TLS_UNPINNED"
    assert (await test(named))["ok"]

    elsewhere = issue_server(fresh.root, names=[x509.DNSName("db.example")])
    await fresh.show(elsewhere, root=fresh.root)
    assert (await test(pinned))["ok"]
    assert (await test(named))["layers"]["tls"]["trouble"] == "TLS_NAME_MISMATCH"

    await fresh.show(issued(fresh.root, days_ago=720), root=fresh.root)
    soon = await test(pinned)
    assert (soon["ok"], soon["layers"]["tls"]["trouble"]) == (True, "TLS_EXPIRES_SOON")

    await fresh.show(issued(fresh.root, days_ago=800), root=fresh.root)
    refused, accepted = await test(pinned), await test(plain)
    assert (refused["first_failure"], refused["layers"]["tls"]["trouble"]) == ("tls", "TLS_EXPIRED")
    assert (accepted["ok"], accepted["layers"]["tls"]["trouble"]) == (True, "TLS_EXPIRED")

    await fresh.show(issued(other), root=other)
    changed = await test(pinned)
    assert (changed["first_failure"], changed["layers"]["tls"]["trouble"]) == ("tls", "TLS_UNKNOWN_ISSUER")
    assert changed["layers"]["tls"]["facts"]["issuer"] == "CN=another root"


async def test_a_refused_login_is_told_by_its_cause(
    runtime: Runtime, project_id: UUID, fresh: ShowingServer, test: Test
) -> None:
    database = await adopted(runtime, project_id, trusting(fresh))
    for role, options, code in [
        ("t wrong", "LOGIN", "PASSWORD_WRONG"),
        ("t_nologin", "NOLOGIN", "LOGIN_DISABLED"),
        ('t_"limited"', "LOGIN CONNECTION LIMIT 0", "ROLE_LIMIT"),
    ]:
        password = await add_login(runtime, database, role)
        await create_role(fresh, role, new_password() if "wrong" in role else password, options)
        found = await test(database, role=role)
        assert (found["first_failure"], found["layers"]["authentication"]["trouble"]) == ("authentication", code), found
        assert found["role"] == role
    missing = await test(database, logical_database="no such one")
    assert missing["layers"]["authentication"]["trouble"] == "DATABASE_MISSING"
    assert missing["layers"]["latency"]["status"] == "skipped"


async def test_an_md5_hash_is_told_whether_the_server_takes_it_or_not(
    runtime: Runtime, project_id: UUID, fresh: ShowingServer, test: Test
) -> None:
    database = await adopted(runtime, project_id, trusting(fresh))
    password = await add_login(runtime, database, "t_md5")
    made = f"CREATE ROLE t_md5 LOGIN PASSWORD {literal(password.get_secret_value())}"
    await fresh.ask(f"SET password_encryption = 'md5'; {made}")
    refused = (await test(database, role="t_md5"))["layers"]["authentication"]
    assert (refused["status"], refused["trouble"]) == ("fail", "MD5_REFUSED")

    rules = fresh.hba.read_text()
    fresh.hba.write_text(f"host all t_md5 127.0.0.1/32 md5\n{rules}")
    await fresh.ask("SELECT pg_reload_conf()")
    async with asyncio.timeout(60):
        while (taken := (await test(database, role="t_md5"))["layers"]["authentication"])["trouble"] != "AUTH_MD5":
            await asyncio.sleep(0.05)
    assert (taken["status"], taken["trouble"], taken["facts"]["method"]) == ("warn", "AUTH_MD5", "md5")
    fresh.hba.write_text(rules)
    await fresh.ask("SELECT pg_reload_conf()")


async def test_a_login_that_may_only_read_is_no_good_for_applications(
    runtime: Runtime, project_id: UUID, fresh: ShowingServer, test: Test
) -> None:
    database = await adopted(runtime, project_id, trusting(fresh))
    await create_role(fresh, "t_reader", await add_login(runtime, database, "t_reader"))
    await fresh.ask("ALTER ROLE t_reader SET default_transaction_read_only = on")
    found = await test(database, role="t_reader")
    assert (found["first_failure"], found["layers"]["read_write"]["trouble"]) == ("read_write", "READ_ONLY_SET")


async def test_when_every_slot_is_taken_we_get_in_by_those_of_superusers_and_tell_when_these_are_gone_too(
    runtime: Runtime, project_id: UUID, fresh: ShowingServer, test: Test
) -> None:
    database = await adopted(runtime, project_id, trusting(fresh))
    password = await add_login(runtime, database, "t_plain")
    await create_role(fresh, "t_plain", password)
    plain = replace(trusting(fresh), user="t_plain", password=password)
    own = target_of(database, runtime.key_ring)

    async with AsyncExitStack() as sessions:

        async def fill(target: Target, count: int) -> None:
            async with asyncio.timeout(60):
                while count:
                    try:
                        await sessions.enter_async_context(connect(target, application_name="test filler"))
                    except TooManyConnections:  # by one that is being closed
                        await asyncio.sleep(0.02)
                    else:
                        count -= 1

        await fill(plain, 13)
        async with connect(own, application_name="test") as session:
            assert await session.fetchval("SELECT 1") == 1
        full = await test(database, role="t_plain")
        assert (full["first_failure"], full["layers"]["authentication"]["trouble"]) == ("authentication", "SLOTS_FULL")
        slots = full["layers"]["free_slots"]
        assert (slots["trouble"], slots["facts"]["free"]) == ("NO_SLOTS", 0)
        assert slots["facts"]["reached_as"] == "postgres"
        assert (await test(database))["layers"]["free_slots"]["trouble"] == "NO_SLOTS"

        await fill(own, 3)
        nothing = await test(database)
        assert nothing["layers"]["authentication"]["trouble"] == "SUPERUSER_SLOTS_FULL"
        assert nothing["layers"]["free_slots"]["trouble"] == "SUPERUSER_SLOTS_FULL"
        assert "make pools smaller" in nothing["layers"]["authentication"]["remedy"]


async def test_a_pooled_endpoint_without_a_pooler_behind_it_is_told(
    runtime: Runtime, project_id: UUID, fresh: ShowingServer, test: Test
) -> None:
    database = await adopted(runtime, project_id, trusting(fresh))
    async with runtime.sessions() as session, session.begin():
        session.add(
            Pooler(
                project_id=project_id,
                database_id=database.id,
                state=PoolerState.RUNNING,
                host=fresh.target.host,
                port=fresh.target.port,
                ca_pem=fresh.root_pem,
                created_by="test",
            )
        )
    await create_role(fresh, "t_pooled", await add_login(runtime, database, "t_pooled"))
    for role in ("postgres", "t_pooled"):  # which may not see whether it has an MD5 hash
        found = await test(database, endpoint="pooled", role=role)
        assert (found["first_failure"], found["layers"]["pool_mode"]["trouble"]) == ("pool_mode", "NO_POOLER")
        assert (found["endpoint"], found["role"]) == ("pooled", role)


async def test_what_is_not_there_to_be_tested_is_refused(
    runtime: Runtime, project_id: UUID, client: httpx.AsyncClient, as_admin: dict[str, str]
) -> None:
    database = await adopted(runtime, project_id, somewhere())
    path = f"/v1/databases/{encode_id('db', database.id)}/connection-tests"
    for query, wish, status, code in [
        ("", {"endpoint": "public"}, 409, "ENDPOINT_ABSENT"),
        ("", {"role": "nobody"}, 404, "NOT_FOUND"),
        ("", {"role": "a", "application": "b"}, 422, "VALIDATION_FAILED"),
        ("?consumer=web", {}, 409, "PROVIDER_CANNOT"),
    ]:
        answer = await client.post(f"{path}{query}", json=wish, headers=as_admin)
        assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text


async def test_a_server_of_another_machine_is_not_mistaken_for_one_of_this(
    runtime: Runtime, project_id: UUID, test: Test
) -> None:
    database = await add_database(runtime, project_id, target=somewhere(host="127.0.0.1", port=1), host_id=new_id())
    found = await test(database)
    assert (found["first_failure"], found["layers"]["platform"]["trouble"]) == ("platform", "PLACED_ELSEWHERE")
