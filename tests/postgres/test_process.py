import asyncio
import hashlib
import os
import pwd
import signal
import sys
import textwrap
import time
from contextlib import suppress
from pathlib import Path

import pytest

from app.postgres.connect import Target, libpq_environment, libpq_secrets
from app.postgres.errors import ToolMissing
from app.postgres.process import DEVNULL, PIPE, ChildProcess, privileges, run
from app.postgres.toolchain import Installation

ENV = {"PATH": "/usr/bin:/bin"}
POSTGRES = pwd.getpwnam("postgres")


def is_running(pid: int) -> bool:
    """Not for zombies, which whoever adopted them has yet to reap."""
    try:
        return Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()[0] != b"Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


async def until_gone(pid: int) -> None:
    async with asyncio.timeout(60):
        while is_running(pid):
            await asyncio.sleep(0.01)


async def read_all(child: ChildProcess, size: int = 65536) -> bytes:
    output = bytearray()
    while chunk := await child.read(size):
        output += chunk
    return bytes(output)


async def test_the_child_sees_only_the_environment_that_was_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGM_MASTER_KEY", "secret")
    finished = await run(["env"], env=ENV | {"ONE": "1"}, timeout_seconds=60)
    assert sorted(finished.stdout.decode().split()) == ["ONE=1", "PATH=/usr/bin:/bin"]


async def test_the_exit_code_and_the_output_come_back() -> None:
    finished = await run(["sh", "-c", "echo out; echo err >&2; printf rest >&2; exit 7"], env=ENV, timeout_seconds=60)
    assert (finished.returncode, finished.stdout, finished.stderr_lines) == (7, b"out\n", ["err", "rest"])


async def test_a_signal_is_reported_as_a_negative_code() -> None:
    assert (await run(["sh", "-c", "kill -9 $$"], env=ENV, timeout_seconds=60)).returncode == -signal.SIGKILL


async def test_a_missing_program_is_named() -> None:
    with pytest.raises(ToolMissing, match="no program pg_nothing"):
        await run(["pg_nothing"], env=ENV, timeout_seconds=60)


async def test_a_program_that_takes_too_long_is_ended() -> None:
    with pytest.raises(TimeoutError):
        await run(["sleep", "60"], env=ENV, timeout_seconds=0.1)


async def test_a_secret_is_in_a_sealed_private_file_that_argv_and_environment_do_not_show() -> None:
    script = 'stat -Lc %a "$PGPASSFILE"; cat "$PGPASSFILE"; cat "$PGPASSFILE"; echo x 2>/dev/null >> "$PGPASSFILE"; env'
    finished = await run(["sh", "-c", script], env=ENV, secrets={"PGPASSFILE": "geheim\n"}, timeout_seconds=60)
    mode, first, second, *rest = finished.stdout.decode().splitlines()
    assert (mode, first, second) == ("600", "geheim", "geheim")
    assert not [line for line in rest if "geheim" in line]
    assert any(line.startswith("PGPASSFILE=/proc/self/fd/") for line in rest)


async def test_our_descriptors_of_secrets_and_pipes_are_closed_again() -> None:
    await run(["true"], env=ENV, secrets={"A": "1", "B": "2"}, timeout_seconds=60)
    before = sum(1 for _ in Path("/proc/self/fd").iterdir())
    for _ in range(5):
        await run(["true"], env=ENV, secrets={"A": "1", "B": "2"}, timeout_seconds=60)
    with pytest.raises(ToolMissing):
        await run(["pg_nothing"], env=ENV, secrets={"A": "1"}, timeout_seconds=60)
    assert sum(1 for _ in Path("/proc/self/fd").iterdir()) == before


@pytest.mark.parametrize("run_as", [None, (POSTGRES.pw_uid, POSTGRES.pw_gid)] if os.geteuid() == 0 else [None])
async def test_psql_takes_password_and_root_certificate_from_memory(
    target: Target, debian: Installation, run_as: tuple[int, int] | None
) -> None:
    finished = await run(
        [*debian.command("psql"), "-XAtw", "-c", "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"],
        env=libpq_environment(target, application_name="test"),
        secrets=libpq_secrets(target),
        run_as=run_as,
        timeout_seconds=20,
    )
    assert (finished.stderr_lines, finished.stdout) == ([], b"t\n")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can switch users, and the product does it only as root")
async def test_another_user_is_that_user_without_our_groups() -> None:
    who = (POSTGRES.pw_uid, POSTGRES.pw_gid)
    finished = await run(
        ["sh", "-c", "id -u; id -G; grep CapEff /proc/self/status"], env=ENV, run_as=who, timeout_seconds=60
    )
    uid, groups, *_, capabilities = finished.stdout.decode().split()
    assert (int(uid), int(groups), int(capabilities, 16)) == (*who, 0)


