"""pg_dump and pg_dumpall as children: what they are told, and what their complaints mean."""

import re
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

from app.errors import Problem
from app.postgres.archive import Compression
from app.postgres.connect import KEEPALIVES, Target, TlsMode, libpq_environment, libpq_secrets
from app.postgres.errors import (
    AuthenticationFailed,
    DatabaseAbsent,
    LockTimeout,
    PrivilegeMissing,
    TlsFailed,
    TooManyConnections,
    VersionUnsupported,
)
from app.postgres.process import PIPE, ChildProcess
from app.postgres.toolchain import Ability, Installation, Toolchain

CHUNK_BYTES: Final = 1024 * 1024
# Whoever waits for an exclusive lock behind the held snapshot's has pg_dump wait behind himself, for locks that cannot
# come before it ends; all who need the table wait with it. Giving up soon and beginning anew lets him through.
LOCK_WAIT_SECONDS: Final = 3

# What the programs say on SIGTERM, before they end with an ordinary exit code.
TERMINATED: Final = ": terminated by user"

_MOST_LINES: Final = 100
_GLOBALS_BYTES: Final = 16 * 1024 * 1024
_COMPRESSION_METHODS: Final = 16  # the major since which --compress names a method


class DumpFailed(Problem):
    code, title = "DUMP_FAILED", "pg_dump failed"


class DumpInterrupted(DumpFailed):
    """It was killed, or lost its connection: nothing says that the next attempt fails too."""

    status, code, title, retryable = 503, "DUMP_INTERRUPTED", "pg_dump was interrupted", True


class LocksOvertaken(LockTimeout):
    """Somebody asked for an exclusive lock between the held snapshot's locks and pg_dump's own."""


@dataclass(frozen=True, slots=True)
class DumpClient:
    """Which programs dump a server, and how they compress."""

    installation: Installation
    compression: Compression
    level: int

    @classmethod
    def choose(cls, toolchain: Toolchain, target: Target, *, server_major: int, level: int) -> "DumpClient":
        """Zstd only where a restore into the same server finds a client for it as surely as this dump did.

        Raises ToolMissing.
        """
        needs = [] if target.tls in (TlsMode.DISABLE, TlsMode.PREFER) else [Ability.TLS]
        client = toolchain.client_for_dump(server_major, needs=needs)
        can_zstd = client.major == server_major and Ability.ZSTD in client.abilities
        return cls(client, Compression.ZSTD if can_zstd else Compression.GZIP, level)

    @property
    def option(self) -> str:
        by_name = self.installation.major >= _COMPRESSION_METHODS
        return f"--compress={self.compression.value}:{self.level}" if by_name else f"--compress={self.level}"


@dataclass(slots=True)
class Complaints:
    """What a client writes to stderr, in the C locale."""

    warnings: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def take(self, line: str) -> None:
        """Only lines of the program itself: a name with a line break in it could look like a complaint."""
        if not line.startswith(("pg_dump: ", "pg_dumpall: ")):
            return
        if "error: " in line or "FATAL" in line or "PANIC" in line or line.endswith(TERMINATED):
            _bounded(self.errors, line)
        elif "warning: " in line:
            _bounded(self.warnings, line)
        elif "detail: Error message from server: " in line:  # the statement stands in another one, and is left out
            _bounded(self.errors, line)


class Dump:
    """A running pg_dump."""

    def __init__(self, child: ChildProcess, complaints: Complaints) -> None:
        self._child = child
        self._complaints = complaints

    @property
    def pid(self) -> int:
        return self._child.pid

    async def read(self) -> bytes:
        """The next piece of the archive; empty at its end."""
        return await self._child.read_gathered()

    async def finish(self) -> list[str]:
        """Its warnings. Raises what went wrong, also when only a line on stderr says so and the exit code does not."""
        code = await self._child.wait()
        if code or self._complaints.errors:
            raise problem_of("pg_dump", code, self._complaints.errors)
        return self._complaints.warnings


