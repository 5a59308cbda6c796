"""A PgBouncer on this machine, before one server: started detached, found again by whoever looks."""

import asyncio
import os
import re
import resource
import shutil
import signal
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final, Self

import structlog

from app.postgres.cluster import is_free
from app.postgres.cluster_files import ClusterFiles
from app.postgres.errors import PoolerFailed, PoolerPortTaken, ToolMissing
from app.postgres.pgbouncer_config import HOST, PgBouncerConfig
from app.postgres.postmaster import ended, reap, spawn_attached
from app.postgres.process import privileges, run
from app.postgres.server_user import server_user
from app.postgres.toolchain import launcher

log = structlog.get_logger()

_START_SECONDS: Final = 15.0
_STOP_SECONDS: Final = 5.0
_LOCK_SECONDS: Final = 60.0
_POLL_SECONDS: Final = 0.02
_PORT_SECONDS: Final = 5.0
_ENVIRONMENT: Final = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC", "HOME": "/nonexistent"}
_SPARE_DESCRIPTORS: Final = 100
_PLACES: Final = "/usr/sbin:/usr/local/sbin:/usr/local/bin:/usr/bin"


class PgBouncerStatus(StrEnum):
    RUNNING = "running"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class PgBouncerProgram:
    """``command`` is the program, behind the loader that it needs when it is of another Debian release."""

    command: tuple[str, ...]

    @classmethod
    def found(cls, debian_root: Path | None) -> Self:
        """That of ``debian_root``, else this machine's own. Raises ToolMissing."""
        if debian_root is not None and (other := debian_root / "usr/sbin/pgbouncer").is_file():
            return cls((*launcher(debian_root), str(other)))
        own = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', os.defpath)}:{_PLACES}")
        if own is None:
            message = "There is no PgBouncer on this machine. Install the package pgbouncer."
            raise ToolMissing(message, package="pgbouncer")
        return cls((own,))

    async def version(self) -> str:
        finished = await run([*self.command, "--version"], env=_ENVIRONMENT, timeout_seconds=10)
        found = re.search(rb"PgBouncer (\d+(?:\.\d+)+)", finished.stdout)
        if found is None:
            raise PoolerFailed(f"{self.command[-1]} does not tell its version.")
        return found[1].decode()


