"""What is printed for a client of Node.js, laid out in a folder and run there with its environment and nothing else."""

import asyncio
import os
import shlex
import signal
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from app.connections.clients.context import CA_FILE, ConnectionContext, Rendered
from app.connections.clients.registry import RENDER, Client
from app.connections.clients.variables import environment

HERE = Path(__file__).parent
SECONDS = 120.0
_OWN_PACKAGES = {Client.PRISMA_6: HERE / "prisma6"}
# `prisma generate` would download an engine that it does not use, unless it is told of one.
_NO_ENGINE = {"PRISMA_SCHEMA_ENGINE_BINARY": "/bin/true", "CHECKPOINT_DISABLE": "1", "NO_UPDATE_NOTIFIER": "1"}


@dataclass(frozen=True)
class Programme:
    folder: Path
    variables: Mapping[str, str]
    commands: list[list[str]]

    async def run(self, *command: str) -> tuple[int | None, str]:
        """The exit code, and all that was printed."""
        process = await self._start(*command)
        try:
            async with asyncio.timeout(SECONDS):
                printed, _ = await process.communicate()
        finally:
            await _ended(process)
        return process.returncode, printed.decode()

    async def prepare(self) -> None:
        for command in self.commands[:-1]:
            code, printed = await self.run(*command)
            assert code == 0, printed

    @asynccontextmanager
    async def serving(self) -> AsyncIterator["Serving"]:
        process = await self._start(*self.commands[-1])
        serving = Serving(process)
        try:
            await serving.wait_until_listening()
            yield serving
        finally:
            await _ended(process)

    async def _start(self, *command: str) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            *command,
            cwd=self.folder,
            env=dict(self.variables),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
        )


def laid_out(client: Client, context: ConnectionContext, folder: Path) -> Programme:
    rendered: Rendered = RENDER[client](context)
    folder.mkdir()
    for name, text in rendered.files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    (folder / CA_FILE).write_text(context.ca_pem or "")
    (folder / "package.json").write_text('{"private": true, "type": "module"}')
    packages = folder / "node_modules"
    packages.mkdir()
    # Those of the client's own version first, which npm has not put beside the others.
    for source in (_OWN_PACKAGES.get(client), HERE):
        if source is not None:
            _link(source / "node_modules", packages)
    variables = {**environment(context), **rendered.environment}
    own = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(folder), "HOST": "127.0.0.1", "PORT": "0"}
    # What npx would find; by itself it would ask the registry for its own news first.
    run = rendered.run.replace("npx ", "node node_modules/.bin/")
    commands = [shlex.split(command) for command in run.split(" && ")]
    return Programme(folder, {**own, **_NO_ENGINE, **variables}, commands)


def _link(source: Path, packages: Path) -> None:
    for found in source.iterdir():
        if found.name.startswith("@") or found.name == ".bin":
            (packages / found.name).mkdir(exist_ok=True)
            for below in found.iterdir():
                _link_one(below, packages / found.name / below.name)
        else:
            _link_one(found, packages / found.name)


def _link_one(source: Path, link: Path) -> None:
    if not link.is_symlink():
        link.symlink_to(source)


@dataclass
class Serving:
    process: asyncio.subprocess.Process
    said: str = ""
    port: int = 0

    async def wait_until_listening(self) -> None:
        assert self.process.stdout is not None
        async with asyncio.timeout(SECONDS):
            while not self.port:
                line = (await self.process.stdout.readline()).decode()
                assert line, f"it ended with {await self.process.wait()} and said:\n{self.said}"
                self.said += line
                if line.startswith("listening on "):
                    self.port = int(line.split()[-1])

    async def wait_until_it_answers(self) -> None:
        """One answer may still be that the database does not."""
        async with asyncio.timeout(SECONDS), httpx.AsyncClient() as client:
            while (await client.get(f"http://127.0.0.1:{self.port}/", timeout=SECONDS)).status_code != 200:
                await asyncio.sleep(0.05)

    async def terminate(self) -> tuple[int | None, str]:
        """The exit code, and all that was printed."""
        self.process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(SECONDS):
            rest, _ = await self.process.communicate()
        return self.process.returncode, self.said + rest.decode()


async def _ended(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
