"""Restores and deletions while the object store fails."""

from tests.e2e.faults import fault
from tests.e2e.faults.server_side import (
    back_up,
    copied,
    free_name,
    mended,
    not_restored,
    restore,
    restored,
    states,
    taken,
)
from tests.e2e.faults.store_side import (
    FOREVER,
    broken,
    deleting,
    everything,
    gone,
    held,
    hurried,
    keys,
    place,
    reading,
)
from tests.e2e.world import World
from tests.storage.fault_proxy import Choice, Fault, answers, cut, error, reset, stall

SLOW_DOWN = answers("503 Slow Down", error("SlowDown"))
DENIED = answers("403 Forbidden", error("SignatureDoesNotMatch"))


async def succeeds_all_the_same(world: World, trouble: Fault, *, times: int) -> None:
    backup = await world.good_backup()
    async with free_name(world) as name, broken(world, reading, trouble, times=times):
        await restored(world, await restore(world, backup, name))


@fault
async def an_archive_that_stalls_while_it_is_read(world: World) -> None:
    await succeeds_all_the_same(world, stall, times=1)


@fault
async def an_archive_whose_reading_breaks_off(world: World) -> None:
    await succeeds_all_the_same(world, cut(world.random.randint(0, 200_000)), times=world.random.randint(1, 5))


@fault
async def a_store_that_is_busy_for_a_while_at_a_restore(world: World) -> None:
    await succeeds_all_the_same(world, SLOW_DOWN, times=12)


async def fails(world: World, choice: Choice, trouble: Fault, code: str, *, retryable: bool) -> None:
    backup = await world.good_backup()
    async with free_name(world) as name, hurried(world), broken(world, choice, trouble):
        problem = await not_restored(world, await restore(world, backup, name), code, retryable=retryable)
    assert "bucket backups at 127.0.0.1" in problem["detail"], problem


@fault
async def a_store_that_stays_busy_at_a_restore(world: World) -> None:
    await fails(world, reading, SLOW_DOWN, "LOCATION_FAILED", retryable=True)


@fault
async def a_store_that_resets_every_reading(world: World) -> None:
    await fails(world, reading, reset, "LOCATION_UNREACHABLE", retryable=True)


@fault
async def credentials_that_were_revoked_before_a_restore(world: World) -> None:
    await fails(world, everything, DENIED, "LOCATION_ACCESS_DENIED", retryable=False)


@fault
async def an_archive_that_is_gone(world: World) -> None:
    missing = answers("404 Not Found", error("NoSuchKey"))
    await fails(world, reading, missing, "LOCATION_OBJECT_MISSING", retryable=False)
    await mended(world, await world.good_backup(), world.location)


@fault
async def a_clock_that_is_wrong_at_a_restore(world: World) -> None:
    skewed = answers("403 Forbidden", error("RequestTimeTooSkewed"))
    await fails(world, everything, skewed, "LOCATION_CLOCK_SKEWED", retryable=False)


@fault
async def a_store_that_breaks_off_a_restore_in_place(world: World) -> None:
    """The database that was to be replaced stands as before."""
    backup, oid = await world.good_backup(), "SELECT oid::int FROM pg_database WHERE datname = current_database()"
    before = await world.value(oid)
    async with hurried(world), broken(world, reading, cut(100_000), times=1), broken(world, reading, reset):
        accepted = await world.start_restore(backup, {"kind": "in_place"}, safety_backup=False)
        await not_restored(world, accepted, "LOCATION_UNREACHABLE", retryable=True)
    assert await world.value(oid) == before


