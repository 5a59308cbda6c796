"""An archive streamed into a database by one pg_restore, which sees its end only once all of it was found right."""

import asyncio
import re
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Collection, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from app.errors import Problem
from app.postgres.archive.owners import OwnerOf, with_owners
from app.postgres.connect import KEEPALIVES, Target, connect, libpq_environment, libpq_secrets
from app.postgres.errors import DiskFull, ServerUnreachable
from app.postgres.process import PIPE, ChildProcess
from app.postgres.toolchain import Installation

# One process restores, so it may take more memory to sort indexes than a session that is one of many.
SESSION_OPTIONS: Final = "-c maintenance_work_mem=256MB -c synchronous_commit=off"
_POLL_SECONDS: Final = 1.0
_WITH_COPY_PROGRESS: Final = 14

_COPYING: Final = """
SELECT n.nspname AS schema, c.relname AS name, p.tuples_processed AS rows
  FROM pg_catalog.pg_stat_progress_copy AS p
  JOIN pg_catalog.pg_class AS c ON c.oid = p.relid JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
 WHERE p.datname = pg_catalog.current_database()
"""

# Waiting for its client is waiting for us, and for a lock is no progress either; anything else is work.
_WORKING: Final = """
SELECT a.wait_event_type = 'Lock' AS is_blocked, pg_catalog.pg_blocking_pids(a.pid) AS blockers,
       (extract(epoch FROM pg_catalog.clock_timestamp() - a.query_start) / 60)::int AS minutes
  FROM pg_catalog.pg_stat_activity AS a
 WHERE a.application_name = $1 AND a.datname = pg_catalog.current_database() AND a.pid <> pg_catalog.pg_backend_pid()
   AND a.state = 'active' AND a.wait_event_type IS DISTINCT FROM 'Client'
 LIMIT 1
"""


class RestoreFailed(Problem):
    """pg_restore stopped; the detail names the entry of the archive and what the server said."""

    status, code, title = 500, "RESTORE_FAILED", "The archive could not be restored"


class RestoreInterrupted(RestoreFailed):
    """It was killed: nothing says that the next attempt fails too."""

    status, code, title, retryable = 503, "RESTORE_INTERRUPTED", "pg_restore was interrupted", True


class Parts(StrEnum):
    ALL = "all"
    SCHEMA = "schema"
    DATA = "data"


@dataclass(frozen=True, slots=True)
class Wish:
    """``owner_of`` gives objects another owner, None for the restoring login; grants and tablespaces can be left out."""

    parts: Parts = Parts.ALL
    owner_of: OwnerOf | None = None
    owners: bool = True
    grants: bool = True
    tablespaces: bool = True

    def arguments(self) -> list[str]:
        # A restored subscription would be a second subscriber of its publisher, and keep its database from being dropped.
        arguments = ["--exit-on-error", "--verbose", "--no-password", "--format=custom", "--no-subscriptions"]
        if self.parts is Parts.SCHEMA:
            arguments.append("--schema-only")
        if not self.owners:
            arguments.append("--no-owner")
        if not self.grants:
            arguments.append("--no-privileges")
        if not self.tablespaces:
            arguments.append("--no-tablespaces")
        return arguments


@dataclass(frozen=True, slots=True)
class Telling:
    """Whom to tell how far it is. ``doing`` changes as long as anything moves, even when no bytes do."""

    bytes_read: Callable[[int], object]
    doing: Callable[[str], object]
    copying: Callable[[str, str, int], object]  # schema, table, rows so far


async def restore_archive(
    archive: AsyncIterator[bytes],
    target: Target,
    client: Installation,
    wish: Wish,
    *,
    header_length: int,
    server_major: int,
    application_name: str,
    run_as: tuple[int, int] | None,
    telling: Telling,
    only: Callable[[bytes], Collection[int]] | None = None,
) -> list[str]:
    """Reads ``archive`` to its end, whatever pg_restore needs of it, and gives the warnings of pg_restore.

    ``only`` chooses the entries to be restored, in the archive's order, by the header.

    Raises RestoreFailed, RestoreInterrupted, DiskFull, ServerUnreachable, and whatever ``archive`` raises: that comes
    first, since damage in the bytes explains any error that pg_restore made of them.
    """
    told = Told(telling)
    environment = libpq_environment(target, application_name=application_name)
    environment["PGOPTIONS"] = f"{environment['PGOPTIONS']} {SESSION_OPTIONS}"
    header, rest = await header_of(archive, header_length)
    chosen = {} if only is None else {"list": use_list(only(header))}
    if wish.owner_of is not None:
        header = with_owners(header, wish.owner_of)
    stream = _joined(header, rest, archive)
    async with (
        ChildProcess.started(
            # The keepalives go by this argument alone; the database's name goes by the environment.
            [
                *client.command("pg_restore"),
                *wish.arguments(),
                *(f"--use-list={{{name}}}" for name in chosen),
                f"--dbname={KEEPALIVES}",
            ],
            env=environment,
            secrets=libpq_secrets(target),
            files=chosen,
            stdin=PIPE,
            run_as=run_as,
            on_stderr_line=told.take,
        ) as child,
        alongside(watch(target, application_name, server_major, told)),
    ):
        code = await feed(child, stream, told, telling)
    if code != 0:
        raise told.problem(code)
    return told.warnings


