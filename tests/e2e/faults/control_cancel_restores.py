"""Restores cancelled in every step: into a new database, which is then not there, and in place, where nothing changed."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

from app.restores.schemas import TEMPORARY_PREFIX
from tests.e2e.faults import fault
from tests.e2e.faults.control_cancel import cancelled
from tests.e2e.faults.control_workers import all_replaced
from tests.e2e.faults.server_side import back_up, free_name, names, restore, scratch, taken, until
from tests.e2e.faults.store_side import held, reading
from tests.e2e.world import World
from tests.storage.fault_proxy import part

# Its index is computed at once when it is restored, and row by row with a pause when it is analysed.
_SLOW_TO_ANALYSE: Final = """
CREATE FUNCTION pace(n int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    IF pg_catalog.current_query() LIKE 'ANALYZE%' THEN PERFORM pg_catalog.pg_sleep(0.1); END IF;
    RETURN n;
END $$;
CREATE TABLE slow AS SELECT generate_series(1, 300) AS n;
CREATE INDEX ON slow (pace(n))
"""


async def cancelled_restore(world: World, accepted: dict[str, Any]) -> None:
    await cancelled(world, accepted["job"])
    found = await world.get(f"/v1/restores/{accepted['restore']['id']}")
    assert (found["state"], found["error"]) == ("cancelled", None), found
    assert [name for name in await names(world) if name.startswith(TEMPORARY_PREFIX)] == []


@fault
async def a_restore_cancelled_while_it_loads(world: World) -> None:
    backup = await world.good_backup()
    async with free_name(world) as name, held(world, reading) as gate:
        accepted = await restore(world, backup, name)
        await gate.arrived()
        await cancelled_restore(world, accepted)
        assert name not in await names(world)


@fault
async def a_restore_cancelled_while_it_analyses(world: World) -> None:
    async with scratch(world, sql=_SLOW_TO_ANALYSE) as source, free_name(world) as name:
        backup = await taken(world, await back_up(world, logical_databases=[source]))
        accepted = await restore(world, backup["id"], name)
        await world.at_step(accepted["job"], "analyze")
        await cancelled_restore(world, accepted)
        assert name not in await names(world)


@fault
async def a_restore_cancelled_at_any_moment(world: World) -> None:
    """Either it was too late, and all of it is there, or nothing is."""
    backup = await world.good_backup()
    for step in world.random.sample(["plan", "load", "analyze", "compare", "place"], 2):
        async with free_name(world) as name:
            accepted = await restore(world, backup, name)
            await _about(world, accepted["job"], step)
            answer = await world.client.post(f"/v1/jobs/{accepted['job']['id']}:cancel")
            assert answer.status_code in (202, 409), answer.text
            ended = await world.ended(accepted["job"])
            assert ended["state"] in ("cancelled", "succeeded"), ended
            assert (name in await names(world)) == (ended["state"] == "succeeded")


async def _about(world: World, job: dict[str, Any], step: str) -> None:
    """Returns at the step, or later when it passed unseen."""

    async def look() -> bool:
        seen = await world.get(f"/v1/jobs/{job['id']}")
        return seen["done"] or step in [one["name"] for one in seen["progress"]["steps"]]

    await until(look, f"the job does not come to {step}")


@asynccontextmanager
async def unchanged(world: World) -> AsyncIterator[None]:
    """The database of the shop is the very same afterwards, and takes connections."""
    oid = "SELECT oid::int FROM pg_database WHERE datname = current_database()"
    before = await world.value(oid)
    yield
    assert await world.value(oid) == before


@fault
async def a_restore_in_place_cancelled_while_it_loads(world: World) -> None:
    backup = await world.good_backup()
    async with unchanged(world), held(world, reading) as gate:
        accepted = await world.start_restore(backup, {"kind": "in_place"}, safety_backup=False)
        await gate.arrived()
        await cancelled_restore(world, accepted)


@fault
async def a_restore_in_place_cancelled_during_its_safety_backup(world: World) -> None:
    """The cancel goes down to the backup, which is no child of a restore that anybody waits for any more."""
    backup = await world.good_backup()
    async with unchanged(world), held(world, part()) as gate:
        accepted = await world.start_restore(backup, {"kind": "in_place"})
        await gate.arrived()
        (child,) = (await world.get(f"/v1/jobs?parent_id={accepted['job']['id']}"))["data"]
        await cancelled_restore(world, accepted)
        assert (await world.ended(child))["state"] == "cancelled"
    taken_by_it = [one for one in (await world.get(world.backups))["data"] if one["job_id"] == child["id"]]
    assert [(one["origin"], one["state"]) for one in taken_by_it] == [("safety", "failed")]


@fault
async def a_restore_in_place_cancelled_at_any_moment(world: World) -> None:
    """Too late means that it is done: then it is undone and the copy given up, so that the shop is as before."""
    backup = await world.good_backup()
    for step in world.random.sample(["analyze", "compare", "place"], 2):
        async with unchanged(world):
            accepted = await world.start_restore(backup, {"kind": "in_place"}, safety_backup=False)
            await _about(world, accepted["job"], step)
            answer = await world.client.post(f"/v1/jobs/{accepted['job']['id']}:cancel")
            assert answer.status_code in (202, 409), answer.text
            ended = await world.ended(accepted["job"])
            path = f"/v1/restores/{accepted['restore']['id']}"
            if ended["state"] == "succeeded":
                for action in ("undo", "confirm"):
                    await world.succeeded((await world.post(f"{path}:{action}", expect=202))["job"])
            else:
                assert ended["state"] == "cancelled", ended
                assert (await world.get(path))["state"] == "cancelled"


@fault
async def a_restore_cancelled_while_its_workers_are_killed(world: World) -> None:
    backup = await world.good_backup()
    async with free_name(world) as name, held(world, reading) as gate:
        accepted = await restore(world, backup, name)
        await gate.arrived()
        await world.post(f"/v1/jobs/{accepted['job']['id']}:cancel", expect=202)
        await all_replaced(world)
        ended = await world.ended(accepted["job"])
        assert ended["state"] == "cancelled"
        assert name not in await names(world)
