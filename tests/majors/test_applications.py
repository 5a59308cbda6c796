"""An application that ceases to be the superuser, and the two ways to another password."""

from dataclasses import replace
from uuid import uuid4

import asyncpg
import httpx
import pytest

from app.databases.access import target_of
from app.databases.models import Database
from app.postgres.connect import Target
from app.postgres.logins import refusal_of
from app.runtime import Runtime
from tests.applications.conftest import Shop, worker
from tests.applications.every_kind import KINDS, SCHEMA
from tests.sessions import connect

__all__ = ["worker"]


@pytest.fixture
def shop(
    runtime: Runtime, client: httpx.AsyncClient, as_admin: dict[str, str], database: Database, target: Target
) -> Shop:
    return Shop(runtime, client, as_admin, database, target, f"{target.user}_{uuid4().hex[:4]}")


async def rotated(shop: Shop, role: str) -> None:
    accepted = await shop.call("POST", f"/roles/{role}:rotate", {"grace_seconds": 60}, expect=202)
    job = await shop.ended(accepted)
    assert job["state"] == "succeeded", job["error"]


@pytest.mark.usefixtures("worker")
async def test_all_it_has_is_handed_over_and_its_logins_take_turns(shop: Shop, major: int) -> None:
    async with shop.superuser() as session:
        await session.execute(SCHEMA)
    assert (await shop.hardened())["handed_over"] == KINDS
    former = await shop.current()
    await rotated(shop, shop.name)
    async with shop.application() as session:
        await session.execute("INSERT INTO customer (name) VALUES ('Ada'); REFRESH MATERIALIZED VIEW totals")
        await session.execute("CREATE EXTENSION pg_trgm; CREATE SCHEMA billing; CREATE TABLE billing.invoice (id int)")
        await session.execute("ALTER TYPE mood ADD VALUE 'happy'; DROP TABLE event; SELECT lo_unlink(4711)")
        for statement in (
            "COPY customer TO PROGRAM 'true'",
            "CREATE ROLE another",
            "ALTER SYSTEM SET work_mem = '1GB'",
        ):
            with pytest.raises(asyncpg.PostgresError) as refused:
                await session.execute(statement)
            assert isinstance(refused.value, asyncpg.InsufficientPrivilegeError) or major < 14, statement
    assert (await shop.current()).user != former.user
    assert await refusal_of(former) is not None


@pytest.mark.usefixtures("worker")
async def test_our_own_login_gets_another_password(shop: Shop) -> None:
    await rotated(shop, shop.target.user)
    async with shop.runtime.sessions() as session:
        now = target_of(await session.get_one(Database, shop.database.id), shop.runtime.key_ring)
    assert now.password != shop.target.password
    assert await refusal_of(replace(now, password=shop.target.password)) is not None
    async with connect(now, application_name="test") as session_:
        assert await session_.fetchval("SELECT 1") == 1
