"""What pg_dump's complaints mean, and which client dumps how."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from app.errors import Problem
from app.postgres.archive import Compression
from app.postgres.connect import Target, TlsMode
from app.postgres.dump import Complaints, DumpClient, DumpFailed, DumpInterrupted, LocksOvertaken, problem_of
from app.postgres.errors import (
    AuthenticationFailed,
    DatabaseAbsent,
    PrivilegeMissing,
    TlsFailed,
    ToolMissing,
    TooManyConnections,
    VersionUnsupported,
)
from app.postgres.toolchain import Ability, Installation, Toolchain


@pytest.mark.parametrize(
    ("line", "kind", "retryable"),
    [
        ("aborting because of server version mismatch", VersionUnsupported, False),
        ('connection to server at "x" failed: FATAL:  password authentication failed', AuthenticationFailed, False),
        ("query failed: ERROR:  permission denied for table t", PrivilegeMissing, False),
        ("query failed: ERROR:  canceling statement due to statement timeout", LocksOvertaken, True),
        ("connection to server failed: FATAL:  sorry, too many clients already", TooManyConnections, True),
        ('connection to server failed: FATAL:  database "x" does not exist', DatabaseAbsent, False),
        ("query failed: server closed the connection unexpectedly", DumpInterrupted, True),
        ('query failed: ERROR:  invalid snapshot identifier: "x"', DumpInterrupted, True),
        ("query failed: SSL SYSCALL error: EOF detected", DumpInterrupted, True),
        ("query failed: could not receive data from server: Connection timed out", DumpInterrupted, True),
        ("connection to server failed: SSL error: certificate verify failed", TlsFailed, False),
        ("something else", DumpFailed, False),
    ],
)
def test_a_complaint_is_a_problem_that_says_whether_to_repeat(line: str, kind: type[Problem], retryable: bool) -> None:
    problem = problem_of("pg_dump", 1, [f"pg_dump: error: {line}"])
    assert (type(problem), problem.retryable) == (kind, retryable)
    assert line in problem.detail


def test_a_table_whose_reading_broke_off_is_told_from_one_that_cannot_be_read() -> None:
    failed = 'pg_dump: error: Dumping the contents of table "t" failed: PQgetCopyData() failed.'
    said = "pg_dump: detail: Error message from server: "
    broken = problem_of("pg_dump", 1, [failed, f"{said}timeout expired"])
    damaged = problem_of("pg_dump", 1, [failed, f"{said}ERROR:  invalid page in block 0"])
    assert (type(broken), type(damaged)) == (DumpInterrupted, DumpFailed)


def test_a_signal_is_an_interruption_and_silence_is_a_failure() -> None:
    killed = problem_of("pg_dump", -9, [])
    assert isinstance(killed, DumpInterrupted)
    assert "signal 9" in killed.detail
    assert "exit code 3" in problem_of("pg_dump", 3, []).detail


def test_a_program_that_was_told_to_stop_says_so_in_words_of_its_own() -> None:
    complaints = Complaints()
    complaints.take("pg_dump: terminated by user")
    assert isinstance(problem_of("pg_dump", 1, complaints.errors), DumpInterrupted)


def test_only_lines_of_the_program_count_and_statements_are_left_out() -> None:
    complaints = Complaints()
    for line in (
        "pg_dump: warning: there are circular foreign-key constraints on this table:",
        "pg_dump: detail: t",
        'pg_dump: error: Dumping the contents of table "a',
        'pg_dump: error: in a name" failed: PQgetCopyData() failed.',
        "pg_dump: detail: Error message from server: ERROR:  invalid page",
        "pg_dump: detail: Command was: COPY public.t (secret) TO stdout;",
        "error: a line of a name",
    ):
        complaints.take(line)
    assert len(complaints.warnings) == 1
    assert len(complaints.errors) == 3
    assert "secret" not in "".join(complaints.errors)


def test_no_more_lines_are_kept_than_anybody_reads() -> None:
    complaints = Complaints()
    for number in range(1000):
        complaints.take(f"pg_dump: warning: {number}")
    assert len(complaints.warnings) == 100


def build(major: int, *abilities: Ability) -> Installation:
    return Installation(Path(f"/bin{major}"), major, f"{major}.1", frozenset(abilities))


@pytest.mark.parametrize(
    ("installations", "server_major", "option"),
    [
        ([build(17, Ability.ZSTD)], 17, "--compress=zstd:1"),
        ([build(17, Ability.ZSTD)], 16, "--compress=gzip:1"),
        ([build(16)], 16, "--compress=gzip:1"),
        ([build(15)], 15, "--compress=1"),
    ],
)
def test_the_compression_is_one_that_a_restore_of_the_same_major_reads(
    installations: list[Installation], server_major: int, option: str
) -> None:
    client = DumpClient.choose(
        Toolchain(tuple(installations)), target(TlsMode.PREFER), server_major=server_major, level=1
    )
    assert client.option == option
    assert client.compression is (Compression.ZSTD if "zstd" in option else Compression.GZIP)


def test_a_client_without_tls_does_not_dump_a_server_that_needs_it() -> None:
    toolchain = Toolchain((build(16),))
    with pytest.raises(ToolMissing):
        DumpClient.choose(toolchain, target(TlsMode.VERIFY_FULL), server_major=16, level=1)


def target(tls: TlsMode) -> Target:
    return Target("db.internal", 5432, "postgres", SecretStr("x"), tls=tls)
