"""The addresses of a database: from our rows and what was last seen at Railway, without asking the server."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import structlog
from sqlmodel import select

from app.connections.models import Pooler, PoolerState
from app.databases.access import tls_of
from app.databases.models import Database, DatabaseState, ProviderName
from app.errors import Problem
from app.postgres.connect import TlsMode
from app.providers.railway.inventory import READ_PORT
from app.providers.railway.models import RailwayObservation
from app.providers.railway.observed import SeenConfig, SeenPlugins
from app.providers.railway.place import Place
from app.providers.railway.variables import rendered
from app.runtime import Runtime

log = structlog.get_logger()

_POOLER_PORT: Final = 5432  # of Railway's template
_HAS_ADDRESS: Final = (PoolerState.RUNNING, PoolerState.STOPPED, PoolerState.FAILED)
VERIFYING: Final = frozenset({TlsMode.VERIFY_CA, TlsMode.VERIFY_FULL})


class EndpointKind(StrEnum):
    PRIVATE = "private"  # the database's own: at Railway inside the environment
    PUBLIC = "public"  # at Railway through the TCP proxy
    POOLED = "pooled"  # through PgBouncer
    READ = "read"  # the replicas of a cluster


@dataclass(frozen=True, slots=True)
class ConnectionEndpoint:
    """``tls`` is what clients should ask for. With ``may_verify_name`` the certificate is of the host's name, too."""

    network: EndpointKind
    host: str
    port: int
    tls: TlsMode
    ca_pem: str | None
    may_verify_name: bool
    works_from: str
    for_whom: tuple[str, ...]
    why: str


async def endpoints_of(runtime: Runtime, database: Database, pooler: Pooler | None) -> list[ConnectionEndpoint]:
    """In the order in which they should be thought of. Empty while the database has no address.

    ``pooler``: our row of it, if there is one. Holds no session. Railway is asked only for the private name of a pooler
    that was added there past us, which is left out while that fails.
    """
    if database.state == DatabaseState.DELETED:
        return []
    if database.provider != ProviderName.RAILWAY:
        return [*_own(database), *_pooled(database, pooler)]
    if not database.provider_data:
        return []
    place = Place.of(database.provider_data)
    plugins = await _plugins(runtime, place)
    found = [*_private(database, place), *_pooled(database, pooler)]
    if pooler is None and plugins is not None and plugins.pooler_service_id is not None:
        host = await _private_name(runtime, place, plugins.pooler_service_id)
        found += [_behind_pooler(database, host, _POOLER_PORT, None)] if host else []
    if plugins is not None and plugins.cluster is not None and place.private_host is not None:
        found.append(_read(database, place.private_host))
    return [*found, *_public(database, place)]


async def is_in_cluster(runtime: Runtime, database: Database) -> bool:
    """By what was last seen at Railway."""
    if database.provider != ProviderName.RAILWAY or not database.provider_data:
        return False
    plugins = await _plugins(runtime, Place.of(database.provider_data))
    return plugins is not None and plugins.cluster is not None


def tls_for_clients(database: Database) -> TlsMode:
    """Never ``prefer``, which whoever stands in between turns into none."""
    mode = tls_of(database)
    return TlsMode.REQUIRE if mode is TlsMode.PREFER else mode


def _own(database: Database) -> list[ConnectionEndpoint]:
    if database.host is None or database.port is None:
        return []
    is_local = database.provider == ProviderName.LOCAL
    return [
        ConnectionEndpoint(
            network=EndpointKind.PRIVATE,
            host=database.host,
            port=database.port,
            tls=tls_for_clients(database),
            ca_pem=database.ca_pem,
            may_verify_name=tls_of(database) is TlsMode.VERIFY_FULL,
            works_from="This machine." if is_local else "Wherever its address resolves and its firewall lets you in.",
            for_whom=("applications", "migrations", "people"),
            why="It is the server's only address of its own.",
        )
    ]


