"""A whole installation on one machine: control database, object store, API and worker, on loopback, ended together."""

import asyncio
import fcntl
import json
import os
import secrets
import shutil
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import structlog
from pydantic import SecretStr
from sqlmodel import col, select

from app.auth.scopes import PRESETS, Preset
from app.auth.service import KeyService
from app.databases.models import Database, DatabaseState
from app.databases.spec import spec_of
from app.db import migrate
from app.db.engine import Sessions, create_engine, create_sessions
from app.embedded.errors import ComponentFailed
from app.embedded.object_store import ObjectStoreServer
from app.embedded.provider import StackProvider
from app.embedded.simulated_railway import SimulatedRailway, simulated_railway
from app.http import HttpError, http_client
from app.kit.clock import utc_now
from app.kit.sealing import KeyRing
from app.postgres.cluster import Cluster, ClusterSpec, free_port
from app.postgres.process import ChildProcess
from app.postgres.toolchain import Toolchain
from app.providers.local import host_id
from app.runtime import local_provider
from app.settings import LocalSettings, LogSettings, Settings, StorageSettings, WorkerSettings

log = structlog.get_logger()

BUCKET = "backups"
CONTROL_PORTS = (25000, 25499)
API_PORTS = (25500, 25999)
START_SECONDS = 180.0  # 5 s, most of them for imports; longer where others use the processors
STOP_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Stack:
    base_url: str
    admin_key: SecretStr
    store: ObjectStoreServer
    log_file: Path
    settings: Settings
    railway: SimulatedRailway | None


@dataclass(frozen=True, slots=True)
class _Secrets:
    """Made on the first start and kept, so that what was sealed then still opens."""

    control_password: str
    sealing_keys: str
    pepper: str
    store_access_key: str
    store_secret_key: str

    @classmethod
    def of(cls, path: Path) -> "_Secrets":
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            made = {
                "control_password": secrets.token_urlsafe(24),
                "sealing_keys": f"embedded:{KeyRing.generate_key()}",
                "pepper": KeyRing.generate_key(),
                "store_access_key": secrets.token_hex(10),
                "store_secret_key": secrets.token_urlsafe(30),
            }
            path.touch(mode=0o600)
            path.write_text(json.dumps(made))
        return cls(**json.loads(path.read_text()))


@asynccontextmanager
async def embedded_stack(
    directory: Path,
    *,
    port: int | None = None,
    with_worker: bool = True,
    fresh: bool = False,
    provider: StackProvider = StackProvider.LOCAL,
) -> AsyncIterator[Stack]:
    """Starts everything over the data in ``directory`` (absolute) and ends it all, local databases included.

    ``fresh`` removes what an earlier stack left there; a simulated Railway is new each time. Without a worker in the
    service, jobs wait for one that the caller starts with ``worker_beside``. Raises ComponentMissing, ComponentFailed (also while another stack runs over the
    directory), or what a cluster that does not start raises.
    """
    with _alone(directory):
        if fresh:
            await asyncio.to_thread(shutil.rmtree, directory, ignore_errors=True)
        async with _stack(directory, port, provider, with_worker=with_worker) as stack:
            yield stack


@contextmanager
def _alone(directory: Path) -> Iterator[None]:
    """A second stack would stop the servers of the first. The lock lies beside what may be removed, and ends with us."""
    directory.parent.mkdir(parents=True, exist_ok=True)
    with directory.with_name(f"{directory.name}.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ComponentFailed(
                f"Another stack runs over {directory}: stop it first, or use another folder."
            ) from None
        yield


@asynccontextmanager
async def _stack(
    directory: Path, port: int | None, provider: StackProvider, *, with_worker: bool
) -> AsyncIterator[Stack]:
    kept = await asyncio.to_thread(_Secrets.of, directory / "secrets.json")
    toolchain = await Toolchain.discover(debian_root=_debian_root())
    async with (
        _control_server(directory / "control", kept, toolchain) as control,
        ObjectStoreServer.started(
            directory / "objects",
            access_key=kept.store_access_key,
            secret_key=SecretStr(kept.store_secret_key),
            buckets=[BUCKET],
        ) as store,
        _railway(directory / "railway", provider) as railway,
    ):
        settings = _settings(directory, kept, control, port or free_port(*API_PORTS), with_worker=with_worker)
        if railway:
            settings = settings.model_copy(update={"railway_endpoint": railway.endpoint})
        await migrate.upgrade(settings.database_url.get_secret_value())
        admin_key = await _admin_key(settings)
        log_file = directory / "service.log"
        try:
            async with _service(settings, log_file) as base_url:
                yield Stack(base_url, admin_key, store, log_file, settings, railway)
        finally:
            await _stop_databases(settings, toolchain)


@asynccontextmanager
async def worker_beside(stack: Stack) -> AsyncIterator[int]:
    """A `pgmanager worker` as a process of its own, by its number; jobs wait until it is ready to take them."""
    async with _program("worker", stack.settings, stack.log_file) as child:
        yield child.pid


@asynccontextmanager
async def _railway(directory: Path, provider: StackProvider) -> AsyncIterator[SimulatedRailway | None]:
    if provider is StackProvider.RAILWAY_SIMULATOR:
        await asyncio.to_thread(shutil.rmtree, directory, ignore_errors=True)
        async with simulated_railway(directory) as railway:
            yield railway
    else:
        yield None


