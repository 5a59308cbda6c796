"""Telling callers where a database is entered, and how one client of theirs does it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from app.auth.audit import audit
from app.auth.principal import Principal
from app.auth.scopes import Scope
from app.connections.choosing import Chosen, application_names, choose_login, default_role, known_roles
from app.connections.clients.context import CA_FILE, Address, ConnectionContext
from app.connections.clients.quoting import MASK
from app.connections.clients.registry import RENDER
from app.connections.clients.variables import environment
from app.connections.endpoints import VERIFYING, ConnectionEndpoint, EndpointKind, endpoints_of
from app.connections.errors import NoSuchEndpoint, TlsModeImpossible
from app.connections.models import Pool, Pooler, PoolMode
from app.connections.poolers import PoolerFacts, live_pooler, pools_of
from app.connections.schemas import (
    ConnectionStringsView,
    ConnectionStringsWish,
    ConnectionsView,
    EndpointView,
    Mode,
    PoolAdvice,
    Reachable,
)
from app.connections.sizing import advice
from app.connections.warnings import references_instead, warnings_about
from app.databases.access import visible_database
from app.databases.errors import DatabaseNotReady
from app.databases.models import Database, ProviderName
from app.kit.ids import encode_id
from app.kit.names import POSTGRES_NAME_BYTES
from app.postgres.connect import TlsMode
from app.runtime import Runtime

_CONNECT_SECONDS: Final = 10
_SHADOW: Final = "_shadow"


@dataclass(frozen=True, slots=True)
class Entrance:
    """All that is asked of our rows before a string can be made."""

    database: Database
    pooler: Pooler | None
    pools: list[Pool]
    endpoints: list[ConnectionEndpoint]

    def endpoint(self, *kinds: EndpointKind) -> ConnectionEndpoint | None:
        return next((one for kind in kinds for one in self.endpoints if one.network is kind), None)


async def entrance_of(runtime: Runtime, database_id: UUID, caller: Principal) -> Entrance:
    """Holds no session when it returns. Raises DatabaseNotFound, DatabaseNotReady while there is no address."""
    async with runtime.reads() as session:
        database = await visible_database(session, database_id, caller)
        pooler = await live_pooler(session, database_id)
        pools = list(await pools_of(session, pooler.id)) if pooler else []
    endpoints = await endpoints_of(runtime, database, pooler)
    if not endpoints or database.default_database is None:
        raise DatabaseNotReady(database.id, database.state)
    return Entrance(database, pooler, pools, endpoints)


async def connections_of(runtime: Runtime, database_id: UUID, caller: Principal) -> ConnectionsView:
    """Raises DatabaseNotFound, DatabaseNotReady."""
    found = await entrance_of(runtime, database_id, caller)
    database = found.database
    async with runtime.reads() as session:
        return ConnectionsView(
            data=[EndpointView.of(endpoint) for endpoint in found.endpoints],
            default_database=database.default_database or "",
            default_role=await default_role(session, database),
            roles=await known_roles(session, database),
            applications=await application_names(session, database.id),
        )


async def strings_of(
    session: AsyncSession,
    runtime: Runtime,
    found: Entrance,
    wish: ConnectionStringsWish,
    caller: Principal,
    *,
    reveal: bool,
) -> ConnectionStringsView:
    """Passwords only to who may see them, and then it is written down.

    Raises ScopeMissing, NoSuchEndpoint, TlsModeImpossible, LoginNotFound, LoginUnusable, DatabaseNotReady.
    """
    if wish.reveal:
        caller.require(Scope.SECRETS_REVEAL)
    database = found.database
    chosen = await choose_login(session, database, runtime.key_ring, role=wish.role, application=wish.application)
    endpoint = _endpoint(found, wish)
    pool = advice(wish.client, wish.mode, wish.pool, wish.processes)
    context = _context(found, endpoint, chosen, wish, pool, reveal=reveal)
    rendered = RENDER[wish.client](context)
    certificate = {} if context.ca_pem is None else {CA_FILE: context.ca_pem}
    if reveal:
        audit(
            session,
            caller,
            "reveal_connection_strings",
            target_type="database",
            target_id=encode_id("db", database.id),
            project_id=database.project_id,
            details={"role": chosen.role, "client": wish.client, "network": endpoint.network},
        )
    return ConnectionStringsView(
        client=wish.client,
        mode=wish.mode,
        network=endpoint.network,
        role=chosen.role,
        database=context.database,
        sslmode=context.address.tls,
        pool_mode=context.pool_mode,
        revealed=reveal,
        text=rendered.text,
        environment=environment(context) | dict(rendered.environment),
        files=dict(rendered.files) | certificate,
        install=list(rendered.install),
        run=rendered.run,
        pool=pool,
        notes=[*rendered.notes, *references_instead(database, endpoint, chosen)],
        warnings=[
            *warnings_about(database, endpoint=endpoint, chosen=chosen, context=context, wish=wish, pool=pool),
            *rendered.warnings,
        ],
    )


def _endpoint(found: Entrance, wish: ConnectionStringsWish) -> ConnectionEndpoint:
    path = f"/v1/databases/{encode_id('db', found.database.id)}"
    is_inside = wish.network is not Reachable.PUBLIC
    public = f"Switch public access on first: PUT {path}/public-access."
    if wish.mode is Mode.POOLED:
        endpoint = found.endpoint(EndpointKind.POOLED) if is_inside else None
        way_out = f"Attach one first: PUT {path}/pooler. It has a private address only."
    elif wish.mode is Mode.READ:
        endpoint = found.endpoint(EndpointKind.READ) if is_inside else None
        way_out = "Only a highly available cluster at Railway has replicas to read from, by its private address."
    elif wish.network is None:
        endpoint, way_out = found.endpoint(EndpointKind.PRIVATE, EndpointKind.PUBLIC), public
    elif is_inside:
        endpoint, way_out = found.endpoint(EndpointKind.PRIVATE), "Its private name is not known yet."
    else:
        endpoint, way_out = found.endpoint(EndpointKind.PUBLIC), public
    if endpoint is None:
        raise NoSuchEndpoint(wish.mode if wish.mode is not Mode.DIRECT else wish.network or "private", way_out)
    return endpoint


def _context(
    found: Entrance,
    endpoint: ConnectionEndpoint,
    chosen: Chosen,
    wish: ConnectionStringsWish,
    pool: PoolAdvice,
    *,
    reveal: bool,
) -> ConnectionContext:
    is_pooled = endpoint.network is EndpointKind.POOLED
    database = wish.database or chosen.database
    name, pool_mode = _behind(found, database) if is_pooled else (database, None)
    follows = found.pooler is not None and PoolerFacts.of(found.pooler).prepared_statements
    # The one past the pooler and the replicas, by the same network.
    main = endpoint if endpoint.network is EndpointKind.PUBLIC else found.endpoint(EndpointKind.PRIVATE) or endpoint
    public = found.endpoint(EndpointKind.PUBLIC)
    others = None if is_pooled else wish.sslmode
    address, direct = _address(endpoint, wish.sslmode), _address(main, others)
    outside = _address(public, others) if public else None
    entered = [(address, endpoint), (direct, main), *([(outside, public)] if outside and public else [])]
    return ConnectionContext(
        address=address,
        direct=direct,
        public=outside,
        database=name,
        direct_database=database,
        shadow_database=wish.shadow_database or _shadow_of(database),
        user=chosen.role,
        password=chosen.password.get_secret_value() if reveal else MASK,
        ca_pem=_roots(entered),
        pool_mode=pool_mode,
        prepared_statements=pool_mode in (None, PoolMode.SESSION) or follows,
        pool_min=pool.min,
        pool_max=pool.max,
        statement_timeout_seconds=wish.statement_timeout_seconds,
        connect_timeout_seconds=_CONNECT_SECONDS,
        application_name=wish.application_name or found.database.name.replace(" ", "-"),
    )


def _behind(found: Entrance, database: str) -> tuple[str, PoolMode]:
    """The pool that leads to the database: what clients give as its name, and its mode."""
    leading = [pool for pool in found.pools if pool.logical_database == database]
    for pool in sorted(leading, key=lambda pool: pool.name != database):
        return pool.name, PoolMode(pool.mode)
    if found.database.provider == ProviderName.RAILWAY:
        return database, PoolMode.TRANSACTION  # the template's takes every name, in this mode unless it was changed
    path = f"/v1/databases/{encode_id('db', found.database.id)}"
    way_out = f"No pool leads to {database}: make one by PUT {path}/pooler/pools/{{name}}."
    raise NoSuchEndpoint("pooled", way_out)


def _address(endpoint: ConnectionEndpoint, wished: TlsMode | None) -> Address:
    """Raises TlsModeImpossible."""
    if wished is TlsMode.VERIFY_FULL and not endpoint.may_verify_name:
        raise TlsModeImpossible(
            f"verify-full compares the certificate's names with {endpoint.host}, and it is made out to another one. Leave "
            "sslmode out: verify-ca with the pinned root is as strict as it gets."
        )
    if wished is TlsMode.VERIFY_CA and endpoint.ca_pem is None and endpoint.tls not in VERIFYING:
        raise TlsModeImpossible(
            "No root of the server's certificate is pinned, so there is nothing to verify it by. GET "
            "/v1/databases/{database_id}/certificate shows it, and certificate:pin pins it."
        )
    return Address(endpoint.host, endpoint.port, wished or endpoint.tls)


def _roots(entered: Iterable[tuple[Address, ConnectionEndpoint]]) -> str | None:
    """Of all addresses that verify, each once."""
    pems = [endpoint.ca_pem.strip() for address, endpoint in entered if address.verifies and endpoint.ca_pem]
    return "\n".join(dict.fromkeys(pems)) + "\n" if pems else None


def _shadow_of(database: str) -> str:
    kept = database.encode()[: POSTGRES_NAME_BYTES - len(_SHADOW)]
    return kept.decode(errors="ignore") + _SHADOW
