"""Settings, timeouts, extensions and logical databases, whose columns and functions differ most between majors."""

from typing import Any

from app.parameters.planning import not_in_force
from app.postgres.cluster import Cluster
from app.postgres.connect import Target
from app.postgres.parameter_writing import Scope, seen_anew
from tests.roles.conftest import Call
from tests.sessions import connect

# The first major that has the setting.
SINCE = {"idle_session_timeout": 14, "transaction_timeout": 17}


async def test_settings_are_set_undone_and_as_the_server_has_them(call: Call, cluster: Cluster, major: int) -> None:
    tag = (await call("GET", "/settings/work_mem")).headers["etag"]
    wish: dict[str, Any] = {"values": {"work_mem": "16MB", "jit": False}}
    done = (await call("PATCH", "/settings", wish, if_match=tag)).json()
    assert {one["name"]: one["shown"] for one in done["settings"]} == {"work_mem": "16MB", "jit": "off"}
    assert not_in_force(await seen_anew(cluster.target), {"work_mem": "16MB", "jit": "off"}, Scope()) == {}
    undone = (await call("POST", f"/settings/changes/{done['change']['id']}:undo")).json()
    assert undone["change"]["undoes_id"] == done["change"]["id"]
    restart = {"values": {"shared_buffers": "32MB"}}
    tag = (await call("GET", "/settings/work_mem")).headers["etag"]
    assert (await call("PATCH", "/settings", restart, if_match=tag, expect=409)).json()["code"] == "RESTART_REQUIRED"
    for name, since in SINCE.items():
        await call("GET", f"/settings/{name}", expect=200 if major >= since else 404)


async def test_timeouts_are_those_that_the_server_knows(call: Call, target: Target, major: int) -> None:
    known = {f"{name}_seconds": 60 for name, since in SINCE.items() if major >= since}
    mine = {"role": target.user, "statement_timeout_seconds": 30, "lock_timeout_seconds": 2.5, **known}
    await call("PUT", "/timeouts", mine)
    async with connect(target, application_name="test") as session:
        kept = await session.fetchval(
            "SELECT setconfig FROM pg_db_role_setting WHERE setrole = $1::regrole", target.user
        )
    assert {one.split("=")[0] for one in kept} == {name.removesuffix("_seconds") for name in mine if name != "role"}
    unknown = [name for name, since in SINCE.items() if major < since]
    for name in unknown:
        refused = await call("PUT", "/timeouts", {f"{name}_seconds": 60}, expect=422)
        assert refused.json()["code"] == "SETTING_UNKNOWN"


async def test_extensions_come_and_go(call: Call, target: Target) -> None:
    listed = (await call("GET", "/extensions?limit=200")).json()["data"]
    found = {one["name"]: one for one in listed}
    assert (found["pg_stat_statements"]["preloaded"], found["earthdistance"]["requires"]) == (True, ["cube"])
    assert (await call("PUT", "/extensions/citext", {"version": "1.4"}, expect=201)).json()["schema"] == "public"
    assert (await call("POST", "/extensions/citext:update")).json()["installed_version"] != "1.4"
    async with connect(target, application_name="test") as session:
        await session.execute("CREATE TABLE customer (mail citext)")
    refused = (await call("DELETE", "/extensions/citext", expect=409)).json()
    assert refused["dependents"] == ["column mail of table public.customer"]
    assert (await call("DELETE", "/extensions/citext?cascade=true")).json()["dropped"] == refused["dependents"]


async def test_a_logical_database_is_made_altered_and_dropped(call: Call, target: Target) -> None:
    name = f"{target.database}_more"
    wish = {"owner": target.user, "encoding": "UTF8", "locale": "C", "connection_limit": 7, "comment": "it's a shop"}
    made = (await call("PUT", f"/logical-databases/{name}", wish, expect=201)).json()
    assert (made["owner"], made["collation"], made["connection_limit"]) == (target.user, "C", 7)
    altered = (await call("PUT", f"/logical-databases/{name}", {"owner": target.user})).json()
    assert (altered["connection_limit"], altered["comment"]) == (None, None)
    assert name in {one["name"] for one in (await call("GET", "/logical-databases")).json()["data"]}
    await call("DELETE", f"/logical-databases/{name}?confirm={name}", expect=204)
