"""Running what is printed: its files in a folder, its environment and nothing else, against a server of this test."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SECONDS = 120.0
PATH = f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin"


@dataclass(frozen=True)
class Ended:
    status: int
    output: str
    errors: str


async def run(folder: Path, printed: Mapping[str, Any], command: list[str]) -> Ended:
    """To its end."""
    process = await _started(folder, printed, command)
    try:
        async with asyncio.timeout(SECONDS):
            output, errors = await process.communicate()
    finally:
        await _ended(process)
    return Ended(process.returncode or 0, output.decode(), errors.decode())


@asynccontextmanager
async def serving(folder: Path, printed: Mapping[str, Any], command: list[str]) -> AsyncIterator[str]:
    """While it is connected; gives the line that says so. After that SIGTERM must end it with status 0."""
    process = await _started(folder, printed, command)
    assert process.stdout is not None
    try:
        async with asyncio.timeout(SECONDS):
            line = (await process.stdout.readline()).decode().rstrip("\n")
        if not line.startswith("connected as "):
            _, errors = await process.communicate()
            message = f"{line}\n{errors.decode()}"
            raise AssertionError(message)
        yield line
        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(SECONDS):
            _, errors = await process.communicate()
        assert process.returncode == 0, errors.decode()
    finally:
        await _ended(process)


async def _started(folder: Path, printed: Mapping[str, Any], command: list[str]) -> asyncio.subprocess.Process:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in printed["files"].items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return await asyncio.create_subprocess_exec(
        *command,
        cwd=folder,
        env={"PATH": PATH, "HOME": str(folder), "LANG": "C.UTF-8", **printed["environment"]},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
    )


async def _ended(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
