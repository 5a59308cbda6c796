"""Commits a patch of an environment's config: looks at all of it first, then changes, then deploys what it touched."""

from collections.abc import Mapping
from typing import Any

from tests.railway_simulator import volumes
from tests.railway_simulator.checking import check, replicas_in
from tests.railway_simulator.config import MARKS, check_shape, section
from tests.railway_simulator.deployments import deploy
from tests.railway_simulator.model import Environment, ServiceInstance, Variable, Volume, VolumeInstance
from tests.railway_simulator.networking import close_proxy, join, open_proxy
from tests.railway_simulator.platform import DEFAULT_REGION, Platform, new_id
from tests.railway_simulator.rendering import SHARED, dependants
from tests.railway_simulator.services import add, remove
from tests.railway_simulator.variables import generated, put


async def commit(
    platform: Platform,
    environment: Environment,
    patch: Mapping[str, Any],
    *,
    skip_deploys: bool = False,
    names: Mapping[str, str] | None = None,
) -> None:
    """Raises Refusal, having changed nothing. ``names`` are a template's for the services that it creates."""
    check_shape(patch)
    async with environment.committing:
        check(platform, environment, patch)
        touched = await _changed(platform, environment, patch, names or {})
    if not skip_deploys:
        for instance in touched:
            if instance.deleted_at is None:
                deploy(platform, instance, "commit")


async def _changed(
    platform: Platform, environment: Environment, patch: Mapping[str, Any], names: Mapping[str, str]
) -> list[ServiceInstance]:
    """Those whose deployment is of before."""
    services = section(patch, "services")
    touched: dict[str, ServiceInstance] = {}
    for service_id, service in services.items():
        there = await _existing_or_new(platform, environment, service_id, service, names.get(service_id))
        if there is not None and service:
            touched[there.id] = there
    for volume_id, volume in section(patch, "volumes").items():
        for instance in _change_volume(platform, environment, volume_id, volume, services):
            touched[instance.id] = instance
    _change_mounts(platform, environment, services)
    for service_id, service in services.items():
        found = platform.instance(environment.id, service_id)
        if found is not None:
            await _change_service(platform, found, service)
            if "variables" in service:
                for one in dependants(platform, environment.id, platform.services[service_id].name):
                    touched[one.id] = one
    if shared := section(patch, "sharedVariables"):
        _change_variables(environment.shared_variables, shared)
        for one in dependants(platform, environment.id, SHARED):
            touched[one.id] = one
    return list(touched.values())


def _change_volume(
    platform: Platform, environment: Environment, volume_id: str, change: Mapping[str, Any], services: Mapping[str, Any]
) -> list[ServiceInstance]:
    """Those whose container has to be started anew."""
    found = platform.volume_in(environment.id, volume_id)
    if found is None:
        holder = next((name for name, one in services.items() if volume_id in section(one, "volumeMounts")), "")
        mounts = section(services.get(holder, {}), "volumeMounts")
        volume = Volume(id=volume_id, created_at=platform.now(), project_id=environment.project_id, name="")
        volume.name = volumes.name_for(platform.services.get(holder))
        platform.volumes[volume_id] = volume
        volumes.add(
            platform,
            volume,
            environment.id,
            mount_path=mounts.get(volume_id, {}).get("mountPath", ""),
            size_mb=change.get("sizeMB"),
            region=change.get("region"),
        )
        return []
    if change.get("isDeleted"):
        volumes.delete(platform, found)
        return []
    size = change.get("sizeMB")
    if size is None or size == found.size_mb:
        return []
    volumes.resize(platform, found, size)
    holding = platform.instance(environment.id, found.service_id or "")
    return [holding] if holding is not None and not change.get("allowOnlineResize") else []


async def _existing_or_new(
    platform: Platform, environment: Environment, service_id: str, change: Mapping[str, Any], name: str | None
) -> ServiceInstance | None:
    """None for one that the patch deletes."""
    instance = platform.instance(environment.id, service_id)
    if instance is not None:
        if change.get("isDeleted"):
            await remove(platform, instance)
            return None
        return instance
    if service_id not in platform.services:
        add(platform, environment.project_id, service_id, name or f"service-{new_id()[:4]}")
    instance = ServiceInstance(
        id=new_id(),
        created_at=platform.now(),
        service_id=service_id,
        environment_id=environment.id,
        region=DEFAULT_REGION,
    )
    platform.service_instances[instance.id] = instance
    await join(platform, instance)
    return instance


def _change_mounts(platform: Platform, environment: Environment, services: Mapping[str, Any]) -> None:
    """Those that end first, so that another volume can take the place."""

    def found(volume_id: str) -> VolumeInstance:
        volume = platform.volume_in(environment.id, volume_id)
        assert volume is not None, "it was looked at before"
        return volume

    for service_id, service in services.items():
        for volume_id, mount in section(service, "volumeMounts").items():
            if mount is None and found(volume_id).service_id == service_id:
                volumes.unmount(platform, found(volume_id))
    for service_id, service in services.items():
        for volume_id, mount in section(service, "volumeMounts").items():
            if mount is not None:
                volumes.mount(platform, found(volume_id), service_id, mount["mountPath"])


async def _change_service(platform: Platform, instance: ServiceInstance, change: Mapping[str, Any]) -> None:
    source, settings = section(change, "source"), section(change, "deploy")
    if "image" in source:
        instance.image = source["image"]
    if "startCommand" in settings:
        instance.start_command = settings["startCommand"]
    for region, replicas in replicas_in(settings).items():
        instance.region, instance.replicas = region, replicas
    if "limitOverride" in settings:
        limits = section(section(settings, "limitOverride"), "containers")
        instance.limits = {name: value for name, value in limits.items() if value is not None} or None
    for mark in MARKS:
        if mark in change:
            instance.marks[mark] = change[mark]
    _change_variables(instance.variables, section(change, "variables"))
    for port, content in section(section(change, "networking"), "tcpProxies").items():
        proxy = platform.proxy(instance)
        if content is None and proxy is not None:
            close_proxy(platform, proxy)
        elif content is not None and proxy is None:
            await open_proxy(platform, instance, int(port))


def _change_variables(variables: dict[str, Variable], changes: Mapping[str, Any]) -> None:
    for name, change in changes.items():
        if change is None:
            variables.pop(name, None)
            continue
        value = change.get("value")
        if value is None and change.get("generator") is not None and name not in variables:
            value = generated(change["generator"])
        if value is not None:
            put(variables, {name: value})
        if change.get("isSealed"):
            variables[name].sealed = True
