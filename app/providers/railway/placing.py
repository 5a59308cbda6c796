"""Making a PostgreSQL at Railway, in calls that each may be cut off anywhere and made again.

What was asked for is found again by what we chose: by the ids in our own patch, and by the password that we put into the
template. Railway gives no other sign: its answer does not tell which service it made.
"""

import asyncio
import math
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

from app.providers.protocol import Note, NotYet, ServerSpec
from app.providers.railway import patches, templates
from app.providers.railway.certainty import certainly, seen
from app.providers.railway.client import RailwayClient, Result
from app.providers.railway.deployments import Deployment, DeploymentPending, newest, settled
from app.providers.railway.documents import document
from app.providers.railway.errors import OutcomeUnknown, RailwayProblem, RailwayUnavailable
from app.providers.railway.intents import Intents
from app.providers.railway.inventory import (
    EnvironmentState,
    ServiceInstance,
    config_of,
    is_postgres,
    read_environment,
    variable_in,
)
from app.providers.railway.models import IntentOutcome, RailwayIntent
from app.providers.railway.options import RailwayOptions
from app.providers.railway.place import Place
from app.providers.railway.proxies import open_public, public_address
from app.providers.railway.removing import remove
from app.providers.railway.variables import rendered
from app.providers.railway.workflows import Outcome, finished

CREATE: Final = "database.create"
_ASKS: Final = 3
_OPERATIONS: Final = {"template": "templateDeployV2", "patch": "environmentPatchCommit"}


@dataclass(frozen=True, slots=True)
class Patience:
    """``unseen``: how long what was asked for without an answer may still appear; then it is asked for again.

    ``glance`` is for what is known to have ended. ``poll``: how long one call waits. ``appear`` and ``come_up``: when to give up on what Railway said it would do.
    """

    unseen_seconds: float = 30.0
    glance_seconds: float = 5.0
    poll_seconds: float = 20.0
    appear_seconds: float = 180.0
    come_up_seconds: float = 1800.0


class ServiceNotMade(RailwayProblem):
    code, title = "RAILWAY_SERVICE_NOT_MADE", "Railway made no service, or not the one that was asked for"
    way_out = "Look into the environment at Railway, and create the database again."


