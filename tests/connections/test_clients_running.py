"""Each programme that is printed, run as it is: against a real server, through TLS that verifies its pinned root."""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from pydantic import SecretStr

from app.connections.clients.registry import Client
from app.connections.logins import seal_login_password
from app.connections.models import Login, LoginKind, LoginState, Pool, Pooler, PoolerState, PoolMode
from app.databases.models import Database
from app.kit.ids import encode_id, new_id
from app.postgres.certificates import issue_root
from app.runtime import Runtime
from tests.connections.behind import POOL, Behind, pgbouncer_before
from tests.connections.node.conftest import DATABASE, PASSWORD, ROLE, Shop, shop
from tests.connections.programmes import run, serving
from tests.databases.records import add_database, create_project
from tests.postgres.conftest import debian, reachable_folder, toolchain
from tests.sessions import connect

__all__ = ["debian", "shop", "toolchain"]

PYTHON = [sys.executable, "database.py"]
JARS = ":".join(f"/usr/share/java/{name}.jar" for name in ("postgresql", "HikariCP", "slf4j-api", "slf4j-nop"))
QUICKLY = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"  # for a life of seconds
IN_PYTHON = [Client.ASYNCPG, Client.PSYCOPG, Client.SQLALCHEMY_ASYNCPG, Client.SQLALCHEMY_PSYCOPG]
PROGRAMMES = dict.fromkeys(IN_PYTHON, PYTHON) | {
    Client.JDBC: ["bash", "-c", f"exec java {QUICKLY} -cp {JARS} Database.java"]
}
STRINGS = [Client.LIBPQ_URI, Client.LIBPQ_KEYWORDS]

# Four clients at once, each of which runs one statement often enough for its driver to prepare it.
_ASYNCPG = """
async def ask(pool):
    for _ in range(10):
        async with pool.acquire() as connection, connection.transaction():
            assert await connection.fetchval("SELECT $1::int + 1", 1) == 2

async def main():
    async with database.create_pool() as pool:
        await asyncio.gather(*(ask(pool) for _ in range(4)))
"""
_PSYCOPG = """
async def ask(pool):
    for _ in range(10):
        async with pool.connection() as connection:
            cursor = await connection.execute("SELECT %s::int + 1", (1,))
            assert await cursor.fetchone() == (2,)

async def main():
    async with database.create_pool() as pool:
        await asyncio.gather(*(ask(pool) for _ in range(4)))
"""
_SQLALCHEMY_ASYNCPG = """
from sqlalchemy import text

async def ask(engine):
    for _ in range(10):
        async with engine.begin() as connection:
            assert await connection.scalar(text("SELECT :one + 1"), {"one": 1}) == 2

async def main():
    engine = database.create_engine()
    await asyncio.gather(*(ask(engine) for _ in range(4)))
    await engine.dispose()
"""
_SQLALCHEMY_PSYCOPG = """
from sqlalchemy import text

def ask(engine):
    for _ in range(10):
        with engine.begin() as connection:
            assert connection.scalar(text("SELECT :one + 1"), {"one": 1}) == 2

async def main():
    engine = database.new_engine()
    await asyncio.gather(*(asyncio.to_thread(ask, engine) for _ in range(4)))
    engine.dispose()
"""
MANY = dict(zip(IN_PYTHON, (_ASYNCPG, _PSYCOPG, _SQLALCHEMY_ASYNCPG, _SQLALCHEMY_PSYCOPG), strict=True))

Printed = Callable[..., Awaitable[dict[str, Any]]]


@pytest.fixture
async def database(runtime: Runtime, client: httpx.AsyncClient, as_admin: dict[str, str], shop: Shop) -> Database:
    """With a login on record whose name and password hold whatever makes strings break."""
    database = await add_database(runtime, await create_project(client, as_admin), target=shop.target)
    await add_login(runtime, database)
    return database


async def add_login(runtime: Runtime, database: Database) -> UUID:
    login_id = new_id()
    async with runtime.sessions() as session, session.begin():
        session.add(
            Login(
                id=login_id,
                project_id=database.project_id,
                database_id=database.id,
                kind=LoginKind.ROLE,
                state=LoginState.READY,
                role=ROLE,
                password_sealed=seal_login_password(login_id, SecretStr(PASSWORD), runtime.key_ring),
                created_by="test",
            )
        )
    return login_id


