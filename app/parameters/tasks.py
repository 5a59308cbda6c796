"""Which steps change settings with a restart, and what becomes of a change whose job never ran, or runs anew."""

from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from app.jobs.hooks import Hooks, register
from app.jobs.machine import Steps
from app.jobs.models import Job
from app.parameters.errors import ChangeUnsettled
from app.parameters.models import ChangeState, SettingChange
from app.parameters.repository import ChangeRepository
from app.parameters.schemas import ChangeSettings
from app.parameters.steps import ChangeSettingsSteps
from app.runtime import Runtime


def programmes(runtime: Runtime) -> list[Steps[Any, Any]]:
    return [ChangeSettingsSteps(runtime)]


async def _abandoned(session: AsyncSession, _job: Job, args: ChangeSettings) -> None:
    change = await session.get_one(SettingChange, args.change_id, with_for_update=True)
    await ChangeRepository(session).settle(change, ChangeState.FAILED)


async def _retried(session: AsyncSession, _job: Job, args: ChangeSettings) -> ChangeSettings:
    change = await session.get_one(SettingChange, args.change_id, with_for_update=True)
    if change.state == ChangeState.UNSETTLED:
        raise ChangeUnsettled(change.id)
    change.state, change.problem, change.ended_at = ChangeState.PENDING, None, None
    return args


register(ChangeSettings, Hooks(abandoned=_abandoned, retried=_retried))
