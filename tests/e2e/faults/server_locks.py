"""Tables that somebody else holds while a backup wants to read them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

from tests.e2e.faults import fault
from tests.e2e.faults.server_side import (
    back_up,
    children,
    refused,
    retried,
    scratch,
    taken,
    troubled,
    until,
)
from tests.e2e.world import World

_TABLE: Final = "CREATE TABLE held (id integer); INSERT INTO held SELECT generate_series(1, 100)"
# In production it is half a minute.
_SHORT: Final = {"app.backups.steps.dumping.LOCK_TIMEOUT_SECONDS": 0.5}


@fault
async def a_lock_held_longer_than_the_wait_fails_the_backup_by_table_and_holder(world: World) -> None:
    async with impatient(world), scratch(world, sql=_TABLE) as name:
        async with world.session(name) as holder, holder.transaction():
            await holder.execute("LOCK TABLE held")
            accepted = await back_up(world, logical_databases=[name])
            problem = await refused(world, accepted, "LOCK_TIMEOUT", retryable=True)
            pid = await holder.fetchval("SELECT pg_backend_pid()")
            assert (problem["table"], problem["blocker_pid"]) == ("held", pid)
            assert f"process {pid} (world) holds an exclusive lock on it" in problem["detail"]
            assert children("pg_dump", accepted["job"]) == []
        backup = await taken(world, await back_up(world, logical_databases=[name]))
        assert backup["rows"] == 100


@fault
async def a_lock_that_is_let_go_costs_the_backup_a_retry(world: World) -> None:
    async with impatient(world), scratch(world, sql=_TABLE) as name:
        async with world.session(name) as holder, holder.transaction():
            await holder.execute("LOCK TABLE held")
            accepted = await back_up(world, logical_databases=[name])
            problem = await troubled(world, accepted["job"])
        assert (problem["code"], problem["table"]) == ("LOCK_TIMEOUT", "held")
        backup = await taken(world, accepted)
        assert backup["rows"] == 100
        assert {error["code"] for error in await retried(world, accepted["job"])} == {"LOCK_TIMEOUT"}


@fault
async def a_lock_that_is_only_waited_for_fails_the_backup_by_who_waits(world: World) -> None:
    """Behind a reader that never ends, an ALTER TABLE waits, and every later reader behind that."""
    async with (
        impatient(world),
        scratch(world, sql=_TABLE) as name,
        world.session(name) as old_reader,
        world.session(name) as altering,
    ):
        async with old_reader.transaction():
            await old_reader.fetchval("SELECT count(*) FROM held")
            pid = await altering.fetchval("SELECT pg_backend_pid()")
            await altering.execute("SET lock_timeout = 0; SET statement_timeout = 0")
            waiting = asyncio.create_task(altering.execute("ALTER TABLE held ADD COLUMN more text", timeout=120))
            await waits(world, pid)
            accepted = await back_up(world, logical_databases=[name])
            problem = await refused(world, accepted, "LOCK_TIMEOUT", retryable=True)
            assert problem["blocker_pid"] == pid
            assert f"process {pid} (world) waits for an exclusive lock on it" in problem["detail"]
        await waiting


@fault
async def a_cancel_ends_a_backup_that_waits_for_a_lock(world: World) -> None:
    async with scratch(world, sql=_TABLE) as name, world.session(name) as holder, holder.transaction():
        await holder.execute("LOCK TABLE held")
        accepted = await back_up(world, logical_databases=[name])
        await waits(world)
        await world.post(f"/v1/jobs/{accepted['job']['id']}:cancel", expect=202)
        job = await world.ended(accepted["job"], within_seconds=25)
        assert (job["state"], job["error"]) == ("cancelled", None)


@asynccontextmanager
async def impatient(world: World) -> AsyncIterator[None]:
    """A single worker, which waits for locks of tables for half a second only."""
    for index in world.workers.alive():
        await world.workers.stop(index)
    await world.workers.start(constants=_SHORT)
    try:
        yield
    finally:
        await world.workers.put_right()


async def waits(world: World, pid: int | None = None) -> None:
    """Returns once that session, or any of a job's, waits for a lock."""
    query = """
        SELECT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'
                          AND CASE WHEN $1::int IS NULL THEN application_name LIKE 'pgmanager job%' ELSE pid = $1 END)
    """
    async with world.session("postgres") as session:

        async def look() -> bool:
            found: Any = await session.fetchval(query, pid)
            return bool(found)

        await until(look, "nobody waits for a lock")
