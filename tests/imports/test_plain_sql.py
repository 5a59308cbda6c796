"""Plain SQL from outside: what a file may do is to fill a database of its own."""

import asyncio
import gzip
import re

from tests.imports.conftest import Dumps, Importer


async def test_a_plain_dump_with_its_own_pair_and_owners_comes_up_whole(
    importer: Importer, dumps: Dumps, free_name: str
) -> None:
    assert re.search(rb"^\\restrict ", dumps.plain, re.MULTILINE)
    assert b"OWNER TO seller" in dumps.plain
    result = await importer.restored(gzip.compress(dumps.plain), free_name)
    assert (result["tables"], result["rows"], result["logical_database"]) == (1, 500, free_name)
    assert result["left_out"]["owners"] >= 2
    assert result["left_out"]["grants"] == 1
    assert await importer.value(free_name, "SELECT max(note) FROM few") == "it's order 9"
    owner = await importer.value(free_name, "SELECT rolname FROM pg_roles WHERE oid = 'orders'::regclass::oid")
    assert owner is None
    query = "SELECT ARRAY[r.rolsuper, r.rolcanlogin] FROM pg_class AS c JOIN pg_roles AS r ON r.oid = c.relowner WHERE relname = 'orders'"
    assert await importer.value(free_name, query) == [False, False]
    assert result["owner"].startswith("imported_")
    query = "SELECT count(*) FROM pg_roles WHERE starts_with(rolname, 'pgm_rst_')"
    assert await importer.value(free_name, query) == 0


async def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(importer: Importer, free_name: str) -> None:
    sql = b"\xef\xbb\xbfCREATE TABLE t (a text);\r\nCOPY t FROM stdin;\r\none\r\ntwo\r\n\\.\r\nINSERT INTO t VALUES ('x');\r\n"
    result = await importer.restored(sql, free_name)
    assert result["rows"] == 3
    assert await importer.value(free_name, "SELECT string_agg(a, ',') FROM t") == "one,two,x"


async def test_an_owner_and_extensions_can_be_named(importer: Importer, free_name: str) -> None:
    sql = b"CREATE EXTENSION IF NOT EXISTS pg_stat_statements;\nCREATE TABLE t (a int);\nALTER DATABASE x SET search_path = y;\n"
    sql = sql.replace(b"ALTER DATABASE x", b"DO $$ BEGIN EXECUTE format('ALTER DATABASE %I', current_database()) || ' ")
    sql = sql.replace(b"= y;", b"= y'; END $$;")
    result = await importer.restored(sql, free_name, owner="pg_monitor", extensions=["pg_stat_statements"])
    assert result["owner"] == "pg_monitor"
    query = "SELECT pg_get_userbyid(relowner) FROM pg_class WHERE relname = 't'"
    assert await importer.value(free_name, query) == "pg_monitor"
    query = "SELECT count(*) FROM pg_db_role_setting AS s JOIN pg_database AS d ON d.oid = setdatabase WHERE d.datname = current_database()"
    assert await importer.value(free_name, query) == 0


async def test_what_fails_says_its_line_and_leaves_nothing(importer: Importer, free_name: str) -> None:
    error = await importer.failed(b"CREATE TABLE t (a int);\n\\connect template1\n", free_name)
    assert (error["code"], error["line"]) == ("SQL_FAILED", 2)
    assert "restricted" in error["detail"]


async def test_a_shell_in_the_way_out_of_the_restricted_mode_is_refused_before_it_is_kept(importer: Importer) -> None:
    error = await importer.refused(b"SELECT 1;\n\\unrestrict `id`\n")
    assert (error["code"], error["line"]) == ("SQL_REFUSED", 2)


async def test_a_name_that_is_taken_and_an_owner_that_is_missing_are_said(importer: Importer, free_name: str) -> None:
    accepted = await importer.restore(await importer.fetched(b"SELECT 1;"), "template2", owner="nobody-of-that-name")
    job = await importer.shop.ended(accepted["job"])
    assert job["error"]["code"] == "ROLE_MISSING"
    accepted = await importer.restore(
        await importer.fetched(b"SELECT 1;"), importer.shop.target.database, on_conflict="queue"
    )
    job = await importer.shop.ended(accepted["job"])
    assert job["error"]["code"] == "NAME_TAKEN"


async def test_a_cancelled_restore_leaves_nothing(importer: Importer, free_name: str) -> None:
    found = await importer.fetched(b"CREATE TABLE t (a int);\nSELECT pg_sleep(600);\n")
    accepted = await importer.restore(found, free_name)
    async with asyncio.timeout(60):
        while not await importer.shop.sessions_of(accepted["job"]):
            await asyncio.sleep(0.02)
    answer = await importer.shop.delete(f"/v1/imports/{found['id']}")
    assert answer.json()["code"] == "HAS_DEPENDENTS"
    await importer.shop.post(f"/v1/jobs/{accepted['job']['id']}:cancel")
    job = await importer.shop.ended(accepted["job"])
    assert job["state"] == "cancelled"
    await importer.no_traces(accepted, free_name)
