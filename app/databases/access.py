"""The way from a row to the server behind it."""

from uuid import UUID

from pydantic import SecretStr
from sqlmodel.ext.asyncio.session import AsyncSession

from app.auth.principal import Principal
from app.databases.errors import DatabaseNotFound, DatabaseNotReady
from app.databases.models import Database, DatabaseState
from app.databases.repository import DatabaseRepository
from app.db.sealed import sealed_context
from app.kit.sealing import KeyRing
from app.postgres.connect import Target, TlsMode


def target_of(database: Database, key_ring: KeyRing, *, database_name: str | None = None) -> Target:
    """Where to connect and how to log in; the default logical database unless named. Raises DatabaseNotReady."""
    if (
        database.host is None
        or database.port is None
        or database.username is None
        or database.default_database is None
        or database.state == DatabaseState.DELETED
    ):
        raise DatabaseNotReady(database.id, database.state)
    return Target(
        host=database.host,
        port=database.port,
        user=database.username,
        password=password_of(database, key_ring),
        database=database_name or database.default_database,
        tls=TlsMode(database.tls_mode or TlsMode.PREFER),
        ca_pem=database.ca_pem,
    )


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


def _context(database_id: UUID) -> str:
    return sealed_context("database", "password_sealed", database_id)
