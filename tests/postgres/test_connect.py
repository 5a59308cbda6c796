import asyncio
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import asyncpg
import pytest
from pydantic import SecretStr

from app.errors import Problem
from app.postgres.certificates import issue_root
from app.postgres.cluster import Cluster, free_port
from app.postgres.connect import (
    KEEPALIVES,
    Session,
    Target,
    TlsMode,
    connect,
    libpq_environment,
    libpq_secrets,
)
from app.postgres.errors import (
    AuthenticationFailed,
    DatabaseAbsent,
    Deadlock,
    LockTimeout,
    PoolerRefused,
    PrivilegeMissing,
    QueryFailed,
    ReadOnlyMode,
    ServerUnreachable,
    StatementTimeout,
    TlsFailed,
    TooManyConnections,
    translate,
)
from app.postgres.process import run
from app.postgres.toolchain import Installation, Toolchain
from tests.postgres.conftest import PORTS, end_and_use, reachable_folder, spec_in, until_sessions


@pytest.fixture(scope="session")
def plain(toolchain: Toolchain) -> Iterator[Target]:
    """A server built without TLS."""
    with reachable_folder() as name:
        server = Cluster(spec_in(Path(name)), toolchain.server(18), attached=True)

        async def start() -> None:
            await server.create()
            await server.start()

        asyncio.run(start())
        try:
            yield server.target
        finally:
            asyncio.run(server.destroy())


async def try_to(target: Target, **limits: Any) -> None:
    async with connect(target, application_name="test", **limits) as session:
        await session.execute("SELECT 1")


async def is_encrypted(target: Target) -> bool:
    async with connect(target, application_name="test") as session:
        return bool(await session.fetchval("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"))


async def test_a_session_carries_its_name_and_its_limits(target: Target) -> None:
    async with connect(
        target,
        application_name="pgmanager test",
        statement_timeout_seconds=1.5,
        lock_timeout_seconds=0,
        idle_in_transaction_timeout_seconds=7,
    ) as session:
        names = ["application_name", "statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"]
        values = [await session.fetchval("SELECT current_setting($1)", name) for name in [*names, "client_encoding"]]
    assert values == ["pgmanager test", "1500ms", "0", "7s", "UTF8"]


async def test_nothing_is_taken_from_our_environment(target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PGHOST", "PGPORT", "PGUSER", "PGPASSWORD", "PGDATABASE", "PGSSLMODE", "PGSERVICE", "PGSSLROOTCERT",
                 "PGSSLCERT", "PGSSLNEGOTIATION", "PGTARGETSESSIONATTRS", "PGKRBSRVNAME", "PGGSSLIB", "PGPASSFILE"):  # fmt: skip
        monkeypatch.setenv(name, "nonsense")
    await try_to(target)


@pytest.mark.parametrize(
    ("tls", "encrypted"),
    [(TlsMode.DISABLE, False), (TlsMode.PREFER, True), (TlsMode.REQUIRE, True), (TlsMode.VERIFY_CA, True)],
)
async def test_each_mode_encrypts_as_in_libpq(target: Target, tls: TlsMode, encrypted: bool) -> None:
    assert await is_encrypted(replace(target, tls=tls)) is encrypted


async def test_only_verify_full_checks_the_host_name(target: Target) -> None:
    elsewhere = replace(target, host="127.1")  # leads to 127.0.0.1, but is not what the certificate says
    await try_to(replace(elsewhere, tls=TlsMode.VERIFY_CA))
    with pytest.raises(TlsFailed, match=r"127\.1:.* is not trusted: Hostname mismatch"):
        await try_to(replace(elsewhere, tls=TlsMode.VERIFY_FULL))


