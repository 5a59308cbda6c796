"""Workers as processes of their own, with short leases, to be killed, stopped and continued by tests.

They are forked from one server that has imported everything, so that starting one takes milliseconds.
"""

import asyncio
import multiprocessing
import os
import signal
import time
from contextlib import suppress
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import uvloop
from sqlalchemy import text

from app.jobs.contract import JobArgs
from app.jobs.machine import Move, done, go
from app.jobs.states import JobState
from app.kit.redaction import redact
from app.logging import configure_logging
from app.settings import LogSettings
from tests.jobs.harness import jobs_in
from tests.jobs.kinds import AnyRun, flow

LEASE: dict[str, float] = {"lease_seconds": 2.0, "renew_seconds": 0.5, "reap_seconds": 0.5, "poll_seconds": 0.5}

POINTS = (
    "first begins",
    "first ends",
    "second begins",
    "second ends",
    "third begins",
    "third ends",
)
CLEANUP_POINTS = ("cleanup begins", "cleanup ends")


class Deadly(JobArgs, kind="test.deadly", conflict=None, scope="x", attempts=3):
    """Kills its worker at ``point``: once, or always."""

    folder: str
    point: str
    always: bool = False
    fails: bool = False


class Poison(Deadly, kind="test.poison", conflict=None, scope="x", attempts=2):
    pass


class Slow(JobArgs, kind="test.slow", conflict=None, scope="x"):
    """Its first worker waits, or blocks its event loop; the next one finishes when the test says so."""

    folder: str
    block_seconds: float = 0


def start(url: str, **options: Any) -> BaseProcess:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    process = context.Process(target=_main, args=(url, options), daemon=True)
    process.start()
    return process


def _main(url: str, options: dict[str, Any]) -> None:
    configure_logging(LogSettings(level="error"), redact)
    uvloop.run(_work(url, options))


async def _work(url: str, options: dict[str, Any]) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    flows = [flow(kind, first, second, third, compensate=undo) for kind in (Deadly, Poison)]
    async with jobs_in(url) as jobs:
        await jobs.make_worker(*flows, flow(Slow, begin, finish), **{**LEASE, **options}).run(stop)


async def _note(run: AnyRun, note: str) -> None:
    async with run.writing() as session:
        connection = await session.connection()
        values = {"id": run.id, "note": note, "pid": os.getpid()}
        await connection.execute(text("INSERT INTO note (job_id, note, pid) VALUES (:id, :note, :pid)"), values)


async def _stepped(run: AnyRun, step: str) -> None:
    _perhaps_die(run, f"{step} begins")
    await _note(run, step)
    run.memo.seen.append(step)
    _perhaps_die(run, f"{step} ends")


def _perhaps_die(run: AnyRun, point: str) -> None:
    args: Deadly = run.args
    mark = Path(args.folder, "died")
    if point == args.point and (args.always or not mark.exists()):
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)


async def first(run: AnyRun) -> Move:
    await _stepped(run, "first")
    return go(second)


async def second(run: AnyRun) -> Move:
    await _stepped(run, "second")
    return go(third)


async def third(run: AnyRun) -> Move:
    await _stepped(run, "third")
    if run.args.fails:
        raise ValueError("to see the clean-up")
    return done(seen=run.memo.seen)


async def undo(run: AnyRun, outcome: JobState) -> None:
    _perhaps_die(run, "cleanup begins")
    await _note(run, f"cleaned up {outcome}")
    _perhaps_die(run, "cleanup ends")


async def begin(run: AnyRun) -> Move:
    run.memo.seen.append("begun")
    return go(finish)


async def finish(run: AnyRun) -> Move:
    folder = Path(run.args.folder)
    is_first = not any(folder.glob("started-*"))
    (folder / f"started-{os.getpid()}").touch()
    if is_first:
        if run.args.block_seconds:
            time.sleep(run.args.block_seconds)  # noqa: ASYNC251 (a blocked event loop is the point)
        else:
            await _file(folder / "thaw")
        with suppress(FileNotFoundError):
            (folder / "tried").touch()
        await _note(run, "zombie")
        return done(by="zombie")
    await _file(folder / "finish")
    await _note(run, "finished")
    return done(by="successor", seen=run.memo.seen)


async def _file(path: Path) -> None:
    while not path.exists():
        await asyncio.sleep(0.01)
