"""Each programme that is printed for Node.js, run as it is: against a real server, through TLS that verifies its root."""

import asyncio
import re
import shlex
import shutil
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from app.connections.clients.context import CA_FILE, Address, ConnectionContext
from app.connections.clients.registry import Client
from app.connections.models import PoolMode
from app.postgres.certificates import issue_root
from app.postgres.connect import Session, TlsMode
from tests.connections.node.conftest import DATABASE, PASSWORD, ROLE, Shop
from tests.connections.node.programmes import SECONDS, Programme, laid_out
from tests.sessions import connect

PROGRAMMES = [
    Client.NODE_POSTGRES,
    Client.POSTGRES_JS,
    Client.SEQUELIZE,
    Client.TYPEORM,
    Client.DRIZZLE_NODE_POSTGRES,
    Client.DRIZZLE_POSTGRES_JS,
    Client.PRISMA_6,
    Client.PRISMA_7,
]

# Whose pools end each in a way of its own; the others stand on them.
DRIVERS = [Client.NODE_POSTGRES, Client.POSTGRES_JS, Client.SEQUELIZE]
NOWHERE = Address("127.0.0.1", 1, TlsMode.VERIFY_CA)

_SESSIONS = (
    "SELECT a.usename, a.datname, s.ssl FROM pg_stat_activity AS a JOIN pg_stat_ssl AS s USING (pid) "
    "WHERE a.application_name = $1 AND a.backend_type = 'client backend'"
)
_WAITING = "SELECT count(*) FROM pg_stat_activity WHERE application_name = $1 AND wait_event = 'advisory'"
_END_THEM = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1"


@pytest.mark.parametrize("client", PROGRAMMES)
async def test_a_programme_connects_outlives_lost_connections_and_ends_on_sigterm(
    shop: Shop, admin: Session, tmp_path: Path, client: Client
) -> None:
    name = f"running-{client}"
    programme = laid_out(client, shop.context(name), tmp_path / "programme")
    await programme.prepare()
    deceived = deceived_copy(programme, tmp_path / "deceived")
    async with asyncio.TaskGroup() as tasks:
        refusal = tasks.create_task(deceived.run(*deceived.commands[-1]))
        await _lives_and_ends(programme, admin, name)
    code, said = refusal.result()
    assert code not in {0, None}, said
    assert "certificate" in said
    assert "connected as" not in said
    assert PASSWORD not in said


async def _lives_and_ends(programme: Programme, admin: Session, name: str) -> None:
    async with programme.serving() as serving:
        assert f"connected as {ROLE} to {DATABASE}\n" in serving.said
        sessions = await admin.fetch(_SESSIONS, name)
        assert {tuple(session) for session in sessions} == {(ROLE, DATABASE, True)}

        assert await admin.fetch(_END_THEM, name)
        await serving.wait_until_it_answers()

        code, said = await serving.terminate()
    assert code == 0, said
    assert PASSWORD not in said
    async with asyncio.timeout(SECONDS):
        while await admin.fetch(_SESSIONS, name):
            await asyncio.sleep(0.02)


@pytest.mark.parametrize("client", DRIVERS)
async def test_what_is_under_way_is_answered_before_it_ends_and_the_server_bounds_it(
    shop: Shop, tmp_path: Path, client: Client
) -> None:
    """By the programme as it is printed but for its two questions."""
    name = f"draining-{client}"
    programme = laid_out(client, shop.context(name), tmp_path / "programme")
    (main,) = programme.folder.glob("main.*")
    asked = main.read_text().replace("SELECT 1", "SELECT pg_advisory_lock_shared(4711)::text")
    main.write_text(asked.replace("current_user", r"current_setting(\'statement_timeout\')"))
    await programme.prepare()
    async with (
        connect(shop.target.with_database(DATABASE), application_name="test") as admin,
        programme.serving() as serving,
        httpx.AsyncClient(timeout=SECONDS) as asking,
    ):
        assert f"connected as 67s to {DATABASE}\n" in serving.said
        await admin.execute("SELECT pg_advisory_lock(4711)")
        async with asyncio.TaskGroup() as tasks:
            request = tasks.create_task(asking.get(f"http://127.0.0.1:{serving.port}/"))
            async with asyncio.timeout(SECONDS):
                while not await admin.fetchval(_WAITING, name):
                    await asyncio.sleep(0.02)
            end = tasks.create_task(serving.terminate())
            await asyncio.sleep(0)  # by now it was told
            await admin.execute("SELECT pg_advisory_unlock(4711)")
        assert request.result().status_code == 200
        assert end.result()[0] == 0, end.result()[1]


async def test_typeorm_migrates_past_the_pooler(shop: Shop, tmp_path: Path) -> None:
    programme = laid_out(Client.TYPEORM, behind_nowhere(shop), tmp_path / "programme")
    migration = programme.folder / "migrations" / "1700000000000-first.ts"
    migration.parent.mkdir()
    migration.write_text(
        "import type { QueryRunner } from 'typeorm';\n"
        "export class First1700000000000 {\n"
        "  up = (runner: QueryRunner) => runner.query('CREATE TABLE by_typeorm (id int)');\n"
        "  down = (runner: QueryRunner) => runner.query('DROP TABLE by_typeorm');\n"
        "}\n"
    )
    (told,) = re.findall(r"^// +(node .*)", (programme.folder / "migrations.ts").read_text(), re.MULTILINE)
    code, said = await programme.run(*shlex.split(told))
    assert code == 0, said
    assert await exists(shop, "by_typeorm")


async def test_drizzle_kit_migrates_past_the_pooler(shop: Shop, tmp_path: Path) -> None:
    client = Client.DRIZZLE_NODE_POSTGRES
    programme = laid_out(client, behind_nowhere(shop), tmp_path / "programme")
    for verb in ("generate", "migrate"):
        code, said = await programme.run("node", "node_modules/.bin/drizzle-kit", verb)
        assert code == 0, said
    assert await exists(shop, "items")


def behind_nowhere(shop: Shop) -> ConnectionContext:
    """Of a pooler that does not answer: only what goes past it works."""
    return replace(shop.context("migrating"), address=NOWHERE, pool_mode=PoolMode.TRANSACTION)


async def exists(shop: Shop, table: str) -> bool:
    async with connect(shop.target.with_database(DATABASE), application_name="test") as session:
        return await session.fetchval("SELECT to_regclass($1)", table) is not None


def deceived_copy(programme: Programme, folder: Path) -> Programme:
    """The same with another root pinned, as if somebody stood in between."""
    shutil.copytree(programme.folder, folder, symlinks=True)
    stranger = issue_root("somebody in between").certificate_pem.decode()
    (folder / CA_FILE).write_text(stranger)
    return replace(programme, folder=folder, variables={**programme.variables, "DATABASE_CA": stranger})