async def test_an_unknown_root_is_not_trusted_unless_only_encryption_is_asked_for(target: Target) -> None:
    stranger = replace(target, ca_pem=issue_root("stranger").certificate_pem.decode())
    await try_to(replace(stranger, tls=TlsMode.REQUIRE))
    for tls in (TlsMode.VERIFY_CA, TlsMode.VERIFY_FULL):
        with pytest.raises(TlsFailed, match=f"{target.host}:{target.port} is not trusted"):
            await try_to(replace(stranger, tls=tls))
        with pytest.raises(TlsFailed, match="not trusted"):  # the machine's own roots do not know ours
            await try_to(replace(target, ca_pem=None, tls=tls))


async def test_a_root_that_is_no_certificate_is_named(target: Target) -> None:
    with pytest.raises(TlsFailed, match="not a PEM certificate"):
        await try_to(replace(target, ca_pem="-----BEGIN NONSENSE-----"))


async def test_a_server_without_tls_serves_prefer_and_disable_only(plain: Target) -> None:
    for tls in (TlsMode.DISABLE, TlsMode.PREFER):
        await try_to(replace(plain, tls=tls))
    for tls in (TlsMode.REQUIRE, TlsMode.VERIFY_CA, TlsMode.VERIFY_FULL):
        with pytest.raises(TlsFailed, match="offers no TLS"):
            await try_to(replace(plain, tls=tls))


async def test_a_wrong_password_is_named_but_not_shown(target: Target) -> None:
    with pytest.raises(AuthenticationFailed, match=f"{target.port} refused the password of 'postgres'") as caught:
        await try_to(replace(target, password=SecretStr("hunter2"), tls=TlsMode.PREFER))
    assert caught.value.document()["code"] == "AUTHENTICATION_FAILED"
    assert "hunter2" not in str(caught.value)


async def test_an_absent_database_is_named(target: Target) -> None:
    with pytest.raises(DatabaseAbsent, match=f"no database 'gone' on {target.host}:{target.port}"):
        await try_to(target.with_database("gone"))


async def test_a_login_that_the_server_does_not_let_in_is_named(target: Target, admin: Session, unique: str) -> None:
    await admin.execute(f"CREATE ROLE {unique} NOLOGIN PASSWORD 'x'")
    with pytest.raises(AuthenticationFailed, match=f"does not let '{unique}' in"):
        await try_to(replace(target, user=unique, password=SecretStr("x")))


async def test_no_free_slot_is_retryable(target: Target, admin: Session, unique: str) -> None:
    await admin.execute(f"CREATE ROLE {unique} LOGIN PASSWORD 'x' CONNECTION LIMIT 0")
    with pytest.raises(TooManyConnections) as caught:
        await try_to(replace(target, user=unique, password=SecretStr("x")))
    assert (caught.value.status, caught.value.retryable, caught.value.retry_after) == (503, True, 5)


async def test_a_refused_port_and_a_wrong_host_are_unreachable(target: Target) -> None:
    port = free_port(*PORTS)
    with pytest.raises(ServerUnreachable, match=f"{port} refused the connection") as caught:
        await try_to(replace(target, port=port))
    assert (caught.value.status, caught.value.code, caught.value.retryable) == (503, "DATABASE_UNREACHABLE", True)
    with pytest.raises(ServerUnreachable, match=f"\\[::1\\]:{port}"):
        await try_to(replace(target, host="::1", port=port))
    with pytest.raises(ServerUnreachable, match=r"host name of no-such-host\.invalid:1 could not be resolved"):
        await try_to(replace(target, host="no-such-host.invalid", port=1))


class Scripted(asyncio.Protocol):
    """Answers each message with the next of ``answers``, then stays silent."""

    def __init__(self, answers: tuple[bytes, ...], made: list[asyncio.Transport]) -> None:
        self.answers = list(answers)
        self.made = made

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)  # uvloop's does not derive from it
        self.made.append(self.transport)

    def data_received(self, data: bytes) -> None:
        if self.answers:
            self.transport.write(self.answers.pop(0))


