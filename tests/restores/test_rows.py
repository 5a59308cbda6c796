"""Rows alone, into tables that are there: every one of them or none."""

from typing import Any

import pytest

from app.postgres.errors import ServerUnreachable
from app.postgres.transaction import run_in_one
from app.restores import transactions
from tests.restores.conftest import Restorer
from tests.restores.test_selected_tables import forget_digests

INTO = {"kind": "rows"}
WISH = {"parts": "data", "tables": [{"schema": "sales", "name": name} for name in ("orders", "customers", "events")]}
EMPTY = "TRUNCATE sales.orders, sales.customers, sales.events"


async def counts(restorer: Restorer) -> list[int]:
    async with restorer.shop.session() as session:
        names = ("orders", "customers", "events")
        return [await session.fetchval(f"SELECT count(*) FROM sales.{name}") for name in names]


async def test_rows_go_into_empty_tables_and_sequences_behind_them(restorer: Restorer, backup: dict[str, Any]) -> None:
    filled = await restorer.refused(backup, INTO, **WISH)
    assert (filled["status"], filled["code"]) == (409, "TABLES_NOT_EMPTY")
    assert "sales.customers" in filled["detail"]
    # Referring tables stand before those that they refer to in the archive; and the sequences begin anew.
    await restorer.shop.execute(f"{EMPTY} RESTART IDENTITY")
    restore = await restorer.restored(backup, INTO, **WISH)
    report = restore["report"]
    assert (restore["state"], restore["equal"], restore["on_rows"]) == ("restored", True, "refuse")
    assert (report["method"], report["rows"]) == ("ranges", 3200)
    assert await counts(restorer) == [2000, 500, 700]
    async with restorer.shop.session() as session:
        assert await session.fetchval("INSERT INTO sales.orders (customer) VALUES (1) RETURNING id") == 2001

    only = {"parts": "data", "tables": [{"schema": "sales", "name": "events_old"}]}
    append = INTO | {"on_rows": "append"}
    assert (await restorer.restored(backup, append, **only))["equal"] is True
    assert (await counts(restorer))[2] == 700 + 365

    await restorer.shop.execute("ALTER TABLE sales.customers DROP mood; DROP TABLE sales.empty")
    missing = await restorer.refused(backup, append, **WISH)
    assert (missing["status"], missing["code"], missing["columns"]) == (422, "ROWS_UNFITTING", ["mood"])
    absent = await restorer.refused(backup, append, parts="data")
    assert (absent["code"], "sales.empty" in absent["detail"]) == ("ROWS_UNFITTING", True)
    for parts in ("all", "schema"):
        assert (await restorer.refused(backup, append, parts=parts))["code"] == "RESTORE_IMPOSSIBLE"


async def test_a_backup_of_rows_alone_is_streamed_where_nothing_tells_of_its_parts(restorer: Restorer) -> None:
    shop = restorer.shop
    (backup,) = await shop.take(data_only=True, encryption="none")
    await forget_digests(restorer, backup)
    assert (await restorer.refused(backup, {"kind": "in_place"}))["code"] == "RESTORE_IMPOSSIBLE"
    await shop.execute(f"{EMPTY}; DELETE FROM sales.empty")
    only = [{"schema": "sales", "name": name} for name in ("customers", "events_new")]
    restore = await restorer.restored(backup, INTO, parts="data", tables=only)
    assert (restore["report"]["method"], await counts(restorer)) == ("stream", [0, 500, 335])

    # The last wanted row is read long before the end, where it shows that something is wrong.
    await shop.execute(EMPTY)
    store, key = await shop.store(), (await shop.manifest(backup)).archive_object.key
    stored = bytearray(await store.get(key))
    stored[-20] ^= 1
    await store.put(key, bytes(stored))
    restore, job = await restorer.ended(await restorer.start(backup, INTO, parts="data", tables=only))
    assert (job["state"], job["error"]["code"]) == ("failed", "COPY_DAMAGED")
    assert await counts(restorer) == [0, 0, 0]
    assert (await shop.get(f"/v1/backups/{backup['id']}"))["copies"][0]["state"] == "corrupt"
    alerts = (await shop.get("/v1/alerts"))["data"]
    assert [one["type"] for one in alerts if one["subject_id"] == backup["id"]] == ["backup.copy_corrupt"]


async def test_a_trigger_that_drops_rows_leaves_none_and_says_so(restorer: Restorer, backup: dict[str, Any]) -> None:
    await restorer.shop.execute(
        f"""
        {EMPTY};
        CREATE FUNCTION sales.no() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN IF NEW.id % 2 = 0 THEN RETURN NEW; END IF;
        RETURN NULL; END';
        CREATE TRIGGER no BEFORE INSERT ON sales.customers FOR EACH ROW EXECUTE FUNCTION sales.no()
        """
    )
    only = {"parts": "data", "tables": [{"schema": "sales", "name": "customers"}]}
    restore, job = await restorer.ended(await restorer.start(backup, INTO, **only))
    assert (restore["state"], job["error"]["code"]) == ("failed", "RESTORE_FAILED")
    assert '"sales"."customers" has not 500 more rows' in job["error"]["detail"]
    assert await counts(restorer) == [0, 0, 0]


@pytest.mark.usefixtures("worker")
async def test_a_worker_that_dies_behind_its_commit_loads_nothing_twice(
    restorer: Restorer, backup: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded: list[int] = []

    async def then_died(*arguments: Any, **options: Any) -> None:
        await run_in_one(*arguments, **options)
        loaded.append(1)
        if len(loaded) == 1:
            raise ServerUnreachable("as if nobody had heard of the commit")

    monkeypatch.setattr(transactions, "run_in_one", then_died)
    only = {"parts": "data", "tables": [{"schema": "sales", "name": "events_old"}]}
    restore, job = await restorer.ended(await restorer.start(backup, INTO | {"on_rows": "append"}, **only))
    assert (job["state"], restore["state"], restore["equal"]) == ("succeeded", "restored", True), job["error"]
    assert (await counts(restorer))[2] == 700 + 365
    assert loaded == [1]
