"""A psql that may do nothing here, as a login that may do little there, given files that want more."""

import asyncio
import re
import secrets
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from app.postgres.connect import Session, Target
from app.postgres.identifiers import quoted
from app.postgres.making import drop_database
from app.postgres.plain_sql import OwnerStatements
from app.postgres.plain_sql_loading import Loaded, SqlFailed, Telling, load_plain_sql
from app.postgres.plain_sql_login import as_role, drop_logins, hand_over, make_database, make_login, make_owner, prepare
from app.postgres.server_user import server_user
from app.postgres.toolchain import Toolchain
from tests.planted import plant

PREFIX = "pgm_test_sql_"


@pytest.fixture(scope="module")
def name() -> str:
    return f"{PREFIX}{secrets.token_hex(4)}"


@pytest.fixture
async def login(admin: Session, target: Target, name: str) -> AsyncIterator[Target]:
    """One database for all tests; each has its login anew, as every load has."""
    password = await make_login(admin, name)
    await make_database(admin, name, server_major=15)
    yield as_role(target, name, password)
    await drop_database(admin, name)
    await drop_logins(admin, PREFIX)


async def load(text: bytes, login: Target, target: Target, toolchain: Toolchain, **options: OwnerStatements) -> Loaded:
    async def source() -> AsyncIterator[bytes]:
        for start in range(0, len(text), 1000):
            yield text[start : start + 1000]

    user = server_user()
    return await load_plain_sql(
        source(),
        login,
        target,
        toolchain.client_for_sql(15),
        options.get("owners", OwnerStatements.STRIP),
        application_name="test-sql",
        run_as=(user.uid, user.gid) if user else None,
        telling=Telling(bytes_read=lambda _: None, doing=lambda _: None),
    )


@pytest.fixture
def mark(folder: Path) -> Path:
    """A file that a command of psql or of the server would make."""
    folder.chmod(0o777)
    return folder / "mark"


BAD = {
    "shell": (rb"\! touch MARK", "restricted", 2),
    "copy by psql": (rb"\copy t to program 'touch MARK'", "restricted", 2),
    "connect": (rb"\connect template1", "restricted", 2),
    "include": (rb"\i /etc/passwd", "restricted", 2),
    "nested pair": (b"\\restrict a\n\\restrict b", "restricted", 3),
    "copy by server": (b"COPY t TO PROGRAM 'touch MARK';", "permission denied|must be superuser|pg_execute", 2),
    "copy from file": (b"COPY t FROM '/etc/passwd';", "permission denied|must be superuser|pg_read", 2),
    "role": (b"CREATE ROLE friend SUPERUSER LOGIN;", "permission denied|must be superuser", 2),
    "role of its own": (b"ALTER ROLE CURRENT_USER SUPERUSER;", "permission denied|must be superuser", 2),
    "system": (b"ALTER SYSTEM SET port = 1;", "permission denied|must be superuser", 2),
    "set role": (b"SET ROLE postgres;", "permission denied", 2),
    "authorization": (b"SET LOCAL SESSION AUTHORIZATION postgres;", "permission denied", 2),
    "drop another": (b"DROP DATABASE template1;", "must be owner|cannot drop a template", 2),
    "new database": (b"CREATE DATABASE another;", "permission denied", 2),
    "language": (
        b"CREATE FUNCTION f() RETURNS int LANGUAGE c AS 'libc', 'system';",
        "permission denied for language",
        2,
    ),
    "open string": (b"SELECT 'it never ends\n;\n", "unterminated quoted string", None),
    "unknown owner": (b"ALTER TABLE t OWNER TO somebody;", 'role "somebody" does not exist.*owner_mode strip', 2),
    "own error": (b"\n\nSELECT 1/0;", "division by zero", 4),
    "row": (b"COPY t FROM stdin;\n1\nx\n\\.\n", "invalid input syntax.*COPY t, line 2", None),
    "extension": (b"CREATE EXTENSION pg_stat_statements;", "permission denied to create extension.*extensions", 2),
}


