"""What goes wrong while a backup is taken, and what is left then: nothing but a failed row that says why."""

import asyncio
import os
import signal
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from app.databases.access import seal_password
from app.databases.models import Database
from app.runtime import Runtime
from tests.backups.conftest import Shop, waits_for_a_lock
from tests.sessions import connect

BIG = "CREATE TABLE big AS SELECT i, repeat(md5(i::text), 30) AS w FROM generate_series(1, 400000) AS i"


async def fails(shop: Shop, accepted: dict[str, Any]) -> dict[str, Any]:
    """The problem document of a job that failed and left nothing in the store."""
    job = await shop.ended(accepted["job"])
    assert job["state"] == "failed", job
    backup = await shop.get(f"/v1/backups/{accepted['backups'][0]['id']}")
    assert backup["state"] == "failed"
    assert backup["error"] == job["error"]
    assert [copy["state"] for copy in backup["copies"]] == ["failed"]
    assert (await shop.keys(), await shop.open_uploads()) == ([], [])
    document: dict[str, Any] = job["error"]
    return document


async def log_in_as(shop: Shop, runtime: Runtime, username: str, password: str) -> None:
    sealed = seal_password(shop.database.id, SecretStr(password), runtime.key_ring)
    async with runtime.sessions() as session, session.begin():
        database = await session.get_one(Database, shop.database.id)
        database.username, database.password_sealed = username, sealed


@pytest.mark.usefixtures("worker")
async def test_a_wrong_password_fails_at_once_and_is_not_repeated(shop: Shop, runtime: Runtime) -> None:
    await log_in_as(shop, runtime, shop.target.user, "wrong")
    accepted = await shop.start()
    error = await fails(shop, accepted)
    assert (error["code"], error["retryable"]) == ("AUTHENTICATION_FAILED", False)
    assert "wrong" not in str(error)
    events = await shop.get(f"{shop.path.removesuffix('/backups')}/events")
    assert [one["type"] for one in events["data"]] == ["backup.failed"]


@pytest.mark.usefixtures("worker")
async def test_a_table_that_the_login_may_not_read_is_named(shop: Shop, runtime: Runtime) -> None:
    role = f"weak_{shop.target.database}"
    await shop.execute(
        f"CREATE ROLE {role} LOGIN PASSWORD 'weak'; CREATE TABLE mine (id integer); CREATE SCHEMA s;"
        f"CREATE TABLE s.closed (id integer); GRANT SELECT ON mine TO {role}"
    )
    try:
        await log_in_as(shop, runtime, role, "weak")
        error = await fails(shop, await shop.start())
        assert error["code"] == "PRIVILEGE_MISSING"
        assert '"s"."closed"' in error["detail"]
        assert '"mine"' not in error["detail"]

        (backup,) = await shop.take(tables=[{"schema": "public", "name": "mine"}])
        job = await shop.get(f"/v1/jobs/{backup['job_id']}")
        assert "without their password hashes" in job["warnings"][0]
        assert backup["warnings"] == list((await shop.manifest(backup)).warnings) == job["warnings"]
    finally:
        await shop.execute(f"DROP OWNED BY {role}; DROP ROLE {role}")


@pytest.mark.usefixtures("worker")
async def test_a_table_that_does_not_exist_is_named(shop: Shop) -> None:
    error = await fails(shop, await shop.start(tables=[{"schema": "public", "name": "x"}]))
    assert error["code"] == "TABLE_UNKNOWN"


@pytest.mark.usefixtures("worker")
async def test_a_cancel_leaves_no_process_no_upload_and_no_session_within_seconds(shop: Shop) -> None:
    await shop.execute(BIG)
    accepted = await shop.start()
    await dumping(shop, accepted)
    began = asyncio.get_running_loop().time()
    answer = await shop.post(f"{accepted['job']['links']['cancel']}")
    assert answer.status_code == 202
    job = await shop.ended(answer.json())
    assert (job["state"], job["error"]) == ("cancelled", None)
    assert asyncio.get_running_loop().time() - began < 30
    assert pg_dumps(accepted["job"]["id"]) == []
    assert await shop.sessions_of(accepted["job"]) == 0
    assert (await shop.keys(), await shop.open_uploads()) == ([], [])
    backup = await shop.get(f"/v1/backups/{accepted['backups'][0]['id']}")
    assert (backup["state"], backup["error"]["code"]) == ("failed", "CANCELLED")


@pytest.mark.usefixtures("worker")
async def test_a_cancel_ends_the_waiting_for_a_lock_too(shop: Shop) -> None:
    await shop.execute("CREATE TABLE t (id integer)")
    async with shop.session() as other, other.transaction():
        await other.execute("LOCK TABLE t")
        accepted = await shop.start()
        await waits_for_a_lock(shop.target)
        began = asyncio.get_running_loop().time()
        job = await shop.ended((await shop.post(accepted["job"]["links"]["cancel"])).json())
        assert job["state"] == "cancelled"
        assert asyncio.get_running_loop().time() - began < 30
        assert await shop.sessions_of(accepted["job"]) == 0
    assert (await shop.keys(), await shop.open_uploads()) == ([], [])


