"""`scripts/dev --provider railway-simulator`: what it prints is enough to create a database on the simulated Railway."""

import asyncio
import json
import os
import re
import signal
import sys
from pathlib import Path

import asyncpg
import httpx

from app.postgres.cluster import free_port
from tests.control import bearer
from tests.e2e.processes import processes_of

PROGRAM = ("-c", "from app.cli import main; main()")


async def test_the_printed_line_creates_a_database_on_the_simulated_railway(server_directory: Path) -> None:
    directory = server_directory / "dev"
    dev = await asyncio.create_subprocess_exec(
        *(sys.executable, *PROGRAM, "dev", "--provider", "railway-simulator"),
        *("--directory", str(directory), "--port", str(free_port(29000, 29999))),
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        printed = await printed_until(dev, "}'")
        assert re.search(r"PostgreSQL \(major\) +\d+[\d, ]*; others", printed)
        exports = dict(re.findall(r"export (\w+)=(\S+)", printed))
        created = json.loads(await output_of("bash", "-c", printed[printed.index("curl ") :], **exports))
        await output_of(sys.executable, *PROGRAM, "wait", created["job"]["id"], "--timeout", "120", **exports)
        async with httpx.AsyncClient(base_url=exports["PGM_URL"], headers=bearer(exports["PGM_KEY"])) as client:
            path = f"/v1/databases/{created['database']['id']}"
            assert (await client.get(path)).json()["reach"] == "public"
            variables = (await client.get(f"{path}/variables?reveal=true")).json()["variables"]
        session = await asyncpg.connect(variables["DATABASE_URL"])
        assert await session.fetchval("SELECT current_database()") == "railway"
        await session.close()
    finally:
        dev.send_signal(signal.SIGTERM)
        await dev.communicate()
    assert dev.returncode == 0
    assert processes_of(directory) == []


async def printed_until(process: asyncio.subprocess.Process, last: str) -> str:
    assert process.stdout
    text = ""
    async with asyncio.timeout(120):
        while not text.endswith(f"{last}\n"):
            line = await process.stdout.readline()
            assert line, f"it ended after: {text}"
            text += line.decode()
    return text


async def output_of(*command: str, **variables: str) -> bytes:
    process = await asyncio.create_subprocess_exec(
        *command, env=dict(os.environ) | variables, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    output, complaint = await process.communicate()
    assert process.returncode == 0, output + complaint
    return output
