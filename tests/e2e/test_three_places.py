"""What is promised of copies, on the world of the faults, each time and not only when its turn comes."""

import pytest

from tests.e2e.conftest import Stage
from tests.e2e.faults.store_copies import (
    three_buckets_of_which_one_refuses_are_a_partial_backup_until_the_copy_is_asked_for_again as three_buckets,
)
from tests.e2e.world import World


@pytest.mark.timeout(300)  # the first one waits for the world to be built
def test_one_dump_is_three_copies_though_one_place_refused_at_first(stage: Stage) -> None:
    stage.run(hit)


async def hit(world: World) -> None:
    try:
        await three_buckets(world)
    except BaseException:
        await world.put_right()  # for those that come after it
        raise
    left = await world.remains()
    assert left == []
