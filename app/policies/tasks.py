"""The jobs that this domain brings to a worker, and what it looks for by itself."""

from typing import Any

from app.jobs.machine import Steps
from app.policies.steps import ExpireBackupsSteps, RetainBackupsSteps, RunScheduleSteps
from app.policies.watching import make_defaults, watch_missed, watch_overdue
from app.runtime import Runtime


def programmes(runtime: Runtime) -> list[Steps[Any, Any]]:
    return [RunScheduleSteps(runtime), RetainBackupsSteps(runtime), ExpireBackupsSteps(runtime)]


async def watch(runtime: Runtime) -> None:
    """To be called every minute."""
    await make_defaults(runtime)
    async with runtime.sessions() as session, session.begin():
        await watch_missed(session, runtime.clock())
    await watch_overdue(runtime)
