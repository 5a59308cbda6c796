"""What a worker does for hooks now and then."""

import structlog

from app.runtime import Runtime
from app.webhooks.repository import HookRepository

log = structlog.get_logger()


async def watch(runtime: Runtime) -> None:
    """To be called now and then. Forgets deliveries that are older than any sender's repetitions."""
    async with runtime.sessions() as session, session.begin():
        forgotten = await HookRepository(session).forget(runtime.clock())
    if forgotten:
        log.debug("hooks.swept", deliveries=forgotten)
