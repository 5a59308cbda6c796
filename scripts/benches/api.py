"""How many `GET /v1/databases/{id}` a second the service answers, beside two bare FastAPI routes (baselines/api.py).

Ours is `pgmanager serve` as users run it, with keys, scopes, metrics and its line per request in a file; only the
worker is off, so that nothing else runs in the process. Each side is one process of uvicorn with uvloop and httptools
at the log level `info`, over one PostgreSQL and one row, loaded by wrk with one thread. The two write no access log, so
what ours costs counts against us.

The server must use 90 % of a core while it is loaded, or the run does not count: then something else was the limit. The
two others that work meanwhile, wrk and PostgreSQL, share what is left of the machine, so it needs two idle cores. The
microseconds of processor time per request say the same with less noise.
"""

import argparse
import asyncio
import base64
import os
import re
import secrets
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import uvloop
from pydantic import SecretStr
from report import ROOT, Bar, Bench, arguments

import app.models  # noqa: F401 (all tables: they refer to each other)
from app.auth.scopes import PRESETS, Preset
from app.auth.service import KeyService
from app.databases.models import Database, DatabaseState, Environment, EnvironmentKind, Project, ProviderName
from app.db import migrate
from app.db.engine import create_engine, create_sessions
from app.http import HttpError, http_client
from app.kit.clock import utc_now
from app.kit.ids import encode_id
from app.kit.redaction import redact
from app.kit.sealing import KeyRing
from app.logging import configure_logging
from app.postgres.cluster import Cluster, ClusterSpec, free_port
from app.postgres.connect import TlsMode
from app.postgres.process import ChildProcess, run
from app.postgres.toolchain import Toolchain
from app.settings import LogSettings

BARS = (Bar("ratio_to_bare", 0.7, at_most=False), Bar("ratio_to_asyncpg", 0.2, at_most=False))
BASELINES = Path(__file__).with_name("baselines") / "api.py"
COMMANDS = {
    "ours": ["-c", "from app.cli import main; main()", "serve"],
    "bare": [str(BASELINES), "bare"],
    "asyncpg": [str(BASELINES), "asyncpg"],
}
PORTS = (23000, 23499)  # below those that the kernel hands out
CONNECTIONS = 8
START_SECONDS = 60.0
WARM_UP_SECONDS = 2
LEAST_SHARE_OF_A_CORE = 0.9
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Installation:
    """A control database with one key and one database row, and the settings of whoever serves it."""

    path: str
    key: str
    environment: Mapping[str, str]


@dataclass(frozen=True)
class Side:
    name: str
    url: str
    pid: int


@dataclass(frozen=True)
class Load:
    per_second: float
    share_of_a_core: float


async def main(options: argparse.Namespace) -> int:
    bench = Bench("api", BARS, quick=options.quick)
    seconds = 1 if options.quick else options.seconds
    with _workplace() as directory:
        async with _installed(directory) as installation, AsyncExitStack() as stack:
            sides = [await stack.enter_async_context(_served(side, installation, directory)) for side in COMMANDS]
            script = _script(installation, directory)
            for side in sides:
                await _load(side, script, WARM_UP_SECONDS)
            idle = [
                found for turn in range(options.runs) for found in await _round(bench, sides, turn, script, seconds)
            ]
    bench.metric("ratio_to_bare", bench.median("ours ÷ bare"))
    bench.metric("ratio_to_asyncpg", bench.median("ours ÷ asyncpg"))
    bench.finish(options.json and not idle)
    if idle:
        print(f"\nThe run does not count, a server was not at 90 % of a core: {', '.join(idle)}.", file=sys.stderr)
    return 1 if idle else 0


@contextmanager
def _workplace() -> Iterator[Path]:
    (ROOT / ".data").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="bench-api-", dir=ROOT / ".data") as name:
        directory = Path(name)
        directory.chmod(0o711)  # PostgreSQL runs as another user
        yield directory


async def _round(bench: Bench, sides: list[Side], turn: int, script: Path, seconds: int) -> list[str]:
    """Loads each side once, another one first in each turn; names those that something else slowed down."""
    found = {}
    idle = []
    for side in sides[turn % len(sides) :] + sides[: turn % len(sides)]:
        load = found[side.name] = await _load(side, script, seconds)
        bench.sample(side.name, load.per_second, "requests/s")
        bench.sample(f"{side.name}, processor", 1e6 * load.share_of_a_core / load.per_second, "µs/request")
        if load.share_of_a_core < LEAST_SHARE_OF_A_CORE:
            idle.append(f"{side.name} {load.share_of_a_core:.0%}")
    for baseline in ("bare", "asyncpg"):
        bench.sample(f"ours ÷ {baseline}", found["ours"].per_second / found[baseline].per_second, "")
    return idle


