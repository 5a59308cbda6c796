"""The benchmarks run, and end with the line that others read. What they measure is judged on a quiet machine."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

# Of those that need neither a load generator nor a database of a gigabyte.
METRICS = {
    "jobs": {"start_p50_ratio", "drain_ratio_pgqueuer", "drain_ratio_procrastinate"},
    "fleet": {"tick_seconds", "growth_exponent"},
}


@pytest.mark.parametrize("name", METRICS)
def test_a_benchmark_ends_with_its_figures_as_one_line_of_json(name: str) -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "scripts" / "benches" / f"{name}.py", "--quick", "--runs", "1", "--json"],
        capture_output=True,
        text=True,
        check=False,
        timeout=170,
    )
    assert done.returncode == 0, done.stderr
    *_, last = done.stdout.splitlines()
    line = json.loads(last)
    assert set(line) == {"bench", "metrics", "runs", "load", "commit"}
    assert (line["bench"], line["runs"]) == (name, 1)
    assert set(line["metrics"]) == METRICS[name]
    assert all(value > 0 for value in line["metrics"].values())
    assert done.stdout.count(": met") + done.stdout.count(": missed") == len(METRICS[name])
