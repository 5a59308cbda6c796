"""What every provider that makes servers promises, asked of each of them: calls may be made twice, and find their work."""

import asyncio
from datetime import datetime

from app.errors import Unavailable
from app.postgres.connect import Target
from app.providers.protocol import ServerStatus
from tests.contract.conftest import Server
from tests.sessions import connect

_SECONDS = 60.0


async def test_a_server_is_made_once_lets_us_in_restarts_and_goes(server: Server) -> None:
    provider = server.provider
    assert provider.capabilities.creates
    assert provider.capabilities.restarts
    assert provider.capabilities.destroys
    await server.made()
    assert server.target is not None
    began = await _started(server.target)
    await server.made()
    assert await provider.status(server.spec) is ServerStatus.RUNNING
    assert await _started(server.target) == began, "the second call has made it anew"

    await provider.restart(server.spec)
    assert await _started(server.target, after=began) > began
    await provider.start(server.spec)
    assert await provider.status(server.spec) is ServerStatus.RUNNING

    await provider.require_destroyable(server.spec)
    await server.destroyed()
    await server.destroyed()
    await _until_absent(server)


async def test_what_was_never_made_can_be_destroyed(server: Server) -> None:
    await server.provider.require_destroyable(server.spec)
    assert await server.destroyed() == {}


async def _started(target: Target, *, after: datetime | None = None) -> datetime:
    """Since when the server runs that accepts a login, later than ``after``: a container comes up before its server."""
    async with asyncio.timeout(_SECONDS):
        while True:
            try:
                async with connect(target, application_name="test") as session:
                    started: datetime = await session.fetchval("SELECT pg_postmaster_start_time()")
                    assert await session.fetchval("SELECT current_database()") == "railway"
            except Unavailable:
                pass
            else:
                if after is None or started > after:
                    return started
            await asyncio.sleep(0.2)


async def _until_absent(server: Server) -> None:
    """Lists may be behind what was deleted."""
    async with asyncio.timeout(_SECONDS):
        while await server.provider.status(server.spec) is not ServerStatus.ABSENT:
            await asyncio.sleep(0.1)
