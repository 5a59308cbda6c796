"""Who refers to a database's service: from what was last seen of its environment, or read now."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.databases.places import Site
from app.providers.railway.inventory import read_environment
from app.providers.railway.models import RailwayObservation
from app.providers.railway.observed import SeenConfig, SeenPlugins, SeenService, SeenStatus
from app.providers.railway.references import Reference, WrittenAddress, is_public_host
from app.runtime import Runtime

FRESH: Final = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The environment of a database, without any value of its variables."""

    environment_name: str
    services: dict[str, SeenService]
    references: list[Reference]
    plugins: SeenPlugins | None
    observed_at: datetime
    written: list[WrittenAddress] = field(default_factory=list)

    def name_of(self, service_id: str | None) -> str | None:
        """None for the environment itself, whose variables its services share."""
        if service_id is None:
            return None
        return self.services[service_id].name if service_id in self.services else service_id

    def named(self, id_or_name: str) -> str | None:
        """The id of the service."""
        if id_or_name in self.services:
            return id_or_name
        return next((key for key, found in self.services.items() if found.name == id_or_name), None)

    def references_to(self, *names: str) -> list[Reference]:
        """Without those of services to themselves."""
        return [
            found
            for found in self.references
            if found.target_service_name in names and self.name_of(found.service_id) != found.target_service_name
        ]

    def copies_of(self, host: str | None, port: int | None) -> list[WrittenAddress]:
        """Variables that have the address written out. Without a port only a private name says whose it is."""
        ports = (port,) if is_public_host(host) else (port, None)
        return [found for found in self.written if found.host == host and found.port in ports]


async def last_seen(runtime: Runtime, site: Site) -> Surroundings:
    """As old as ten minutes at the most; read at Railway where nothing so young is kept."""
    async with runtime.reads() as session:
        query = select(RailwayObservation).where(
            RailwayObservation.connection_id == site.place.connection_id,
            RailwayObservation.railway_environment_id == site.place.environment_id,
        )
        kept = (await session.exec(query)).one_or_none()
    if (
        kept is None
        or kept.status is None
        or kept.consumers is None
        or kept.consumers_at is None
        or runtime.clock() - kept.consumers_at > FRESH
    ):
        return await seen_now(runtime, site)
    status, config = SeenStatus.model_validate(kept.status), SeenConfig.model_validate(kept.consumers)
    return _surroundings(site, status, config, kept.consumers_at)


async def forget_seen(session: AsyncSession, site: Site, now: datetime) -> None:
    """After somebody's variables were changed: whoever asks next is told what is there, and a look under way is not kept."""
    statement = (
        update(RailwayObservation)
        .where(
            col(RailwayObservation.connection_id) == site.place.connection_id,
            col(RailwayObservation.railway_environment_id) == site.place.environment_id,
        )
        .values(consumers_at=None, claimed_until=None, due_at=now)
        .execution_options(synchronize_session=False)
    )
    await session.exec(statement)


async def seen_now(runtime: Runtime, site: Site, environment_id: str | None = None) -> Surroundings:
    """One request. Of another environment of the same project where one is named."""
    state = await read_environment(site.client, environment_id or site.place.environment_id, config=True)
    return _surroundings(site, SeenStatus.of(state), SeenConfig.of(state), runtime.clock())


def _surroundings(site: Site, status: SeenStatus, config: SeenConfig, at: datetime) -> Surroundings:
    return Surroundings(
        environment_name=status.environment_name,
        services=status.services,
        references=config.references,
        plugins=config.plugins.get(site.place.service()),
        observed_at=at,
        written=config.written,
    )
