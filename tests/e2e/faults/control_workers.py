"""Workers frozen past their lease, asked to stop, or killed all at once, while they take a backup or restore one."""

import signal

from tests.e2e.faults import fault
from tests.e2e.faults.control_side import holder, reasons, taken_over
from tests.e2e.faults.server_side import back_up, free_name, restore, restored, taken
from tests.e2e.faults.store_side import gone, held, keys, manifest, reading
from tests.e2e.world import World
from tests.storage.fault_proxy import complete, part


@fault
async def a_worker_frozen_past_its_lease_while_it_takes_a_backup(world: World) -> None:
    """What it had sent arrives late, and it goes on late: neither rows nor objects change by it."""
    moment = world.random.choice([part(), complete, manifest])
    async with held(world, moment) as gate:
        accepted = await back_up(world)
        await gate.arrived()
        frozen = await holder(world, accepted["job"])
        world.workers.signal(frozen, signal.SIGSTOP)
        await taken_over(world, accepted["job"], frozen)
        gate.opened.set()
        backup = await taken(world, accepted)
    before = await keys(world, backup["id"])
    await thawed(world, frozen)
    assert await world.get(f"/v1/backups/{backup['id']}") == backup
    assert await keys(world, backup["id"]) == before
    await gone(world, backup["id"])


async def thawed(world: World, frozen: int) -> None:
    """It goes on, and is well enough to take a backup all alone."""
    world.workers.signal(frozen, signal.SIGCONT)
    for index in world.workers.alive():
        if index != frozen:
            await world.workers.stop(index)
    backup = await taken(world, await back_up(world))
    await gone(world, backup["id"])
    await world.workers.put_right()


@fault
async def a_worker_frozen_past_its_lease_while_it_restores(world: World) -> None:
    backup = await world.good_backup()
    async with free_name(world) as name, held(world, reading) as gate:
        accepted = await restore(world, backup, name)
        await gate.arrived()
        frozen = await holder(world, accepted["job"])
        world.workers.signal(frozen, signal.SIGSTOP)
        await taken_over(world, accepted["job"], frozen)
        gate.opened.set()
        found = await restored(world, accepted)
        counted = await world.value("SELECT count(*) FROM pg_class", name=name)
        await thawed(world, frozen)
        assert await world.get(f"/v1/restores/{found['id']}") == found
        assert await world.value("SELECT count(*) FROM pg_class", name=name) == counted


async def impatient(world: World) -> None:
    """The usual workers give way to two that hardly wait for a job's end when they are to stop."""
    for index in world.workers.alive():
        await world.workers.stop(index)
    for _ in range(2):
        await world.workers.start(grace_seconds=0.2)


@fault
async def a_worker_that_is_asked_to_stop_while_it_takes_a_backup(world: World) -> None:
    await impatient(world)
    async with held(world, world.random.choice([part(), complete, manifest])) as gate:
        accepted = await back_up(world)
        await gate.arrived()
        await world.workers.stop(await holder(world, accepted["job"]))
        gate.opened.set()
        backup = await taken(world, accepted)
    assert "handed back" in await reasons(world, accepted["job"])
    assert (await world.get(f"/v1/jobs/{accepted['job']['id']}"))["attempt"] == 1
    await gone(world, backup["id"])
    await world.workers.put_right()


@fault
async def a_worker_that_is_asked_to_stop_while_it_restores(world: World) -> None:
    backup = await world.good_backup()
    await impatient(world)
    async with free_name(world) as name, held(world, reading) as gate:
        accepted = await restore(world, backup, name)
        await gate.arrived()
        await world.workers.stop(await holder(world, accepted["job"]))
        gate.opened.set()
        await restored(world, accepted)
    assert "handed back" in await reasons(world, accepted["job"])
    await world.workers.put_right()


async def all_replaced(world: World) -> None:
    for index in world.workers.alive():
        await world.workers.kill(index)
    await world.workers.put_right()


@fault
async def every_worker_killed_during_a_backup(world: World) -> None:
    async with held(world, world.random.choice([part(), complete, manifest])) as gate:
        accepted = await back_up(world)
        await gate.arrived()
        await all_replaced(world)
        gate.opened.set()
        backup = await taken(world, accepted)
    assert "worker lost" in await reasons(world, accepted["job"])
    await gone(world, backup["id"])


@fault
async def every_worker_killed_during_a_restore(world: World) -> None:
    backup = await world.good_backup()
    async with free_name(world) as name, held(world, reading) as gate:
        accepted = await restore(world, backup, name)
        await gate.arrived()
        await all_replaced(world)
        gate.opened.set()
        await restored(world, accepted)
    assert "worker lost" in await reasons(world, accepted["job"])
