"""Which steps run pooling's jobs, and what becomes of a pooler whose job never ran."""

from typing import Any, TypeAlias, TypeVar

from sqlmodel.ext.asyncio.session import AsyncSession

from app.connections.models import PoolerState
from app.jobs.hooks import Hooks, register
from app.jobs.machine import Steps
from app.jobs.models import Job
from app.pooling.attaching import AttachPoolerSteps
from app.pooling.detaching import DetachPoolerSteps
from app.pooling.errors import PoolerNotFound
from app.pooling.repository import PoolerRepository
from app.pooling.schemas import ApplyPooler, AttachPooler, DetachPooler, RemovePooler
from app.pooling.steps import ApplyPoolerSteps, RemovePoolerSteps
from app.runtime import Runtime

Applying = TypeVar("Applying", ApplyPooler, AttachPooler)
Removing = TypeVar("Removing", RemovePooler, DetachPooler)
AnyArgs: TypeAlias = ApplyPooler | AttachPooler | RemovePooler | DetachPooler


def programmes(runtime: Runtime) -> list[Steps[Any, Any]]:
    return [
        ApplyPoolerSteps(runtime),
        RemovePoolerSteps(runtime),
        AttachPoolerSteps(runtime),
        DetachPoolerSteps(runtime),
    ]


async def _apply_abandoned(session: AsyncSession, job: Job, args: ApplyPooler | AttachPooler) -> None:
    reason = "making it was cancelled before it began"
    await _move(session, job, args, frm=PoolerState.CREATING, to=PoolerState.FAILED, reason=reason)


async def _apply_retried(session: AsyncSession, job: Job, args: Applying) -> Applying:
    await _require(session, args)
    await _move(session, job, args, frm=PoolerState.FAILED, to=PoolerState.CREATING)
    return args


async def _removal_abandoned(session: AsyncSession, job: Job, args: RemovePooler) -> None:
    await _move(session, job, args, frm=PoolerState.DELETING, to=PoolerState.STOPPED)


async def _removal_retried(session: AsyncSession, job: Job, args: Removing) -> Removing:
    await _require(session, args)
    for state in (PoolerState.RUNNING, PoolerState.STOPPED, PoolerState.FAILED):
        await _move(session, job, args, frm=state, to=PoolerState.DELETING)
    return args


async def _detach_abandoned(session: AsyncSession, job: Job, args: DetachPooler) -> None:
    reason = "deleting it was cancelled before it began"
    await _move(session, job, args, frm=PoolerState.DELETING, to=PoolerState.FAILED, reason=reason)


async def _require(session: AsyncSession, args: AnyArgs) -> None:
    if await PoolerRepository(session).live(args.database_id, change=True) is None:
        raise PoolerNotFound(args.database_id)


async def _move(
    session: AsyncSession,
    job: Job,
    args: AnyArgs,
    *,
    frm: PoolerState,
    to: PoolerState,
    reason: str | None = None,
) -> None:
    poolers = PoolerRepository(session)
    pooler = await poolers.live(args.database_id)
    if pooler is not None:
        await poolers.move(pooler.id, frm=[frm], to=to, job_id=job.id, state_reason=reason)


register(ApplyPooler, Hooks(abandoned=_apply_abandoned, retried=_apply_retried))
register(RemovePooler, Hooks(abandoned=_removal_abandoned, retried=_removal_retried))
register(AttachPooler, Hooks(abandoned=_apply_abandoned, retried=_apply_retried))
register(DetachPooler, Hooks(abandoned=_detach_abandoned, retried=_removal_retried))
