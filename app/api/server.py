"""Listens, works and stops: what `serve` and `worker` have in common."""

import asyncio
import gc
import signal
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress

import structlog
import uvicorn
from fastapi import FastAPI
from sqlalchemy.exc import SQLAlchemyError

from app.db import migrate
from app.runtime import Runtime

log = structlog.get_logger()

SHUTDOWN_SECONDS = 10
# Longer than clients and proxies keep idle connections: who closes first while the other sends loses a request.
KEEP_ALIVE_SECONDS = 75
RETRY_SECONDS = 2.0
LOCK_NOT_AVAILABLE = "55P03"

Work = Callable[[Runtime, asyncio.Event], Awaitable[None]]


async def serve_until_stopped(app: FastAPI | None, runtime: Runtime, work: Work | None) -> None:
    """Runs the API, the worker or both until SIGTERM or SIGINT; a second signal no longer waits for requests.

    The API listens before the migrations have run, so that whoever asks is told by `/readyz`; the worker waits.
    """
    server = _Server(_config(app, runtime)) if app else None

    def stop() -> None:
        log.info("process.stopping", again=runtime.stopping.is_set())
        if server is not None:
            server.force_exit = runtime.stopping.is_set()
            server.should_exit = True
        runtime.stopping.set()

    async with _signals(stop), asyncio.TaskGroup() as tasks:
        if server is not None:
            tasks.create_task(_listen(server, runtime), name="api")
        tasks.create_task(_work(runtime, work), name="worker")


async def _listen(server: "_Server", runtime: Runtime) -> None:
    with _sockets(runtime.settings.host, runtime.settings.port) as sockets:
        # What was loaded up to here stays: without this every full collection walks through it, for a tenth of a second.
        gc.collect()
        gc.freeze()
        log.info("server.listening", addresses=[_name(item) for item in sockets])
        try:
            await server.serve(sockets=sockets)
        finally:
            runtime.stopping.set()


async def _work(runtime: Runtime, work: Work | None) -> None:
    while not runtime.stopping.is_set():
        try:
            if runtime.settings.auto_migrate:
                await migrate.upgrade(runtime.settings.database_url.get_secret_value())
            if not await migrate.pending(runtime.engine):
                break
            log.warning("database.migrations_pending")
        except (OSError, SQLAlchemyError, migrate.MigrationBusy) as error:
            if not _may_pass(error):
                raise
            log.warning("database.not_ready", error=type(error).__name__)
        with suppress(TimeoutError):
            async with asyncio.timeout(RETRY_SECONDS):
                await runtime.stopping.wait()
    if work is not None and not runtime.stopping.is_set():
        await work(runtime, runtime.stopping)


def _may_pass(error: Exception) -> bool:
    """Whether the database is only away, starting or busy; a migration that fails is a reason to end."""
    sqlstate = getattr(getattr(error, "orig", None), "sqlstate", None) or ""
    waited = isinstance(error, migrate.MigrationBusy) or sqlstate == LOCK_NOT_AVAILABLE
    return waited or isinstance(error, OSError) or sqlstate[:2] in ("08", "57", "53")


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Nothing: the original raises the signal again once the server ended, which would kill the worker."""
        yield


def _config(app: FastAPI, runtime: Runtime) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        http="httptools",
        ws="none",
        lifespan="on",
        server_header=False,
        forwarded_allow_ips=runtime.settings.api.trusted_proxies,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
    )


@contextmanager
def _sockets(host: str | None, port: int) -> Iterator[list[socket.socket]]:
    """One socket for IPv4 and one for IPv6, unless an address is given; the machine may lack IPv6."""
    opened: list[socket.socket] = []
    try:
        if host is not None:
            family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
            opened.append(socket.create_server((host, port), family=family, backlog=2048))
        else:
            opened.append(socket.create_server(("0.0.0.0", port), backlog=2048))  # noqa: S104 (a service listens)
            with suppress(OSError):
                port = opened[0].getsockname()[1]
                opened.append(socket.create_server(("::", port), family=socket.AF_INET6, backlog=2048))
        yield opened
    finally:
        for item in opened:
            item.close()


def _name(item: socket.socket) -> str:
    host, port = item.getsockname()[:2]
    return f"[{host}]:{port}" if item.family == socket.AF_INET6 else f"{host}:{port}"


@asynccontextmanager
async def _signals(stop: Callable[[], None]) -> AsyncIterator[None]:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    try:
        yield
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)
