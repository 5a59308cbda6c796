from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from app.kit.ids import encode_id
from app.settings import Settings, StorageSettings
from app.storage.s3 import S3Location
from tests.control import make_settings
from tests.databases.records import create_project
from tests.object_store import object_store_server, s3_location

__all__ = ["object_store_server", "s3_location"]

Creator = Callable[..., Awaitable[httpx.Response]]


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    storage = StorageSettings(allow_private_endpoints=True, allow_insecure_endpoints=True)
    return make_settings(database_url, tmp_path / "data", storage=storage)


@pytest.fixture
async def project_id(client: httpx.AsyncClient, as_admin: dict[str, str]) -> UUID:
    return await create_project(client, as_admin)


@pytest.fixture
def wish(project_id: UUID, s3_location: S3Location) -> dict[str, Any]:
    """The body that makes a location in a prefix of this test's own."""
    return {
        "project_id": encode_id("prj", project_id),
        "name": "copies",
        "endpoint_url": s3_location.endpoint_url,
        "bucket": s3_location.bucket,
        "prefix": s3_location.prefix,
        "region": s3_location.region,
        "addressing": "path",
        "access_key_id": s3_location.access_key_id,
        "secret_access_key": s3_location.secret_access_key.get_secret_value(),
        "allow_insecure": True,
    }


@pytest.fixture
def create(client: httpx.AsyncClient, as_admin: dict[str, str], wish: dict[str, Any]) -> Creator:
    async def create(**changes: Any) -> httpx.Response:
        return await client.post("/v1/locations", json=wish | changes, headers=as_admin)

    return create
