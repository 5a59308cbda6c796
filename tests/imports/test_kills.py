"""Workers that lose their jobs in the middle: the next one begins anew, and nothing of the first is left."""

import asyncio
import secrets
from typing import Any

import pytest

from app.errors import Unavailable
from app.imports import restoring
from app.runtime import Runtime
from tests.backups.conftest import Shop
from tests.imports.conftest import Dumps, Files, Importer, working
from tests.restores.conftest import know_version


async def test_another_worker_restores_what_one_has_left_half_way(
    shop: Shop, files: Files, runtime: Runtime, free_name: str
) -> None:
    await know_version(shop, 15)
    importer, word = Importer(shop, files), f"go_{secrets.token_hex(4)}"
    waiting = f"""DO $$ BEGIN
        WHILE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{word}') LOOP PERFORM pg_sleep(0.05); END LOOP;
    END $$;"""
    async with working(runtime):
        found = await importer.fetched(f"CREATE TABLE t (a int);\n{waiting}\nINSERT INTO t VALUES (1);\n".encode())
        accepted = await importer.restore(found, free_name)
        async with asyncio.timeout(60):
            while await shop.sessions_of(accepted["job"]) < 2:
                await asyncio.sleep(0.02)
    await shop.execute(f"CREATE ROLE {word}")
    try:
        async with working(runtime):
            job = await shop.ended(accepted["job"])
    finally:
        await shop.execute(f"DROP ROLE {word}")
    assert job["state"] == "succeeded", job["error"]
    assert (job["result"]["tables"], job["result"]["rows"]) == (1, 1)
    query = (
        "SELECT (SELECT count(*) FROM pg_roles WHERE starts_with(rolname, 'pgm_rst_'))"
        " + (SELECT count(*) FROM pg_database WHERE starts_with(datname, 'pgm_rst_'))"
    )
    assert await importer.value(free_name, query) == 0


@pytest.mark.parametrize("last", ["hand_over", "take_name"])
async def test_a_last_step_that_is_cut_off_anywhere_goes_on_from_there(
    importer: Importer, free_name: str, monkeypatch: pytest.MonkeyPatch, last: str
) -> None:
    done = getattr(restoring, last)
    cut: list[str] = []

    async def cut_off(*arguments: Any, **options: Any) -> Any:
        result = await done(*arguments, **options)
        if not cut:
            cut.append(last)
            raise Unavailable("as if the worker died")
        return result

    monkeypatch.setattr(restoring, last, cut_off)
    monkeypatch.setattr("app.jobs.execution.RETRY_BASE_SECONDS", 0.05)
    result = await importer.restored(b"CREATE TABLE t (a int);\nINSERT INTO t VALUES (1);\n", free_name)
    assert (cut, result["rows"]) == ([last], 1)
    query = "SELECT count(*) FROM pg_roles WHERE starts_with(rolname, 'pgm_rst_')"
    assert await importer.value(free_name, query) == 0


async def test_another_worker_fetches_what_one_has_left_half_way(
    shop: Shop, files: Files, runtime: Runtime, dumps: Dumps
) -> None:
    importer = Importer(shop, files)
    files.content, files.cut_at, files.holds = dumps.archive, 3000, True
    async with working(runtime):
        accepted = await importer.start(files.source())
        async with asyncio.timeout(30):
            while not await shop.open_uploads():
                await asyncio.sleep(0.02)
    files.cut_at, files.holds = None, False
    async with working(runtime):
        found, job = await importer.ended(accepted)
    assert job["state"] == "succeeded", job["error"]
    assert await shop.open_uploads() == []
    keys = await shop.keys()
    assert sorted(key.rpartition("/")[2] for key in keys) == ["archive-0001.dump.age", "manifest.json"]
    assert (await shop.get(f"/v1/backups/{found['backup_id']}"))["state"] == "available"
