"""What a patch of an environment's config is refused for, found out before any of it is done."""

from collections.abc import Mapping
from typing import Any

from tests.railway_simulator.config import section
from tests.railway_simulator.errors import BadInput, NotAuthorized, NotFound, Refusal
from tests.railway_simulator.model import Environment, ServiceInstance, Variable
from tests.railway_simulator.platform import REGIONS, Platform
from tests.railway_simulator.variables import check_name


def check(platform: Platform, environment: Environment, patch: Mapping[str, Any]) -> None:
    """Raises Refusal. Its shape was looked at before."""
    services, volumes = section(patch, "services"), section(patch, "volumes")
    _check_services(platform, environment, services)
    _check_variables(environment.shared_variables, section(patch, "sharedVariables"))
    _check_volumes(platform, environment, volumes)
    _check_mounts(platform, environment, services, volumes)


def _check_services(platform: Platform, environment: Environment, services: Mapping[str, Any]) -> None:
    for service_id, service in services.items():
        instance, known = platform.instance(environment.id, service_id), platform.services.get(service_id)
        if known is not None and known.project_id != environment.project_id:
            raise NotAuthorized
        if instance is None and (not service.get("isCreated") or (known is not None and known.deleted_at is not None)):
            raise NotFound("Service")
        _check_variables(instance.variables if instance is not None else {}, section(service, "variables"))
        _check_proxies(platform, instance, section(section(service, "networking"), "tcpProxies"))
        for region in replicas_in(section(service, "deploy")):
            check_region(region)


def _check_variables(variables: Mapping[str, Variable], changes: Mapping[str, Any]) -> None:
    for name, change in changes.items():
        check_name(name)
        if (
            change is not None
            and change.get("value") is None
            and change.get("generator") is None
            and name not in variables
        ):
            raise BadInput(f"The variable {name} has no value")


def _check_proxies(platform: Platform, instance: ServiceInstance | None, ports: Mapping[str, Any]) -> None:
    proxy = platform.proxy(instance) if instance is not None else None
    wanted = {int(port) for port, content in ports.items() if content is not None}
    if proxy is not None:
        closing = ports.get(str(proxy.application_port), {}) is None
        if closing and proxy.status != "ACTIVE":
            raise Refusal("Cannot change the TCP proxy: an operation is already in progress")
        wanted |= set() if closing else {proxy.application_port}
    if len(wanted) > 1:
        raise Refusal("A service can have only one TCP proxy")


def _check_volumes(platform: Platform, environment: Environment, changes: Mapping[str, Any]) -> None:
    for volume_id, volume in changes.items():
        if volume_id in platform.volume_instances:
            raise NotAuthorized
        found = platform.volume_in(environment.id, volume_id)
        if found is not None and found.pending_deletion:
            raise NotFound("Volume")
        if found is None and (not volume.get("isCreated") or volume_id in platform.volumes):
            raise NotFound("Volume")
        check_region(volume.get("region"))
        size = volume.get("sizeMB")
        if size is not None and size > platform.settings.largest_volume_mb:
            raise Refusal(f"A volume of your plan has {platform.settings.largest_volume_mb} MB at most")
        if size is not None and found is not None:
            if size < found.size_mb:
                raise Refusal("A volume cannot be made smaller")
            if size > found.size_mb and found.state != "READY":
                raise Refusal("Cannot resize the volume: an operation is already in progress")


def check_region(region: str | None) -> None:
    """Null: the default. Raises Refusal."""
    if region is not None and region not in {name for name, *_ in REGIONS}:
        raise Refusal(f"There is no region {region}")


def _check_mounts(
    platform: Platform, environment: Environment, services: Mapping[str, Any], changes: Mapping[str, Any]
) -> None:
    """As they will be: one volume on each service, each volume on one service, and no replicas beside one."""
    there = {
        one.volume_id: one.service_id
        for one in platform.volumes_in(environment.id)
        if platform.is_there(one) and not one.pending_deletion
    }
    there |= {
        volume_id: None for volume_id, volume in changes.items() if volume.get("isCreated") and volume_id not in there
    }
    for service_id, service in services.items():
        for volume_id, mount in section(service, "volumeMounts").items():
            if volume_id in platform.volume_instances:
                raise NotAuthorized
            if volume_id not in there:
                raise NotFound("Volume")
            if mount is None and there[volume_id] == service_id:
                there[volume_id] = None
    for service_id, service in services.items():
        for volume_id, mount in section(service, "volumeMounts").items():
            if mount is not None and there[volume_id] not in (None, service_id):
                raise Refusal("The volume is mounted on another service")
            if mount is not None:
                there[volume_id] = service_id
    holders = [service_id for service_id in there.values() if service_id is not None]
    if len(holders) > len(set(holders)):
        raise Refusal("A service can have only one volume")
    for service_id, service in services.items():
        replicas = sum(replicas_in(section(service, "deploy")).values())
        if service_id in holders and replicas > 1:
            raise Refusal("A service with a volume cannot have replicas")


def replicas_in(deploy: Mapping[str, Any]) -> dict[str, int]:
    regions = section(deploy, "multiRegionConfig")
    return {region: content.get("numReplicas", 1) for region, content in regions.items() if content is not None}
