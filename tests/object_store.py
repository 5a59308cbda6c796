"""A real S3 server for tests: one per test process, each test in a prefix of its own."""

import asyncio
import tempfile
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from uuid import uuid4

import pytest
from pydantic import SecretStr

from app.embedded.object_store import ObjectStoreServer
from app.storage.retries import Patience, Retries
from app.storage.s3 import S3Location

BUCKET = "backups"
LOCKED_BUCKET = "locked"  # made by those who need it
HASTY = Patience(
    parts=Retries(attempts=7, base_seconds=0.01, cap_seconds=0.05),
    calls=Retries(attempts=4, base_seconds=0.01, cap_seconds=0.05),
    call_seconds=10,
    stall_seconds=10,
)


@pytest.fixture(scope="session")
def only_object_store_server() -> Iterator[ObjectStoreServer]:
    """Known to all tests; the fixtures below are of those who import them, and would be a server for each folder."""
    with tempfile.TemporaryDirectory(prefix="pgm-s3-") as name, asyncio.Runner() as runner:
        stack = AsyncExitStack()
        started = ObjectStoreServer.started(
            Path(name), access_key="tests", secret_key=SecretStr("a secret of the tests"), buckets=[BUCKET]
        )
        server = runner.run(stack.enter_async_context(started))
        try:
            yield server
        finally:
            runner.run(stack.aclose())


@pytest.fixture(scope="session")
def object_store_server(only_object_store_server: ObjectStoreServer) -> ObjectStoreServer:
    return only_object_store_server


@pytest.fixture
def s3_location(object_store_server: ObjectStoreServer) -> S3Location:
    return object_store_server.location(BUCKET, prefix=uuid4().hex)
