"""Removing the server of a database where no step can wait: the provider is asked until it is done."""

import asyncio
from typing import Any, Final

from app.databases.models import Database
from app.errors import Unavailable
from app.jobs.run import Run
from app.providers.protocol import NotYet, ServerSpec
from app.runtime import Runtime

# A compensation may take ten minutes as a whole.
_SECONDS: Final = 420.0


async def remove_server(runtime: Runtime, run: Run[Any, Any], database: Database, spec: ServerSpec) -> dict[str, Any]:
    loop = asyncio.get_running_loop()
    until = loop.time() + _SECONDS
    while True:
        try:
            return await runtime.providers[database.provider].destroy(spec, lambda detail: run.report(detail=detail))
        except NotYet as not_yet:
            if loop.time() + not_yet.seconds > until:
                raise Unavailable(f"Waiting for {not_yet.waiting_for}.") from None
            run.report(detail=not_yet.waiting_for)
            await asyncio.sleep(not_yet.seconds)
