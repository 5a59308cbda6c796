"""Real workers with short leases as processes of their own, to be killed, frozen, asked to stop and replaced.

They are forked from one process that has imported everything and has looked around the machine, so that starting one
takes milliseconds. That process is also init to what dead workers leave behind.
"""

import asyncio
import ctypes
import importlib
import json
import os
import resource
import signal
import sys
import traceback
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, TextIO

import uvloop

import app.models  # noqa: F401 (all tables)
from app import runtime as runtimes
from app.jobs.worker import JobWorker, WorkerOptions
from app.kit.redaction import Redactor
from app.logging import configure_logging
from app.postgres.process import PIPE, ChildProcess
from app.postgres.toolchain import Toolchain
from app.provisioning import reconciler
from app.runtime import Runtime, open_runtime
from app.settings import Settings, load_settings
from app.storage.s3 import S3Stores
from app.worker import programmes
from tests.object_store import HASTY

OPTIONS: dict[str, Any] = {
    "grace_seconds": 5.0,
    "lease_seconds": 3.0,
    "renew_seconds": 0.7,
    "reap_seconds": 0.5,
    "poll_seconds": 0.5,
    "wishes_seconds": 0.5,
    "progress_seconds": 0.3,
}
# Of a worker's modules, unless a test gives others: waits that are minutes in production.
CONSTANTS: dict[str, Any] = {
    "app.jobs.execution.RETRY_BASE_SECONDS": 0.4,
    "app.provisioning.reconciler.INTERVAL_SECONDS": 1.0,
}
USUAL = 2
# With stores. A store that says nothing for so long is asked again.
_PATIENCE = replace(HASTY, call_seconds=5, stall_seconds=4)
_GONE_SECONDS = 60.0
_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36


class Workers:
    """The worker processes of one installation, by number in the order of their starts."""

    def __init__(self, nursery: ChildProcess) -> None:
        self._nursery = nursery
        self._pids: dict[int, int] = {}
        self._special: set[int] = set()
        self._started = 0
        self._asking = asyncio.Lock()  # one question, one answer

    @classmethod
    @asynccontextmanager
    async def nursed(cls, environment: Mapping[str, str], log_file: Path) -> AsyncIterator["Workers"]:
        """``environment`` holds the settings, as of `pgmanager worker`; all workers write to ``log_file``."""
        with log_file.open("a", buffering=1) as lines:
            async with ChildProcess.started(
                [sys.executable, "-m", __name__],
                env=environment,
                stdin=PIPE,
                stdout=PIPE,
                term_grace_seconds=1.0,
                on_stderr_line=lambda line: lines.write(line + "\n"),
            ) as nursery:
                workers = cls(nursery)
                try:
                    yield workers
                finally:
                    for index in workers.alive():
                        workers.signal(index, signal.SIGCONT)
                        workers.signal(index, signal.SIGTERM)
                    for index in workers.alive():
                        await workers.gone(index)

    @property
    def nurse_pid(self) -> int:
        """Of the process whose children the workers are."""
        return self._nursery.pid

    async def start(
        self, *, constants: Mapping[str, Any] | None = None, most_file_bytes: int | None = None, **options: Any
    ) -> int:
        """``options`` are those of WorkerOptions; ``constants`` of modules, as ``app.jobs.execution.STALL_SECONDS``.

        With ``most_file_bytes`` neither it nor a child of it can make a longer file, wherever.
        """
        async with self._asking:
            self._started += 1
            number = self._started
            wish: dict[str, Any] = {
                "name": f"worker-{number}",
                "options": options,
                "constants": dict(constants or {}),
                "most_file_bytes": most_file_bytes,
            }
            self._pids[number] = await self._born(wish)
        if options or constants or most_file_bytes is not None:
            self._special.add(number)
        return number

    async def _born(self, wish: dict[str, Any]) -> int:
        assert self._nursery.stdin
        self._nursery.stdin.write(json.dumps(wish).encode() + b"\n")
        await self._nursery.stdin.drain()
        answer = b""
        while not answer.endswith(b"\n"):
            said = await self._nursery.read(64)
            assert said, f"no worker can be started any more: {self._nursery.stderr_lines[-5:]}"
            answer += said
        return int(answer)

    def pid(self, index: int) -> int:
        return self._pids[index]

    def alive(self) -> list[int]:
        """Also those that are frozen."""
        return [index for index, pid in self._pids.items() if Path(f"/proc/{pid}").exists()]

    def index_of(self, holder: str) -> int:
        """The number of the worker that a job's row names as its holder."""
        return int(holder.removeprefix("worker-"))

    def signal(self, index: int, number: signal.Signals) -> None:
        if index in self.alive():
            with suppress(ProcessLookupError):
                os.kill(self._pids[index], number)

    async def kill(self, index: int) -> None:
        """SIGKILL; returns when the kernel has forgotten the process."""
        self.signal(index, signal.SIGKILL)
        await self.gone(index)

    async def stop(self, index: int) -> None:
        """SIGTERM: it hands back what does not end within its grace."""
        self.signal(index, signal.SIGTERM)
        await self.gone(index)

    async def gone(self, index: int, *, within_seconds: float = _GONE_SECONDS) -> None:
        async with asyncio.timeout(within_seconds):
            while index in self.alive():
                await asyncio.sleep(0.01)

    async def put_right(self) -> None:
        """As many usual workers as at the beginning; those with other options or constants are stopped."""
        for index in [index for index in self.alive() if index in self._special]:
            self.signal(index, signal.SIGCONT)
            await self.stop(index)
        for index in self.alive():
            self.signal(index, signal.SIGCONT)
        for index in self.alive()[USUAL:]:
            await self.stop(index)
        while len(self.alive()) < USUAL:
            await self.start()


