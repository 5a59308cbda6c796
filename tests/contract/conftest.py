"""A provider and a server that is wished for, by the provider's name; what was made is gone at the end of the test."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import pytest
from pydantic import SecretStr

from app.databases.models import Project
from app.kit.ids import new_id
from app.postgres.connect import Target, TlsMode
from app.providers.protocol import NotYet, Provider, ServerSpec
from app.providers.railway.place import Place
from app.runtime import Runtime
from app.settings import Settings
from tests.control import data_dir_in, make_settings
from tests.planted import plant
from tests.platform.records import connect
from tests.providers.railway_simulated.asking import an_environment
from tests.railway_simulator.fixtures import simulator
from tests.railway_simulator.process import Simulator

__all__ = ["simulator"]

_SECONDS = 120.0
Found = TypeVar("Found")


@dataclass
class Server:
    provider: Provider
    spec: ServerSpec
    target: Target | None = None

    async def made(self) -> None:
        """All phases, as their job goes through them."""
        if self.target is None:
            self.spec = replace(self.spec, data=await self.provider.prepare(self.spec))
        for phase in self.provider.phases:
            made = await patiently(lambda phase=phase: self.provider.create(self.spec, phase))  # type: ignore[misc]  # bound at once
            self.spec = self.spec if made.data is None else replace(self.spec, data=made.data)
            self.target = made.target or self.target
        self.target = self.target or _public(self.spec)

    async def destroyed(self) -> dict[str, Any]:
        return await patiently(lambda: self.provider.destroy(self.spec))


async def patiently(call: Callable[[], Awaitable[Found]]) -> Found:
    async with asyncio.timeout(_SECONDS):
        while True:
            try:
                return await call()
            except NotYet as not_yet:
                await asyncio.sleep(min(0.2, not_yet.seconds))


@pytest.fixture
def settings(database_url: str, server_directory: Path, simulator: Simulator) -> Settings:
    return make_settings(
        database_url,
        data_dir_in(server_directory),
        railway_endpoint=simulator.endpoint,
        railway_requests_per_second=1000,
    )


@pytest.fixture(params=["local", "railway"])
async def server(request: pytest.FixtureRequest, runtime: Runtime, simulator: Simulator) -> AsyncIterator[Server]:
    password = SecretStr(plant("a database's password", secrets.token_urlsafe(24)))
    spec = ServerSpec(new_id(), "postgres", password, "railway", job_id=new_id())
    if request.param == "railway":
        data, options = await _place(runtime, simulator), {"public_access": True}
        spec = replace(spec, data=data, options=options)
    else:
        spec = replace(spec, major=15)
    server = Server(runtime.providers[request.param], spec)
    yield server
    await server.destroyed()


async def _place(runtime: Runtime, simulator: Simulator) -> dict[str, Any]:
    async with runtime.sessions() as session, session.begin():
        project = Project(name="shop", created_by="test")
        session.add(project)
        project_id = project.id
    connection = await connect(runtime, simulator, project_id)
    place = Place(
        connection_id=connection.id, project_id=simulator.project_id, environment_id=await an_environment(simulator)
    )
    return place.data()


def _public(spec: ServerSpec) -> Target:
    """Of a server at Railway, whose way in follows from its place."""
    place = Place.of(dict(spec.data))
    assert place.public_host is not None
    assert place.public_port is not None
    return Target(
        host=place.public_host,
        port=place.public_port,
        user=spec.username,
        password=spec.password,
        database=spec.database,
        tls=TlsMode.REQUIRE,
    )