@pytest.mark.usefixtures("worker")
async def test_no_secret_is_in_the_arguments_or_the_environment_of_the_children(shop: Shop) -> None:
    await shop.execute(BIG)
    accepted = await shop.start()
    await dumping(shop, accepted)
    (pid,) = pg_dumps(accepted["job"]["id"])
    seen = b"".join(Path(f"/proc/{pid}/{name}").read_bytes() for name in ("cmdline", "environ"))
    password = shop.target.password.get_secret_value()
    assert b"PGPASSFILE=/proc/self/fd/" in seen
    assert password.encode() not in seen
    assert shop.location.access_key_id.encode() not in seen
    assert not [word for word in (b"AWS", b"PGM_", b"SECRET") if word in seen]
    await shop.post(accepted["job"]["links"]["cancel"])
    await shop.ended(accepted["job"])


@pytest.mark.usefixtures("worker")
@pytest.mark.parametrize("victim", ["pg_dump", "its session", "the snapshot"])
async def test_whatever_is_killed_in_the_middle_the_next_attempt_makes_it_good(shop: Shop, victim: str) -> None:
    await shop.execute(BIG)
    accepted = await shop.start()
    await dumping(shop, accepted)
    if victim == "pg_dump":
        os.kill(pg_dumps(accepted["job"]["id"])[0], signal.SIGKILL)
    else:
        async with shop.session() as session:
            ended = await session.fetchval(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name LIKE '%' || $1"
                " AND (pid IN (SELECT pid FROM pg_stat_progress_copy)) = $2",
                accepted["job"]["id"],
                victim == "its session",
            )
        assert ended == 1
    job = await shop.ended(accepted["job"])
    assert job["state"] == "succeeded", job["error"]
    backup = await shop.get(f"/v1/backups/{accepted['backups'][0]['id']}")
    assert (backup["state"], backup["rows"]) == ("available", 400000)
    assert len(await shop.keys()) == 3
    assert await shop.open_uploads() == []


@pytest.mark.usefixtures("worker")
async def test_truncates_all_the_while_leave_counts_and_archive_equal(shop: Shop) -> None:
    """Rows come and go, by TRUNCATE too, while backups are taken; each archive holds what its manifest says."""
    await shop.execute("CREATE TABLE t (id integer); INSERT INTO t VALUES (1)")
    stop = asyncio.Event()

    async def churn() -> int:
        rounds = 0
        async with connect(shop.target, application_name="churn", lock_timeout_seconds=0) as session:
            while not stop.is_set():
                await session.execute("TRUNCATE t; INSERT INTO t SELECT generate_series(1, 1 + (random() * 500)::int)")
                rounds += 1
                await asyncio.sleep(0.7)
        return rounds

    async with asyncio.TaskGroup() as tasks:
        churning = tasks.create_task(churn())
        for _ in range(2):
            (backup,) = await shop.take(encryption="none")
            (entry,) = (await shop.manifest(backup)).tables
            assert entry.rows > 0
            assert await archived_rows(shop, backup) == entry.rows
        stop.set()
    assert churning.result() > 1


@pytest.mark.usefixtures("worker")
async def test_an_exclusive_lock_wanted_before_the_dump_has_its_own_is_let_through_soon(shop: Shop) -> None:
    """Else it would wait for the dump, the dump for it, and everybody else for both."""
    await shop.execute("CREATE TABLE t AS SELECT generate_series(1, 100) AS id")

    async def truncate_once_it_is_locked() -> float:
        async with connect(shop.target, application_name="truncate", lock_timeout_seconds=0) as session:
            while not await session.fetchval(
                "SELECT EXISTS (SELECT FROM pg_locks WHERE relation = 't'::regclass AND pid <> pg_backend_pid())"
            ):
                await asyncio.sleep(0.002)
            began = asyncio.get_running_loop().time()
            await session.execute("TRUNCATE t; INSERT INTO t VALUES (1)")
            return asyncio.get_running_loop().time() - began

    async with asyncio.TaskGroup() as tasks:
        truncating = tasks.create_task(truncate_once_it_is_locked())
        (backup,) = await shop.take(encryption="none")
    assert truncating.result() < 25
    (entry,) = (await shop.manifest(backup)).tables
    assert await archived_rows(shop, backup) == entry.rows


async def archived_rows(shop: Shop, backup: dict[str, Any]) -> int:
    client = shop.runtime.toolchain.client_for_restore(15, 15, "gzip")
    process = await asyncio.create_subprocess_exec(
        *client.command("pg_restore"),
        "--data-only",
        "--table=t",
        "--file=-",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    output, _ = await process.communicate(await shop.archive(backup))
    body = output.split(b"FROM stdin;\n")[1].split(b"\\.\n")[0]
    return body.count(b"\n")


async def dumping(shop: Shop, accepted: dict[str, Any]) -> None:
    """Returns once the dump of the job copies the big table."""
    async with asyncio.timeout(60), shop.session() as session:
        while not await session.fetchval(
            "SELECT EXISTS (SELECT FROM pg_stat_progress_copy WHERE datname = current_database())"
        ):
            await asyncio.sleep(0.01)
    assert len(pg_dumps(accepted["job"]["id"])) == 1
    assert len(await shop.open_uploads()) == 1


def pg_dumps(job_id: str) -> list[int]:
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            is_dump = (path / "exe").readlink().name == "pg_dump"
            if is_dump and job_id.encode() in (path / "environ").read_bytes():
                found.append(int(path.name))
        except OSError:
            continue
    return found
