"""A pooler from its first PUT to its DELETE, with clients that go through it."""

import asyncio
from pathlib import Path

import psycopg
import pytest
from pydantic import SecretStr
from sqlmodel import select

from app.connections.models import Pooler
from app.databases.access import target_of
from app.kit.ids import encode_id
from app.pooling.processes import console_of, local_provider
from app.postgres.pgbouncer import PgBouncerStatus
from app.postgres.scram import verifier
from tests.planted import plant
from tests.pooling.conftest import Attached, entered, pooler_row
from tests.sessions import connect


async def on_server(attached: Attached, *statements: str) -> None:
    target = target_of(attached.database, attached.runtime.key_ring)
    async with connect(target, application_name="test") as session:
        for statement in statements:
            await session.execute(statement)


async def pool_sizes(attached: Attached) -> dict[str, int]:
    (rows,) = await console_of(await pooler_row(attached), attached.runtime).show("DATABASES")
    return {row["name"]: row["pool_size"] for row in rows if row["name"] != "pgbouncer"}


async def test_clients_get_through_by_tls_and_scram(attached: Attached, tmp_path: Path) -> None:
    view = await attached.get()
    assert (view["state"], view["host"], view["options"]["max_client_conn"]) == ("running", "127.0.0.1", 1000)
    async with entered(await attached.door(), tmp_path) as client:
        cursor = await client.execute("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
        assert await cursor.fetchone() == (True,)  # behind the pooler, too
    with pytest.raises(psycopg.OperationalError, match="SASL authentication failed"):
        async with entered(await attached.door(password=SecretStr("another")), tmp_path):
            pass
    folder = local_provider(attached.runtime).pooler(attached.database.id).files.directory
    assert (folder / "userlist.txt").stat().st_mode & 0o777 == 0o600


async def test_the_function_answers_nobody_but_the_pooler(attached: Attached) -> None:
    target = target_of(attached.database, attached.runtime.key_ring)
    async with connect(target, application_name="test") as session:
        assert await session.fetch("SELECT * FROM pgm_pooler.login_of('postgres')") == []
        granted = "SELECT has_function_privilege('pg_monitor', 'pgm_pooler.login_of(text)', 'EXECUTE')"
        assert await session.fetchval(granted) is False


async def test_its_statistics_tell_who_waits_and_what_was_done(attached: Attached, tmp_path: Path) -> None:
    async with entered(await attached.door(), tmp_path) as client:
        async with client.transaction():
            await client.execute("SELECT 1")
            told = await attached.get("/stats")
        (now,) = [pool for pool in told["pools"] if pool["user"] == "postgres"]
        assert (now["pool"], now["mode"], now["clients_active"], now["servers_active"]) == (
            "postgres",
            "transaction",
            1,
            1,
        )
        assert told["totals"][0]["pool"] == "postgres"
        assert told["lists"]["pools"] >= 1
        assert any("CVE-2026" in line for line in told["advice"])
    advice = await attached.get("/sizing?cores=4")
    assert (advice["cores"], advice["size"]) == (4, 9)
    assert any("2 × 4 + 1 = 9" in line for line in advice["arithmetic"])


async def test_pools_are_made_changed_and_taken_away_while_others_go_on(attached: Attached, tmp_path: Path) -> None:
    await on_server(attached, 'CREATE DATABASE "it\'s other"')
    try:
        async with entered(await attached.door(), tmp_path) as bystander:
            wish = {"logical_database": "it's other", "size": 2, "mode": "session"}
            job = await attached.apply("PUT", "/pools/other", json=wish)
            assert job["state"] == "succeeded", job
            assert job["result"]["pools"] == ["other", "postgres"]
            async with entered(await attached.door(database="other"), tmp_path) as client:
                cursor = await client.execute("SELECT current_database()")
                assert await cursor.fetchone() == ("it's other",)
            etag = await changed_size(attached)
            stale = await attached.client.patch(
                f"{attached.path}/pools/other", json={"size": 5}, headers={**attached.headers, "If-Match": etag}
            )
            assert (stale.status_code, stale.json()["code"]) == (412, "PRECONDITION_FAILED")
            listed = await attached.get("/pools?limit=1")
            assert ([pool["name"] for pool in listed["data"]], listed["has_more"]) == (["other"], True)
            assert (await attached.apply("DELETE", "/pools/other"))["state"] == "succeeded"
            assert await pool_sizes(attached) == {"postgres": 3}
            await bystander.execute("SELECT 1")
    finally:
        await on_server(attached, 'DROP DATABASE "it\'s other" WITH (FORCE)')


async def changed_size(attached: Attached) -> str:
    """The tag that was good for it."""
    before = await attached.client.get(f"{attached.path}/pools/other", headers=attached.headers)
    headers = {**attached.headers, "If-Match": before.headers["ETag"]}
    answer = await attached.client.patch(f"{attached.path}/pools/other", json={"size": 4}, headers=headers)
    assert answer.status_code == 202, answer.text
    assert (await attached.finished(answer.json()))["state"] == "succeeded"
    assert await pool_sizes(attached) == {"other": 4, "postgres": 3}
    return before.headers["ETag"]


async def test_pools_that_the_server_cannot_serve_are_refused_with_the_arithmetic(attached: Attached) -> None:
    path = f"{attached.path}/pools/postgres"
    refused = await attached.client.patch(path, json={"size": 100}, headers=attached.headers)
    assert (refused.status_code, refused.json()["code"]) == (409, "POOLS_TOO_LARGE")
    assert "(100 (size) + 0 (reserve)) × 1 (users) = 100" in refused.json()["detail"]
    bounded = {"size": 100, "max_db_connections": 10}
    tried = await attached.client.patch(f"{path}?dry_run=true", json=bounded, headers=attached.headers)
    assert (tried.status_code, tried.json()["plan"]["warnings"]) == (202, [])
    forced = await attached.apply("PATCH", "/pools/postgres?force=true", json={"size": 100})
    assert forced["state"] == "succeeded", forced
    assert await pool_sizes(attached) == {"postgres": 100}


async def test_a_pool_of_a_database_that_is_not_there_is_refused(attached: Attached) -> None:
    path = f"{attached.path}/pools/nowhere"
    refused = await attached.client.put(path, json={}, headers=attached.headers)
    assert (refused.status_code, refused.json()["code"]) == (422, "DATABASE_ABSENT")
    assert "'nowhere'" in refused.json()["detail"]
    assert [pool["name"] for pool in (await attached.get("/pools"))["data"]] == ["postgres"]


async def test_a_pool_whose_database_was_dropped_holds_up_no_other_change(attached: Attached, tmp_path: Path) -> None:
    await on_server(attached, "CREATE DATABASE fleeting")
    try:
        assert (await attached.apply("PUT", "/pools/fleeting", json={}))["state"] == "succeeded"
    finally:
        await on_server(attached, "DROP DATABASE fleeting WITH (FORCE)")
    job = await attached.apply("PUT", json={"default_pool_size": 2})
    assert job["state"] == "succeeded", job
    assert job["warnings"] == [
        "The server has no database 'fleeting' that takes connections. Its pools refuse their clients until there is one."
    ]
    assert (await attached.tell("pause")).status_code == 200
    assert (await attached.tell("resume")).status_code == 200
    async with entered(await attached.door(), tmp_path) as client:
        await client.execute("SELECT 1")


async def test_a_changed_password_is_followed_and_no_client_is_dropped(attached: Attached, tmp_path: Path) -> None:
    first, second = (SecretStr(plant("a password of the app", f"app-password-{number}-8dk2")) for number in (1, 2))
    await on_server(attached, f"CREATE ROLE app LOGIN PASSWORD '{verifier(first)}'")
    try:
        async with entered(await attached.door(user="app", password=first), tmp_path) as old:
            await old.execute("SELECT 1")
            await on_server(attached, f"ALTER ROLE app PASSWORD '{verifier(second)}'")
            # Both at once, so that a connection is opened by what the second has shown.
            async with (
                entered(await attached.door(user="app", password=second), tmp_path) as new,
                old.transaction(),
                new.transaction(),
            ):
                await old.execute("SELECT 1")
                await new.execute("SELECT 1")
            with pytest.raises(psycopg.OperationalError, match="SASL authentication failed"):
                async with entered(await attached.door(user="app", password=first), tmp_path):
                    pass
            await on_server(attached, "ALTER ROLE app VALID UNTIL '2020-01-01'")
            with pytest.raises(psycopg.OperationalError):
                async with entered(await attached.door(user="app", password=second), tmp_path):
                    pass
            await old.execute("SELECT 1")
    finally:
        await attached.tell("reconnect")
        await on_server(attached, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'app'")
        await on_server(attached, "DROP ROLE app")


async def test_a_pause_holds_clients_back_until_it_is_resumed(attached: Attached, tmp_path: Path) -> None:
    async with entered(await attached.door(), tmp_path) as client:
        async with client.transaction():
            await client.execute("SELECT 1")
            busy = await attached.tell("pause", wait_seconds=0.3)
            assert (busy.status_code, busy.json()["code"]) == (409, "POOL_BUSY")
        paused = await attached.tell("pause", pool="postgres", max_seconds=600)
        assert paused.status_code == 200, paused.text
        assert paused.json()["pools"][0]["paused_until"] is not None
        again = await attached.tell("pause", max_seconds=900)
        assert again.status_code == 200, again.text
        waiting = asyncio.create_task(client.execute("SELECT 42"))
        await asyncio.wait_for(_until_waiting(attached), 30)
        assert not waiting.done()
        resumed = await attached.tell("resume")
        assert resumed.json()["pools"][0]["paused_until"] is None
        assert await (await asyncio.wait_for(waiting, 30)).fetchone() == (42,)
    assert (await attached.tell("reload")).status_code == 200
    assert (await attached.tell("reconnect", pool="postgres")).status_code == 200
    assert (await attached.tell("resume", pool="another")).json()["code"] == "POOL_NOT_FOUND"


async def _until_waiting(attached: Attached) -> None:
    while not any(pool["clients_waiting"] for pool in (await attached.get("/stats"))["pools"]):
        await asyncio.sleep(0.05)


async def test_a_deleted_pooler_leaves_nothing_behind(attached: Attached) -> None:
    target = target_of(attached.database, attached.runtime.key_ring)
    process = local_provider(attached.runtime).pooler(attached.database.id)
    tried = await attached.client.delete(f"{attached.path}?dry_run=true", headers=attached.headers)
    assert tried.status_code == 202
    assert process.status() is PgBouncerStatus.RUNNING
    assert (await attached.apply("DELETE"))["state"] == "succeeded"
    assert process.status() is PgBouncerStatus.STOPPED
    assert not process.files.directory.exists()
    async with connect(target, application_name="test") as session:
        assert await session.fetchval("SELECT count(*) FROM pg_roles WHERE rolname = 'pgm_pooler'") == 0
        assert await session.fetchval("SELECT count(*) FROM pg_namespace WHERE nspname = 'pgm_pooler'") == 0
    gone = await attached.client.get(attached.path, headers=attached.headers)
    assert (gone.status_code, gone.json()["code"]) == (404, "POOLER_NOT_FOUND")
    async with attached.runtime.sessions() as session_:
        row = await session_.get_one(Pooler, (await _any_pooler(attached)).id)
        assert (row.state, row.auth_password_sealed) == ("deleted", None)
    events = (await attached.client.get(_events(attached), headers=attached.headers)).json()["data"]
    moves = [event["data"]["now"] for event in events if event["type"] == "pooler.status_changed"]
    assert sorted(moves) == ["deleted", "deleting", "running"]


async def _any_pooler(attached: Attached) -> Pooler:
    async with attached.runtime.sessions() as session:
        return (await session.exec(select(Pooler))).one()


def _events(attached: Attached) -> str:
    return f"/v1/databases/{encode_id('db', attached.database.id)}/events"
