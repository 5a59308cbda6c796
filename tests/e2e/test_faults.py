"""A tenth of `scripts/soak faults`, another one each time; PGM_TEST_SEED, which the report names, gives the same again."""

import math
import os
from random import Random

import pytest

from tests.e2e.conftest import Stage
from tests.e2e.faults import every_fault
from tests.e2e.world import World

FAULTS = every_fault()
TENTH = Random(os.environ["PGM_TEST_SEED"]).sample(sorted(FAULTS), math.ceil(len(FAULTS) / 10))


@pytest.mark.timeout(300)  # the first one waits for the world to be built
@pytest.mark.parametrize("name", TENTH)
def test_a_trouble_ends_as_it_should_and_leaves_nothing(stage: Stage, name: str) -> None:
    stage.run(lambda world: hit(world, name))


async def hit(world: World, name: str) -> None:
    """Brings one fault, and looks at what it left."""
    try:
        await FAULTS[name](world)
    except BaseException:
        await world.put_right()  # for those that come after it
        raise
    left = await world.remains()
    assert left == [], f"{name} left {left}"
