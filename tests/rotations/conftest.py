"""A server that logs every statement, an application with two logins on it, and both sides of every promise."""

import asyncio
import secrets
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import UUID

import httpx
import pytest
from pydantic import SecretStr

from app.connections.logins import LoginRepository, open_login_password, seal_login_password
from app.connections.models import Application, Login, LoginKind, LoginState
from app.databases.access import target_of
from app.databases.models import Database
from app.jobs import execution
from app.jobs.machine import Programmes, Steps
from app.jobs.worker import JobWorker, WorkerOptions
from app.kit.ids import encode_id
from app.postgres.cluster import Cluster
from app.postgres.connect import Target
from app.postgres.identifiers import literal, quoted
from app.postgres.logins import refusal_of
from app.postgres.scram import verifier
from app.postgres.toolchain import Installation
from app.rotations import tasks as rotations
from app.rotations.steps import overlap
from app.runtime import Runtime
from tests.databases.records import add_database, create_project
from tests.planted import plant
from tests.postgres.conftest import debian, reachable_folder, spec_in, toolchain
from tests.sessions import connect

__all__ = ["debian", "toolchain"]


@pytest.fixture(scope="session")
def rotation_server(debian: Installation) -> Iterator[Cluster]:
    """Every statement that it is sent stands in its log."""
    with reachable_folder() as name:
        spec = replace(spec_in(Path(name)), settings={"log_statement": "all", "log_connections": "on"})
        server = Cluster(spec, debian, attached=True)
        asyncio.run(server.create())
        asyncio.run(server.start())
        try:
            yield server
        finally:
            asyncio.run(server.destroy())


@pytest.fixture(autouse=True)
def _hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overlap, "WATCH_SECONDS", 0.1)
    monkeypatch.setattr(overlap, "QUIET_SECONDS", 0.2)
    monkeypatch.setattr(overlap, "QUIET_SECONDS_WHERE_LEFT", 0.2)
    monkeypatch.setattr(overlap, "_ENDING_SECONDS", 60.0)  # a busy machine is slow to end a session
    monkeypatch.setattr(execution, "RETRY_BASE_SECONDS", 0.05)


@pytest.fixture
async def project_id(client: httpx.AsyncClient, as_admin: dict[str, str]) -> UUID:
    return await create_project(client, as_admin)


@pytest.fixture
async def boss(rotation_server: Cluster) -> Target:
    """A superuser of this test's own, whose password it may change."""
    name, password = f"boss_{secrets.token_hex(4)}", plant("the superuser's password", secrets.token_urlsafe(24))
    await give_login(rotation_server.target, name, SecretStr(password), "SUPERUSER")
    return replace(rotation_server.target, user=name, password=SecretStr(password))


@dataclass
class Rotator:
    """One database and, in its server, one application."""

    runtime: Runtime
    client: httpx.AsyncClient
    headers: dict[str, str]
    admin: Target  # past us
    database: Database
    application: Application
    count: Iterator[int] = field(default_factory=lambda: iter(range(10_000)))

    @property
    def path(self) -> str:
        return f"/v1/databases/{encode_id('db', self.database.id)}"

    async def call(self, method: str, path: str, body: Any = None, *, expect: int) -> Any:
        headers = self.headers | ({} if method == "GET" else {"Idempotency-Key": f"key-{next(self.count)}"})
        answer = await self.client.request(method, self.path + path, json=body, headers=headers)
        assert answer.status_code == expect, answer.text
        return answer.json() if answer.content else None

    async def rotate(self, name: str, *, expect: int = 202, query: str = "", **wish: Any) -> Any:
        return await self.call("POST", f"/roles/{quote(name, safe='')}:rotate{query}", wish, expect=expect)

    async def ended(self, accepted: dict[str, Any]) -> dict[str, Any]:
        job: dict[str, Any] = accepted["job"]
        async with asyncio.timeout(90):
            while not job["done"]:
                job = (await self.client.get(f"{job['links']['self']}?wait=5", headers=self.headers)).json()
        return job

    async def rotated(self, name: str, **wish: Any) -> dict[str, Any]:
        job = await self.ended(await self.rotate(name, **wish))
        assert job["state"] == "succeeded", job["error"]
        return job

    async def waiting(self, accepted: dict[str, Any], words: str) -> dict[str, Any]:
        """The job once it says that it waits for that."""
        async with asyncio.timeout(60):
            while True:
                job: dict[str, Any] = (
                    await self.client.get(accepted["job"]["links"]["self"], headers=self.headers)
                ).json()
                assert not job["done"], job
                if words in (job["waiting_for"] or ""):
                    return job
                await asyncio.sleep(0.02)

    async def row(self) -> Database:
        async with self.runtime.sessions() as session:
            return await session.get_one(Database, self.database.id)

    async def logins(self) -> dict[str, Login]:
        """Of the database, by role; those that have ended as well."""
        async with self.runtime.sessions() as session:
            found = await LoginRepository(session).of_database(self.database.id)
        return {login.role: login for login in found}

    async def states(self) -> dict[str, str]:
        return {role.rpartition("_")[2]: login.state for role, login in (await self.logins()).items()}

    async def current(self) -> Login:
        (found,) = [one for one in (await self.logins()).values() if one.state == LoginState.CURRENT]
        return found

    def password(self, login: Login) -> SecretStr:
        found = open_login_password(login, self.runtime.key_ring)
        assert found is not None
        return found

    def at(self, login: Login) -> Target:
        return replace(self.admin, user=login.role, password=self.password(login))

    async def refusal(self, role: str, password: SecretStr) -> str | None:
        return await refusal_of(replace(self.admin, user=role, password=password))

    async def works(self, role: str, password: SecretStr) -> bool:
        return await self.refusal(role, password) is None

    async def ask(self, statement: str) -> Any:
        async with connect(self.admin, application_name="test") as session:
            return await session.fetchval(statement)

    async def ours_works(self) -> bool:
        """Our own login, by the row."""
        return await refusal_of(target_of(await self.row(), self.runtime.key_ring)) is None


