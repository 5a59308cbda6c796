"""How a token stands with Railway: whether it is accepted at all, and what it may do."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from uuid import UUID

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from app.errors import Problem
from app.events.alerts import clear_alert, open_alert
from app.events.models import AlertType
from app.kit.ids import encode_id
from app.providers.railway.client import RailwayClient
from app.providers.railway.errors import (
    RailwayForbidden,
    RailwayNotAuthorized,
    RailwayTokenInvalid,
    RailwayTokenKindWrong,
    RailwayTwoFactorRequired,
)
from app.providers.railway.models import ConnectionState, RailwayConnection
from app.providers.railway.refusals import explain
from app.railway.capabilities import Allowed, Capability, Finding, merged
from app.railway.repository import ConnectionRepository
from app.runtime import Runtime

log = structlog.get_logger()


async def record_capability(
    runtime: Runtime, connection_id: UUID, capability: Capability, *, allowed: bool, reason: str | None = None
) -> None:
    """Keeps what Railway's answer to a change has shown. Commits before it returns; costs a read if nothing is new."""
    state = Allowed.YES if allowed else Allowed.NO
    async with runtime.sessions() as session:
        connection = await session.get(RailwayConnection, connection_id)
    if connection is None or connection.capabilities.get(capability, {}).get("state") == state:
        return
    async with runtime.sessions() as session, session.begin():
        connection = await session.get_one(RailwayConnection, connection_id, with_for_update=True)
        finding = Finding(state, reason)
        connection.capabilities = merged(connection.capabilities, {capability: finding}, runtime.clock())
        connection.revision += 1
    log.info("railway.capability", connection_id=encode_id("rwc", connection_id), capability=capability, state=state)


@asynccontextmanager
async def recording(runtime: Runtime, connection_id: UUID, capability: Capability) -> AsyncIterator[None]:
    """Around one change: that it worked, or that the token lacks the right to it, is kept. Every error goes on.

    A bare "Not Authorized" has three meanings, so it is to be explained (``refusals.explain``) inside.
    """
    try:
        yield
    except (RailwayForbidden, RailwayTokenKindWrong) as refusal:
        await record_capability(runtime, connection_id, capability, allowed=False, reason=refusal.detail)
        raise
    except (RailwayTokenInvalid, RailwayTwoFactorRequired) as refusal:
        await record_refusal(runtime, connection_id, refusal)
        raise
    await record_capability(runtime, connection_id, capability, allowed=True)


@asynccontextmanager
async def explained(runtime: Runtime, connection_id: UUID) -> AsyncIterator[RailwayClient]:
    """For reads on a caller's behalf: a refusal says which of its meanings it has, and that the token is dead is kept.

    Raises RailwayConnectionGone.
    """
    client = await runtime.railway.of(connection_id)
    try:
        yield client
    except RailwayNotAuthorized as refusal:
        told = await explain(client, refusal)
        if isinstance(told, RailwayTokenInvalid):
            await record_refusal(runtime, connection_id, told)
        raise told from refusal
    except RailwayTokenInvalid as refusal:
        await record_refusal(runtime, connection_id, refusal)
        raise


async def record_refusal(runtime: Runtime, connection_id: UUID, problem: Problem) -> None:
    """Railway no longer accepts the token. For whoever is told so first; a probe finds it again."""
    async with runtime.sessions() as session, session.begin():
        connection = await ConnectionRepository(session).get(connection_id, None, change=True)
        if connection is not None:
            await refused(session, connection, problem, runtime.clock())


async def refused(session: AsyncSession, connection: RailwayConnection, problem: Problem, now: datetime) -> None:
    """In the caller's transaction, which holds the row."""
    connection.revision += 1
    connection.state, connection.probed_at, connection.probe_error = ConnectionState.REFUSED, now, problem.document()
    about = encode_id("rwc", connection.id)
    await open_alert(
        session,
        AlertType.RAILWAY_CONNECTION_REFUSED,
        about,
        title=f"Railway does not accept the token {connection.name}",
        detail=f"{problem.detail} Nothing that goes by it can be watched or changed until "
        f"PATCH /v1/railway-connections/{about} brings another token.",
        project_id=connection.project_id,
        code=problem.code,
    )


async def accepted(session: AsyncSession, connection: RailwayConnection, now: datetime) -> None:
    """In the caller's transaction, which holds the row."""
    connection.revision += 1
    connection.state, connection.probed_at, connection.probe_error = ConnectionState.AVAILABLE, now, None
    about = encode_id("rwc", connection.id)
    await clear_alert(session, AlertType.RAILWAY_CONNECTION_REFUSED, about, reason="Railway accepts the token")
