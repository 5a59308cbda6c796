"""An installation that speaks to a simulated Railway: an API, workers that can be killed, and the platform beside them."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

from app.databases.access import target_of
from app.databases.models import Database
from app.db import migrate
from app.db.engine import Sessions, create_engine, create_sessions
from app.kit.ids import decode_id
from app.kit.sealing import KeyRing
from app.postgres.connect import Target
from app.postgres.toolchain import Toolchain
from app.settings import Settings
from tests.control import make_settings
from tests.e2e.replicas import Replica
from tests.e2e.stage import APPLICATION, client_of, control_server, environment_of, make_admin_key
from tests.e2e.worker_process import Workers
from tests.planted import plant
from tests.railway_simulator.process import Simulator, simulator


@dataclass
class RailwayWorld:
    seed: int
    random: random.Random
    directory: Path
    settings: Settings
    railway: Simulator
    workers: Workers
    client: httpx.AsyncClient
    control_url: str
    sessions: Sessions
    project: str = ""
    connection: str = ""

    async def get(self, path: str) -> Any:
        answer = await self.client.get(path)
        assert answer.status_code == 200, f"GET {path}: {answer.status_code} {answer.text}"
        return answer.json()

    async def call(self, method: str, path: str, body: Any = None, *, expect: int) -> dict[str, Any]:
        answer = await self.client.request(method, path, json=body, headers={"Idempotency-Key": uuid4().hex})
        assert answer.status_code == expect, f"{method} {path}: {answer.status_code} {answer.text}"
        document: dict[str, Any] = answer.json()
        return document

    async def ended(self, job: dict[str, Any], within_seconds: float) -> dict[str, Any]:
        """The job's document at its end."""
        try:
            async with asyncio.timeout(within_seconds):
                while not job["done"]:
                    job = await self.get(f"/v1/jobs/{job['id']}?wait=5")
        except TimeoutError:
            raise AssertionError(f"the job did not end within {within_seconds} s: {job}") from None
        return job

    async def row(self, database: str) -> Database:
        async with self.sessions() as session:
            return await session.get_one(Database, decode_id("db", database))

    async def target(self, database: str) -> Target:
        return target_of(await self.row(database), KeyRing.parse(self.settings.secret_keys.get_secret_value()))


@asynccontextmanager
async def railway_world(directory: Path, *, seed: int) -> AsyncIterator[RailwayWorld]:
    """``directory`` must be open to the servers' user and short, since sockets lie in it."""
    directory.mkdir(parents=True, exist_ok=True)
    toolchain = await Toolchain.discover()
    async with AsyncExitStack() as stack:
        enter = stack.enter_async_context
        control, railway = await asyncio.gather(
            enter(control_server(directory / "control", toolchain)), enter(simulator(directory / "railway"))
        )
        for kind, token in railway.tokens.items():
            plant(f"Railway token of kind {kind}", token)
        spec = control.spec
        url = f"postgresql://{spec.superuser}:{spec.password.get_secret_value()}@127.0.0.1:{spec.port}/postgres"
        await migrate.upgrade(url)
        settings = make_settings(url, directory / "data", railway_endpoint=railway.endpoint)
        engine = create_engine(url, application_name=APPLICATION, pooled=False)
        stack.push_async_callback(engine.dispose)
        sessions = create_sessions(engine)
        admin_key = await make_admin_key(settings, sessions)
        environment = environment_of(settings) | {"PGM_RAILWAY_ENDPOINT": railway.endpoint}
        workers = await enter(Workers.nursed(environment, directory / "workers.log"))
        api = Replica(environment, directory / "api.log")
        stack.push_async_callback(api.stop)
        await api.start()
        world = RailwayWorld(
            seed=seed,
            random=random.Random(seed),
            directory=directory,
            settings=settings,
            railway=railway,
            workers=workers,
            client=await enter(client_of(api.url, admin_key)),
            control_url=url,
            sessions=sessions,
        )
        world.project = (await world.call("POST", "/v1/projects", {"name": "shop"}, expect=201))["id"]
        wish = railway.railway.connection(world.project)
        world.connection = (await world.call("POST", "/v1/railway-connections", wish, expect=201))["id"]
        yield world
