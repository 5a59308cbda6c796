"""Our provider at work on the simulated platform, and what the platform itself then has."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar
from uuid import UUID

from pydantic import SecretStr

from app.kit.ids import new_id
from app.providers.protocol import NotYet, Phase, ServerSpec
from app.providers.railway.intents import Intents
from app.providers.railway.placing import Patience
from app.providers.railway.provider import RailwayProvider
from app.runtime import Runtime
from tests.planted import plant
from tests.railway_simulator.process import Simulator

# An image of a major that no machine of ours has: it never runs, so nothing has to be waited for.
NEVER_RUNS = "ghcr.io/railwayapp-templates/postgres-ssl:13"
PATIENCE = Patience(unseen_seconds=2.0, glance_seconds=2.0, poll_seconds=2.0, appear_seconds=20.0)
_SECONDS = 60.0
Found = TypeVar("Found")


@dataclass
class Making:
    """One server, in the environment of ``place``; a restart of our process is ``again``."""

    runtime: Runtime
    spec: ServerSpec
    patience: Patience = PATIENCE
    told: list[str] = field(default_factory=list)

    @property
    def provider(self) -> RailwayProvider:
        return RailwayProvider(self.runtime.railway, Intents(self.runtime.sessions), self.patience)

    @property
    def place(self) -> dict[str, Any]:
        return dict(self.spec.data)

    async def until(self, phase: Phase) -> None:
        """All phases up to this one."""
        for one in self.provider.phases[: self.provider.phases.index(phase) + 1]:
            await self.phase(one)

    async def phase(self, phase: Phase) -> None:
        made = await patiently(lambda: self.provider.create(self.spec, phase, self.told.append))
        if made.data is not None:
            self.spec = replace(self.spec, data=made.data)

    async def destroy(self) -> dict[str, Any]:
        return await patiently(lambda: self.provider.destroy(self.spec, self.told.append))

    def later(self) -> "Making":
        """The same server in the hands of another job."""
        return replace(self, spec=replace(self.spec, job_id=new_id(), options={}))


async def patiently(call: Callable[[], Awaitable[Found]]) -> Found:
    async with asyncio.timeout(_SECONDS):
        while True:
            try:
                return await call()
            except NotYet as not_yet:
                await asyncio.sleep(min(0.2, not_yet.seconds))


def a_making(
    runtime: Runtime,
    simulator: Simulator,
    connection_id: UUID,
    environment_id: str,
    *,
    major: int | None = None,
    **options: Any,
) -> Making:
    place = {
        "connection_id": str(connection_id),
        "project_id": simulator.project_id,
        "environment_id": environment_id,
    }
    password = SecretStr(plant("a database's password", secrets.token_urlsafe(24)))
    spec = ServerSpec(new_id(), "postgres", password, "railway", major, place, options, job_id=new_id())
    return Making(runtime, spec)


@dataclass(frozen=True)
class There:
    """What is in one environment, as the platform itself sees it; ids."""

    services: list[str]
    names: list[str]
    volumes: list[str]
    mounted: list[str]


async def there(simulator: Simulator, environment_id: str) -> There:
    state = await simulator.state()
    names = {one["id"]: one["name"] for one in state["services"]}
    services = [
        one["service_id"]
        for one in state["service_instances"]
        if one["environment_id"] == environment_id and one["deleted_at"] is None
    ]
    volumes = [
        one
        for one in state["volume_instances"]
        if one["environment_id"] == environment_id and not one["pending_deletion"] and one["state"] != "DELETED"
    ]
    return There(
        services=services,
        names=[names[service_id] for service_id in services],
        volumes=[one["volume_id"] for one in volumes],
        mounted=[one["volume_id"] for one in volumes if one["service_id"] is not None],
    )
