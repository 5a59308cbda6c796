"""`?dry_run=true`: the answer that a request would get, and nothing behind it."""

from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import func
from sqlmodel import col, select

from app.auth.models import ApiKey, AuditEvent, IdempotencyKey
from app.auth.scopes import Scope
from app.databases.models import Database, DatabaseState, Project
from app.jobs.models import Job
from app.kit.ids import encode_id
from app.runtime import Runtime
from tests.control import KeyFactory, bearer
from tests.databases.records import add_database, create_project

ONCE = {"Idempotency-Key": "once"}


@pytest.fixture
async def project_id(client: httpx.AsyncClient, as_admin: dict[str, str]) -> UUID:
    return await create_project(client, as_admin)


async def count(runtime: Runtime, table: Any) -> int:
    async with runtime.sessions() as session:
        return int((await session.exec(select(func.count()).select_from(table))).one())


async def test_a_project_is_shown_and_not_made(
    client: httpx.AsyncClient, as_admin: dict[str, str], runtime: Runtime
) -> None:
    headers = as_admin | ONCE
    before = await count(runtime, AuditEvent)
    tried = await client.post("/v1/projects?dry_run=true", json={"name": "shop"}, headers=headers)
    assert (tried.status_code, tried.json()["name"], tried.headers["dry-run"]) == (201, "shop", "true")
    assert await count(runtime, Project) == await count(runtime, IdempotencyKey) == 0
    assert await count(runtime, AuditEvent) == before
    made = await client.post("/v1/projects?dry_run=false", json={"name": "shop"}, headers=headers)
    assert made.status_code == 201
    assert "dry-run" not in made.headers
    assert await count(runtime, Project) == 1


async def test_it_is_refused_what_would_be_refused(
    client: httpx.AsyncClient, as_admin: dict[str, str], project_id: UUID, key_factory: KeyFactory
) -> None:
    taken = await client.post("/v1/projects?dry_run=true", json={"name": "shop"}, headers=as_admin)
    assert (taken.status_code, taken.json()["code"]) == (409, "NAME_TAKEN")
    reader = bearer(await key_factory(Scope.PROJECTS_READ))
    forbidden = await client.post("/v1/projects?dry_run=true", json={"name": "x"}, headers=reader)
    assert (forbidden.status_code, forbidden.json()["code"]) == (403, "SCOPE_MISSING")


@pytest.mark.parametrize("query", ["dry_run=1", "dry_run=", "dry_run=True", "dry_run=true&dry_run=false"])
async def test_only_true_and_false_are_understood(
    client: httpx.AsyncClient, as_admin: dict[str, str], runtime: Runtime, project_id: UUID, query: str
) -> None:
    path = f"/v1/databases/{encode_id('db', project_id)}/backups"
    for answer in (
        await client.post(f"/v1/projects?{query}", json={"name": "other"}, headers=as_admin),
        await client.post(f"{path}?{query}", json={}, headers=as_admin | ONCE),
    ):
        assert (answer.status_code, answer.json()["code"]) == (400, "PARAMETER_INVALID")
        assert answer.json()["errors"][0]["parameter"] == "dry_run"
    assert await count(runtime, Project) == 1


async def test_what_reads_ignores_it(client: httpx.AsyncClient, as_admin: dict[str, str]) -> None:
    for query in ("dry_run=true", "dry_run=perhaps"):
        answer = await client.get(f"/v1/projects?{query}", headers=as_admin)
        assert answer.status_code == 200
        assert "dry-run" not in answer.headers


async def test_a_database_is_accepted_and_neither_it_nor_a_job_is_there(
    client: httpx.AsyncClient, as_admin: dict[str, str], runtime: Runtime, project_id: UUID
) -> None:
    wish = {"provider": "local", "project_id": encode_id("prj", project_id), "name": "main"}
    before = await count(runtime, AuditEvent)
    tried = await client.post("/v1/databases?dry_run=true", json=wish, headers=as_admin | ONCE)
    assert (tried.status_code, tried.headers["dry-run"]) == (202, "true"), tried.text
    assert (tried.json()["database"]["state"], tried.json()["job"]["state"]) == ("creating", "queued")
    for table in (Database, Job, IdempotencyKey):
        assert await count(runtime, table) == 0
    assert await count(runtime, AuditEvent) == before


async def test_a_database_is_not_deleted(
    client: httpx.AsyncClient, as_admin: dict[str, str], runtime: Runtime, project_id: UUID
) -> None:
    database = await add_database(runtime, project_id, state=DatabaseState.FAILED)
    path = f"/v1/databases/{encode_id('db', database.id)}?confirm=main&final_backup=false&dry_run=true"
    tried = await client.delete(path, headers=as_admin)
    assert (tried.status_code, tried.headers["dry-run"]) == (202, "true"), tried.text
    assert tried.json()["database"]["state"] == "deleting"
    async with runtime.sessions() as session:
        assert (await session.exec(select(Database.state))).one() == DatabaseState.FAILED
    assert await count(runtime, Job) == 0


async def test_a_project_is_not_deleted(client: httpx.AsyncClient, as_admin: dict[str, str], project_id: UUID) -> None:
    path = f"/v1/projects/{encode_id('prj', project_id)}"
    tried = await client.delete(f"{path}?dry_run=true", headers=as_admin | ONCE)
    assert (tried.status_code, tried.content, tried.headers["dry-run"]) == (204, b"", "true")
    assert (await client.get(path, headers=as_admin)).status_code == 200


async def test_a_key_that_is_not_made_shows_no_secret(
    client: httpx.AsyncClient, as_admin: dict[str, str], runtime: Runtime
) -> None:
    wish = {"name": "tried", "scopes": ["jobs:read"]}
    tried = await client.post("/v1/api-keys?dry_run=true", json=wish, headers=as_admin)
    assert (tried.json()["secret"], tried.json()["withheld"]) == (None, ["secret"])
    async with runtime.sessions() as session:
        assert (await session.exec(select(ApiKey).where(col(ApiKey.name) == "tried"))).all() == []
