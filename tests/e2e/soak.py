"""`scripts/soak`: faults again and again in any order, hundreds of kills, or kills beside a simulated Railway, and at the
end the auditor's whole look.

The seed is printed first. The first violation ends the run with status 1 and what is needed to see it again.
"""

import argparse
import asyncio
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from app.kit.redaction import redact
from app.logging import configure_logging
from app.settings import LogSettings
from tests.e2e.blows import WORKER
from tests.e2e.faults import every_fault
from tests.e2e.kills import Kills
from tests.e2e.railway_audit import RailwayAudit, railway_audit
from tests.e2e.railway_faults import CHANGE_FAULTS, LIVES, READ_FAULTS, one_life
from tests.e2e.railway_kills import RailwayKills
from tests.e2e.railway_world import RailwayWorld, railway_world
from tests.e2e.stock_restore import Audit, full_audit
from tests.e2e.world import World, world

Row = tuple[str, str | int]


@dataclass
class Result:
    """What a run has to show: a sentence, and tables by their titles."""

    summary: str = ""
    tables: dict[str, list[Row]] = field(default_factory=dict)


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


async def faults(world: World, rounds: int, only: list[str]) -> Result:
    seconds: defaultdict[str, list[float]] = defaultdict(list)
    every = {name: fault for name, fault in every_fault().items() if not only or name in only}
    for number in range(1, rounds + 1):
        for name in world.random.sample(sorted(every), len(every)):
            began = time.monotonic()
            try:
                await every[name](world)
            except BaseException:
                say(f"{number}  {name} did not end as it should")
                raise
            took = time.monotonic() - began
            left = await world.remains()
            assert left == [], f"{name} left {left}"
            seconds[name].append(took)
            say(f"{number}  {name:<80} {took:5.1f} s")
    rows: list[Row] = [(name.replace("_", " "), f"{max(took):.1f}") for name, took in sorted(seconds.items())]
    return Result(
        f"{len(every)} faults, {rounds} rounds in random order, each ended as it should and left nothing",
        {"fault | longest s": rows},
    )


async def kills(world: World, count: int) -> Result:
    tally = await Kills(world, count, say).run()
    ordered = sorted(tally.seconds)
    places: list[Row] = [(" ".join(place), hits) for place, hits in tally.places.items()]
    outcomes: list[Row] = [(f"{action} {outcome}", jobs) for (action, outcome), jobs in sorted(tally.outcomes.items())]
    weapons: list[Row] = [(str(weapon), times) for weapon, times in tally.weapons.most_common()]
    assert not tally.missed() or count < 4 * len(tally.places), f"never hit: {tally.missed()}"
    return Result(
        f"{tally.kills} blows in {len(tally.seconds)} jobs; {tally.unhurt} jobs were faster. A job ended "
        f"{ordered[len(ordered) // 2]:.1f} s after its blow (median), {ordered[-1]:.1f} s at most. A job whose worker died "
        f"was another's after {_most(tally.requeue_seconds)} at most, with leases of {WORKER['lease_seconds']:g} s; a "
        f"cancelled one had ended, with its children, after {_most(tally.cancel_seconds)}. {tally.copies} copies were "
        "fetched, opened by age and decoded by pg_restore right after their backup was made",
        {"hit by | times": weapons, "hit in | times": places, "job | times": outcomes},
    )


def _most(seconds: list[float]) -> str:
    return f"{max(seconds):.1f} s ({len(seconds)} times)" if seconds else "no time, since there was none"


async def railway(world: RailwayWorld, count: int) -> Result:
    """Every step is hit, however many kills that takes; then every kind of answer that is lost or wrong."""
    tally = await RailwayKills(world, count, say).run(every_step=True)
    lives = 0
    for change, read in zip(CHANGE_FAULTS, READ_FAULTS, strict=True):
        for create in LIVES:
            await one_life(world, create, change_fault=change, read_fault=read, tell=say)
            lives += 1
    ordered = sorted(tally.seconds)
    places: list[Row] = [(" ".join(place), hits) for place, hits in tally.places.items()]
    requests: list[Row] = sorted(tally.requests.items())
    return Result(
        f"{tally.kills} workers killed; {tally.unhurt} jobs were faster. A job ended {ordered[len(ordered) // 2]:.1f} s "
        f"after its kill (median), {ordered[-1]:.1f} s at most. Then {lives} lives of a database in which every change was "
        f"answered by {', '.join(CHANGE_FAULTS)}, each judged by what the platform had",
        {"killed in | times": places, "killed at the request | times": requests},
    )


