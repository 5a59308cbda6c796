from dataclasses import replace
from typing import Any

from app.auth.scopes import Scope
from app.kit.ids import encode_id, new_id
from app.storage.s3 import S3Location
from tests.backups.conftest import make_location
from tests.control import KeyFactory, bearer
from tests.restores.conftest import BOTH_WAYS, ROWS, Restorer, drop


@BOTH_WAYS
async def test_a_backup_is_restored_under_a_new_name_and_every_count_is_compared(
    restorer: Restorer, backup: dict[str, Any], free_name: str
) -> None:
    restore = await restorer.restored(backup, {"kind": "logical_database", "name": free_name})
    report = restore["report"]
    assert restore["state"] == "restored"
    assert restore["equal"] is True
    assert report["rows"] == ROWS
    assert report["size_bytes"] > 7_000_000
    assert {(one["schema"], one["name"], one["expected"], one["found"]) for one in report["tables"]} == {
        ("sales", "customers", 500, 500),
        ("sales", "orders", 2000, 2000),
        ("sales", 'Ünruly " name; %s\n', 3, 3),
        ("sales", "empty", 0, 0),
        ("sales", "events_old", 365, 365),
        ("sales", "events_new", 335, 335),
    }
    assert report["large_objects"] == {"expected": 2, "found": 2, "equal": True}
    assert {one["name"]: one["found"] for one in report["sequences"]} == {
        "customers_id_seq": 500,
        "orders_id_seq": 2000,
    }
    assert report["not_compared"] == ["sales.totals"]
    assert await restorer.value(free_name, "SELECT sum(count) FROM sales.totals") == 2000
    assert await restorer.value(free_name, "SELECT count(*) FROM pg_stats WHERE schemaname = 'sales'") > 0
    assert await restorer.value(free_name, "SELECT datconnlimit FROM pg_database WHERE datname = $1", free_name) == -1


@BOTH_WAYS
async def test_a_schema_is_restored_without_rows(restorer: Restorer, backup: dict[str, Any], free_name: str) -> None:
    restore = await restorer.restored(backup, {"kind": "logical_database", "name": free_name}, parts="schema")
    assert restore["equal"] is True
    assert {one["expected"] for one in restore["report"]["tables"]} == {None}
    assert len(restore["report"]["tables"]) == 6
    assert await restorer.value(free_name, "SELECT count(*) FROM sales.orders") == 0


@BOTH_WAYS
async def test_a_backup_of_named_tables_is_restored_with_their_schema(restorer: Restorer, free_name: str) -> None:
    (backup,) = await restorer.shop.take(tables=[{"schema": "sales", "name": "events"}])
    restore = await restorer.restored(backup, {"kind": "logical_database", "name": free_name})
    assert [(one["name"], one["found"]) for one in restore["report"]["tables"]] == [
        ("events_new", 335),
        ("events_old", 365),
    ]


@BOTH_WAYS
async def test_a_backup_that_is_not_encrypted_and_one_of_an_empty_database(restorer: Restorer, free_name: str) -> None:
    await restorer.shop.execute("DROP SCHEMA sales CASCADE; SELECT lo_unlink(oid) FROM pg_largeobject_metadata")
    (backup,) = await restorer.shop.take(encryption="none")
    restore = await restorer.restored(backup, {"kind": "logical_database", "name": free_name})
    report = restore["report"]
    assert (report["equal"], report["tables"], report["rows"]) == (True, [], 0)


@BOTH_WAYS
async def test_another_copy_is_read_when_the_first_is_damaged(
    restorer: Restorer, free_name: str, s3_location: S3Location
) -> None:
    shop = restorer.shop
    second = await make_location(
        shop.client, shop.headers, shop.runtime, shop.project_id, replace(s3_location, prefix="second"), "second"
    )
    backup = await shop.take_and_copy(location_ids=[encode_id("loc", shop.location.id), encode_id("loc", second.id)])
    store, key = await shop.store(), (await shop.manifest(backup)).archive_object.key
    await store.put(key, (await store.get(key))[:-1])
    restore, job = await restorer.ended(await restorer.start(backup, {"kind": "logical_database", "name": free_name}))
    assert (job["state"], restore["equal"]) == ("succeeded", True)
    assert "The copy in the location copies was passed over" in job["warnings"][0]


async def test_the_same_restore_can_be_asked_of_the_backup_itself(
    restorer: Restorer, backup: dict[str, Any], free_name: str
) -> None:
    target = {"kind": "logical_database", "name": free_name}
    answer = await restorer.shop.post(f"/v1/backups/{backup['id']}:restore", target=target)
    assert answer.status_code == 202, answer.text
    accepted = answer.json()
    assert answer.headers["Location"] == accepted["job"]["links"]["self"]
    assert (accepted["restore"]["backup_id"], accepted["restore"]["state"]) == (backup["id"], "pending")
    restore, job = await restorer.ended(accepted)
    assert job["subject_id"] == restore["id"]
    assert [step["name"] for step in job["progress"]["steps"]] == [
        "provision",
        "plan",
        "load",
        "analyze",
        "compare",
        "place",
    ]
    assert job["result"]["logical_database"] == free_name
    trail = await restorer.shop.get(f"/v1/audit-events?target_id={restore['id']}")
    assert [event["action"] for event in trail["data"]] == ["create_restore"]


async def test_restores_are_listed_newest_first_and_told_apart_by_filters(
    restorer: Restorer, backup: dict[str, Any], free_name: str
) -> None:
    shop = restorer.shop
    first = await restorer.restored(backup, {"kind": "logical_database", "name": free_name})
    name = shop.target.database
    assert (await restorer.refused(backup, {"kind": "logical_database", "name": name}))["code"] == "NAME_TAKEN"
    second = await restorer.restored(backup, {"kind": "logical_database", "name": f"{name}_2"})
    await drop(shop.target.with_database("postgres"), f"{name}_2")
    listed = (await shop.get("/v1/restores"))["data"]
    assert [one["id"] for one in listed] == [second["id"], first["id"]]
    assert "report" not in listed[0]
    for query in (f"backup_id={backup['id']}", f"database_id={backup['database_id']}", "state=restored"):
        assert len((await shop.get(f"/v1/restores?{query}"))["data"]) == 2
    for query in ("state=failed", f"database_id={encode_id('db', new_id())}"):
        assert (await shop.get(f"/v1/restores?{query}"))["data"] == []
    page = await shop.get("/v1/restores?limit=1")
    assert (len(page["data"]), page["has_more"]) == (1, True)
    rest = await shop.get(f"/v1/restores?limit=1&cursor={page['next_cursor']}")
    assert [one["id"] for one in rest["data"]] == [first["id"]]


async def test_a_restore_has_an_entity_tag_and_is_hidden_from_other_projects(
    restorer: Restorer, backup: dict[str, Any], free_name: str, key_factory: KeyFactory
) -> None:
    shop = restorer.shop
    restore = await restorer.restored(backup, {"kind": "logical_database", "name": free_name})
    path = f"/v1/restores/{restore['id']}"
    answer = await shop.client.get(path, headers=shop.headers)
    known = await shop.client.get(path, headers=shop.headers | {"If-None-Match": answer.headers["ETag"]})
    assert (known.status_code, known.content) == (304, b"")
    stranger = bearer(await key_factory(Scope.BACKUPS_READ, projects=[new_id()]))
    assert (await shop.client.get(path, headers=stranger)).status_code == 404
    assert (await shop.client.get("/v1/restores", headers=stranger)).json()["data"] == []
