from typing import Any

from tests.restores.conftest import ROWS, Restorer


async def test_a_backup_is_restored_under_a_new_name_and_every_count_is_compared(
    restorer: Restorer, backup: dict[str, Any], free_name: str
) -> None:
    restore = await restorer.restored(backup, {"kind": "logical_database", "name": free_name})
    report = restore["report"]
    assert restore["state"] == "restored"
    assert restore["equal"] is True
    assert report["rows"] == ROWS
    assert {(one["schema"], one["name"], one["expected"], one["found"]) for one in report["tables"]} == {
        ("sales", "customers", 500, 500),
        ("sales", "orders", 2000, 2000),
        ("sales", 'Ünruly " name; %s\n', 3, 3),
        ("sales", "empty", 0, 0),
        ("sales", "events_old", 365, 365),
        ("sales", "events_new", 335, 335),
    }
    assert report["large_objects"] == {"expected": 2, "found": 2, "equal": True}
    assert {one["name"]: one["found"] for one in report["sequences"]} == {"customers_id_seq": 500, "orders_id_seq": 2000}
    assert report["not_compared"] == ["sales.totals"]
    assert await restorer.value(free_name, "SELECT sum(count) FROM sales.totals") == 2000
    assert await restorer.value(free_name, "SELECT count(*) FROM pg_stats WHERE schemaname = 'sales'") > 0
    assert await restorer.value(free_name, "SELECT datconnlimit FROM pg_database WHERE datname = $1", free_name) == -1
