"""Keeps this host's local servers alive: what should run is started, what does run is adopted."""

import asyncio
from collections.abc import Sequence

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import col, select

from app.databases.alerts import alert_by_state
from app.databases.models import Database, DatabaseState
from app.databases.repository import DatabaseRepository
from app.databases.spec import spec_of
from app.errors import Problem
from app.kit.host_loop import only_one, pause
from app.kit.ids import encode_id
from app.providers.protocol import ServerStatus
from app.runtime import Runtime

log = structlog.get_logger()

INTERVAL_SECONDS = 30.0

# Every other state belongs to a job that is at work on the server.
_OURS = (DatabaseState.AVAILABLE, DatabaseState.UNREACHABLE, DatabaseState.MISSING)


async def reconcile_until(runtime: Runtime, stop: asyncio.Event) -> None:
    """Looks at once, since a reboot stops every server, and then every half minute. One process a host does it."""
    async with only_one(runtime.settings.data_dir / "reconciler.lock", stop, seconds=INTERVAL_SECONDS):
        while not stop.is_set():
            try:
                await reconcile(runtime)
            except (SQLAlchemyError, OSError) as error:
                log.warning("reconciler.control_database_failed", error=type(error).__name__)
            await pause(stop, INTERVAL_SECONDS)


async def reconcile(runtime: Runtime) -> None:
    """One look at every server of this host."""
    for database in await _mine(runtime):
        try:
            await _reconcile(runtime, database)
        except Problem as problem:
            log.warning("reconciler.server_failed", database_id=encode_id("db", database.id), detail=problem.detail)
            await _move(runtime, database, DatabaseState.UNREACHABLE, problem.detail)


async def _reconcile(runtime: Runtime, database: Database) -> None:
    provider, spec = runtime.providers[database.provider], spec_of(database, runtime.key_ring)
    status = await provider.status(spec)
    if status is ServerStatus.ABSENT:
        await _move(runtime, database, DatabaseState.MISSING, "its data directory is gone from this host")
        return
    if status in (ServerStatus.STOPPED, ServerStatus.CRASHED):
        await provider.start(spec)
        log.warning("reconciler.server_started", database_id=encode_id("db", database.id), found=status.value)
    if status is not ServerStatus.STARTING:
        await _move(runtime, database, DatabaseState.AVAILABLE, None)


async def _mine(runtime: Runtime) -> Sequence[Database]:
    async with runtime.sessions() as session:
        query = select(Database).where(Database.host_id == runtime.host_id, col(Database.state).in_(_OURS))
        return (await session.exec(query)).all()


async def _move(runtime: Runtime, database: Database, to: DatabaseState, reason: str | None) -> None:
    """Only from the state that was looked at: a job that began meanwhile is not disturbed."""
    if database.state == to == DatabaseState.AVAILABLE:
        return
    async with runtime.sessions() as session, session.begin():
        databases = DatabaseRepository(session)
        if database.state != to:
            await databases.move(database.id, frm={DatabaseState(database.state)}, to=to, state_reason=reason)
        elif (still := await databases.get(database.id, None, change=True)) and still.state == to:
            await alert_by_state(session, still)
