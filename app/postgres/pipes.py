"""Our ends of a child's pipes, without the copies of asyncio's streams: a dump moves through here at gigabytes a second."""

import asyncio
import fcntl
import os
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import IO, Final

PIPE_BYTES: Final = 1024 * 1024  # what an unprivileged process may ask for (fs.pipe-max-size)
LONGEST_PAUSE_SECONDS: Final = 0.025


class PipeReader:
    def __init__(self, pipe: IO[bytes]) -> None:
        self._pipe = pipe
        _prepare(pipe)
        self._capacity = fcntl.fcntl(pipe.fileno(), fcntl.F_GETPIPE_SZ)
        self._pause_seconds = 0.0
        self._read_at = 0.0

    async def read(self, size: int) -> bytes:
        """Up to ``size`` bytes as soon as there are any; empty at the end, and after ``close``."""
        await asyncio.sleep(0)  # a pipe that is never empty must not starve the loop
        while not self._pipe.closed:
            try:
                return os.read(self._pipe.fileno(), size)
            except BlockingIOError:
                loop = asyncio.get_running_loop()
                await _ready(self._pipe, loop.add_reader, loop.remove_reader)
        return b""

    async def read_gathered(self) -> bytes:
        """What a writer of small pieces has left in the pipe; empty at the end, and after ``close``.

        Each wake-up costs as much as hundreds of kilobytes of work on what was read. So this first pauses, for as long
        as half the pipe will take to fill at the last speed: then the writer does not have to wait for room either.
        """
        loop = asyncio.get_running_loop()
        await asyncio.sleep(self._pause_seconds)
        chunk = await self.read(self._capacity)
        now = loop.time()
        if chunk:
            half = (now - self._read_at) * self._capacity / 2 / len(chunk)
            self._pause_seconds = min(half, LONGEST_PAUSE_SECONDS)
        self._read_at = now
        return chunk

    def close(self) -> None:
        _close(self._pipe)


class PipeWriter:
    """``write`` only remembers; ``drain`` sends and returns when the child has taken everything but a pipe's worth."""

    def __init__(self, pipe: IO[bytes]) -> None:
        self._pipe = pipe
        self._waiting: deque[memoryview] = deque()
        _prepare(pipe)

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self._waiting.append(memoryview(data))

    async def drain(self) -> None:
        """Raises BrokenPipeError when the child reads no more; why it does not is in its exit code and stderr."""
        await asyncio.sleep(0)
        while self._waiting:
            if self._pipe.closed:
                raise BrokenPipeError
            try:
                sent = os.write(self._pipe.fileno(), self._waiting[0])
            except BlockingIOError:
                loop = asyncio.get_running_loop()
                await _ready(self._pipe, loop.add_writer, loop.remove_writer)
                continue
            if sent < len(self._waiting[0]):
                self._waiting[0] = self._waiting[0][sent:]
            else:
                self._waiting.popleft()

    def close(self) -> None:
        """The child sees the end of its input. What was not drained is dropped."""
        self._waiting.clear()
        _close(self._pipe)


def _prepare(pipe: IO[bytes]) -> None:
    os.set_blocking(pipe.fileno(), False)
    # Refused beyond a user's share of pipe memory (fs.pipe-user-pages-soft): then it is slower, not wrong.
    with suppress(PermissionError):
        fcntl.fcntl(pipe.fileno(), fcntl.F_SETPIPE_SZ, PIPE_BYTES)


def _close(pipe: IO[bytes]) -> None:
    if pipe.closed:
        return
    loop = asyncio.get_running_loop()
    loop.remove_reader(pipe.fileno())
    loop.remove_writer(pipe.fileno())
    pipe.close()


async def _ready(
    pipe: IO[bytes], add: Callable[[int, Callable[[], None]], None], remove: Callable[[int], bool]
) -> None:
    ready = asyncio.Event()
    descriptor = pipe.fileno()
    add(descriptor, ready.set)
    try:
        await ready.wait()
    finally:
        if not pipe.closed:
            remove(descriptor)
