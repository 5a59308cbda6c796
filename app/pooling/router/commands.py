"""What a pooler is told at once: pause, resume, reload, reconnect."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Body, Response

from app.auth.dependencies import LaterWrite, OptionalLaterWriteDep, RuntimeDep, requires_detached
from app.auth.principal import Principal
from app.auth.responses import raises
from app.auth.scopes import Scope
from app.connections.models import Pool, Pooler
from app.connections.poolers import pools_of
from app.databases.access import visible_database
from app.databases.errors import DatabaseNotFound
from app.kit.ids import DatabaseId
from app.pooling import commanding
from app.pooling.errors import PoolBusy, PoolerNotFound, PoolerStateInvalid, PoolNotFound
from app.pooling.router.answers import UNREACHABLE
from app.pooling.schemas import PauseWish, PoolerCommanded, PoolView, PoolWish
from app.pooling.service import audit_of
from app.runtime import Runtime

router = APIRouter(prefix="/databases", tags=["pooling"])

Writer = Annotated[Principal, requires_detached(Scope.POOLER_WRITE)]
SomePools = Annotated[PoolWish, Body(default_factory=PoolWish)]
Command = Callable[[Pooler, Sequence[Pool]], Awaitable[None]]

_REFUSALS = (DatabaseNotFound, PoolerNotFound, PoolNotFound, PoolerStateInvalid, *UNREACHABLE)


@router.post("/{database_id}/pooler:pause", responses=raises(*_REFUSALS, PoolBusy))
async def pause_pooler(
    database_id: DatabaseId,
    wish: Annotated[PauseWish, Body(default_factory=PauseWish)],
    runtime: RuntimeDep,
    caller: Writer,
    later: OptionalLaterWriteDep,
    response: Response,
) -> PoolerCommanded:
    """Waits for the transactions that run and holds all others back, for a restart that no client notices.

    It is kept when the pooler itself is started again, and ends by itself after `max_seconds`.
    """

    async def command(pooler: Pooler, pools: Sequence[Pool]) -> None:
        await commanding.pause(runtime, pooler, pools, wish)

    return await _tell(runtime, later, database_id, wish, caller, "pause_pooler", command, response)


@router.post("/{database_id}/pooler:resume", responses=raises(*_REFUSALS))
async def resume_pooler(
    database_id: DatabaseId,
    wish: SomePools,
    runtime: RuntimeDep,
    caller: Writer,
    later: OptionalLaterWriteDep,
    response: Response,
) -> PoolerCommanded:
    """Lets the clients go on that a pause has held back."""

    async def command(pooler: Pooler, pools: Sequence[Pool]) -> None:
        await commanding.resume(runtime, pooler, pools)

    return await _tell(runtime, later, database_id, wish, caller, "resume_pooler", command, response)


@router.post("/{database_id}/pooler:reload", responses=raises(*_REFUSALS))
async def reload_pooler(
    database_id: DatabaseId, runtime: RuntimeDep, caller: Writer, later: OptionalLaterWriteDep, response: Response
) -> PoolerCommanded:
    """Has it read its configuration again, which changes of pools and options do by themselves."""

    async def command(pooler: Pooler, _pools: Sequence[Pool]) -> None:
        await commanding.reload(runtime, pooler)

    return await _tell(runtime, later, database_id, PoolWish(), caller, "reload_pooler", command, response)


@router.post("/{database_id}/pooler:reconnect", responses=raises(*_REFUSALS))
async def reconnect_pooler(
    database_id: DatabaseId,
    wish: SomePools,
    runtime: RuntimeDep,
    caller: Writer,
    later: OptionalLaterWriteDep,
    response: Response,
) -> PoolerCommanded:
    """Replaces its connections to the server, each once it is free: for settings of roles, and plans that changed tables
    made invalid.
    """

    async def command(pooler: Pooler, pools: Sequence[Pool]) -> None:
        await commanding.reconnect(runtime, pooler, pools)

    return await _tell(runtime, later, database_id, wish, caller, "reconnect_pooler", command, response)


async def _tell(
    runtime: Runtime,
    later: LaterWrite,
    database_id: UUID,
    wish: PoolWish,
    caller: Principal,
    action: str,
    command: Command,
    response: Response,
) -> PoolerCommanded:
    """The trail follows what was done: each of these may be done twice."""
    pooler, pools = await commanding.running_pooler(runtime, database_id, wish, caller)
    if not later.is_dry_run:
        await command(pooler, pools)
    async with later.begin() as (session, once):
        database = await visible_database(session, database_id, caller)
        audit_of(session, caller, action, database, **wish.model_dump())
        found = [PoolView.of(pool) for pool in await pools_of(session, pooler.id)]
        return once.keep(PoolerCommanded(pools=found), response)
