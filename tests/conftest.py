"""What nearly every test stands on: a control database of its own, the runtime, the application and keys for it."""

import asyncio
import os
import secrets
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from datetime import timedelta
from functools import partial
from pathlib import Path
from uuid import UUID

import httpx
import hypothesis
import pytest
from fastapi import FastAPI

from app.auth.scopes import PRESETS, Preset, Scope
from app.auth.service import KeyService
from app.kit.redaction import redact
from app.logging import configure_logging
from app.main import create_app
from app.postgres.cluster import ClusterSpec
from app.providers import local
from app.runtime import Runtime, open_runtime
from app.settings import LogSettings, Settings
from tests import distribution, planted
from tests.control import ControlServer, KeyFactory, bearer, control_server, make_settings
from tests.initdb import initdb_runs_once
from tests.object_store import only_object_store_server
from tests.planted import look_at_answer, look_at_rows

__all__ = ["only_object_store_server"]


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(planted)
    config.pluginmanager.register(distribution)
    # Chosen here, before the test processes are started, so that all of them make the same choices.
    os.environ.setdefault("PGM_TEST_SEED", str(secrets.randbelow(1 << 31)))
    # A machine with other work is no failure of an example.
    hypothesis.settings.register_profile("untimed", deadline=None)
    hypothesis.settings.load_profile("untimed")


def pytest_report_header() -> str:
    return f"PGM_TEST_SEED={os.environ['PGM_TEST_SEED']}"


@pytest.fixture(scope="session", autouse=True)
def log() -> None:
    configure_logging(LogSettings(level="info"), redact)


@pytest.fixture(scope="session")
def server_directory() -> Iterator[Path]:
    """Short, since it holds sockets, and open to the servers' user, which pytest's own folders are not."""
    with tempfile.TemporaryDirectory(prefix="pgm-") as name:
        path = Path(name)
        path.chmod(0o755)
        yield path


@pytest.fixture(scope="session", autouse=True)
def quick_servers(server_directory: Path) -> Iterator[None]:
    """initdb runs once for each kind of server, and the servers that the product makes need not outlive the machine."""
    with initdb_runs_once(server_directory / "initdb"), pytest.MonkeyPatch.context() as patch:
        patch.setattr(local, "ClusterSpec", partial(ClusterSpec, fsync=False))
        yield


@pytest.fixture(scope="session")
def control(server_directory: Path) -> Iterator[ControlServer]:
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        server = runner.run(stack.enter_async_context(control_server(server_directory / "control")))
        try:
            yield server
        finally:
            runner.run(stack.aclose())


@pytest.fixture
async def database_url(control: ControlServer) -> AsyncIterator[str]:
    async with control.migrated_database(look_at_rows) as url:
        yield url


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return make_settings(database_url, tmp_path / "data")


@pytest.fixture
async def runtime(settings: Settings, control: ControlServer) -> AsyncIterator[Runtime]:
    async with open_runtime(settings, role="serve", toolchain=control.toolchain) as runtime:
        yield runtime


@pytest.fixture
def app(runtime: Runtime) -> FastAPI:
    return create_app(runtime)


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """Sends no key."""
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(
            transport=transport, base_url="http://api", event_hooks={"response": [look_at_answer]}
        ) as client,
    ):
        yield client


@pytest.fixture
def key_factory(runtime: Runtime) -> KeyFactory:
    async def make(*scopes: Scope, projects: list[UUID] | None = None, expires_in_days: int | None = None) -> str:
        expires_in = None if expires_in_days is None else timedelta(days=expires_in_days)
        async with runtime.sessions() as session, session.begin():
            service = KeyService(session, runtime.pepper, runtime.clock)
            _, secret = await service.issue("test", scopes, project_ids=projects, expires_in=expires_in, actor="test")
        return secret.get_secret_value()

    return make


@pytest.fixture
async def admin_key(key_factory: KeyFactory) -> str:
    return await key_factory(*PRESETS[Preset.ADMIN])


@pytest.fixture
def as_admin(admin_key: str) -> dict[str, str]:
    """The headers of a request that may do everything."""
    return bearer(admin_key)
