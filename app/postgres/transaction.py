"""SQL from a program, run by psql in one transaction of a database that others use: all of it happens, or nothing.

COMMIT is sent here and only after all of the script has come to a good end, so whatever breaks before takes everything
with it. The transaction's number is told before anything is done in it, so that whoever takes over after a worker died
can ask the server what became of it.
"""

import asyncio
import re
import secrets
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from app.errors import Problem, Unavailable
from app.postgres.connect import KEEPALIVES, Session, Target, libpq_environment, libpq_secrets
from app.postgres.errors import DiskFull, ServerUnreachable
from app.postgres.process import PIPE, ChildProcess
from app.postgres.restore import LOST, SESSION_OPTIONS, RestoreFailed, RestoreInterrupted, alongside, sent
from app.postgres.sessions import end_sessions
from app.postgres.toolchain import Installation

_READ_BYTES: Final = 64 * 1024
_ENDING_SECONDS: Final = 30.0
_POLL_SECONDS: Final = 0.2
_CONNECTION_LOST: Final = 2  # psql's exit code
_SAID: Final = re.compile(r"psql:(?:<stdin>:\d+:)? (?P<what>(?:ERROR|FATAL|PANIC|error): .*)", re.DOTALL)


class TransactionUndecided(Unavailable):
    code, title = "TRANSACTION_UNDECIDED", "A transaction of an attempt before this one does not end"


class Outcome(StrEnum):
    COMMITTED = "committed"
    ABORTED = "aborted"


@dataclass(frozen=True, slots=True)
class Order:
    """``before`` and ``after`` are statements without their semicolon around the script, in the same transaction."""

    target: Target
    client: Installation
    application_name: str
    run_as: tuple[int, int] | None
    before: Sequence[str] = ()
    after: Sequence[str] = ()


async def run_in_one(
    script: AsyncGenerator[bytes],
    order: Order,
    *,
    begun: Callable[[int], Awaitable[None]],
    wrote: Callable[[int], object] = lambda _bytes: None,
) -> None:
    """``begun`` gets the transaction's number and must keep it; ``wrote`` the bytes of the script so far.

    Raises RestoreFailed, RestoreInterrupted, DiskFull, ServerUnreachable, and whatever ``script`` raises.
    """
    said, mark = _Said(), secrets.token_hex(8)
    environment = libpq_environment(order.target, application_name=order.application_name)
    environment["PGOPTIONS"] = f"{environment['PGOPTIONS']} {SESSION_OPTIONS}"
    arguments = ["--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--no-password", "--file=-"]
    settings = ["--set=ON_ERROR_STOP=1", "--set=VERBOSITY=terse"]
    async with (
        aclosing(script),
        ChildProcess.started(
            [*order.client.command("psql"), *arguments, *settings, f"--dbname={KEEPALIVES}"],
            env=environment,
            secrets=libpq_secrets(order.target),
            stdin=PIPE,
            stdout=PIPE,
            run_as=order.run_as,
            on_stderr_line=said.take,
        ) as child,
        alongside(_read(child, mark, said)),
    ):
        await _tell(child, ["BEGIN", f"SELECT '{mark} ' || pg_catalog.pg_current_xact_id()"])
        await begun(await said.number(child))
        await _feed(child, script, order, wrote, said)


async def outcome_of(session: Session, target: Target, number: int, *, application_name: str) -> Outcome:
    """What became of a transaction whose worker may be dead: its sessions are ended before that is believed."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + _ENDING_SECONDS
    while loop.time() < deadline:
        # A number from before all that the server remembers is of a transaction that cannot matter any more.
        status = await session.fetchval("SELECT pg_catalog.pg_xact_status($1::text::xid8)", str(number))
        if status != "in progress":
            return Outcome.COMMITTED if status == "committed" else Outcome.ABORTED
        await end_sessions(target, application_name=application_name)
        await asyncio.sleep(_POLL_SECONDS)
    raise TransactionUndecided(
        f"Transaction {number} on the target server is still in progress although its session was ended. Look for prepared "
        "transactions and sessions that wait, and try again."
    )


@dataclass
class _Said:
    """What psql says on stderr, and the transaction's number that it prints."""

    error: str | None = None
    _number: asyncio.Future[int] = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    def take(self, line: str) -> None:
        # Rows that are quoted stand in other lines, which terse messages do not have.
        if self.error is None and (found := _SAID.match(line)):
            self.error = found["what"]

    def found(self, number: int) -> None:
        if not self._number.done():
            self._number.set_result(number)

    async def number(self, child: ChildProcess) -> int:
        ended = asyncio.get_running_loop().create_task(child.wait())
        try:
            await asyncio.wait({self._number, ended}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            ended.cancel()
        if not self._number.done():
            raise self.problem(await child.wait())
        return self._number.result()

    def problem(self, code: int) -> Problem:
        said = self.error or f"psql ended with {code} and gave no reason"
        detail = f"Nothing was changed: the server refused the transaction. {said}."
        if "No space left on device" in said:
            return DiskFull(detail)
        if any(sign in said for sign in LOST) or code == _CONNECTION_LOST:
            return ServerUnreachable(detail)
        if code < 0:
            return RestoreInterrupted(f"psql was ended by signal {-code}, so nothing was changed.")
        return RestoreFailed(detail)


async def _feed(
    child: ChildProcess,
    script: AsyncGenerator[bytes],
    order: Order,
    wrote: Callable[[int], object],
    said: _Said,
) -> None:
    """A psql that has stopped reading has failed, and says why when it ends."""
    assert child.stdin is not None
    is_reading = not order.before or await _tell(child, order.before)
    count = 0
    if is_reading:
        async for chunk in script:
            is_reading = await sent(child, chunk)
            if not is_reading:
                break
            count += len(chunk)
            wrote(count)
    if is_reading:
        await _tell(child, [*order.after, "COMMIT"])
    child.stdin.close()
    code = await child.wait()
    if code != 0 or not is_reading or said.error is not None:
        raise said.problem(code)


async def _tell(child: ChildProcess, statements: Sequence[str]) -> bool:
    return await sent(child, "".join(f"{statement};\n" for statement in statements).encode())


async def _read(child: ChildProcess, mark: str, said: _Said) -> None:
    rest = b""
    while chunk := await child.read(_READ_BYTES):
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            if line.startswith(mark.encode()):
                said.found(int(line.split()[1]))