@asynccontextmanager
async def _control_server(directory: Path, kept: _Secrets, toolchain: Toolchain) -> AsyncIterator[Cluster]:
    spec = ClusterSpec(
        directory=directory,
        port=free_port(*CONTROL_PORTS),
        superuser="pgmanager",
        password=SecretStr(kept.control_password),
        settings={"max_connections": "60"},
    )
    cluster = Cluster(spec, toolchain.server(_made_with(directory)), attached=True)
    await cluster.create()
    try:
        await cluster.start()
        yield cluster
    finally:
        await cluster.stop()


def _made_with(directory: Path) -> int | None:
    """The major of an existing data directory, which no other can open."""
    version = directory / "data" / "PG_VERSION"
    return int(version.read_text()) if version.exists() else None


def _settings(directory: Path, kept: _Secrets, control: Cluster, port: int, *, with_worker: bool) -> Settings:
    url = f"postgresql://{control.spec.superuser}:{kept.control_password}@127.0.0.1:{control.spec.port}/postgres"
    return Settings.model_validate(
        {
            "database_url": url,
            "secret_keys": kept.sealing_keys,
            "api_key_pepper": kept.pepper,
            "data_dir": directory / "data",
            "host": "127.0.0.1",
            "port": port,
            "storage": StorageSettings(allow_private_endpoints=True, allow_insecure_endpoints=True),
            "log": LogSettings(level="info"),
            "local": LocalSettings(enabled=True),
            "worker": WorkerSettings(in_process=with_worker),
        }
    )


def _environment(settings: Settings) -> dict[str, str]:
    """The service's settings as it reads them; nothing else of our own environment reaches it."""
    return {
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "PGM_DATABASE_URL": settings.database_url.get_secret_value(),
        "PGM_SECRET_KEYS": settings.secret_keys.get_secret_value(),
        "PGM_API_KEY_PEPPER": settings.api_key_pepper.get_secret_value(),
        "PGM_DATA_DIR": str(settings.data_dir),
        "PGM_HOST": str(settings.host),
        "PGM_PORT": str(settings.port),
        "PGM_STORAGE__ALLOW_PRIVATE_ENDPOINTS": "true",
        "PGM_STORAGE__ALLOW_INSECURE_ENDPOINTS": "true",
        "PGM_RAILWAY_ENDPOINT": settings.railway_endpoint,
        "PGM_LOG__LEVEL": settings.log.level,
        "PGM_WORKER__IN_PROCESS": str(settings.worker.in_process),
        **({"PGM_POSTGRES__TRIXIE_ROOT": str(root)} if (root := _debian_root()) else {}),
    }


@asynccontextmanager
async def _service(settings: Settings, log_file: Path) -> AsyncIterator[str]:
    """`pgmanager serve` as its own process, ready to answer. It stops as it would on Railway: by SIGTERM."""
    base_url = f"http://127.0.0.1:{settings.port}"
    async with _program("serve", settings, log_file) as child:
        await _until_ready(base_url, child, log_file)
        yield base_url


@asynccontextmanager
async def _program(name: str, settings: Settings, log_file: Path) -> AsyncIterator[ChildProcess]:
    command = [sys.executable, "-c", "from app.cli import main; main()", name]
    with log_file.open("a", buffering=1) as lines:
        async with ChildProcess.started(
            command,
            env=_environment(settings) | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
            term_grace_seconds=STOP_SECONDS,
            on_stderr_line=lambda line: lines.write(line + "\n"),
        ) as child:
            yield child


async def _until_ready(base_url: str, child: ChildProcess, log_file: Path) -> None:
    loop = asyncio.get_running_loop()
    deadline = loop.time() + START_SECONDS
    async with http_client(base_url, timeout_seconds=5) as client:
        while child.returncode is None and loop.time() < deadline:
            try:
                if (await client.get("/readyz")).is_success:
                    return
            except HttpError:
                pass
            await asyncio.sleep(0.1)
    if child.returncode is None:
        raise ComponentFailed(
            f"The service was not ready after {START_SECONDS:.0f} s; the end of {log_file} may say why."
        )
    raise ComponentFailed(f"The service ended while it started; the end of {log_file} says why.")


async def _admin_key(settings: Settings) -> SecretStr:
    async with _control_sessions(settings) as sessions, sessions() as session, session.begin():
        service = KeyService(session, settings.pepper(), utc_now)
        _, secret = await service.issue(
            "embedded", PRESETS[Preset.ADMIN], project_ids=None, expires_in=None, actor="embedded"
        )
    return secret


async def _stop_databases(settings: Settings, toolchain: Toolchain) -> None:
    """Local databases outlive the service, as they must in production; here they end with the stack."""
    provider = local_provider(settings, toolchain)
    key_ring = KeyRing.parse(settings.secret_keys.get_secret_value())
    async with _control_sessions(settings) as sessions, sessions() as session:
        query = select(Database).where(
            Database.host_id == host_id(settings.data_dir), col(Database.state) != DatabaseState.DELETED
        )
        databases = (await session.exec(query)).all()
    for database in databases:
        if database.provider_data:
            await provider.stop(spec_of(database, key_ring))


@asynccontextmanager
async def _control_sessions(settings: Settings) -> AsyncIterator[Sessions]:
    engine = create_engine(
        settings.database_url.get_secret_value(), application_name="pgmanager-embedded", pooled=False
    )
    try:
        yield create_sessions(engine)
    finally:
        await engine.dispose()


def _debian_root() -> Path | None:
    """Where scripts/trixie puts clients with zstd, when it was run."""
    root = Path(__file__).resolve().parents[2] / ".cache" / "trixie"
    return root if root.exists() else None
