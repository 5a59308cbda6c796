"""What is killed on the way of a backup or a restore: programs, sessions, the server itself."""

import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

from app.errors import Problem
from app.postgres.postmaster import Postmaster
from app.restores.schemas import TEMPORARY_PREFIX
from tests.e2e.faults import fault
from tests.e2e.faults.server_side import (
    BIG,
    BIG_ROWS,
    available,
    back_up,
    child,
    copying,
    free_name,
    names,
    restore,
    restored,
    retried,
    scratch,
    taken,
    until,
)
from tests.e2e.world import World

_LOST: Final = {"DUMP_INTERRUPTED", "DATABASE_UNREACHABLE"}


@fault
async def a_pg_dump_killed_midway_costs_a_retry(world: World) -> None:
    async with dumping(world) as accepted:
        os.kill(child("pg_dump", accepted["job"]), signal.SIGKILL)
        await dumped_after_all(world, accepted, {"DUMP_INTERRUPTED"})


@fault
async def a_pg_dump_told_to_stop_midway_costs_a_retry(world: World) -> None:
    async with dumping(world) as accepted:
        os.kill(child("pg_dump", accepted["job"]), signal.SIGTERM)
        await dumped_after_all(world, accepted, {"DUMP_INTERRUPTED"})


@fault
async def a_terminated_session_of_pg_dump_costs_a_retry(world: World) -> None:
    async with dumping(world) as accepted:
        await terminate(world, accepted["job"], "pid IN (SELECT pid FROM pg_stat_progress_copy)")
        await dumped_after_all(world, accepted, _LOST)


@fault
async def a_terminated_session_of_the_snapshot_costs_a_retry(world: World) -> None:
    async with dumping(world) as accepted:
        await terminate(world, accepted["job"], "pid NOT IN (SELECT pid FROM pg_stat_progress_copy)")
        await dumped_after_all(world, accepted, _LOST)


@fault
async def a_cancelled_statement_of_pg_dump_costs_a_retry(world: World) -> None:
    async with dumping(world) as accepted:
        await terminate(world, accepted["job"], "pid IN (SELECT pid FROM pg_stat_progress_copy)", "pg_cancel_backend")
        await dumped_after_all(world, accepted, {"DUMP_INTERRUPTED"})


@fault
async def the_managed_server_killed_in_the_middle_of_a_backup_is_survived(world: World) -> None:
    async with dumping(world) as accepted:
        await kill_server(world)
        job = await retried_by_hand(world, accepted["job"])
        backup = await available(world, job["result"]["backup_ids"][0])
        assert backup["rows"] == BIG_ROWS


@fault
async def a_pg_restore_killed_midway_costs_a_retry(world: World) -> None:
    async with restoring(world) as accepted:
        os.kill(child("pg_restore", accepted["job"]), signal.SIGKILL)
        await restored_after_all(world, accepted, {"RESTORE_INTERRUPTED"})


@fault
async def a_pg_restore_told_to_stop_midway_costs_a_retry(world: World) -> None:
    async with restoring(world) as accepted:
        os.kill(child("pg_restore", accepted["job"]), signal.SIGTERM)
        await restored_after_all(world, accepted, {"RESTORE_INTERRUPTED"})


@fault
async def a_terminated_session_of_pg_restore_costs_a_retry(world: World) -> None:
    async with restoring(world) as accepted:
        await terminate(world, accepted["job"], "pid IN (SELECT pid FROM pg_stat_progress_copy)")
        await restored_after_all(world, accepted, {"DATABASE_UNREACHABLE"})


@fault
async def the_managed_server_killed_in_the_middle_of_a_restore_is_survived(world: World) -> None:
    async with restoring(world) as accepted:
        await kill_server(world)
        job = await retried_by_hand(world, accepted["job"])
        found = await world.get(f"/v1/restores/{job['result']['restore_id']}")
        assert (found["state"], found["equal"], found["report"]["rows"]) == ("restored", True, BIG_ROWS)
        await no_temporary_database(world)


@fault
async def the_managed_server_killed_while_nothing_runs_is_started_again(world: World) -> None:
    await kill_server(world)
    await answers(world)
    await taken(world, await back_up(world))


@asynccontextmanager
async def dumping(world: World) -> AsyncIterator[dict[str, Any]]:
    """A backup whose big table is being copied."""
    async with scratch(world, sql=BIG) as name:
        accepted = await back_up(world, logical_databases=[name])
        await copying(world, "COPY TO")
        try:
            yield accepted
        finally:
            await answers(world)


async def dumped_after_all(world: World, accepted: dict[str, Any], codes: set[str]) -> None:
    backup = await taken(world, accepted)
    assert backup["rows"] == BIG_ROWS
    await failed_before(world, accepted["job"], codes)


@asynccontextmanager
async def restoring(world: World) -> AsyncIterator[dict[str, Any]]:
    """A restore whose big table is being filled."""
    async with scratch(world, sql=BIG) as name, free_name(world) as new:
        backup = await taken(world, await back_up(world, logical_databases=[name]))
        accepted = await restore(world, backup["id"], new)
        await copying(world, "COPY FROM")
        try:
            yield accepted
        finally:
            await answers(world)


async def restored_after_all(world: World, accepted: dict[str, Any], codes: set[str]) -> None:
    found = await restored(world, accepted)
    assert found["report"]["rows"] == BIG_ROWS
    await failed_before(world, accepted["job"], codes)
    await no_temporary_database(world)


async def retried_by_hand(world: World, job: dict[str, Any]) -> dict[str, Any]:
    """The job at its good end: this one, or where its attempts were used up before the server was back, its retry."""
    ended = await world.ended(job)
    if ended["state"] == "failed":
        error = ended["error"]
        assert (error["code"] in _LOST, error["retryable"]) == (True, True), error
        await answers(world)
        return await world.succeeded(await world.post(f"/v1/jobs/{job['id']}:retry", expect=202))
    errors = await retried(world, job)
    assert errors
    assert {error["code"] for error in errors} <= _LOST, errors
    return ended


async def no_temporary_database(world: World) -> None:
    assert [name for name in await names(world) if name.startswith(TEMPORARY_PREFIX)] == []


async def failed_before(world: World, job: dict[str, Any], codes: set[str]) -> None:
    errors = await retried(world, job)
    assert errors, "nothing failed"
    assert {error["code"] for error in errors} <= codes, errors
    assert all(error["retryable"] for error in errors)


async def terminate(world: World, job: dict[str, Any], which: str, how: str = "pg_terminate_backend") -> None:
    async with world.session("postgres") as session:
        ended = await session.fetchval(
            f"SELECT count({how}(pid)) FROM pg_stat_activity WHERE application_name LIKE '%' || $1 AND {which}",
            job["id"],
        )
    assert ended, "there is no such session"


async def kill_server(world: World) -> None:
    """The postmaster alone, by SIGKILL; the kernel's out-of-memory killer does that."""
    data = world.settings.data_dir.absolute() / "clusters" / world.database / "data"
    postmaster = Postmaster.of(data)
    assert postmaster
    assert postmaster.is_alive()
    os.kill(postmaster.pid, signal.SIGKILL)


async def answers(world: World) -> None:
    """Returns once the managed server takes logins, and the service says so too."""

    async def look() -> bool:
        try:
            await world.value("SELECT 1")
        except Problem:
            return False
        return bool((await world.get(f"/v1/databases/{world.database}"))["state"] == "available")

    await until(look, "the managed server was not started again")
