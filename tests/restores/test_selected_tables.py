"""Some tables of a backup: beside those of a database that is in use, or in one of their own."""

from typing import Any

import pytest

from app.kit.ids import decode_id, encode_id
from app.locations.holdings import BackupManifest
from app.restores import tables
from app.restores.transactions import change
from tests.restores.conftest import Restorer
from tests.sessions import connect

ORDERS = [{"schema": "sales", "name": "orders"}]
EVENTS = {"schema": "sales", "name": "events"}
CUSTOMERS = {"schema": "sales", "name": "customers"}


async def forget_digests(restorer: Restorer, backup: dict[str, Any]) -> None:
    """As a backup was that is older than they are."""
    async with restorer.shop.runtime.sessions() as session, session.begin():
        row = await session.get_one(BackupManifest, decode_id("bak", backup["id"]))
        archive = {key: value for key, value in row.manifest["archive"].items() if key != "header_sha256"}
        archive["columns"] = [column for column in archive["columns"] if column != "sha256"]
        archive["data"] = [line[: len(archive["columns"])] for line in archive["data"]]
        row.manifest = row.manifest | {"archive": archive}


async def test_tables_come_back_beside_those_that_are_in_use(restorer: Restorer) -> None:
    shop = restorer.shop
    await shop.execute(
        "ALTER TABLE sales.orders ADD FOREIGN KEY (id) REFERENCES sales.customers NOT VALID;"
        "COMMENT ON TABLE sales.orders IS 'kept'"
    )
    (backup,) = await shop.take(encryption="none")
    await shop.execute("DELETE FROM sales.orders")

    wish = {"kind": "tables", "into_schema": "Rück; 1"}
    restore = await restorer.restored(backup, wish, tables=[*ORDERS, EVENTS])
    report, name = restore["report"], shop.target.database
    assert (restore["state"], restore["equal"], restore["into_schema"]) == ("restored", True, "Rück; 1")
    assert {(one["name"], one["found"]) for one in report["tables"]} == {
        ("orders", 2000),
        ("events_old", 365),
        ("events_new", 335),
    }
    assert (report["method"], report["rows"]) == ("ranges", 2700)
    # Not encrypted, not a byte more is read than that.
    assert 0 < report["bytes_needed"] == report["bytes_read"]
    assert report["bytes_read"] < (await shop.manifest(backup)).archive_object.size_bytes
    selection = report["selection"]
    assert {(one["kind"], one["name"]) for one in selection["needed"]} == {("SCHEMA", "sales")}
    left_out = {one["name"]: [need["name"] for need in one["needs"]] for one in selection["left_out"]}
    assert left_out == {"orders orders_customer_fkey": ["customers"], "orders orders_id_fkey": ["customers"]}
    assert [one["name"] for one in selection["sequences"]] == ["orders_id_seq"]

    async with shop.session(name) as session:
        assert await session.fetchval("SELECT count(*) FROM sales.orders") == 0
        await session.execute("SELECT set_config('search_path', quote_ident('Rück; 1'), false)")
        assert await session.fetchval("SELECT count(*) FROM orders") == 2000
        assert await session.fetchval("INSERT INTO orders (customer) VALUES (7) RETURNING id") == 2001
        assert await session.fetchval("SELECT count(*) FROM events") == 700
        assert await session.fetchval("SELECT obj_description('orders'::regclass)") == "kept"
        indexes = "SELECT array_agg(indexname::text ORDER BY indexname) FROM pg_indexes WHERE schemaname = 'Rück; 1'"
        assert await session.fetchval(indexes) == ["orders_customer", "orders_pkey"]
    await restorer.no_traces({"restore": restore, "job": {"id": restore["job_id"]}})

    problem = await restorer.refused(backup, wish, tables=ORDERS)
    assert (problem["status"], problem["code"]) == (409, "NAME_TAKEN")
    unknown = await restorer.refused(backup, {"kind": "tables"}, tables=[{"schema": "sales", "name": "totals"}])
    assert (unknown["status"], unknown["code"]) == (422, "TABLE_UNKNOWN")