def _private(database: Database, place: Place) -> list[ConnectionEndpoint]:
    if place.private_host is None:
        return []
    return [
        _at_railway(
            database,
            EndpointKind.PRIVATE,
            place.private_host,
            place.private_port,
            works_from="Services of the same project and environment at Railway, while they run; not their builds.",
            for_whom=("applications", "migrations", "backup tools"),
            why="It costs no egress, never leaves Railway's network, and every feature of PostgreSQL works.",
        )
    ]


def _public(database: Database, place: Place) -> list[ConnectionEndpoint]:
    if place.public_host is None or place.public_port is None:
        return []
    return [
        _at_railway(
            database,
            EndpointKind.PUBLIC,
            place.public_host,
            place.public_port,
            works_from="Everywhere: Railway's proxy has no list of allowed addresses.",
            for_whom=("people", "services outside Railway"),
            why="Nothing else leads in from outside. What leaves by it is billed, and its port changes whenever public "
            "access is switched on again.",
        )
    ]


def _read(database: Database, host: str) -> ConnectionEndpoint:
    return _at_railway(
        database,
        EndpointKind.READ,
        host,
        READ_PORT,
        works_from="Services of the same project and environment at Railway.",
        for_whom=("reports", "read-only applications"),
        why="It takes reads off the leader. What was just written may not be there yet, and nothing can be written.",
    )


def _pooled(database: Database, pooler: Pooler | None) -> list[ConnectionEndpoint]:
    if pooler is None or pooler.host is None or pooler.port is None or pooler.state not in _HAS_ADDRESS:
        return []
    return [_behind_pooler(database, pooler.host, pooler.port, pooler.ca_pem)]


def _behind_pooler(database: Database, host: str, port: int, ca_pem: str | None) -> ConnectionEndpoint:
    is_local = database.provider != ProviderName.RAILWAY
    without_root = TlsMode.DISABLE if is_local else TlsMode.REQUIRE
    return ConnectionEndpoint(
        network=EndpointKind.POOLED,
        host=host,
        port=port,
        tls=TlsMode.VERIFY_CA if ca_pem is not None else without_root,
        ca_pem=ca_pem,
        may_verify_name=False,
        works_from="This machine."
        if is_local
        else "Services of the same project and environment at Railway, while they run; not their builds.",
        for_whom=("applications with many processes", "serverless functions"),
        why="Many clients share few connections of the server. Not for migrations, dumps, LISTEN and session locks.",
    )


def _at_railway(
    database: Database,
    network: EndpointKind,
    host: str,
    port: int,
    *,
    works_from: str,
    for_whom: tuple[str, ...],
    why: str,
) -> ConnectionEndpoint:
    return ConnectionEndpoint(
        network=network,
        host=host,
        port=port,
        tls=tls_for_clients(database),
        ca_pem=database.ca_pem,
        may_verify_name=False,  # the image's certificate is made out to localhost
        works_from=works_from,
        for_whom=for_whom,
        why=why,
    )


async def _plugins(runtime: Runtime, place: Place) -> SeenPlugins | None:
    """However long ago it was seen."""
    async with runtime.reads() as session:
        query = select(RailwayObservation).where(
            RailwayObservation.connection_id == place.connection_id,
            RailwayObservation.railway_environment_id == place.environment_id,
        )
        kept = (await session.exec(query)).one_or_none()
    config = SeenConfig.kept(kept.consumers) if kept else None
    return config.plugins.get(place.service_id or "") if config else None


async def _private_name(runtime: Runtime, place: Place, service_id: str) -> str | None:
    try:
        client = await runtime.railway.of(place.connection_id)
        found = await rendered(client, place.model_copy(update={"service_id": service_id}))
    except Problem as problem:
        log.info("connections.pooler_unknown", service_id=service_id, code=problem.code)
        return None
    return found.get("RAILWAY_PRIVATE_DOMAIN")
