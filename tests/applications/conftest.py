"""A logical database on a shared server whose superuser is ours, the API over it, and a worker in this process."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import wraps
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from app.applications import tasks as applications
from app.connections.logins import LoginRepository, open_login_password
from app.connections.models import Login, LoginState
from app.consumers import tasks as consumers
from app.databases.models import Database
from app.jobs.machine import Move, Programmes, Steps
from app.jobs.worker import JobWorker, WorkerOptions
from app.kit.ids import encode_id
from app.postgres import role_removal
from app.postgres.connect import Session, Target
from app.postgres.identifiers import quoted
from app.rotations import tasks as rotations
from app.runtime import Runtime
from tests.databases.records import add_database, create_project
from tests.postgres.conftest import admin, cluster, debian, target, toolchain
from tests.sessions import connect

__all__ = ["admin", "cluster", "debian", "target", "toolchain"]

DOMAINS = (applications, consumers, rotations)
Killed = Callable[[type[Steps[Any, Any]], str], Awaitable[None]]


@asynccontextmanager
async def working(runtime: Runtime) -> AsyncGenerator[None]:
    """A worker for the jobs of applications, of consumers and of rotations until the context ends."""
    stop = asyncio.Event()
    worker = JobWorker(
        sessions=runtime.sessions,
        listener=runtime.listener,
        programmes=Programmes(*(one for domain in DOMAINS for one in domain.programmes(runtime))),
        options=WorkerOptions(host_id=runtime.host_id, grace_seconds=0, poll_seconds=0.2, wishes_seconds=0.2),
    )
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(worker.run(stop))
        try:
            yield
        finally:
            stop.set()


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine is slow to end a session."""
    monkeypatch.setattr(role_removal, "_ENDED_WITHIN_SECONDS", 60.0)


@pytest.fixture
async def worker(runtime: Runtime) -> AsyncIterator[None]:
    async with working(runtime):
        yield


@dataclass(frozen=True)
class Shop:
    """One database, and the application ``name`` that is to use it."""

    runtime: Runtime
    client: httpx.AsyncClient
    headers: dict[str, str]
    database: Database
    target: Target
    name: str

    @property
    def path(self) -> str:
        return f"/v1/databases/{encode_id('db', self.database.id)}"

    async def call(self, method: str, path: str, body: Any = None, *, expect: int) -> dict[str, Any]:
        headers = self.headers | {"Idempotency-Key": uuid4().hex}
        answer = await self.client.request(method, self.path + path, json=body, headers=headers)
        assert answer.status_code == expect, answer.text
        document: dict[str, Any] = answer.json()
        return document

    async def harden(self, *, expect: int = 202, query: str = "", **wish: Any) -> dict[str, Any]:
        return await self.call("POST", f":harden{query}", {"application": self.name, **wish}, expect=expect)

    async def ended(self, accepted: dict[str, Any]) -> dict[str, Any]:
        job: dict[str, Any] = accepted["job"]
        async with asyncio.timeout(90):
            while not job["done"]:
                answer = await self.client.get(f"{job['links']['self']}?wait=5", headers=self.headers)
                job = answer.json()
        return job

    async def ended_by_another(self, accepted: dict[str, Any]) -> dict[str, Any]:
        async with working(self.runtime):
            return await self.ended(accepted)

    async def hardened(self, **wish: Any) -> dict[str, Any]:
        job = await self.ended(await self.harden(**wish))
        assert job["state"] == "succeeded", job["error"]
        result: dict[str, Any] = job["result"]
        return result

    async def logins(self) -> list[Login]:
        async with self.runtime.sessions() as session:
            repository = LoginRepository(session)
            application = await repository.application(self.database.id, self.name)
            return list(await repository.of_application(application.id)) if application else []

    async def current(self) -> Target:
        """How the application logs in."""
        (login,) = [login for login in await self.logins() if login.state == LoginState.CURRENT]
        password = open_login_password(login, self.runtime.key_ring)
        assert password is not None
        return replace(self.target, user=login.role, password=password)

    @asynccontextmanager
    async def superuser(self) -> AsyncGenerator[Session]:
        async with connect(self.target, application_name="test") as session:
            yield session

    @asynccontextmanager
    async def application(self) -> AsyncGenerator[Session]:
        async with connect(await self.current(), application_name="test") as session:
            yield session

    async def left_with_superuser(self) -> int:
        """Tables in the schema public that are still the superuser's."""
        async with self.superuser() as session:
            return int(
                await session.fetchval(
                    "SELECT count(*) FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = relnamespace"
                    " WHERE nspname = 'public' AND relkind = 'r' AND pg_get_userbyid(relowner) = 'postgres'"
                )
            )


@pytest.fixture
def killed_behind(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> Killed:
    """Runs a worker that ends when the step has done its work, before that is written down."""

    async def kill(steps: type[Steps[Any, Any]], step: str) -> None:
        reached, work = asyncio.Event(), getattr(steps, step)

        @wraps(work)
        async def and_no_further(self: Any, run: Any) -> Move:
            await work(self, run)
            reached.set()
            await asyncio.Event().wait()
            raise AssertionError

        with monkeypatch.context() as patch:
            patch.setattr(steps, step, and_no_further)
            async with working(runtime), asyncio.timeout(60):
                await reached.wait()

    return kill


@pytest.fixture
async def project_id(client: httpx.AsyncClient, as_admin: dict[str, str]) -> UUID:
    return await create_project(client, as_admin)


@pytest.fixture
def name() -> str:
    return f'é"{uuid4().hex[:8]}'


@pytest.fixture
async def shop(
    runtime: Runtime,
    client: httpx.AsyncClient,
    as_admin: dict[str, str],
    project_id: UUID,
    target: Target,
    admin: Session,
    name: str,
) -> AsyncIterator[Shop]:
    """With one table of the superuser's. Other names on the server are of other tests."""
    own = target.with_database(f"shop_{uuid4().hex[:8]}")
    await admin.execute(f"CREATE DATABASE {own.database} TEMPLATE template0 STRATEGY file_copy")
    database = await add_database(runtime, project_id, target=own)
    shop = Shop(runtime, client, as_admin, database, own, name)
    async with shop.superuser() as session:
        await session.execute("CREATE TABLE customer (id serial PRIMARY KEY, name text)")
    yield shop
    await admin.execute(f"DROP DATABASE {own.database} WITH (FORCE)")
    made = await admin.fetch("SELECT rolname FROM pg_roles WHERE starts_with(rolname, $1)", name)
    for role in sorted((row["rolname"] for row in made), key=lambda one: one.endswith("_owner")):
        await admin.execute(f"DROP ROLE {quoted(role)}")
