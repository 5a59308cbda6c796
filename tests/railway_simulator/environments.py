"""Who the caller is, and workspaces, projects and environments as it sees them; environments made and deleted."""

from typing import Any

from tests.railway_simulator import config, reach, services, staged, volumes
from tests.railway_simulator.deployments import deploy
from tests.railway_simulator.errors import NotAuthorized, Refusal
from tests.railway_simulator.model import Environment, Project, ServiceInstance, Variable, Workspace
from tests.railway_simulator.networking import join
from tests.railway_simulator.pages import page
from tests.railway_simulator.platform import Platform, new_id
from tests.railway_simulator.registry import Call, mutation, query
from tests.railway_simulator.throttle import throttle
from tests.railway_simulator.tokens import BEARERS, Kind


@query(kinds=frozenset({Kind.ACCOUNT}))
async def me(call: Call) -> dict[str, Any]:
    return {"id": call.token.id, "workspaces": [_workspace(call, one) for one in call.platform.workspaces.values()]}


@query(kinds=BEARERS)
async def api_token(call: Call) -> dict[str, Any]:
    reached = call.token.workspace_id
    return {
        "workspaces": [_workspace(call, one) for one in call.platform.workspaces.values() if reached in (None, one.id)]
    }


@query(kinds=frozenset({Kind.PROJECT}))
async def project_token(call: Call) -> dict[str, Any]:
    environment = call.platform.environments[call.token.environment_id or ""]
    return {
        "id": call.token.id,
        "name": call.token.name,
        "projectId": environment.project_id,
        "environmentId": environment.id,
    }


@query(kinds=BEARERS)
async def workspace(call: Call, *, workspace_id: str) -> dict[str, Any]:
    return _workspace(call, reach.workspace(call, workspace_id))


def _workspace(call: Call, found: Workspace) -> dict[str, Any]:
    def projects(_info: Any, *, first: int | None = None, after: str | None = None) -> dict[str, Any]:
        there = [one for one in call.platform.projects.values() if one.workspace_id == found.id]
        return page(call.platform.listed(there), lambda one: _project(call, one), first, after)

    return {"id": found.id, "name": found.name, "plan": call.platform.settings.plan, "projects": projects}


@query()
async def project(call: Call, *, id: str) -> dict[str, Any]:  # noqa: A002 (the schema's name)
    return _project(call, reach.project(call, id))


def _project(call: Call, found: Project) -> dict[str, Any]:
    platform = call.platform

    def environments(_info: Any, *, first: int | None = None, after: str | None = None) -> dict[str, Any]:
        there = [one for one in platform.environments.values() if one.project_id == found.id]
        return page(platform.listed(there), lambda one: _environment(call, one), first, after)

    def services_of(_info: Any, *, first: int | None = None, after: str | None = None) -> dict[str, Any]:
        there = [one for one in platform.services.values() if one.project_id == found.id]
        return page(
            platform.listed(there),
            lambda one: {"id": one.id, "name": one.name, "deletedAt": one.deleted_at},
            first,
            after,
        )

    return {
        "id": found.id,
        "name": found.name,
        "workspaceId": found.workspace_id,
        "deletedAt": found.deleted_at,
        "environments": environments,
        "services": services_of,
    }


@query()
async def environment(call: Call, *, id: str) -> dict[str, Any]:  # noqa: A002 (the schema's name)
    return _environment(call, reach.environment(call, id))


