"""The jobs that this domain brings to a worker. What it watches by itself is in ``observing``."""

from typing import Any

from app.jobs.machine import Steps
from app.platform.steps import ObserveEnvironmentSteps
from app.runtime import Runtime


def programmes(runtime: Runtime) -> list[Steps[Any, Any]]:
    return [ObserveEnvironmentSteps(runtime)]
