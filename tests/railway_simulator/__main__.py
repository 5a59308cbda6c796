"""The simulated platform as a process: says in one line of JSON where it is, and ends on SIGTERM with all its servers."""

import argparse
import asyncio
import json
import signal
import sys
from pathlib import Path

import structlog

# Each brings its operations with it.
from tests.railway_simulator import catalogue, environments, metrics, snapshots, templates
from tests.railway_simulator.control import PREFIX, Control
from tests.railway_simulator.execution import schema
from tests.railway_simulator.platform import Platform
from tests.railway_simulator.seeding import begin, token
from tests.railway_simulator.server import ENDPOINT, Reply, Request, Server, answered
from tests.railway_simulator.tokens import Kind

MODULES = (catalogue, environments, metrics, snapshots, templates)


async def run(directory: Path, port: int) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    schema()
    async with Platform.opened(directory) as platform:
        beginning = begin(platform)
        control = Control(platform, beginning)

        async def handled(request: Request) -> Reply:
            if request.path == ENDPOINT:
                return await answered(platform, request)
            if request.path.startswith(PREFIX):
                return await control.answered(request)
            return Reply("<html><body>Not Found</body></html>", status=404)

        server = Server(handled)
        bound = await server.open(port)
        tokens = {
            kind: token(
                platform, kind, workspace_id=beginning.workspace.id, environment_id=beginning.environment.id
            ).secret
            for kind in (Kind.ACCOUNT, Kind.WORKSPACE, Kind.PROJECT)
        }
        said = {
            "endpoint": f"http://127.0.0.1:{bound}{ENDPOINT}",
            "control": f"http://127.0.0.1:{bound}{PREFIX.rstrip('/')}",
            "tokens": tokens,
            "workspace_id": beginning.workspace.id,
            "project_id": beginning.project.id,
            "environment_id": beginning.environment.id,
        }
        print(json.dumps(said), flush=True)  # noqa: T201 (this line is what who started us waits for)
        await stop.wait()
        await server.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.railway_simulator", description=__doc__)
    parser.add_argument("--directory", type=Path, required=True, help="for the servers' data; anybody may enter it")
    parser.add_argument("--port", type=int, default=0, help="on 127.0.0.1; a free one by default")
    arguments = parser.parse_args()
    # Standard output is for the one line.
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    asyncio.run(run(arguments.directory, arguments.port))
