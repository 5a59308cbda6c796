"""A twentieth of `scripts/soak kills`, on the world of the faults, and the auditor's whole look afterwards."""

import pytest

from tests.e2e.blows import WEAPONS, Weapon
from tests.e2e.conftest import Stage
from tests.e2e.kills import Kills
from tests.e2e.stock_restore import full_audit
from tests.e2e.world import World

KILLS = 10
# Which takes a third of a minute to start again after it was killed.
WITHOUT_STORE: dict[Weapon, int] = {weapon: weight for weapon, weight in WEAPONS.items() if weapon is not Weapon.STORE}


@pytest.mark.timeout(600)  # ten kills take a minute at most; the world is perhaps built first
def test_whatever_step_a_worker_dies_in_its_jobs_end_well_and_leave_nothing(stage: Stage, seed: int) -> None:
    stage.run(lambda world: killed(world, seed))


async def killed(world: World, seed: int) -> None:
    """Another run with the same seed in PGM_TEST_SEED makes the same choices, as far as the clock lets it."""
    told = [f"PGM_TEST_SEED={seed}"]
    try:
        tally = await Kills(world, KILLS, told.append, weapons=WITHOUT_STORE).run()
        audit = await full_audit(world)
    except BaseException as error:
        await world.put_right()
        error.add_note("\n".join(told))
        raise
    assert tally.kills >= KILLS
    assert audit.violations == [], told
