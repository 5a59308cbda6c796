"""PostgreSQL by psycopg 3: one pool for the process. Everything it has to know is in the environment."""

import asyncio
import logging
import os
import signal
from typing import Any

import psycopg
from psycopg_pool import AsyncConnectionPool

Pool = AsyncConnectionPool[psycopg.AsyncConnection[tuple[Any, ...]]]


def create_pool() -> Pool:
    """Opened by ``async with``. Encryption is libpq's to see to: it reads PGSSLMODE and PGSSLROOTCERT."""
    options: dict[str, Any] = {
        "keepalives_idle": 30,
        "keepalives_interval": 10,
        "keepalives_count": 3,
        "tcp_user_timeout": 30_000,
    }
    if timeout := os.environ.get("DATABASE_STATEMENT_TIMEOUT"):
        options["options"] = f"-c statement_timeout={int(timeout) * 1000}"
    if os.environ.get("DATABASE_PREPARED_STATEMENTS") == "false":
        options["prepare_threshold"] = None
    return AsyncConnectionPool(
        os.environ["DATABASE_URL"],
        kwargs=options,
        min_size=int(os.environ.get("DATABASE_POOL_MIN", "1")),
        max_size=int(os.environ.get("DATABASE_POOL_MAX", "10")),
        timeout=10,  # seconds that a request waits for a free connection
        max_idle=300,
        max_lifetime=1800,  # so that a rotated login and a moved server are noticed
        check=AsyncConnectionPool.check_connection,  # a connection that died while it was idle is replaced
        open=False,
    )


async def main() -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with create_pool() as pool:
        await pool.wait(timeout=float(os.environ.get("PGCONNECT_TIMEOUT", "10")))
        async with pool.connection() as connection:
            cursor = await connection.execute("SELECT current_user, current_database() WHERE %s = 1", (1,))
            user, database = await cursor.fetchone() or ("nobody", "nothing")
        print(f"connected as {user} to {database}", flush=True)
        await stop.wait()  # your server runs here


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    try:
        asyncio.run(main())
    except psycopg.Error as error:
        logging.getLogger(__name__).error("PostgreSQL: %s", error)
        raise SystemExit(1) from error
