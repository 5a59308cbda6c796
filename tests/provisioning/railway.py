"""An environment at the simulated Railway, and requests about databases in it; the fixtures of those who ask there."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

import httpx
import pytest

from app.kit.ids import decode_id, encode_id
from app.providers.railway.provider import RailwayProvider
from app.runtime import Runtime
from app.settings import Settings
from tests.control import data_dir_in, make_settings
from tests.planted import plant
from tests.platform.records import connect
from tests.providers.railway_simulated.asking import a_service, an_environment, deployed, postgres_variables
from tests.providers.railway_simulated.making import NEVER_RUNS, PATIENCE
from tests.railway_simulator.process import Simulator
from tests.railway_simulator.settings import SimulatorSettings


@pytest.fixture
async def platform(simulator: Simulator) -> AsyncIterator[Simulator]:
    await simulator.settings(per_second=10_000)
    yield simulator
    await simulator.settings(**SimulatorSettings().model_dump())
    await simulator.no_faults()


@pytest.fixture
def settings(database_url: str, server_directory: Path, platform: Simulator) -> Settings:
    return make_settings(
        database_url,
        data_dir_in(server_directory),
        railway_endpoint=platform.endpoint,
        railway_requests_per_second=1000,
    )


@pytest.fixture
def impatient(runtime: Runtime) -> None:
    """What may still appear is waited for as long as the simulator needs, which is not long."""
    providers = cast("dict[str, Any]", runtime.providers)
    providers["railway"] = replace(cast("RailwayProvider", providers["railway"]), patience=PATIENCE)


class There:
    """One environment at Railway, one token for it, and requests about databases in it."""

    def __init__(self, client: httpx.AsyncClient, headers: dict[str, str], wish: dict[str, Any]) -> None:
        self.client, self.headers, self.wish = client, headers, wish
        self.environment_id: str = wish["railway_environment_id"]

    async def post(self, path: str = "/v1/databases", **wish: Any) -> httpx.Response:
        headers = self.headers | {"Idempotency-Key": str(uuid4())}
        body = {**self.wish, **wish} if path.startswith("/v1/databases") and ":" not in path else None
        return await self.client.post(path, json=body, headers=headers)

    async def get(self, path: str) -> dict[str, Any]:
        document: dict[str, Any] = (await self.client.get(path, headers=self.headers)).json()
        return document

    async def delete(self, path: str) -> httpx.Response:
        return await self.client.delete(path, headers=self.headers)


@pytest.fixture
async def railway(
    runtime: Runtime,
    platform: Simulator,
    client: httpx.AsyncClient,
    as_admin: dict[str, str],
    project: dict[str, Any],
) -> There:
    connection = await connect(runtime, platform, decode_id("prj", project["id"]))
    wish = {
        "provider": "railway",
        "project_id": project["id"],
        "connection_id": encode_id("rwc", connection.id),
        "railway_project_id": platform.project_id,
        "railway_environment_id": await an_environment(platform),
        "name": "shop",
    }
    return There(client, as_admin, wish)


async def adopted(railway: There, platform: Simulator) -> dict[str, Any]:
    """One without a server behind it, which is as good as one that nobody here reaches."""
    service_id, _ = await a_service(
        platform,
        railway.environment_id,
        volume=True,
        source={"image": NEVER_RUNS},
        variables=postgres_variables(plant("a password", f"adopted-{uuid4()}")),
    )
    await deployed(platform, railway.environment_id, service_id, "FAILED")
    answer = await railway.post(provider="railway-service", service_id=service_id)
    assert answer.status_code == 201, answer.text
    database: dict[str, Any] = answer.json()["database"]
    return database
