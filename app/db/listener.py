"""One LISTEN connection per process: notifications shorten waits, they never carry the truth.

Whoever waits also polls, so a lost notification costs a delay and nothing else.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from types import TracebackType
from typing import Self

import asyncpg
import structlog

from app.db.engine import plain_url

log = structlog.get_logger()

# pgm_wake: something may be claimed. pgm_cancel: a cancel wish was written. pgm_job: the job of that id changed.
CHANNELS = ("pgm_wake", "pgm_cancel", "pgm_job")
RECONNECT_SECONDS = 2.0
PROBE_SECONDS = 30.0

Heard = Callable[[str], None]


class Listener:
    """Delivers the payloads of PostgreSQL's channels to the callbacks that subscribed to them."""

    def __init__(self, url: str, *, application_name: str) -> None:
        self._url = plain_url(url)
        self._application_name = application_name
        self._subscribers: dict[str, set[Heard]] = defaultdict(set)
        self._connection: asyncpg.Connection[asyncpg.Record] | None = None
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.get_running_loop().create_task(self._keep_connected(), name="listener")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._task is not None
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    @contextmanager
    def heard(self, channel: str, callback: Heard) -> Iterator[None]:
        """Calls ``callback`` with each payload on ``channel``, and once with "" after every reconnection."""
        self._subscribers[channel].add(callback)
        try:
            yield
        finally:
            self._subscribers[channel].discard(callback)

    async def _keep_connected(self) -> None:
        while True:
            try:
                async with self._connected() as connection:
                    lost = asyncio.Event()
                    connection.add_termination_listener(lambda _connection, lost=lost: lost.set())
                    while not lost.is_set():
                        with suppress(TimeoutError):
                            async with asyncio.timeout(PROBE_SECONDS):
                                await lost.wait()
                        await connection.execute("SELECT 1", timeout=10)
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError) as error:
                log.warning("listener.disconnected", error=type(error).__name__)
            await asyncio.sleep(RECONNECT_SECONDS)

    @asynccontextmanager
    async def _connected(self) -> "AsyncIterator[asyncpg.Connection[asyncpg.Record]]":
        connection = await asyncpg.connect(
            self._url, timeout=10, server_settings={"application_name": self._application_name}
        )
        try:
            for channel in CHANNELS:
                await connection.add_listener(channel, self._deliver)
            for callbacks in self._subscribers.values():
                for callback in tuple(callbacks):
                    callback("")
            yield connection
        finally:
            connection.terminate()

    def _deliver(self, _connection: object, _pid: int, channel: str, payload: object) -> None:
        for callback in tuple(self._subscribers[channel]):
            callback(str(payload))
