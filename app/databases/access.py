"""The way from a row to the server behind it."""

from uuid import UUID

from pydantic import BaseModel, ConfigDict, SecretStr
from sqlmodel.ext.asyncio.session import AsyncSession

from app.auth.principal import Principal
from app.databases.errors import DatabaseNotFound, DatabaseNotReady, DatabaseUnreachable
from app.databases.models import Database, DatabaseState, ProviderName
from app.databases.reach import Reach, is_reached_from_here
from app.databases.repository import DatabaseRepository
from app.databases.schemas import Network
from app.db.sealed import sealed_context
from app.kit.sealing import KeyRing
from app.postgres.connect import Target, TlsMode
from app.providers.protocol import NotSupported
from app.providers.railway.place import Place
from app.runtime import Runtime


class Address(BaseModel):
    """Of a server, as a job remembers it."""

    model_config = ConfigDict(frozen=True)

    host: str
    port: int


def target_of(
    database: Database, key_ring: KeyRing, *, database_name: str | None = None, address: Address | None = None
) -> Target:
    """Where to connect and how to log in; the default logical database unless named.

    ``address`` goes before the database's own: a job that opened a way of its own has one. Raises DatabaseNotReady,
    DatabaseUnreachable.
    """
    if address is None:
        require_reach(database)
    host, port = (address.host, address.port) if address else (database.host, database.port)
    if (
        host is None
        or port is None
        or database.username is None
        or database.default_database is None
        or database.state == DatabaseState.DELETED
    ):
        raise DatabaseNotReady(database.id, database.state)
    return Target(
        host=host,
        port=port,
        user=database.username,
        password=password_of(database, key_ring),
        database=database_name or database.default_database,
        tls=tls_of(database),
        ca_pem=database.ca_pem,
    )


def target_for_applications(database: Database, key_ring: KeyRing) -> Target:
    """The same, and the private address of a server that only applications beside it reach. Raises DatabaseNotReady."""
    address = None
    if database.reach == Reach.NONE:
        place = Place.of(database.provider_data)
        if place.private_host is None:
            raise DatabaseNotReady(database.id, database.state)
        address = Address(host=place.private_host, port=place.private_port)
    return target_of(database, key_ring, address=address)


def require_reach(database: Database) -> None:
    """Whether any worker of ours gets to the server. Raises DatabaseUnreachable."""
    if database.reach == Reach.NONE and database.state != DatabaseState.DELETED:
        raise _unreachable(database, None)


def require_way(database: Database, network: Network | None) -> None:
    """The same for a job, which may wish for a way of its own. Raises NotSupported where there are none such."""
    if network is None:
        require_reach(database)
    elif database.provider != ProviderName.RAILWAY:
        raise NotSupported(database.provider, "given a public address for one job")


def require_reach_from_here(database: Database, runtime: Runtime) -> None:
    """For what this process asks of the server itself, now, and no job. Raises DatabaseUnreachable."""
    require_reach(database)
    if database.reach == Reach.WORKER and not is_reached_from_here(database, runtime):
        raise _unreachable(database, database.worker_label)


def tls_of(database: Database) -> TlsMode:
    """Railway's servers take connections without TLS as well, and its proxy adds none: it is on us to insist."""
    mode = TlsMode(database.tls_mode or TlsMode.PREFER)
    may_be_plain = mode in (TlsMode.PREFER, TlsMode.DISABLE)
    return TlsMode.REQUIRE if database.provider == ProviderName.RAILWAY and may_be_plain else mode


def password_of(database: Database, key_ring: KeyRing) -> SecretStr:
    """Raises DatabaseNotReady while there is none."""
    if database.password_sealed is None:
        raise DatabaseNotReady(database.id, database.state)
    return SecretStr(key_ring.open(database.password_sealed, context=_context(database.id)).decode())


def seal_password(database_id: UUID, password: SecretStr, key_ring: KeyRing) -> bytes:
    """For the column ``password_sealed`` of that row."""
    return key_ring.seal(password.get_secret_value().encode(), context=_context(database_id))


async def visible_database(session: AsyncSession, database_id: UUID, caller: Principal) -> Database:
    """Raises DatabaseNotFound, also for a database of a project that the caller does not cover."""
    database = await DatabaseRepository(session).get(database_id, caller.project_ids)
    if database is None:
        raise DatabaseNotFound(database_id)
    return database


def _unreachable(database: Database, worker_label: str | None) -> DatabaseUnreachable:
    environment = str(database.provider_data.get("environment_id", ""))
    suggested = database.worker_label or f"railway-{environment[:8]}"
    return DatabaseUnreachable(database.id, worker_label=worker_label, suggested_label=suggested)


def _context(database_id: UUID) -> str:
    return sealed_context("database", "password_sealed", database_id)
