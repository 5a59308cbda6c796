"""A part of `scripts/soak railway`: workers killed while they change a simulated Railway, judged by what is there."""

import shutil
import tempfile
from pathlib import Path

import pytest

from tests.e2e.railway_audit import railway_audit
from tests.e2e.railway_kills import RailwayKills
from tests.e2e.railway_world import railway_world

KILLS = 5  # one of each: creating, taking a snapshot, restoring it, enlarging, deleting


@pytest.mark.timeout(600)  # a kill costs a few seconds, and all that it needs is started first
async def test_wherever_a_worker_dies_nothing_is_made_twice_or_left_behind(seed: int) -> None:
    directory = Path(tempfile.mkdtemp(prefix="pgm-rwk-"))
    directory.chmod(0o755)  # for the user of the servers
    told = [f"PGM_TEST_SEED={seed}"]
    try:
        async with railway_world(directory, seed=seed) as world:
            try:
                tally = await RailwayKills(world, KILLS, told.append).run(every_step=False)
                audit = await railway_audit(world)
            except BaseException as error:
                error.add_note("\n".join(told))
                raise
    finally:
        shutil.rmtree(directory, ignore_errors=True)
    assert tally.kills >= KILLS
    assert audit.violations == [], told
