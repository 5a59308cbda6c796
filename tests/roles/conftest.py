"""A logical database with tables of an owner in it, whose server this service manages, and roles that go with the test."""

import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote
from uuid import UUID

import asyncpg
import httpx
import pytest
from pydantic import SecretStr

from app.connections.logins import LoginRepository, open_login_password
from app.databases.models import Database
from app.kit.ids import encode_id
from app.postgres import role_removal
from app.postgres.connect import Session, Target
from app.runtime import Runtime
from tests.databases.records import add_database, create_project
from tests.postgres.conftest import cluster, debian, target, toolchain
from tests.sessions import connect

__all__ = ["cluster", "debian", "target", "toolchain"]

Call = Callable[..., Awaitable[httpx.Response]]

TABLES = """
CREATE ROLE "{owner}" NOLOGIN;
CREATE SCHEMA shop AUTHORIZATION "{owner}";
SET ROLE "{owner}";
CREATE TABLE shop.item (id serial PRIMARY KEY, name text);
CREATE VIEW shop.names AS SELECT name FROM shop.item;
INSERT INTO shop.item (name) VALUES ('first');
RESET ROLE;
CREATE SCHEMA other; CREATE TABLE other.secret (id integer);
"""


@dataclass(frozen=True)
class Shop:
    """``prefix`` begins the names of all roles of the test."""

    target: Target
    prefix: str

    @property
    def owner(self) -> str:
        return f"{self.prefix}_group"

    def name(self, name: str) -> str:
        return f"{self.prefix}_{name}"

    @asynccontextmanager
    async def session(self, role: str | None = None, password: SecretStr | None = None) -> AsyncIterator[Session]:
        """As the superuser, or as another by a login of its own."""
        there = self.target if role is None else replace(self.target, user=role, password=password or SecretStr(""))
        async with connect(there, application_name="test") as session:
            yield session

    async def execute(self, sql: str) -> None:
        async with self.session() as session:
            await session.execute(sql)

    async def value(self, sql: str, *arguments: Any) -> Any:
        async with self.session() as session:
            return await session.fetchval(sql, *arguments)


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine is slow to end a session."""
    monkeypatch.setattr(role_removal, "_ENDED_WITHIN_SECONDS", 60.0)


@pytest.fixture
async def shop(target: Target) -> AsyncIterator[Shop]:
    prefix = f"t{uuid.uuid4().hex[:12]}"
    shop = Shop(target.with_database(prefix), prefix)
    async with connect(target, application_name="test") as admin:
        await admin.execute(f"CREATE DATABASE {prefix} STRATEGY file_copy")
        try:
            await shop.execute(TABLES.format(owner=shop.owner))
            yield shop
        finally:
            await admin.execute(f"DROP DATABASE {prefix} WITH (FORCE)")
            left = await admin.fetch(
                "SELECT quote_ident(rolname) FROM pg_roles WHERE rolname LIKE $1 OR rolname LIKE 'tmp\\_%'",
                f"{prefix}%",
            )
            for (name,) in left:
                await admin.execute(f"DROP OWNED BY {name}; DROP ROLE {name}")


@pytest.fixture
async def project_id(client: httpx.AsyncClient, as_admin: dict[str, str]) -> UUID:
    return await create_project(client, as_admin)


@pytest.fixture
async def database(runtime: Runtime, project_id: UUID, shop: Shop) -> Database:
    return await add_database(runtime, project_id, target=shop.target, provider="external")


@pytest.fixture
def path(database: Database) -> str:
    return f"/v1/databases/{encode_id('db', database.id)}"


@pytest.fixture
def call(client: httpx.AsyncClient, as_admin: dict[str, str], path: str) -> Call:
    """``where`` is under the database's path."""

    async def send(method: str, where: str, body: Any = None, *, expect: int = 200, **headers: str) -> httpx.Response:
        sent = as_admin | {name.replace("_", "-"): value for name, value in headers.items()}
        answer = await client.request(method, f"{path}{where}", json=body, headers=sent)
        assert answer.status_code == expect, answer.text
        return answer

    return send


@pytest.fixture
def password_of(runtime: Runtime, database: Database) -> Callable[[str], Awaitable[SecretStr]]:
    async def read(role: str) -> SecretStr:
        async with runtime.sessions() as session:
            login = await LoginRepository(session).of_role(database.id, role)
        assert login is not None
        password = open_login_password(login, runtime.key_ring)
        assert password is not None
        return password

    return read


def at(name: str) -> str:
    """The path of a role."""
    return f"/roles/{quote(name, safe='')}"


async def may(session: Session, sql: str) -> bool:
    """Whether a session may do that. What it did is undone."""
    transaction = session.transaction()
    await transaction.start()
    try:
        await session.execute(sql)
    except (asyncpg.InsufficientPrivilegeError, asyncpg.ReadOnlySQLTransactionError):
        return False
    finally:
        await transaction.rollback()
    return True
