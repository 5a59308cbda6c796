"""A PgBouncer's admin console, and its front door: by psycopg, since asyncpg reads no answer without prepared statements."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

import psycopg
from psycopg.pq import ExecStatus
from psycopg.rows import dict_row

from app.postgres.connect import Target
from app.postgres.errors import PoolerFailed, PoolerUnreachable
from app.postgres.identifiers import quoted
from app.postgres.process import file_in_memory

CONSOLE: Final = "pgbouncer"
_CONNECT_SECONDS: Final = 5
_ANSWER_SECONDS: Final = 10.0

Answer = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Console:
    """Every call is a connection of its own, so that none is left to a process that was replaced."""

    target: Target

    async def show(self, *what: str) -> list[Answer]:
        """Each as in ``SHOW what``. Raises PoolerUnreachable."""
        async with _connected(self.target.with_database(CONSOLE)) as connection:
            return [await _rows(connection, f"SHOW {one}") for one in what]

    async def version(self) -> str:
        ((row,),) = await self.show("VERSION")
        return str(row["version"]).removeprefix("PgBouncer ")

    async def command(self, verb: str, pool: str | None = None, *, seconds: float = _ANSWER_SECONDS) -> bool:
        """RELOAD, PAUSE, RESUME, RECONNECT, and the pool they mean, else all; False when it is not done in time.

        A PAUSE that is not done goes on all the same, until RESUME.
        """
        told = verb if pool is None else f"{verb} {quoted(pool)}"
        async with _connected(self.target.with_database(CONSOLE)) as connection:
            return await _is_done(connection, told, seconds)

    async def paused(self) -> set[str]:
        """Those for which somebody has asked it, whether or not every transaction has ended yet."""
        (rows,) = await self.show("DATABASES")
        return {str(row["name"]) for row in rows if row["paused"]}

    async def log_in(self, target: Target) -> None:
        """Goes through the pooler to the server, as a client does. Raises PoolerUnreachable."""
        async with _connected(target) as connection, asyncio.timeout(_ANSWER_SECONDS):
            await _rows(connection, "SELECT 1 AS one")

    async def lets_in(self, target: Target) -> bool:
        """Whether the pooler takes the login, which says nothing of free connections behind it."""
        try:
            async with _connected(target):
                return True
        except PoolerUnreachable:
            return False


@asynccontextmanager
async def _connected(target: Target) -> AsyncIterator[psycopg.AsyncConnection[dict[str, Any]]]:
    where = f"The pooler at {target.host}:{target.port}"
    try:
        with file_in_memory("root.pem", (target.ca_pem or "").encode()) as root:
            connection = await psycopg.AsyncConnection.connect(
                host=target.host,
                port=target.port,
                user=target.user,
                password=target.password.get_secret_value(),
                dbname=target.database,
                sslmode=target.tls.value,
                sslrootcert=root if target.ca_pem else "/nonexistent/root.crt",
                gssencmode="disable",
                options="",
                application_name="pgmanager pooling",
                connect_timeout=_CONNECT_SECONDS,
                autocommit=True,
                prepare_threshold=None,
                row_factory=dict_row,
            )
    except psycopg.Error as error:
        raise PoolerUnreachable(f"{where} does not let {target.user} in: {_said(error)}.", retry_after=2) from error
    try:
        yield connection
    except psycopg.OperationalError as error:
        raise PoolerUnreachable(f"{where} ended the connection: {_said(error)}.", retry_after=2) from error
    except psycopg.Error as error:
        raise PoolerFailed(f"{where} refused a command: {_said(error)}.") from error
    except TimeoutError as error:
        raise PoolerUnreachable(f"{where} does not answer.", retry_after=2) from error
    finally:
        await connection.close()


async def _is_done(connection: "psycopg.AsyncConnection[dict[str, Any]]", command: str, seconds: float) -> bool:
    """By libpq itself: psycopg cannot leave a command, it sends a cancel, which the console does not know, and waits on."""
    raw, readable = connection.pgconn, asyncio.Event()
    raw.send_query(command.encode())
    raw.flush()
    loop = asyncio.get_running_loop()
    loop.add_reader(raw.socket, readable.set)
    try:
        async with asyncio.timeout(seconds):
            while raw.is_busy():
                await readable.wait()
                readable.clear()
                raw.consume_input()
    except TimeoutError:
        return False
    finally:
        loop.remove_reader(raw.socket)
    answer = raw.get_result()
    if answer is not None and answer.status == ExecStatus.FATAL_ERROR:
        raise psycopg.ProgrammingError(answer.error_message.decode(errors="replace"))
    return True


async def _rows(connection: psycopg.AsyncConnection[dict[str, Any]], query: str) -> Answer:
    cursor = await connection.execute(query.encode())
    return await cursor.fetchall()


def _said(error: psycopg.Error) -> str:
    return " ".join(str(error).split()).rstrip(".") or type(error).__name__
