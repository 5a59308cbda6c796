"""Variables as they are rendered, and who refers to whose.

``${{NAME}}`` is the service's own, ``${{Service.NAME}}`` another's, ``${{shared.NAME}}`` the environment's. What the
platform gives (``RAILWAY_…``) can be referred to like the rest.
"""

import re
from typing import Final

from tests.railway_simulator.model import ServiceInstance, Variable
from tests.railway_simulator.platform import Platform

REFERENCE: Final = re.compile(r"\$\{\{\s*(?:(?P<owner>[^{}.]+?)\s*\.\s*)?(?P<name>\w+)\s*\}\}")
SHARED: Final = "shared"
PUBLIC_URL: Final = "DATABASE_PUBLIC_URL"


def written(platform: Platform, instance: ServiceInstance) -> dict[str, Variable]:
    """Those of the service, without the public address while there is no public access."""
    proxy = platform.proxy(instance)
    private = proxy is None or proxy.status != "ACTIVE"
    hidden = {PUBLIC_URL} if private and platform.settings.public_url_when_private == "absent" else set()
    return {name: variable for name, variable in instance.variables.items() if name not in hidden}


def given(platform: Platform, instance: ServiceInstance) -> dict[str, str]:
    """What the platform adds to every container."""
    environment = platform.environments[instance.environment_id]
    project = platform.projects[environment.project_id]
    service = platform.services[instance.service_id]
    host = instance.door.host if instance.door is not None else f"{service.name.lower()}.railway.internal"
    found = {
        "RAILWAY_PROJECT_ID": project.id,
        "RAILWAY_PROJECT_NAME": project.name,
        "RAILWAY_ENVIRONMENT_ID": environment.id,
        "RAILWAY_ENVIRONMENT_NAME": environment.name,
        "RAILWAY_SERVICE_ID": service.id,
        "RAILWAY_SERVICE_NAME": service.name,
        "RAILWAY_PRIVATE_DOMAIN": host,
    }
    if (volume := platform.mounted(instance)) is not None:
        found["RAILWAY_VOLUME_NAME"] = platform.volumes[volume.volume_id].name
        found["RAILWAY_VOLUME_MOUNT_PATH"] = volume.mount_path
    proxy = platform.proxy(instance)
    if proxy is not None and proxy.status == "ACTIVE" and proxy.door is not None:
        found["RAILWAY_TCP_PROXY_DOMAIN"] = proxy.door.host
        found["RAILWAY_TCP_PROXY_PORT"] = str(proxy.door.port)
        found["RAILWAY_TCP_APPLICATION_PORT"] = str(proxy.application_port)
    return found


def rendered(platform: Platform, instance: ServiceInstance) -> dict[str, str]:
    """Sealed ones too, as the container gets them."""
    return {
        name: _render(platform, instance, variable.value, (name,))
        for name, variable in written(platform, instance).items()
    }


def for_container(platform: Platform, instance: ServiceInstance) -> dict[str, str]:
    return rendered(platform, instance) | given(platform, instance)


def _render(platform: Platform, instance: ServiceInstance, text: str, within: tuple[str, ...]) -> str:
    """A reference to nothing is nothing, and so is one that comes back to itself."""

    def value(reference: re.Match[str]) -> str:
        owner, name = reference["owner"], reference["name"]
        if owner == SHARED:
            shared = platform.environments[instance.environment_id].shared_variables.get(name)
            return shared.value if shared is not None else ""
        holder = instance if owner is None else _named(platform, instance.environment_id, owner)
        if holder is None or f"{holder.id}.{name}" in within:
            return ""
        found = written(platform, holder).get(name)
        if found is None:
            return given(platform, holder).get(name, "")
        return _render(platform, holder, found.value, (*within, f"{holder.id}.{name}"))

    return REFERENCE.sub(value, text)


def _named(platform: Platform, environment_id: str, name: str) -> ServiceInstance | None:
    return next(
        (
            one
            for one in platform.instances_in(environment_id)
            if one.deleted_at is None and platform.services[one.service_id].name == name
        ),
        None,
    )


def dependants(platform: Platform, environment_id: str, owner: str) -> list[ServiceInstance]:
    """Those whose variables refer to the service of that name, or to shared ones."""
    return [
        one
        for one in platform.instances_in(environment_id)
        if one.deleted_at is None
        and any(
            owner == found["owner"]
            for variable in one.variables.values()
            for found in REFERENCE.finditer(variable.value)
        )
    ]