async def test_reading_a_gigabyte_takes_less_than_two_seconds_of_our_processor_time() -> None:
    total, began = 0, time.process_time()
    async with ChildProcess.started(["head", "-c", "512M", "/dev/zero"], env=ENV, stdout=PIPE) as child:
        while chunk := await child.read(1024 * 1024):
            total += len(chunk)
        assert (await child.wait(), total) == (0, 2**29)
    assert time.process_time() - began < 1


async def test_a_reader_that_always_finds_data_lets_other_tasks_run() -> None:
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            ticks += 1
            await asyncio.sleep(0)

    ticker = asyncio.create_task(tick())
    async with ChildProcess.started(["head", "-c", "64M", "/dev/zero"], env=ENV, stdout=PIPE) as child:
        while await child.read(4096):
            pass
    ticker.cancel()
    assert ticks > 64 * 1024 * 1024 / 4096 / 2


async def test_input_arrives_whole_and_its_end_is_seen() -> None:
    blocks = [bytes([n]) * 700_001 for n in range(9)]
    async with ChildProcess.started(["sha256sum"], env=ENV, stdin=PIPE, stdout=PIPE) as child:
        assert child.stdin
        for block in blocks:
            child.stdin.write(block)
            await child.stdin.drain()
        child.stdin.close()
        assert (await read_all(child)).split()[0].decode() == hashlib.sha256(b"".join(blocks)).hexdigest()
        assert await child.wait() == 0


async def test_writing_waits_for_a_child_that_does_not_read() -> None:
    async with ChildProcess.started(["sleep", "60"], env=ENV, stdin=PIPE) as child:
        assert child.stdin
        child.stdin.write(bytes(8 * 1024 * 1024))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(child.stdin.drain(), 0.2)
        await child.stop(grace_seconds=1)
        child.stdin.write(b"x")
        with pytest.raises(BrokenPipeError):
            await child.stdin.drain()


async def test_writing_to_a_child_that_left_is_a_broken_pipe() -> None:
    async with ChildProcess.started(["true"], env=ENV, stdin=PIPE) as child:
        assert child.stdin
        await child.wait()
        child.stdin.write(b"x")
        with pytest.raises(BrokenPipeError):
            await child.stdin.drain()


async def test_a_pending_read_ends_when_the_child_is_stopped() -> None:
    async with ChildProcess.started(["sleep", "60"], env=ENV, stdout=PIPE) as child, asyncio.TaskGroup() as group:
        reading = group.create_task(child.read(100))
        await asyncio.sleep(0.05)
        assert await child.stop() == -signal.SIGTERM
        assert await reading == b""
        assert await child.read(100) == b""


async def test_stderr_is_drained_while_nobody_reads_and_its_end_is_kept() -> None:
    seen: list[str] = []
    script = "i=0; while [ $i -lt 20000 ]; do echo line $i 0123456789 >&2; i=$((i+1)); done"
    async with ChildProcess.started(
        ["sh", "-c", script], env=ENV, stderr_limit_bytes=1000, on_stderr_line=seen.append
    ) as child:
        assert await child.wait() == 0
        kept = child.stderr_lines
    assert seen == [f"line {i} 0123456789" for i in range(20_000)]
    assert kept == seen[-len(kept) :]
    assert 900 < sum(map(len, kept)) <= 1000
    assert child.stderr_lines_dropped == 20_000 - len(kept)


async def test_a_line_without_end_is_bounded() -> None:
    script = "head -c 3M /dev/zero | tr '\\0' x >&2"
    async with ChildProcess.started(["sh", "-c", script], env=ENV, stderr_limit_bytes=100_000) as child:
        await child.wait()
    assert sum(map(len, child.stderr_lines)) <= 100_000
    assert max(map(len, child.stderr_lines)) <= 16 * 1024


async def test_a_child_that_closes_stderr_is_still_waited_for() -> None:
    async with ChildProcess.started(["sh", "-c", "exec 2>&-; sleep 0.1; exit 4"], env=ENV, stdin=DEVNULL) as child:
        assert child.returncode is None
        assert await child.wait() == 4
        assert child.returncode == 4


async def test_leaving_the_context_ends_a_child_that_ignores_sigterm() -> None:
    started = time.monotonic()
    async with ChildProcess.started(
        ["sh", "-c", "trap '' TERM; echo ready; while :; do sleep 1; done"],
        env=ENV,
        stdout=PIPE,
        term_grace_seconds=0.2,
    ) as child:
        assert await child.read(100) == b"ready\n"
    assert child.returncode == -signal.SIGKILL
    assert time.monotonic() - started >= 0.2
    assert not is_running(child.pid)


