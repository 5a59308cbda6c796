"""Workers on a machine without room: nothing of a backup is ever written to their disk."""

from typing import Final

from tests.e2e.faults import fault
from tests.e2e.faults.server_side import BIG, BIG_ROWS, back_up, free_name, restore, restored, scratch, taken
from tests.e2e.world import World

# Less than any part of an archive, and more than what is said of one: passwords, lists, tables of contents.
_MOST_BYTES: Final = 1024 * 1024


@fault
async def a_worker_that_can_write_no_file_takes_and_restores_a_backup(world: World) -> None:
    for index in world.workers.alive():
        await world.workers.stop(index)
    await world.workers.start(most_file_bytes=_MOST_BYTES)
    try:
        async with scratch(world, sql=BIG) as database, free_name(world) as name:
            backup = await taken(world, await back_up(world, logical_databases=[database]))
            assert backup["size_bytes"] > _MOST_BYTES
            assert backup["rows"] == BIG_ROWS
            await restored(world, await restore(world, backup["id"], name))
    finally:
        await world.workers.put_right()