def nurse() -> None:
    """Forks a worker for every line of standard input, and answers with its process id."""
    settings = load_settings()
    configure_logging(settings.log, Redactor(settings.known_secrets()).redact)
    toolchain = asyncio.run(_toolchain(settings))
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel buries the dead at once
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    for line in sys.stdin:
        wish = json.loads(line)
        pid = os.fork()
        if not pid:
            _become_worker(settings, toolchain, wish, (sys.stdin, sys.stdout))
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()


async def _toolchain(settings: Settings) -> Toolchain:
    found = settings.postgres
    return await Toolchain.discover(extra=found.extra_bin_dirs, debian_root=found.trixie_root)


def _become_worker(settings: Settings, toolchain: Toolchain, wish: dict[str, Any], pipes: tuple[TextIO, ...]) -> None:
    code = 1
    try:
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        if (most := wish["most_file_bytes"]) is not None:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # so that the write fails instead
            resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
        nothing = os.open(os.devnull, os.O_RDWR)
        for pipe in pipes:
            os.dup2(nothing, pipe.fileno())
        for name, value in {**CONSTANTS, **wish["constants"]}.items():
            module, _, constant = name.rpartition(".")
            found = importlib.import_module(module)
            assert hasattr(found, constant), name
            setattr(found, constant, value)
        setattr(runtimes, "S3Stores", partial(S3Stores, patience=_PATIENCE))  # noqa: B010 (mypy knows a class there)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_work(settings, toolchain, wish["name"], wish["options"]))
        code = 0
    except BaseException:  # noqa: BLE001 (it ends here; the parent's code must not run in the child)
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


async def _work(settings: Settings, toolchain: Toolchain, name: str, options: dict[str, Any]) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with open_runtime(settings, role="worker", toolchain=toolchain) as runtime, asyncio.TaskGroup() as tasks:
        tasks.create_task(_worker(runtime, name, options).run(stop))
        tasks.create_task(reconciler.reconcile_until(runtime, stop))


def _worker(runtime: Runtime, name: str, options: dict[str, Any]) -> JobWorker:
    wanted = WorkerOptions(host_id=runtime.host_id, name=name, concurrency=runtime.settings.worker.concurrency)
    return JobWorker(
        sessions=runtime.sessions,
        listener=runtime.listener,
        programmes=programmes(runtime),
        options=replace(wanted, **{**OPTIONS, **options}),
        clock=runtime.clock,
    )


if __name__ == "__main__":
    nurse()
