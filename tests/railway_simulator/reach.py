"""What a caller may reach: the object behind an id, or the refusal that the platform has for it.

What is nowhere is ``X not found``. What is there, but not for this token, is "Not Authorized", and so is a volume's id
where a volume instance's is wanted, and the other way round.
"""

from tests.railway_simulator.errors import BadInput, NotAuthorized, NotFound
from tests.railway_simulator.model import (
    Deployment,
    Environment,
    Project,
    Service,
    ServiceInstance,
    Volume,
    VolumeInstance,
    Workspace,
)
from tests.railway_simulator.registry import Call
from tests.railway_simulator.tokens import Kind


def workspace(call: Call, workspace_id: str) -> Workspace:
    found = call.platform.workspaces.get(workspace_id)
    if found is None:
        raise NotFound("Workspace")
    if call.token.workspace_id not in (None, workspace_id):
        raise NotAuthorized
    return found


def project(call: Call, project_id: str) -> Project:
    found = call.platform.projects.get(project_id)
    if found is None or found.deleted_at is not None:
        raise NotFound("Project")
    if call.token.kind is Kind.PROJECT:
        if call.platform.environments[call.token.environment_id or ""].project_id != project_id:
            raise NotAuthorized
    elif call.token.workspace_id not in (None, found.workspace_id):
        raise NotAuthorized
    return found


def may_enter(call: Call, environment: Environment) -> bool:
    if call.token.kind is Kind.PROJECT and call.token.environment_id != environment.id:
        return False
    return environment.id not in call.platform.settings.restricted_environments


def environment(call: Call, environment_id: str) -> Environment:
    found = call.platform.environments.get(environment_id)
    if found is None or found.deleted_at is not None:
        raise NotFound("Environment")
    project(call, found.project_id)
    if not may_enter(call, found):
        raise NotAuthorized
    return found


def service(call: Call, service_id: str) -> Service:
    found = call.platform.services.get(service_id)
    if found is None or found.deleted_at is not None:
        raise NotFound("Service")
    project(call, found.project_id)
    own = call.token.environment_id
    if call.token.kind is Kind.PROJECT and call.platform.instance(own or "", service_id) is None:
        raise NotAuthorized
    return found


def instance(call: Call, environment_id: str, service_id: str) -> ServiceInstance:
    environment(call, environment_id)
    found = call.platform.instance(environment_id, service_id)
    if found is None:
        raise NotFound("ServiceInstance")
    return found


def volume(call: Call, volume_id: str) -> Volume:
    """For what is done to it everywhere: a project's token must reach every environment that it is in."""
    platform = call.platform
    if volume_id in platform.volume_instances:
        raise NotAuthorized
    found = platform.volumes.get(volume_id)
    if found is None or found.deleted_at is not None:
        raise NotFound("Volume")
    project(call, found.project_id)
    for one in platform.volume_instances.values():
        if one.volume_id == volume_id and platform.is_there(one):
            environment(call, one.environment_id)
    return found


def volume_instance(call: Call, instance_id: str) -> VolumeInstance:
    platform = call.platform
    if instance_id in platform.volumes:
        raise NotAuthorized
    found = platform.volume_instances.get(instance_id)
    if found is None or not platform.is_there(found):
        raise NotFound("VolumeInstance")
    environment(call, found.environment_id)
    return found


def deployment(call: Call, deployment_id: str) -> Deployment:
    found = call.platform.deployments.get(deployment_id)
    if found is None:
        raise NotFound("Deployment")
    environment(call, found.environment_id)
    return found


def belongs(environment: Environment, project_id: str) -> None:
    if environment.project_id != project_id:
        raise BadInput("The environment is not one of the project")