async def feed(child: ChildProcess, stream: AsyncIterator[bytes], told: "Told", telling: Telling) -> int:
    """Holds the last piece back until the stream has ended well, so that a damaged archive is never complete.

    pg_restore may stop reading early: because it failed, or because it wants no data. In both cases the rest is read for
    the sake of its digest, unless the failure is plainly not about the bytes.
    """
    assert child.stdin is not None
    held, count, is_reading = b"", 0, True
    async for chunk in stream:
        if is_reading and held:
            is_reading = await sent(child, held)
            if not is_reading and await child.wait() and told.is_about_sql:
                return await child.wait()
        held = chunk
        count += len(chunk)
        telling.bytes_read(count)
    if is_reading:
        await sent(child, held)
    child.stdin.close()
    return await child.wait()


async def sent(child: ChildProcess, data: bytes) -> bool:
    assert child.stdin is not None
    child.stdin.write(data)
    try:
        await child.stdin.drain()
    except (BrokenPipeError, ConnectionResetError):
        return False
    return True


async def header_of(archive: AsyncIterator[bytes], header_length: int) -> tuple[bytes, bytes]:
    """The header, and what came with its end."""
    start = bytearray()
    async for chunk in archive:
        start += chunk
        if len(start) >= header_length:
            break
    return bytes(start[:header_length]), bytes(start[header_length:])


def use_list(dump_ids: Collection[int]) -> bytes:
    """For ``--use-list``, which reads the number at the beginning of each line and takes their order for its own."""
    return "".join(f"{dump_id};\n" for dump_id in dump_ids).encode()


async def _joined(header: bytes, rest: bytes, archive: AsyncIterator[bytes]) -> AsyncGenerator[bytes]:
    yield header
    if rest:
        yield rest
    async for chunk in archive:
        yield chunk


@dataclass
class Told:
    """What pg_restore says on stderr. SQL and rows that it quotes are not kept: they may hold a customer's data."""

    telling: Telling
    warnings: list[str] = field(default_factory=list)
    doing: str = "starting"
    entry: str | None = None
    error: str | None = None
    is_terminated: bool = False

    def take(self, line: str) -> None:
        program, _, text = line.partition(": ")
        if program != "pg_restore":
            return
        if text.startswith("error: "):
            self.error = self.error or text.removeprefix("error: ")
        elif text == "terminated by user":  # on SIGTERM, before an ordinary exit code
            self.is_terminated = True
        elif text.startswith("warning: "):
            self.warnings.append(text.removeprefix("warning: "))
        elif text.startswith("from TOC entry "):
            # "3256; 1259 18482 TABLE orders postgres": what follows the numbers says more.
            self.entry = text.partition("; ")[2].split(" ", 2)[-1]
        elif text.startswith(("creating ", "processing data ", "executing ", "restoring ")):
            self.doing = text
            self.telling.doing(text)

    def note_work(self, minutes: int, blockers: Sequence[int]) -> None:
        if blockers:
            self.telling.doing(f"{self.doing}, waiting for a lock of process {blockers[0]}")
        elif minutes:
            self.telling.doing(f"{self.doing}, for {minutes} minutes")

    @property
    def is_about_sql(self) -> bool:
        return self.error is not None and "ERROR:" in self.error and "COPY" not in self.error

    def problem(self, code: int) -> Problem:
        said = self.error or self._end(code)
        where = f" at the entry {self.entry}" if self.entry else ""
        detail = f"pg_restore stopped{where}: {said}."
        if _ROLE_ABSENT.search(said):
            # Policies name roles whoever owns what.
            detail += " Create the role without a login, or restore with owner_mode keep, which does that."
        if "No space left on device" in said:
            return DiskFull(detail)
        if any(sign in said for sign in LOST):
            return ServerUnreachable(detail)
        if code < 0 or self.is_terminated:
            return RestoreInterrupted(detail)
        return RestoreFailed(detail)

    def _end(self, code: int) -> str:
        if self.is_terminated:
            return "somebody told it to stop"
        return f"it was ended by signal {-code}" if code < 0 else f"it ended with {code} and gave no reason"


_ROLE_ABSENT: Final = re.compile(r'role ".*" does not exist', re.DOTALL)
LOST: Final = (
    "server closed the connection",
    "connection to server",
    "could not receive data from server",
    "could not send data to server",
    "terminating connection",
    "SSL SYSCALL",
    "SSL error",
    "SSL connection has been closed",
    "PQputCopy",  # what the server has against the rows comes by another way
    "the database system is ",  # starting up, shutting down, in recovery
    "no connection to the server",
)


async def watch(target: Target, application_name: str, server_major: int, told: "Told") -> None:
    async with connect(target, application_name=application_name) as session:
        while True:
            await asyncio.sleep(_POLL_SECONDS)
            if server_major >= _WITH_COPY_PROGRESS and (row := await session.fetchrow(_COPYING)):
                told.telling.copying(row["schema"], row["name"], row["rows"])
            if row := await session.fetchrow(_WORKING, application_name):
                told.note_work(row["minutes"], row["blockers"] if row["is_blocked"] else ())


@asynccontextmanager
async def alongside(work: Coroutine[Any, Any, None]) -> AsyncGenerator[None]:
    """Ends ``work`` with the context, and does not care whether it failed: it only tells."""
    task = asyncio.get_running_loop().create_task(work)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
