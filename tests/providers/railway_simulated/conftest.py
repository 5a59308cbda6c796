"""Every test finds the platform's settings as they are at first, and no faults."""

from collections.abc import AsyncIterator

import pytest

from tests.railway_simulator.fixtures import simulator
from tests.railway_simulator.process import Simulator
from tests.railway_simulator.settings import SimulatorSettings

__all__ = ["simulator"]


@pytest.fixture
async def platform(simulator: Simulator) -> AsyncIterator[Simulator]:
    yield simulator
    await simulator.settings(**SimulatorSettings().model_dump())
    await simulator.no_faults()
