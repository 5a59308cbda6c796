"""Sessions on managed servers: where to, how encrypted, bounded by timeouts, and never more than a few per server."""

import asyncio
import ssl
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Final, Self, TypeAlias, cast

import asyncpg
from asyncpg.connect_utils import SessionAttribute
from asyncpg.pool import PoolConnectionProxy
from pydantic import SecretStr

from app.postgres.errors import (
    DRIVER_ERRORS,
    PoolExhausted,
    TlsFailed,
    closed_early,
    is_refusal_of_transport,
    translate,
)

Session: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

# As a search_path: what has no schema is looked up in pg_catalog.
NOTHING_BUT_CATALOGUE: Final = ""

_POOL_SIZE: Final = 2
_POOL_IDLE_SECONDS: Final = 300.0
_POOL_WAIT_SECONDS: Final = 30.0
_CLOSE_SECONDS: Final = 5.0
_IDLE_IN_TRANSACTION_SECONDS: Final = 60.0
# The server bounds a statement itself; this much later the network must be dead.
_DEAD_NETWORK_SECONDS: Final = 15.0
# For the programs' ``--dbname``, which alone can carry it; without it a dump whose network died never ends.
KEEPALIVES: Final = "keepalives=1 keepalives_idle=30 keepalives_interval=10 keepalives_count=3 tcp_user_timeout=60000"

_SERVER_KEEPALIVES: Final = "-c tcp_keepalives_idle=30 -c tcp_keepalives_interval=10 -c tcp_keepalives_count=3"
# libpq looks into the home directory for certificates that nobody named; this is a name that cannot exist there.
_NOWHERE: Final = "/nonexistent/postgresql"
_SYSTEM_ROOTS: Final = ssl.get_default_verify_paths().cafile or "/etc/ssl/certs/ca-certificates.crt"
# The work is done or has failed already; how the goodbye went changes neither.
_FAREWELL_ERRORS: Final = (OSError, *DRIVER_ERRORS)


class TlsMode(StrEnum):
    """What libpq's ``sslmode`` of the same name means; there is no ``allow``, which protects from nothing."""

    DISABLE = "disable"
    PREFER = "prefer"
    REQUIRE = "require"
    VERIFY_CA = "verify-ca"
    VERIFY_FULL = "verify-full"


@dataclass(frozen=True)
class Target:
    """One database of one server, as one login. Without ``ca_pem`` the verifying modes trust the machine's roots."""

    host: str
    port: int
    user: str
    password: SecretStr
    database: str = "postgres"
    tls: TlsMode = TlsMode.PREFER
    ca_pem: str | None = field(default=None, repr=False)

    def with_database(self, name: str) -> Self:
        return replace(self, database=name)


@dataclass(frozen=True)
class Limits:
    """Seconds, and 0 for no limit except for the connect timeout; set on every session by its first message, so that no statement runs without them."""

    statement_timeout_seconds: float = 30.0
    lock_timeout_seconds: float = 10.0
    idle_in_transaction_timeout_seconds: float = _IDLE_IN_TRANSACTION_SECONDS
    connect_timeout_seconds: float = 10.0
    search_path: str | None = NOTHING_BUT_CATALOGUE


@asynccontextmanager
async def connect(
    target: Target,
    *,
    application_name: str,
    statement_timeout_seconds: float = 30.0,
    lock_timeout_seconds: float = 10.0,
    idle_in_transaction_timeout_seconds: float = _IDLE_IN_TRANSACTION_SECONDS,
    connect_timeout_seconds: float = 10.0,
    search_path: str | None = NOTHING_BUT_CATALOGUE,
) -> AsyncGenerator[Session]:
    """A session of its own. Timeouts of 0 do not limit, but for that of connecting.

    Names without a schema are PostgreSQL's own: else whoever may make an operator in the schema public has it run with our
    rights, which often are a superuser's. With ``search_path=None`` they are what the login has them be: for code of the
    database's owner, such as triggers, which may count on it.

    Errors of the server and of asyncpg that leave the block, too, are problems of ``app.postgres.errors``, with the
    original as their cause.
    """
    limits = Limits(
        statement_timeout_seconds,
        lock_timeout_seconds,
        idle_in_transaction_timeout_seconds,
        connect_timeout_seconds,
        search_path,
    )
    connection = await _open(target, application_name, limits)
    try:
        yield connection
    except DRIVER_ERRORS as error:
        raise translate(error, target) from error
    finally:
        await _close(connection)


