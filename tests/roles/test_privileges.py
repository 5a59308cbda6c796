"""What is said of effective privileges, and of the difference to what was wished; and its repair."""

from typing import Any

from tests.roles.conftest import Call, Shop, at


def found(points: list[dict[str, Any]]) -> set[tuple[str, str, str | None, int]]:
    return {(point["kind"], point["what"], point["schema"], point["count"]) for point in points}


async def test_privileges_are_counted_by_schema_with_what_is_inherited(shop: Shop, call: Call) -> None:
    group, name = shop.name("readers"), shop.name("app")
    await call("PUT", at(group), {"login": False, "preset": "read", "schemas": ["shop"]}, expect=201)
    await call("PUT", at(name), {"member_of": [group], "settings": {"lock_timeout": "5s"}}, expect=201)
    await shop.execute(
        f"CREATE TABLE shop.half (id integer, name text); GRANT UPDATE (name) ON shop.half TO {name};"
        f"CREATE FUNCTION shop.add(a integer, b integer) RETURNS integer LANGUAGE sql AS 'SELECT a + b'"
    )
    view = (await call("GET", f"{at(name)}/privileges?schema=shop")).json()
    schemas = {schema["name"]: schema for schema in view["schemas"]}
    shown = schemas["shop"]
    assert (shown["owner"], shown["privileges"], shown["columns"]) == (shop.owner, ["USAGE"], 1)
    assert (shown["tables"]["total"], shown["tables"]["having"]["SELECT"], shown["tables"]["having"]["INSERT"]) == (
        3,
        3,
        0,
    )
    assert (shown["sequences"]["total"], shown["functions"]["having"]) == (1, {"EXECUTE": 1})
    assert schemas["other"]["tables"]["having"]["SELECT"] == 0
    assert view["memberships"] == [{"role": group, "is_inherited": True, "is_direct": True}]
    assert {one["to"] for one in view["future"]} == {group}
    objects = {one["name"]: one for one in view["objects"]}
    assert objects["item"] == {"kind": "tables", "name": "item", "owner": shop.owner, "privileges": ["SELECT"]}
    assert objects["add(a integer, b integer)"]["privileges"] == ["EXECUTE"]
    rest = (await call("GET", f"{at(name)}/privileges?schema=shop&after=item")).json()["objects"]
    assert [one["name"] for one in rest] == ["item_id_seq", "names"]
    assert (view["drift"]["is_judged"], view["drift"]["missing"], view["drift"]["extra"]) == (True, [], [])
    held = {one["logical_database"]: one for one in view["holdings"]}
    assert held[shop.target.database]["owned"] == 0
    await call("GET", f"{at(name)}/privileges?logical_database=nowhere", expect=422)


async def test_drift_is_found_and_repaired(shop: Shop, call: Call) -> None:
    name = shop.name("app")
    wish = {"preset": "read", "schemas": ["shop"], "settings": {"lock_timeout": "5s"}, "owners": [shop.owner]}
    await call("PUT", at(name), wish, expect=201)
    await shop.execute(
        f"REVOKE SELECT ON shop.item FROM {name}; GRANT INSERT ON shop.item TO {name};"
        f"GRANT SELECT ON other.secret TO {name}; GRANT UPDATE (name) ON shop.item TO {name};"
        f"ALTER ROLE {name} CREATEDB BYPASSRLS; ALTER ROLE {name} RESET lock_timeout;"
        f"ALTER DEFAULT PRIVILEGES FOR ROLE {shop.owner} IN SCHEMA shop REVOKE SELECT ON TABLES FROM {name}"
    )
    drift = (await call("GET", f"{at(name)}/privileges")).json()["drift"]
    assert found(drift["missing"]) == {
        ("tables", "SELECT", "shop", 1),
        ("future_tables", "SELECT", "shop", 1),
        ("setting", "lock_timeout=5s", None, 1),
    }
    assert found(drift["extra"]) == {
        ("tables", "INSERT", "shop", 1),
        ("tables", "SELECT", "other", 1),
        ("columns", "UPDATE", "shop", 1),
        ("attribute", "CREATEDB", None, 1),
        ("attribute", "BYPASSRLS", None, 1),
    }
    tried = (await call("POST", f"{at(name)}:repair?dry_run=true")).json()
    assert found(tried["missing"]) == found(drift["missing"])
    done = (await call("POST", f"{at(name)}:repair")).json()
    assert done["statements"] == tried["statements"]
    drift = (await call("GET", f"{at(name)}/privileges")).json()["drift"]
    assert (drift["missing"], drift["extra"]) == ([], [])
    refused = await call("POST", f"{at(shop.owner)}:repair", expect=409)
    assert refused.json()["code"] == "ROLE_UNMANAGED"
    unjudged = (await call("GET", f"{at(shop.owner)}/privileges")).json()["drift"]
    assert unjudged["is_judged"] is False


async def test_a_role_that_was_dropped_comes_back_with_its_password(shop: Shop, call: Call) -> None:
    name = shop.name("app")
    await call("PUT", at(name), {"preset": "read", "schemas": ["shop"]}, expect=201)
    before = await shop.value("SELECT rolpassword FROM pg_authid WHERE rolname = $1", name)
    await shop.execute(f"DROP OWNED BY {name}; DROP ROLE {name}")
    done = (await call("POST", f"{at(name)}:repair")).json()
    assert (done["is_new"], done["role"]["password"]) == (True, "scram")
    assert await shop.value("SELECT rolpassword FROM pg_authid WHERE rolname = $1", name) not in (None, before)


async def test_new_schemas_are_covered_where_all_are_meant(shop: Shop, call: Call) -> None:
    name = shop.name("app")
    await shop.execute(f"GRANT CREATE ON DATABASE {shop.target.database} TO {shop.owner}")
    await call("PUT", at(name), {"preset": "write", "owners": [shop.owner]}, expect=201)
    await shop.execute(f"SET ROLE {shop.owner}; CREATE SCHEMA late; CREATE TABLE late.one (id integer)")
    view = (await call("GET", f"{at(name)}/privileges")).json()
    late = next(schema for schema in view["schemas"] if schema["name"] == "late")
    assert (late["privileges"], late["tables"]["having"]["INSERT"]) == (["USAGE"], 1)
    assert (view["drift"]["missing"], view["drift"]["extra"]) == ([], [])
