"""Pause, resume, reload, reconnect: what is written first, and what the process is told."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import update
from sqlmodel import col

from app.auth.principal import Principal
from app.connections.models import Pool, Pooler, PoolerState
from app.connections.poolers import pools_of
from app.errors import Problem
from app.pooling.consoles import console_for
from app.pooling.errors import PoolBusy, PoolerStateInvalid, PoolNotFound
from app.pooling.schemas import PauseWish, PoolWish
from app.pooling.service import PoolingService
from app.runtime import Runtime


async def running_pooler(
    runtime: Runtime, database_id: UUID, wish: PoolWish, caller: Principal
) -> tuple[Pooler, Sequence[Pool]]:
    """And the pools that are meant. Raises DatabaseNotFound, PoolerNotFound, PoolNotFound, PoolerStateInvalid."""
    async with runtime.reads() as session:
        _, pooler = await PoolingService(session, runtime.clock()).get(database_id, caller)
        pools = await pools_of(session, pooler.id)
    if pooler.state != PoolerState.RUNNING:
        raise PoolerStateInvalid(pooler.state, "told anything")
    meant = [pool for pool in pools if wish.pool in (None, pool.name)]
    if wish.pool is not None and not meant:
        raise PoolNotFound(wish.pool)
    return pooler, meant


async def pause(runtime: Runtime, pooler: Pooler, pools: Sequence[Pool], wish: PauseWish) -> None:
    """On record first, so that a process that is started again meanwhile is paused too. Raises PoolBusy, PoolerUnreachable."""
    console = await console_for(runtime, pooler)
    await _record(runtime, pools, pause_seconds=wish.max_seconds)
    try:
        paused = await console.paused()
        for pool in pools:
            # PgBouncer refuses to pause twice, and the second caller only wants it for longer.
            if pool.name in paused:
                continue
            if pooler.host_id is None:
                # One at Railway has no list of databases: it knows those that somebody has logged in to.
                await console.log_in(console.target.with_database(pool.name))
            if not await console.command("PAUSE", pool.name, seconds=wish.wait_seconds):
                raise PoolBusy(wish.wait_seconds)
    except Problem:
        await resume(runtime, pooler, pools)
        raise


async def resume(runtime: Runtime, pooler: Pooler, pools: Sequence[Pool]) -> None:
    """Fine for those that are not paused."""
    console = await console_for(runtime, pooler)
    await _record(runtime, pools, pause_seconds=None)
    for name in await console.paused() & {pool.name for pool in pools}:
        await console.command("RESUME", name)


async def reconnect(runtime: Runtime, pooler: Pooler, pools: Sequence[Pool]) -> None:
    console = await console_for(runtime, pooler)
    for pool in pools:
        # Of one at Railway every database is meant, those too that it knows from its clients alone.
        await console.command("RECONNECT", None if pooler.host_id is None else pool.name)


async def reload(runtime: Runtime, pooler: Pooler) -> None:
    await (await console_for(runtime, pooler)).command("RELOAD")


async def _record(runtime: Runtime, pools: Sequence[Pool], *, pause_seconds: int | None) -> None:
    until = None if pause_seconds is None else runtime.clock() + timedelta(seconds=pause_seconds)
    async with runtime.sessions() as session, session.begin():
        await session.exec(
            update(Pool)
            .where(col(Pool.id).in_([pool.id for pool in pools]))
            .values(paused_until=until, revision=Pool.revision + 1)
        )
