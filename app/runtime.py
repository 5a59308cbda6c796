"""What a process has while it runs: built once, closed once. Knows no domain."""

import asyncio
import hmac
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Literal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from app.db.engine import Sessions, create_engine, create_reads, create_sessions
from app.db.listener import Listener
from app.http import JsonClient
from app.kit.clock import Clock, utc_now
from app.kit.pagination import CursorCodec
from app.kit.sealing import KeyRing
from app.postgres.connect import Connections
from app.postgres.toolchain import Toolchain
from app.providers.external import ExternalProvider
from app.providers.local import LocalProvider, host_id
from app.providers.protocol import Provider
from app.providers.railway.clients import RailwayClients
from app.providers.railway.intents import Intents
from app.providers.railway.provider import RailwayProvider
from app.settings import Settings
from app.storage.s3 import S3Stores

Role = Literal["serve", "worker"]


@dataclass(frozen=True, slots=True)
class Runtime:
    settings: Settings
    # The control plane's own database.
    engine: AsyncEngine
    sessions: Sessions
    # For what only reads: each statement is a transaction of its own, without the round trips of BEGIN and COMMIT.
    reads: Sessions
    listener: Listener
    # Secrets at rest, and what is derived from secrets.
    key_ring: KeyRing
    cursors: CursorCodec
    pepper: bytes = field(repr=False)
    # The world outside.
    toolchain: Toolchain
    connections: Connections
    stores: S3Stores
    providers: Mapping[str, Provider]
    railway: RailwayClients
    host_id: UUID
    clock: Clock = utc_now
    # Set on SIGTERM: readiness goes off, event streams and long polls end, the worker hands its jobs back.
    stopping: asyncio.Event = field(default_factory=asyncio.Event)


@asynccontextmanager
async def open_runtime(
    settings: Settings, *, role: Role, clock: Clock = utc_now, toolchain: Toolchain | None = None
) -> AsyncIterator[Runtime]:
    """The runtime of one process; everything in it is closed at the end, in reverse order.

    ``toolchain`` is for whoever has looked around the machine already.
    """
    name = f"pgmanager-{role}"
    url = settings.database_url.get_secret_value()
    pepper = settings.pepper()
    key_ring = KeyRing.parse(settings.secret_keys.get_secret_value())
    async with AsyncExitStack() as stack:
        engine = create_engine(url, application_name=name)
        stack.push_async_callback(engine.dispose)
        listener = await stack.enter_async_context(Listener(url, application_name=f"{name}-listener"))
        toolchain = toolchain or await _discover(settings)
        sessions = create_sessions(engine)
        http = JsonClient()
        stack.push_async_callback(http.aclose)
        railway = RailwayClients(
            settings.railway_endpoint,
            sessions,
            key_ring,
            http,
            requests_per_second=settings.railway_requests_per_second,
        )
        yield Runtime(
            settings=settings,
            engine=engine,
            sessions=sessions,
            reads=create_reads(engine),
            listener=listener,
            key_ring=key_ring,
            # Derived, so that cursors need no secret of their own in the settings.
            cursors=CursorCodec(hmac.digest(pepper, b"cursors", "sha256")),
            pepper=pepper,
            toolchain=toolchain,
            connections=await stack.enter_async_context(Connections(application_name=name)),
            stores=await stack.enter_async_context(
                S3Stores(
                    allow_insecure=settings.storage.allow_insecure_endpoints,
                    allow_private=settings.storage.allow_private_endpoints,
                    bytes_per_second=settings.worker.max_bytes_per_second,
                )
            ),
            providers=_providers(settings, toolchain, RailwayProvider(railway, Intents(sessions, clock))),
            railway=railway,
            host_id=host_id(settings.data_dir),
            clock=clock,
        )


async def _discover(settings: Settings) -> Toolchain:
    return await Toolchain.discover(extra=settings.postgres.extra_bin_dirs, debian_root=settings.postgres.trixie_root)


def local_provider(settings: Settings, toolchain: Toolchain) -> LocalProvider:
    return LocalProvider(
        toolchain,
        settings.data_dir.absolute() / "clusters",
        ports=(settings.local.first_port, settings.local.last_port),
        user=settings.postgres.run_as_user,
    )


def _providers(settings: Settings, toolchain: Toolchain, railway: RailwayProvider) -> dict[str, Provider]:
    providers: list[Provider] = [ExternalProvider(), railway]
    if settings.local.enabled:
        providers.append(local_provider(settings, toolchain))
    return {provider.name: provider for provider in providers}
