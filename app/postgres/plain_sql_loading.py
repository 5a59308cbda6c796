"""A plain SQL file of unknown origin, fed to a psql that can do nothing here and little on the server."""

import asyncio
import re
import secrets
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any, Final

from app.errors import Problem, Unprocessable
from app.postgres.connect import KEEPALIVES, Target, connect, libpq_environment, libpq_secrets
from app.postgres.errors import DiskFull, ServerUnreachable
from app.postgres.plain_sql import OwnerStatements, PlainSql
from app.postgres.process import PIPE, ChildProcess
from app.postgres.restore import SESSION_OPTIONS, RestoreInterrupted, alongside
from app.postgres.toolchain import Installation

# A statement is read into memory whole, in a few copies.
_MEMORY_BYTES: Final = 2 * 1024**3
_POLL_SECONDS: Final = 1.0
_LONGEST_REASON: Final = 300
_SCRIPT_ERROR: Final = 3

# The file's own search path must not decide what our statement means, so this is asked in another database.
_DOING: Final = """
SELECT a.wait_event_type = 'Lock' AS is_blocked, (extract(epoch FROM pg_catalog.clock_timestamp() - a.query_start))::int AS seconds
  FROM pg_catalog.pg_stat_activity AS a
 WHERE a.application_name = $1 AND a.datname = $2 AND a.state = 'active' AND a.wait_event_type IS DISTINCT FROM 'Client'
 LIMIT 1
"""


class SqlFailed(Unprocessable):
    """The detail says which line of the file, and what the server or psql had against it."""

    code, title = "SQL_FAILED", "The SQL file could not be loaded"


@dataclass(frozen=True, slots=True)
class Loaded:
    """``left_out`` counts the statements that name roles of another server."""

    left_out: Counter[str]
    warnings: list[str]


@dataclass(frozen=True, slots=True)
class Telling:
    """``doing`` changes as long as a long statement runs, during which no bytes are taken."""

    bytes_read: Callable[[int], object]
    doing: Callable[[str], object]


async def load_plain_sql(
    source: AsyncIterator[bytes],
    target: Target,
    watched_from: Target,
    client: Installation,
    owners: OwnerStatements,
    *,
    application_name: str,
    run_as: tuple[int, int] | None,
    telling: Telling,
) -> Loaded:
    """Reads ``source`` to its end into the database of ``target``, whose login is no superuser.

    ``client`` has the ability ``restrict``; ``watched_from`` is another database of the server. Raises SqlFailed,
    SqlRefused, RestoreInterrupted, DiskFull, ServerUnreachable, and whatever ``source`` raises. What was loaded until
    then stays.
    """
    told = _Told()
    sql = PlainSql(owners)
    environment = libpq_environment(target, application_name=application_name)
    environment["PGOPTIONS"] = f"{environment['PGOPTIONS']} {SESSION_OPTIONS}"
    async with (
        ChildProcess.started(
            [
                # Beside restricted mode: it starts no other program, as far as its user is not root.
                *("prlimit", "--nproc=0:0", f"--as={_MEMORY_BYTES}", "--core=0:0", "--"),
                *client.command("psql"),
                *("--no-psqlrc", "--quiet", "--no-password", "--set=ON_ERROR_STOP=1", "--file=-"),
                f"--dbname={KEEPALIVES}",
            ],
            env=environment,
            secrets=libpq_secrets(target),
            stdin=PIPE,
            run_as=run_as,
            on_stderr_line=told.take,
        ) as child,
        alongside(_watch(watched_from, target.database, application_name, telling)),
    ):
        code = await _feed(child, source, sql, telling)
    if code != 0:
        raise told.problem(code)
    return Loaded(sql.left_out, told.warnings)


async def _feed(child: ChildProcess, source: AsyncIterator[bytes], sql: PlainSql, telling: Telling) -> int:
    assert child.stdin is not None
    count = 0
    is_reading = await _sent(child, f"\\restrict {secrets.token_hex(32)}\n".encode())
    async for chunk in source:
        if not is_reading:
            break
        # Milliseconds of work, which others on this loop need not wait for.
        is_reading = await _sent(child, await asyncio.to_thread(sql.feed, chunk))
        count += len(chunk)
        telling.bytes_read(count)
    if is_reading:
        await _sent(child, sql.finish())
    child.stdin.close()
    return await child.wait()


async def _sent(child: ChildProcess, data: bytes) -> bool:
    assert child.stdin is not None
    child.stdin.write(data)
    try:
        await child.stdin.drain()
    except (BrokenPipeError, ConnectionResetError):
        return False
    return True


async def _watch(target: Target, database: str, application_name: str, telling: Telling) -> None:
    async with connect(target, application_name=application_name) as session:
        while True:
            await asyncio.sleep(_POLL_SECONDS)
            row = await session.fetchrow(_DOING, application_name, database)
            if row and row["is_blocked"]:
                telling.doing("waiting for a lock")
            elif row and row["seconds"]:
                telling.doing(f"one statement for {row['seconds']} seconds")


_AT: Final = re.compile(r"psql:<stdin>:(?P<line>\d+): (?P<kind>ERROR|FATAL|PANIC|WARNING|error): +(?P<text>.*)")
_ROW: Final = re.compile(r"CONTEXT:  (COPY .{1,200}?, line \d+)")
_HINTS: Final = (
    (r"role .* does not exist", "Restore with owner_mode strip, which leaves out statements that name roles."),
    (
        r"permission denied to create extension|must be superuser",
        "Name the extension in extensions: our login makes those.",
    ),
    (
        r"backslash commands are restricted",
        "Commands of psql itself (\\connect, \\copy, \\!) are not for files from outside.",
    ),
)


@dataclass
class _Told:
    """What psql says on stderr. The statements and rows that it quotes are not kept: they may hold a customer's data."""

    warnings: list[str] = field(default_factory=list)
    error: str | None = None
    line: int | None = None
    row: str | None = None

    def take(self, line: str) -> None:
        if found := _AT.match(line):
            text = f"{found['text'][:_LONGEST_REASON]}"
            # The first line that psql reads is ours.
            number = int(found["line"]) - 1
            if found["kind"] == "WARNING":
                self.warnings.append(f"line {number}: {text}")
            elif self.error is None:
                self.error, self.line = text, number
        elif self.error is not None and self.row is None and (row := _ROW.match(line)):
            self.row = row[1]
        elif self.error is None and line.startswith("psql: error: "):
            self.error = line.removeprefix("psql: error: ")[:_LONGEST_REASON]

    def problem(self, code: int) -> Problem:
        members: dict[str, Any] = {} if self.line is None else {"line": self.line}
        where = f" at line {self.line}" if self.line is not None else ""
        row = f" ({self.row})" if self.row else ""
        detail = f"psql stopped{where}: {self.error or self._end(code)}{row}. Nothing was put in place."
        detail += "".join(f" {hint}" for sign, hint in _HINTS if self.error and re.search(sign, self.error))
        if self.error and "No space left on device" in self.error:
            return DiskFull(detail, **members)
        if code == _SCRIPT_ERROR and self.error and not self.error.startswith("terminating connection"):
            return SqlFailed(detail, **members)
        if code < 0:
            return RestoreInterrupted(detail)
        return ServerUnreachable(detail)

    def _end(self, code: int) -> str:
        return f"it was ended by signal {-code}" if code < 0 else f"it ended with {code} and gave no reason"
