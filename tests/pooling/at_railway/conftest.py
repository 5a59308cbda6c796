"""An environment at the simulated Railway, a database in it, and workers that run pooling's jobs."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlmodel import col, select

from app.databases.models import Database, Environment
from app.kit.ids import encode_id
from app.pooling import overlaying
from app.pooling.tasks import programmes
from app.providers.railway.models import RailwayIntent
from app.providers.railway.place import Place
from app.runtime import Runtime
from app.settings import Settings
from tests.changes.idle import a_named_service
from tests.control import make_settings
from tests.databases.records import create_project
from tests.platform.records import adopt
from tests.pooling.conftest import Finished
from tests.providers.railway_simulated.asking import (
    STAGED,
    a_service,
    ask,
    config_of,
    deployed,
    postgres_variables,
    volume_instance_of,
)
from tests.providers.railway_simulated.conftest import platform
from tests.providers.railway_simulated.making import NEVER_RUNS
from tests.railway_simulator.fixtures import simulator
from tests.railway_simulator.process import Simulator
from tests.railway_world import railway_environment
from tests.workers import MakeWorker, hasty_worker, killed, worker

__all__ = ["killed", "platform", "simulator", "worker"]

POOLER_IMAGE = "ghcr.io/railwayapp-templates/pgbouncer"
READS = "postgresql://${{Postgres.POSTGRES_USER}}@${{Postgres.PGHOST}}:5432/app"


@pytest.fixture
def settings(database_url: str, tmp_path: Path, simulator: Simulator) -> Settings:
    return make_settings(
        database_url, tmp_path / "data", railway_endpoint=simulator.endpoint, railway_requests_per_second=1000
    )


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was lost is asked for again as soon as the simulator would have done it."""
    monkeypatch.setattr(overlaying, "LOST_SECONDS", 2.0)


@pytest.fixture
async def environment(
    runtime: Runtime, platform: Simulator, client: httpx.AsyncClient, as_admin: dict[str, str]
) -> Environment:
    return await railway_environment(runtime, platform, await create_project(client, as_admin))


@pytest.fixture
def make_worker(runtime: Runtime) -> MakeWorker:
    return lambda: hasty_worker(runtime, *programmes(runtime))


@dataclass
class Pooled:
    """A database at Railway and its pooler, by the API and as Railway has them."""

    client: httpx.AsyncClient
    headers: dict[str, str]
    finished: Finished
    platform: Simulator
    runtime: Runtime
    database_id: UUID
    place: Place

    @property
    def path(self) -> str:
        return f"/v1/databases/{encode_id('db', self.database_id)}/pooler"

    async def ask(self, method: str, below: str = "", *, expect: int = 202, **options: Any) -> dict[str, Any]:
        answer = await self.client.request(method, self.path + below, headers=self.headers, timeout=60, **options)
        assert answer.status_code == expect, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def apply(self, method: str, **options: Any) -> dict[str, Any]:
        """The job, at its end."""
        return await self.finished(await self.ask(method, **options))

    async def attached(self, make_worker: MakeWorker) -> None:
        """By a worker that ends with it."""
        stop = asyncio.Event()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(make_worker().run(stop))
            job = await self.apply("PUT", json={})
            stop.set()
        assert job["state"] == "succeeded", job["error"]

    async def state(self) -> str:
        answer = await self.client.get(self.path, headers=self.headers)
        return str(answer.json()["state"]) if answer.status_code == 200 else "none"

    async def poolers(self) -> dict[str, dict[str, Any]]:
        """Those in Railway's environment, with their configuration."""
        services = (await config_of(self.platform, self.place.environment_id))["services"]
        return {
            key: service
            for key, service in services.items()
            if service.get("source", {}).get("image", "").startswith(POOLER_IMAGE)
        }

    async def staged(self) -> dict[str, Any]:
        patch: dict[str, Any] = (await ask(self.platform, STAGED, e=self.place.environment_id))["patch"]
        return patch

    async def is_held(self) -> bool:
        async with self.runtime.sessions() as session:
            query = select(RailwayIntent).where(col(RailwayIntent.closed_at).is_(None))
            return (await session.exec(query)).first() is not None

    async def deployments(self) -> int:
        """Of the poolers."""
        poolers = await self.poolers()
        found = (await self.platform.state())["deployments"]
        return sum(one["service_id"] in poolers for one in found)


@pytest.fixture
def pooled_with(
    client: httpx.AsyncClient, as_admin: dict[str, str], finished: Finished, platform: Simulator, runtime: Runtime
) -> Callable[[Database], Pooled]:
    def make(database: Database) -> Pooled:
        place = Place.of(database.provider_data)
        return Pooled(client, as_admin, finished, platform, runtime, database.id, place)

    return make


@pytest.fixture
async def pooled(
    runtime: Runtime, platform: Simulator, environment: Environment, pooled_with: Callable[[Database], Pooled]
) -> Pooled:
    """Its server never runs, and is not reached: enough for everything that only Railway does. A service reads it."""
    at = environment.railway_environment_id or ""
    service_id, volume_id = await a_service(
        platform, at, volume=True, source={"image": NEVER_RUNS}, variables=postgres_variables("not-a-real-password")
    )
    await deployed(platform, at, service_id, "FAILED")
    instance = await volume_instance_of(platform, at, volume_id)
    name = (await platform.state())["services"]
    found = next(one["name"] for one in name if one["id"] == service_id)
    await a_named_service(platform, at, f"api {service_id[:6]}", {"URL": READS.replace("Postgres", found)})
    seeded = {"service_id": service_id, "name": found, "volume_id": volume_id, "volume_instance_id": instance["id"]}
    return pooled_with(await adopt(runtime, environment, seeded))
