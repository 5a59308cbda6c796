"""Which steps run the changes."""

from typing import Any

from app.changes.steps.limits import LimitSteps
from app.changes.steps.public_access import PublicAccessSteps
from app.changes.steps.redeploy import RedeploySteps
from app.changes.steps.rename import RenameSteps
from app.changes.steps.resize import ResizeSteps
from app.changes.steps.variables import VariablesSteps
from app.jobs.machine import Steps
from app.runtime import Runtime


def programmes(runtime: Runtime) -> list[Steps[Any, Any]]:
    return [
        PublicAccessSteps(runtime),
        RedeploySteps(runtime),
        ResizeSteps(runtime),
        LimitSteps(runtime),
        RenameSteps(runtime),
        VariablesSteps(runtime),
    ]
