"""The jobs that this domain brings to a worker."""

from typing import Any

from app.jobs.machine import Steps
from app.locations.steps import SweepLocationSteps
from app.runtime import Runtime


def programmes(runtime: Runtime) -> list[Steps[Any, Any]]:
    return [SweepLocationSteps(runtime)]