@asynccontextmanager
async def fake_server(*answers: bytes) -> AsyncIterator[int]:
    made: list[asyncio.Transport] = []
    server = await asyncio.get_running_loop().create_server(lambda: Scripted(answers, made), "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]
    for _ in range(20):  # a connection that is just being accepted gets its transport some turns later
        await asyncio.sleep(0.002)
        while made:
            made.pop().abort()


def error_message(state: str, text: str) -> bytes:
    fields = f"SFATAL\0VFATAL\0C{state}\0M{text}\0\0".encode()
    return b"E" + struct.pack("!i", len(fields) + 4) + fields


async def test_a_silent_server_is_given_up_in_time(target: Target) -> None:
    async with fake_server() as port:
        with pytest.raises(ServerUnreachable, match="did not answer in time"):
            await try_to(replace(target, port=port), connect_timeout_seconds=0.2)


async def test_a_server_that_only_pretends_tls_fails_the_handshake(target: Target) -> None:
    async with fake_server(b"S", b"this is not TLS" * 10) as port:
        with pytest.raises(TlsFailed, match="handshake"):
            await try_to(replace(target, port=port))


@pytest.mark.parametrize(
    ("state", "text", "problem"),
    [
        ("57P03", "the database system is starting up", ServerUnreachable),
        ("08P01", "unsupported startup parameter: lock_timeout", PoolerRefused),
        ("08P01", "something else", ServerUnreachable),
        ("57P01", "terminating connection due to administrator command", ServerUnreachable),
    ],
)
async def test_what_a_server_says_at_the_door_is_passed_on(
    target: Target, state: str, text: str, problem: type[Problem]
) -> None:
    async with fake_server(error_message(state, text)) as port:
        with pytest.raises(problem, match=text):
            await try_to(replace(target, port=port, tls=TlsMode.DISABLE))


@pytest.fixture
async def table(admin: Session, unique: str) -> AsyncIterator[str]:
    await admin.execute(f"CREATE TABLE public.{unique} (id int PRIMARY KEY)")
    yield unique
    await admin.execute(f"DROP TABLE public.{unique}")


async def test_a_lock_that_is_not_granted_is_a_retryable_conflict(target: Target, admin: Session, table: str) -> None:
    async with admin.transaction():
        await admin.execute(f"LOCK TABLE public.{table}")
        with pytest.raises(LockTimeout) as caught:
            async with connect(target, application_name="test", lock_timeout_seconds=0.1) as session:
                await session.execute(f"SELECT * FROM public.{table}")
    assert (caught.value.status, caught.value.retryable) == (409, True)
    assert caught.value.members["database"]["sqlstate"] == "55P03"
    assert isinstance(caught.value.__cause__, asyncpg.LockNotAvailableError)


async def test_a_statement_that_takes_too_long_is_stopped(target: Target) -> None:
    with pytest.raises(StatementTimeout):
        async with connect(target, application_name="test", statement_timeout_seconds=0.1) as session:
            await session.execute("SELECT pg_sleep(60)")


async def test_a_missing_privilege_and_a_read_only_server_are_told(target: Target, admin: Session, table: str) -> None:
    role = f"{table}_reader"
    await admin.execute(f"CREATE ROLE {role} LOGIN PASSWORD 'x'")
    with pytest.raises(PrivilegeMissing, match=f"permission denied for table {table}"):
        async with connect(replace(target, user=role, password=SecretStr("x")), application_name="test") as session:
            await session.execute(f"SELECT * FROM public.{table}")
    with pytest.raises(ReadOnlyMode):
        async with connect(target, application_name="test") as session, session.transaction(readonly=True):
            await session.execute(f"INSERT INTO public.{table} VALUES (1)")


async def test_a_refused_statement_tells_where_but_not_the_values(target: Target, admin: Session, table: str) -> None:
    with pytest.raises(QueryFailed, match="duplicate key") as caught:
        async with connect(target, application_name="test") as session:
            await session.execute(f"INSERT INTO public.{table} VALUES (424242), (424242)")
    assert caught.value.members["database"] == {
        "sqlstate": "23505",
        "severity": "ERROR",
        "schema": "public",
        "table": table,
        "constraint": f"{table}_pkey",
    }
    assert "424242" not in str(caught.value.document())


async def test_a_deadlock_is_retryable(target: Target) -> None:
    problem = translate(asyncpg.DeadlockDetectedError("deadlock detected"), target)
    assert isinstance(problem, Deadlock)
    assert problem.retryable


def test_errors_from_elsewhere_are_translated_without_being_lost(target: Target) -> None:
    already = QueryFailed("x")
    assert translate(already, target) is already
    assert translate(ZeroDivisionError(), target).code == "INTERNAL"
    assert isinstance(translate(OSError(113, "No route to host"), target), ServerUnreachable)
    assert isinstance(translate(asyncpg.InterfaceError("connection is closed"), target), ServerUnreachable)
    assert isinstance(translate(socket.gaierror(-2, "unknown"), target), ServerUnreachable)
    assert "no reason" in translate(ssl.SSLError(), target).detail


async def test_errors_of_the_block_that_are_not_the_databases_pass_as_they_are(target: Target) -> None:
    with pytest.raises(TimeoutError):
        async with connect(target, application_name="test"):
            raise TimeoutError


async def test_a_terminated_session_is_unreachable_and_its_end_is_quiet(target: Target, admin: Session) -> None:
    with pytest.raises(ServerUnreachable):
        async with connect(target, application_name="test") as session:
            await end_and_use(session, admin)


async def test_what_went_wrong_in_a_transaction_is_told_and_not_that_it_could_not_be_ended(
    target: Target, admin: Session
) -> None:
    with pytest.raises(ServerUnreachable, match=r"terminating connection|lost while it was used"):
        async with connect(target, application_name="test") as session, session.transaction():
            await end_and_use(session, admin)
    with pytest.raises(ServerUnreachable, match="was lost while it was used"):
        async with connect(target, application_name="test") as session, session.transaction():
            session.terminate()


async def test_a_program_that_is_no_server_is_told_from_one_that_is_down(target: Target) -> None:
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(refuse, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(ServerUnreachable, match="no PostgreSQL server listens there"):
            await try_to(replace(target, port=port, tls=TlsMode.DISABLE))


async def test_a_cancelled_session_leaves_no_backend(target: Target, admin: Session, unique: str) -> None:
    async def work() -> None:
        async with connect(target, application_name=unique) as session:
            await session.execute("SELECT pg_sleep(60)")

    task = asyncio.create_task(work())
    await until_sessions(admin, unique, 1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await until_sessions(admin, unique, 0)


def test_a_target_hides_its_password_and_its_root() -> None:
    assert "hunter2" not in repr(Target("h", 1, "u", SecretStr("hunter2"), ca_pem="PEM"))
    assert "PEM" not in repr(Target("h", 1, "u", SecretStr("hunter2"), ca_pem="PEM"))


def test_a_programs_environment_holds_no_secret(target: Target) -> None:
    environment = libpq_environment(target, application_name="test")
    assert target.password.get_secret_value() not in str(environment)
    assert libpq_secrets(replace(target, password=SecretStr(r"a:b\c")))["PGPASSFILE"] == "*:*:*:*:a\\:b\\\\c\n"


@pytest.mark.parametrize("tls", TlsMode)
async def test_psql_follows_the_same_modes(target: Target, debian: Installation, tls: TlsMode) -> None:
    stranger = issue_root("stranger").certificate_pem.decode()
    verifies = tls in (TlsMode.VERIFY_CA, TlsMode.VERIFY_FULL)
    for ca_pem, welcome in ((target.ca_pem, True), (stranger, not verifies), (None, not verifies)):
        to = replace(target, tls=tls, ca_pem=ca_pem)
        finished = await run(
            [*debian.command("psql"), "-XAtwc", "SELECT current_setting('application_name')", f"--dbname={KEEPALIVES}"],
            env=libpq_environment(to, application_name="from test"),
            secrets=libpq_secrets(to),
            timeout_seconds=20,
        )
        assert (finished.stdout == b"from test\n") is welcome, finished.stderr_lines
