"""Backups cancelled in every step: within seconds no process and no upload of theirs is left, and then no trace."""

from collections.abc import Callable
from typing import Any, Final

from tests.e2e.faults import fault
from tests.e2e.faults.control_workers import all_replaced
from tests.e2e.faults.server_side import back_up, children, copied, states, until
from tests.e2e.faults.store_side import FOREVER, gone, held, keys, manifest, place, uploads, writing
from tests.e2e.world import World
from tests.storage.fault_proxy import Exchange, begin, complete, part

CANCEL_SECONDS: Final = 30.0  # 5 are promised, to a machine that does nothing else
_PROGRAMS: Final = ("pg_dump", "pg_dumpall", "pg_restore", "psql")


def globals_(exchange: Exchange) -> bool:
    return exchange.line.startswith("PUT ") and "globals.sql" in exchange.line


def sweeping(exchange: Exchange) -> bool:
    return exchange.line.startswith("GET ") and "list-type=2" in exchange.line


async def cancelled(world: World, job: dict[str, Any]) -> None:
    """Asks for it, and is back when nothing runs for the job any more and it has ended."""
    await world.post(f"/v1/jobs/{job['id']}:cancel", expect=202)

    async def quiet() -> bool:
        running = [pid for program in _PROGRAMS for pid in children(program, job)]
        sessions = await world.value(
            "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE '%' || $1", job["id"], name="postgres"
        )
        subject = job["subject_id"] or "none"
        return not running and not sessions and not await uploads(world, subject)

    await until(quiet, "a cancelled job still runs", seconds=CANCEL_SECONDS)
    ended = await world.ended(job)
    assert (ended["state"], ended["error"]) == ("cancelled", None), ended


async def cancelled_backup(world: World, accepted: dict[str, Any]) -> None:
    """One that is not available yet: it failed, because of the cancel, and left no object."""
    await cancelled(world, accepted["job"])
    backup = await world.get(f"/v1/backups/{accepted['backups'][0]['id']}")
    assert (backup["state"], backup["error"]["code"]) == ("failed", "CANCELLED"), backup
    assert await keys(world, backup["id"]) == []


@fault
async def a_backup_cancelled_before_it_begins(world: World) -> None:
    for index in world.workers.alive():
        await world.workers.stop(index)
    accepted = await back_up(world)
    await cancelled_backup(world, accepted)
    await world.workers.put_right()


@fault
async def a_backup_cancelled_in_its_preflight(world: World) -> None:
    async with world.session() as other, other.transaction():
        await other.execute("LOCK TABLE pg_catalog.pg_extension")
        accepted = await back_up(world)
        await world.at_step(accepted["job"], "preflight")
        await cancelled_backup(world, accepted)


@fault
async def a_backup_cancelled_while_its_upload_begins(world: World) -> None:
    await cancelled_at(world, begin)


@fault
async def a_backup_cancelled_while_it_sends_a_part(world: World) -> None:
    await cancelled_at(world, part())


@fault
async def a_backup_cancelled_while_its_upload_is_completed(world: World) -> None:
    await cancelled_at(world, complete)


@fault
async def a_backup_cancelled_while_it_writes_the_globals(world: World) -> None:
    await cancelled_at(world, globals_)


@fault
async def a_backup_cancelled_while_it_writes_the_manifest(world: World) -> None:
    await cancelled_at(world, manifest)


async def cancelled_at(world: World, choice: Callable[[Exchange], bool]) -> None:
    async with held(world, choice) as gate:
        accepted = await back_up(world)
        await gate.arrived()
        await cancelled_backup(world, accepted)


@fault
async def a_copy_cancelled_while_it_is_made(world: World) -> None:
    """The backup is there by then, and stays; the copy that was under way is not."""
    async with place(world) as there:
        there.proxy.break_(writing, _forever, times=FOREVER)
        accepted = await back_up(world, location_ids=[world.location, there.id])
        await world.succeeded(accepted["job"])
        await there.proxy.saw(writing, times=there.proxy.count(writing) + 1)
        backup_id = accepted["backups"][0]["id"]
        jobs = (await world.get("/v1/jobs?kind=backup.copy&limit=100"))["data"]
        await cancelled(world, next(job for job in jobs if job["subject_id"] == backup_id))
        backup = await copied(world, backup_id)
        assert backup["state"] == "partial"
        assert states(backup) == {world.location: "available", there.id: "failed"}
        await gone(world, backup["id"])


async def _forever(exchange: Exchange) -> None:
    await exchange.reader.read(-1)


@fault
async def a_backup_cancelled_while_it_sweeps(world: World) -> None:
    """It is done by then but for tidying up, and stays."""
    async with held(world, sweeping) as gate:
        accepted = await back_up(world)
        await gate.arrived()
        await cancelled(world, accepted["job"])
    backup = await world.get(f"/v1/backups/{accepted['backups'][0]['id']}")
    assert backup["state"] == "available"
    await gone(world, backup["id"])


@fault
async def a_cancelled_backup_that_is_retried(world: World) -> None:
    async with held(world, part()) as gate:
        accepted = await back_up(world)
        await gate.arrived()
        await cancelled_backup(world, accepted)
    job = await world.post(f"/v1/jobs/{accepted['job']['id']}:retry", expect=202)
    assert job["retry_of"] == accepted["job"]["id"]
    ended = await world.succeeded(job)
    (backup_id,) = ended["result"]["backup_ids"]
    assert backup_id != accepted["backups"][0]["id"]
    assert (await world.get(f"/v1/backups/{backup_id}"))["state"] == "available"
    await gone(world, backup_id)


@fault
async def a_backup_cancelled_while_its_workers_are_killed(world: World) -> None:
    async with held(world, world.random.choice([part(), complete, manifest])) as gate:
        accepted = await back_up(world)
        await gate.arrived()
        await world.post(f"/v1/jobs/{accepted['job']['id']}:cancel", expect=202)
        await all_replaced(world)
        ended = await world.ended(accepted["job"])
    assert ended["state"] == "cancelled"
    backup_id = accepted["backups"][0]["id"]
    assert (await world.get(f"/v1/backups/{backup_id}"))["error"]["code"] == "CANCELLED"
    assert (await keys(world, backup_id), await uploads(world, backup_id)) == ([], [])
