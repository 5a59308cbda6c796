from app.parameters.rules import is_secret
from app.postgres.connect import Session
from tests.parameters.conftest import Call


async def test_a_setting_shows_its_type_range_context_source_and_unit(call: Call) -> None:
    found = (await call("GET", "/settings/work_mem")).json()
    assert (found["type"], found["unit"], found["min_value"], found["max_value"]) == (
        "integer",
        "kB",
        "64",
        "2147483647",
    )
    assert (found["value"], found["shown"], found["boot_value"], found["source"]) == ("4096", "4MB", "4096", "default")
    assert (found["context"], found["pending_restart"], found["reserved"]) == ("user", False, None)
    level = (await call("GET", "/settings/wal_level")).json()
    assert (level["type"], level["choices"]) == ("enum", ["minimal", "replica", "logical"])
    fsync = (await call("GET", "/settings/FSYNC")).json()
    assert "loses" in fsync["warning"]


async def test_the_timeouts_of_our_own_session_are_not_the_servers(call: Call, server: Session) -> None:
    assert (await call("GET", "/settings/statement_timeout")).json()["value"] == "0"
    await server.execute("ALTER SYSTEM SET statement_timeout = '90s'")
    await server.execute("ALTER ROLE postgres SET lock_timeout = '5s'")
    await server.fetchval("SELECT pg_reload_conf()")
    found = (await call("GET", "/settings/statement_timeout")).json()
    assert (found["value"], found["shown"], found["source"]) == ("90000", "90s", "alter_system")
    locks = (await call("GET", "/settings/lock_timeout")).json()
    assert (locks["value"], locks["source"]) == ("0", "default")
    assert locks["overrides"] == [{"role": "postgres", "logical_database": None, "value": "5s"}]


async def test_lists_are_filtered_and_come_in_pages(call: Call) -> None:
    page = (await call("GET", "/settings?prefix=autovacuum_&limit=3")).json()
    names = [entry["name"] for entry in page["data"]]
    assert (len(names), page["has_more"]) == (3, True)
    rest = (await call("GET", f"/settings?prefix=autovacuum_&limit=3&cursor={page['next_cursor']}")).json()
    assert names < [entry["name"] for entry in rest["data"]]
    changed = (await call("GET", "/settings?changed=true&limit=200")).json()["data"]
    assert {"shared_buffers", "port"} <= {entry["name"] for entry in changed}
    assert "work_mem" not in {entry["name"] for entry in changed}
    assert not (await call("GET", "/settings?pending_restart=true")).json()["data"]
    locks = (await call("GET", "/settings?category=Lock%20Management")).json()["data"]
    assert "deadlock_timeout" in {entry["name"] for entry in locks}


async def test_a_setting_that_did_not_change_is_not_sent_again(call: Call) -> None:
    tag = (await call("GET", "/settings/jit")).headers["etag"]
    await call("GET", "/settings/jit", expect=304, if_none_match=tag)
    assert (await call("GET", "/settings")).headers["etag"] == tag
    answer = await call("GET", "/settings/no_such_setting", expect=404)
    assert answer.json()["code"] == "NOT_FOUND"


async def test_values_that_may_hold_a_secret_are_withheld(call: Call, server: Session) -> None:
    await server.execute("ALTER SYSTEM SET primary_conninfo = 'host=x password=hunter2hunter2'")
    await server.fetchval("SELECT pg_reload_conf()")
    answer = await call("GET", "/settings/primary_conninfo")
    assert "hunter2" not in answer.text
    assert (answer.json()["withheld"], answer.json()["value"]) == (True, None)


def test_names_tell_which_values_may_hold_a_secret() -> None:
    assert is_secret("app.settings.jwt_secret")
    assert is_secret("archive_command")
    assert not is_secret("password_encryption")
    assert not is_secret("pg_stat_statements.max")
