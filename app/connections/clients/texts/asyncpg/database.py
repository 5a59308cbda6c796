"""PostgreSQL by asyncpg: one pool for the process. Everything it has to know is in the environment."""

import asyncio
import logging
import os
import signal
import ssl

import asyncpg

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


def create_pool() -> "asyncpg.Pool[asyncpg.Record]":
    """Opened by ``async with``."""
    settings = {"application_name": os.environ.get("PGAPPNAME", "")}
    timeout = os.environ.get("DATABASE_STATEMENT_TIMEOUT")
    if timeout:
        settings["statement_timeout"] = f"{int(timeout)}s"
    return asyncpg.create_pool(
        os.environ["DATABASE_URL"],
        ssl=encryption(),
        min_size=int(os.environ.get("DATABASE_POOL_MIN", "1")),
        max_size=int(os.environ.get("DATABASE_POOL_MAX", "10")),
        max_inactive_connection_lifetime=300,
        timeout=float(os.environ.get("PGCONNECT_TIMEOUT", "10")),
        command_timeout=int(timeout) + 5 if timeout else 60,  # also ends what waits for a dead network
        # Statements that asyncpg keeps prepared are lost where a pooler does not follow them.
        statement_cache_size=0 if os.environ.get("DATABASE_PREPARED_STATEMENTS") == "false" else 100,
        server_settings=settings,
    )


async def main() -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with create_pool() as pool:
        # Waits ten seconds at most for a free connection; the pool replaces those that have died.
        async with pool.acquire(timeout=10) as connection:
            row = await connection.fetchrow("SELECT current_user, current_database() WHERE $1 = 1", 1)
            user, database = row or ("nobody", "nothing")
        print(f"connected as {user} to {database}", flush=True)
        await stop.wait()  # your server runs here


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    try:
        asyncio.run(main())
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        log.error("PostgreSQL: %s", error)
        raise SystemExit(1) from error
