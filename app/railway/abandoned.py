"""Changes whose jobs ended without saying what became of them: let go as writers, and followed to what they left behind."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from app.events.alerts import clear_alert, open_alert
from app.events.models import AlertType
from app.jobs.enqueue import enqueue
from app.kit.ids import encode_id
from app.providers.railway.client import RailwayClient
from app.providers.railway.errors import RailwayNotFound
from app.providers.railway.inventory import is_postgres, read_environment
from app.providers.railway.models import IntentOutcome, RailwayConnection, RailwayIntent
from app.providers.railway.projects import read_project
from app.railway.repository import ConnectionRepository, IntentRepository, texts_in
from app.railway.schemas import CreateRailwayEnvironment, SweepIntents
from app.runtime import Runtime

log = structlog.get_logger()

# Written into ``made`` by the look at what is left; while it is empty nobody looks again.
LEFT: Final = "left"
_PARTS: Final = {"service": "A service", "volume": "A volume", "environment": "An environment"}


@dataclass(frozen=True, slots=True)
class Left:
    """Something at Railway that one of our jobs has made or was about to, and that no row of ours knows."""

    part: str
    id: str
    name: str


async def let_go(runtime: Runtime) -> int:
    """Closes open intents whose job has ended, so that the next writer gets in; says how many there were."""
    async with runtime.sessions() as session, session.begin():
        now = runtime.clock()
        intents = await IntentRepository(session).abandoned(now)
        for intent in intents:
            intent.closed_at, intent.outcome = now, IntentOutcome.GIVEN_UP
            log.warning(
                "railway.intent_abandoned", job_id=encode_id("job", intent.owner_id), operation=intent.operation
            )
        for connection_id in {intent.connection_id for intent in intents}:
            connection = await session.get_one(RailwayConnection, connection_id)
            args = SweepIntents(connection_id=connection_id)
            await enqueue(
                session,
                args,
                created_by="worker",
                project_id=connection.project_id,
                subject_id=args.subject_id(),
                dedupe_key=f"{args.kind}:{connection_id}",
            )
    return len(intents)


def to_look_at(intents: Iterable[RailwayIntent]) -> list[RailwayIntent]:
    """Those of which something may be left: nobody looked yet, or something was."""
    return [intent for intent in intents if intent.made.get(LEFT) != []]


async def what_is_left(client: RailwayClient, intent: RailwayIntent, owned: Collection[str]) -> list[Left]:
    """``owned``: the ids at Railway of what rows of ours know. Raises RailwayProblem where it cannot be told."""
    named = texts_in(intent.plan) | texts_in({name: value for name, value in intent.made.items() if name != LEFT})
    try:
        if intent.operation == CreateRailwayEnvironment.kind:
            environments = (await read_project(client, intent.railway_environment_id)).environments
            return [Left("environment", found.id, found.name) for found in environments if found.id in named - {*owned}]
        state = await read_environment(client, intent.railway_environment_id)
    except RailwayNotFound:
        return []  # it went with its environment
    services = [
        Left("service", found.service_id, found.service_name)
        for found in state.services
        # Of services that are no databases, plans name those of other people.
        if found.service_id in named - {*owned} and is_postgres(found.image)
    ]
    volumes = [
        Left("volume", found.volume_id, found.mount_path)
        for found in state.volumes
        if found.volume_id in named - {*owned} and not found.is_pending_deletion
    ]
    return [*services, *volumes]


async def show(
    session: AsyncSession, connection: RailwayConnection, intent: RailwayIntent, left: Collection[Left]
) -> None:
    """Alerts for what is left, ends those for what is not any more, and notes it in the intent."""
    row = await session.get_one(RailwayIntent, intent.id, with_for_update=True, populate_existing=True)
    still = {found.id for found in left}
    for gone in {*row.made.get(LEFT, [])} - still:
        reason = "it is gone from Railway, or belongs to a database"
        await clear_alert(session, AlertType.RAILWAY_ORPHAN, _about(connection.id, gone), reason=reason)
    row.made = {**row.made, LEFT: sorted(still)}
    job = encode_id("job", intent.owner_id)
    for found in left:
        await open_alert(
            session,
            AlertType.RAILWAY_ORPHAN,
            _about(connection.id, found.id),
            title=f"{_PARTS[found.part]} at Railway belongs to nobody",
            detail=f"{job} ({intent.operation}) ended without saying what became of the {found.part} {found.name} "
            f"({found.id}) in {intent.railway_environment_id}. It is there, and billed. Delete it at Railway, or adopt it.",
            project_id=connection.project_id,
            subject_id=encode_id("rwc", connection.id),
            job_id=job,
            railway_id=found.id,
        )


async def forget_orphans(session: AsyncSession, connection_id: UUID) -> None:
    """Without the token nobody can look whether they are still there."""
    for intent in await IntentRepository(session).given_up(connection_id):
        for left in intent.made.get(LEFT, []):
            reason = "the token was deleted, so nobody looks any more"
            await clear_alert(session, AlertType.RAILWAY_ORPHAN, _about(connection_id, left), reason=reason)


async def owned_in(session: AsyncSession, intents: Iterable[RailwayIntent]) -> Mapping[UUID, set[str]]:
    """For each intent the ids at Railway that rows of ours know of in its environment."""
    connections = ConnectionRepository(session)
    owned: dict[UUID, set[str]] = {}
    for intent in intents:
        if intent.operation == CreateRailwayEnvironment.kind:
            links = await connections.standing_for(sorted(texts_in(intent.made)))
            owned[intent.id] = {link.railway_environment_id for link in links}
        else:
            databases = await connections.adopted(intent.railway_environment_id)
            ids = {known for database in databases for known in (database.service_id, database.volume_id)}
            owned[intent.id] = {known for known in ids if known is not None}
    return owned


def _about(connection_id: UUID, railway_id: str) -> str:
    return f"{encode_id('rwc', connection_id)}:{railway_id}"
