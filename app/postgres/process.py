"""Child processes that cannot outlive their reason: bounded, drained, and dead with their whole group when left."""

import asyncio
import fcntl
import os
import shutil
import signal
from collections import deque
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from subprocess import DEVNULL, PIPE, Popen  # noqa: TID251 (here is what others are to use instead)
from typing import Final, Self

from app.postgres.errors import ToolMissing
from app.postgres.pipes import PipeReader, PipeWriter

__all__ = ["DEVNULL", "PIPE", "ChildProcess", "Finished", "file_in_memory", "privileges", "run"]

_CANCEL_GRACE_SECONDS: Final = 2.0
_GROUP_WAIT_SECONDS: Final = 2.0
_LINE_BYTES: Final = 16 * 1024


class ChildProcess:
    """One running program. Made by ``started`` only, so that somebody always ends it."""

    def __init__(self, popen: Popen[bytes], lines: "_Lines") -> None:
        self.pid = popen.pid
        self.stdin = PipeWriter(popen.stdin) if popen.stdin else None
        self._stdout = PipeReader(popen.stdout) if popen.stdout else None
        self._popen = popen
        self._lines = lines
        self._exited = asyncio.Event()
        self._code = 0
        self._ended = False
        self._loop = asyncio.get_running_loop()
        assert popen.stderr
        self._stderr = popen.stderr
        os.set_blocking(self._stderr.fileno(), False)
        self._loop.add_reader(self._stderr.fileno(), self._drain_stderr)
        # The leader is reaped only after its group was killed: until then its number, which is the group's, stays taken.
        self._pidfd = os.pidfd_open(popen.pid)
        self._loop.add_reader(self._pidfd, self._notice_exit)

    @classmethod
    @asynccontextmanager
    async def started(
        cls,
        argv: Sequence[str],
        *,
        env: Mapping[str, str],
        secrets: Mapping[str, str] | None = None,
        files: Mapping[str, bytes] | None = None,
        stdin: int = DEVNULL,
        stdout: int = DEVNULL,
        run_as: tuple[int, int] | None = None,
        term_grace_seconds: float = 10.0,
        stderr_limit_bytes: int = 1024 * 1024,
        on_stderr_line: Callable[[str], object] | None = None,
    ) -> AsyncGenerator[Self]:
        """Run ``argv`` with exactly ``env``; leaving the context ends the program and whatever it started.

        Each of ``secrets`` becomes a sealed file in memory, readable by the child's user alone, whose path is the value
        of that variable; each of ``files`` becomes one whose path takes the place of ``{name}`` in the arguments, and which
        may be read from any position and by children, too. ``run_as`` is (uid, gid) and needs root. ``stderr_lines`` keeps the last
        ``stderr_limit_bytes``; who must see every line passes ``on_stderr_line``. Raises ToolMissing when there is no
        such program. The child also dies with the thread that runs this event loop.
        """
        popen = _spawn(
            argv, env=env, secrets=secrets or {}, files=files or {}, stdin=stdin, stdout=stdout, run_as=run_as
        )
        child = cls(popen, _Lines(stderr_limit_bytes, on_stderr_line))
        grace = term_grace_seconds
        try:
            yield child
        except asyncio.CancelledError:
            grace = min(grace, _CANCEL_GRACE_SECONDS)
            raise
        finally:
            await child.stop(grace_seconds=grace)

    @property
    def returncode(self) -> int | None:
        return self._code if self._exited.is_set() else None

    @property
    def stderr_lines(self) -> list[str]:
        return [*self._lines.kept]

    @property
    def stderr_lines_dropped(self) -> int:
        return self._lines.dropped

    async def read(self, size: int) -> bytes:
        """Up to ``size`` bytes of standard output as soon as there are any; empty at its end."""
        assert self._stdout, "standard output was not piped"
        return await self._stdout.read(size)

    async def read_gathered(self) -> bytes:
        """The next of a long output that the program writes in small pieces; empty at its end."""
        assert self._stdout, "standard output was not piped"
        return await self._stdout.read_gathered()

    async def wait(self) -> int:
        """The exit code, or minus the signal's number. What the program wrote to stderr is in ``stderr_lines`` by then."""
        await self._exited.wait()
        return self._code

    async def stop(self, *, grace_seconds: float = _CANCEL_GRACE_SECONDS) -> int:
        """SIGTERM to the group, after the grace SIGKILL; returns the exit code. Cancelling this shortens the grace."""
        try:
            if not self._exited.is_set():
                self._signal_group(signal.SIGTERM)
                with suppress(TimeoutError):
                    async with asyncio.timeout(grace_seconds):
                        await self._exited.wait()
        finally:
            self._end()
        await self._group_gone()
        return self._code

    def _end(self) -> None:
        """Kill what is left of the group and let go of everything. Without an await, so that no cancel can break it."""
        if self._ended:
            return
        self._ended = True
        self._signal_group(signal.SIGKILL)
        for pipe in (self.stdin, self._stdout):
            if pipe:
                pipe.close()
        os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOWAIT)  # milliseconds: it got a SIGKILL
        self._notice_exit()
        self._loop.remove_reader(self._pidfd)
        self._loop.remove_reader(self._stderr.fileno())
        self._stderr.close()
        self._popen.wait()
        os.close(self._pidfd)

    async def _group_gone(self) -> None:
        """Wait until killed grandchildren are dead, if not buried: the latter is up to init."""
        deadline = self._loop.time() + _GROUP_WAIT_SECONDS
        with suppress(ProcessLookupError):
            while self._loop.time() < deadline:
                os.killpg(self.pid, 0)
                if not await asyncio.to_thread(_has_living_member, self.pid):
                    return
                await asyncio.sleep(0.005)

    def _signal_group(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.pid, number)

    def _notice_exit(self) -> None:
        found = os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOWAIT | os.WNOHANG)
        if found is None or self._exited.is_set():
            return
        self._loop.remove_reader(self._pidfd)
        self._drain_stderr()
        self._lines.finish()
        self._code = found.si_status if found.si_code == os.CLD_EXITED else -found.si_status
        self._exited.set()

    def _drain_stderr(self) -> None:
        with suppress(BlockingIOError):
            while chunk := os.read(self._stderr.fileno(), 64 * 1024):
                self._lines.feed(chunk)
            self._loop.remove_reader(self._stderr.fileno())


