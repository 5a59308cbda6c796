"""Services, and what each is in one environment: its image, its limits, its name, its end."""

from string import ascii_letters
from typing import Any, Final

from tests.railway_simulator import deployments, reach
from tests.railway_simulator.errors import NotAuthorized, NotFound, Refusal
from tests.railway_simulator.model import Service, ServiceInstance
from tests.railway_simulator.networking import leave
from tests.railway_simulator.platform import Platform
from tests.railway_simulator.registry import Call, mutation, query
from tests.railway_simulator.tokens import Kind

GIGABYTE: Final = 1_000_000_000
# What a container gets on the plan.
PLAN_LIMITS: Final = {
    "FREE": {"cpu": 1, "memoryBytes": GIGABYTE // 2},
    "HOBBY": {"cpu": 8, "memoryBytes": 8 * GIGABYTE},
    "PRO": {"cpu": 32, "memoryBytes": 32 * GIGABYTE},
}


def shown(platform: Platform, instance: ServiceInstance) -> dict[str, Any]:
    all_of_it = platform.deployments_of(instance)
    return {
        "id": instance.id,
        "serviceId": instance.service_id,
        "serviceName": platform.services[instance.service_id].name,
        "region": instance.region,
        "numReplicas": instance.replicas,
        "startCommand": instance.start_command,
        "isUpdatable": instance.image is not None,
        "source": {"image": instance.image} if instance.image is not None else None,
        "latestDeployment": deployments.shown(platform, all_of_it[-1]) if all_of_it else None,
        "activeDeployments": [deployments.shown(platform, one) for one in deployments.active(platform, instance)],
    }


def add(platform: Platform, project_id: str, service_id: str, name: str) -> Service:
    """Its name gets an ending when it is taken."""
    free = name
    while is_taken(platform, project_id, free):
        free = f"{name}-{''.join(platform.random.choices(ascii_letters, k=4))}"
    made = Service(id=service_id, created_at=platform.now(), project_id=project_id, name=free)
    platform.services[service_id] = made
    return made


async def remove(platform: Platform, instance: ServiceInstance) -> None:
    """Its volume stays, on no service, and is billed on."""
    volume = platform.mounted(instance)
    instance.deleted_at = platform.now()
    if volume is not None:
        volume.service_id = None
    platform.spawn(_take_down(platform, instance))
    service = platform.services[instance.service_id]
    everywhere = [one for one in platform.service_instances.values() if one.service_id == service.id]
    if all(one.deleted_at is not None for one in everywhere):
        service.deleted_at = platform.now()


async def _take_down(platform: Platform, instance: ServiceInstance) -> None:
    await leave(platform, instance)
    await deployments.end_all(platform, instance)


def is_taken(platform: Platform, project_id: str, name: str, *, but: Service | None = None) -> bool:
    return any(
        one.project_id == project_id and one.name.lower() == name.lower() and one.deleted_at is None and one is not but
        for one in platform.services.values()
    )


@query()
async def service_instance(call: Call, *, environment_id: str, service_id: str) -> dict[str, Any]:
    return shown(call.platform, reach.instance(call, environment_id, service_id))


@mutation()
async def service_update(
    call: Call,
    *,
    id: str,  # noqa: A002 (the schema's name)
    input: dict[str, Any],  # noqa: A002 (the schema's name)
) -> dict[str, Any]:
    platform, service = call.platform, reach.service(call, id)
    name = input.get("name")
    if name:
        if is_taken(platform, service.project_id, name, but=service):
            raise Refusal(f'A service named "{name}" already exists in this project')
        service.name = name
    return {"id": service.id, "name": service.name, "deletedAt": service.deleted_at}


# In a fork only there; anywhere else, and without an environment, in all that are no forks.
@mutation()
async def service_delete(
    call: Call,
    *,
    id: str,  # noqa: A002 (the schema's name)
    environment_id: str | None = None,
) -> bool:
    platform, service = call.platform, reach.service(call, id)
    here = reach.environment(call, environment_id) if environment_id is not None else None
    if here is None and call.token.kind is Kind.PROJECT:
        raise NotAuthorized
    if here is not None and platform.instance(here.id, service.id) is None:
        raise NotFound("ServiceInstance")
    for instance in list(platform.service_instances.values()):
        environment = platform.environments[instance.environment_id]
        meant = environment is here or ((here is None or here.source_id is None) and environment.source_id is None)
        if instance.service_id == service.id and instance.deleted_at is None and meant:
            await remove(platform, instance)
    return True


@query()
async def service_instance_limits(call: Call, *, environment_id: str, service_id: str) -> dict[str, Any]:
    instance = reach.instance(call, environment_id, service_id)
    return {"containers": PLAN_LIMITS[call.platform.settings.plan] | (instance.limits or {})}


@query()
async def service_instance_limit_override(call: Call, *, environment_id: str, service_id: str) -> dict[str, Any] | None:
    instance = reach.instance(call, environment_id, service_id)
    return {"containers": dict(instance.limits)} if instance.limits else None


# What is absent stays as it is, what is null is no longer overridden. A container learns of it when it starts.
@mutation()
async def service_instance_limits_update(call: Call, *, input: dict[str, Any]) -> bool:  # noqa: A002 (the schema's name)
    instance = reach.instance(call, input["environment_id"], input["service_id"])
    most = PLAN_LIMITS[call.platform.settings.plan]
    limits = dict(instance.limits or {})
    for name, key, factor in (("memory_gb", "memoryBytes", GIGABYTE), ("v_cp_us", "cpu", 1)):
        if name not in input:
            continue
        limits.pop(key, None)
        if input[name] is not None:
            wanted = input[name] * factor
            if not 0 < wanted <= most[key]:
                raise Refusal(f"Resource limit for {key} is outside of what your plan allows")
            limits[key] = wanted
    instance.limits = limits or None
    return True
