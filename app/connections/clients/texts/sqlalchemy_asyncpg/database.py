"""PostgreSQL by SQLAlchemy and asyncpg: one engine for the process. Everything it has to know is in the environment."""

import asyncio
import logging
import os
import signal
import ssl
import uuid
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker, create_async_engine

log = logging.getLogger(__name__)


def encryption() -> ssl.SSLContext | bool:
    """As PGSSLMODE says. The roots in DATABASE_CA are trusted and no others, and the name is checked only where it can be."""
    mode = os.environ["PGSSLMODE"]
    if mode == "disable":
        return False
    context = ssl.create_default_context(cadata=os.environ.get("DATABASE_CA"))
    context.check_hostname = mode == "verify-full"
    if mode == "require":
        context.verify_mode = ssl.CERT_NONE
    return context


def create_engine() -> AsyncEngine:
    settings = {"application_name": os.environ.get("PGAPPNAME", "")}
    timeout = os.environ.get("DATABASE_STATEMENT_TIMEOUT")
    if timeout:
        settings["statement_timeout"] = f"{int(timeout)}s"
    arguments: dict[str, Any] = {
        "ssl": encryption(),
        "timeout": float(os.environ.get("PGCONNECT_TIMEOUT", "10")),
        "command_timeout": int(timeout) + 5 if timeout else 60,
        "server_settings": settings,
    }
    if os.environ.get("DATABASE_PREPARED_STATEMENTS") == "false":
        # The dialect prepares whatever it runs: under a name of its own each time, and nothing is kept.
        arguments |= {
            "statement_cache_size": 0,
            "prepared_statement_cache_size": 0,
            "prepared_statement_name_func": lambda: f"__asyncpg_{uuid.uuid4()}__",
        }
    least, most = int(os.environ.get("DATABASE_POOL_MIN", "1")), int(os.environ.get("DATABASE_POOL_MAX", "10"))
    return create_async_engine(
        os.environ["DATABASE_URL"],
        connect_args=arguments,
        pool_size=max(least, 1),  # kept open; the others are closed when they are given back
        max_overflow=max(most - max(least, 1), 0),
        pool_timeout=10,  # seconds that a request waits for a free connection
        pool_recycle=1800,
        pool_pre_ping=True,  # a connection that died while it was idle is replaced
    )


async def main() -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    engine = create_engine()
    sessions = async_sessionmaker(engine, expire_on_commit=False)
    try:
        async with sessions() as session:
            statement = text("SELECT current_user, current_database() WHERE :one = 1")
            user, database = (await session.execute(statement, {"one": 1})).one()
        print(f"connected as {user} to {database}", flush=True)
        await stop.wait()  # your server runs here
    finally:
        await engine.dispose()


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    try:
        asyncio.run(main())
    except (OSError, SQLAlchemyError) as error:
        log.error("PostgreSQL: %s", error)
        raise SystemExit(1) from error
