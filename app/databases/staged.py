"""What waits to be changed in an environment at Railway, and whose it is."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from app.kit.ids import new_id
from app.providers.railway.intents import Intents
from app.providers.railway.inventory import EnvironmentState, read_environment
from app.providers.railway.models import RailwayIntent
from app.providers.railway.patches import PATCH_KEYS, Staged, discard_own, require_own, staged
from app.railway.repository import IntentRepository
from app.railway.schemas import StagedChangesView, StagedKeyView
from app.railway.standing import explained
from app.runtime import Runtime

# A patch that was left behind belongs to one of the last changes; older ones were committed or emptied since.
_LOOKED_BACK = 20
DISCARD = "staged_changes.discard"


@dataclass(frozen=True, slots=True)
class Spot:
    """An environment at Railway, and the token by which it is reached."""

    connection_id: UUID
    environment_id: str


async def staged_changes(runtime: Runtime, spot: Spot) -> StagedChangesView:
    """Asks Railway, twice if anything waits. Raises RailwayProblem."""
    own = await _own_keys(runtime, spot)
    async with explained(runtime, spot.connection_id) as client:
        waiting = await staged(client, spot.environment_id)
        state = await read_environment(client, spot.environment_id) if waiting.paths else None
    return _view(waiting, own, state)


async def discard(runtime: Runtime, spot: Spot, *, force: bool, dry_run: bool) -> list[str]:
    """Empties what waits, as the only writer of the environment; the keys that waited.

    Raises StagedChangesForeign, EnvironmentBusy, RailwayProblem.
    """
    own = await _own_keys(runtime, spot)
    async with explained(runtime, spot.connection_id) as client:
        waiting = await staged(client, spot.environment_id)
        require_own(waiting, own, force=force)
        if dry_run or not waiting.paths:
            return waiting.keys
        intents = Intents(runtime.sessions, runtime.clock)
        intent = await intents.open(
            spot.connection_id,
            spot.environment_id,
            owner_id=new_id(),  # no job: whoever calls waits for the answer
            operation=DISCARD,
            plan={PATCH_KEYS: waiting.keys},
        )
        try:
            return await discard_own(client, spot.environment_id, own, force=force)
        finally:
            await intents.close(intent)


async def _own_keys(runtime: Runtime, spot: Spot) -> list[str]:
    async with runtime.reads() as session:
        intents = await IntentRepository(session).of_environment(spot.environment_id, limit=_LOOKED_BACK)
    return sorted({key for intent in intents if intent.operation != DISCARD for key in _keys(intent)})


def _keys(intent: RailwayIntent) -> Iterable[str]:
    return [*intent.plan.get(PATCH_KEYS, []), *intent.made.get(PATCH_KEYS, [])]


def _view(waiting: Staged, own: list[str], state: EnvironmentState | None) -> StagedChangesView:
    foreign = set(waiting.foreign(own))
    changes = []
    for path, key in zip(waiting.paths, waiting.keys, strict=True):
        service_id = path[1] if path[0] == "services" and len(path) > 1 else None
        service = state.service(service_id) if state and service_id else None
        changes.append(
            StagedKeyView(
                key=key,
                service_id=service_id,
                service_name=service.service_name if service else None,
                ours=key not in foreign,
            )
        )
    return StagedChangesView(
        status=waiting.status,
        message=waiting.message,
        created_at=waiting.created_at,
        last_failure=waiting.last_error,
        ours=not foreign,
        changes=changes,
    )
