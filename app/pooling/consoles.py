"""The console of a pooler, wherever it runs, and what one at Railway is told of its options."""

from contextlib import suppress

from app.connections.models import Pooler
from app.databases.access import target_of
from app.databases.models import Database, ProviderName
from app.databases.places import Site, site_of
from app.databases.reach import Reach, way_to
from app.pooling.errors import PoolerOutOfReach, PoolerReplicated, PoolerStateInvalid
from app.pooling.processes import console_of
from app.pooling.schemas import PoolerOptions
from app.postgres.connect import Target, TlsMode
from app.postgres.pgbouncer_console import Console
from app.providers.railway import poolers
from app.providers.railway.place import Place
from app.providers.railway.proxies import ProxyElsewhere, public_address
from app.runtime import Runtime

_ADMIN = "postgres"  # of the image, unless it is told otherwise


async def console_for(runtime: Runtime, pooler: Pooler) -> Console:
    """At Railway the environment is asked where it is now. Holds no session.

    Raises PoolerElsewhere, PoolerStateInvalid, PoolerOutOfReach, PoolerReplicated, RailwayProblem.
    """
    async with runtime.reads() as session:
        database = await session.get_one(Database, pooler.database_id)
    if database.provider != ProviderName.RAILWAY:
        return console_of(pooler, runtime)
    site = await site_of(runtime, database)
    sight = await poolers.look(site.client, site.place)
    if sight.pooler is None or pooler.host is None:
        raise PoolerStateInvalid(
            "not there at Railway any more", "asked or told anything; PUT …/pooler makes another one"
        )
    if sight.replicas > 1:
        raise PoolerReplicated(sight.replicas)
    place = site.place.model_copy(update={"service_id": sight.pooler.service_id, "private_host": pooler.host})
    door = await door_of(runtime, site, place)
    if door is None:
        raise PoolerOutOfReach
    return at_railway(database, door, runtime)


async def door_of(runtime: Runtime, site: Site, place: Place) -> tuple[str, int] | None:
    """Where this very process gets in to the pooler, whose ``place`` it is: privately, else by a TCP proxy of its own."""
    private = place.model_copy(update={"private_port": poolers.PORT, "public_host": None, "public_port": None})
    way = way_to(private, worker_label=site.database.worker_label, settings=runtime.settings)
    is_open = way.reach is Reach.PRIVATE or (
        way.reach is Reach.WORKER and site.database.worker_label == runtime.settings.worker.label
    )
    if is_open and way.host is not None:
        return way.host, poolers.PORT
    with suppress(ProxyElsewhere):
        return await public_address(site.client, place)
    return None


def at_railway(database: Database, door: tuple[str, int], runtime: Runtime) -> Console:
    """By the database's own login, which the pooler was told. Its certificate is of its own making, so there is no root."""
    own = target_of(database, runtime.key_ring)
    host, port = door
    return Console(Target(host, port, own.user, own.password, own.database, tls=TlsMode.REQUIRE))


def variables_for(database: Database, pooler: Pooler) -> dict[str, str]:
    """Of the pooler's service: what is absent among the options has its default here, too."""
    options = PoolerOptions.model_validate(pooler.options).model_dump(mode="json")
    told = {name.upper(): str(value) for name, value in options.items()}
    told["SERVER_LOGIN_RETRY"] = "1"  # a restarted server is found again at once instead of after 15 seconds
    if database.username not in (None, _ADMIN):
        told["ADMIN_USERS"] = str(database.username)
    return told
