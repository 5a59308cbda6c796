"""`scripts/demo`, on less data, in a local database and through a simulated Railway."""

import asyncio
import re
import sys
from pathlib import Path

import pytest

from tests.e2e.processes import processes_of


@pytest.mark.parametrize("provider", ["local", "railway-simulator"])
async def test_the_demo_restores_what_it_lost_and_leaves_no_process(server_directory: Path, provider: str) -> None:
    directory = server_directory / f"demo-{provider}"
    demo = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "app.embedded.demo", "--scale", "0.003", "--directory", str(directory)),
        *("--provider", provider),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await demo.communicate()
    text = output.decode()
    assert demo.returncode == 0, text
    assert "all as before" in text
    if provider == "railway-simulator":
        assert re.search(r"PostgreSQL \S+ on 127\.0\.0\.1:\d+, require", text), "not by the public proxy, encrypted"
    assert processes_of(directory) == []
