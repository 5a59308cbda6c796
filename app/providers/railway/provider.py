"""Railway behind the protocol of all providers."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from app.providers.protocol import (
    Capabilities,
    Made,
    Note,
    NotSupported,
    NotYet,
    Phase,
    ServerSpec,
    ServerStatus,
    silent,
)
from app.providers.railway.client import RailwayClient
from app.providers.railway.clients import RailwayClients
from app.providers.railway.errors import (
    RailwayNotAuthorized,
    RailwayNotFound,
    RailwayRateLimited,
    RailwayThrottled,
)
from app.providers.railway.intents import EnvironmentBusy, Intents
from app.providers.railway.inventory import read_environment
from app.providers.railway.models import IntentOutcome, RailwayIntent
from app.providers.railway.place import Place
from app.providers.railway.placing import CREATE, Patience, Placing
from app.providers.railway.refusals import explain
from app.providers.railway.removing import remove, require_alone
from app.providers.railway.restarting import restart, start

DELETE: Final = "database.delete"
BUSY_SECONDS: Final = 3.0

_STATUS: Final = {
    "SUCCESS": ServerStatus.RUNNING,
    "CRASHED": ServerStatus.CRASHED,
    "FAILED": ServerStatus.CRASHED,
    "REMOVED": ServerStatus.STOPPED,
    "REMOVING": ServerStatus.STOPPED,
    "SKIPPED": ServerStatus.STOPPED,
    "SLEEPING": ServerStatus.STOPPED,
}


@dataclass(frozen=True, slots=True)
class RailwayProvider:
    """What it remembers of a server is its ``Place``."""

    clients: RailwayClients
    intents: Intents
    patience: Patience = field(default_factory=Patience)

    name = "railway"
    capabilities = Capabilities(creates=True, restarts=True, destroys=True)
    phases = (Phase.DEPLOY, Phase.SETTLE, Phase.PUBLISH)

    async def prepare(self, spec: ServerSpec) -> dict[str, Any]:
        """Nothing: where it is to be stands in the row from the beginning, and Railway chooses the rest."""
        return dict(spec.data)

    async def create(self, spec: ServerSpec, phase: Phase, note: Note = silent) -> Made:
        place = Place.of(dict(spec.data))
        async with self._asking(place) as client:
            placing = Placing(client, self.intents, spec, _owner(spec), note, self.patience)
            match phase:
                case Phase.SETTLE:
                    return Made(data=(await placing.settle()).data())
                case Phase.PUBLISH:
                    return Made(data=(await placing.publish()).data())
                case _:
                    await placing.deploy()
                    return Made()

    async def status(self, spec: ServerSpec) -> ServerStatus:
        place = Place.of(dict(spec.data))
        if place.service_id is None:
            return ServerStatus.ABSENT
        async with self._asking(place) as client:
            try:
                service = (await read_environment(client, place.environment_id)).service(place.service_id)
            except RailwayNotFound:
                return ServerStatus.ABSENT
        if service is None:
            return ServerStatus.ABSENT
        if service.latest_deployment is None:
            return ServerStatus.STOPPED
        return _STATUS.get(service.latest_deployment.status, ServerStatus.STARTING)

    async def start(self, spec: ServerSpec) -> None:
        """By a new deployment of what is configured now."""
        place = Place.of(dict(spec.data))
        async with self._asking(place) as client:
            await start(client, place)

    async def restart(self, spec: ServerSpec) -> None:
        """The container of the deployment that runs; nothing is configured anew. Raises OutcomeUnknown."""
        place = Place.of(dict(spec.data))
        async with self._asking(place) as client:
            await restart(client, place)

    async def rescue(self, spec: ServerSpec, settings: Mapping[str, str]) -> None:  # noqa: ARG002 (the protocol names them)
        raise NotSupported(self.name, "started with other settings")

    async def free_bytes(self, database_id: UUID) -> int | None:  # noqa: ARG002 (the protocol names it)
        """What Railway tells of a volume is minutes old: not what a load that fills it can be stopped by."""
        return None

    async def require_destroyable(self, spec: ServerSpec) -> None:
        place = Place.of(dict(spec.data))
        if place.service_id is not None or place.volume_id is not None:
            async with self._asking(place) as client:
                await require_alone(client, place)

    async def destroy(self, spec: ServerSpec, note: Note = silent) -> dict[str, Any]:
        """What the row names, and what an unfinished creation by the same job has made. Raises NotYet, RailwayProblem."""
        place = Place.of(dict(spec.data))
        creation = await self.intents.of_owner(_owner(spec), CREATE)
        if place.service_id is None and place.volume_id is None and creation is None:
            return {}
        async with self._asking(place) as client:
            intent = await self._lock(place, creation, _owner(spec))
            places, left = [place], list[str]()
            if creation is not None:
                placing = Placing(client, self.intents, spec, _owner(spec), note, self.patience)
                places, still_coming = await placing.traces(creation)
                left.extend(still_coming)
            report: dict[str, Any] = {}
            for one in places:
                report = (await remove(client, one, one.volume_id, clock=self.intents.clock)).report(one)
                left.extend(report["left"])
            await self.intents.close(intent, IntentOutcome.DONE if creation is None else IntentOutcome.UNDONE)
        return report | {"left": left}

    async def _lock(self, place: Place, creation: RailwayIntent | None, owner_id: UUID) -> RailwayIntent:
        """A creation that failed holds the environment still, unless it had come to its end."""
        if creation is not None and creation.closed_at is None:
            return creation
        plan = {"service_id": place.service_id, "volume_id": place.volume_id}
        return await self.intents.open(
            place.connection_id, place.environment_id, owner_id=owner_id, operation=DELETE, plan=plan
        )

    @asynccontextmanager
    async def _asking(self, place: Place) -> AsyncIterator[RailwayClient]:
        """Says what a refusal means. What only needs time is NotYet."""
        client = await self.clients.of(place.connection_id)
        try:
            yield client
        except EnvironmentBusy as busy:
            raise NotYet(busy.detail, seconds=BUSY_SECONDS) from None
        except (RailwayRateLimited, RailwayThrottled) as slow:
            raise NotYet(slow.detail, seconds=float(slow.retry_after or BUSY_SECONDS)) from None
        except RailwayNotAuthorized as refusal:
            raise await explain(client, refusal, lambda: read_environment(client, place.environment_id)) from refusal


def _owner(spec: ServerSpec) -> UUID:
    return spec.job_id or spec.id
