"""PostgreSQL by SQLAlchemy and psycopg 3: one engine for the process. Everything it has to know is in the environment."""

import logging
import os
import signal
import threading
from typing import Any

from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import sessionmaker

log = logging.getLogger(__name__)


def new_engine() -> Engine:
    """Encryption is libpq's to see to: it reads PGSSLMODE and PGSSLROOTCERT."""
    arguments: dict[str, Any] = {
        "keepalives_idle": 30,
        "keepalives_interval": 10,
        "keepalives_count": 3,
        "tcp_user_timeout": 30_000,
    }
    if timeout := os.environ.get("DATABASE_STATEMENT_TIMEOUT"):
        arguments["options"] = f"-c statement_timeout={int(timeout) * 1000}"
    if os.environ.get("DATABASE_PREPARED_STATEMENTS") == "false":
        arguments["prepare_threshold"] = None
    least, most = int(os.environ.get("DATABASE_POOL_MIN", "1")), int(os.environ.get("DATABASE_POOL_MAX", "10"))
    return create_engine(
        os.environ["DATABASE_URL"],
        connect_args=arguments,
        pool_size=max(least, 1),  # kept open; the others are closed when they are given back
        max_overflow=max(most - max(least, 1), 0),
        pool_timeout=10,  # seconds that a request waits for a free connection
        pool_recycle=1800,
        pool_pre_ping=True,  # a connection that died while it was idle is replaced
    )


def main() -> None:
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    engine = new_engine()
    sessions = sessionmaker(engine, expire_on_commit=False)
    try:
        with sessions() as session:
            statement = text("SELECT current_user, current_database() WHERE :one = 1")
            user, database = session.execute(statement, {"one": 1}).one()
        print(f"connected as {user} to {database}", flush=True)
        stop.wait()  # your server runs here
    finally:
        engine.dispose()


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    try:
        main()
    except SQLAlchemyError as error:
        log.error("PostgreSQL: %s", error)
        raise SystemExit(1) from error
