"""The jobs that this domain brings to a worker, and what it looks for by itself."""

from typing import Any

from app.events.overdue import watch_overdue
from app.events.steps import AnnounceAlertSteps
from app.jobs.machine import Steps
from app.runtime import Runtime


def programmes(runtime: Runtime) -> list[Steps[Any, Any]]:
    return [AnnounceAlertSteps(runtime)]


async def watch(runtime: Runtime) -> None:
    """To be called now and then."""
    async with runtime.sessions() as session, session.begin():
        await watch_overdue(session, runtime.clock())