@fault
async def a_first_copy_that_cannot_be_read(world: World) -> None:
    """Whatever keeps it from being read, the other copy is good."""
    async with place(world) as there:
        accepted = await back_up(world, location_ids=[there.id, world.second_location])
        backup = await taken(world, accepted)
        assert [copy["is_primary"] for copy in backup["copies"] if copy["location_id"] == there.id] == [True]
        troubles = [
            DENIED,
            SLOW_DOWN,
            answers("404 Not Found", error("NoSuchBucket")),
            answers("404 Not Found", error("NoSuchKey")),
            answers("403 Forbidden", error("RequestTimeTooSkewed")),
        ]
        for trouble in world.random.sample(troubles, 2):
            there.proxy.break_(everything, trouble, times=FOREVER)
            async with free_name(world) as name:
                started = await restore(world, backup["id"], name)
                found = await restored(world, started)
            there.proxy.mend()
            job = await world.get(f"/v1/jobs/{found['job_id']}")
            assert any("was passed over" in warning for warning in job["warnings"]), job["warnings"]
            if states(await copied(world, backup["id"]))[there.id] == "corrupt":
                await mended(world, backup["id"], there.id)
        await gone(world, backup["id"])


@fault
async def no_copy_that_can_be_read_now(world: World) -> None:
    """One is refused for good, the other is away: the job may be tried again, since that one may come back."""
    async with place(world) as first, place(world) as second:
        backup = await taken(world, await back_up(world, location_ids=[first.id, second.id]))
        async with hurried(world), second.proxy.closed(), free_name(world) as name:
            first.proxy.break_(everything, DENIED, times=FOREVER)
            accepted = await restore(world, backup["id"], name)
            await not_restored(world, accepted, "LOCATION_UNREACHABLE", retryable=True)
        first.proxy.mend()
        await gone(world, backup["id"])


# Deletions.


@fault
async def a_store_that_is_busy_for_a_while_at_a_deletion(world: World) -> None:
    backup = await taken(world, await back_up(world))
    async with broken(world, deleting, SLOW_DOWN, times=world.random.randint(1, 12)):
        await gone(world, backup["id"])
    assert await keys(world, backup["id"]) == []


async def deletion_fails(world: World, trouble: Fault, code: str, *, retryable: bool) -> None:
    """What is half deleted is no backup to restore from; another deletion ends it."""
    async with place(world) as there, hurried(world):
        backup = await taken(world, await back_up(world, location_ids=[there.id]))
        there.proxy.break_(deleting, trouble, times=FOREVER)
        accepted = await world.delete(f"/v1/backups/{backup['id']}?confirm={backup['id']}", expect=202)
        problem = await world.failed(accepted["job"])
        assert (problem["code"], problem["retryable"]) == (code, retryable)
        assert (await world.get(f"/v1/backups/{backup['id']}"))["state"] == "deleting"
        async with free_name(world) as name:
            wish = {"backup_id": backup["id"], "target": {"kind": "logical_database", "name": name}}
            refusal = await world.post("/v1/restores", wish, expect=409)
        assert refusal["code"] == "STATE_INVALID"
        there.proxy.mend()
        await gone(world, backup["id"])
        assert await keys(world, backup["id"]) == []


@fault
async def a_store_that_stays_busy_at_a_deletion(world: World) -> None:
    await deletion_fails(world, SLOW_DOWN, "LOCATION_FAILED", retryable=True)


@fault
async def credentials_that_were_revoked_before_a_deletion(world: World) -> None:
    await deletion_fails(world, DENIED, "LOCATION_ACCESS_DENIED", retryable=False)


@fault
async def a_backup_deleted_while_it_is_restored(world: World) -> None:
    """Refused while somebody reads it, by name."""
    backup = await taken(world, await back_up(world))
    async with free_name(world) as name, held(world, reading) as gate:
        accepted = await restore(world, backup["id"], name)
        await gate.arrived()
        refusal = await world.delete(f"/v1/backups/{backup['id']}?confirm={backup['id']}", expect=409)
        assert (refusal["code"], refusal["restore_id"]) == ("HAS_DEPENDENTS", accepted["restore"]["id"])
        gate.opened.set()
        await restored(world, accepted)
    await gone(world, backup["id"])
