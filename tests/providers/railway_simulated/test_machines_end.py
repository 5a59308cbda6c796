"""However the process of the simulator ends, its servers end with it."""

import asyncio
import signal
import sys
from pathlib import Path

import pytest

from tests.e2e.processes import processes_of

HOLD = """
import asyncio, signal, sys
from pathlib import Path
from app.kit.redaction import redact
from app.logging import configure_logging
from app.settings import LogSettings
from tests.railway_simulator.machines import Machines

configure_logging(LogSettings(level="warning"), redact)

async def hold(directory):
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with Machines.opened(directory) as machines:
        await machines.start("one", major=max(machines.majors), variables={"POSTGRES_PASSWORD": "of nobody"})
        print("started", flush=True)
        await stop.wait()

asyncio.run(hold(Path(sys.argv[1])))
"""


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL])
async def test_no_server_outlives_the_process_of_the_simulator(server_directory: Path, end: signal.Signals) -> None:
    directory = server_directory / f"machines-{end.name}"
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", HOLD, str(directory)), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout
    try:
        assert await process.stdout.readline() == b"started\n"
        assert any("postgres" in command for command in processes_of(directory))
    finally:
        process.send_signal(end)
        await process.wait()
    async with asyncio.timeout(60):
        while processes_of(directory):
            await asyncio.sleep(0.05)
