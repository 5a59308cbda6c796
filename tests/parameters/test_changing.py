import asyncio
from typing import Any

from sqlmodel import select

from app.databases.models import Database
from app.kit.ids import encode_id
from app.parameters.models import ChangeState, SettingChange
from app.postgres.cluster import Cluster
from app.postgres.connect import Session
from app.runtime import Runtime
from tests.control import KeyFactory, bearer
from tests.parameters.conftest import Call, session_on


async def patch(call: Call, values: dict[str, Any], *, expect: int = 200, query: str = "", **more: Any) -> Any:
    tag = (await call("GET", "/settings/jit")).headers["etag"]
    wish = {"values": values, **more}
    return (await call("PATCH", f"/settings{query}", wish, expect=expect, if_match=tag)).json()


async def shown(cluster: Cluster, name: str) -> str:
    """In a session that begins now."""
    async with session_on(cluster.target) as session:
        return str(await session.fetchval("SELECT reset_val FROM pg_settings WHERE name = $1", name))


async def changes(runtime: Runtime) -> list[SettingChange]:
    async with runtime.sessions() as session:
        return list((await session.exec(select(SettingChange).order_by(SettingChange.id))).all())  # type: ignore[arg-type]  # a column here


async def test_settings_of_the_server_are_set_and_a_new_session_has_them(call: Call, cluster: Cluster) -> None:
    answer = await patch(call, {"Work_Mem": "16MB", "log_min_duration_statement": 500, "jit": False})
    assert {entry["name"]: entry["shown"] for entry in answer["settings"]} == {
        "work_mem": "16MB",
        "log_min_duration_statement": "500ms",
        "jit": "off",
    }
    assert answer["change"]["state"] == "applied"
    assert answer["change"]["before"] == {"work_mem": None, "log_min_duration_statement": None, "jit": None}
    assert await shown(cluster, "work_mem") == "16384"
    again = await patch(call, {"work_mem": "16384kB"})
    assert again["change"] is None
    taken = await patch(call, {"work_mem": None})
    assert (taken["settings"][0]["source"], taken["change"]["before"]) == ("default", {"work_mem": "16MB"})


async def test_a_change_is_undone_unless_somebody_has_changed_it_since(call: Call, server: Session) -> None:
    await patch(call, {"work_mem": "8MB"})
    change = (await patch(call, {"work_mem": "16MB", "jit": "off"}))["change"]
    await server.execute("ALTER SYSTEM SET jit = on")
    await server.fetchval("SELECT pg_reload_conf()")
    refused = (await call("POST", f"/settings/changes/{change['id']}:undo", expect=409)).json()
    assert (refused["code"], refused["settings"]) == ("CHANGE_NOT_UNDOABLE", ["jit"])
    await server.execute("ALTER SYSTEM SET jit = off")
    await server.fetchval("SELECT pg_reload_conf()")
    undone = (await call("POST", f"/settings/changes/{change['id']}:undo")).json()
    assert {entry["name"]: entry["shown"] for entry in undone["settings"]} == {"work_mem": "8MB", "jit": "on"}
    assert undone["change"]["undoes_id"] == change["id"]
    listed = (await call("GET", "/settings/changes")).json()["data"]
    assert [entry["state"] for entry in listed] == ["applied", "undone", "applied"]
    twice = (await call("POST", f"/settings/changes/{change['id']}:undo", expect=409)).json()
    assert twice["code"] == "CHANGE_NOT_UNDOABLE"


async def test_of_two_changes_with_one_tag_the_second_is_refused(call: Call) -> None:
    tag = (await call("GET", "/settings")).headers["etag"]
    first = await call("PATCH", "/settings", {"values": {"work_mem": "8MB"}}, if_match=tag)
    second = await call("PATCH", "/settings", {"values": {"work_mem": "9MB"}}, if_match=tag, expect=412)
    assert second.json()["current_etag"] == second.headers["etag"] == first.headers["etag"] != tag
    bare = await call("PATCH", "/settings", {"values": {"work_mem": "9MB"}}, expect=428)
    assert (bare.json()["code"], bare.headers["etag"]) == ("PRECONDITION_REQUIRED", first.headers["etag"])


async def test_two_changes_at_once_wait_for_each_other(call: Call, runtime: Runtime) -> None:
    tag = (await call("GET", "/settings")).headers["etag"]

    async def change(value: str) -> int:
        try:
            await call("PATCH", "/settings", {"values": {"work_mem": value}}, if_match=tag)
        except AssertionError:
            return 412
        return 200

    assert sorted(await asyncio.gather(change("8MB"), change("9MB"))) == [200, 412]
    assert [change.state for change in await changes(runtime)] == [ChangeState.APPLIED]


async def test_a_repetition_gets_the_first_answer_again(call: Call, runtime: Runtime) -> None:
    tag = (await call("GET", "/settings")).headers["etag"]
    wish = {"values": {"work_mem": "8MB"}}
    first = await call("PATCH", "/settings", wish, if_match=tag, Idempotency_Key="same")
    second = await call("PATCH", "/settings", wish, if_match=tag, Idempotency_Key="same")
    assert second.headers["idempotency-replayed"] == "true"
    assert second.json() == first.json()
    assert len(await changes(runtime)) == 1