class Connections:
    """Small pools, one per target, opened on demand. A changed password is another target, hence a new pool."""

    def __init__(self, *, application_name: str, limits: Limits = Limits()) -> None:
        self._application_name = application_name
        self._limits = limits
        self._pools: dict[Target, _Pool] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    @asynccontextmanager
    async def session(self, target: Target) -> AsyncGenerator[Session]:
        """A pooled session, reset afterwards. Raises PoolExhausted when none gets free within half a minute."""
        entry = self._pools.get(target) or self._pools.setdefault(target, await self._new_pool(target))
        entry.users += 1
        try:
            await self._drop_idle()
            held = await entry.acquire(target)
            try:
                yield cast(
                    "Session", held
                )  # asyncpg's proxy does all that a connection does, but does not derive from it
            except DRIVER_ERRORS as error:
                raise translate(error, target) from error
            finally:
                with suppress(*_FAREWELL_ERRORS):
                    await entry.pool.release(held, timeout=_CLOSE_SECONDS)
        finally:
            entry.users -= 1
            entry.used_at = asyncio.get_running_loop().time()

    async def close(self) -> None:
        """Close all sessions; those still in use are cut after a few seconds."""
        pools, self._pools = list(self._pools.values()), {}
        await asyncio.gather(*(entry.close() for entry in pools))

    async def _new_pool(self, target: Target) -> "_Pool":
        async def open_one(*_: object, **__: object) -> Session:
            return await _open(target, self._application_name, self._limits)

        pool = await asyncpg.create_pool(
            min_size=0,
            max_size=_POOL_SIZE,
            max_inactive_connection_lifetime=_POOL_IDLE_SECONDS,
            connect=cast("Any", open_one),
        )
        return _Pool(pool, asyncio.get_running_loop().time())

    async def _drop_idle(self) -> None:
        before = asyncio.get_running_loop().time() - _POOL_IDLE_SECONDS
        idle = [target for target, entry in self._pools.items() if not entry.users and entry.used_at < before]
        await asyncio.gather(*(self._pools.pop(target).close() for target in idle))


@dataclass
class _Pool:
    pool: "asyncpg.Pool[asyncpg.Record]"
    used_at: float
    users: int = 0

    async def acquire(self, target: Target) -> "PoolConnectionProxy[asyncpg.Record]":
        try:
            return await self.pool.acquire(timeout=_POOL_WAIT_SECONDS)
        except TimeoutError as error:
            message = f"All {_POOL_SIZE} of our connections to {target.host}:{target.port} stayed busy."
            raise PoolExhausted(message, retry_after=5) from error

    async def close(self) -> None:
        try:
            async with asyncio.timeout(_CLOSE_SECONDS):
                await self.pool.close()
        except TimeoutError:
            self.pool.terminate()


def libpq_environment(target: Target, *, application_name: str, connect_timeout_seconds: int = 10) -> dict[str, str]:
    """The whole environment of the child but for ``libpq_secrets`` and whatever the caller adds.

    The database goes by PGDATABASE: a name given to ``--dbname`` would be read as a connection string.
    """
    return {
        "PGHOST": target.host,
        "PGPORT": str(target.port),
        "PGUSER": target.user,
        "PGDATABASE": target.database,
        "PGSSLMODE": target.tls.value,
        "PGSSLROOTCERT": _SYSTEM_ROOTS if _verifies(target) else f"{_NOWHERE}/root.crt",
        "PGSSLCERT": f"{_NOWHERE}/postgresql.crt",
        "PGSSLCRL": f"{_NOWHERE}/root.crl",
        "PGGSSENCMODE": "disable",
        "PGSERVICEFILE": f"{_NOWHERE}/service",
        "PGAPPNAME": application_name,
        "PGCONNECT_TIMEOUT": str(connect_timeout_seconds),
        "PGOPTIONS": _SERVER_KEEPALIVES,
        "HOME": _NOWHERE,
        "LC_MESSAGES": "C",
    }


