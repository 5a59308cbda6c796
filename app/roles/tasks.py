"""The job that this domain brings to a worker, and what it looks for by itself."""

from typing import Any

from app.jobs.machine import Steps
from app.roles.credential_service import end_due
from app.roles.steps import EndTemporaryCredentialSteps
from app.runtime import Runtime


def programmes(runtime: Runtime) -> list[Steps[Any, Any]]:
    return [EndTemporaryCredentialSteps(runtime)]


async def watch(runtime: Runtime) -> None:
    """To be called every minute."""
    await end_due(runtime)
