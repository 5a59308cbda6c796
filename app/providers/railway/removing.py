"""Removing a service and its volume, by their ids and no others.

A service's deletion leaves the volume, which is billed on; a volume's takes its snapshots along, and can be undone for
48 hours. Both ids may live in several environments at once, since a fork keeps them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from app.errors import Conflict
from app.kit.clock import Clock, utc_now
from app.providers.railway.certainty import certainly, seen
from app.providers.railway.client import RailwayClient, Result
from app.providers.railway.documents import document
from app.providers.railway.errors import RailwayNotAuthorized, RailwayNotFound
from app.providers.railway.inventory import EnvironmentState, VolumeInstance, read_environment
from app.providers.railway.place import Place
from app.providers.railway.projects import read_project

RECOVERABLE: Final = timedelta(hours=48)


class ElsewhereToo(Conflict):
    code, title = "RAILWAY_SHARED_BETWEEN_ENVIRONMENTS", "The service lives in another environment as well"

    def __init__(self, place: Place, environments: Sequence[str]) -> None:
        named = ", ".join(environments)
        super().__init__(
            f"The service {place.service_name or place.service_id} or its volume is in use in {named} too, and Railway would "
            "delete it there as well: both environments have it under the same id. If the database's environment is "
            "a copy, forget the database (DELETE /v1/databases/{id}?keep_server=true), which asks nothing of Railway, then "
            "delete the copy. Else remove the service from the other environment, then delete the database.",
            environments=list(environments),
        )


@dataclass(frozen=True, slots=True)
class Removed:
    """``left`` says, for people, what of it is still there and why."""

    service_was_there: bool
    volume_id: str | None
    recoverable_until: datetime | None
    left: tuple[str, ...] = ()

    def report(self, place: Place) -> dict[str, Any]:
        until = self.recoverable_until
        return {
            "service_id": place.service_id,
            "service_name": place.service_name,
            "service_was_there": self.service_was_there,
            "volume_id": self.volume_id,
            "recoverable_until": until.isoformat() if until else None,
            "left": list(self.left),
        }


async def require_alone(client: RailwayClient, place: Place) -> None:
    """Raises ElsewhereToo. A token that sees one environment cannot tell, and Railway lets it change no other one.

    Raises RailwayProblem where not even its own environment can be read.
    """
    try:
        await read_environment(client, place.environment_id)
    except RailwayNotFound:
        return  # everything went with it
    try:
        project = await read_project(client, place.project_id)
    except (RailwayNotAuthorized, RailwayNotFound):
        return
    found = []
    for environment in project.environments:
        if environment.id == place.environment_id or not environment.can_access:
            continue
        try:
            state = await read_environment(client, environment.id)
        except (RailwayNotAuthorized, RailwayNotFound):
            continue
        service = state.service(place.service_id) if place.service_id else None
        volume = state.volume(place.volume_id) if place.volume_id else None
        # A service that was never deployed in an environment is an empty entry there.
        is_used = service is not None and service.latest_deployment is not None
        if is_used or (volume is not None and not volume.is_pending_deletion):
            found.append(environment.name)
    if found:
        raise ElsewhereToo(place, found)


async def remove(client: RailwayClient, place: Place, volume_id: str | None, *, clock: Clock = utc_now) -> Removed:
    """The place's service, then that volume. Fine when either is gone already; call it again after anything."""
    try:
        state = await _with_all(client, place, volume_id)
    except RailwayNotFound:
        return Removed(service_was_there=False, volume_id=None, recoverable_until=None)
    service = state.service(place.service_id) if place.service_id else None
    left = []
    if service is not None:
        mounted = state.volume_of(service.service_id)
        if mounted is not None and mounted.volume_id != volume_id:
            left.append(f"the volume {mounted.volume_id}, which the service had and this database did not know of")
        await _delete_service(client, place, service.service_id)
    until = None
    volume = state.volume(volume_id) if volume_id else None
    if volume is not None and volume.service_id not in (None, place.service_id):
        left.append(f"the volume {volume.volume_id}, which the service {volume.service_id} uses now")
    elif volume is not None:
        until = await _delete_volume(client, place, volume, clock)
    return Removed(service is not None, volume.volume_id if volume else None, until, tuple(left))


async def _with_all(client: RailwayClient, place: Place, volume_id: str | None) -> EnvironmentState:
    """What was just made may not be listed yet, so it counts as gone only after some seconds without it."""
    found: list[EnvironmentState] = []

    async def all_there() -> bool:
        found.append(await read_environment(client, place.environment_id))
        service = place.service_id is None or found[-1].service(place.service_id) is not None
        return service and (volume_id is None or found[-1].volume(volume_id) is not None)

    await seen(all_there)
    return found[-1]


async def _delete_service(client: RailwayClient, place: Place, service_id: str) -> None:
    async def delete() -> None:
        try:
            await client.change(
                document("serviceDelete"), {"id": service_id, "environmentId": place.environment_id}, Result
            )
        except RailwayNotFound:
            return

    async def is_gone() -> bool:
        return (await read_environment(client, place.environment_id)).service(service_id) is None

    await certainly(delete, is_gone)


async def _delete_volume(client: RailwayClient, place: Place, volume: VolumeInstance, clock: Clock) -> datetime:
    """Until when it can be had back."""

    async def delete() -> None:
        try:
            await client.change(document("volumeDelete"), {"volumeId": volume.volume_id}, Result)
        except RailwayNotFound:
            return

    async def now() -> VolumeInstance | None:
        return (await read_environment(client, place.environment_id)).volume(volume.volume_id)

    async def is_going() -> bool:
        found = await now()
        return found is None or found.is_pending_deletion

    if not volume.is_pending_deletion:
        await certainly(delete, is_going)
    found = await now()
    # What is told a moment too early is counted from now on, as Railway does.
    return (found.deleted_at if found is not None else None) or clock() + RECOVERABLE
