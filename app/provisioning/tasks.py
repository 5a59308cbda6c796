"""Which steps run provisioning's jobs, and what becomes of a database whose job never ran."""

from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from app.databases.errors import DatabaseStateInvalid
from app.databases.models import Database, DatabaseState
from app.databases.repository import DatabaseRepository
from app.jobs.hooks import Hooks, register
from app.jobs.machine import Steps
from app.jobs.models import Job
from app.provisioning.schemas import CreateDatabase, DeleteDatabase, RestartDatabase
from app.provisioning.steps import CreateDatabaseSteps, DeleteDatabaseSteps, RestartDatabaseSteps
from app.runtime import Runtime


def programmes(runtime: Runtime) -> list[Steps[Any, Any]]:
    return [CreateDatabaseSteps(runtime), RestartDatabaseSteps(runtime), DeleteDatabaseSteps(runtime)]


async def _creation_abandoned(session: AsyncSession, _job: Job, args: CreateDatabase) -> None:
    await DatabaseRepository(session).move(
        args.database_id,
        frm={DatabaseState.CREATING},
        to=DatabaseState.FAILED,
        state_reason="creating it was cancelled before it began",
    )


async def _creation_retried(session: AsyncSession, _job: Job, args: CreateDatabase) -> CreateDatabase:
    await _require(
        session, args.database_id, frm={DatabaseState.FAILED}, to=DatabaseState.CREATING, action="created again"
    )
    return args


async def _restart_abandoned(session: AsyncSession, _job: Job, args: RestartDatabase) -> None:
    await DatabaseRepository(session).move(args.database_id, frm={DatabaseState.RESTARTING}, to=DatabaseState.AVAILABLE)


async def _restart_retried(session: AsyncSession, _job: Job, args: RestartDatabase) -> RestartDatabase:
    await _require(
        session,
        args.database_id,
        frm={DatabaseState.AVAILABLE, DatabaseState.UNREACHABLE},
        to=DatabaseState.RESTARTING,
        action="restarted",
    )
    return args


async def _deletion_retried(session: AsyncSession, _job: Job, args: DeleteDatabase) -> DeleteDatabase:
    await _require(
        session,
        args.database_id,
        frm={DatabaseState.AVAILABLE, DatabaseState.FAILED, DatabaseState.UNREACHABLE},
        to=DatabaseState.DELETING,
        action="deleted",
    )
    return args


async def _require(
    session: AsyncSession, database_id: UUID, *, frm: set[DatabaseState], to: DatabaseState, action: str
) -> None:
    if not await DatabaseRepository(session).move(database_id, frm=frm, to=to):
        database = await session.get_one(Database, database_id)
        raise DatabaseStateInvalid(database_id, database.state, action)


register(CreateDatabase, Hooks(abandoned=_creation_abandoned, retried=_creation_retried))
register(RestartDatabase, Hooks(abandoned=_restart_abandoned, retried=_restart_retried))
register(DeleteDatabase, Hooks(retried=_deletion_retried))
