"""Migrations of the control database: one process at a time, by Alembic's revisions under ``alembic/``."""

import asyncio
import time
from functools import cache
from pathlib import Path

import structlog
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from app.db.engine import create_engine
from app.db.locks import lock_key

log = structlog.get_logger()

PROJECT_FILE = Path(__file__).resolve().parents[2] / "pyproject.toml"
LOCK = lock_key("migrate")
# A migration that waits for a table lock holds up every query that comes after it.
LOCK_TIMEOUT_SECONDS = 4
POLL_SECONDS = 0.5
UNDEFINED_TABLE = "42P01"


class MigrationBusy(Exception):
    """Another process migrated for longer than this one was willing to wait."""


async def upgrade(url: str, *, wait_seconds: float = 300) -> None:
    """Brings the database to the newest revision. A second process waits for the first and finds nothing to do.

    The lock is polled: a session that waits inside ``pg_advisory_lock`` holds a snapshot, and a concurrent index
    build in the other process would wait for it for ever. Raises MigrationBusy after ``wait_seconds``.
    """
    engine = create_engine(
        url,
        application_name="pgmanager-migrate",
        pooled=False,
        lock_timeout_seconds=LOCK_TIMEOUT_SECONDS,
        statement_timeout_seconds=0,
    )
    try:
        async with engine.connect() as connection:
            await _lock(connection, time.monotonic() + wait_seconds)
            before = await connection.run_sync(_current)
            await connection.rollback()
            await connection.run_sync(_upgrade)
            await connection.rollback()
            after = await connection.run_sync(_current)
            # The lock ends with the session, whatever happens here.
        log.info("database.migrated", before=sorted(before), after=sorted(after))
    finally:
        await engine.dispose()


async def pending(engine: AsyncEngine) -> frozenset[str]:
    """Revisions that the database lacks; none when it is ahead of this code, as during a rolling update."""
    async with engine.connect() as connection:
        current = await connection.run_sync(_current)
    if current - _known():
        return frozenset()
    return _heads() - current


async def _lock(connection: AsyncConnection, deadline: float) -> None:
    while True:
        got = (await connection.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": LOCK})).scalar_one()
        # Alembic needs a connection without a transaction; the lock belongs to the session and stays.
        await connection.commit()
        if got:
            return
        if time.monotonic() > deadline:
            raise MigrationBusy("another process is migrating the control database; look for pgmanager-migrate there")
        await asyncio.sleep(POLL_SECONDS)


def _current(connection: Connection) -> frozenset[str]:
    try:
        return frozenset(connection.execute(text("SELECT version_num FROM alembic_version")).scalars())
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) == UNDEFINED_TABLE:
            return frozenset()
        raise


def _upgrade(connection: Connection) -> None:
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _config() -> Config:
    return Config(toml_file=PROJECT_FILE)


@cache
def _heads() -> frozenset[str]:
    return frozenset(ScriptDirectory.from_config(_config()).get_heads())


@cache
def _known() -> frozenset[str]:
    return frozenset(script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions())
