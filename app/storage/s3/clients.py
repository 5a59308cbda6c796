"""Clients of S3 endpoints: made once for each set of credentials, guarded, with nothing from the environment."""

import asyncio
import logging
import os
import re
from contextlib import (
    AbstractAsyncContextManager,
    AsyncExitStack,
)
from dataclasses import dataclass, field, replace
from functools import cache
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Literal, Self

import aiohttp
from aioboto3.session import Session
from aiobotocore.config import AioConfig
from aiobotocore.httpsession import AIOHTTPSession
from aiobotocore.session import AioSession
from botocore.configprovider import BOTOCORE_DEFAUT_SESSION_VARIABLES, ConfigValueStore, ConstantProvider
from pydantic import SecretStr

from app.storage.endpoint import PublicResolver, check_endpoint, redirects_refused
from app.storage.errors import (
    Place,
    RequestRefused,
)
from app.storage.limits import Limit, Limits
from app.storage.retries import PATIENT, Patience
from app.storage.s3.objects import Manner, S3Store
from app.storage.s3.parts import translated
from app.storage.store import ObjectStore

if TYPE_CHECKING:
    from types_aiobotocore_s3 import S3Client

CONNECT_SECONDS: Final = 10
CONNECTIONS: Final = 64  # of one location: several uploads and readers at a time, four or more parts each
_BUCKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9]")  # also keeps out ARNs, which name other hosts

AddressingStyle = Literal["auto", "path", "virtual"]


@dataclass(frozen=True, slots=True, kw_only=True)
class S3Location:
    endpoint_url: str
    bucket: str
    region: str = "auto"
    addressing_style: AddressingStyle = "auto"
    access_key_id: str
    secret_access_key: SecretStr
    prefix: str = ""
    manner: Manner = field(default_factory=Manner)
    upload_bytes_per_second: int | None = None


class S3Stores:
    """Opens stores; keeps one client for each set of endpoint, bucket and credentials until it is left itself.

    ``limit`` is of the whole process: uploads are under it by themselves, readers of whole objects pay on their own.
    """

    def __init__(
        self,
        *,
        allow_insecure: bool = False,
        allow_private: bool = False,
        patience: Patience = PATIENT,
        bytes_per_second: int | None = None,
    ) -> None:
        self.limit = Limit(bytes_per_second)
        self._limits: dict[tuple[str, str, str], Limit] = {}
        self._allow_insecure = allow_insecure
        self._allow_private = allow_private
        self._patience = patience
        self._stack = AsyncExitStack()
        self._opening = asyncio.Lock()
        self._clients: dict[S3Location, S3Client] = {}
        self._session = _session_of_nobody()

    async def __aenter__(self) -> Self:
        for name in ("boto3", "botocore", "aiobotocore"):
            logging.getLogger(name).setLevel(logging.WARNING)  # below it they log signatures and bodies
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._clients.clear()
        await self._stack.aclose()

    async def open(self, location: S3Location) -> ObjectStore:
        """Makes no call. Raises EndpointForbidden, and RequestRefused when the bucket's name is impossible."""
        host, client = await self._client(location)
        place = (location.endpoint_url, location.bucket, location.prefix)
        limit = self._limits.setdefault(place, Limit(None))
        limit.set(location.upload_bytes_per_second)
        return S3Store(
            client,
            Place(host, location.bucket),
            prefix=location.prefix.strip("/"),
            patience=self._patience,
            manner=location.manner,
            limits=Limits(self.limit, limit),
        )

    async def create_bucket(self, location: S3Location, *, object_lock: bool = False) -> None:
        """Fine when it is ours already. A lock can be had from the beginning only, and makes the bucket keep versions."""
        host, client = await self._client(location)
        wanted: dict[str, Any] = {"ObjectLockEnabledForBucket": True} if object_lock else {}
        with translated(Place(host, location.bucket)):
            try:
                async with asyncio.timeout(self._patience.call_seconds):
                    await client.create_bucket(Bucket=location.bucket, **wanted)
            except client.exceptions.BucketAlreadyOwnedByYou:
                return

    async def _client(self, location: S3Location) -> tuple[str, "S3Client"]:
        host = check_endpoint(
            location.endpoint_url, allow_insecure=self._allow_insecure, allow_private=self._allow_private
        )
        if not _BUCKET.fullmatch(location.bucket):
            raise RequestRefused(f"{location.bucket!r} cannot be the name of a bucket.", bucket=location.bucket)
        owner = replace(location, prefix="", manner=Manner(), upload_bytes_per_second=None)
        async with self._opening:
            if owner not in self._clients:
                self._clients[owner] = await self._stack.enter_async_context(self._connected(owner))
        return host, self._clients[owner]

    def _connected(self, location: S3Location) -> AbstractAsyncContextManager["S3Client"]:
        config = AioConfig(
            connector_args=None if self._allow_private else {"resolver": PublicResolver()},
            http_session_cls=_GuardedSession,
            signature_version="s3v4",
            # Trailing checksums, the default, are refused by some stores. Parts carry SHA-256 as a plain header, which
            # the signature covers, so that the body need not be hashed once more to be signed.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
            s3={"addressing_style": location.addressing_style, "payload_signing_enabled": False},
            retries={"total_max_attempts": 1, "mode": "standard"},  # Retries does it
            max_pool_connections=CONNECTIONS,
            connect_timeout=CONNECT_SECONDS,
            read_timeout=self._patience.stall_seconds,
            tcp_keepalive=True,
            user_agent="railway-postgres-manager",
            proxies={},  # one from the environment would connect to what the guard refuses
        )
        client: AbstractAsyncContextManager[S3Client] = self._session.client(
            "s3",
            endpoint_url=location.endpoint_url,
            region_name=location.region,
            aws_access_key_id=location.access_key_id,
            aws_secret_access_key=location.secret_access_key.get_secret_value(),
            config=config,
        )
        return client


class _GuardedSession(AIOHTTPSession):
    """Follows no redirect, which could lead past the address guard; repeats nothing, and asks nothing before a body.

    A silent repetition would make a conditional write fail because of itself. Asking (``Expect: 100-continue``) would
    wait for ever behind proxies that do not know it.
    """

    async def _get_session(self, proxy_url: str | None) -> aiohttp.ClientSession:
        session: aiohttp.ClientSession = await super()._get_session(proxy_url)  # type: ignore[misc]  # not in its stub
        if not session.trace_configs:
            session.trace_configs.append(redirects_refused())
            session._retry_connection = False  # noqa: SLF001 (no public way; a test counts the requests)
        return session

    async def send(self, request: Any) -> Any:
        request.headers.pop("Expect", None)
        return await super().send(request)


@cache
def _session_of_nobody() -> Session:
    """No variable, file, profile or metadata service of this machine may add to what the location says.

    Made once, since reading the description of the service takes a tenth of a second.
    """
    settings = {name: default for name, (_, _, default, _) in BOTOCORE_DEFAUT_SESSION_VARIABLES.items()}
    settings |= {"config_file": os.devnull, "credentials_file": os.devnull}
    session = AioSession()
    store = ConfigValueStore(mapping={name: ConstantProvider(value) for name, value in settings.items()})
    session.register_component("config_store", store)
    return Session(botocore_session=session)
