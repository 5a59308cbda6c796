"""The volume behind a database as it is at Railway now: whoever swaps volumes there does not tell us."""

from dataclasses import dataclass
from uuid import UUID

from app.databases.models import Database
from app.databases.places import Site, site_of
from app.providers.railway.client import RailwayClient
from app.providers.railway.inventory import (
    EnvironmentState,
    VolumeInstance,
    postgres_services,
    read_environment,
)
from app.providers.railway.place import Place
from app.providers.railway.snapshots import Snapshot, snapshots
from app.runtime import Runtime
from app.snapshots.errors import ClusterNotRestorable, SnapshotNotFound, VolumeMissing


@dataclass(frozen=True, slots=True)
class Mounted:
    """``volume`` is the one that the service mounts."""

    site: Site
    environment: EnvironmentState
    volume: VolumeInstance

    @property
    def client(self) -> RailwayClient:
        return self.site.client

    @property
    def place(self) -> Place:
        return self.site.place

    @property
    def connection_id(self) -> UUID:
        return self.place.connection_id

    async def snapshots(self) -> list[Snapshot]:
        """Newest first."""
        return await snapshots(self.client, self.volume.id)

    async def snapshot(self, snapshot_id: str) -> Snapshot:
        """Raises SnapshotNotFound."""
        found = next((one for one in await self.snapshots() if one.id == snapshot_id), None)
        if found is None:
            raise SnapshotNotFound(snapshot_id)
        return found

    def require_standalone(self) -> None:
        """Tells only when the environment was read with its config. Raises ClusterNotRestorable."""
        services = postgres_services(self.environment)
        if any(service.cluster for service in services if service.service_id == self.place.service_id):
            raise ClusterNotRestorable


async def mounted(site: Site, *, config: bool = False) -> Mounted:
    """Raises VolumeMissing, RailwayProblem."""
    environment = await read_environment(site.client, site.place.environment_id, config=config)
    volume = environment.volume_of(site.place.service())
    if volume is None:
        raise VolumeMissing(site.place.service())
    return Mounted(site, environment, volume)


async def mounted_of(runtime: Runtime, database: Database) -> Mounted:
    """For steps."""
    return await mounted(await site_of(runtime, database))
