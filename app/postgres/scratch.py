"""Servers to restore into for a look, and to throw away: they end with the process that made them, and leave no folder."""

import asyncio
import fcntl
import os
import secrets
import shutil
from collections.abc import AsyncGenerator, Iterable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import structlog
from pydantic import SecretStr

from app.errors import Problem, Unavailable
from app.postgres.cluster import Cluster, ClusterSpec, free_port
from app.postgres.connect import Target
from app.postgres.errors import ClusterFailed, PortTaken, ToolMissing
from app.postgres.postmaster import Postmaster, StopMode
from app.postgres.toolchain import Ability, Installation, Toolchain

log = structlog.get_logger()

SUPERUSER: Final = "pgm_scratch"  # no backup has a role of that name, so that all of its roles can be made
_PORTS: Final = (26_000, 26_999)
_PORT_ATTEMPTS: Final = 5
_STOP_SECONDS: Final = 10.0
_WITH_EVENT_TRIGGERS: Final = 17  # the major that can turn them off
_SETTINGS: Final = {
    "shared_buffers": "128MB",
    "max_wal_size": "512MB",
    "max_connections": "20",
    "max_wal_senders": "0",
    "wal_level": "minimal",
    "autovacuum": "off",
    "jit": "off",
}


class ScratchServerFailed(Unavailable):
    code, title = "SCRATCH_SERVER_FAILED", "The server to restore into for a look did not start"


class ScratchBusy(Unavailable):
    code, title = "SCRATCH_BUSY", "Another process still uses the folder"


def installation_for(toolchain: Toolchain, least_major: int) -> Installation:
    """The server of that major, else the lowest one above it that is here. Raises ToolMissing."""
    majors = {one.major for one in toolchain.installations if Ability.SERVER in one.abilities}
    fitting = [major for major in majors if major >= least_major]
    if not fitting:
        here = f"Here are those of {', '.join(map(str, sorted(majors)))}." if majors else "Here is none."
        raise ToolMissing(
            f"There are no programs of a PostgreSQL {least_major} server on this machine, nor of a newer one. {here} "
            f"Install the package postgresql-{least_major}.",
            package=f"postgresql-{least_major}",
        )
    return toolchain.server(min(fitting))


@asynccontextmanager
async def scratch_server(
    directory: Path, installation: Installation, *, user: str | None = None
) -> AsyncGenerator[Target]:
    """The superuser's way into a new, empty server of default settings, without fsync; ``directory`` is its own.

    Raises ScratchServerFailed, ScratchBusy.
    """
    descriptor = await asyncio.to_thread(_claimed, directory)
    if descriptor is None:
        raise ScratchBusy(f"{directory} belongs to another process, which has not yet noticed that it is to stop.")
    try:
        await _emptied(directory)
        cluster = await _started(directory, installation, user)
        try:
            yield cluster.target
        finally:
            await cluster.destroy()
    finally:
        try:
            await _emptied(directory)
            shutil.rmtree(directory, ignore_errors=True)
        finally:
            os.close(descriptor)


async def remove_scratch(directory: Path) -> bool:
    """Whether ``directory`` is gone: it is left alone while the process that made it lives."""
    if not await asyncio.to_thread(directory.is_dir):
        return True
    descriptor = await asyncio.to_thread(_claimed, directory)
    if descriptor is None:
        return False
    try:
        await _emptied(directory)
        await asyncio.to_thread(shutil.rmtree, directory)
    finally:
        os.close(descriptor)
    log.info("scratch.removed", directory=str(directory))
    return True


async def remove_all_scratch(parent: Path) -> None:
    """What processes that were killed have left there."""
    for directory in _folders(parent):
        try:
            await remove_scratch(directory)
        except (OSError, Problem) as error:
            log.warning("scratch.left", directory=str(directory), error=str(error))


async def _started(directory: Path, installation: Installation, user: str | None) -> Cluster:
    settings = dict(_SETTINGS)
    if installation.major >= _WITH_EVENT_TRIGGERS:
        settings["event_triggers"] = "off"
    for attempt in range(1, _PORT_ATTEMPTS + 1):
        try:
            return await _one_started(directory / "server", installation, user, settings)
        except (ClusterFailed, TimeoutError) as error:
            # The port was free a moment ago.
            if isinstance(error, PortTaken) and attempt < _PORT_ATTEMPTS:
                continue
            detail = error.detail if isinstance(error, Problem) else "Making it took too long."
            raise ScratchServerFailed(detail) from error
    raise AssertionError


async def _one_started(
    directory: Path, installation: Installation, user: str | None, settings: Mapping[str, str]
) -> Cluster:
    spec = ClusterSpec(
        directory=directory,
        port=free_port(*_PORTS),
        superuser=SUPERUSER,
        password=SecretStr(secrets.token_urlsafe(24)),
        settings=settings,
        fsync=False,
    )
    cluster = Cluster(spec, installation, user=user, attached=True)
    try:
        await cluster.create()
        await cluster.start()
    except PortTaken:
        await cluster.destroy()
        raise
    return cluster


async def _emptied(directory: Path) -> None:
    server = directory / "server"
    if (postmaster := Postmaster.of(server / "data")) is not None:
        await postmaster.stop(StopMode.IMMEDIATE, _STOP_SECONDS)
    if server.exists():
        await asyncio.to_thread(shutil.rmtree, server)


def _folders(parent: Path) -> Iterable[Path]:
    return sorted(path for path in parent.iterdir() if path.is_dir()) if parent.is_dir() else []


def _claimed(directory: Path) -> int | None:
    """A descriptor that holds the folder until it is closed or its process ends; None when another one holds it."""
    while True:
        directory.mkdir(parents=True, exist_ok=True)
        directory.chmod(0o711)
        path = directory / "owner"
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        except FileNotFoundError:  # removed in this very moment
            continue
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if path.exists() and os.path.samestat(os.fstat(descriptor), path.stat()):
                return descriptor
        except BlockingIOError:
            os.close(descriptor)
            return None
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)
