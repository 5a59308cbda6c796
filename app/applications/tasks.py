"""Which steps give applications their roles, and take them away."""

from typing import Any

from app.applications.steps.deletion import DeletionSteps
from app.applications.steps.harden import HardenSteps
from app.jobs.machine import Steps
from app.runtime import Runtime


def programmes(runtime: Runtime) -> list[Steps[Any, Any]]:
    return [HardenSteps(runtime), DeletionSteps(runtime)]
