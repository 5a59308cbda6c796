"""A database replaced under clients that never stop connecting, brought back, and given up for good."""

import asyncio
import secrets
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import pytest

from app.errors import Problem
from app.kit.ids import decode_id
from app.locations.holdings import BackupManifest
from app.postgres.connect import Target
from app.postgres.identifiers import quoted
from app.restores import settling
from tests.restores.conftest import ROWS, Restorer, drop
from tests.sessions import connect

IN_PLACE = {"kind": "in_place"}


@pytest.fixture
async def role(target: Target) -> str:
    name = f"owner {secrets.token_hex(4)}"
    async with connect(target, application_name="test") as session:
        await session.execute(f"CREATE ROLE {quoted(name)} NOLOGIN")
    return name


@pytest.fixture(autouse=True)
async def nothing_beside(restorer: Restorer, target: Target, role: str) -> AsyncIterator[None]:
    yield
    mine = restorer.shop.target.database
    await drop(
        target,
        *(name for name in await restorer.databases() if name.startswith((f"{mine}_replaced_", f"{mine}_undone_"))),
    )
    async with connect(target.with_database(mine), application_name="test") as session:
        await session.execute(f"ALTER DATABASE {quoted(mine)} OWNER TO postgres")
        await session.execute(f"DROP OWNED BY {quoted(role)}")
        await session.execute(f"DROP ROLE {quoted(role)}")


@asynccontextmanager
async def knocking(target: Target, clients: int = 5) -> AsyncGenerator[list[str]]:
    """Clients that connect, read and leave, again and again; the errors that they met."""
    errors: list[str] = []

    async def knock() -> None:
        while True:
            try:
                async with connect(target, application_name="knocking") as session:
                    await session.fetchval("SELECT count(*) FROM sales.customers")
            except Problem as problem:
                errors.append(f"{problem.code}: {problem.detail}")
            await asyncio.sleep(0.02)

    tasks = [asyncio.create_task(knock()) for _ in range(clients)]
    try:
        yield errors
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def everybody_is_back(errors: list[str]) -> None:
    """An attempt that began before the names changed may fail a moment after."""
    async with asyncio.timeout(60):
        seen = -1
        while seen != len(errors):
            seen = len(errors)
            await asyncio.sleep(0.5)


async def test_a_database_is_replaced_under_reconnecting_clients_and_keeps_what_it_was(
    restorer: Restorer, backup: dict[str, Any], role: str
) -> None:
    shop, name = restorer.shop, restorer.shop.target.database
    database = quoted(name)
    await shop.execute(
        f"""
        DROP TABLE sales.orders CASCADE;
        ALTER DATABASE {database} OWNER TO {quoted(role)};
        COMMENT ON DATABASE {database} IS 'the shop';
        ALTER DATABASE {database} SET work_mem TO '9MB';
        ALTER DATABASE {database} CONNECTION LIMIT 40;
        REVOKE TEMPORARY ON DATABASE {database} FROM PUBLIC
        """
    )
    async with knocking(shop.target) as errors:
        restore = await restorer.restored(backup, IN_PLACE)
        await everybody_is_back(errors)
    assert {error.split(":")[0] for error in errors} <= {
        "STATE_INVALID",
        "SQL_ERROR",
        "DATABASE_ABSENT",
        "DATABASE_UNREACHABLE",
    }
    assert restore["equal"] is True
    assert restore["report"]["rows"] == ROWS
    async with shop.session() as session:
        row = await session.fetchrow(
            """
            SELECT pg_get_userbyid(datdba) AS owner, datconnlimit, shobj_description(oid, 'pg_database') AS comment,
                   has_database_privilege('public', oid, 'TEMPORARY') AS temporary, current_setting('work_mem') AS work_mem,
                   datallowconn
              FROM pg_database WHERE datname = current_database()
            """
        )
        assert row is not None
        assert dict(row) == {
            "owner": role,
            "datconnlimit": 40,
            "comment": "the shop",
            "temporary": False,
            "work_mem": "9MB",
            "datallowconn": True,
        }
        assert await session.fetchval("SELECT count(*) FROM sales.orders") == 2000
    aside = restore["previous_database"]
    assert aside in await restorer.databases()
    safety = await shop.get(f"/v1/backups/{restore['safety_backup_id']}")
    assert (safety["origin"], safety["state"]) == ("safety", "available")
    kept = datetime.fromisoformat(safety["expires_at"]) - datetime.fromisoformat(safety["created_at"])
    assert kept.days in (29, 30)

    confirmed, job = await restorer.settled(restore, "confirm")
    assert job["state"] == "succeeded"
    assert (confirmed["state"], confirmed["previous_database"]) == ("confirmed", None)
    assert aside not in await restorer.databases()
    types = [event["type"] for event in (await shop.get(shop.path.replace("backups", "events")))["data"]]
    assert types[:2] == ["restore.confirmed", "restore.finished"]


