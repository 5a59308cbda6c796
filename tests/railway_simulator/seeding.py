"""What is there when the platform starts, and databases that look as if they ran: for tests of many at once."""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from tests.railway_simulator import volumes
from tests.railway_simulator.model import (
    Deployment,
    Environment,
    Project,
    Service,
    ServiceInstance,
    Variable,
    Volume,
    Workspace,
)
from tests.railway_simulator.platform import DEFAULT_REGION, Platform, new_id
from tests.railway_simulator.templates import DATA, VARIABLES, image
from tests.railway_simulator.tokens import Kind, Token
from tests.railway_simulator.variables import generated

# Longer ago than metrics are kept.
_AGE: Final = timedelta(days=31)
_USED_MB: Final = 1200.0


@dataclass(frozen=True)
class Beginning:
    workspace: Workspace
    project: Project
    environment: Environment


def begin(platform: Platform) -> Beginning:
    past = platform.now() - _AGE
    workspace = Workspace(id=new_id(), created_at=past, name="Simulated workspace")
    platform.workspaces[workspace.id] = workspace
    project = Project(id=new_id(), created_at=past, workspace_id=workspace.id, name="simulated")
    platform.projects[project.id] = project
    environment = Environment(id=new_id(), created_at=past, project_id=project.id, name="production")
    platform.environments[environment.id] = environment
    return Beginning(workspace, project, environment)


def token(
    platform: Platform,
    kind: Kind,
    *,
    workspace_id: str | None = None,
    environment_id: str | None = None,
    privileges: frozenset[str] | None = None,
) -> Token:
    made = Token(
        id=new_id(),
        kind=kind,
        # Nothing else looks like it, so that a test can look for it everywhere.
        secret=f"simulated-{kind}-{secrets.token_hex(16)}",
        name=f"a {kind} token",
        workspace_id=workspace_id if kind is Kind.WORKSPACE else None,
        environment_id=environment_id if kind is Kind.PROJECT else None,
        privileges=privileges,
    )
    platform.tokens[made.secret] = made
    return made


def seed(platform: Platform, project: Project, *, environments: int, databases_each: int) -> dict[str, Any]:
    """The first environments are those that the project has; more are made."""
    there = [one for one in platform.environments.values() if one.project_id == project.id and one.deleted_at is None]
    past = platform.now() - _AGE
    while len(there) < environments:
        made = Environment(id=new_id(), created_at=past, project_id=project.id, name=f"seeded-{len(there)}")
        platform.environments[made.id] = made
        there.append(made)
    return {
        "environments": [
            {"environment_id": one.id, "databases": [_database(platform, one) for _ in range(databases_each)]}
            for one in there[:environments]
        ]
    }


def _database(platform: Platform, environment: Environment) -> dict[str, str]:
    past = platform.now() - _AGE
    service = Service(id=new_id(), created_at=past, project_id=environment.project_id, name=f"seeded-{new_id()[:8]}")
    platform.services[service.id] = service
    instance = ServiceInstance(
        id=new_id(),
        created_at=past,
        service_id=service.id,
        environment_id=environment.id,
        image=image(platform),
        region=DEFAULT_REGION,
        variables={name: Variable(generated({}) if value is None else value) for name, value in VARIABLES.items()},
        seeded=True,
    )
    platform.service_instances[instance.id] = instance
    volume = Volume(id=new_id(), created_at=past, project_id=environment.project_id, name=volumes.name_for(service))
    platform.volumes[volume.id] = volume
    mounted = volumes.add(platform, volume, environment.id, mount_path=DATA)
    mounted.created_at, mounted.service_id, mounted.seeded_mb = past, service.id, _USED_MB
    deployment = Deployment(
        id=new_id(),
        created_at=past,
        service_id=service.id,
        environment_id=environment.id,
        image=instance.image or "",
        reason="deploy",
        status="SUCCESS",
        status_at=past,
    )
    platform.deployments[deployment.id] = deployment
    return {
        "service_id": service.id,
        "service_instance_id": instance.id,
        "volume_id": volume.id,
        "volume_instance_id": mounted.id,
        "name": service.name,
    }
