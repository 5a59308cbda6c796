"""How Alembic reaches the control database.

`pgmanager migrate` hands over a connection that holds the advisory lock. Alone, as in `alembic revision --autogenerate`,
this makes one from PGM_DATABASE_URL. Either way nothing is executed on it before `configure`: a transaction begun
earlier makes `autocommit_block()`, which concurrent indexes need, fail. So timeouts are settings of the connection.
"""

import asyncio
import os

from alembic import context
from sqlalchemy import Connection

import app.models  # noqa: F401 (fills the metadata)
from app.db.base import metadata
from app.db.engine import create_engine


def run_on(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=metadata,
        transaction_per_migration=True,
        compare_type=True,
        compare_server_default=True,
    )
    with context.begin_transaction():
        context.run_migrations()


async def run_alone() -> None:
    engine = create_engine(os.environ["PGM_DATABASE_URL"], application_name="alembic", pooled=False)
    try:
        async with engine.connect() as connection:
            await connection.run_sync(run_on)
    finally:
        await engine.dispose()


def print_sql() -> None:
    """`upgrade --sql`, which needs no server; `scripts/check` lints what it prints."""
    context.configure(
        dialect_name="postgresql", target_metadata=metadata, literal_binds=True, transaction_per_migration=True
    )
    with context.begin_transaction():
        context.run_migrations()


if context.is_offline_mode():
    print_sql()
elif (connection := context.config.attributes.get("connection")) is not None:
    run_on(connection)
else:
    asyncio.run(run_alone())