async def test_a_restore_is_undone_with_a_warning_of_what_was_written_since(
    restorer: Restorer, backup: dict[str, Any]
) -> None:
    shop = restorer.shop
    await shop.execute("INSERT INTO sales.customers (name) VALUES ('written after the backup')")
    restore = await restorer.restored(backup, IN_PLACE, safety_backup=False)
    assert restore["safety_backup_id"] is None
    assert await restorer.value(shop.target.database, "SELECT count(*) FROM sales.customers") == 500
    async with shop.session() as session:
        await session.execute("INSERT INTO sales.empty SELECT generate_series(1, 7)")
        await session.execute("SELECT pg_stat_force_next_flush()")

    undone, job = await restorer.settled(restore, "undo")
    assert job["state"] == "succeeded", job["error"]
    assert undone["state"] == "undone"
    assert "7 inserted, 0 updated and 0 deleted rows" in job["warnings"][0]
    assert await restorer.value(shop.target.database, "SELECT count(*) FROM sales.customers") == 501
    kept = undone["previous_database"]
    assert kept in await restorer.databases()

    again = await shop.post(f"/v1/restores/{restore['id']}:undo")
    assert (again.status_code, again.json()["code"]) == (409, "STATE_INVALID")
    settled, _ = await restorer.settled(restore, "confirm")
    assert (settled["state"], settled["previous_database"]) == ("undone", None)
    assert kept not in await restorer.databases()


async def test_an_undoing_whose_worker_died_while_the_database_was_closed_is_finished_by_the_next(
    restorer: Restorer, backup: dict[str, Any]
) -> None:
    shop = restorer.shop
    restore = await restorer.restored(backup, IN_PLACE, safety_backup=False)
    async with shop.session("template1") as session:
        await session.execute(f"ALTER DATABASE {quoted(shop.target.database)} ALLOW_CONNECTIONS false")

    undone, job = await restorer.settled(restore, "undo")

    assert job["state"] == "succeeded", job["error"]
    assert undone["state"] == "undone"
    await shop.execute("SELECT 1 FROM sales.customers")
    await restorer.settled(restore, "confirm")


async def test_a_restore_that_fails_leaves_the_database_as_it_was_and_open(
    restorer: Restorer, backup: dict[str, Any]
) -> None:
    shop = restorer.shop
    await expect_more_rows(restorer, backup)
    accepted = await restorer.start(backup, IN_PLACE, safety_backup=False)
    restore, job = await restorer.ended(accepted)
    assert (job["state"], job["error"]["code"]) == ("failed", "RESTORE_MISMATCH")
    assert "sales.customers has 500 instead of 501" in job["error"]["detail"]
    assert (restore["state"], restore["error"]["code"], restore["equal"]) == ("failed", "RESTORE_MISMATCH", False)
    assert restore["previous_database"] is None
    await shop.execute("SELECT 1 FROM sales.customers")
    await restorer.no_traces(accepted)


