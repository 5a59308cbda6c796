"""The engine on the control database and the sessions drawn from it."""

from typing import Any

import asyncpg
from sqlalchemy import Connection, event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker, create_async_engine
from sqlalchemy.pool import NullPool
from sqlmodel import Session
from sqlmodel.ext.asyncio.session import AsyncSession

Sessions = async_sessionmaker[AsyncSession]

CONNECT_TIMEOUT_SECONDS = 10
STATEMENT_TIMEOUT_SECONDS = 30
LOCK_TIMEOUT_SECONDS = 10
IDLE_IN_TRANSACTION_TIMEOUT_SECONDS = 60


def plain_url(url: str) -> str:
    """``url`` as the driver itself takes it, which is how Railway and libpq print it."""
    return url.replace("postgresql+asyncpg://", "postgresql://")


def create_engine(
    url: str,
    *,
    application_name: str,
    pool_size: int = 20,
    lock_timeout_seconds: int = LOCK_TIMEOUT_SECONDS,
    statement_timeout_seconds: int = STATEMENT_TIMEOUT_SECONDS,
    pooled: bool = True,
) -> AsyncEngine:
    """An engine whose every connection carries our timeouts, as start parameters, so that no statement sets them.

    A timeout of 0 means none. ``pooled=False`` is for short-lived commands and for migrations.
    """
    server_settings = {
        "application_name": application_name,
        "statement_timeout": f"{statement_timeout_seconds}s",
        "lock_timeout": f"{lock_timeout_seconds}s",
        "idle_in_transaction_session_timeout": f"{IDLE_IN_TRANSACTION_TIMEOUT_SECONDS}s",
        "timezone": "UTC",
        # Our statements are short look-ups; compiling them costs more than it saves.
        "jit": "off",
    }

    async def connect() -> "asyncpg.Connection[asyncpg.Record]":
        try:
            return await asyncpg.connect(
                plain_url(url), timeout=CONNECT_TIMEOUT_SECONDS, server_settings=server_settings
            )
        except OSError as error:
            # As an error of the database, so that whoever handles a lost connection handles this one too.
            raise asyncpg.ClientCannotConnectError(f"the control database cannot be reached: {error}") from error

    pool: dict[str, Any] = {"poolclass": NullPool}
    if pooled:
        # No overflow: such a connection is closed after each use, and a login costs more than most requests.
        pool = {"pool_size": pool_size, "max_overflow": 0, "pool_timeout": 10, "pool_recycle": 1800}
    engine = create_async_engine(
        "postgresql+asyncpg://",
        # The driver reads the address itself: it knows what libpq knows, such as sslmode.
        async_creator=connect,
        hide_parameters=True,  # they would be in the text of errors, and so in the log
        **pool,
    )
    event.listen(engine.sync_engine, "checkout", _refuse_ended)
    return engine


def _refuse_ended(adapter: Any, _record: object, _proxy: object) -> None:
    """Makes the pool replace what the server ended while it was idle, by a restart for one.

    The driver has read that end already. To ask the server, as SQLAlchemy's own check does, is a round trip each time.
    """
    if adapter.driver_connection.is_closed():
        raise DisconnectionError


def create_sessions(engine: AsyncEngine) -> Sessions:
    """Sessions whose objects stay readable after the commit, since answers are written from them."""
    return async_sessionmaker(engine, class_=AsyncSession, expire_on_commit=False, autobegin=True)


def create_reads(engine: AsyncEngine) -> Sessions:
    """Sessions for what only reads: each statement is a transaction of its own, without BEGIN and COMMIT around it.

    SQLAlchemy's own way, an isolation level in the options of an engine, costs as much as it saves: it is checked, set
    and set back by a dozen calls per request. Here the driver's connection is told as it is taken, and back in the pool.
    """

    class Reading(Session):
        pass

    @event.listens_for(Reading, "after_begin")
    def take(_session: Session, _transaction: object, connection: Connection) -> None:
        connection.connection.dbapi_connection.autocommit = True  # type: ignore[union-attr]  # of asyncpg's adapter

    @event.listens_for(engine.sync_engine, "reset")
    def give_back(adapter: Any, _record: object, _state: object) -> None:
        adapter.autocommit = False

    return async_sessionmaker(engine, class_=AsyncSession, sync_session_class=Reading, expire_on_commit=False)
