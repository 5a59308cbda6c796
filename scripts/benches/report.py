"""What every benchmark prints: its series, its figures beside their bars and, with --json, one last line of JSON.

A sample is what one run gave, and the runs of the sides are interleaved (ours, baseline, ours, …), so that what the
machine does meanwhile hits all of them alike. A run that measures many small things gives their median as its sample.
"""

import argparse
import json as json_format
import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Bar:
    """What the figure ``key`` has to reach: ``limit`` at most, or at least."""

    key: str
    limit: float
    at_most: bool

    def is_met(self, value: float) -> bool:
        return value <= self.limit if self.at_most else value >= self.limit

    def __str__(self) -> str:
        return f"{'≤' if self.at_most else '≥'} {self.limit:g}"


def arguments(name: str, *, runs: int = 5) -> argparse.ArgumentParser:
    """The options that every benchmark has; ``runs`` is what this one needs for figures that hold."""
    parser = argparse.ArgumentParser(prog=f"scripts/bench {name}")
    parser.add_argument("--json", action="store_true", help="end with the figures as one line of JSON")
    parser.add_argument("--runs", type=int, default=runs, help=f"interleaved runs of each side (default {runs})")
    parser.add_argument("--quick", action="store_true", help="small sizes: tries the benchmark, judges nothing")
    return parser


class Bench:
    """One benchmark's results. Made at its start, since it notes how busy the machine was before."""

    def __init__(self, name: str, bars: Sequence[Bar], *, quick: bool = False) -> None:
        self._name = name
        self._bars = {bar.key: bar for bar in bars}
        self._is_quick = quick
        self._series: dict[str, tuple[str, list[float]]] = {}
        self._metrics: dict[str, float] = {}
        self._load = os.getloadavg()[0]

    def sample(self, series: str, value: float, unit: str) -> None:
        """What one run of the side or step called ``series`` gave."""
        self._series.setdefault(series, (unit, []))[1].append(value)

    def median(self, series: str) -> float:
        return median(self._series[series][1])

    def latest(self, *series: str) -> str:
        """What the last run of each gave, for who watches a long benchmark."""
        return ", ".join(
            f"{name.strip()} {_short(self._series[name][1][-1])} {self._series[name][0]}" for name in series
        )

    def metric(self, key: str, value: float) -> None:
        self._metrics[key] = value

    def finish(self, json: bool) -> None:  # noqa: FBT001 (the parsed flag, passed on)
        print(f"\n{self._name}{' (quick: sizes too small to judge by)' if self._is_quick else ''}")
        width = max(map(len, (*self._series, *self._metrics)), default=0)
        if self._series:
            print(f"  {'series':<{width}} {'median':>12} {'min':>12} {'max':>12} {'n':>5}  unit")
        for series, (unit, values) in self._series.items():
            figures = " ".join(f"{_short(value):>12}" for value in (median(values), min(values), max(values)))
            print(f"  {series:<{width}} {figures} {len(values):>5}  {unit}")
        for key, value in self._metrics.items():
            print(f"  {key:<{width}} {_short(value):>12}  {self._verdict(key, value)}".rstrip())
        print(f"  load average {self._load:.2f} before, {os.getloadavg()[0]:.2f} after")
        if json:
            runs = min((len(values) for _, values in self._series.values()), default=0)
            metrics = {key: float(f"{value:.4g}") for key, value in self._metrics.items()}
            line = {"bench": self._name, "metrics": metrics, "runs": runs, "load": self._load, "commit": _commit()}
            print(json_format.dumps(line), flush=True)

    def _verdict(self, key: str, value: float) -> str:
        bar = self._bars.get(key)
        return f"{bar}: {'met' if bar.is_met(value) else 'missed'}" if bar else ""


def _short(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"  # noqa: PLR2004 (where decimals say nothing more)


def _commit() -> str:
    found = subprocess.run(  # noqa: TID251 (at the end of a program, with nothing left to wait for it)
        ["git", "-C", ROOT, "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False
    )
    return found.stdout.strip() or "unknown"