def _environment(call: Call, found: Environment) -> dict[str, Any]:
    """What one may not enter can be seen in the project, and no more."""
    platform = call.platform

    def check() -> None:
        if not reach.may_enter(call, found):
            raise NotAuthorized

    def service_instances(_info: Any, *, first: int | None = None, after: str | None = None) -> dict[str, Any]:
        check()
        there = platform.listed(platform.instances_in(found.id))
        return page(there, lambda one: services.shown(platform, one), first, after)

    def volume_instances(_info: Any, *, first: int | None = None, after: str | None = None) -> dict[str, Any]:
        check()
        there = platform.listed(platform.volumes_in(found.id))
        return page(there, lambda one: volumes.shown(platform, one), first, after)

    def document(_info: Any, *, decrypt_variables: bool | None = None) -> dict[str, Any]:
        check()
        return config.document(platform, found, decrypt=bool(decrypt_variables))

    return {
        "id": found.id,
        "name": found.name,
        "projectId": found.project_id,
        "canAccess": reach.may_enter(call, found),
        "isEphemeral": found.ephemeral,
        "deletedAt": found.deleted_at,
        "unmergedChangesCount": staged.unmerged_changes(found),
        "configEtag": lambda _info: config.etag(platform, found),
        "config": document,
        "serviceInstances": service_instances,
        "volumeInstances": volume_instances,
    }


@mutation("environments", kinds=BEARERS)
async def environment_create(call: Call, *, input: dict[str, Any]) -> dict[str, Any]:  # noqa: A002 (the schema's name)
    platform, of = call.platform, reach.project(call, input["project_id"])
    source_id = input.get("source_environment_id")
    source = reach.environment(call, source_id) if source_id is not None else None
    if source is not None:
        reach.belongs(source, of.id)
    there = [one for one in platform.environments.values() if one.project_id == of.id and one.deleted_at is None]
    if any(one.name.lower() == input["name"].lower() for one in there):
        raise Refusal(f'An environment named "{input["name"]}" already exists in this project')
    throttle(platform, "environments")
    made = Environment(
        id=new_id(),
        created_at=platform.now(),
        project_id=of.id,
        name=input["name"],
        source_id=source_id,
        ephemeral=bool(input.get("ephemeral")),
    )
    platform.environments[made.id] = made
    if source is not None:
        filling = _fork(platform, source, made, skip_deploys=bool(input.get("skip_initial_deploys")))
        if input.get("apply_changes_in_background"):
            platform.spawn(filling)
        else:
            await filling
    return _environment(call, made)


async def _fork(platform: Platform, source: Environment, made: Environment, *, skip_deploys: bool) -> None:
    """Services, variables and volumes. The volumes are empty."""
    await platform.sleep(platform.settings.workflow_seconds)
    made.shared_variables = {name: Variable(one.value, one.sealed) for name, one in source.shared_variables.items()}
    for there in platform.instances_in(source.id):
        if there.deleted_at is not None:
            continue
        instance = ServiceInstance(
            id=new_id(),
            created_at=platform.now(),
            service_id=there.service_id,
            environment_id=made.id,
            image=there.image,
            region=there.region,
            start_command=there.start_command,
            replicas=there.replicas,
            variables={name: Variable(one.value, one.sealed) for name, one in there.variables.items()},
            limits=dict(there.limits) if there.limits is not None else None,
            marks=dict(there.marks),
            seeded=there.seeded,
        )
        platform.service_instances[instance.id] = instance
        if (volume := platform.mounted(there)) is not None:
            empty = volumes.add(
                platform,
                platform.volumes[volume.volume_id],
                made.id,
                mount_path=volume.mount_path,
                size_mb=volume.size_mb,
                region=volume.region,
            )
            empty.service_id, empty.seeded_mb = there.service_id, 0.0 if there.seeded else None
        if not instance.seeded:
            await join(platform, instance)
        if not skip_deploys:
            deploy(platform, instance, "environment")


@mutation("environments", kinds=BEARERS)
async def environment_delete(call: Call, *, id: str) -> bool:  # noqa: A002 (the schema's name)
    platform, found = call.platform, reach.environment(call, id)
    others = [one for one in platform.environments.values() if one.project_id == found.project_id and one is not found]
    if all(one.deleted_at is not None for one in others):
        raise Refusal("The last environment of a project cannot be deleted")
    for instance in platform.instances_in(found.id):
        if instance.deleted_at is None:
            await services.remove(platform, instance)
    for volume in platform.volumes_in(found.id):
        if not volume.pending_deletion:
            volumes.delete(platform, volume)
    found.deleted_at = platform.now()
    return True
