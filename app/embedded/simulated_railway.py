"""The simulated Railway of our tests as a process beside an installation, for those who have no account there."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from app.embedded.errors import ComponentFailed, ComponentMissing
from app.postgres.process import PIPE, ChildProcess
from app.postgres.toolchain import Ability, Toolchain

ROOT: Final = Path(__file__).resolve().parents[2]
MODULE: Final = "tests.railway_simulator"
START_SECONDS: Final = 120.0


@dataclass(frozen=True, slots=True)
class SimulatedRailway:
    """What the process says of itself. ``tokens`` by kind; ``control`` is for tests and judges, never for the service."""

    endpoint: str
    control: str
    tokens: Mapping[str, str]
    workspace_id: str
    project_id: str
    environment_id: str

    def connection(self, project_id: str) -> dict[str, Any]:
        """What registers this platform with the service, in a project of ours."""
        return {
            "project_id": project_id,
            "name": "simulator",
            "kind": "workspace",
            "token": self.tokens["workspace"],
        }

    def database(self, project_id: str, connection_id: str, name: str) -> dict[str, Any]:
        """What creates a database there that can be reached from outside."""
        return {
            "provider": "railway",
            "project_id": project_id,
            "connection_id": connection_id,
            "railway_project_id": self.project_id,
            "railway_environment_id": self.environment_id,
            "name": name,
            "public_access": True,
        }


async def majors() -> list[int]:
    """Whose servers it can run: those of this machine that speak TLS. A database of any other does not come up."""
    fitting = {Ability.SERVER, Ability.TLS}
    return sorted({one.major for one in (await Toolchain.discover()).installations if one.abilities >= fitting})


@asynccontextmanager
async def simulated_railway(directory: Path) -> AsyncIterator[SimulatedRailway]:
    """A platform that knows nothing of an earlier one, with its databases in ``directory``; ended with all of them.

    Raises ComponentMissing outside a checkout, ComponentFailed when it does not start.
    """
    if not (ROOT.joinpath(*MODULE.split(".")) / "__main__.py").is_file():
        raise ComponentMissing(
            "The simulated Railway is part of the source code and not of the installed package: use a checkout of it."
        )
    path = os.pathsep.join([str(ROOT), *(folder for folder in sys.path if folder)])
    async with ChildProcess.started(
        [sys.executable, "-m", MODULE, "--directory", str(directory)],
        env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "PYTHONPATH": path},
        stdout=PIPE,
    ) as child:
        yield SimulatedRailway(**json.loads(await _ready_line(child)))


async def _ready_line(child: ChildProcess) -> bytes:
    said = b""
    try:
        async with asyncio.timeout(START_SECONDS):
            while not said.endswith(b"\n"):
                chunk = await child.read(4096)
                if not chunk:
                    code = await child.wait()
                    raise ComponentFailed(f"The simulated Railway ended with {code}: {_last_words(child)}")
                said += chunk
    except TimeoutError:
        raise ComponentFailed(
            f"The simulated Railway was not ready after {START_SECONDS:.0f} s: {_last_words(child)}"
        ) from None
    return said


def _last_words(child: ChildProcess) -> str:
    return "\n".join(child.stderr_lines[-30:]) or "it said nothing"