async def test_tables_in_a_database_of_their_own_with_what_they_need(restorer: Restorer, free_name: str) -> None:
    (backup,) = await restorer.shop.take(encryption="none")
    await forget_digests(restorer, backup)
    wish = {"kind": "logical_database", "name": free_name}
    restore = await restorer.restored(backup, wish, tables=[*ORDERS, CUSTOMERS], owner_mode="strip")
    report = restore["report"]
    # Of an older backup nothing tells of a part alone whether it is right.
    assert (report["method"], report["readers"]) == ("stream", 1)
    assert {(one["name"], one["found"]) for one in report["tables"]} == {("orders", 2000), ("customers", 500)}
    assert report["selection"]["left_out"] == []
    assert [one["kind"] for one in report["selection"]["needed"]] == ["SCHEMA", "TYPE"]
    relations = (
        "SELECT count(*) FROM pg_class WHERE relnamespace = 'sales'::regnamespace AND relkind IN ('r', 'm', 'p')"
    )
    assert await restorer.value(free_name, relations) == 2
    assert await restorer.value(free_name, "SELECT count(*) FROM pg_constraint WHERE contype = 'f'") == 1
    assert await restorer.value(free_name, "SELECT count(*) FROM pg_largeobject_metadata") == 0


async def test_definitions_of_tables_and_a_table_that_needs_a_type(restorer: Restorer, backup: dict[str, Any]) -> None:
    restore = await restorer.restored(backup, {"kind": "tables"}, tables=[CUSTOMERS], parts="schema")
    schema = restore["into_schema"]
    assert schema.startswith("restored_")
    assert await restorer.value(restorer.shop.target.database, f"SELECT count(*) FROM {schema}.customers") == 0
    async with restorer.shop.session() as session:
        mood = await session.fetchval(f"INSERT INTO {schema}.customers (name) VALUES ('x') RETURNING mood::text")
        types = await session.fetch("SELECT typnamespace::regnamespace::text FROM pg_type WHERE typname = 'mood'")
    assert mood == "fine"
    assert {row[0] for row in types} == {"sales", schema}


async def test_a_dry_run_tells_all_of_it_and_changes_nothing(restorer: Restorer, backup: dict[str, Any]) -> None:
    shop = restorer.shop
    wish = {
        "backup_id": backup["id"],
        "target": {"kind": "tables", "into_schema": "sales"},
        "tables": [*ORDERS, EVENTS],
    }
    answer = await shop.client.post(
        "/v1/restores?dry_run=true", json=wish, headers=shop.headers | {"Idempotency-Key": "tried"}
    )
    assert (answer.status_code, answer.headers["dry-run"]) == (202, "true"), answer.text
    plan = answer.json()["plan"]
    assert (plan["possible"], [one["code"] for one in plan["obstacles"]]) == (False, ["NAME_TAKEN"])
    assert {(one["name"], one["rows"]) for one in plan["tables"]} == {
        ("orders", 2000),
        ("events_old", 365),
        ("events_new", 335),
    }
    assert plan["reading"]["method"] == "ranges"
    blocks = sum(one["bytes"] for one in plan["tables"])
    header = (await shop.manifest(backup)).index.header_length
    assert plan["reading"]["bytes_needed"] == blocks + header
    assert [one["name"] for one in plan["selection"]["left_out"]] == ["orders orders_customer_fkey"]
    assert plan["roles"] == [{"name": "postgres", "fate": "present", "to": None}]
    assert plan["needed_bytes"] > 0
    assert plan["archive_client_major"] <= plan["target_major"]
    whole = {"target": {"kind": "logical_database", "name": "another"}}
    path = f"/v1/backups/{backup['id']}:restore?dry_run=true"
    answer = await shop.client.post(path, json=whole, headers=shop.headers | {"Idempotency-Key": "tried"})
    plan = answer.json()["plan"]
    assert (plan["possible"], plan["selection"], len(plan["tables"])) == (True, None, 6)
    assert plan["reading"]["method"] == "stream"
    assert (await shop.get("/v1/restores"))["data"] == []
    assert "another" not in await restorer.databases()


async def test_a_cancel_in_the_moment_of_the_commit_takes_the_tables_away_again(
    restorer: Restorer, backup: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def then_cancelled(runtime: Any, run: Any, *arguments: Any, **options: Any) -> None:
        await change(runtime, run, *arguments, **options)
        answer = await restorer.shop.post(f"/v1/jobs/{encode_id('job', run.id)}:cancel")
        assert answer.status_code in (200, 202), answer.text

    monkeypatch.setattr(tables, "change", then_cancelled)
    restore, job = await restorer.ended(await restorer.start(backup, {"kind": "tables"}, tables=ORDERS))
    assert (job["state"], restore["state"]) == ("cancelled", "cancelled")
    async with connect(restorer.shop.target, application_name="test") as session:
        assert await session.fetchval("SELECT to_regnamespace($1)", restore["into_schema"]) is None
    await restorer.no_traces({"restore": restore, "job": job})