def report(name: str, seed: int, *, seconds: float, result: Result, audit: Audit | RailwayAudit) -> str:
    """Markdown, fit to be kept."""
    lines = [
        f"# `scripts/soak {name}`",
        "",
        f"- {datetime.now(UTC):%Y-%m-%d %H:%M} UTC, commit {_commit()}, seed {seed}, {seconds:.0f} s",
        f"- {os.cpu_count()} cores, {os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB, {_system()}",
        f"- {result.summary}.",
        *(f"- Auditor: {line}." for line in audit.lines()),
    ]
    for title, rows in result.tables.items():
        lines += ["", f"| {title} |", "| --- | ---: |", *(f"| {name} | {value} |" for name, value in rows)]
    return "\n".join([*lines, ""])


def _commit() -> str:
    command = ["git", "describe", "--always", "--dirty"]
    found = subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path(__file__).parent)
    return found.stdout.strip() or "unknown"


def _system() -> str:
    with Path("/etc/os-release").open() as file:
        names = dict(line.rstrip().split("=", 1) for line in file if "=" in line)
    return names.get("PRETTY_NAME", "").strip('"')


async def soak(
    name: str, seed: int, run: Callable[[Any], Any], directory: Path
) -> tuple[Result, Audit | RailwayAudit, float]:
    builds: Callable[..., Any] = railway_world if name == "railway" else world
    audits: Callable[[Any], Any] = railway_audit if name == "railway" else full_audit
    began = time.monotonic()
    async with builds(directory, seed=seed) as built:
        say(f"the world stands after {time.monotonic() - began:.0f} s; its logs are in {directory}")
        began = time.monotonic()
        result: Result = await run(built)
        say("the audit")
        audit = await audits(built)
    return result, audit, time.monotonic() - began


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/soak", description=__doc__)
    parser.add_argument("name", choices=["faults", "kills", "railway"])
    parser.add_argument("--seed", type=int, default=None, help="that of a run to be repeated")
    parser.add_argument("--rounds", type=int, default=3, help="of all faults")
    parser.add_argument("--only", metavar="FAULT", action="append", default=[], help="this fault; may be repeated")
    parser.add_argument("--count", type=int, default=200, help="of kills")
    parser.add_argument("--report", type=Path, help="writes the result there, as Markdown")
    parser.add_argument("--json", action="store_true", help="the last line is one JSON object")
    wish = parser.parse_args()
    seed = secrets.randbelow(1 << 31) if wish.seed is None else wish.seed
    say(f"seed {seed}")
    configure_logging(LogSettings(level="warning"), redact)
    runs: dict[str, Callable[[Any], Any]] = {
        "faults": lambda world: faults(world, wish.rounds, wish.only),
        "kills": lambda world: kills(world, wish.count),
        "railway": lambda world: railway(world, wish.count),
    }
    directory = Path(tempfile.mkdtemp(prefix="pgm-soak-"))
    directory.chmod(0o755)  # for the user of the servers
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # as Ctrl-C: servers of ours would stay behind
    try:
        result, audit, seconds = asyncio.run(soak(wish.name, seed, runs[wish.name], directory))
    except Exception:  # noqa: BLE001 (whatever it is, it is the run's result)
        traceback.print_exc()
        option = f"--rounds {wish.rounds}" if wish.name == "faults" else f"--count {wish.count}"
        say(f"To see it again: scripts/soak {wish.name} --seed {seed} {option}. The logs stay in {directory}.")
        return 1
    text = report(wish.name, seed, seconds=seconds, result=result, audit=audit)
    say(f"\n{text}")
    if wish.report:
        wish.report.write_text(text)
    if wish.json:
        found = {title: dict(rows) for title, rows in result.tables.items()}
        say(
            json.dumps(
                {"name": wish.name, "seed": seed, "seconds": round(seconds), "violations": audit.violations, **found}
            )
        )
    if audit.violations:
        say(f"The logs stay in {directory}.")
        return 1
    shutil.rmtree(directory)
    return 0


if __name__ == "__main__":
    sys.exit(main())
