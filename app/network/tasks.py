"""The jobs that this domain brings to a worker, and the windows whose time is up."""

from typing import Any

import structlog

from app.databases.models import DatabaseState
from app.databases.repository import DatabaseRepository
from app.jobs.enqueue import OnConflict, Target, enqueue
from app.jobs.machine import Steps
from app.kit.ids import encode_id
from app.network.repository import WindowRepository
from app.network.schemas import CloseNetwork
from app.network.steps import CloseNetworkSteps, OpenNetworkSteps
from app.runtime import Runtime

log = structlog.get_logger()


def programmes(runtime: Runtime) -> list[Steps[Any, Any]]:
    return [OpenNetworkSteps(runtime), CloseNetworkSteps(runtime)]


async def watch(runtime: Runtime) -> None:
    """To be called every minute. A window is closed by a job, which is asked for again until it has succeeded."""
    async with runtime.sessions() as session, session.begin():
        for window in await WindowRepository(session).due(runtime.clock()):
            database = await DatabaseRepository(session).find(window.database_id)
            if database is None or database.state in (DatabaseState.DELETING, DatabaseState.DELETED):
                window.closed_at = runtime.clock()  # its service goes, and the address with it
                continue
            args = CloseNetwork(database_id=database.id, window_id=window.id, only_due=True)
            enqueued = await enqueue(
                session,
                args,
                created_by="worker",
                targets=[Target(database.id)],
                project_id=database.project_id,
                subject_id=args.subject_id(),
                dedupe_key=args.dedupe_key(),
                on_conflict=OnConflict.QUEUE,
            )
            if enqueued.is_new:
                log.info("network.window_due", database_id=encode_id("db", database.id))
