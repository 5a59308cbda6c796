"""The fixture of those who test against the simulator; their conftest imports it."""

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from anyio.from_thread import start_blocking_portal

from tests.e2e.processes import processes_of
from tests.planted import plant
from tests.railway_simulator import process
from tests.railway_simulator.pace import quick_looks
from tests.railway_simulator.process import Simulator

END_SECONDS = 20.0


@pytest.fixture(scope="module")
def simulator(server_directory: Path) -> Iterator[Simulator]:
    """One for all tests of a module. What it says is read in a thread of its own, whatever loop a test runs."""
    with tempfile.TemporaryDirectory(prefix="pgm-railway-") as name:
        Path(name).chmod(0o755)
        (Path(name) / "initdb").symlink_to(server_directory / "initdb")  # what other processes unpack is good here too
        with (
            quick_looks(),
            start_blocking_portal() as portal,
            portal.wrap_async_context_manager(process.simulator(Path(name))) as simulator,
        ):
            for kind, token in simulator.tokens.items():
                plant(f"Railway token of kind {kind}", token, for_session=True)
            yield simulator
        _await_end(Path(name))


def _await_end(directory: Path) -> None:
    """A server that was just being started ends on the signal that it gets at the simulator's death, a moment later."""
    until = time.monotonic() + END_SECONDS
    while left := processes_of(directory):
        assert time.monotonic() < until, f"the simulator left running: {left}"
        time.sleep(0.05)
