"""One life of a database made each way, in which every change and some reads are answered wrongly."""

import shutil
import tempfile
from pathlib import Path
from random import Random

import pytest

from tests.e2e.railway_audit import railway_audit
from tests.e2e.railway_faults import CHANGE_FAULTS, LIVES, READ_FAULTS, one_life
from tests.e2e.railway_world import railway_world


@pytest.mark.timeout(600)
async def test_whatever_answer_is_lost_or_wrong_nothing_is_made_twice_or_left_behind(seed: int) -> None:
    """All kinds of faults with both ways are in `scripts/soak railway`."""
    random = Random(seed)
    directory = Path(tempfile.mkdtemp(prefix="pgm-rwf-"))
    directory.chmod(0o755)  # for the user of the servers
    told = [f"PGM_TEST_SEED={seed}"]
    try:
        async with railway_world(directory, seed=seed) as world:
            await world.workers.start()
            try:
                for create in LIVES:
                    change, read = random.choice(CHANGE_FAULTS), random.choice(READ_FAULTS)
                    await one_life(world, create, change_fault=change, read_fault=read, tell=told.append)
                audit = await railway_audit(world)
            except BaseException as error:
                error.add_note("\n".join(told))
                raise
    finally:
        shutil.rmtree(directory, ignore_errors=True)
    assert audit.violations == [], told
