"""Which steps change consumers."""

from typing import Any

from app.consumers.steps import RemoveConsumerSteps, WriteConsumerSteps
from app.jobs.machine import Steps
from app.runtime import Runtime


def programmes(runtime: Runtime) -> list[Steps[Any, Any]]:
    return [WriteConsumerSteps(runtime), RemoveConsumerSteps(runtime)]
