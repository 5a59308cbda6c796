"""Troubles for a whole installation, each a function of its own in a module of its kind.

A fault provokes one trouble, asserts what came of it (a problem document at once, or a failed job, naming the cause and
whether to retry; or success after a retry), puts the world right again and leaves nothing behind.
"""

import importlib
import pkgutil
from collections.abc import Awaitable, Callable

from tests.e2e.world import World

Fault = Callable[[World], Awaitable[None]]

FAULTS: dict[str, Fault] = {}


def fault(function: Fault) -> Fault:
    """Registers a fault under the name of its function."""
    name = function.__name__
    assert name not in FAULTS, f"two faults are called {name}"
    FAULTS[name] = function
    return function


def every_fault() -> dict[str, Fault]:
    """All of them, once their modules are imported, in the order of their names."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
    return dict(sorted(FAULTS.items()))
