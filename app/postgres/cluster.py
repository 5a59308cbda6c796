"""Real PostgreSQL servers on this machine: made once, started detached, found again by whoever looks."""

import asyncio
import random
import shlex
import socket
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Final

import structlog
from pydantic import SecretStr

from app.postgres import server_config
from app.postgres.cluster_files import ClusterFiles
from app.postgres.connect import Target, TlsMode
from app.postgres.errors import ClusterFailed, PortTaken
from app.postgres.postmaster import Postmaster, StopMode, reap, spawn_attached
from app.postgres.process import privileges, run
from app.postgres.server_user import server_user
from app.postgres.toolchain import Ability, Installation

log = structlog.get_logger()

HOST: Final = "127.0.0.1"

_INITDB_SECONDS: Final = 120.0
_STOP_SECONDS: Final = 30.0
_POLL_SECONDS: Final = 0.02
# After a killed postmaster its last backends hold the shared memory for a moment, and a new one refuses to start.
_ORPHANS_SECONDS: Final = 10.0
_ORPHANS_SAY: Final = ("is still in use", "already exists")
_SHELL_CHARACTERS: Final = frozenset('"$`\\\n')  # pg_ctl puts the folder between double quotes and calls a shell
_ENVIRONMENT: Final = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC", "HOME": "/nonexistent"}


class ClusterStatus(StrEnum):
    ABSENT = "absent"
    STOPPED = "stopped"
    STARTING = "starting"
    RUNNING = "running"
    STOPPING = "stopping"
    CRASHED = "crashed"


@dataclass(frozen=True)
class ClusterSpec:
    """``fsync`` off is for data that may be lost with the machine: tests and rehearsals."""

    directory: Path
    port: int
    superuser: str
    password: SecretStr
    settings: Mapping[str, str] = field(default_factory=dict)
    encoding: str = "UTF8"
    locale: str = "C.UTF-8"
    fsync: bool = True


