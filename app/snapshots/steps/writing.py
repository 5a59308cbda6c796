"""What every flow that changes something at Railway begins and ends with: the intent, which is the writer's lock."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from app.databases.models import Database
from app.jobs.machine import Move, wait
from app.jobs.run import Run
from app.providers.railway.intents import EnvironmentBusy, Intents
from app.providers.railway.models import IntentOutcome, RailwayIntent
from app.providers.railway.place import Place
from app.runtime import Runtime
from app.snapshots.volumes import Mounted, mounted_of

# Of one claim, so that the worker's slot is not held by waiting.
POLL_SECONDS: Final = 20.0
# Between a look and the next one.
PAUSE_SECONDS: Final = 2.0
# How long the effect of something that Railway says it has done may stay unseen.
SEEN_SECONDS: Final = 120.0
# How long to look for the effect of a request whose answer never came, before it is sent again.
LOST_SECONDS: Final = 20.0
# How long a copy whose workflow nobody knows may stay out of sight, before its restore is taken for not begun.
UNSEEN_SECONDS: Final = 300.0
# How long Railway may work on a workflow, or not tell of it, before it is called lost.
WORKFLOW_SECONDS: Final = 3600.0

_LONGEST_PAUSE_SECONDS: Final = 60.0

AnyRun = Run[Any, Any]


async def database_of(run: AnyRun) -> Database:
    async with run.reading() as session:
        return await session.get_one(Database, run.args.database_id)


async def volume_of(runtime: Runtime, run: AnyRun) -> Mounted:
    return await mounted_of(runtime, await database_of(run))


async def hold(runtime: Runtime, run: AnyRun, place: Place, plan: Mapping[str, Any]) -> RailwayIntent | Move:
    """The job's own intent, open; or the move of a step that has to wait for another writer."""
    try:
        return await _intents(runtime).open(
            place.connection_id, place.environment_id, owner_id=run.id, operation=run.args.kind, plan=plan
        )
    except EnvironmentBusy as busy:
        return wait(f"another change of the environment ({busy.members['blocking_job_id']})")


async def note_made(runtime: Runtime, run: AnyRun, **made: Any) -> None:
    intent = await intent_of(runtime, run)
    assert intent is not None
    await _intents(runtime).made(intent, **made)


async def let_go(runtime: Runtime, run: AnyRun, outcome: IntentOutcome) -> None:
    """Fine when there is no intent, or it was closed before."""
    intent = await intent_of(runtime, run)
    if intent is not None:
        await _intents(runtime).close(intent, outcome)


async def intent_of(runtime: Runtime, run: AnyRun) -> RailwayIntent | None:
    return await _intents(runtime).of_owner(run.id, run.args.kind)


def pause(runtime: Runtime, since: datetime | None) -> float:
    """Until the next look: the longer it takes already the longer, since requests are counted by the hour."""
    waited = (runtime.clock() - since).total_seconds() if since else 0.0
    return min(_LONGEST_PAUSE_SECONDS, max(PAUSE_SECONDS, waited / 10))


def passed(runtime: Runtime, since: datetime | None, seconds: float) -> bool:
    return since is not None and runtime.clock() - since > timedelta(seconds=seconds)


def _intents(runtime: Runtime) -> Intents:
    return Intents(runtime.sessions, runtime.clock)