async def test_leaving_the_context_ends_grandchildren_too() -> None:
    script = "sh -c 'trap \"\" TERM; sleep 600 & echo $!; wait' & wait"
    async with ChildProcess.started(["sh", "-c", script], env=ENV, stdout=PIPE, term_grace_seconds=0.2) as child:
        grandchild = int(await child.read(100))
        assert is_running(grandchild)
    await until_gone(grandchild)
    assert not is_running(child.pid)


async def test_a_grandchild_that_outlives_a_finished_child_is_ended() -> None:
    async with ChildProcess.started(["sh", "-c", "sleep 600 & echo $!"], env=ENV, stdout=PIPE) as child:
        assert await child.wait() == 0
        grandchild = int(await child.read(100))
        assert is_running(grandchild)
    await until_gone(grandchild)


@pytest.mark.parametrize("where", ["read", "wait", "drain", "stop"])
async def test_a_cancel_at_any_await_ends_the_child_within_two_seconds(where: str) -> None:
    children: list[ChildProcess] = []

    async def work() -> None:
        script = "trap '' TERM; echo ready; while :; do sleep 1; done"
        async with ChildProcess.started(
            ["sh", "-c", script], env=ENV, stdin=PIPE, stdout=PIPE, term_grace_seconds=60 if where == "wait" else 0.3
        ) as child:
            children.append(child)
            assert await child.read(100) == b"ready\n"
            ready.set()
            match where:
                case "read":
                    await child.read(1)
                case "wait":
                    await child.wait()
                case "drain":
                    assert child.stdin
                    child.stdin.write(bytes(4 * 1024 * 1024))
                    await child.stdin.drain()
                case _:
                    await child.stop(grace_seconds=60)

    ready = asyncio.Event()
    task = asyncio.create_task(work())
    await ready.wait()
    await asyncio.sleep(0.1)
    started = time.monotonic()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert time.monotonic() - started < 30  # two seconds by their clock; without the cancel it would be sixty
    assert children[0].returncode == -signal.SIGKILL
    assert not is_running(children[0].pid)


async def test_a_second_cancel_kills_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.postgres.process._CANCEL_GRACE_SECONDS", 60.0)

    async def work() -> None:
        async with ChildProcess.started(["sh", "-c", "trap '' TERM; while :; do sleep 1; done"], env=ENV) as child:
            pids.append(child.pid)
            await child.wait()

    pids: list[int] = []
    task = asyncio.create_task(work())
    await asyncio.sleep(0.1)
    started = time.monotonic()
    for _ in range(2):
        task.cancel()
        await asyncio.sleep(0.05)
    with pytest.raises(asyncio.CancelledError):
        await task
    assert time.monotonic() - started < 30
    assert not is_running(pids[0])


async def test_an_error_in_the_block_ends_the_child_and_is_not_hidden() -> None:
    with pytest.raises(ZeroDivisionError):
        async with ChildProcess.started(["sleep", "60"], env=ENV) as child:
            _ = 1 / 0
    assert child.returncode == -signal.SIGTERM


async def test_stopping_twice_is_harmless() -> None:
    async with ChildProcess.started(["sleep", "60"], env=ENV) as child:
        assert await child.stop() == await child.stop() == -signal.SIGTERM


async def test_output_that_was_not_piped_cannot_be_read() -> None:
    async with ChildProcess.started(["true"], env=ENV) as child:
        with pytest.raises(AssertionError, match="not piped"):
            await child.read(1)


async def test_a_worker_killed_by_sigkill_takes_its_children_along(tmp_path: Path) -> None:
    script = tmp_path / "worker.py"
    script.write_text(
        textwrap.dedent("""
            import asyncio
            from app.postgres.process import ChildProcess

            async def main():
                async with ChildProcess.started(["sleep", "600"], env={"PATH": "/usr/bin:/bin"}) as child:
                    print(child.pid, flush=True)
                    await child.wait()

            asyncio.run(main())
        """)
    )
    worker = await asyncio.create_subprocess_exec(
        sys.executable, str(script), stdout=asyncio.subprocess.PIPE, env={"PYTHONPATH": str(Path.cwd())}
    )
    try:
        assert worker.stdout
        pid = int(await asyncio.wait_for(worker.stdout.readline(), 60))
        assert is_running(pid)
    finally:
        worker.kill()
        await worker.wait()
    await until_gone(pid)


def test_the_words_before_a_program_name_user_and_signal() -> None:
    assert privileges((5, 6), death_signal="QUIT")[1:] == [
        "--pdeathsig", "QUIT", "--reuid", "5", "--regid", "6", "--clear-groups", "--",
    ]  # fmt: skip
    assert privileges(None)[1:] == ["--"]


def test_no_setpriv_names_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "defpath", "/nonexistent")
    with pytest.raises(ToolMissing, match="util-linux"):
        privileges(None)


def test_all_tests_here_leave_no_child_behind() -> None:
    with suppress(ChildProcessError):
        assert os.waitpid(-1, os.WNOHANG) == (0, 0)
