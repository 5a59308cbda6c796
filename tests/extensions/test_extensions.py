import pytest

from app.extensions import router as extensions_router
from app.postgres.connect import Session
from tests.parameters.conftest import Call


async def test_extensions_are_listed_with_what_they_need(call: Call) -> None:
    page = (await call("GET", "/extensions?limit=200")).json()
    found = {entry["name"]: entry for entry in page["data"]}
    assert (found["plpgsql"]["installed_version"], found["plpgsql"]["schema"]) == ("1.0", "pg_catalog")
    statements = found["pg_stat_statements"]
    assert (statements["installed_version"], statements["preload_library"]) == (None, "pg_stat_statements")
    assert (statements["preloaded"], statements["trusted"]) == (True, False)
    assert found["citext"]["trusted"]
    assert found["earthdistance"]["requires"] == ["cube"]
    assert "1.4" in found["citext"]["versions"]
    first = (await call("GET", "/extensions?limit=2")).json()
    rest = (await call("GET", f"/extensions?limit=200&cursor={first['next_cursor']}")).json()
    assert [entry["name"] for entry in first["data"] + rest["data"]] == sorted(found)
    assert [entry["name"] for entry in (await call("GET", "/extensions?installed=true")).json()["data"]] == ["plpgsql"]


async def test_an_extension_is_created_updated_moved_and_dropped(call: Call, server: Session) -> None:
    await server.execute("CREATE SCHEMA tools")
    made = await call("PUT", "/extensions/citext", {"version": "1.4"}, expect=201)
    assert (made.json()["installed_version"], made.json()["schema"]) == ("1.4", "public")
    same = await call("PUT", "/extensions/citext", {"schema": "tools"})
    assert (same.json()["installed_version"], same.json()["schema"]) == ("1.4", "tools")
    tried = await call("POST", "/extensions/citext:update?dry_run=true")
    assert tried.json()["installed_version"] == "1.4"
    newest = (await call("POST", "/extensions/citext:update")).json()
    assert newest["installed_version"] == newest["newest_version"] != "1.4"
    assert (await call("DELETE", "/extensions/citext")).json() == {"name": "citext", "dropped": []}
    assert (await call("DELETE", "/extensions/citext", expect=404)).json()["code"] == "NOT_FOUND"
    events = (await call("GET", "/events")).json()["data"]
    assert {event["type"] for event in events} == {"extensions.changed"}
    await server.execute("DROP SCHEMA tools")


async def test_what_needs_an_extension_is_named_before_it_goes(call: Call, server: Session) -> None:
    await call("PUT", "/extensions/citext", expect=201)
    await server.execute("CREATE TABLE customer (mail citext, tags citext[])")
    refused = (await call("DELETE", "/extensions/citext", expect=409)).json()
    assert refused["code"] == "EXTENSION_IN_USE"
    assert refused["dependents"] == ["column mail of table public.customer", "column tags of table public.customer"]
    tried = (await call("DELETE", "/extensions/citext?cascade=true&dry_run=true")).json()
    assert tried["dropped"] == refused["dependents"]
    assert await server.fetchval("SELECT count(*) FROM pg_extension WHERE extname = 'citext'") == 1
    await call("DELETE", "/extensions/citext?cascade=true")
    columns = (
        "SELECT count(*) FROM pg_attribute WHERE attrelid = 'customer'::regclass AND attnum > 0 AND NOT attisdropped"
    )
    assert await server.fetchval(columns) == 0
    await server.execute("DROP TABLE customer")


async def test_what_one_extension_requires_comes_with_it_when_that_is_wished(call: Call) -> None:
    refused = (await call("PUT", "/extensions/earthdistance", expect=422)).json()
    assert (refused["code"], "cube" in refused["detail"]) == ("SQL_ERROR", True)
    await call("PUT", "/extensions/earthdistance", {"cascade": True}, expect=201)
    found = {entry["name"]: entry for entry in (await call("GET", "/extensions?installed=true")).json()["data"]}
    assert found["cube"]["required_by"] == ["earthdistance"]
    await call("DELETE", "/extensions/earthdistance")
    await call("DELETE", "/extensions/cube")


async def test_a_library_that_has_to_be_loaded_first_is_named_with_the_change_that_does_it(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await call("PUT", "/extensions/pg_stat_statements", expect=201)
    assert made.json()["preloaded"]
    await call("DELETE", "/extensions/pg_stat_statements")
    monkeypatch.setattr(extensions_router, "PRELOADED", {"citext": "citext"})
    refused = (await call("PUT", "/extensions/citext", expect=409)).json()
    assert refused["code"] == "PRELOAD_REQUIRED"
    way_out = refused["remedy"]
    assert way_out["path"].endswith("/settings")
    values = way_out["body"]["values"]
    assert values == {"shared_preload_libraries": "pg_stat_statements, citext"}
    tag = (await call("GET", "/settings")).headers["etag"]
    needed = await call("PATCH", "/settings", {"values": values}, if_match=tag, expect=409)
    assert needed.json()["code"] == "RESTART_REQUIRED"


async def test_an_extension_or_a_version_that_the_server_lacks_is_refused(call: Call) -> None:
    absent = (await call("PUT", "/extensions/citxt", expect=409)).json()
    assert (absent["code"], "citext" in absent["detail"]) == ("EXTENSION_UNAVAILABLE", True)
    version = (await call("PUT", "/extensions/citext", {"version": "9.9"}, expect=422)).json()
    assert version["code"] == "EXTENSION_VERSION_UNKNOWN"
    assert "1.4" in version["versions"]
    nowhere = (await call("PUT", "/extensions/citext?logical_database=nowhere", expect=422)).json()
    assert nowhere["code"] == "DATABASE_ABSENT"
    assert (await call("PUT", "/extensions/citext?dry_run=true", expect=201)).json()["installed_version"] is None
    assert [entry["name"] for entry in (await call("GET", "/extensions?installed=true")).json()["data"]] == ["plpgsql"]
