"""Which steps run the jobs of snapshots, and what becomes of a database whose restore never ran, or runs anew."""

from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from app.databases.errors import DatabaseStateInvalid
from app.databases.models import Database, DatabaseState
from app.databases.repository import DatabaseRepository
from app.jobs.hooks import Hooks, register
from app.jobs.machine import Steps
from app.jobs.models import Job
from app.runtime import Runtime
from app.snapshots.schemas import RestoreSnapshot
from app.snapshots.service import RESTORABLE
from app.snapshots.steps import DeleteSnapshotSteps, RestoreSnapshotSteps, TakeSnapshotSteps


def programmes(runtime: Runtime) -> list[Steps[Any, Any]]:
    return [TakeSnapshotSteps(runtime), DeleteSnapshotSteps(runtime), RestoreSnapshotSteps(runtime)]


async def _abandoned(session: AsyncSession, _job: Job, args: RestoreSnapshot) -> None:
    await DatabaseRepository(session).move(args.database_id, frm={DatabaseState.RESTORING}, to=args.state_before)


async def _retried(session: AsyncSession, _job: Job, args: RestoreSnapshot) -> RestoreSnapshot:
    database = await session.get_one(Database, args.database_id)
    before = DatabaseState(database.state)
    if not await DatabaseRepository(session).move(database.id, frm=RESTORABLE, to=DatabaseState.RESTORING):
        raise DatabaseStateInvalid(database.id, before, "restored")
    return args.model_copy(update={"state_before": before})


register(RestoreSnapshot, Hooks(abandoned=_abandoned, retried=_retried))
