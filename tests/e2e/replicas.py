"""Replicas of the API: `pgmanager serve` without a worker, as processes of their own on fixed ports."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from app.postgres.cluster import free_port
from app.postgres.errors import PortTaken
from app.postgres.process import ChildProcess

PORTS = (27000, 27999)
_READY_SECONDS = 120.0
_STOP_SECONDS = 15.0


@dataclass
class Replica:
    environment: Mapping[str, str]
    log_file: Path
    port: int = field(default_factory=lambda: free_port(*PORTS))
    _stack: AsyncExitStack = field(default_factory=AsyncExitStack)
    _child: ChildProcess | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        assert self._child is not None
        return self._child.pid

    @property
    def is_running(self) -> bool:
        return self._child is not None and self._child.returncode is None

    async def start(self) -> None:
        """Returns when it is ready to answer. On the same port as before."""
        lines = self._stack.enter_context(self.log_file.open("a", buffering=1))
        started = ChildProcess.started(
            [sys.executable, "-c", "from app.cli import main; main()", "serve"],
            env={**self.environment, "PGM_PORT": str(self.port)},
            term_grace_seconds=_STOP_SECONDS,
            on_stderr_line=lambda line: lines.write(line + "\n"),
        )
        self._child = await self._stack.enter_async_context(started)
        await self.ready()

    async def ready(self) -> None:
        """Waits until it answers again, as after an outage of the control database."""
        async with asyncio.timeout(_READY_SECONDS), httpx.AsyncClient(base_url=self.url, trust_env=False) as client:
            while True:
                assert self._child is not None
                said = " | ".join(self._child.stderr_lines[-5:])
                if self._child.returncode is not None and "Address already in use" in said:
                    raise PortTaken(said, port=self.port)
                assert self._child.returncode is None, said
                try:
                    if (await client.get("/readyz")).is_success:
                        return
                except httpx.HTTPError:
                    pass
                await asyncio.sleep(0.05)

    async def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)
        await self.stop()

    async def stop(self) -> None:
        """By SIGTERM, as a deployment does."""
        await self._stack.aclose()
        self._child = None

    async def put_right(self) -> None:
        if not self.is_running:
            await self.stop()
            await self.start()


@asynccontextmanager
async def two_replicas(environment: Mapping[str, str], directory: Path) -> AsyncIterator[tuple[Replica, Replica]]:
    first, second = (Replica(environment, directory / f"api-{number}.log") for number in (1, 2))
    try:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(_started(first))
            tasks.create_task(_started(second))
        yield first, second
    finally:
        await asyncio.gather(first.stop(), second.stop())


async def _started(replica: Replica) -> None:
    """Another process may take the port while ours is still loading: then on another one."""
    while True:
        try:
            await replica.start()
        except PortTaken:
            await replica.stop()
            replica.port = free_port(*PORTS)
        else:
            return