@pytest.fixture
def printed(client: httpx.AsyncClient, as_admin: dict[str, str], database: Database) -> Printed:
    async def ask(client_name: Client, **wish: Any) -> dict[str, Any]:
        body = {"client": client_name, "role": ROLE, "database": DATABASE, "reveal": True, **wish}
        path = f"/v1/databases/{encode_id('db', database.id)}/connection-strings"
        answer = await client.post(path, json=body, headers=as_admin)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    return ask


async def sessions_of(shop: Shop, application: str) -> set[tuple[str, str, bool]]:
    """Those that the server sees, with whether they are encrypted."""
    query = (
        "SELECT a.usename, a.datname, s.ssl FROM pg_stat_activity AS a JOIN pg_stat_ssl AS s USING (pid) "
        "WHERE a.application_name = $1 AND a.backend_type = 'client backend'"
    )
    async with connect(shop.target, application_name="test") as session:
        return {(row["usename"], row["datname"], row["ssl"]) for row in await session.fetch(query, application)}


@pytest.mark.parametrize("name", PROGRAMMES)
async def test_a_programme_connects_by_its_environment_alone_and_ends_on_sigterm(
    printed: Printed, shop: Shop, tmp_path: Path, name: Client
) -> None:
    application = f"running-{name}"
    found = await printed(name, application_name=application, pool={"min": 2, "max": 3}, statement_timeout_seconds=7)
    assert (found["sslmode"], found["files"]["ca.pem"]) == ("verify-ca", shop.root_pem)
    async with serving(tmp_path, found, PROGRAMMES[name]) as line:
        assert line == f"connected as {ROLE} to {DATABASE}"
        assert await sessions_of(shop, application) == {(ROLE, DATABASE, True)}
    async with asyncio.timeout(60):
        while await sessions_of(shop, application):
            await asyncio.sleep(0.02)


async def test_a_server_whose_root_is_another_one_is_not_talked_to(printed: Printed, tmp_path: Path) -> None:
    stranger = issue_root("somebody in between").certificate_pem.decode()
    by_text = ["bash", "-c", 'psql "$TEXT" -c "SELECT 1"']
    by_script = ["bash", "connect.sh", "-c", "SELECT 1"]
    for name, command in (PROGRAMMES | {Client.PSQL: by_script} | dict.fromkeys(STRINGS, by_text)).items():
        found = await printed(name)
        found["files"]["ca.pem"] = found["environment"]["DATABASE_CA"] = stranger
        found["environment"] |= {
            "PGCONNECT_TIMEOUT": "3",
            "TEXT": found["text"],
        }  # psycopg's pool tries again until then
        ended = await run(tmp_path / name, found, command)
        assert ended.status != 0, name
        assert ended.output == "", name
        assert any(
            said in ended.errors for said in ("ertificate verify failed", "CERTIFICATE_VERIFY_FAILED", "PKIX path")
        )
        assert PASSWORD not in ended.errors


async def test_the_statement_timeout_reaches_the_server(printed: Printed, tmp_path: Path) -> None:
    async def ask(name: Client) -> None:
        found = await printed(name, statement_timeout_seconds=7)
        text = found["files"]["database.py"]
        found["files"]["database.py"] = text.replace("current_user, ", "current_setting('statement_timeout'), ")
        async with serving(tmp_path / name, found, PYTHON) as line:
            assert line == f"connected as 7s to {DATABASE}", name

    await asyncio.gather(*map(ask, IN_PYTHON))


async def test_psql_connects_by_its_environment_alone(printed: Printed, tmp_path: Path) -> None:
    found = await printed(Client.PSQL, statement_timeout_seconds=7)
    question = "SELECT current_user, current_database(), current_setting('statement_timeout')"
    command = ["bash", "connect.sh", "--no-align", "--tuples-only", "--field-separator=\t", "-c", question]
    ended = await run(tmp_path, found, command)
    assert (ended.status, ended.output.rstrip("\n").split("\t")) == (0, [ROLE, DATABASE, "7s"]), ended.errors
    # The command by itself, as somebody pastes it into a shell.
    pasted = f"{found['text']} --no-align --tuples-only -c 'SELECT current_user'"
    ended = await run(tmp_path, found, ["bash", "-c", pasted])
    assert (ended.status, ended.output) == (0, f"{ROLE}\n"), ended.errors
    assert PASSWORD not in found["text"]


