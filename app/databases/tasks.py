"""The jobs that this domain brings to a worker, and what has to be looked at now and then.

That is: addresses that jobs opened for themselves and could not close.
"""

from typing import Any

import structlog

from app.databases.models import Database, NetworkOpening
from app.databases.openings import close, left_open
from app.databases.steps.creating import CreateRailwayEnvironmentSteps
from app.databases.steps.deleting import DeleteRailwayEnvironmentSteps
from app.errors import Problem
from app.events.alerts import clear_alert, open_alert
from app.events.models import AlertType
from app.jobs.machine import Steps
from app.kit.ids import encode_id
from app.providers.railway.intents import EnvironmentBusy
from app.runtime import Runtime

log = structlog.get_logger()

PATIENCE_SECONDS = 20.0  # it comes again


def programmes(runtime: Runtime) -> list[Steps[Any, Any]]:
    return [CreateRailwayEnvironmentSteps(runtime), DeleteRailwayEnvironmentSteps(runtime)]


async def watch(runtime: Runtime) -> None:
    """To be called every minute. What cannot be closed is tried again with the next call, and told meanwhile."""
    for opening in await left_open(runtime):
        try:
            await close(runtime, opening, seconds=PATIENCE_SECONDS)
        except EnvironmentBusy as busy:
            log.info("opening.not_closed_yet", detail=busy.detail)
        except Problem as problem:
            await _tell(runtime, opening, problem)
        else:
            about = encode_id("db", opening.database_id)
            async with runtime.sessions() as session, session.begin():
                await clear_alert(session, AlertType.DATABASE_LEFT_PUBLIC, about, reason="its public address is closed")


async def _tell(runtime: Runtime, opening: NetworkOpening, problem: Problem) -> None:
    async with runtime.sessions() as session, session.begin():
        database = await session.get_one(Database, opening.database_id)
        await open_alert(
            session,
            AlertType.DATABASE_LEFT_PUBLIC,
            encode_id("db", database.id),
            title=f"The database {database.name} still has a public address",
            detail=f"A job opened it for itself and could not close it: {problem.detail} Remove the TCP proxy at Railway, "
            "in the service's networking; this goes away by itself then.",
            project_id=database.project_id,
            database_id=database.id,
            job_id=encode_id("job", opening.job_id),
            code=problem.code,
        )
