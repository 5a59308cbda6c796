"""Everything that exists on the simulated platform, its clock, and the work that goes on behind the answers."""

import asyncio
import sys
import traceback
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Coroutine, Iterable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, Final, TypeVar
from uuid import uuid4

from tests.railway_simulator.bouncers import Bouncers
from tests.railway_simulator.faults import Faults
from tests.railway_simulator.machines import Machines
from tests.railway_simulator.model import (
    Backup,
    Deployment,
    Entity,
    Environment,
    Project,
    Proxy,
    Schedule,
    Service,
    ServiceInstance,
    StagedPatch,
    Volume,
    VolumeInstance,
    Workflow,
    Workspace,
)
from tests.railway_simulator.quota import Quotas
from tests.railway_simulator.settings import SimulatorSettings
from tests.railway_simulator.tokens import Token

AnyEntity = TypeVar("AnyEntity", bound=Entity)
DEFAULT_REGION: Final = "us-west2"
# Name, location, country, and what replaces it.
REGIONS: Final = (
    (DEFAULT_REGION, "California, USA", "US", None),
    ("us-east4-eqdc4a", "Virginia, USA", "US", None),
    ("europe-west4-drams3a", "Amsterdam, Netherlands", "NL", None),
    ("asia-southeast1-eqsg3a", "Singapore", "SG", None),
    ("us-west1", "Oregon, USA", "US", DEFAULT_REGION),
)


def new_id() -> str:
    return str(uuid4())


class Platform:
    def __init__(self, machines: Machines, bouncers: Bouncers) -> None:
        self.machines = machines
        self.bouncers = bouncers
        self.settings = SimulatorSettings()
        self.faults = Faults()
        self.quotas = Quotas()
        self.random = Random()
        self.requests: dict[str, Counter[str]] = defaultdict(Counter)
        self.tokens: dict[str, Token] = {}
        self.workspaces: dict[str, Workspace] = {}
        self.projects: dict[str, Project] = {}
        self.environments: dict[str, Environment] = {}
        self.services: dict[str, Service] = {}
        self.service_instances: dict[str, ServiceInstance] = {}
        self.volumes: dict[str, Volume] = {}
        self.volume_instances: dict[str, VolumeInstance] = {}
        self.proxies: dict[str, Proxy] = {}
        self.backups: dict[str, Backup] = {}
        self.schedules: dict[str, Schedule] = {}
        self.deployments: dict[str, Deployment] = {}
        self.workflows: dict[str, Workflow] = {}
        self.patches: dict[str, StagedPatch] = {}
        # When the last one was created, by what may not be created too quickly.
        self.created: dict[str, datetime] = {}
        self._ahead = timedelta()
        self._moved = asyncio.Event()
        self._work: set[asyncio.Task[None]] = set()

    @classmethod
    @asynccontextmanager
    async def opened(cls, directory: Path) -> AsyncIterator["Platform"]:
        async with Machines.opened(directory) as machines:
            platform = cls(machines, Bouncers(directory.absolute() / "poolers"))
            try:
                yield platform
            finally:
                await platform._end()

    async def _end(self) -> None:
        for task in self._work:
            task.cancel()
        await asyncio.gather(*self._work, return_exceptions=True)
        await self.bouncers.end()
        doors = [one.door for one in self.service_instances.values()] + [one.door for one in self.proxies.values()]
        for door in doors:
            if door is not None:
                await door.close()

    def now(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def advance(self, seconds: float) -> None:
        self._ahead += timedelta(seconds=seconds)
        self._moved.set()
        self._moved = asyncio.Event()

    async def sleep(self, seconds: float) -> None:
        """By the platform's clock: whoever advances it ends the wait."""
        until = self.now() + timedelta(seconds=seconds)
        while (left := (until - self.now()).total_seconds()) > 0:
            with suppress(TimeoutError):
                async with asyncio.timeout(left):
                    await self._moved.wait()

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Goes on whatever becomes of the request that began it, and is ended with the platform."""

        async def reported() -> None:
            try:
                await work
            except Exception:  # noqa: BLE001 (a mistake of the simulator's own, for who reads its standard error)
                traceback.print_exc(file=sys.stderr)

        task = asyncio.get_running_loop().create_task(reported())
        self._work.add(task)
        task.add_done_callback(self._work.discard)

    # What is there.

    def listed(self, entities: Iterable[AnyEntity]) -> list[AnyEntity]:
        """As lists show it: what was just created not yet, what was just deleted still."""
        lag, now = timedelta(seconds=self.settings.visible_after_seconds), self.now()
        return sorted(
            (
                one
                for one in entities
                if self.is_visible(one) and (one.deleted_at is None or now < one.deleted_at + lag)
            ),
            key=lambda one: one.number,
        )

    def is_visible(self, entity: Entity) -> bool:
        return entity.created_at + timedelta(seconds=self.settings.visible_after_seconds) <= self.now()

    def instance(self, environment_id: str, service_id: str) -> ServiceInstance | None:
        return next(
            (
                instance
                for instance in self.instances_in(environment_id)
                if instance.service_id == service_id and instance.deleted_at is None
            ),
            None,
        )

    def instances_in(self, environment_id: str) -> list[ServiceInstance]:
        return [one for one in self.service_instances.values() if one.environment_id == environment_id]

    def volumes_in(self, environment_id: str) -> list[VolumeInstance]:
        return [one for one in self.volume_instances.values() if one.environment_id == environment_id]

    def volume_in(self, environment_id: str, volume_id: str) -> VolumeInstance | None:
        return next(
            (one for one in self.volumes_in(environment_id) if one.volume_id == volume_id and self.is_there(one)), None
        )

    def mounted(self, instance: ServiceInstance) -> VolumeInstance | None:
        return next(
            (
                one
                for one in self.volumes_in(instance.environment_id)
                if one.service_id == instance.service_id and self.is_there(one)
            ),
            None,
        )

    def proxy(self, instance: ServiceInstance) -> Proxy | None:
        return next(
            (
                proxy
                for proxy in self.proxies.values()
                if (proxy.environment_id, proxy.service_id) == (instance.environment_id, instance.service_id)
                and proxy.status in ("CREATING", "ACTIVE")
            ),
            None,
        )

    def deployments_of(self, instance: ServiceInstance) -> list[Deployment]:
        """The oldest first."""
        key = (instance.environment_id, instance.service_id)
        return [one for one in self.deployments.values() if (one.environment_id, one.service_id) == key]

    def is_there(self, entity: Entity) -> bool:
        return entity.deleted_at is None or self.now() < entity.deleted_at
