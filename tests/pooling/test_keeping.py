"""What becomes of a pooler whose process, port or server goes away."""

import asyncio
import os
import signal
import socket
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from sqlmodel import select

from app.connections.models import Pool, PoolerState
from app.connections.poolers import pools_of
from app.databases.models import DatabaseState
from app.databases.repository import DatabaseRepository
from app.events.models import Alert
from app.pooling.keeping import keep
from app.pooling.processes import console_of, local_provider
from app.postgres.cluster import Cluster, is_free
from app.postgres.pgbouncer import PgBouncerStatus
from tests.pooling.conftest import Attached, entered, pooler_row
from tests.sessions import connect


async def killed(attached: Attached) -> None:
    """Its process, without a chance to put anything in order; the kernel may hold its port a moment longer."""
    process = local_provider(attached.runtime).pooler(attached.database.id)
    port = (await pooler_row(attached)).port
    assert port is not None
    pid = int((process.files.directory / "run" / "pgbouncer.pid").read_text())
    descriptor = os.pidfd_open(pid)
    try:
        signal.pidfd_send_signal(descriptor, signal.SIGKILL)
        async with asyncio.timeout(30):
            while process.status() is PgBouncerStatus.RUNNING or not is_free(port):
                await asyncio.sleep(0.02)
    finally:
        os.close(descriptor)


async def test_a_killed_pooler_is_back_at_the_next_look_under_the_same_address(
    attached: Attached, tmp_path: Path
) -> None:
    before = await attached.get()
    await killed(attached)
    await keep(attached.runtime)
    after = await attached.get()
    assert (after["state"], after["port"]) == ("running", before["port"])
    async with entered(await attached.door(), tmp_path) as client:
        await client.execute("SELECT 1")


async def test_a_port_that_another_program_took_is_told_and_a_put_chooses_another(
    attached: Attached, tmp_path: Path
) -> None:
    taken = (await attached.get())["port"]
    await killed(attached)
    with socket.socket() as thief:
        thief.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        thief.bind(("127.0.0.1", taken))
        thief.listen()
        await keep(attached.runtime)
        view = await attached.get()
        assert (view["state"], view["port"]) == ("stopped", taken)
        assert f"Port {taken}" in view["state_reason"]
        told = await attached.client.get(f"{attached.path}/stats", headers=attached.headers)
        assert (told.status_code, told.json()["code"]) == (409, "STATE_INVALID")
        await keep(attached.runtime)
        async with attached.runtime.sessions() as session:
            alert = (await session.exec(select(Alert))).one()
        assert (alert.type, alert.severity, alert.count, alert.cleared_at) == ("pooler.stopped", "crit", 2, None)
        job = await attached.apply("PUT", json={})
        assert job["state"] == "succeeded", job
        assert job["warnings"] == [f"Port {taken} was taken by another program. The pooler has another address now."]
        assert job["result"]["port"] != taken
        async with entered(await attached.door(), tmp_path) as client:
            await client.execute("SELECT 1")
        async with attached.runtime.sessions() as session:
            assert (await session.exec(select(Alert))).one().cleared_at is not None


async def test_clients_stay_when_the_server_is_restarted_under_a_pause(
    attached: Attached, cluster: Cluster, tmp_path: Path
) -> None:
    async with entered(await attached.door(), tmp_path) as client:
        await client.execute("SELECT 1")
        assert (await attached.tell("pause")).status_code == 200
        await cluster.restart()
        assert (await attached.tell("resume")).status_code == 200
        cursor = await client.execute("SELECT 'still here'")
        assert await cursor.fetchone() == ("still here",)


async def test_a_server_that_was_restarted_is_found_again(attached: Attached, cluster: Cluster, tmp_path: Path) -> None:
    async with entered(await attached.door(), tmp_path) as client:
        await client.execute("SELECT 1")
    await cluster.restart()
    async with entered(await attached.door(), tmp_path) as client:
        await client.execute("SELECT 1")


async def test_a_pause_survives_a_kill_and_ends_by_itself(attached: Attached) -> None:
    pooler = await pooler_row(attached)
    console = console_of(pooler, attached.runtime)
    assert (await attached.tell("pause", max_seconds=600)).status_code == 200
    await killed(attached)
    await keep(attached.runtime)
    assert await console.paused() == {"postgres"}
    async with attached.runtime.sessions() as session, session.begin():
        for pool in (await session.exec(select(Pool))).all():
            pool.paused_until = attached.runtime.clock() - timedelta(seconds=1)
    await keep(attached.runtime)
    assert await console.paused() == set()
    async with attached.runtime.sessions() as session:
        assert [pool.paused_until for pool in await pools_of(session, pooler.id)] == [None]


async def test_a_pause_or_resume_that_only_one_side_knows_is_put_right(attached: Attached) -> None:
    console = console_of(await pooler_row(attached), attached.runtime)
    await console.command("PAUSE", "postgres")
    await keep(attached.runtime)
    assert await console.paused() == set()


async def test_a_database_that_was_restored_gets_the_function_again(
    attached: Attached, cluster: Cluster, tmp_path: Path
) -> None:
    async with connect(cluster.target, application_name="test") as session:
        await session.execute("DROP SCHEMA pgm_pooler CASCADE")
    with pytest.raises(psycopg.OperationalError):
        async with entered(await attached.door(), tmp_path):
            pass
    await keep(attached.runtime, try_logins=True)
    async with entered(await attached.door(), tmp_path) as client:
        await client.execute("SELECT 1")


async def test_the_pooler_of_a_deleted_database_is_ended(attached: Attached) -> None:
    async with attached.runtime.sessions() as session, session.begin():
        moved = await DatabaseRepository(session).move(
            attached.database.id, frm=[DatabaseState.AVAILABLE], to=DatabaseState.DELETED
        )
        assert moved
    pooler = await pooler_row(attached)
    await keep(attached.runtime)
    process = local_provider(attached.runtime).pooler(attached.database.id)
    assert process.status() is PgBouncerStatus.STOPPED
    assert not process.files.directory.exists()
    async with attached.runtime.sessions() as session:
        await session.refresh(found := await session.get_one(type(pooler), pooler.id))
        assert found.state == PoolerState.DELETED
