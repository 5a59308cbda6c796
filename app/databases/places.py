"""The way from a row to the service behind it at Railway, for whoever asks or changes something there."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from app.auth.principal import Principal
from app.databases.access import visible_database
from app.databases.errors import DatabaseStateInvalid
from app.databases.models import Database, DatabaseState, ProviderName
from app.databases.reach import address
from app.providers.protocol import NotSupported
from app.providers.railway.client import RailwayClient
from app.providers.railway.place import Place
from app.runtime import Runtime

_WITHOUT_SERVICE = (DatabaseState.CREATING, DatabaseState.DELETING, DatabaseState.DELETED)


@dataclass(frozen=True, slots=True)
class Site:
    """A database, where it is, and who speaks for us there."""

    database: Database
    place: Place
    client: RailwayClient


async def visible_site(runtime: Runtime, database_id: UUID, caller: Principal, action: str) -> Site:
    """For requests; ``action`` is what they want to see ``done`` to it. Holds no session when it returns.

    Raises DatabaseNotFound, NotSupported for a database of another provider, DatabaseStateInvalid, PlaceUnknown.
    """
    async with runtime.reads() as session:
        database = await visible_database(session, database_id, caller)
    require_railway(database, action)
    if database.state in _WITHOUT_SERVICE:
        raise DatabaseStateInvalid(database.id, database.state, action)
    return await site_of(runtime, database)


async def site_of(runtime: Runtime, database: Database) -> Site:
    """Raises PlaceUnknown, RailwayConnectionGone."""
    place = Place.of(database.provider_data)
    place.service()
    return Site(database, place, await runtime.railway.of(place.connection_id))


def require_railway(database: Database, action: str) -> None:
    if database.provider != ProviderName.RAILWAY:
        raise NotSupported(database.provider, action)


async def keep_place(session: AsyncSession, database_id: UUID, runtime: Runtime, **changes: Any) -> Database:
    """Writes what became of the place, and the address that follows from it, in the caller's transaction."""
    database = await session.get_one(Database, database_id, with_for_update=True, populate_existing=True)
    before = Place.of(database.provider_data)
    place = before.model_copy(update=changes)
    if place != before:
        database.provider_data = place.data()
        address(database, runtime.settings)
        database.updated_at, database.revision = runtime.clock(), database.revision + 1
    return database
