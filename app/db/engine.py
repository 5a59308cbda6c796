"""The engine on the control database and the sessions drawn from it."""

from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker, create_async_engine
from sqlalchemy.pool import NullPool
from sqlmodel.ext.asyncio.session import AsyncSession

Sessions = async_sessionmaker[AsyncSession]

STATEMENT_TIMEOUT_SECONDS = 30
LOCK_TIMEOUT_SECONDS = 10
IDLE_IN_TRANSACTION_TIMEOUT_SECONDS = 60


def driver_url(url: str) -> str:
    """``url`` with the driver that the engine speaks; accepts what Railway and libpq print."""
    for scheme in ("postgresql://", "postgres://"):
        if url.startswith(scheme):
            return "postgresql+asyncpg://" + url.removeprefix(scheme)
    return url


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
    connect_args = {
        "server_settings": {
            "application_name": application_name,
            "statement_timeout": f"{statement_timeout_seconds}s",
            "lock_timeout": f"{lock_timeout_seconds}s",
            "idle_in_transaction_session_timeout": f"{IDLE_IN_TRANSACTION_TIMEOUT_SECONDS}s",
            "timezone": "UTC",
            # Our statements are short look-ups; compiling them costs more than it saves.
            "jit": "off",
        },
        "timeout": 10,
    }
    if not pooled:
        return create_async_engine(driver_url(url), connect_args=connect_args, poolclass=NullPool, hide_parameters=True)
    return create_async_engine(
        driver_url(url),
        connect_args=connect_args,
        hide_parameters=True,  # they would be in the text of errors, and so in the log
        pool_size=pool_size,
        max_overflow=0,  # it would be closed after each use, and a login costs more than most requests
        pool_timeout=10,
        pool_recycle=1800,
        pool_pre_ping=False,
    )


def create_sessions(engine: AsyncEngine) -> Sessions:
    """Sessions whose objects stay readable after the commit, since answers are written from them."""
    return async_sessionmaker(engine, class_=AsyncSession, expire_on_commit=False, autobegin=True)
