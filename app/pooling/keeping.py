"""Keeps this host's poolers alive: what should run is started, what was paused too long is resumed, what is left is ended."""

import asyncio
from contextlib import suppress
from itertools import count
from typing import Final
from uuid import UUID

import structlog
from sqlalchemy import update
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import col

from app.connections.models import Pool, Pooler, PoolerState
from app.connections.poolers import pools_of
from app.databases.access import target_of
from app.databases.models import Database, DatabaseState
from app.errors import Problem
from app.kit.host_loop import only_one, pause
from app.kit.ids import encode_id
from app.pooling.consoles import console_for
from app.pooling.processes import align_pauses, auth_password, bring, console_of, front_door, local_provider
from app.pooling.repository import PoolerRepository
from app.postgres.pgbouncer import PgBouncerStatus
from app.postgres.pooler_login import make_pooler_login
from app.runtime import Runtime

log = structlog.get_logger()

INTERVAL_SECONDS: Final = 10.0
_LOGINS_EVERY: Final = 6  # looks
# Every other state belongs to a job that is at work on it.
_OURS: Final = (PoolerState.RUNNING, PoolerState.STOPPED)


async def keep_until(runtime: Runtime, stop: asyncio.Event) -> None:
    """Looks at once, since a reboot stops every process, and then every ten seconds. One process a host does it."""
    async with only_one(runtime.settings.data_dir / "poolers.lock", stop, seconds=INTERVAL_SECONDS):
        for number in count():
            if stop.is_set():
                return
            try:
                await keep(runtime, try_logins=number % _LOGINS_EVERY == 0)
            except (SQLAlchemyError, OSError) as error:
                log.warning("poolers.control_database_failed", error=type(error).__name__)
            await pause(stop, INTERVAL_SECONDS)


async def keep(runtime: Runtime, *, try_logins: bool = False) -> None:
    """One look at every pooler of this host."""
    async with runtime.sessions() as session:
        poolers = await PoolerRepository(session).of_host(runtime.host_id)
    await _end_pauses_at_railway(runtime)
    for pooler in poolers:
        try:
            await _keep(runtime, pooler, try_logins=try_logins)
        except Problem as problem:
            log.warning("poolers.failed", database_id=encode_id("db", pooler.database_id), detail=problem.detail)
            await _move(runtime, pooler.id, PoolerState.STOPPED, problem.detail)


async def _keep(runtime: Runtime, pooler: Pooler, *, try_logins: bool) -> None:
    process = local_provider(runtime).pooler(pooler.database_id)
    async with runtime.sessions() as session:
        database = await session.get_one(Database, pooler.database_id)
    if database.state == DatabaseState.DELETED:
        async with process.locked():
            await process.destroy()
        await _move(runtime, pooler.id, PoolerState.DELETED, "its database was deleted", frm=tuple(PoolerState))
        return
    if pooler.state not in _OURS:
        return
    await _end_pauses(runtime, pooler)
    if process.status() is PgBouncerStatus.STOPPED:
        brought = await bring(runtime, database, states=_OURS)
        if brought is None:
            return
        log.warning("poolers.started", database_id=encode_id("db", database.id))
    else:
        async with runtime.sessions() as session:
            pools = await pools_of(session, pooler.id)
        await align_pauses(console_of(pooler, runtime), pools, runtime.clock())
    if pooler.state != PoolerState.RUNNING:
        await _move(runtime, pooler.id, PoolerState.RUNNING, None)
    elif try_logins:
        await _try_logins(runtime, database, pooler)


async def _try_logins(runtime: Runtime, database: Database, pooler: Pooler) -> None:
    """A database that was restored in place, or made anew, has lost the function that logins are looked up by."""
    console = console_of(pooler, runtime)
    async with runtime.sessions() as session:
        pools = await pools_of(session, pooler.id)
    refused = {
        pool.logical_database
        for pool in pools
        if pool.paused_until is None and not await console.lets_in(front_door(database, pooler, pool, runtime))
    }
    if not refused:
        return
    log.warning("poolers.login_refused", database_id=encode_id("db", database.id), logical_databases=sorted(refused))
    with suppress(Problem):  # of the server, which others look at
        password = auth_password(pooler, runtime.key_ring)
        await make_pooler_login(target_of(database, runtime.key_ring), password, sorted(refused))


async def _end_pauses_at_railway(runtime: Runtime) -> None:
    """By whichever process reaches it, the pooler first: what stands on record until then is looked at again."""
    async with runtime.sessions() as session:
        poolers = await PoolerRepository(session).overdue_elsewhere(runtime.clock())
    for pooler in poolers:
        try:
            console = await console_for(runtime, pooler)
            async with runtime.sessions() as session:
                pools = await pools_of(session, pooler.id)
            await align_pauses(console, pools, runtime.clock())
            await _end_pauses(runtime, pooler)
        except Problem as problem:
            log.info("poolers.still_paused", database_id=encode_id("db", pooler.database_id), code=problem.code)


async def _end_pauses(runtime: Runtime, pooler: Pooler) -> None:
    """On record. The process is told by whoever compares both, which follows."""
    async with runtime.sessions() as session, session.begin():
        now = runtime.clock()
        pools = await pools_of(session, pooler.id)
        if any(pool.paused_until is not None and pool.paused_until <= now for pool in pools):
            await session.exec(
                update(Pool)
                .where(col(Pool.pooler_id) == pooler.id, col(Pool.paused_until) <= now)
                .values(paused_until=None, revision=Pool.revision + 1)
            )


async def _move(
    runtime: Runtime,
    pooler_id: UUID,
    to: PoolerState,
    reason: str | None,
    *,
    frm: tuple[PoolerState, ...] = _OURS,
) -> None:
    async with runtime.sessions() as session, session.begin():
        await PoolerRepository(session).move(pooler_id, frm=frm, to=to, state_reason=reason)
