"""A shop with backups in a bucket, and a second installation that knows nothing of them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from app.catalogue.schemas import Place
from app.locations.models import Addressing
from app.main import create_app
from app.runtime import Runtime, open_runtime
from app.storage.s3 import S3Location
from tests.backups.conftest import Shop, fresh, project_id, shop
from tests.control import ControlServer, make_settings
from tests.object_store import object_store_server, s3_location
from tests.postgres.conftest import cluster, debian, target, toolchain
from tests.restores.conftest import settings, way, worker

__all__ = [
    "cluster",
    "debian",
    "fresh",
    "object_store_server",
    "project_id",
    "s3_location",
    "settings",
    "shop",
    "target",
    "toolchain",
    "way",
    "worker",
]


@dataclass(frozen=True)
class Successor:
    """An installation with an empty control database, and keys of its own for what it seals."""

    runtime: Runtime
    client: httpx.AsyncClient


@asynccontextmanager
async def successor_of(shop: Shop, control: ControlServer, directory: Path) -> AsyncIterator[Successor]:
    settings = shop.runtime.settings
    async with control.database() as url:
        own = make_settings(url, directory, storage=settings.storage, backup=settings.backup, restore=settings.restore)
        async with open_runtime(own, role="serve", toolchain=control.toolchain) as runtime:
            app = create_app(runtime)
            async with (
                app.router.lifespan_context(app),
                httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://successor") as client,
            ):
                yield Successor(runtime, client)


@pytest.fixture
async def successor(shop: Shop, control: ControlServer, server_directory: Path) -> AsyncIterator[Successor]:
    async with successor_of(shop, control, server_directory / f"next-{shop.project_id.hex[-6:]}") as found:
        yield found


def place_of(at: S3Location, prefix: str) -> Place:
    return Place(
        endpoint_url=at.endpoint_url,
        bucket=at.bucket,
        prefix=prefix,
        region=at.region,
        addressing=Addressing.PATH,
        access_key_id=at.access_key_id,
        secret_access_key=at.secret_access_key,
        allow_insecure=True,
    )


@pytest.fixture
def place(s3_location: S3Location) -> Place:
    return place_of(s3_location, s3_location.prefix)
