"""Reading who uses a database, and starting what leads a service to it or away from it."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from app.auth.audit import audit, current_request_id
from app.auth.principal import Principal
from app.connections.endpoints import EndpointKind
from app.connections.errors import NoSuchEndpoint
from app.consumers.endpoints import Doors
from app.consumers.errors import ConsumerInvalid, ConsumerNotFound, ServiceNotFound
from app.consumers.schemas import (
    ConsumerPlan,
    ConsumersView,
    ConsumerView,
    ConsumerWish,
    RemoveConsumer,
    WriteConsumer,
)
from app.consumers.warnings import FORMER, WRITTEN_OUT, warnings_about
from app.databases.access import visible_database
from app.databases.places import Site
from app.databases.referrers import Surroundings, last_seen, seen_now
from app.jobs.contract import JobArgs
from app.jobs.enqueue import Target, enqueue
from app.jobs.models import Job
from app.kit.ids import encode_id
from app.providers.railway import patches, variables
from app.providers.railway.place import Place
from app.providers.railway.rewriting import shown
from app.runtime import Runtime


async def consumers_of(runtime: Runtime, site: Site) -> ConsumersView:
    """From what was last seen, or from Railway where that is too old."""
    around = await last_seen(runtime, site)
    found = [*_by_reference(around, site.place), *_by_hand(around, site.place)]
    return ConsumersView(data=found, observed_at=around.observed_at)


async def plan_write(
    runtime: Runtime, site: Site, service: str, wish: ConsumerWish
) -> tuple[ConsumerPlan, WriteConsumer]:
    """Raises ServiceNotFound, NoSuchEndpoint, ConsumerInvalid."""
    around = await seen_now(runtime, site)
    service_id, name = _service(around, service)
    if service_id == site.place.service():
        raise ConsumerInvalid("The service is the database itself, whose variables the others refer to.")
    if wish.variable == FORMER or wish.variable.startswith("RAILWAY_"):
        raise ConsumerInvalid(
            f"{wish.variable} is never written: {FORMER} is a former name, and Railway sets what begins with RAILWAY_. "
            "DATABASE_URL is what applications look for."
        )
    doors = Doors.of(around, site.place.service())
    if wish.endpoint is EndpointKind.PUBLIC and site.place.public_host is None:
        raise NoSuchEndpoint(
            wish.endpoint,
            f'Switch it on first: PUT /v1/databases/{encode_id("db", site.database.id)}/public-access {{"enabled": true}}.',
        )
    names = {door: await _names(site, around, door) for door in doors.names}
    value = doors.value_for(wish.endpoint, names)
    present = (await variables.unrendered(site.client, _at(site.place, service_id))).get(wish.variable)
    warnings = warnings_about(wish.variable, ["DATABASE_URL"], wish.endpoint)
    if present is not None and shown(present) != present:
        warnings.append(
            "The present value is more than references; it is replaced and cannot be brought back from here."
        )
    if not wish.redeploy:
        warnings.append("The service sees the variable from its next deployment on.")
    plan = ConsumerPlan(
        service=name,
        variable=wish.variable,
        before=None if present is None else shown(present),
        after=value,
        redeploys=wish.redeploy,
        warnings=warnings,
    )
    args = WriteConsumer(
        database_id=site.database.id,
        service_id=service_id,
        service_name=name,
        variable=wish.variable,
        value=value,
        redeploy=wish.redeploy,
    )
    return plan, args


async def plan_removal(
    runtime: Runtime, site: Site, service: str, variable: str, *, redeploy: bool
) -> tuple[ConsumerPlan, RemoveConsumer]:
    """Raises ServiceNotFound, ConsumerNotFound, StagedChangesForeign."""
    around = await seen_now(runtime, site)
    service_id, name = _service(around, service)
    if (service_id, variable) not in {
        (one.railway_service_id, one.variable) for one in _by_reference(around, site.place)
    }:
        raise ConsumerNotFound(name, variable)
    own = [f"services.{service_id}.variables.{variable}"]
    patches.require_own(await patches.staged(site.client, site.place.environment_id), own, force=False)
    present = (await variables.unrendered(site.client, _at(site.place, service_id))).get(variable)
    plan = ConsumerPlan(
        service=name,
        variable=variable,
        before=None if present is None else shown(present),
        after=None,
        redeploys=redeploy,
        warnings=[] if redeploy else ["The service keeps the variable until its next deployment."],
    )
    args = RemoveConsumer(
        database_id=site.database.id,
        service_id=service_id,
        service_name=name,
        variable=variable,
        redeploy=redeploy,
    )
    return plan, args


@dataclass(frozen=True, slots=True)
class ConsumerService:
    session: AsyncSession

    async def start(self, database_id: UUID, args: JobArgs, caller: Principal, action: str, plan: ConsumerPlan) -> Job:
        """Raises JobConflict."""
        database = await visible_database(self.session, database_id, caller)
        enqueued = await enqueue(
            self.session,
            args,
            created_by=caller.actor,
            targets=[Target(database.id)],
            project_id=database.project_id,
            subject_id=encode_id("db", database.id),
            request_id=current_request_id(),
        )
        audit(
            self.session,
            caller,
            action,
            target_type="database",
            target_id=encode_id("db", database.id),
            project_id=database.project_id,
            details={"service": plan.service, "variable": plan.variable, "after": plan.after},
        )
        return enqueued.job


def _by_reference(around: Surroundings, place: Place) -> list[ConsumerView]:
    doors = Doors.of(around, place.service())
    return [
        ConsumerView(
            service=around.name_of(one.service_id),
            railway_service_id=one.service_id,
            variable=one.variable,
            reads=f"{one.target_service_name}.{one.target_variable}",
            endpoint=doors.endpoint_of(one),
            warnings=warnings_about(one.variable, [one.target_variable], doors.endpoint_of(one)),
        )
        for one in around.references_to(*doors.names)
        # What the platform put before the database refers to it as a matter of course.
        if around.name_of(one.service_id) not in doors.names
    ]


def _by_hand(around: Surroundings, place: Place) -> Iterator[ConsumerView]:
    names = Doors.of(around, place.service()).names
    addresses = {
        EndpointKind.PRIVATE: (place.private_host, place.private_port),
        EndpointKind.PUBLIC: (place.public_host, place.public_port),
    }
    for kind, (host, port) in addresses.items():
        for one in around.copies_of(host, port):
            if around.name_of(one.service_id) not in names:
                yield ConsumerView(
                    service=around.name_of(one.service_id),
                    railway_service_id=one.service_id,
                    variable=one.variable,
                    reads=one.host if one.port is None else f"{one.host}:{one.port}",
                    endpoint=kind,
                    warnings=[WRITTEN_OUT, *warnings_about(one.variable, [], kind)],
                )


def _service(around: Surroundings, id_or_name: str) -> tuple[str, str]:
    service_id = around.named(id_or_name)
    if service_id is None:
        raise ServiceNotFound(id_or_name, around.environment_name)
    return service_id, around.services[service_id].name


def _at(place: Place, service_id: str) -> Place:
    return place.model_copy(update={"service_id": service_id})


async def _names(site: Site, around: Surroundings, service_name: str) -> set[str]:
    service_id = around.named(service_name)
    return set(await variables.unrendered(site.client, _at(site.place, service_id))) if service_id else set()