async def give_login(admin: Target, name: str, password: SecretStr, options: str = "") -> None:
    async with connect(admin, application_name="test") as session:
        await session.execute(f"CREATE ROLE {quoted(name)} LOGIN {options} PASSWORD {literal(verifier(password))}")


async def an_application(
    runtime: Runtime, admin: Target, database: Database, *, name: str = "app", prefix: str | None = None
) -> Application:
    """As :harden leaves it: an owner that cannot log in, and two logins of which one can."""
    prefix = prefix or f"{name}_{secrets.token_hex(3)}"
    application = Application(
        project_id=database.project_id,
        database_id=database.id,
        name=name,
        logical_database=database.default_database or "postgres",
        owner_role=f"{prefix}_owner",
        created_by="test",
    )
    rows: list[Any] = []
    for letter, state in (("a", LoginState.CURRENT), ("b", LoginState.DISABLED)):
        login = a_login(database, f"{prefix}_{letter}", LoginKind.APPLICATION, state)
        login.application_id = application.id
        rows.append(login)
    password = SecretStr(secrets.token_urlsafe(24))
    rows[0].password_sealed = seal_login_password(rows[0].id, password, runtime.key_ring)
    async with connect(admin, application_name="test") as server:
        owner = quoted(application.owner_role)
        await server.execute(f"CREATE ROLE {owner} NOLOGIN")
        for login in rows:
            await server.execute(f"CREATE ROLE {quoted(login.role)} NOLOGIN IN ROLE {owner}")
            await server.execute(f"ALTER ROLE {quoted(login.role)} SET role = {owner}")
        await server.execute(f"ALTER ROLE {quoted(rows[0].role)} LOGIN PASSWORD {literal(verifier(password))}")
    async with runtime.sessions() as session, session.begin():
        session.add(application)
        await session.flush()
        session.add_all(rows)
    return application


def a_login(database: Database, role: str, kind: LoginKind, state: LoginState) -> Login:
    return Login(
        project_id=database.project_id,
        database_id=database.id,
        kind=kind,
        state=state,
        role=role,
        logical_database=database.default_database,
        created_by="test",
    )


@pytest.fixture
async def rotator(
    runtime: Runtime,
    client: httpx.AsyncClient,
    as_admin: dict[str, str],
    project_id: UUID,
    rotation_server: Cluster,
    boss: Target,
) -> Rotator:
    database = await add_database(runtime, project_id, target=boss)
    application = await an_application(runtime, rotation_server.target, database)
    return Rotator(runtime, client, as_admin, rotation_server.target, database, application)


@asynccontextmanager
async def working(runtime: Runtime, *more: Steps[Any, Any]) -> AsyncGenerator[None]:
    """A worker for rotations, and for ``more``, until the context ends."""
    stop = asyncio.Event()
    worker = JobWorker(
        sessions=runtime.sessions,
        listener=runtime.listener,
        programmes=Programmes(*rotations.programmes(runtime), *more),
        options=WorkerOptions(
            host_id=runtime.host_id, grace_seconds=0, poll_seconds=0.1, wishes_seconds=0.1, schedule_seconds=0.1
        ),
    )
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(worker.run(stop))
        try:
            yield
        finally:
            stop.set()


@pytest.fixture
async def worker(runtime: Runtime) -> AsyncIterator[None]:
    async with working(runtime):
        yield
