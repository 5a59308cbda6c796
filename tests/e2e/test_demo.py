"""`scripts/demo`, on less data."""

import asyncio
import sys
from pathlib import Path

from tests.e2e.processes import processes_of


async def test_the_demo_restores_what_it_lost_and_leaves_no_process(server_directory: Path) -> None:
    directory = server_directory / "demo"
    demo = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "app.embedded.demo", "--scale", "0.003", "--directory", str(directory)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await demo.communicate()
    text = output.decode()
    assert demo.returncode == 0, text
    assert "all as before" in text
    assert processes_of(directory) == []
