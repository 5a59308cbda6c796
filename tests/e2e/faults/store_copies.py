"""One dump for three buckets, while one of them, or what lies in it, is not as it should be."""

from tests.e2e.faults import fault
from tests.e2e.faults.server_side import (
    available,
    back_up,
    copied,
    free_name,
    restore,
    restored,
    states,
)
from tests.e2e.faults.store_place import bucket
from tests.e2e.faults.store_side import FOREVER, Place, gone, hurried, place, writing
from tests.e2e.stock_files import decode_at
from tests.e2e.world import World
from tests.storage.fault_proxy import answers, error

_DENIED = answers("403 Forbidden", error("AccessDenied"))


@fault
async def three_buckets_of_which_one_refuses_are_a_partial_backup_until_the_copy_is_asked_for_again(
    world: World,
) -> None:
    """One dump; whoever has any of the three has a backup that stock programs open."""
    async with (
        bucket(world) as first_name,
        bucket(world) as second_name,
        bucket(world) as third_name,
        place(world, bucket=first_name) as first,
        place(world, bucket=second_name) as second,
        place(world, bucket=third_name) as third,
        hurried(world),
    ):
        places = [first, second, third]
        second.proxy.break_(writing, _DENIED, times=FOREVER)
        accepted = await back_up(world, location_ids=[one.id for one in places])
        job = await world.succeeded(accepted["job"])
        backup = await copied(world, accepted["backups"][0]["id"])
        assert backup["state"] == "partial", (backup, job)
        assert states(backup) == {first.id: "available", second.id: "failed", third.id: "available"}
        refusal = next(copy["error"] for copy in backup["copies"] if copy["location_id"] == second.id)
        assert (refusal["code"], refusal["retryable"]) == ("LOCATION_ACCESS_DENIED", False)
        async with free_name(world) as name:
            await restored(world, await restore(world, backup["id"], name))
        dumped = _requests(first)
        second.proxy.mend()
        again = await world.post(f"/v1/backups/{backup['id']}/copies", {"location_id": second.id}, expect=202)
        await world.succeeded(again["job"])
        backup = await available(world, backup["id"])
        assert set(states(backup).values()) == {"available"}
        assert _requests(first) == dumped, "what was dumped once was written again"
        for one in places:
            await decode_at(world, await one.store(), backup["id"])
        await gone(world, backup["id"])


def _requests(there: Place) -> int:
    return there.proxy.count(writing)
