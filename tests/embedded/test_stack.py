"""One installation at a time over one folder: a second would stop the servers of the first."""

import fcntl
from pathlib import Path

import pytest

from app.embedded.errors import ComponentFailed
from app.embedded.stack import embedded_stack


async def test_a_second_stack_over_a_folder_is_refused_and_removes_nothing(tmp_path: Path) -> None:
    kept = tmp_path / "dev" / "data"
    kept.mkdir(parents=True)
    with (tmp_path / "dev.lock").open("w") as first:
        fcntl.flock(first, fcntl.LOCK_EX)
        with pytest.raises(ComponentFailed, match="Another stack runs over"):
            async with embedded_stack(tmp_path / "dev", fresh=True):
                pass
    assert kept.exists()
