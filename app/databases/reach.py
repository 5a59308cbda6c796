"""How our workers get to a server on Railway, where private names resolve inside one project and environment only."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.databases.models import Database, ProviderName
from app.jobs import lanes
from app.jobs.lanes import Lane
from app.providers.railway.place import Place
from app.runtime import Runtime
from app.settings import Settings


class Reach(StrEnum):
    PRIVATE = "private"  # this installation runs in the same project and environment
    PUBLIC = "public"  # by the TCP proxy
    WORKER = "worker"  # by workers of the database's label, which run in its environment
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Way:
    reach: Reach
    host: str | None = None
    port: int | None = None


def way_to(place: Place, *, worker_label: str | None, settings: Settings) -> Way:
    """The shortest way that is open. A label is the operator's word, so it goes before the public address."""
    ours = (settings.railway_project_id, settings.railway_environment_id)
    if place.private_host and ours == (place.project_id, place.environment_id):
        return Way(Reach.PRIVATE, place.private_host, place.private_port)
    if place.private_host and worker_label:
        return Way(Reach.WORKER, place.private_host, place.private_port)
    if place.public_host and place.public_port:
        return Way(Reach.PUBLIC, place.public_host, place.public_port)
    return Way(Reach.NONE)


def address(database: Database, settings: Settings) -> None:
    """Sets the row's address and reach by what it knows of its place. To be called whenever that changed."""
    if database.provider != ProviderName.RAILWAY or not database.provider_data:
        return
    way = way_to(Place.of(database.provider_data), worker_label=database.worker_label, settings=settings)
    database.reach, database.host, database.port = way.reach, way.host, way.port


def is_reached_from_here(database: Database, runtime: Runtime) -> bool:
    """Whether this very process may connect to its address; otherwise only a job can, on a worker that may."""
    if database.host_id not in (None, runtime.host_id) or database.reach == Reach.NONE:
        return False
    return database.reach != Reach.WORKER or database.worker_label == runtime.settings.worker.label


async def lanes_of(session: AsyncSession, database_ids: Collection[UUID]) -> dict[UUID, Lane]:
    query = select(Database).where(col(Database.id).in_(database_ids))
    return {
        database.id: Lane(database.host_id, database.worker_label if database.reach == Reach.WORKER else None)
        for database in (await session.exec(query)).all()
    }


lanes.register(lanes_of)
