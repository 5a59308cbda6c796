"""Every fault once, against a whole installation; `scripts/soak faults` brings them several times, in any order."""

import pytest

from tests.e2e.conftest import Stage
from tests.e2e.faults import every_fault
from tests.e2e.world import World

FAULTS = every_fault()


@pytest.mark.timeout(300)  # the first one waits for the world to be built
@pytest.mark.parametrize("name", FAULTS)
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
