"""Cancelled, retried, repeated, or run by a worker that dies: in the end all of it or nothing."""

import asyncio
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from app.db.sql import run_sql
from app.kit.ids import decode_id
from app.postgres import swap as swapping
from app.restores import placing, steps
from app.restores.models import Restore
from app.settings import Settings
from tests.backups.conftest import Shop
from tests.restores.conftest import Restorer, know_version, working

# Sleeps for each row, but only while it is restored.
SLOW = """
CREATE SCHEMA slow;
CREATE FUNCTION slow.down(n int) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    IF current_database() LIKE 'pgm_rst_%' THEN PERFORM pg_sleep(0.25); END IF;
    RETURN true;
END $$;
CREATE TABLE slow.rows (n int CHECK (slow.down(n)));
INSERT INTO slow.rows SELECT generate_series(1, 40)
"""


async def loading(shop: Shop, accepted: dict[str, Any]) -> dict[str, Any]:
    """The job, once rows are being copied into its temporary database."""
    async with asyncio.timeout(90):
        while not await _copies(shop, accepted["job"]):
            await asyncio.sleep(0.05)
    job: dict[str, Any] = await shop.get(accepted["job"]["links"]["self"])
    return job


async def _copies(shop: Shop, job: dict[str, Any]) -> bool:
    async with shop.session() as session:
        query = (
            "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE '%' || $1 AND query LIKE 'COPY slow.%'"
        )
        return bool(await session.fetchval(query, job["id"]))


def children_named(name: str) -> set[int]:
    found = set()
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().split(b"\0")
        except OSError:
            continue
        if any(word.endswith(name.encode()) for word in words[:1]):
            found.add(int(path.parent.name))
    return found


def parent_of(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


async def test_a_restore_is_cancelled_within_seconds_and_leaves_nothing(restorer: Restorer, free_name: str) -> None:
    shop = restorer.shop
    await shop.execute(SLOW)
    (backup,) = await shop.take()
    accepted = await restorer.start(backup, {"kind": "logical_database", "name": free_name})
    await loading(shop, accepted)
    mine = {pid for pid in children_named("pg_restore") if parent_of(pid) == os.getpid()}
    assert mine
    began = time.monotonic()
    await shop.client.post(f"{accepted['job']['links']['self']}:cancel", headers=shop.headers)
    restore, job = await restorer.ended(accepted)
    assert time.monotonic() - began < 30
    assert (job["state"], restore["state"]) == ("cancelled", "cancelled")
    assert not mine & children_named("pg_restore")
    assert free_name not in await restorer.databases()
    await restorer.no_traces(accepted)

    retried = await shop.post(f"/v1/jobs/{job['id']}:retry")
    assert retried.status_code == 202, retried.text
    job = await shop.ended(retried.json())
    assert job["state"] == "succeeded", job["error"]
    restore = await restorer.get(accepted)
    assert (restore["state"], restore["job_id"], restore["error"]) == ("restored", job["id"], None)


async def test_neither_arguments_nor_environment_of_the_child_hold_a_secret(restorer: Restorer, free_name: str) -> None:
    shop = restorer.shop
    await shop.execute(SLOW)
    (backup,) = await shop.take()
    accepted = await restorer.start(backup, {"kind": "logical_database", "name": free_name})
    await loading(shop, accepted)
    password = shop.target.password.get_secret_value().encode()
    for pid in children_named("pg_restore"):
        seen = Path(f"/proc/{pid}/cmdline").read_bytes() + Path(f"/proc/{pid}/environ").read_bytes()
        assert password not in seen
    await shop.client.post(f"{accepted['job']['links']['self']}:cancel", headers=shop.headers)
    await restorer.ended(accepted)


async def test_the_same_request_again_is_answered_as_before_and_restores_once(
    restorer: Restorer, backup: dict[str, Any], free_name: str
) -> None:
    shop = restorer.shop
    wish = {"backup_id": backup["id"], "target": {"kind": "logical_database", "name": free_name}}
    headers = shop.headers | {"Idempotency-Key": uuid4().hex}
    first = await shop.client.post("/v1/restores", json=wish, headers=headers)
    assert first.status_code == 202
    await restorer.ended(first.json())
    again = await shop.client.post("/v1/restores", json=wish, headers=headers)
    assert (again.status_code, again.json()) == (202, first.json())
    assert again.headers["Location"] == f"/v1/jobs/{first.json()['job']['id']}"


async def test_a_restore_whose_worker_is_killed_is_finished_by_the_next(
    shop: Shop, settings: Settings, free_name: str, tmp_path: Path
) -> None:
    restorer = Restorer(shop)
    await shop.execute(SLOW)
    await know_version(shop, 15)
    async with working(shop.runtime):
        (backup,) = await shop.take()
    dying = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        "from app.cli import main; main()",
        "worker",
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(Path(__file__).parents[2]),
            "PGM_DATABASE_URL": settings.database_url.get_secret_value(),
            "PGM_SECRET_KEYS": settings.secret_keys.get_secret_value(),
            "PGM_API_KEY_PEPPER": settings.api_key_pepper.get_secret_value(),
            "PGM_DATA_DIR": str(settings.data_dir),
            "PGM_AUTO_MIGRATE": "false",
            "PGM_STORAGE__ALLOW_PRIVATE_ENDPOINTS": "true",
            "PGM_STORAGE__ALLOW_INSECURE_ENDPOINTS": "true",
        },
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        accepted = await restorer.start(backup, {"kind": "logical_database", "name": free_name})
        await loading(shop, accepted)
    finally:
        dying.send_signal(signal.SIGKILL)
        await dying.wait()
    async with shop.runtime.sessions() as session, session.begin():
        await run_sql(
            session, text("UPDATE job SET lease_ends = now() - interval '1 second' WHERE lease_ends IS NOT NULL")
        )
    async with working(shop.runtime, reap_seconds=0.2, poll_seconds=0.5):
        restore, job = await restorer.ended(accepted)
    assert (job["state"], restore["state"]) == ("succeeded", "restored"), job["error"]
    await restorer.no_traces(accepted)


