"""Event loops that are not closed before their connections are.

A session that the server refused says goodbye by TLS for a moment longer than its error: uvloop cannot be closed meanwhile, and
Python's own loop leaves a socket behind, for which some later test would be blamed.
"""

import asyncio
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import uvloop

_TURNS, _TURN_SECONDS = 200, 0.005
_DESCRIPTORS: Final = Path("/proc/self/fd")


class PatientLoop(asyncio.SelectorEventLoop):
    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self._before = open_sockets()

    def close(self) -> None:
        wait_for_goodbyes(self, self._before)
        super().close()


class PatientUvloop(uvloop.Loop):
    def __init__(self) -> None:
        super().__init__()
        self.run_until_complete(asyncio.sleep(0))  # which opens the sockets of its own
        self._before = open_sockets()

    def close(self) -> None:
        wait_for_goodbyes(self, self._before)
        super().close()


def open_sockets() -> frozenset[str]:
    found = set()
    for descriptor in _DESCRIPTORS.iterdir():
        with suppress(FileNotFoundError):  # the one by which the folder is read
            found.add(str(descriptor.readlink()))
    return frozenset(name for name in found if name.startswith("socket:"))


def wait_for_goodbyes(loop: asyncio.AbstractEventLoop, before: frozenset[str]) -> None:
    """Not for ever: what a session's fixture opened meanwhile stays."""
    for _ in range(0 if loop.is_closed() else _TURNS):
        if open_sockets() <= before:
            return
        loop.run_until_complete(asyncio.sleep(_TURN_SECONDS))
