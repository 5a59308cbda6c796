"""The jobs that this domain brings to a worker, and what it looks for by itself."""

from typing import Any

from app.jobs.machine import Steps
from app.railway.abandoned import let_go
from app.railway.steps import CheckSchemaSteps, ProbeConnectionSteps, SweepIntentsSteps
from app.runtime import Runtime


def programmes(runtime: Runtime) -> list[Steps[Any, Any]]:
    return [ProbeConnectionSteps(runtime), SweepIntentsSteps(runtime), CheckSchemaSteps(runtime)]


async def watch(runtime: Runtime) -> None:
    """To be called now and then."""
    await let_go(runtime)
