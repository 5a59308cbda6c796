"""What a token sees at Railway, and what of it is ours already. Railway is asked while no session is open."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from app.auth.principal import Principal
from app.errors import BadRequest
from app.providers.railway.errors import RailwayNotFound
from app.providers.railway.inventory import PostgresService, postgres_services, read_environment
from app.providers.railway.models import RailwayConnection
from app.providers.railway.projects import read_project, read_workspace
from app.providers.railway.regions import regions
from app.railway.repository import Adopted, ConnectionRepository
from app.railway.sights import (
    ClusterMemberView,
    ClusterView,
    RailwayEnvironmentsView,
    RailwayEnvironmentView,
    RailwayProjectsView,
    RailwayProjectView,
    RailwayRegionsView,
    RailwayRegionView,
    RailwayServicesView,
    RailwayServiceView,
    VolumeView,
)
from app.railway.standing import explained
from app.runtime import Runtime


async def seen_projects(runtime: Runtime, connection: RailwayConnection) -> RailwayProjectsView:
    """Of every workspace of the token; a project token sees its own one only."""
    found: list[RailwayProjectView] = []
    async with explained(runtime, connection.id) as client:
        if connection.railway_project_id is not None:
            project = await read_project(client, connection.railway_project_id)
            found.append(
                RailwayProjectView(
                    id=project.id, name=project.name, workspace_id=project.workspace_id, workspace_name=None
                )
            )
        for known in connection.workspaces:
            workspace = await read_workspace(client, known["id"])
            found += [
                RailwayProjectView(
                    id=project.id, name=project.name, workspace_id=workspace.id, workspace_name=workspace.name
                )
                for project in workspace.projects
            ]
    return RailwayProjectsView(data=found, taken_at=runtime.clock())


async def seen_environments(
    runtime: Runtime, connection: RailwayConnection, caller: Principal, *, railway_project_id: str | None
) -> RailwayEnvironmentsView:
    project_id = railway_project_id or _required(connection.railway_project_id, "railway_project_id")
    async with explained(runtime, connection.id) as client:
        project = await read_project(client, project_id)
    async with runtime.reads() as session:
        links = await ConnectionRepository(session).standing_for([found.id for found in project.environments])
    environments = [
        RailwayEnvironmentView(
            id=found.id,
            name=found.name,
            can_access=found.can_access,
            is_ephemeral=found.is_ephemeral,
            linked_to=[
                link.id for link in links if link.railway_environment_id == found.id and caller.may_see(link.project_id)
            ],
        )
        for found in project.environments
    ]
    return RailwayEnvironmentsView(data=environments, taken_at=runtime.clock())


async def seen_services(
    runtime: Runtime,
    connection: RailwayConnection,
    caller: Principal,
    *,
    railway_project_id: str | None,
    railway_environment_id: str | None,
) -> RailwayServicesView:
    environment_id = railway_environment_id or _required(connection.railway_environment_id, "railway_environment_id")
    async with explained(runtime, connection.id) as client:
        # With the configuration: only it tells clusters, poolers and recovery.
        state = await read_environment(client, environment_id, config=True)
    if railway_project_id not in (None, state.project_id):
        raise RailwayNotFound("the environment belongs to another project", operation="environment")
    async with runtime.reads() as session:
        adopted = await ConnectionRepository(session).adopted(environment_id)
    by_service = {database.service_id: database for database in adopted}
    services = [_service(found, by_service.get(found.service_id), caller.may_see) for found in postgres_services(state)]
    return RailwayServicesView(data=services, taken_at=runtime.clock())


async def seen_regions(
    runtime: Runtime, connection: RailwayConnection, *, railway_project_id: str | None
) -> RailwayRegionsView:
    async with explained(runtime, connection.id) as client:
        found = await regions(client, railway_project_id or connection.railway_project_id)
    taken_at: datetime = runtime.clock()
    views = [
        RailwayRegionView(
            name=region.name,
            location=region.location,
            country=region.country,
            deprecated=region.is_deprecated,
            replacement=region.replacement,
        )
        for region in found
    ]
    return RailwayRegionsView(data=views, taken_at=taken_at)


def _service(
    found: PostgresService, database: Adopted | None, may_see: Callable[[UUID | None], bool]
) -> RailwayServiceView:
    volume, cluster = found.volume, found.cluster
    return RailwayServiceView(
        service_id=found.service_id,
        service_name=found.service_name,
        image=found.image,
        official=found.official,
        major=found.major,
        region=found.region,
        deployment_status=found.deployment_status,
        volume=VolumeView(
            volume_id=volume.volume_id,
            volume_instance_id=volume.id,
            mount_path=volume.mount_path,
            size_mb=volume.size_mb,
            used_mb=volume.used_mb,
        )
        if volume
        else None,
        pitr=found.pitr,
        cluster=ClusterView(
            role=cluster.role,
            root_service_id=cluster.root_service_id,
            members=[
                ClusterMemberView(service_id=member.service_id, service_name=member.service_name, role=member.role)
                for member in cluster.members
            ],
            read_endpoint=cluster.read_endpoint,
        )
        if cluster
        else None,
        pooler_service_id=found.pooler_service_id,
        adopted=database is not None,
        database_id=database.id if database is not None and may_see(database.project_id) else None,
    )


def _required(default: str | None, parameter: str) -> str:
    """A project token means its own place when none is named; a token of another kind may see many."""
    if default is None:
        detail = f"Name {parameter}: only a project token stands for one by itself."
        raise BadRequest(detail, errors=[{"parameter": parameter, "code": "MISSING", "detail": detail}])
    return default