async def test_a_dry_run_shows_the_change_and_makes_none(call: Call, cluster: Cluster, runtime: Runtime) -> None:
    answer = await patch(call, {"zero_damaged_pages": "on"}, query="?dry_run=true")
    assert answer["change"]["after"] == {"zero_damaged_pages": "on"}
    assert any("destroys" in warning for warning in answer["warnings"])
    restart = await patch(call, {"shared_buffers": "32MB"}, query="?dry_run=true", expect=409)
    assert (restart["code"], restart["settings"]) == ("RESTART_REQUIRED", ["shared_buffers"])
    assert await shown(cluster, "zero_damaged_pages") == "off"
    assert await changes(runtime) == []


REFUSED: list[tuple[dict[str, Any], int, str, str]] = [
    ({"work_mem": "1kB"}, 422, "SETTING_INVALID", "64 to 2147483647 (kB)"),
    ({"work_mem": "12 apples"}, 422, "SETTING_INVALID", "kB, MB"),
    ({"jit": "perhaps"}, 422, "SETTING_INVALID", "on or off"),
    ({"wal_level": "huge"}, 422, "SETTING_INVALID", "minimal, replica, logical"),
    ({"search_path": "a,,b"}, 422, "SETTING_INVALID", "names with commas"),
    ({"shared_preload_libraries": ""}, 422, "SETTING_INVALID", "null to take it away"),
    ({"shared_preload_libraries": "no_such_library"}, 422, "SETTING_INVALID", "would not start"),
    ({"superuser_reserved_connections": 100}, 422, "SETTING_INVALID", "reserved"),
    ({"TimeZone": "Nowhere/City"}, 422, "SETTING_INVALID", "Nowhere/City"),
    ({"work_mem": "1e999999"}, 422, "SETTING_INVALID", "a number"),
    ({"max_connections": "1e0"}, 422, "SETTING_INVALID", "reserved"),
    ({"wrok_mem": "8MB", "shred_buffers": 1}, 422, "SETTING_UNKNOWN", "work_mem"),
    ({"port": 5433}, 409, "SETTING_RESERVED", "platform"),
    ({"block_size": 4096}, 409, "SETTING_RESERVED", "fixed"),
    ({"archive_command": "cp %p x"}, 409, "SETTING_RESERVED", "secret"),
    ({"max_connections": 90}, 409, "RESTART_REQUIRED", "allow_restart"),
    ({"work_mem": "8MB", "WORK_MEM": "9MB"}, 422, "VALIDATION_FAILED", "named once"),
]


async def test_what_cannot_be_is_refused_before_anything_is_written(call: Call, runtime: Runtime) -> None:
    for values, status, code, said in REFUSED:
        answer = await patch(call, values, expect=status)
        assert answer["code"] == code, values
        assert said in str(answer), values
    assert await changes(runtime) == []


async def test_a_server_that_is_not_ours_is_not_restarted(call: Call, runtime: Runtime) -> None:
    answer = await patch(call, {"max_connections": 90}, allow_restart=True, expect=409)
    assert answer["code"] == "PROVIDER_CANNOT"
    assert await changes(runtime) == []


async def test_a_mistake_in_a_file_of_the_server_is_told_and_nothing_of_the_change_is_left(
    call: Call, cluster: Cluster
) -> None:
    config = cluster.files.config.read_text()
    cluster.files.config.write_text(f"{config}no_such_setting_at_all = 1\n")
    try:
        answer = await patch(call, {"work_mem": "8MB"}, expect=409)
    finally:
        cluster.files.config.write_text(config)
    assert (answer["code"], "no_such_setting_at_all" in answer["detail"]) == ("SETTINGS_NOT_LOADED", True)
    assert (await call("GET", "/settings/changes")).json()["data"][0]["state"] == "failed"
    await patch(call, {"jit": "off"})
    assert await shown(cluster, "work_mem") == "4096"


async def test_settings_are_for_a_role_or_a_database_as_well(call: Call, server: Session, cluster: Cluster) -> None:
    await server.execute('CREATE ROLE "app ""é" LOGIN')
    scope = {"role": 'app "é', "logical_database": "postgres"}
    answer = await patch(call, {"search_path": 'shop, "$user"', "work_mem": "32MB"}, scope=scope)
    assert answer["change"]["role"] == 'app "é'
    assert any("reconnects" in warning for warning in answer["warnings"])
    config = await server.fetchval("SELECT setconfig FROM pg_db_role_setting WHERE setrole <> 0 AND setdatabase <> 0")
    assert sorted(config) == ['search_path=shop, "$user"', "work_mem=32MB"]
    undone = (await call("POST", f"/settings/changes/{answer['change']['id']}:undo")).json()
    assert undone["change"]["after"] == {"search_path": None, "work_mem": None}
    assert await server.fetchval("SELECT count(*) FROM pg_db_role_setting") == 0
    await patch(call, {"work_mem": "24MB"}, scope={"logical_database": "postgres"})
    assert await shown(cluster, "work_mem") == "24576"
    wrong = await patch(call, {"shared_buffers": "32MB"}, scope=scope, expect=422)
    assert "whole server" in wrong["detail"]
    nobody = await patch(call, {"work_mem": "1MB"}, scope={"role": "nobody here"}, expect=422)
    assert nobody["code"] == "SETTING_SCOPE_UNKNOWN"
    await server.execute('DROP ROLE "app ""é"')


