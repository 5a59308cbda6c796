"""Hooks, and messages as their senders write them."""

import hmac
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

import httpx
import pytest
from pydantic import SecretStr
from sqlmodel import select

from app.auth.models import AuditEvent
from app.databases.models import Database
from app.jobs.models import Job
from app.kit.ids import decode_id, encode_id
from app.locations.access import seal_secret
from app.locations.models import Location
from app.runtime import Runtime
from tests.databases.records import add_database, create_project, somewhere

PUSH = {"ref": "refs/heads/main", "after": "5f1d" * 10, "deleted": False}


@pytest.fixture
async def project_id(client: httpx.AsyncClient, as_admin: dict[str, str]) -> UUID:
    return await create_project(client, as_admin)


async def add_location(runtime: Runtime, project_id: UUID) -> None:
    """The project's default, at which nothing listens."""
    location = Location(
        project_id=project_id,
        name="copies",
        is_default=True,
        endpoint_url="https://store.invalid",
        bucket="copies",
        prefix="",
        region="auto",
        addressing="path",
        access_key_id="id",
        secret_key_sealed=b"",
        created_by="test",
    )
    location.secret_key_sealed = seal_secret(location, SecretStr("no secret of anybody's"), runtime.key_ring)
    async with runtime.sessions() as session, session.begin():
        session.add(location)


@dataclass(frozen=True)
class Hooks:
    runtime: Runtime
    client: httpx.AsyncClient
    headers: dict[str, str]
    database: Database

    async def create(self, kind: str = "github", **wish: Any) -> dict[str, Any]:
        """With its secret."""
        wish = {"kind": kind, "name": f"hook {uuid4().hex}", **wish}
        if kind != "railway":
            wish.setdefault("database_id", encode_id("db", self.database.id))
        answer = await self.client.post("/v1/hooks", json=wish, headers=self.headers)
        assert answer.status_code == 201, answer.text
        hook: dict[str, Any] = answer.json()
        return hook

    async def github(
        self,
        hook: dict[str, Any],
        event: str = "push",
        payload: Any = None,
        *,
        delivery: str | None = None,
        form: bool = False,
        secret: str | None = None,
    ) -> httpx.Response:
        body = json.dumps(PUSH if payload is None else payload)
        content_type = "application/json"
        if form:
            body, content_type = urlencode({"payload": body}), "application/x-www-form-urlencoded"
        return await self.client.post(
            hook["path"],
            content=body,
            headers={
                "Content-Type": content_type,
                "X-GitHub-Event": event,
                "X-GitHub-Delivery": delivery or str(uuid4()),
                "X-Hub-Signature-256": signature(secret or hook["secret"], body.encode()),
            },
        )

    async def gitlab(
        self, hook: dict[str, Any], event: str, payload: Any, *, token: str | None = None, **headers: str
    ) -> httpx.Response:
        return await self.client.post(
            hook["path"],
            content=json.dumps(payload),
            headers={"X-Gitlab-Event": event, "X-Gitlab-Token": token or hook["secret"]} | headers,
        )

    async def railway(self, hook: dict[str, Any], body: bytes, *, secret: str | None = None) -> httpx.Response:
        return await self.client.post(f"{hook['path']}/{secret or hook['secret']}", content=body)

    async def job(self, answer: httpx.Response) -> Job:
        assert answer.status_code == 202, answer.text
        async with self.runtime.sessions() as session:
            return await session.get_one(Job, decode_id("job", answer.json()["job_id"]))

    async def jobs(self) -> list[Job]:
        async with self.runtime.sessions() as session:
            return list((await session.exec(select(Job).where(Job.kind != "alert.announce"))).all())

    async def trail(self, action: str) -> list[AuditEvent]:
        async with self.runtime.sessions() as session:
            return list((await session.exec(select(AuditEvent).where(AuditEvent.action == action))).all())


def signature(secret: str, body: bytes) -> str:
    return "sha256=" + hmac.digest(secret.encode(), body, "sha256").hex()


@pytest.fixture
async def hooks(runtime: Runtime, client: httpx.AsyncClient, as_admin: dict[str, str], project_id: UUID) -> Hooks:
    database = await add_database(runtime, project_id, target=somewhere())
    await add_location(runtime, project_id)
    return Hooks(runtime, client, as_admin, database)
