"""One running server per test process, and folders that the server's user can enter."""

import asyncio
import tempfile
import uuid
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from pathlib import Path

import pytest
from pydantic import SecretStr

from app.postgres.cluster import Cluster, ClusterSpec, free_port
from app.postgres.connect import Session, Target
from app.postgres.toolchain import Ability, Installation, Toolchain
from tests.postgres.loops import PatientLoop, PatientUvloop
from tests.sessions import connect

PORTS = (14_000, 20_999)

# Pipes and sockets behave differently enough on production's loop and on Python's own, which a library user may run.
ON_BOTH_LOOPS = ("test_process", "test_connect", "test_connections")


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    factories: dict[str, Callable[[], asyncio.AbstractEventLoop]] = {"uvloop": PatientUvloop}
    if item.path.stem in ON_BOTH_LOOPS:
        factories["asyncio"] = PatientLoop
    return factories


@pytest.fixture(scope="session")
def toolchain() -> Toolchain:
    return asyncio.run(Toolchain.discover())


@pytest.fixture(scope="session")
def debian(toolchain: Toolchain) -> Installation:
    """The build with TLS and contrib."""
    found = [i for i in toolchain.installations if i.abilities >= {Ability.TLS, Ability.CONTRIB, Ability.SERVER}]
    assert found, "no server with TLS and contrib: apt-get install postgresql"
    return found[0]


def reachable_folder() -> tempfile.TemporaryDirectory[str]:
    """pytest's own folders are closed to other users, and as root the servers run under one."""
    folder = tempfile.TemporaryDirectory(prefix="pgm-", ignore_cleanup_errors=True)
    Path(folder.name).chmod(0o711)
    return folder


@pytest.fixture
def folder() -> Iterator[Path]:
    with reachable_folder() as name:
        yield Path(name)


def spec_in(folder: Path, name: str = "server") -> ClusterSpec:
    return ClusterSpec(folder / name, free_port(*PORTS), "postgres", SecretStr("pass: \\word'%"), fsync=False)


@pytest.fixture(scope="session")
def cluster(debian: Installation) -> Iterator[Cluster]:
    """Shared: tests make databases and roles of their own in it and leave the server as it is."""
    with reachable_folder() as name:
        server = Cluster(spec_in(Path(name)), debian, attached=True)
        asyncio.run(_make(server))
        try:
            yield server
        finally:
            asyncio.run(server.destroy())


async def _make(server: Cluster) -> None:
    await server.create()
    await server.start()


@pytest.fixture(scope="session")
def target(cluster: Cluster) -> Target:
    return cluster.target


@pytest.fixture
async def admin(target: Target) -> AsyncIterator[Session]:
    async with connect(target, application_name="test") as session:
        yield session


@pytest.fixture
def unique() -> str:
    return f"t_{uuid.uuid4().hex}"


async def sessions_named(admin: Session, name: str) -> int:
    return int(await admin.fetchval("SELECT count(*) FROM pg_stat_activity WHERE application_name = $1", name))


async def until_sessions(admin: Session, name: str, count: int) -> None:
    async with asyncio.timeout(60):
        while await sessions_named(admin, name) != count:
            await asyncio.sleep(0.02)


async def end_and_use(session: Session, admin: Session) -> None:
    await admin.execute(f"SELECT pg_terminate_backend({await session.fetchval('SELECT pg_backend_pid()')})")
    await session.execute("SELECT 1")


@pytest.fixture
async def made(folder: Path, debian: Installation) -> AsyncIterator[Cluster]:
    """Made, not started; tied to this process, so that a failed test leaves nothing running."""
    server = Cluster(spec_in(folder), debian, attached=True)
    await server.create()
    yield server
    await server.destroy()
