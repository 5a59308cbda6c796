"""One tick of the scheduler over a fleet: 10,000 due of 100,000 schedules, and how its time grows from 1,000 on.

Each schedule is a policy of a database of its own: a backup, which conflict classes will judge, nightly, on workdays or
hourly, in one of five zones, with or without jitter, with each way of catching up. All due slots have just come, as at
the full hour. A tick makes a job of each, with its target and its first event, on a durable PostgreSQL server of default
settings; the time is that of ``fire_due``, everything committed. Each size has a database of its own, and the runs of the
sizes are interleaved; between runs the slots are set back and the jobs removed.
"""

import math
import time
from argparse import Namespace
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import cycle, islice, product
from typing import Any
from uuid import NAMESPACE_OID, uuid5
from zoneinfo import ZoneInfo

import asyncpg
import uvloop
from parts.server import BenchServer, bench_server
from report import Bar, Bench, arguments
from sqlmodel import insert

import app.models  # noqa: F401 (the tables that the job table refers to)
from app.auth.scopes import Scope
from app.db import migrate
from app.db.engine import Sessions, create_engine, create_sessions
from app.jobs.conflicts import ConflictClass
from app.jobs.contract import JobArgs
from app.jobs.models import CatchUp, Schedule
from app.jobs.scheduler import fire_due
from app.kit.cron import jitter_seconds
from app.kit.ids import new_id
from app.kit.redaction import redact
from app.logging import configure_logging
from app.settings import LogSettings

BARS = [Bar("tick_seconds", 5, at_most=True), Bar("growth_exponent", 1.1, at_most=True)]
NOW = datetime(2026, 3, 4, 3, 30, 20, tzinfo=UTC)
DUE_ONE_IN = 10
CRONS = ("{minute} {hour} * * *", "{minute} {hour} * * 1-5", "{minute} * * * *")
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Sydney")
JITTERS = (0, 300, 1800)
BATCH = 1000


class TakeBackup(JobArgs, kind="bench.backup", conflict=ConflictClass.BACKUP, scope=Scope.BACKUPS_WRITE):
    policy_id: str


@dataclass(frozen=True)
class Fleet:
    size: int
    sessions: Sessions
    connection: "asyncpg.Connection[asyncpg.Record]"

    @property
    def due(self) -> int:
        return self.size // DUE_ONE_IN


async def main(options: Namespace) -> None:
    configure_logging(LogSettings(level="error"), redact)
    sizes = (100, 300, 1000) if options.quick else (1000, 10_000, 100_000)
    bench = Bench("fleet", BARS, quick=options.quick)
    async with bench_server("fleet") as server, AsyncExitStack() as stack:
        fleets = [await _fleet(server, stack, size) for size in sizes]
        for run in range(options.runs + 1):
            for fleet in fleets:
                seconds, cpu_seconds = await _tick(fleet)
                if run:  # the first one fills the caches
                    bench.sample(f"{fleet.size} schedules", seconds, f"s, {fleet.due} due")
                    bench.sample(f"{fleet.size} schedules, processor", cpu_seconds, "s of the worker")
    times = [bench.median(f"{size} schedules") for size in sizes]
    bench.metric("tick_seconds", times[-1])
    bench.metric("growth_exponent", _slope([math.log(size) for size in sizes], [math.log(each) for each in times]))
    bench.finish(options.json)


async def _fleet(server: BenchServer, stack: AsyncExitStack, size: int) -> Fleet:
    url = await server.make_database(f"fleet_{size}")
    await migrate.upgrade(url)
    engine = create_engine(url, application_name="bench")
    stack.push_async_callback(engine.dispose)
    connection = await asyncpg.connect(url)
    stack.push_async_callback(connection.close)
    sessions = create_sessions(engine)
    rows = _schedules(size)
    async with sessions() as session, session.begin():
        while batch := list(islice(rows, BATCH)):
            await session.exec(insert(Schedule), params=batch)
    await connection.execute("CREATE TABLE at_first AS SELECT id, slot, next_run_at FROM schedule")
    await connection.execute("VACUUM ANALYZE schedule")
    return Fleet(size, sessions, connection)


def _schedules(size: int) -> Iterator[dict[str, Any]]:
    shapes = cycle(product(CRONS, ZONES, JITTERS, CatchUp))
    for number, (cron, zone, bound, catch_up) in zip(range(size), shapes, strict=False):
        owner = f"policy:{number}"
        schedule_id = uuid5(NAMESPACE_OID, owner)
        jitter = timedelta(seconds=jitter_seconds(schedule_id, bound))
        ahead = timedelta(minutes=1 + number % 1000) if number % DUE_ONE_IN else timedelta()
        slot = (NOW - jitter).replace(second=0) + ahead
        local = slot.astimezone(ZoneInfo(zone))
        yield {
            "id": schedule_id,
            "owner": owner,
            "kind": TakeBackup.kind,
            "args": {"policy_id": owner},
            "project_id": None,
            "database_id": new_id(),
            "cron": cron.format(minute=local.minute, hour=local.hour),
            "zone": zone,
            "jitter_seconds": bound,
            "catch_up": catch_up.value,
            "enabled": True,
            "slot": slot,
            "next_run_at": slot + jitter,
        }


async def _tick(fleet: Fleet) -> tuple[float, float]:
    began, began_cpu = time.monotonic(), time.process_time()
    fired = await fire_due(fleet.sessions, NOW)
    seconds, cpu_seconds = time.monotonic() - began, time.process_time() - began_cpu
    jobs = await fleet.connection.fetchval("SELECT count(*) FROM job JOIN job_target ON job_id = job.id")
    if (fired, jobs) != (fleet.due, fleet.due):
        raise SystemExit(f"Not valid: {fired} schedules were due and made {jobs} jobs, instead of {fleet.due}.")
    await fleet.connection.execute(
        "UPDATE schedule SET slot = was.slot, next_run_at = was.next_run_at, last_slot = NULL"
        " FROM at_first AS was WHERE was.id = schedule.id AND schedule.last_slot IS NOT NULL"
    )
    await fleet.connection.execute("TRUNCATE job CASCADE")
    await fleet.connection.execute("VACUUM ANALYZE schedule")
    return seconds, cpu_seconds


def _slope(xs: list[float], ys: list[float]) -> float:
    """Of the line of least squares."""
    x_mean, y_mean = sum(xs) / len(xs), sum(ys) / len(ys)
    rise = sum((x - x_mean) * (y - y_mean) for x, y in zip(xs, ys, strict=True))
    return rise / sum((x - x_mean) ** 2 for x in xs)


if __name__ == "__main__":
    uvloop.run(main(arguments("fleet").parse_args()))
