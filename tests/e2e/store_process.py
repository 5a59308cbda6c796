"""The object store as a process that may be killed, and is started again over what it had."""

import os
import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from app.embedded.object_store import ObjectStoreServer
from app.storage.s3 import S3Location


@dataclass
class StoreProcess:
    """An ObjectStoreServer at one address for good."""

    _stack: AsyncExitStack
    _directory: Path
    access_key: str
    secret_key: SecretStr
    _buckets: Sequence[str]
    _server: ObjectStoreServer

    @classmethod
    @asynccontextmanager
    async def started(
        cls, directory: Path, *, access_key: str, secret_key: SecretStr, buckets: Sequence[str]
    ) -> AsyncIterator["StoreProcess"]:
        async with AsyncExitStack() as stack:
            server = await stack.enter_async_context(
                ObjectStoreServer.started(directory, access_key=access_key, secret_key=secret_key, buckets=buckets)
            )
            yield cls(stack, directory, access_key, secret_key, buckets, server)

    @property
    def pid(self) -> int:
        return self._server.pid

    @property
    def endpoint_url(self) -> str:
        return self._server.endpoint_url

    def location(self, bucket: str, *, prefix: str = "") -> S3Location:
        return self._server.location(bucket, prefix=prefix)

    async def kill(self) -> None:
        """SIGKILL, and a new one at the same address as soon as it can be."""
        address = self._server.endpoint_url
        with suppress(ProcessLookupError):
            os.kill(self._server.pid, signal.SIGKILL)
        await self._stack.aclose()
        self._server = await self._stack.enter_async_context(
            ObjectStoreServer.started(
                self._directory, access_key=self.access_key, secret_key=self.secret_key, buckets=self._buckets
            )
        )
        assert self._server.endpoint_url == address, "somebody took the port of the killed store"
