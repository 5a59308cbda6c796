"""A database copied straight into another: equal by count, under its name only when it is, and nothing left otherwise."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest

from app.databases.models import Database, DatabaseState
from app.exports.schemas import TEMPORARY_PREFIX
from app.exports.steps import copying
from app.kit.ids import encode_id
from app.postgres.connect import Target
from app.postgres.facts import login
from app.postgres.identifiers import quoted
from app.postgres.transfer import Counted, transfer
from tests.backups.conftest import Shop
from tests.databases.records import add_database, create_project
from tests.restores.conftest import ROWS, SCHEMA, drop, know_version
from tests.sessions import connect

pytestmark = pytest.mark.usefixtures("worker")


@dataclass(frozen=True)
class Copier:
    """A shop, a second database row that stands for another server, and a free name on it."""

    shop: Shop
    other: Database
    name: str

    async def start(self, **wish: Any) -> dict[str, Any]:
        answer = await self.shop.post(self.path, **self.wish(**wish))
        assert answer.status_code == 202, answer.text
        job: dict[str, Any] = answer.json()["job"]
        return job

    async def refused(self, **wish: Any) -> tuple[int, str]:
        answer = await self.shop.post(self.path, **self.wish(**wish))
        return answer.status_code, answer.json()["code"]

    def wish(self, **wish: Any) -> dict[str, Any]:
        return {"target_database_id": encode_id("db", self.other.id), "name": self.name, **wish}

    @property
    def path(self) -> str:
        return f"/v1/databases/{encode_id('db', self.shop.database.id)}:copy-into"

    async def names(self) -> set[str]:
        async with connect(self.shop.target, application_name="test") as session:
            return {row["datname"] for row in await session.fetch("SELECT datname FROM pg_database")}

    async def no_traces(self, job: dict[str, Any]) -> None:
        prefix = f"{TEMPORARY_PREFIX}"
        assert not [name for name in await self.names() if name.startswith(prefix)]
        assert await self.shop.sessions_of(job) == 0


@pytest.fixture
async def copier(shop: Shop) -> AsyncIterator[Copier]:
    async with shop.session() as session:
        found = await login(session)
        await session.execute(SCHEMA)
    await know_version(shop, found.major)
    other = await add_database(shop.runtime, shop.project_id, "other", target=shop.target)
    name = f'kópia "x" 100% {secrets.token_hex(4)}'
    yield Copier(shop, other, name)
    await drop(shop.target, name)


async def test_a_copy_is_equal_and_its_source_goes_on(copier: Copier) -> None:
    await copier.shop.execute(f"ALTER DATABASE {quoted(copier.shop.target.database)} SET work_mem = '7MB'")
    await copier.shop.execute(f"COMMENT ON DATABASE {quoted(copier.shop.target.database)} IS 'the shop'")
    job = await copier.shop.ended(await copier.start(owner_mode="keep"))
    assert job["state"] == "succeeded", job["error"]
    assert job["result"] == {
        "type": "database",
        "database_id": encode_id("db", copier.other.id),
        "logical_database": copier.name,
        "tables": 6,
        "rows": ROWS,
    }
    async with copier.shop.session(copier.name) as session:
        assert await session.fetchval("SELECT count(*) FROM sales.orders") == 2000
        assert await session.fetchval("SELECT count(*) FROM pg_largeobject_metadata") == 2
        assert await session.fetchval("SHOW work_mem") == "7MB"
        assert await session.fetchval("SELECT last_value FROM sales.customers_id_seq") == 500
    assert job["warnings"] == []
    assert not [key for key in await copier.shop.keys() if "archive" in key]
    await copier.no_traces(job)
    second = await copier.shop.ended(await copier.start())
    assert (second["state"], second["error"]["code"]) == ("failed", "NAME_TAKEN")


async def test_what_cannot_work_is_refused_at_once(copier: Copier) -> None:
    own = encode_id("db", copier.shop.database.id)
    same = {"target_database_id": own, "name": copier.shop.target.database}
    assert await copier.refused(**same) == (422, "COPY_IMPOSSIBLE")
    assert await copier.refused(name="template1") == (422, "VALIDATION_FAILED")
    assert await copier.refused(name=f"{TEMPORARY_PREFIX}x") == (422, "VALIDATION_FAILED")
    elsewhere = await create_project(copier.shop.client, copier.shop.headers, "elsewhere")
    stranger = await add_database(copier.shop.runtime, elsewhere, target=copier.shop.target)
    assert await copier.refused(target_database_id=encode_id("db", stranger.id)) == (422, "PROJECT_MISMATCH")
    async with copier.shop.runtime.sessions() as session, session.begin():
        (await session.get_one(Database, copier.other.id)).server_major = 13
    assert await copier.refused() == (422, "VERSION_UNSUPPORTED")
    async with copier.shop.runtime.sessions() as session, session.begin():
        (await session.get_one(Database, copier.other.id)).state = DatabaseState.MISSING
    assert await copier.refused() == (409, "STATE_INVALID")


async def test_a_logical_database_that_is_not_there_fails_the_job(copier: Copier) -> None:
    job = await copier.shop.ended(await copier.start(logical_database="absent"))
    assert (job["state"], job["error"]["code"]) == ("failed", "DATABASE_ABSENT")
    await copier.no_traces(job)


async def test_a_copy_that_differs_gets_no_name(copier: Copier, monkeypatch: pytest.MonkeyPatch) -> None:
    async def miscounted(*arguments: Any) -> Counted:
        counted = await transfer(*arguments)
        counted.rows["sales", "orders"] += 1
        return counted

    monkeypatch.setattr(copying, "transfer", miscounted)
    job = await copier.shop.ended(await copier.start())
    assert (job["state"], job["error"]["code"]) == ("failed", "COPY_MISMATCH")
    assert "sales.orders has 2000 instead of 2001" in job["error"]["detail"]
    assert copier.name not in await copier.names()
    await copier.no_traces(job)


async def test_a_cancelled_copy_leaves_nothing(copier: Copier) -> None:
    """It is cancelled while pg_dump waits for a lock that somebody holds."""
    async with connect(copier.shop.target, application_name="test") as session, session.transaction():
        await session.execute("LOCK TABLE sales.orders IN ACCESS EXCLUSIVE MODE")
        job = await copier.start()
        async with asyncio.timeout(30):
            while not await waits(copier.shop.target):
                await asyncio.sleep(0.05)
        await copier.shop.post(f"/v1/jobs/{job['id']}:cancel")
        ended = await copier.shop.ended(job)
    assert ended["state"] == "cancelled"
    assert copier.name not in await copier.names()
    await copier.no_traces(ended)


async def waits(target: Target) -> bool:
    async with connect(target, application_name="test") as session:
        return bool(
            await session.fetchval(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
        )