class PgBouncer:
    """One process with its folder. Any number of these, in any process, may stand for the same folder."""

    def __init__(self, directory: Path, *, user: str | None) -> None:
        self._user = server_user(user)
        self.files = ClusterFiles(directory, self._user)
        folder = self.files.directory
        self._config, self._userlist = folder / "pgbouncer.ini", folder / "userlist.txt"
        self._pid, self._server_root = folder / "run" / "pgbouncer.pid", folder / "server-root.pem"

    @asynccontextmanager
    async def locked(self) -> AsyncGenerator[None]:
        """What writes, starts or stops stands inside."""
        async with self.files.locked(_LOCK_SECONDS):
            yield

    def status(self) -> PgBouncerStatus:
        return PgBouncerStatus.STOPPED if self._running() is None else PgBouncerStatus.RUNNING

    def root_pem(self) -> str:
        """What clients pin."""
        return self.files.root_certificate.read_text()

    def write(self, config: PgBouncerConfig, *, issuer: Path | None) -> None:
        """``issuer`` is a server's folder of certificates: with the same root, clients pin one for both addresses."""
        files = self.files
        self._pid.parent.mkdir(exist_ok=True)
        files.give(self._pid.parent)
        if not files.log.exists():
            files.write(files.log, "", private=True)
            files.give(files.log)
        self._take_root(issuer)
        files.write_certificates()
        files.write(self._server_root, config.server.ca_pem or "")
        files.write(self._userlist, config.userlist(), private=True)
        files.give(self._userlist)
        rendered = config.render(
            userlist=self._userlist,
            log=files.log,
            pid=self._pid,
            identity=files.server_identity,
            server_root=self._server_root,
        )
        files.write(self._config, rendered)

    async def start(self, program: PgBouncerProgram, config: PgBouncerConfig, *, clients: int) -> bool:
        """As it was written, unless it runs; whether it had to be started. Raises PoolerPortTaken, PoolerFailed.

        ``clients``: for how many connections there have to be descriptors.
        """
        if self._running() is not None:
            return False
        await self._require_free(config.port)
        if self._user:
            self._user.check_reach([self.files.directory, Path(program.command[-1]).parent])
        self._pid.unlink(missing_ok=True)  # PgBouncer refuses to start while any process has the number in it
        offset = self.files.log.stat().st_size
        run_as = (self._user.uid, self._user.gid) if self._user else None
        argv = [*_descriptors(clients), *privileges(run_as), *program.command, "-d", str(self._config)]
        await self._until_it_answers(spawn_attached(argv, env=_ENVIRONMENT, output=self.files.log), config.port, offset)
        log.info("pgbouncer.started", directory=str(self.files.directory), port=config.port)
        return True

    async def stop(self) -> None:
        """Clients are cut off. In order if that works within some seconds."""
        if (pid := self._running()) is None:
            return
        descriptor = os.pidfd_open(pid)
        try:
            for number in (signal.SIGINT, signal.SIGKILL):
                # Not when the process of this number is another one by now.
                if self._running() == pid:
                    with suppress(ProcessLookupError):
                        signal.pidfd_send_signal(descriptor, number)
                if await ended(descriptor, _STOP_SECONDS):
                    log.info("pgbouncer.stopped", directory=str(self.files.directory))
                    return
        finally:
            os.close(descriptor)
        raise PoolerFailed(f"PgBouncer in {self.files.directory} (process {pid}) does not stop.")

    async def destroy(self) -> None:
        """Stops it and removes everything of it; fine when that is nothing."""
        if self.files.directory.exists():
            await self.stop()
        await asyncio.to_thread(self.files.remove)

    def _running(self) -> int | None:
        """Told by the command line: after a crash the number may be anybody's."""
        try:
            pid = int(self._pid.read_text())
            arguments = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except (FileNotFoundError, ProcessLookupError, ValueError):
            return None
        return pid if os.fsencode(self._config) in arguments else None

    async def _until_it_answers(self, child: int, port: int, offset: int) -> None:
        """``child`` only starts the process that stays, and ends."""
        deadline = asyncio.get_running_loop().time() + _START_SECONDS
        has_ended = False
        while True:
            has_ended = has_ended or reap(child)
            if self._running() is not None and _listens(port):
                return
            late = asyncio.get_running_loop().time() > deadline
            said = self.files.log_since(offset)
            if late or (has_ended and any(" FATAL " in line for line in said)):
                if any("ddress already in use" in line for line in said):
                    raise _taken(port)
                raise PoolerFailed(f"PgBouncer did not start. The end of its log: {' | '.join(said[-5:])}")
            await asyncio.sleep(_POLL_SECONDS)

    async def _require_free(self, port: int) -> None:
        """A process that was just killed may hold it for a moment."""
        deadline = asyncio.get_running_loop().time() + _PORT_SECONDS
        while not is_free(port):
            if asyncio.get_running_loop().time() > deadline or _listens(port):
                raise _taken(port)
            await asyncio.sleep(_POLL_SECONDS)

    def _take_root(self, issuer: Path | None) -> None:
        folder = self.files.root_certificate.parent
        if issuer is None or self.files.root_certificate.exists() or not (issuer / "root.pem").is_file():
            return
        folder.mkdir(exist_ok=True)
        folder.chmod(0o711)
        self.files.write(folder / "root.key", (issuer / "root.key").read_text(), private=True)
        self.files.write(self.files.root_certificate, (issuer / "root.pem").read_text())


def _descriptors(clients: int) -> list[str]:
    """The words that give the program as many descriptors as it needs, if they may be given."""
    prlimit = shutil.which("prlimit", path=os.defpath)
    if prlimit is None:
        return []
    wanted = clients + _SPARE_DESCRIPTORS
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if wanted <= soft:
        return []
    return [prlimit, f"--nofile={wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)}:", "--"]


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((HOST, port)) == 0


def _taken(port: int) -> PoolerPortTaken:
    return PoolerPortTaken(
        f"Port {port} of {HOST} is used by another program, so the pooler cannot listen there. Stop that program, or PUT "
        "the pooler again, which gives it another port.",
        port=port,
    )
