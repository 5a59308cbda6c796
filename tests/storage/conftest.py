from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from app.embedded.object_store import ObjectStoreServer
from app.storage.s3 import S3Location, S3Stores
from app.storage.store import ObjectStore
from tests.object_store import HASTY, object_store_server, s3_location
from tests.storage.fault_proxy import FaultProxy

__all__ = ["object_store_server", "s3_location"]


@pytest.fixture
async def stores() -> AsyncIterator[S3Stores]:
    async with S3Stores(allow_insecure=True, allow_private=True, patience=HASTY) as stores:
        yield stores


@pytest.fixture
async def store(stores: S3Stores, s3_location: S3Location) -> ObjectStore:
    return await stores.open(s3_location)


@pytest.fixture
async def proxy(object_store_server: ObjectStoreServer) -> AsyncIterator[FaultProxy]:
    async with FaultProxy.started(object_store_server.endpoint_url) as proxy:
        yield proxy


@pytest.fixture
async def shaky_store(stores: S3Stores, s3_location: S3Location, proxy: FaultProxy) -> ObjectStore:
    """The same objects as ``store``, reached through ``proxy``."""
    return await stores.open(replace(s3_location, endpoint_url=proxy.url))