@dataclass(frozen=True, slots=True)
class Finished:
    returncode: int
    stdout: bytes
    stderr_lines: list[str]


async def run(
    argv: Sequence[str],
    *,
    env: Mapping[str, str],
    timeout_seconds: float,
    secrets: Mapping[str, str] | None = None,
    run_as: tuple[int, int] | None = None,
) -> Finished:
    """Run a program with little output to its end; raises TimeoutError when that takes longer."""
    async with (
        asyncio.timeout(timeout_seconds),
        ChildProcess.started(argv, env=env, secrets=secrets, stdout=PIPE, run_as=run_as) as child,
    ):
        output = bytearray()
        while chunk := await child.read(64 * 1024):
            output += chunk
        return Finished(await child.wait(), bytes(output), child.stderr_lines)


def privileges(run_as: tuple[int, int] | None, *, death_signal: str | None = None) -> list[str]:
    """The words before a program that make it another user's, and have it signalled when its parent dies.

    A program of its own does this since Python code between fork and exec may deadlock in a process with threads.
    """
    command = [_program("setpriv", os.defpath)]
    if death_signal:
        command += ["--pdeathsig", death_signal]
    if run_as:
        command += ["--reuid", str(run_as[0]), "--regid", str(run_as[1]), "--clear-groups"]
    return [*command, "--"]


@contextmanager
def file_in_memory(name: str, content: bytes) -> Iterator[str]:
    """The path of a file that only this process can open, for libraries that read what they are given from files."""
    descriptor = _sealed_file(name, content, owner=None)
    try:
        yield f"/proc/self/fd/{descriptor}"
    finally:
        os.close(descriptor)


class _Lines:
    """The last lines of a stream, within a number of bytes."""

    def __init__(self, limit_bytes: int, on_line: Callable[[str], object] | None) -> None:
        self.kept: deque[str] = deque()
        self.dropped = 0
        self._limit = limit_bytes
        self._size = 0
        self._on_line = on_line
        self._rest = b""

    def feed(self, chunk: bytes) -> None:
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        for line in lines:
            self._keep(line)
        if len(self._rest) > _LINE_BYTES:
            self.finish()

    def finish(self) -> None:
        if self._rest:
            self._keep(self._rest)
            self._rest = b""

    def _keep(self, line: bytes) -> None:
        text = line[:_LINE_BYTES].decode(errors="replace")
        self.kept.append(text)
        self._size += len(text)
        while self._size > self._limit and len(self.kept) > 1:
            self._size -= len(self.kept.popleft())
            self.dropped += 1
        if self._on_line:
            self._on_line(text)


def _has_living_member(group: int) -> bool:
    for status in Path("/proc").glob("[0-9]*/stat"):
        with suppress(FileNotFoundError, ProcessLookupError):
            state, _, its_group = status.read_bytes().rpartition(b")")[2].split()[:3]
            if int(its_group) == group and state not in b"ZX":
                return True
    return False


def _spawn(
    argv: Sequence[str],
    *,
    env: Mapping[str, str],
    secrets: Mapping[str, str],
    files: Mapping[str, bytes],
    stdin: int,
    stdout: int,
    run_as: tuple[int, int] | None,
) -> Popen[bytes]:
    program = _program(argv[0], env.get("PATH", os.defpath))
    with ExitStack() as stack:
        environment = dict(env)
        descriptors = []
        arguments = list(argv[1:])

        def path_of(name: str, content: bytes) -> str:
            descriptor = _sealed_file(name, content, owner=run_as)
            stack.callback(os.close, descriptor)
            descriptors.append(descriptor)
            return f"/proc/self/fd/{descriptor}"

        for variable, text in secrets.items():
            environment[variable] = path_of(variable, text.encode())
        for name, content in files.items():
            path = path_of(name, content)
            arguments = [argument.replace(f"{{{name}}}", path) for argument in arguments]
        return Popen(
            [*privileges(run_as, death_signal="KILL"), program, *arguments],
            env=environment,
            stdin=stdin,
            stdout=stdout,
            stderr=PIPE,
            bufsize=0,
            pass_fds=descriptors,
            cwd="/",
            start_new_session=True,
        )


def _sealed_file(name: str, content: bytes, *, owner: tuple[int, int] | None) -> int:
    """A descriptor of an anonymous file of mode 0600: libpq takes a password from nothing laxer, nor from a pipe."""
    descriptor = os.memfd_create(name, os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    try:
        os.fchmod(descriptor, 0o600)
        with open(descriptor, "wb", closefd=False) as file:
            file.write(content)
        if owner:
            os.fchown(descriptor, *owner)  # /proc/self/fd/N is opened anew, with the rights of the child's user
        seals = fcntl.F_SEAL_SEAL | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE
        fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, seals)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _program(name: str, path: str) -> str:
    found = shutil.which(name, path=path)
    if found is None:
        package = " (Debian's package util-linux)" if name == "setpriv" else ""
        message = f"There is no program {name}{package} on this machine."
        raise ToolMissing(message, program=name)
    return found