@dataclass(frozen=True, slots=True)
class Placing:
    """One server in the making. ``owner_id`` is the job."""

    client: RailwayClient
    intents: Intents
    spec: ServerSpec
    owner_id: UUID
    note: Note
    patience: Patience = field(default_factory=Patience)

    @property
    def place(self) -> Place:
        return Place.of(dict(self.spec.data))

    @property
    def options(self) -> RailwayOptions:
        return RailwayOptions.model_validate(self.spec.options)

    async def deploy(self) -> None:
        """Asks for the service, once. Raises EnvironmentBusy, StagedChangesForeign, NotYet, RailwayProblem."""
        intent = await self.intent()
        if intent.made.get("answered") or await self.found(intent):
            return
        asks, asked_at = int(intent.made.get("asks", 0)), intent.made.get("asked_at")
        if asked_at is not None:
            self._require_patience(intent, asked_at)
        place = self.place
        begin = await self._beginning(intent)
        await patches.require_none_foreign(self.client, place.environment_id, force=self.options.force)
        intent = await self.intents.made(intent, asks=asks + 1, asked_at=self.intents.clock().isoformat())
        try:
            workflow_id = await begin()
        except OutcomeUnknown as unknown:
            if asks + 1 >= _ASKS:
                raise
            if not isinstance(unknown.__cause__, RailwayUnavailable):
                await self.intents.made(intent, said=unknown.said)
            raise _unanswered() from None
        except RailwayProblem:
            await self.intents.made(intent, asks=asks, asked_at=None)  # nothing was made
            raise
        await self.intents.made(intent, answered=True, workflow_id=workflow_id)

    async def settle(self) -> Place:
        """The place with its service and volume. Raises NotYet, WorkflowFailed, ServiceNotMade."""
        intent = await self.intent()
        made_at = intent.made.get("asked_at") or intent.opened_at.isoformat()
        if not intent.made.get("service_id") and await self._still_works(intent, made_at):
            raise NotYet("Railway, which is still making the service")
        found = await self.found(intent)
        volume = found[1].volume_of(found[0].service_id) if found else None
        if found is None or volume is None:
            missing = "service" if found is None else "volume"
            if self._age(made_at) > self.patience.appear_seconds:
                said = f"after {self.patience.appear_seconds:.0f} s there is no {missing} that is ours"
                raise ServiceNotMade(said, operation="environment")
            raise NotYet(f"the {missing} to appear at Railway", seconds=1.0)
        service, _ = found
        await self.intents.made(intent, volume_id=volume.volume_id)
        name = await self._named(service)
        known = {
            "service_id": service.service_id,
            "service_name": name,
            "volume_id": volume.volume_id,
            "volume_instance_id": volume.id,
            "image": service.image,
            "region": volume.region or service.region,
        }
        return self.place.model_copy(update=known)

    async def publish(self) -> Place:
        """The place with its addresses, once its container runs; lets the environment go. Raises NotYet."""
        intent, place = await self.intent(), self.place
        host, port = None, None
        if self.options.public_access:
            host, port = await self._opened(place, intent)
        try:
            await settled(self.client, place, seconds=self.patience.poll_seconds, note=self.note)
        except DeploymentPending as pending:
            if self._age(intent.opened_at.isoformat()) > self.patience.come_up_seconds:
                raise
            raise NotYet(pending.detail) from None
        addresses = {**await self._private_address(place), "public_host": host, "public_port": port}
        await self._remove_twins(intent)
        await self.intents.close(intent, IntentOutcome.DONE)
        return place.model_copy(update=addresses)

    async def traces(self, intent: RailwayIntent) -> tuple[list[Place], tuple[str, ...]]:
        """What an unfinished creation has made, as places to be removed, and what it may make yet, for people.

        What the row names may be of an earlier try that was not cleaned up.
        """
        left: tuple[str, ...] = ()
        asked_at = intent.made.get("asked_at")
        if asked_at is not None and not intent.made.get("service_id"):
            left = await self._late(intent, asked_at)
            intent = await self.intents.of_owner(self.owner_id, CREATE) or intent
        await self._remove_twins(intent)
        # What was never asked for was not made, whatever ids were chosen for it.
        known = {**intent.plan, **intent.made} if asked_at is not None else intent.made
        service_id, volume_id = known.get("service_id"), known.get("volume_id")
        if service_id is not None and volume_id is None:
            volume_id = await self._volume_of(service_id)
        made = self.place.model_copy(update={"service_id": service_id, "volume_id": volume_id})
        places = {place.service_id: place for place in (made, self.place) if place.service_id is not None}
        return list(places.values()), left

    async def _late(self, intent: RailwayIntent, asked_at: str) -> tuple[str, ...]:
        """Waits for what is under way, so that it can be removed; a sentence for what does not come to its end."""
        works, seconds = False, self.patience.glance_seconds
        if intent.made.get("answered"):
            with suppress(RailwayProblem):
                works = await self._still_works(intent, asked_at)
        else:
            seconds = max(seconds, self.patience.unseen_seconds - self._age(asked_at))
        for _ in range(math.ceil(seconds)):
            if await self.found(intent):
                return ()
            await asyncio.sleep(1.0)
        if not works:
            return ()
        return (
            f"the workflow {intent.made.get('workflow_id')}, which runs on at Railway and may still make a service",
        )

    async def intent(self) -> RailwayIntent:
        """Ours in this environment, opened unless it is; what stands in its plan is chosen once. Raises EnvironmentBusy."""
        place = self.place
        known = await self.intents.of_owner(self.owner_id, CREATE)
        if known is not None and known.closed_at is None:
            return known
        return await self.intents.open(
            place.connection_id,
            place.environment_id,
            owner_id=self.owner_id,
            operation=CREATE,
            plan={"path": "template"}
            if self.options.takes_template(self.spec.major)
            else {"path": "patch", "service_id": str(uuid4()), "volume_id": str(uuid4())},
        )

    async def found(self, intent: RailwayIntent) -> tuple[ServiceInstance, EnvironmentState] | None:
        """The service that is certainly ours, remembered from then on; should there be another one, that goes."""
        known = intent.made.get("service_id") or intent.plan.get("service_id")
        if known is not None:
            state = await read_environment(self.client, self.place.environment_id)
            service = state.service(known)
        else:
            state, services = await self._by_password()
            service = next(iter(services), None)
        if service is None:
            return None
        if not intent.made.get("service_id"):
            await self.intents.made(intent, service_id=service.service_id)
        return service, state

    async def _remove_twins(self, intent: RailwayIntent) -> None:
        """What was asked for a second time may come twice, however late the first one is."""
        if int(intent.made.get("asks", 0)) < 2 or intent.plan["path"] != "template":  # noqa: PLR2004 (once is no repetition)
            return
        _, services = await self._by_password()
        for twin in services:
            if twin.service_id == intent.made.get("service_id"):
                continue
            self.note(f"removing {twin.service_name}, which a repeated request made a second time")
            place = self.place.model_copy(update={"service_id": twin.service_id})
            await remove(self.client, place, await self._volume_of(twin.service_id))

    async def _volume_of(self, service_id: str) -> str | None:
        """Of a service that is ours alone. A volume may be listed some seconds after its service."""
        found: list[str | None] = []

        async def is_listed() -> bool:
            state = await read_environment(self.client, self.place.environment_id)
            volume = state.volume_of(service_id)
            found.append(volume.volume_id if volume else None)
            return volume is not None

        await seen(is_listed)
        return found[-1]

    async def _by_password(self) -> tuple[EnvironmentState, list[ServiceInstance]]:
        state = await read_environment(self.client, self.place.environment_id, config=True)
        return state, [service for service in state.services if await self._is_ours(state, service)]

    def _require_patience(self, intent: RailwayIntent, asked_at: str) -> None:
        """Silence is asked again after a while; an error that Railway told is what it was, unless the service is there."""
        said, seconds = intent.made.get("said"), self.patience.unseen_seconds
        if said is not None and intent.plan["path"] == "patch":
            seconds = min(seconds, self.patience.glance_seconds)  # a patch is one request, and it has ended
        if self._age(asked_at) < seconds:
            raise _unanswered()
        if said is not None:
            raise ServiceNotMade(said, operation=_OPERATIONS[intent.plan["path"]])

    async def _is_ours(self, state: EnvironmentState, service: ServiceInstance) -> bool:
        """By the password that only our row holds: first as it was written, then as the container would see it."""
        ours = self.spec.password.get_secret_value()
        if not is_postgres(service.image):
            return False
        if variable_in(config_of(state.config, service.service_id), templates.PASSWORD) not in (ours, ""):
            return False
        there = self.place.model_copy(update={"service_id": service.service_id})
        return (await rendered(self.client, there)).get(templates.PASSWORD) == ours

    async def _beginning(self, intent: RailwayIntent) -> Callable[[], Awaitable[str | None]]:
        """What to send, all that has to be read for it being read."""
        place = self.place
        if intent.plan["path"] == "template":
            template = await templates.official_template(self.client)
            config = templates.filled(template, templates.login(self.spec))
            return lambda: templates.deploy(self.client, place, template, config)
        patch = templates.patch_of(
            self.spec, self.options, service_id=intent.plan["service_id"], volume_id=intent.plan["volume_id"]
        )

        async def commit() -> None:
            await patches.commit(self.client, place.environment_id, patch, "A new PostgreSQL database")

        return commit

    async def _still_works(self, intent: RailwayIntent, asked_at: str) -> bool:
        """Whether the template's workflow runs. One that is unreadable, or takes too long, is told by its effect."""
        workflow_id = intent.made.get("workflow_id")
        if workflow_id is None or self._age(asked_at) > self.patience.appear_seconds:
            return False
        outcome = await finished(self.client, workflow_id, note=self.note, seconds=self.patience.poll_seconds)
        return outcome is Outcome.RUNNING

    async def _named(self, service: ServiceInstance) -> str:
        """A patch makes services without a name of our choice."""
        wanted = self.options.service_name
        if wanted is None or service.service_name == wanted:
            return service.service_name
        request = {"id": service.service_id, "input": {"name": wanted}}

        async def is_named() -> bool:
            state = await read_environment(self.client, self.place.environment_id)
            found = state.service(service.service_id)
            return found is not None and found.service_name == wanted

        await certainly(lambda: self.client.change(document("serviceUpdate"), request, Result), is_named)
        return wanted

    async def _opened(self, place: Place, intent: RailwayIntent) -> tuple[str, int]:
        """The public address. Opening it may deploy the service anew, which shows a moment later."""
        there = await public_address(self.client, place)
        if there is not None or intent.plan["path"] == "patch":  # a patch asks for both at once
            return there or await open_public(self.client, place, note=self.note)
        before = await newest(self.client, place)
        address = await open_public(self.client, place, note=self.note)
        for _ in range(math.ceil(self.patience.glance_seconds)):
            if _id_of(await newest(self.client, place)) != _id_of(before):
                break
            await asyncio.sleep(1.0)
        return address

    async def _private_address(self, place: Place) -> dict[str, Any]:
        variables = await rendered(self.client, place)
        host = variables.get("RAILWAY_PRIVATE_DOMAIN")
        if not host:
            raise NotYet("Railway to give the service its private name", seconds=1.0)
        if variables.get(templates.PASSWORD) != self.spec.password.get_secret_value():
            said = "the service has another password than the one that it was made with"
            raise ServiceNotMade(said, operation="variablesForServiceDeployment")
        return {"private_host": host}

    def _age(self, since: str) -> float:
        return (self.intents.clock() - datetime.fromisoformat(since)).total_seconds()


def _id_of(deployment: Deployment | None) -> str | None:
    return deployment.id if deployment else None


def _unanswered() -> NotYet:
    return NotYet("what Railway made of a request that it did not answer", seconds=1.0)
