"""Which steps rotate logins."""

from typing import Any

from app.jobs.machine import Steps
from app.rotations.steps import RotateRoleSteps
from app.runtime import Runtime


def programmes(runtime: Runtime) -> list[Steps[Any, Any]]:
    return [RotateRoleSteps(runtime)]
