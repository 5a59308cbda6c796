"""One world for all faults and kills of a test process, in a thread of its own: its proxy and the pipes of its processes
are served while other tests run in between.
"""

import asyncio
import os
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path
from typing import Any, TypeVar

import pytest

from tests.e2e.world import World, world

Result = TypeVar("Result")


class Stage:
    """Runs coroutines on the loop of the world, from tests that have no loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._world: World | None = None
        self._stack = AsyncExitStack()

    def run(self, work: Callable[[World], Coroutine[Any, Any, Result]]) -> Result:
        assert self._world is not None
        return self._awaited(work(self._world))

    def raise_(self, directory: Path, seed: int) -> None:
        self._world = self._awaited(self._stack.enter_async_context(world(directory, seed=seed)))

    def strike(self) -> None:
        self._awaited(self._stack.aclose())

    def _awaited(self, work: Coroutine[Any, Any, Result]) -> Result:
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result()
        except BaseException:
            future.cancel()
            raise


@pytest.fixture(scope="session")
def seed() -> int:
    return int(os.environ["PGM_TEST_SEED"])


@pytest.fixture(scope="session")
def stage(server_directory: Path, seed: int) -> Iterator[Stage]:
    with _looping() as loop:
        stage = Stage(loop)
        stage.raise_(server_directory / "world", seed)
        try:
            yield stage
        finally:
            stage.strike()


@contextmanager
def _looping() -> Iterator[asyncio.AbstractEventLoop]:
    """A loop that runs in a thread until the end: processes of the world die with the thread that started them."""
    with asyncio.Runner() as runner:
        loop = runner.get_loop()
        ended = threading.Event()

        def work() -> None:
            asyncio.set_event_loop(loop)
            loop.run_forever()
            ended.set()

        thread = threading.Thread(target=work, name="world")
        thread.start()
        try:
            yield loop
        finally:
            loop.call_soon_threadsafe(loop.stop)
            thread.join()
            assert ended.is_set()
