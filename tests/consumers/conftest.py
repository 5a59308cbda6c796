"""What the changes' tests stand on, too."""

from tests.changes.conftest import (
    call,
    environment,
    finished,
    make_worker,
    platform,
    project_id,
    settings,
    simulator,
    worker,
)

__all__ = [
    "call",
    "environment",
    "finished",
    "make_worker",
    "platform",
    "project_id",
    "settings",
    "simulator",
    "worker",
]
