"""What the world is made from: its control database, its settings, a key, and the way to end what outlives the service."""

import os
import secrets
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import httpx
from pydantic import SecretStr
from sqlmodel import col, select

from app.auth.scopes import PRESETS, Preset
from app.auth.service import KeyService
from app.databases.models import Database, DatabaseState
from app.databases.spec import spec_of
from app.db.engine import Sessions
from app.kit.clock import utc_now
from app.kit.sealing import KeyRing
from app.postgres.cluster import Cluster, ClusterSpec, free_port
from app.postgres.connect import Target
from app.postgres.toolchain import Toolchain
from app.providers.local import host_id
from app.runtime import local_provider
from app.settings import Settings
from tests.control import bearer

APPLICATION: Final = "world"
CONTROL_PORTS: Final = (28000, 28499)
CALL_SECONDS: Final = 30.0


@asynccontextmanager
async def control_server(directory: Path, toolchain: Toolchain) -> AsyncIterator[Cluster]:
    spec = ClusterSpec(
        directory=directory,
        port=free_port(*CONTROL_PORTS),
        superuser="pgmanager",
        password=SecretStr(secrets.token_urlsafe(24)),
        # It is killed on purpose, and what was committed must be there afterwards.
        settings={"max_connections": "150", "shared_buffers": "32MB", "synchronous_commit": "on"},
        fsync=False,
    )
    cluster = Cluster(spec, toolchain.server(15), attached=True)
    await cluster.create()
    try:
        await cluster.start()
        yield cluster
    finally:
        await cluster.stop("immediate")


def environment_of(settings: Settings) -> dict[str, str]:
    """The settings as the service reads them."""
    return {
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "PYTHONPATH": os.pathsep.join(dict.fromkeys([str(Path(__file__).parents[2]), *filter(None, sys.path)])),
        "PGM_DATABASE_URL": settings.database_url.get_secret_value(),
        "PGM_SECRET_KEYS": settings.secret_keys.get_secret_value(),
        "PGM_API_KEY_PEPPER": settings.api_key_pepper.get_secret_value(),
        "PGM_DATA_DIR": str(settings.data_dir),
        "PGM_HOST": "127.0.0.1",
        "PGM_WORKER__IN_PROCESS": "false",
        "PGM_BACKUP__PART_BYTES": str(5 * 1024 * 1024),
        "PGM_STORAGE__ALLOW_PRIVATE_ENDPOINTS": "true",
        "PGM_STORAGE__ALLOW_INSECURE_ENDPOINTS": "true",
        "PGM_LOCAL__FIRST_PORT": str(settings.local.first_port),
        "PGM_LOCAL__LAST_PORT": str(settings.local.last_port),
        "PGM_LOG__LEVEL": "info",
    }


def client_of(url: str, key: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=url, headers=bearer(key), timeout=CALL_SECONDS, trust_env=False)


async def make_admin_key(settings: Settings, sessions: Sessions) -> str:
    async with sessions() as session, session.begin():
        service = KeyService(session, settings.pepper(), utc_now)
        _, secret = await service.issue(
            APPLICATION, PRESETS[Preset.ADMIN], project_ids=None, expires_in=None, actor=APPLICATION
        )
    return secret.get_secret_value()


async def stop_databases(settings: Settings, toolchain: Toolchain, sessions: Sessions, control: Cluster) -> None:
    """Local servers outlive the service, as they must in production."""
    await control.start()
    provider = local_provider(settings, toolchain)
    key_ring = KeyRing.parse(settings.secret_keys.get_secret_value())
    async with sessions() as session:
        query = select(Database).where(
            Database.host_id == host_id(settings.data_dir), col(Database.state) != DatabaseState.DELETED
        )
        databases = (await session.exec(query)).all()
    for database in databases:
        if database.provider_data:
            await provider.stop(spec_of(database, key_ring))


def connection_string(target: Target) -> str:
    login = httpx.URL(
        scheme="postgresql",
        username=target.user,
        password=target.password.get_secret_value(),
        host=target.host,
        port=target.port,
        path=f"/{target.database}",
        params={"sslmode": target.tls.value},
    )
    return str(login)
