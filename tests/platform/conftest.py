"""One linked environment at the simulated Railway with one database in it."""

from pathlib import Path
from uuid import UUID

import httpx
import pytest

from app.databases.models import Database, Environment
from app.runtime import Runtime
from app.settings import Settings
from tests.control import make_settings
from tests.databases.records import create_project
from tests.platform.records import adopt, connect, link
from tests.railway_simulator.fixtures import simulator
from tests.railway_simulator.process import Simulator

__all__ = ["simulator"]


@pytest.fixture
def settings(database_url: str, tmp_path: Path, simulator: Simulator) -> Settings:
    return make_settings(
        database_url, tmp_path / "data", railway_endpoint=simulator.endpoint, railway_requests_per_second=1000
    )


@pytest.fixture
async def project_id(client: httpx.AsyncClient, as_admin: dict[str, str]) -> UUID:
    return await create_project(client, as_admin)


@pytest.fixture
async def environment(runtime: Runtime, simulator: Simulator, project_id: UUID) -> Environment:
    connection = await connect(runtime, simulator, project_id)
    return await link(runtime, simulator, connection, simulator.environment_id)


@pytest.fixture
async def seeded(simulator: Simulator) -> dict[str, str]:
    """A new database at Railway that only looks as if it ran."""
    made = await simulator.seed(environments=1, databases_each=1)
    (there,) = made["environments"]
    assert there["environment_id"] == simulator.environment_id
    found: dict[str, str] = there["databases"][0]
    return found


@pytest.fixture
async def database(runtime: Runtime, environment: Environment, seeded: dict[str, str]) -> Database:
    return await adopt(runtime, environment, seeded)
