"""Our job system against PgQueuer and Procrastinate: how soon an idle worker starts a job, how fast a backlog drains.

Fair: one durable PostgreSQL server of default settings with a database for each side; each side's worker is a process
of its own that keeps 10 jobs in flight, used as its documentation does; jobs do nothing; runs are interleaved.

``start``: a job is enqueued alone in a transaction while all three workers idle; from the return of the commit to the
first line of its handler. ``drain``: jobs are there before the worker starts; from its start to the last one written.
"""

import asyncio
import os
import sys
import time
from argparse import Namespace
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from statistics import median

import uvloop
from parts.job_queues import QUEUES, Producer
from parts.server import bench_server
from report import Bar, Bench, arguments

from app.kit.redaction import redact
from app.logging import configure_logging
from app.postgres.process import PIPE, ChildProcess
from app.settings import LogSettings

BARS = [
    Bar("start_p50_ratio", 1.0, at_most=True),
    Bar("drain_ratio_pgqueuer", 0.4, at_most=False),
    Bar("drain_ratio_procrastinate", 2.0, at_most=False),
]
WORKER = Path(__file__).parent / "parts" / "job_worker.py"
WARM_UP = 10
IDLE_SECONDS = 0.02
ANSWER_SECONDS = 120


async def main(options: Namespace) -> None:
    starts, drained = (10, 200) if options.quick else (50, 2000)
    configure_logging(LogSettings(level="warning"), redact)
    bench = Bench("jobs", BARS, quick=options.quick)
    async with bench_server("jobs") as server, AsyncExitStack() as stack:
        urls = {name: await server.make_database(name) for name in QUEUES}
        producers: dict[str, Producer] = {}
        for name, queue in QUEUES.items():
            await queue.install(urls[name])
            producers[name] = await stack.enter_async_context(queue.producer(urls[name]))
        for _ in range(options.runs):
            await _measure_drain(bench, urls, producers, drained)
        # After the drains, so that each has its tables filled, planned for and cached.
        await _measure_start(bench, urls, producers, options.runs, starts)
    best = min(bench.median(f"start, {name}") for name in QUEUES if name != "ours")
    bench.metric("start_p50_ratio", bench.median("start, ours") / best)
    for name in ("pgqueuer", "procrastinate"):
        bench.metric(f"drain_ratio_{name}", bench.median("drain, ours") / bench.median(f"drain, {name}"))
    bench.finish(options.json)


async def _measure_drain(bench: Bench, urls: Mapping[str, str], producers: Mapping[str, Producer], jobs: int) -> None:
    for name, url in urls.items():
        await producers[name].many(jobs)
        async with _worker(name, url, str(jobs)) as worker:
            seconds, cpu_seconds = map(float, (await _line(worker)).split())
        bench.sample(f"drain, {name}", jobs / seconds, "jobs/s")
        bench.sample(f"drain, {name}, processor", cpu_seconds / jobs * 1000, "ms/job of the worker")


async def _measure_start(
    bench: Bench, urls: Mapping[str, str], producers: Mapping[str, Producer], runs: int, starts: int
) -> None:
    async with AsyncExitStack() as stack:
        workers = {name: await stack.enter_async_context(_worker(name, url)) for name, url in urls.items()}
        for name, worker in workers.items():
            for _ in range(WARM_UP):
                await _start_ms(producers[name], worker)
        for _ in range(runs):
            found: dict[str, list[float]] = {name: [] for name in workers}
            for _ in range(starts):
                for name, worker in workers.items():
                    found[name].append(await _start_ms(producers[name], worker))
            for name, values in found.items():
                bench.sample(f"start, {name}", median(values), f"ms, p50 of {starts}")


async def _start_ms(producer: Producer, worker: ChildProcess) -> float:
    await asyncio.sleep(IDLE_SECONDS)
    await producer.one()
    committed = time.monotonic_ns()
    return (int(await _line(worker)) - committed) / 1e6


@asynccontextmanager
async def _worker(name: str, url: str, *jobs: str) -> AsyncIterator[ChildProcess]:
    environment = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command = [sys.executable, str(WORKER), name, *jobs]
    async with ChildProcess.started(command, env=environment, secrets={"URL_FILE": url}, stdout=PIPE) as worker:
        yield worker


async def _line(worker: ChildProcess) -> str:
    """The worker's next line: it writes one at a time, and nothing before it was asked."""
    async with asyncio.timeout(ANSWER_SECONDS):
        line = b""
        while not line.endswith(b"\n"):
            piece = await worker.read(1024)
            if not piece:
                raise SystemExit("A worker ended:\n" + "\n".join(worker.stderr_lines[-20:]))
            line += piece
    return line.decode()


if __name__ == "__main__":
    uvloop.run(main(arguments("jobs").parse_args()))