@asynccontextmanager
async def started_dump(
    client: DumpClient,
    target: Target,
    *,
    snapshot_id: str,
    arguments: Sequence[str],
    application_name: str,
    run_as: tuple[int, int] | None,
) -> AsyncGenerator[Dump]:
    """A custom-format dump of one database to a pipe. Its database session ends with the context."""
    complaints = Complaints()
    argv = [
        *client.installation.command("pg_dump"),
        "--format=custom",
        client.option,
        f"--snapshot={snapshot_id}",
        f"--lock-wait-timeout={LOCK_WAIT_SECONDS * 1000}",
        "--no-password",
        f"--dbname={KEEPALIVES}",
        *arguments,
    ]
    async with ChildProcess.started(
        argv,
        env=libpq_environment(target, application_name=application_name),
        secrets=libpq_secrets(target),
        stdout=PIPE,
        run_as=run_as,
        on_stderr_line=complaints.take,
    ) as child:
        yield Dump(child, complaints)


async def dump_globals(
    client: Installation,
    target: Target,
    *,
    with_passwords: bool,
    application_name: str,
    run_as: tuple[int, int] | None,
) -> bytes:
    """Roles, their memberships and settings, and tablespaces, as SQL. Password hashes need a superuser."""
    complaints = Complaints()
    argv = [
        *client.command("pg_dumpall"),
        "--globals-only",
        "--no-password",
        f"--lock-wait-timeout={LOCK_WAIT_SECONDS * 1000}",
        f"--dbname={KEEPALIVES}",
        # As a connection string, since a name with a = in it would be read as one.
        f"--database=dbname={_conninfo_value(target.database)}",
        *([] if with_passwords else ["--no-role-passwords"]),
    ]
    async with ChildProcess.started(
        argv,
        env=libpq_environment(target, application_name=application_name),
        secrets=libpq_secrets(target),
        stdout=PIPE,
        run_as=run_as,
        on_stderr_line=complaints.take,
    ) as child:
        script = bytearray()
        while chunk := await child.read(CHUNK_BYTES):
            script += chunk
            if len(script) > _GLOBALS_BYTES:
                raise DumpFailed(f"The roles of the server take more than {_GLOBALS_BYTES} bytes of SQL.")
        code = await child.wait()
    if code or complaints.errors:
        raise problem_of("pg_dumpall", code, complaints.errors)
    return bytes(script)


def problem_of(program: str, code: int, errors: Sequence[str]) -> Problem:
    """The problem behind an exit code and what was said before it."""
    said = " | ".join(errors[:4])
    for pattern, kind in _CAUSES:
        if re.search(pattern, said):
            return kind(f"{program} failed: {said}.")
    if code < 0:
        return DumpInterrupted(f"{program} was ended by signal {-code}{_because(said)}")
    return DumpFailed(f"{program} ended with exit code {code}{_because(said)}")


_CAUSES: Final[tuple[tuple[str, type[Problem]], ...]] = (
    ("server version mismatch", VersionUnsupported),
    ("password authentication failed|no password supplied|no pg_hba.conf entry", AuthenticationFailed),
    ("does not support SSL|certificate verify failed|root certificate", TlsFailed),
    ("permission denied|must be superuser|must be owner|row-level security", PrivilegeMissing),
    # pg_dump limits nothing but its waiting for locks in this way.
    ("due to statement timeout", LocksOvertaken),
    ("lock timeout|could not obtain lock|deadlock detected", LockTimeout),
    ("too many (clients|connections)|remaining connection slots", TooManyConnections),
    ('database ".*" does not exist', DatabaseAbsent),
    ("server closed the connection|terminating connection|no connection to the server", DumpInterrupted),
    ("connection to server|could not connect|lost synchronization|SSL|data (from|to) server", DumpInterrupted),
    # Of libpq itself, which has no SQLSTATE: the connection broke.
    ("Error message from server: (?!ERROR)", DumpInterrupted),
    (f"{TERMINATED}$", DumpInterrupted),
    ("starting up|shutting down|invalid snapshot identifier|due to user request", DumpInterrupted),
)


def _because(said: str) -> str:
    return f": {said}." if said else ", and said nothing on stderr."


def _bounded(lines: list[str], line: str) -> None:
    if len(lines) < _MOST_LINES:
        lines.append(line)


def _conninfo_value(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