def libpq_secrets(target: Target) -> dict[str, str]:
    """For ``ChildProcess.started(secrets=...)``: the password, and the pinned root, whose path libpq wants as well."""
    password = target.password.get_secret_value().replace("\\", r"\\").replace(":", r"\:")
    secrets = {"PGPASSFILE": f"*:*:*:*:{password}\n"}
    if target.ca_pem is not None and _verifies(target):
        secrets["PGSSLROOTCERT"] = target.ca_pem
    return secrets


def _verifies(target: Target) -> bool:
    return target.tls in (TlsMode.VERIFY_CA, TlsMode.VERIFY_FULL)


async def _open(target: Target, application_name: str, limits: Limits) -> Session:
    try:
        async with asyncio.timeout(limits.connect_timeout_seconds):
            match target.tls:
                case TlsMode.DISABLE:
                    return await _handshake(target, None, application_name, limits)
                case TlsMode.PREFER:
                    try:
                        return await _handshake(target, tls_context(target), application_name, limits)
                    except (OSError, asyncpg.PostgresError) as error:
                        if not is_refusal_of_transport(error):
                            raise
                    return await _handshake(target, None, application_name, limits)
                case _:
                    return await _handshake(target, tls_context(target), application_name, limits)
    except asyncpg.ConnectionDoesNotExistError as error:
        raise closed_early(target) from error
    except (OSError, *DRIVER_ERRORS) as error:
        raise translate(error, target) from error


async def _handshake(target: Target, context: ssl.SSLContext | None, application_name: str, limits: Limits) -> Session:
    """Every argument that asyncpg would otherwise take from our environment or home directory is given here."""
    statement = limits.statement_timeout_seconds
    return await asyncpg.connect(
        host=target.host,
        port=target.port,
        user=target.user,
        password=target.password.get_secret_value(),
        database=target.database,
        ssl=context or False,
        direct_tls=False,
        target_session_attrs=SessionAttribute.any,
        krbsrvname="postgres",
        gsslib="gssapi",
        timeout=limits.connect_timeout_seconds,
        command_timeout=statement + _DEAD_NETWORK_SECONDS if statement else None,
        # asyncpg asks for UTF-8 as the client encoding by itself.
        server_settings=({} if limits.search_path is None else {"search_path": limits.search_path})
        | {
            "application_name": application_name,
            "statement_timeout": _milliseconds(statement),
            "lock_timeout": _milliseconds(limits.lock_timeout_seconds),
            "idle_in_transaction_session_timeout": _milliseconds(limits.idle_in_transaction_timeout_seconds),
        },
    )


def tls_context(target: Target) -> ssl.SSLContext:
    """Raises TlsFailed when the pinned root is not a certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.set_alpn_protocols(["postgresql"])
    context.check_hostname = target.tls is TlsMode.VERIFY_FULL
    if target.tls not in (TlsMode.VERIFY_CA, TlsMode.VERIFY_FULL):
        context.verify_mode = ssl.CERT_NONE
    elif target.ca_pem is None:
        context.load_default_certs()
    else:
        try:
            context.load_verify_locations(cadata=target.ca_pem)
        except (ssl.SSLError, ValueError) as error:
            message = "The root certificate to trust is not a PEM certificate."
            raise TlsFailed(message) from error
    return context


async def _close(connection: Session) -> None:
    try:
        with suppress(*_FAREWELL_ERRORS):
            await connection.close(timeout=_CLOSE_SECONDS)
    finally:
        if not connection.is_closed():
            connection.terminate()


def _milliseconds(seconds: float) -> str:
    return str(round(seconds * 1000))