async def test_a_change_whose_request_died_can_be_undone(
    *, call: Call, server: Session, runtime: Runtime, database: Database, cluster: Cluster
) -> None:
    """Killed between ALTER SYSTEM and the row."""
    async with runtime.sessions() as session, session.begin():
        values: dict[str, Any] = {"work_mem": "64MB", "jit": "off"}
        change = SettingChange(
            project_id=database.project_id,
            database_id=database.id,
            before=dict.fromkeys(values),
            after=values,
            created_by="test",
        )
        session.add(change)
        change_id = encode_id("stc", change.id)
    await server.execute("ALTER SYSTEM SET work_mem = '64MB'")
    await patch(call, {"log_min_duration_statement": 100})
    found = {entry["id"]: entry for entry in (await call("GET", "/settings/changes")).json()["data"]}
    assert (found[change_id]["state"], found[change_id]["problem"]["code"]) == ("unsettled", "CHANGE_INTERRUPTED")
    await call("POST", f"/settings/changes/{change_id}:undo")
    assert await shown(cluster, "work_mem") == "4096"
    found = {entry["id"]: entry for entry in (await call("GET", "/settings/changes")).json()["data"]}
    assert found[change_id]["state"] == "undone"


async def test_a_login_without_the_right_is_told_which_one_it_lacks(
    *, call: Call, server: Session, runtime: Runtime, database: Database
) -> None:
    await server.execute("CREATE ROLE plain LOGIN PASSWORD 'plain-plain-plain'")
    await server.execute("GRANT CREATE ON SCHEMA public TO plain")
    async with runtime.sessions() as session, session.begin():
        row = await session.get_one(Database, database.id)
        row.username = "plain"
        row.password_sealed = runtime.key_ring.seal(
            b"plain-plain-plain", context=f"database.password_sealed:{database.id}"
        )
    answer = await patch(call, {"work_mem": "8MB"}, expect=409)
    assert (answer["code"], "GRANT ALTER SYSTEM" in answer["detail"]) == ("PRIVILEGE_MISSING", True)
    own = await patch(call, {"work_mem": "8MB"}, scope={"role": "plain"})
    assert own["change"]["state"] == "applied"
    theirs = await patch(call, {"work_mem": "8MB"}, scope={"role": "postgres"}, expect=409)
    assert theirs["code"] == "PRIVILEGE_MISSING"
    failed = (await call("GET", "/settings/changes")).json()["data"][0]
    assert (failed["state"], failed["problem"]["code"]) == ("failed", "PRIVILEGE_MISSING")
    await server.execute("DROP OWNED BY plain; DROP ROLE plain")


async def test_timeouts_are_set_as_a_whole_and_shown_as_they_come_out(call: Call, server: Session) -> None:
    await server.execute("CREATE ROLE web LOGIN; CREATE ROLE batch LOGIN")
    await call("PUT", "/timeouts", {"statement_timeout_seconds": 300, "idle_session_timeout_seconds": 3600})
    answer = await call(
        "PUT", "/timeouts", {"role": "web", "statement_timeout_seconds": 30, "lock_timeout_seconds": 2.5}
    )
    assert answer.json()["change"]["after"] == {"statement_timeout": "30000ms", "lock_timeout": "2500ms"}
    found = (await call("GET", "/timeouts")).json()
    assert found["system"] == {
        "statement_timeout_seconds": 300.0,
        "lock_timeout_seconds": 0.0,
        "idle_in_transaction_session_timeout_seconds": 0.0,
        "idle_session_timeout_seconds": 3600.0,
        "transaction_timeout_seconds": None,
    }
    roles = {entry["role"]: entry for entry in found["roles"]}
    assert (roles["web"]["statement_timeout_seconds"], roles["web"]["lock_timeout_seconds"]) == (30.0, 2.5)
    assert roles["batch"]["statement_timeout_seconds"] == 300.0
    too_new = await call("PUT", "/timeouts", {"transaction_timeout_seconds": 1}, expect=422)
    assert too_new.json()["code"] == "SETTING_UNKNOWN"
    await call("PUT", "/timeouts", {"role": "web"})
    assert await server.fetchval("SELECT count(*) FROM pg_db_role_setting") == 0
    await server.execute("DROP ROLE web; DROP ROLE batch")


async def test_reading_and_writing_take_their_scopes(call: Call, key_factory: KeyFactory) -> None:
    reader = bearer(await key_factory("settings:read"))  # type: ignore[arg-type]  # a scope is its text
    await call("GET", "/settings/jit", **reader)
    denied = await call("PATCH", "/settings", {"values": {"jit": "off"}}, expect=403, **reader)
    assert denied.json()["required_scope"] == "settings:write"
