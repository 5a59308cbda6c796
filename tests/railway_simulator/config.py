"""An environment as one document, and the shape that a patch of it must have.

Keys that the platform does not know are passed over without a word (``sizeMb`` is one). Values of secrets are null in
what is shown unless they are asked for.
"""

from collections.abc import Mapping
from hashlib import sha256
from json import dumps
from typing import Any, Final
from uuid import UUID

from tests.railway_simulator.errors import BadInput
from tests.railway_simulator.model import Environment, ServiceInstance, Variable
from tests.railway_simulator.platform import Platform
from tests.railway_simulator.rendering import written

MARKS: Final = ("parentServiceId", "clusterRole", "groupId", "clusterWiring")


def document(platform: Platform, environment: Environment, *, decrypt: bool) -> dict[str, Any]:
    found = {
        "services": {
            one.service_id: _service(platform, one)
            for one in platform.instances_in(environment.id)
            if one.deleted_at is None
        },
        "sharedVariables": _variables(environment.shared_variables),
        "volumes": {
            one.volume_id: {"region": one.region, "sizeMB": one.size_mb}
            for one in platform.volumes_in(environment.id)
            if platform.is_there(one) and not one.pending_deletion
        },
    }
    return found if decrypt else without_values(found)


def etag(platform: Platform, environment: Environment) -> str:
    return sha256(dumps(document(platform, environment, decrypt=True), sort_keys=True).encode()).hexdigest()[:32]


def _service(platform: Platform, instance: ServiceInstance) -> dict[str, Any]:
    service = platform.services[instance.service_id]
    networking: dict[str, Any] = {"privateNetworkEndpoint": service.name.lower()}
    proxy = platform.proxy(instance)
    if proxy is not None:
        networking["tcpProxies"] = {str(proxy.application_port): {}}
    deploy: dict[str, Any] = {"restartPolicyType": "ON_FAILURE"}
    if instance.region is not None:
        deploy["multiRegionConfig"] = {instance.region: {"numReplicas": instance.replicas}}
    if instance.start_command is not None:
        deploy["startCommand"] = instance.start_command
    if instance.limits is not None:
        deploy["limitOverride"] = {"containers": dict(instance.limits)}
    found: dict[str, Any] = {
        "networking": networking,
        "deploy": deploy,
        "variables": _variables(written(platform, instance)),
        **instance.marks,
    }
    if instance.image is not None:
        found["source"] = {"image": instance.image}
    if (volume := platform.mounted(instance)) is not None:
        found["volumeMounts"] = {volume.volume_id: {"mountPath": volume.mount_path}}
    return found


def _variables(variables: Mapping[str, Variable]) -> dict[str, Any]:
    """A sealed one's value is for nobody."""
    return {
        name: {"value": None, "isSealed": True} if variable.sealed else {"value": variable.value}
        for name, variable in variables.items()
    }


def without_values(content: Mapping[str, Any]) -> dict[str, Any]:
    """A config or a patch of one, with nulls for the values of its variables."""
    hidden = dict(content)
    if "services" in content:
        hidden["services"] = {
            name: service | {"variables": _hidden(service["variables"])} if "variables" in service else service
            for name, service in content["services"].items()
        }
    if "sharedVariables" in content:
        hidden["sharedVariables"] = _hidden(content["sharedVariables"])
    return hidden


def _hidden(variables: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: variable | {"value": None} if variable and "value" in variable else variable
        for name, variable in variables.items()
    }


def check_shape(patch: Mapping[str, Any]) -> None:
    """Raises BadInput. What the ids lead to is looked at when it is committed."""
    for service_id, service in _entries(patch, "services"):
        _check_id(service_id, "services")
        for name, variable in _entries(service, "variables", nulls=True):
            if variable is not None and not isinstance(variable.get("value", ""), str | None):
                raise _wrong(f"services.{service_id}.variables.{name}.value")
        for volume_id, mount in _entries(service, "volumeMounts", nulls=True):
            _check_id(volume_id, "volumeMounts")
            if mount is not None and not isinstance(mount.get("mountPath"), str):
                raise _wrong(f"services.{service_id}.volumeMounts.{volume_id}.mountPath")
        for port, _ in _entries(section(service, "networking"), "tcpProxies", nulls=True):
            if not port.isdecimal() or not 0 < int(port) < 65536:
                raise _wrong(f"services.{service_id}.networking.tcpProxies.{port}")
        for name in ("isCreated", "isDeleted"):
            if not isinstance(service.get(name, False), bool):
                raise _wrong(f"services.{service_id}.{name}")
        if not isinstance(section(service, "source").get("image", ""), str):
            raise _wrong(f"services.{service_id}.source.image")
        _check_deploy(section(service, "deploy"), f"services.{service_id}.deploy")
    for volume_id, volume in _entries(patch, "volumes"):
        _check_id(volume_id, "volumes")
        size = volume.get("sizeMB", 1)
        if not isinstance(size, int) or isinstance(size, bool) or size < 1:
            raise _wrong(f"volumes.{volume_id}.sizeMB")
    for name, variable in _entries(patch, "sharedVariables", nulls=True):
        if variable is not None and not isinstance(variable.get("value", ""), str | None):
            raise _wrong(f"sharedVariables.{name}.value")


def _check_deploy(deploy: Mapping[str, Any], where: str) -> None:
    for name, value in section(section(deploy, "limitOverride"), "containers").items():
        if value is not None and (not isinstance(value, int | float) or isinstance(value, bool) or value <= 0):
            raise _wrong(f"{where}.limitOverride.containers.{name}")
    for region, replicas in section(deploy, "multiRegionConfig").items():
        if replicas is not None and not isinstance(section({region: replicas}, region).get("numReplicas", 1), int):
            raise _wrong(f"{where}.multiRegionConfig.{region}")


def section(content: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Empty if it is not there, or null."""
    found = content.get(name)
    if found is None:
        return {}
    if not isinstance(found, Mapping):
        raise _wrong(name)
    return found


def _entries(content: Mapping[str, Any], name: str, *, nulls: bool = False) -> list[tuple[str, Any]]:
    found = list(section(content, name).items())
    for key, value in found:
        if not isinstance(value, Mapping) and not (nulls and value is None):
            raise _wrong(f"{name}.{key}")
    return found


def _check_id(text: str, where: str) -> None:
    try:
        UUID(text)
    except ValueError:
        raise _wrong(f"{where}.{text}") from None


def _wrong(where: str) -> BadInput:
    return BadInput(f"Invalid environment config: {where}")