class Cluster:
    """One server. Any number of these, in any process, may stand for the same folder: a lock file orders them."""

    def __init__(
        self,
        spec: ClusterSpec,
        installation: Installation,
        *,
        user: str | None = None,
        attached: bool = False,
        start_timeout_seconds: int = 60,
    ) -> None:
        """As root the server runs as ``user`` (else ``postgres``, else ``nobody``). ``attached`` ends it with us."""
        self.spec = spec
        self.installation = installation
        self._user = server_user(user)
        self._run_as = (self._user.uid, self._user.gid) if self._user else None
        self._attached = attached
        self._start_timeout_seconds = start_timeout_seconds
        self.files = ClusterFiles(spec.directory, self._user)

    @property
    def target(self) -> Target:
        """The superuser's way in, encrypted and checked where the build can."""
        ca_pem = self.ca_pem()
        tls = TlsMode.VERIFY_FULL if ca_pem else TlsMode.DISABLE
        return Target(HOST, self.spec.port, self.spec.superuser, self.spec.password, tls=tls, ca_pem=ca_pem)

    def ca_pem(self) -> str | None:
        """The root to pin; None for a build without TLS, and before ``create``."""
        if Ability.TLS not in self.installation.abilities:
            return None
        with suppress(FileNotFoundError):
            return self.files.root_certificate.read_text()
        return None

    def status(self) -> ClusterStatus:
        if not self.files.made.exists():
            return ClusterStatus.ABSENT
        postmaster = Postmaster.of(self.files.data)
        if postmaster is None:
            return ClusterStatus.STOPPED
        if not postmaster.is_alive():
            reap(postmaster.pid)
            return ClusterStatus.CRASHED
        return _STATES.get(postmaster.state, ClusterStatus.STARTING)

    async def create(self) -> None:
        """Make the data directory unless it is there. One that a crash left half made is made anew."""
        if _SHELL_CHARACTERS & set(str(self.files.directory)):
            raise ClusterFailed(f"{self.files.directory} cannot hold a server: pg_ctl would misread its name.")
        async with self._locked():
            self._check_reach()
            if self.files.made.exists():
                self._check_version()
                return
            await asyncio.to_thread(self.files.make_empty)
            self._write_certificates()
            await self._initdb()
            self.files.mark_made(self.installation.version, durable=self.spec.fsync)
        log.info("cluster.created", directory=str(self.files.directory), version=self.installation.version)

    async def start(self, *, instead: Mapping[str, str] | None = None) -> None:
        """Start the server unless it runs, and wait until it accepts connections.

        ``instead`` goes before all that its files say, ALTER SYSTEM included, until it is started again.
        Raises PortTaken, or ClusterFailed with the end of the server's log. A server that only needs longer (recovery)
        keeps running, and the next ``start`` waits for it again.
        """
        if self.status() is ClusterStatus.ABSENT:
            raise ClusterFailed(
                f"There is no PostgreSQL data directory in {self.files.directory}; it has to be created first."
            )
        async with self._locked():
            if self.status() is ClusterStatus.RUNNING:
                return
            if self.status() is ClusterStatus.STOPPING:
                await self._stop(StopMode.FAST, _STOP_SECONDS)
            offset = self.files.log.stat().st_size
            if self.status() is not ClusterStatus.STARTING:
                await self._launch(instead or {})
            await self._wait_until_ready(offset)
        log.info("cluster.started", directory=str(self.files.directory), port=self.spec.port)

    async def stop(self, mode: StopMode | str = StopMode.FAST, *, timeout_seconds: float = _STOP_SECONDS) -> None:
        """Stop the server; a mode that takes longer than the timeout gives way to the next harsher one."""
        if self.status() is ClusterStatus.ABSENT:
            return
        async with self._locked():
            await self._stop(StopMode(mode), timeout_seconds)

    async def restart(self) -> None:
        await self.stop()
        await self.start()

    async def destroy(self) -> None:
        """Stop the server and remove everything of it. What a crash leaves of this counts as absent."""
        if not self.files.directory.exists():
            await asyncio.to_thread(self.files.remove)
            return
        async with self._locked():
            await self._stop(StopMode.IMMEDIATE, _STOP_SECONDS)
            await asyncio.to_thread(self.files.remove)
        log.info("cluster.destroyed", directory=str(self.files.directory))

    async def _stop(self, mode: StopMode, timeout_seconds: float) -> None:
        postmaster = Postmaster.of(self.files.data)
        if postmaster is None:
            return
        harsher = list(StopMode)[list(StopMode).index(mode) :]
        for attempt in harsher:
            if await postmaster.stop(attempt, timeout_seconds):
                log.info("cluster.stopped", directory=str(self.files.directory), mode=attempt.value)
                return
        raise ClusterFailed(f"PostgreSQL in {self.files.directory} (process {postmaster.pid}) does not stop.")

    async def _initdb(self) -> None:
        spec = self.spec
        command = [
            *self.installation.command("initdb"),
            f"--pgdata={self.files.data}",
            f"--username={spec.superuser}",
            "--auth=scram-sha-256",
            f"--encoding={spec.encoding}",
            f"--locale={spec.locale}",
            "--data-checksums",
            *([] if spec.fsync else ["--no-sync"]),
        ]
        finished = await run(
            # The path of the password's file is known to the child alone, so that its shell writes the option.
            ["/bin/sh", "-c", 'exec "$@" --pwfile="$PWFILE"', "initdb", *command],
            env=_ENVIRONMENT,
            secrets={"PWFILE": spec.password.get_secret_value() + "\n"},
            run_as=self._run_as,
            timeout_seconds=_INITDB_SECONDS,
        )
        if finished.returncode:
            said = finished.stderr_lines[-10:]
            raise ClusterFailed(f"initdb {self.installation.version} failed: {' | '.join(said)}", log=said)

    async def _launch(self, instead: Mapping[str, str]) -> None:
        self._check_reach()
        self._check_version()
        self._write_certificates()
        self.files.write_hba()
        self.files.write(self.files.config, self._rendered())
        deadline = asyncio.get_running_loop().time() + _ORPHANS_SECONDS
        while True:
            # A child that the crashed server had just forked may still hold its socket, for as long as it takes to notice.
            if not await self._port_is_free(deadline if self.status() is ClusterStatus.CRASHED else 0.0):
                raise PortTaken(
                    f"Port {self.spec.port} of {HOST} is used by another program, so PostgreSQL in {self.files.directory} "
                    "cannot start. Stop that program or give this server another port.",
                    port=self.spec.port,
                )
            if (stale := Postmaster.of(self.files.data)) is not None:
                reap(stale.pid)  # a crashed child of ours blocks its successor until it is reaped
            offset = self.files.log.stat().st_size
            complaint = await (self._launch_attached(instead) if self._attached else self._launch_detached(instead))
            if complaint is None:
                return
            orphans = any(words in line for line in self.files.log_since(offset) for words in _ORPHANS_SAY)
            if not orphans or asyncio.get_running_loop().time() > deadline:
                raise self._failed(f"did not start ({complaint})", offset)
            await asyncio.sleep(10 * _POLL_SECONDS)

    async def _port_is_free(self, deadline: float) -> bool:
        while not is_free(self.spec.port):
            if asyncio.get_running_loop().time() > deadline:
                return False
            await asyncio.sleep(_POLL_SECONDS)
        return True

    async def _launch_detached(self, instead: Mapping[str, str]) -> str | None:
        """By pg_ctl, whose server is nobody's child but init's: nobody else would have to reap it."""
        command = [
            *self.installation.command("pg_ctl"),
            "start",
            "--wait",
            f"--timeout={self._start_timeout_seconds}",
            f"--pgdata={self.files.data}",
            f"--log={self.files.log}",
            f"--options={shlex.join(self._options(instead))}",
        ]
        finished = await run(
            command, env=_ENVIRONMENT, run_as=self._run_as, timeout_seconds=self._start_timeout_seconds + 10
        )
        if finished.returncode == 0 or self.status() is ClusterStatus.STARTING:
            return None
        return " ".join([f"pg_ctl ended with {finished.returncode}:", *finished.stderr_lines])

    async def _launch_attached(self, instead: Mapping[str, str]) -> str | None:
        """As our own child: QUIT at our death, on which it ends at once and still frees its shared memory."""
        server = [*self.installation.command("postgres"), "-D", str(self.files.data)]
        server += self._options(instead)
        argv = [*privileges(self._run_as, death_signal="QUIT"), *server]
        pid = spawn_attached(argv, env=_ENVIRONMENT, output=self.files.log)
        while not reap(pid):
            postmaster = Postmaster.of(self.files.data)
            if postmaster and postmaster.pid == pid:
                return None
            await asyncio.sleep(_POLL_SECONDS)
        return "it ended at once"

    def _options(self, instead: Mapping[str, str]) -> list[str]:
        settings = {"config_file": str(self.files.config), **instead}
        return [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]

    async def _wait_until_ready(self, log_offset: int) -> None:
        deadline = asyncio.get_running_loop().time() + self._start_timeout_seconds
        while (status := self.status()) is not ClusterStatus.RUNNING:
            if status in (ClusterStatus.STOPPED, ClusterStatus.CRASHED):
                raise self._failed("ended while it started", log_offset)
            if asyncio.get_running_loop().time() > deadline:
                raise self._failed(f"was not ready after {self._start_timeout_seconds} s", log_offset)
            await asyncio.sleep(_POLL_SECONDS)

    def _check_reach(self) -> None:
        if self._user:
            self._user.check_reach([self.files.directory, self.installation.bin_dir])

    def _write_certificates(self) -> None:
        if Ability.TLS in self.installation.abilities:
            self.files.write_certificates()

    def _locked(self) -> AbstractAsyncContextManager[None]:
        return self.files.locked(_INITDB_SECONDS + self._start_timeout_seconds)

    def _rendered(self) -> str:
        abilities = self.installation.abilities
        return server_config.render(
            data=self.files.data,
            port=self.spec.port,
            sockets=self.files.sockets,
            hba=self.files.hba,
            tls_identity=self.files.server_identity if Ability.TLS in abilities else None,
            has_contrib=Ability.CONTRIB in abilities,
            fsync=self.spec.fsync,
            settings=self.spec.settings,
        )

    def _check_version(self) -> None:
        major = (self.files.data / "PG_VERSION").read_text().strip()
        if major != str(self.installation.major):
            raise ClusterFailed(
                f"The data in {self.files.directory} is of PostgreSQL {major}; a server of {self.installation.major} cannot "
                "read it."
            )

    def _failed(self, what: str, log_offset: int) -> ClusterFailed:
        said = self.files.log_since(log_offset)[-10:]
        return ClusterFailed(
            f"PostgreSQL {self.installation.version} in {self.files.directory} {what}. The end of its log: {' | '.join(said)}",
            log=said,
        )


def free_port(low: int, high: int) -> int:
    """A port from ``low`` to ``high`` that nothing listens on now; random, so that two who ask at once rarely collide."""
    for port in random.sample(range(low, high + 1), high - low + 1):
        if is_free(port):
            return port
    raise PortTaken(f"Every port of {HOST} from {low} to {high} is used.")


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


_STATES: Final = {
    "ready": ClusterStatus.RUNNING,
    "standby": ClusterStatus.RUNNING,
    "stopping": ClusterStatus.STOPPING,
}
