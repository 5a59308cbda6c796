"""What making and deleting an environment at Railway have in common: the writer lock, and that one goes for certain."""

from typing import Any
from uuid import UUID

import structlog

from app.jobs.machine import Move, wait
from app.jobs.run import Run
from app.providers.railway.certainty import certainly
from app.providers.railway.client import RailwayClient, Result
from app.providers.railway.documents import document
from app.providers.railway.errors import RailwayNotAuthorized, RailwayNotFound
from app.providers.railway.intents import EnvironmentBusy, Intents
from app.providers.railway.models import IntentOutcome
from app.providers.railway.projects import read_project
from app.providers.railway.refusals import explain
from app.railway.capabilities import Capability
from app.railway.standing import recording
from app.runtime import Runtime

BUSY_SECONDS = 5.0

log = structlog.get_logger()


async def hold(runtime: Runtime, run: Run[Any, Any], held: str, plan: dict[str, Any]) -> Move | None:
    try:
        await intents_of(runtime).open(
            run.args.connection_id, held, owner_id=run.id, operation=run.args.kind, plan=plan
        )
    except EnvironmentBusy as busy:
        return wait(busy.detail, seconds=BUSY_SECONDS)
    return None


async def let_go(runtime: Runtime, run: Run[Any, Any], outcome: IntentOutcome) -> None:
    intent = await intents_of(runtime).of_owner(run.id, run.args.kind)
    if intent is not None:
        await intents_of(runtime).close(intent, outcome)


async def delete_environment(
    runtime: Runtime, client: RailwayClient, connection_id: UUID, project_id: str, environment_id: str
) -> None:
    """Fine if it is gone already."""

    async def is_gone() -> bool:
        return (await read_project(client, project_id)).environment(environment_id) is None

    async def ask() -> None:
        async with recording(runtime, connection_id, Capability.ENVIRONMENTS_WRITE):
            try:
                await client.change(document("environmentDelete"), {"id": environment_id}, Result)
            except RailwayNotAuthorized as refusal:
                raise await explain(client, refusal, lambda: read_project(client, project_id)) from refusal

    if await is_gone():
        return
    try:
        await certainly(ask, is_gone)
    except RailwayNotFound:
        log.info("railway.environment_gone", railway_environment_id=environment_id)


def intents_of(runtime: Runtime) -> Intents:
    return Intents(runtime.sessions, runtime.clock)