@pytest.mark.parametrize("name", STRINGS)
async def test_a_string_says_all_that_libpq_has_to_know(printed: Printed, tmp_path: Path, name: Client) -> None:
    found = await printed(name, statement_timeout_seconds=7)
    programme = (
        "import os, psycopg\n"
        "with psycopg.connect(os.environ['TEXT']) as session:\n"
        "    print(*session.execute(\"SELECT current_user, current_setting('statement_timeout')\").fetchone())\n"
        "    print(session.pgconn.ssl_in_use)\n"
    )
    alone = {"files": found["files"], "environment": {"TEXT": found["text"]}}
    ended = await run(tmp_path, alone, [sys.executable, "-c", programme])
    assert (ended.status, ended.output) == (0, f"{ROLE} 7s\nTrue\n"), ended.errors


@dataclass(frozen=True)
class Pooled:
    behind: Behind
    follows: bool


@pytest.fixture(scope="module", params=["older", "newer"])
def pooled(request: pytest.FixtureRequest, shop: Shop) -> Iterator[Pooled]:
    with (
        reachable_folder() as name,
        pgbouncer_before(shop.target, DATABASE, Path(name) / "pooler", newer=request.param == "newer") as behind,
    ):
        yield Pooled(behind, request.param == "newer")


@pytest.fixture
async def attached(runtime: Runtime, database: Database, pooled: Pooled) -> None:
    """The rows that the pooler's own jobs would leave."""
    pooler = Pooler(
        project_id=database.project_id,
        database_id=database.id,
        state=PoolerState.RUNNING,
        host=pooled.behind.host,
        port=pooled.behind.port,
        version=pooled.behind.version,
        ca_pem=pooled.behind.root_pem,
        created_by="test",
    )
    pool = Pool(pooler_id=pooler.id, name=POOL, logical_database=DATABASE, mode=PoolMode.TRANSACTION, size=2)
    async with runtime.sessions() as session, session.begin():
        session.add(pooler)
        await session.flush()
        session.add(pool)


async def test_programmes_go_through_a_pooler_in_transaction_mode(
    printed: Printed, attached: None, pooled: Pooled, tmp_path: Path
) -> None:
    for name, lines in MANY.items():
        found = await printed(name, mode="pooled", pool={"max": 4}, statement_timeout_seconds=7)
        assert ("DATABASE_PREPARED_STATEMENTS" in found["environment"]) is not pooled.follows
        programme = f"import asyncio, database\n{lines}\nasyncio.run(main())\nprint('done')\n"
        ended = await run(tmp_path / name, found, [sys.executable, "-c", programme])
        assert (ended.status, ended.output) == (0, "done\n"), f"{name}: {ended.errors}"
    if not pooled.follows:
        found = await printed(Client.JDBC, mode="pooled", statement_timeout_seconds=7)
        async with serving(tmp_path / Client.JDBC, found, PROGRAMMES[Client.JDBC]) as line:
            assert line == f"connected as {ROLE} to {DATABASE}"


async def test_psql_and_strings_go_through_a_pooler(printed: Printed, attached: None, tmp_path: Path) -> None:
    found = await printed(Client.PSQL, mode="pooled", statement_timeout_seconds=7)
    asked = ["--no-align", "--tuples-only", "-c", "SELECT current_user"]
    ended = await run(tmp_path, found, ["bash", "connect.sh", *asked])
    assert (ended.status, ended.output) == (0, f"{ROLE}\n"), ended.errors
    for name in STRINGS:
        found = await printed(name, mode="pooled", statement_timeout_seconds=7)
        command = ["bash", "-c", 'psql "$TEXT" "$@"', "psql", *asked]
        alone = {"files": found["files"], "environment": {"TEXT": found["text"]}}
        ended = await run(tmp_path / name, alone, command)
        assert (ended.status, ended.output) == (0, f"{ROLE}\n"), ended.errors
