"""The running side of a data directory: which process serves it, in what state, and how to signal exactly that one."""

import asyncio
import os
import signal
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final, Self


class StopMode(StrEnum):
    """Smart waits for clients to leave, fast disconnects them, immediate leaves a recovery to the next start."""

    SMART = "smart"
    FAST = "fast"
    IMMEDIATE = "immediate"


_SIGNALS: Final = {StopMode.SMART: signal.SIGTERM, StopMode.FAST: signal.SIGINT, StopMode.IMMEDIATE: signal.SIGQUIT}
_STATE_LINE: Final = 7

# Servers that are children of this process. Only these are waited for: the number of any other may be a child's by now.
_children: set[int] = set()


@dataclass(frozen=True)
class Postmaster:
    """A ``postmaster.pid``: its lines are process id, folder, start, port, socket folder, address, memory, state."""

    pid: int
    data: Path
    state: str

    @classmethod
    def of(cls, data: Path) -> Self | None:
        """None when the server was stopped in order, and for the instant in which the file is written."""
        try:
            lines = (data / "postmaster.pid").read_text().splitlines()
            return cls(int(lines[0]), data, lines[_STATE_LINE].strip() if len(lines) > _STATE_LINE else "starting")
        except (FileNotFoundError, IndexError, ValueError):
            return None

    def is_alive(self) -> bool:
        """Whether the process of that number is this server: after a crash the number may be anybody's.

        Told by its command line, which every user may read; its own children show a title there, a zombie nothing. Not
        by its start time, which would turn a stepped clock into a crash.
        """
        try:
            arguments = Path(f"/proc/{self.pid}/cmdline").read_bytes().split(b"\0")
        except (FileNotFoundError, ProcessLookupError):
            return False
        return Path(os.fsdecode(arguments[0])).name == "postgres" and os.fsencode(self.data) in arguments

    async def stop(self, mode: StopMode, timeout_seconds: float) -> bool:
        """Signal the server and wait; False when it still runs. A process that is not this server is left alone."""
        try:
            descriptor = os.pidfd_open(self.pid)  # before the check, so that the number cannot change hands after it
        except ProcessLookupError:
            return True
        try:
            if not self.is_alive():
                return True
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(descriptor, _SIGNALS[mode])
            return await ended(descriptor, timeout_seconds)
        finally:
            os.close(descriptor)
            reap(self.pid)


def spawn_attached(argv: list[str], *, env: Mapping[str, str], output: Path) -> int:
    """Start a server as a child in a session of its own, its output appended to a file; returns its process id."""
    pid = os.posix_spawn(
        argv[0],
        argv,
        env,
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, output, os.O_WRONLY | os.O_APPEND, 0),
            (os.POSIX_SPAWN_DUP2, 1, 2),
        ],
        setsid=True,
        setsigmask=(),
        setsigdef=(signal.SIGPIPE, signal.SIGXFSZ),  # Python ignores both, and a child inherits that
    )
    _children.add(pid)
    return pid


def reap(pid: int) -> bool:
    """Whether ``pid`` was a server started by ``spawn_attached`` and has ended."""
    if pid not in _children or not os.waitpid(pid, os.WNOHANG)[0]:
        return False
    _children.remove(pid)
    return True


async def ended(descriptor: int, timeout_seconds: float) -> bool:
    """Waits for the end of the process behind a pidfd; False when it still runs."""
    loop = asyncio.get_running_loop()
    over = asyncio.Event()
    loop.add_reader(descriptor, over.set)
    try:
        async with asyncio.timeout(timeout_seconds):
            await over.wait()
    except TimeoutError:
        return False
    finally:
        loop.remove_reader(descriptor)
    return True