async def test_what_a_file_must_not_do_fails_with_its_line(
    login: Target, target: Target, toolchain: Toolchain, mark: Path
) -> None:
    """All of them in one database, since none does anything."""
    for name, (sql, said, line) in BAD.items():
        text = b"CREATE TABLE IF NOT EXISTS t (a int);\n" + sql.replace(b"MARK", str(mark).encode()) + b"\n"
        with pytest.raises(SqlFailed) as raised:
            await load(text, login, target, toolchain, owners=OwnerStatements.KEEP)
        assert re.search(said, raised.value.detail, re.DOTALL), (name, raised.value.detail)
        assert line in (None, raised.value.members["line"]), name
        assert not mark.exists(), name


async def test_rows_and_statements_that_an_error_quotes_are_not_repeated(
    login: Target, target: Target, toolchain: Toolchain
) -> None:
    secret = plant("what a customer wrote", "a sentence of a customer")
    text = f"CREATE TABLE t (a text CHECK (a = 'x'));\nINSERT INTO t VALUES ('{secret}');\n".encode()
    with pytest.raises(SqlFailed) as raised:
        await load(text, login, target, toolchain)
    assert secret not in raised.value.detail
    assert "check constraint" in raised.value.detail


async def test_no_other_program_is_started_even_where_the_text_is_not_looked_at(
    login: Target, target: Target, toolchain: Toolchain, mark: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What psql runs in backticks is the gap in its restricted mode; there its user may have no second process."""
    user = server_user()
    if user is None:
        return  # limits of processes are those of a user, and ours has others
    monkeypatch.setattr("app.postgres.plain_sql._Guard.passed", lambda _, data: data)
    with pytest.raises(SqlFailed, match="stopped"):
        await load(f"SELECT 1;\n\\unrestrict `touch {mark}`\n".encode(), login, target, toolchain)
    assert not mark.exists()


async def test_everything_goes_to_its_owner_and_nothing_of_the_login_is_left(
    admin: Session, login: Target, target: Target, toolchain: Toolchain, name: str
) -> None:
    text = b"""
    CREATE TABLE t (a int); CREATE TYPE e AS ENUM ('x'); CREATE SCHEMA s; CREATE EXTENSION hstore;
    CREATE FUNCTION f() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'; SELECT lo_create(0);
    ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC;
    """
    await prepare(target.with_database(name), name, ["pgcrypto"], server_major=15, application_name="test-sql")
    await load(text, login, target, toolchain)
    owner = f"owner_{secrets.token_hex(4)}"
    await make_owner(admin, owner)
    try:
        for _ in range(2):
            await hand_over(target.with_database(name), name, owner, application_name="test-sql")
        await drop_logins(admin, PREFIX)
        assert await admin.fetchval("SELECT count(*) FROM pg_roles WHERE rolname = $1", name) == 0
        found = await admin.fetchval("SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = $1", name)
        assert found == owner
    finally:
        await drop_database(admin, name)
        await admin.execute(f"DROP ROLE {quoted(owner)}")


async def test_a_wrong_password_is_no_fault_of_the_file(login: Target, target: Target, toolchain: Toolchain) -> None:
    wrong = as_role(target, login.user, SecretStr("not the password"))
    with pytest.raises(Exception, match="password authentication failed") as raised:
        await load(b"SELECT 1;", wrong, target, toolchain)
    assert not isinstance(raised.value, SqlFailed)


async def test_a_load_that_is_cancelled_ends_at_once_and_its_session_with_its_database(
    admin: Session, login: Target, target: Target, toolchain: Toolchain, name: str
) -> None:
    count = "SELECT count(*) FROM pg_stat_activity WHERE usename = $1 AND state = 'active'"
    async with asyncio.timeout(60):
        async with asyncio.TaskGroup() as tasks:
            task = tasks.create_task(load(b"SELECT pg_sleep(600);\n", login, target, toolchain))
            while not await admin.fetchval(count, login.user):
                await asyncio.sleep(0.02)
            task.cancel()
        await drop_database(admin, name)
        while await admin.fetchval(count, login.user):
            await asyncio.sleep(0.02)
