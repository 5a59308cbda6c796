"""The client programs of every major that a test machine has, and throw-away servers to point them at."""

import asyncio
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random

from app.postgres.toolchain import Installation, Toolchain

ROOT = Path(__file__).parents[3]


@dataclass(frozen=True)
class Client:
    installation: Installation

    def run(self, program: str, *arguments: str, server: "Server", stdin: bytes = b"") -> bytes:
        command = [*self.installation.command(program), *arguments]
        done = subprocess.run(command, input=stdin, capture_output=True, env=server.environment, check=False)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout

    def stream(self, *arguments: str, server: "Server", random: Random, most: int) -> Iterator[bytes]:
        """What ``pg_dump -Fc`` writes into a pipe, in pieces of 1 to ``most`` bytes."""
        command = [*self.installation.command("pg_dump"), "-Fc", *arguments]
        with subprocess.Popen(command, stdout=subprocess.PIPE, env=server.environment) as dump:
            assert dump.stdout is not None
            while chunk := dump.stdout.read(random.randint(1, most)):
                yield chunk
        assert dump.returncode == 0


@dataclass(frozen=True)
class Server:
    """Listens on a socket in its own folder only."""

    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        return {"PGHOST": str(self.folder), "PGUSER": "postgres", "PATH": os.environ["PATH"], "LC_MESSAGES": "C"}

    def query(self, sql: str, *, database: str = "postgres") -> list[str]:
        arguments = ("-XqAt", "-v", "ON_ERROR_STOP=1", "-d", database, "-f", "-")
        return client(15).run("psql", *arguments, server=self, stdin=sql.encode()).decode().splitlines()


@cache
def client(major: int) -> Client:
    """Of several builds of a major the one that can do most."""
    subprocess.run([ROOT / "scripts" / "trixie"], check=True)
    toolchain = asyncio.run(Toolchain.discover(debian_root=ROOT / ".cache" / "trixie"))
    found = [installation for installation in toolchain.installations if installation.major == major]
    return Client(max(found, key=lambda installation: len(installation.abilities)))


@contextmanager
def running_server(major: int) -> Iterator[Server]:
    """Not under pytest's own folder, which the servers' user may not enter when the tests run as root."""
    folder = Path(tempfile.mkdtemp(prefix="pgm-archive-"))
    as_servers_user = ["setpriv", "--pdeathsig", "KILL"]
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
        as_servers_user += ["--reuid", "postgres", "--regid", "postgres", "--clear-groups"]
    data = ["-D", str(folder / "data")]
    programs = client(major).installation
    initdb = [*programs.command("initdb"), *data, "-U", "postgres", "-A", "trust", "-N", "-E", "UTF8", "--locale", "C"]
    postgres = [*programs.command("postgres"), *data, "-k", str(folder), "-c", "listen_addresses=", "-F"]
    try:
        subprocess.run([*as_servers_user, *initdb], check=True, stdout=subprocess.DEVNULL, cwd="/")
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen([*as_servers_user, *postgres], stdout=log, stderr=log, cwd="/")
        try:
            await_ready(process, folder)
            yield Server(folder)
        finally:
            process.send_signal(signal.SIGQUIT)
            process.wait(timeout=30)
    finally:
        shutil.rmtree(folder)


def await_ready(process: subprocess.Popen[bytes], folder: Path) -> None:
    deadline = time.monotonic() + 60
    while subprocess.run(
        [*client(15).installation.command("pg_isready"), "-q", "-h", str(folder)], check=False
    ).returncode:
        assert process.poll() is None, (folder / "log").read_text()
        assert time.monotonic() < deadline, (folder / "log").read_text()
        time.sleep(0.05)