async def test_only_a_whole_backup_replaces_a_database(restorer: Restorer) -> None:
    (partial,) = await restorer.shop.take(exclude_tables=[{"schema": "sales", "name": "orders"}])
    assert (await restorer.refused(partial, IN_PLACE))["code"] == "RESTORE_IMPOSSIBLE"


async def test_a_database_is_not_replaced_while_anything_else_works_on_it(
    restorer: Restorer, backup: dict[str, Any]
) -> None:
    shop = restorer.shop
    await shop.execute("BEGIN; LOCK TABLE sales.customers; COMMIT")
    async with shop.session() as blocker, blocker.transaction():
        await blocker.execute("LOCK TABLE sales.customers")
        running = await shop.start()
        problem = await restorer.refused(backup, IN_PLACE)
    assert (problem["code"], problem["blocking_job_id"]) == ("JOB_CONFLICT", running["job"]["id"])
    await shop.ended(running["job"])


async def test_a_restore_elsewhere_has_nothing_to_confirm_or_undo(
    restorer: Restorer, backup: dict[str, Any], free_name: str
) -> None:
    restore = await restorer.restored(backup, {"kind": "logical_database", "name": free_name})
    for action in ("confirm", "undo"):
        answer = await restorer.shop.post(f"/v1/restores/{restore['id']}:{action}")
        assert (answer.status_code, answer.json()["code"]) == (409, "STATE_INVALID")


async def expect_more_rows(restorer: Restorer, backup: dict[str, Any]) -> None:
    """As if one customer had been lost on the way."""
    async with restorer.shop.runtime.sessions() as session, session.begin():
        row = await session.get_one(BackupManifest, decode_id("bak", backup["id"]))
        tables = [one | {"rows": one["rows"] + (one["name"] == "customers")} for one in row.manifest["tables"]]
        row.manifest = row.manifest | {"tables": tables}


async def test_a_safety_backup_that_could_not_be_asked_for_is_asked_for_again(
    restorer: Restorer, backup: dict[str, Any], first_enqueue_fails: list[str]
) -> None:
    restore = await restorer.restored(backup, IN_PLACE)
    assert len(first_enqueue_fails) == 1
    assert restore["safety_backup_id"] is not None
    await restorer.settled(restore, "confirm")


@pytest.mark.usefixtures("children_wait")
async def test_without_the_safety_backup_that_was_promised_nothing_is_replaced(
    restorer: Restorer, backup: dict[str, Any]
) -> None:
    accepted = await restorer.start(backup, IN_PLACE)
    await restorer.child_cancelled(accepted)
    restore, job = await restorer.ended(accepted)
    assert (job["state"], job["error"]["code"]) == ("failed", "SAFETY_BACKUP_IMPOSSIBLE")
    assert (restore["state"], restore["previous_database"]) == ("failed", None)
    await restorer.no_traces(accepted)


@pytest.mark.parametrize(("action", "state"), [("confirm", "confirmed"), ("undo", "undone")])
async def test_a_settling_whose_worker_died_after_it_was_written_ends_well_and_is_told_once(
    restorer: Restorer, backup: dict[str, Any], action: str, state: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    restore = await restorer.restored(backup, IN_PLACE, safety_backup=False)
    original = settling._done
    died: list[str] = []

    def dying(run: Any, **what: str) -> Any:
        if not died:
            died.append(action)
            raise OSError("as if killed")
        return original(run, **what)

    monkeypatch.setattr(settling, "_done", dying)
    settled, job = await restorer.settled(restore, action)
    assert died == [action]
    assert (job["state"], job["error"], settled["state"]) == ("succeeded", None, state)
    events = (await restorer.shop.get(restorer.shop.path.replace("backups", "events")))["data"]
    assert [event["type"] for event in events].count(f"restore.{state}") == 1
