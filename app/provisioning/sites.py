"""Where at Railway a wish leads, asked and answered before anything is written."""

from dataclasses import dataclass
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from app.auth.principal import Principal
from app.auth.scopes import Scope
from app.databases.errors import ProjectNotFound
from app.databases.models import Environment
from app.databases.repository import ProjectRepository
from app.providers.railway import patches
from app.providers.railway.client import RailwayClient
from app.providers.railway.clients import credential_of
from app.providers.railway.errors import RailwayNotAuthorized
from app.providers.railway.inventory import EnvironmentState, read_environment
from app.providers.railway.models import RailwayConnection
from app.providers.railway.place import Place
from app.providers.railway.prices import Priced, estimate
from app.providers.railway.refusals import explain
from app.providers.railway.regions import regions
from app.provisioning.errors import (
    ConnectionMissing,
    EnvironmentLinkedElsewhere,
    EnvironmentMissing,
    RailwayEnvironmentMismatch,
    RailwayEnvironmentUnnamed,
    RegionUnknown,
    ServiceNameTaken,
)
from app.provisioning.schemas import DatabaseCreate, RailwayDatabaseCreate, RailwayPlan, RailwayServiceAdopt
from app.railway.repository import ConnectionRepository
from app.runtime import Runtime

MB_IN_A_GB = 1000


@dataclass(frozen=True, slots=True)
class Site:
    """Railway's environment as it was just read, and by whom it is reached."""

    connection_id: UUID
    client: RailwayClient
    state: EnvironmentState

    @property
    def place(self) -> Place:
        return Place(connection_id=self.connection_id, project_id=self.state.project_id, environment_id=self.state.id)


async def site_of(
    runtime: Runtime, wish: RailwayDatabaseCreate | RailwayServiceAdopt, caller: Principal, *, config: bool = False
) -> Site:
    """Holds no session while Railway is asked. Raises ProjectNotFound, ConnectionMissing, EnvironmentLinkedElsewhere,
    RailwayEnvironmentUnnamed, RailwayEnvironmentMismatch, RailwayProblem.
    """
    async with runtime.reads() as session:
        environment = await environment_of(session, wish, caller)
        connection = await ConnectionRepository(session).get(wish.connection_id, caller.project_ids)
    if connection is None or connection.project_id != wish.project_id:
        raise ConnectionMissing(wish.connection_id)
    project_id, environment_id = _named(wish, environment, connection)
    client = runtime.railway.by(credential_of(connection, runtime.key_ring))
    try:
        state = await read_environment(client, environment_id, config=config)
    except RailwayNotAuthorized as refusal:
        # What was tried is the reading itself, so it is not tried again.
        raise await explain(client, refusal) from refusal
    if project_id is not None and state.project_id != project_id:
        raise RailwayEnvironmentMismatch(environment_id, state.project_id)
    return Site(connection.id, client, state)


async def require_free(site: Site, wish: RailwayDatabaseCreate, caller: Principal) -> None:
    """Raises ServiceNameTaken, StagedChangesForeign, ScopeMissing for a force that the key has not."""
    if wish.force:
        caller.require(Scope.RAILWAY_FORCE)
    name = wish.options().service_name
    if name is not None and any(service.service_name.lower() == name.lower() for service in site.state.services):
        raise ServiceNameTaken(name)
    await patches.require_none_foreign(site.client, site.state.id, force=wish.force)


async def require_region(site: Site, wish: RailwayDatabaseCreate) -> None:
    """One that is about to end is taken: Railway replaces it. Raises RegionUnknown."""
    region = wish.options().region
    if region is None:
        return
    try:
        found = await regions(site.client, site.state.project_id)
    except RailwayNotAuthorized:
        return  # then it is for Railway to say whether there is one
    if region not in {one.name for one in found}:
        raise RegionUnknown(region, [one.name for one in found if not one.is_deprecated])


async def environment_of(
    session: AsyncSession, wish: DatabaseCreate, caller: Principal, *, hold: bool = False, change: bool = False
) -> Environment:
    """Ours, locked as the repository does it. Raises ProjectNotFound, EnvironmentMissing."""
    projects = ProjectRepository(session)
    if await projects.get(wish.project_id, caller.project_ids, hold=hold or change) is None:
        raise ProjectNotFound(wish.project_id)
    environment_id = wish.environment_id
    if environment_id is None:
        production = await projects.production_of(wish.project_id, hold=hold)
        if production is not None and not change:
            return production
        environment_id = production.id if production else None
    environment = None
    if environment_id is not None:
        environment = await projects.environment(environment_id, wish.project_id, hold=hold, change=change)
    if environment is None:
        raise EnvironmentMissing(wish.environment_id)
    return environment


def require_link(environment: Environment, connection_id: UUID, railway_environment_id: str) -> None:
    """Raises EnvironmentLinkedElsewhere."""
    if environment.connection_id is None or environment.railway_environment_id is None:
        return
    if (environment.connection_id, environment.railway_environment_id) != (connection_id, railway_environment_id):
        raise EnvironmentLinkedElsewhere(
            environment.name, environment.railway_environment_id, environment.connection_id
        )


def plan_of(site: Site, wish: RailwayDatabaseCreate) -> RailwayPlan:
    options = wish.options()
    by_template = options.takes_template(wish.major)
    size = options.volume_size_mb
    quantities: dict[Priced, float | None] = {
        Priced.VOLUME: size / MB_IN_A_GB if size is not None else None,
        Priced.MEMORY: None,
        Priced.CPU: None,
    }
    notes = {
        Priced.VOLUME: "What is stored is billed, up to this size." if size else "What is stored is billed.",
        Priced.MEMORY: "By use, the cache of the system included.",
        Priced.CPU: "By use.",
    }
    if options.public_access:
        quantities[Priced.EGRESS] = None
        notes[Priced.EGRESS] = "What leaves by the public address, backups by this service included."
    return RailwayPlan(
        path="template" if by_template else "patch",
        railway_project_id=site.state.project_id,
        railway_environment_id=site.state.id,
        service_name=options.service_name,
        image=None if by_template else options.image_of(wish.major),
        region=options.region,
        volume_size_mb=size,
        public_access=options.public_access,
        cost=estimate(quantities, notes),
    )


def _named(
    wish: RailwayDatabaseCreate | RailwayServiceAdopt, environment: Environment, connection: RailwayConnection
) -> tuple[str | None, str]:
    """By the wish, else by the link, else by the token."""
    environment_id = (
        wish.railway_environment_id or environment.railway_environment_id or connection.railway_environment_id
    )
    if environment_id is None:
        raise RailwayEnvironmentUnnamed
    require_link(environment, connection.id, environment_id)
    return wish.railway_project_id, environment_id