async def _load(side: Side, script: Path, seconds: int) -> Load:
    """Raises RuntimeError when a request failed."""
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "-s", str(script), side.url]
    started, before = time.monotonic(), _processor_seconds(side.pid)
    finished = await run(command, env={"PATH": "/usr/bin:/bin"}, timeout_seconds=seconds + 30)
    used, passed = _processor_seconds(side.pid) - before, time.monotonic() - started
    text = finished.stdout.decode()
    rate = re.search(r"Requests/sec:\s+([\d.]+)", text)
    if finished.returncode or rate is None or "Non-2xx" in text or "Socket errors" in text:
        raise RuntimeError(f"wrk on {side.name}: {text}{finished.stderr_lines}")
    return Load(float(rate[1]), used / passed)


def _processor_seconds(pid: int) -> float:
    """Of all threads, in user and kernel mode."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def _script(installation: Installation, directory: Path) -> Path:
    """What wrk sends. In a file, since a key on a command line can be read by everybody on the machine."""
    script = directory / "request.lua"
    script.touch(mode=0o600)
    script.write_text(f'wrk.headers["Authorization"] = "Bearer {installation.key}"\n')
    return script


@asynccontextmanager
async def _installed(directory: Path) -> AsyncIterator[Installation]:
    password = secrets.token_urlsafe(24)
    # Nothing of it outlives the run, and the measured requests write nothing.
    spec = ClusterSpec(directory / "control", free_port(*PORTS), "pgmanager", SecretStr(password), fsync=False)
    cluster = Cluster(spec, (await Toolchain.discover()).server(None), attached=True)
    await cluster.create()
    await cluster.start()
    try:
        environment = {
            "PATH": "/usr/bin:/bin",
            "PYTHONPATH": str(ROOT),
            "PGM_DATABASE_URL": f"postgresql://{spec.superuser}:{password}@127.0.0.1:{spec.port}/postgres",
            "PGM_SECRET_KEYS": f"bench:{KeyRing.generate_key()}",
            "PGM_API_KEY_PEPPER": KeyRing.generate_key(),
            "PGM_DATA_DIR": str(directory / "data"),
            "PGM_HOST": "127.0.0.1",
            "PGM_WORKER__IN_PROCESS": "false",
        }
        await migrate.upgrade(environment["PGM_DATABASE_URL"])
        yield await _filled(environment)
    finally:
        await cluster.stop()


async def _filled(environment: Mapping[str, str]) -> Installation:
    engine = create_engine(environment["PGM_DATABASE_URL"], application_name="bench", pooled=False)
    try:
        async with create_sessions(engine)() as session, session.begin():
            pepper = base64.b64decode(environment["PGM_API_KEY_PEPPER"])
            _, key = await KeyService(session, pepper, utc_now).issue(
                "bench", PRESETS[Preset.ADMIN], project_ids=None, expires_in=timedelta(days=1), actor="bench"
            )
            project = Project(name="bench", created_by="bench")
            production = Environment(project_id=project.id, name="production", kind=EnvironmentKind.PRODUCTION)
            database = Database(
                project_id=project.id,
                environment_id=production.id,
                name="orders",
                provider=ProviderName.EXTERNAL,
                state=DatabaseState.AVAILABLE,
                server_version="18.1",
                server_major=18,
                host="orders.example.net",
                port=5432,
                default_database="orders",
                username="shop",
                tls_mode=TlsMode.REQUIRE,
                labels={"team": "shop", "tier": "1"},
                created_by="bench",
            )
            for row in (project, production, database):
                session.add(row)
                await session.flush()
    finally:
        await engine.dispose()
    return Installation(f"/v1/databases/{encode_id('db', database.id)}", key.get_secret_value(), environment)


@asynccontextmanager
async def _served(name: str, installation: Installation, directory: Path) -> AsyncIterator[Side]:
    port = free_port(*PORTS)
    environment = {**installation.environment, "PGM_PORT": str(port), "LOG": str(directory / f"{name}.log")}
    # Straight into the file: were we to copy the lines, that would be a load on the machine.
    command = ["/bin/sh", "-c", 'exec "$@" >>"$LOG" 2>&1', name, sys.executable, *COMMANDS[name]]
    async with (
        ChildProcess.started(command, env=environment) as child,
        http_client(f"http://127.0.0.1:{port}", headers={"Authorization": f"Bearer {installation.key}"}) as client,
    ):
        deadline = time.monotonic() + START_SECONDS
        while child.returncode is None and time.monotonic() < deadline:
            with suppress(HttpError):
                response = await client.get(installation.path)
                if response.is_success and response.json()["name"] == "orders":
                    yield Side(name, f"http://127.0.0.1:{port}{installation.path}", child.pid)
                    return
            await asyncio.sleep(0.1)
        raise RuntimeError(f"{name} does not answer: {(directory / f'{name}.log').read_text()[-2000:]}")


if __name__ == "__main__":
    parser = arguments("api")
    parser.add_argument("--seconds", type=int, default=5, help="length of one run of one side (default 5)")
    configure_logging(LogSettings(level="warning"), redact)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        sys.exit(runner.run(main(parser.parse_args())))
