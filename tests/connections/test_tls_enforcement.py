"""Refusing sessions without TLS: it holds when it is said, it can be taken back, and nobody of us is locked out."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from pydantic import SecretStr
from sqlmodel import select

from app.auth.models import AuditEvent
from app.connections import enforcement
from app.databases.access import seal_password
from app.databases.models import Database, DatabaseState
from app.kit.ids import encode_id
from app.postgres.connect import Target, TlsMode
from app.postgres.errors import AuthenticationFailed
from app.providers.protocol import Phase, ServerSpec
from app.runtime import Runtime
from app.settings import Settings
from tests.connections.showing import ShowingServer, showing
from tests.control import data_dir_in, make_settings
from tests.databases.records import add_database, create_project
from tests.planted import plant
from tests.sessions import connect

__all__ = ["showing"]


@pytest.fixture
def settings(database_url: str, server_directory: Path) -> Settings:
    return make_settings(database_url, data_dir_in(server_directory))


@pytest.fixture
async def project_id(client: httpx.AsyncClient, as_admin: dict[str, str]) -> UUID:
    return await create_project(client, as_admin)


class Caller:
    def __init__(self, client: httpx.AsyncClient, headers: dict[str, str], database: Database) -> None:
        self._client, self._headers = client, headers
        self._path = f"/v1/databases/{encode_id('db', database.id)}/tls-enforcement"

    async def get(self) -> dict[str, Any]:
        answer = await self._client.get(self._path, headers=self._headers)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def put(self, mode: str, *, expect: int = 200, dry_run: str = "false") -> dict[str, Any]:
        path = f"{self._path}?dry_run={dry_run}"
        answer = await self._client.put(path, json={"mode": mode}, headers=self._headers)
        assert answer.status_code == expect, answer.text
        return dict(answer.json())


@pytest.fixture
async def database(runtime: Runtime, project_id: UUID, showing: ShowingServer) -> Database:
    return await add_database(runtime, project_id, target=showing.target, provider="external")


@pytest.fixture
def caller(client: httpx.AsyncClient, as_admin: dict[str, str], database: Database) -> Caller:
    return Caller(client, as_admin, database)


def plain(target: Target) -> Target:
    return replace(target, tls=TlsMode.DISABLE)


async def get_in(target: Target) -> bool:
    try:
        async with connect(target, application_name="test"):
            return True
    except AuthenticationFailed:
        return False


async def until_plain_gets_in(server: ShowingServer) -> None:
    """A reload takes a moment."""
    async with asyncio.timeout(60):
        while not await get_in(plain(server.target)):
            await asyncio.sleep(0.02)


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(enforcement, "_IN_FORCE_SECONDS", 60.0)


async def test_it_is_demanded_of_new_sessions_and_taken_back_to_the_last_byte(
    runtime: Runtime, caller: Caller, showing: ShowingServer
) -> None:
    before = showing.hba.read_bytes()
    async with connect(plain(showing.target), application_name="an old client") as session:
        tried = await caller.put("required", dry_run="true")
        assert tried["mode"] == "off"
        assert [one["before"].split()[0] for one in tried["changes"]] == ["host"] * 4
        (without,) = tried["plain_sessions"]
        assert (without["application"], without["role"], without["address"]) == (
            "an old client",
            "postgres",
            "127.0.0.1",
        )
        assert showing.hba.read_bytes() == before

        done = await caller.put("required")
        assert (done["mode"], done["changes"]) == ("required", tried["changes"])
        assert await session.fetchval("SELECT 1") == 1
    assert not await get_in(plain(showing.target))
    assert await get_in(showing.target)
    again = await caller.put("required")
    assert (again["mode"], again["changes"], again["plain_sessions"]) == ("required", [], [])
    assert (await caller.get())["mode"] == "required"

    assert (await caller.put("off"))["mode"] == "off"
    assert showing.hba.read_bytes() == before
    assert await get_in(plain(showing.target))
    async with runtime.sessions() as session_:
        rows = (await session_.exec(select(AuditEvent).where(AuditEvent.action == "set_tls_enforcement"))).all()
    assert [row.details["mode"] for row in rows] == ["required", "required", "off"]


async def test_what_does_not_hold_is_taken_back_and_was_on_record_before(
    runtime: Runtime, caller: Caller, showing: ShowingServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = showing.hba.read_bytes()
    monkeypatch.setattr(enforcement, "_IN_FORCE_SECONDS", 0.0)
    problem = await caller.put("required", expect=409)
    assert problem["code"] == "TLS_ENFORCEMENT_UNDONE"
    async with runtime.sessions() as session:
        row = (await session.exec(select(AuditEvent).where(AuditEvent.action == "set_tls_enforcement"))).one()
    assert row.details["mode"] == "required"
    assert showing.hba.read_bytes() == before
    await until_plain_gets_in(showing)


async def test_two_do_not_change_the_same_file_at_once(caller: Caller, showing: ShowingServer) -> None:
    async with connect(showing.target, application_name="test") as session:
        await session.execute("SELECT pg_advisory_lock(hashtextextended('pgmanager tls enforcement', 0))")
        problem = await caller.put("required", expect=409)
    assert (problem["code"], problem["retryable"]) == ("TLS_ENFORCEMENT_BUSY", True)


async def test_rules_that_demand_it_by_themselves_are_not_loosened(caller: Caller, showing: ShowingServer) -> None:
    before = showing.hba.read_text()
    showing.hba.write_text(before.replace("\nhost ", "\nhostssl "))
    try:
        found = await caller.put("off")
        assert (found["mode"], found["changes"]) == ("required", [])
        assert "demand TLS by themselves" in found["warnings"][0]
    finally:
        showing.hba.write_text(before)
        await showing.ask("SELECT pg_reload_conf()")
        await until_plain_gets_in(showing)


async def test_where_it_cannot_be_done_from_here_the_steps_are_told(
    runtime: Runtime, client: httpx.AsyncClient, as_admin: dict[str, str], project_id: UUID, showing: ShowingServer
) -> None:
    secret = plant("a role's password", "neither-super-nor-secret")
    await showing.ask(f"CREATE ROLE t_ordinary LOGIN PASSWORD '{secret}'")
    ordinary = replace(showing.target, user="t_ordinary", password=SecretStr(secret))
    database = await add_database(runtime, project_id, "ordinary", target=ordinary, provider="external")
    caller = Caller(client, as_admin, database)
    seen = await caller.get()
    assert (seen["mode"], "no superuser" in seen["reason"]) == (None, True)
    problem = await caller.put("required", expect=409)
    assert (problem["code"], len(problem["steps"])) == ("TLS_ENFORCEMENT_BY_HAND", 4)

    without = await add_database(runtime, project_id, "plain", target=plain(showing.target), provider="external")
    problem = await Caller(client, as_admin, without).put("required", expect=409)
    assert "our own sessions are not encrypted" in problem["detail"]


async def test_a_server_of_ours_keeps_it_over_a_restart(
    runtime: Runtime, client: httpx.AsyncClient, as_admin: dict[str, str], project_id: UUID
) -> None:
    provider = runtime.providers["local"]
    row = await add_database(runtime, project_id, "ours", host_id=runtime.host_id)
    secret = SecretStr(plant("the superuser's password", "a-password-of-its-own"))
    spec = ServerSpec(id=row.id, username="postgres", password=secret, database="app")
    spec = replace(spec, data=await provider.prepare(spec))
    try:
        target = (await provider.create(spec, Phase.CREATE)).target
        assert target is not None
        await settle(runtime, row, target)
        caller = Caller(client, as_admin, row)
        assert (await caller.get())["mode"] == "off"
        assert len((await caller.put("required"))["changes"]) == 3
        assert (await get_in(plain(target)), await get_in(target)) == (False, True)
        await provider.restart(spec)
        assert (await get_in(plain(target)), (await caller.get())["mode"]) == (False, "required")
        assert (await caller.put("off"))["mode"] == "off"
        assert await get_in(plain(target))
    finally:
        await provider.destroy(spec)


async def settle(runtime: Runtime, row: Database, target: Target) -> None:
    """As the job does that made the server."""
    async with runtime.sessions() as session, session.begin():
        database = await session.get_one(Database, row.id)
        database.host, database.port, database.username = target.host, target.port, target.user
        database.default_database, database.tls_mode, database.ca_pem = target.database, target.tls, target.ca_pem
        database.password_sealed = seal_password(row.id, target.password, runtime.key_ring)
        database.state = DatabaseState.AVAILABLE