async def test_a_restore_that_no_worker_ever_took_is_cancelled_at_once(shop: Shop, free_name: str) -> None:
    await know_version(shop, 15)
    async with working(shop.runtime):
        (backup,) = await shop.take()
    restorer = Restorer(shop)
    accepted = await restorer.start(backup, {"kind": "logical_database", "name": free_name})
    assert accepted["restore"]["state"] == "pending"
    answer = await shop.client.post(f"{accepted['job']['links']['self']}:cancel", headers=shop.headers)
    assert answer.json()["state"] == "cancelled"
    assert (await restorer.get(accepted))["state"] == "cancelled"


@pytest.mark.parametrize("moment", ["closed", "swapped"])
async def test_a_worker_that_dies_between_the_statements_of_a_replacement_is_continued(
    restorer: Restorer, backup: dict[str, Any], moment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The step ends as a dead process would: at once, with no clean-up, and runs again."""
    died: list[str] = []
    original = swapping._end_sessions if moment == "closed" else swapping._rename

    async def dying(session: Any, *arguments: Any) -> None:
        if moment == "swapped":
            await original(session, *arguments)
        if died:
            if moment == "closed":
                await original(session, *arguments)
            return
        died.append(moment)
        monkeypatch.setattr(swapping, "_reopened", _nothing)
        raise OSError("as if killed")

    async def _nothing(*_: object) -> None:
        return

    monkeypatch.setattr(swapping, original.__name__, dying)
    restore = await restorer.restored(backup, {"kind": "in_place"}, safety_backup=False)
    assert died == [moment]
    assert restore["state"] == "restored"
    name = restorer.shop.target.database
    assert await restorer.value(name, "SELECT count(*) FROM sales.orders") == 2000
    await restorer.settled(restore, "confirm")


async def test_a_replacement_that_is_cancelled_at_its_last_moment_is_taken_back(
    restorer: Restorer, backup: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = restorer.shop
    await shop.execute("INSERT INTO sales.customers (name) VALUES ('not in the backup')")
    original = placing.put_in_place

    async def cancelled(plan: Any, run: Any) -> Any:
        placed = await original(plan, run)
        await shop.client.post(f"{accepted['job']['links']['self']}:cancel", headers=shop.headers)
        return placed

    monkeypatch.setattr(steps, "put_in_place", cancelled)
    accepted = await restorer.start(backup, {"kind": "in_place"}, safety_backup=False)
    restore, job = await restorer.ended(accepted)
    assert (job["state"], restore["state"]) == ("cancelled", "cancelled")
    assert await restorer.value(shop.target.database, "SELECT count(*) FROM sales.customers") == 501
    await restorer.no_traces(accepted)
    assert not [name for name in await restorer.databases() if name.startswith(f"{shop.target.database}_")]
    async with shop.runtime.sessions() as session:
        row = await session.get_one(Restore, decode_id("rst", restore["id"]))
    assert row.placed is None


async def test_a_new_logical_database_that_is_cancelled_once_it_has_its_name_is_dropped(
    restorer: Restorer, backup: dict[str, Any], free_name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = restorer.shop
    original = swapping.take_name
    named: list[bool] = []

    async def cancelled(session: Any, **arguments: Any) -> None:
        await original(session, **arguments)
        named.append(free_name in await restorer.databases())
        await shop.client.post(f"{accepted['job']['links']['self']}:cancel", headers=shop.headers)

    monkeypatch.setattr(steps, "take_name", cancelled)
    accepted = await restorer.start(backup, {"kind": "logical_database", "name": free_name})
    restore, job = await restorer.ended(accepted)
    assert (job["state"], restore["state"], named) == ("cancelled", "cancelled", [True])
    assert free_name not in await restorer.databases()
    await restorer.no_traces(accepted)
