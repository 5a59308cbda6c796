"""Volumes: a Volume is of a project, a VolumeInstance is it in one environment, on one service at most.

A deleted one can be saved for 48 hours: it is still listed, marked, on no service.
"""

import time
from datetime import timedelta
from typing import Any, Final

from tests.railway_simulator import reach
from tests.railway_simulator.checking import check_region
from tests.railway_simulator.deployments import lose_volume
from tests.railway_simulator.errors import BadInput, NotFound, Refusal
from tests.railway_simulator.model import Service, ServiceInstance, Volume, VolumeInstance
from tests.railway_simulator.platform import DEFAULT_REGION, Platform, new_id
from tests.railway_simulator.registry import Call, mutation, query
from tests.railway_simulator.throttle import throttle

RECOVERABLE: Final = timedelta(hours=48)
_MEASURED_FOR_SECONDS: Final = 1.0
_measured: dict[str, tuple[float, float]] = {}


def add(
    platform: Platform,
    volume: Volume,
    environment_id: str,
    *,
    mount_path: str,
    size_mb: int | None = None,
    region: str | None = None,
) -> VolumeInstance:
    instance = VolumeInstance(
        id=new_id(),
        created_at=platform.now(),
        volume_id=volume.id,
        environment_id=environment_id,
        mount_path=mount_path,
        size_mb=size_mb or platform.settings.volume_size_mb,
        region=region or DEFAULT_REGION,
    )
    platform.volume_instances[instance.id] = instance
    return instance


def name_for(service: Service | None) -> str:
    return f"volume-{new_id()[:4]}" if service is None else f"{service.name.lower()}-volume"


def mount(platform: Platform, volume: VolumeInstance, service_id: str, mount_path: str | None = None) -> None:
    """Raises Refusal. The data are there at the service's next deployment."""
    instance = platform.instance(volume.environment_id, service_id)
    if instance is None:
        raise BadInput("The service is not in the volume's environment")
    held = platform.mounted(instance)
    if held is not None and held.id != volume.id:
        raise Refusal("A service can have only one volume")
    if volume.service_id not in (None, service_id):
        raise Refusal("The volume is mounted on another service")
    volume.service_id = service_id
    if mount_path is not None:
        volume.mount_path = mount_path
    if volume.restored_from is not None:
        _drop_newer_backups(platform, volume.restored_from)
        volume.restored_from = None


def _drop_newer_backups(platform: Platform, backup_id: str) -> None:
    restored = platform.backups[backup_id]
    for backup in platform.backups.values():
        newer = backup.volume_instance_id == restored.volume_instance_id and backup.number > restored.number
        if newer and backup.deleted_at is None:
            backup.deleted_at = platform.now()


def unmount(platform: Platform, volume: VolumeInstance) -> None:
    volume.service_id = None


def resize(platform: Platform, volume: VolumeInstance, size_mb: int) -> None:
    if volume.state != "READY":
        raise Refusal("Cannot resize the volume: an operation is already in progress")
    volume.state = "UPDATING"
    platform.spawn(_resize(platform, volume, size_mb))


async def _resize(platform: Platform, volume: VolumeInstance, size_mb: int) -> None:
    await platform.sleep(platform.settings.resize_seconds)
    volume.size_mb, volume.state = size_mb, "READY"


def delete(platform: Platform, volume: VolumeInstance) -> None:
    """Marks it; ``sweep`` removes it when nobody can save it any more."""
    instance = platform.instance(volume.environment_id, volume.service_id or "")
    volume.pending_deletion, volume.deleted_at = True, platform.now() + RECOVERABLE
    volume.state, volume.service_id = "DELETING", None
    if instance is not None:
        platform.spawn(lose_volume(platform, instance, volume))


async def sweep(platform: Platform) -> None:
    """After the clock moved."""
    for volume in platform.volume_instances.values():
        if volume.pending_deletion and not platform.is_there(volume) and volume.state != "DELETED":
            volume.state = "DELETED"
            await platform.machines.remove(volume.id)
    for whole in platform.volumes.values():
        instances = [one for one in platform.volume_instances.values() if one.volume_id == whole.id]
        if instances and not any(map(platform.is_there, instances)) and whole.deleted_at is None:
            whole.deleted_at = platform.now()


async def used_mb(platform: Platform, volume: VolumeInstance) -> float:
    """Counted at most once a second."""
    if volume.seeded_mb is not None:
        return volume.seeded_mb
    at, found = _measured.get(volume.id, (0.0, 0.0))
    if not at or time.monotonic() - at > _MEASURED_FOR_SECONDS:
        found = await platform.machines.size_mb(volume.id)
        _measured[volume.id] = (time.monotonic(), found)
    return found


def shown(platform: Platform, volume: VolumeInstance) -> dict[str, Any]:
    async def current_size(*_: Any) -> float:
        return await used_mb(platform, volume)

    return {
        "id": volume.id,
        "volumeId": volume.volume_id,
        "serviceId": volume.service_id,
        "environmentId": volume.environment_id,
        "mountPath": volume.mount_path,
        "region": volume.region,
        "sizeMB": volume.size_mb,
        "currentSizeMB": current_size,
        "state": volume.state,
        "isPendingDeletion": volume.pending_deletion,
        "deletedAt": volume.deleted_at,
    }


@query()
async def volume_instance(call: Call, *, id: str) -> dict[str, Any]:  # noqa: A002 (the schema's name)
    return shown(call.platform, reach.volume_instance(call, id))


# A null environment is none, an absent one is every one.
@mutation()
async def volume_create(call: Call, *, input: dict[str, Any]) -> dict[str, Any]:  # noqa: A002 (the schema's name)
    platform, project = call.platform, reach.project(call, input["project_id"])
    check_region(input.get("region"))
    if "environment_id" in input:
        wanted = [] if input["environment_id"] is None else [input["environment_id"]]
    else:
        wanted = [
            one.id for one in platform.environments.values() if one.project_id == project.id and one.deleted_at is None
        ]
    environments = [reach.environment(call, environment_id) for environment_id in wanted]
    service_id = input.get("service_id")
    holders: list[ServiceInstance] = []
    if service_id is not None:
        holders = [reach.instance(call, environment.id, service_id) for environment in environments]
        if any(platform.mounted(holder) is not None for holder in holders):
            raise Refusal("A service can have only one volume")
    throttle(platform, "volumes")
    named_after = platform.services[service_id] if service_id is not None else None
    volume = Volume(id=new_id(), created_at=platform.now(), project_id=project.id, name=name_for(named_after))
    platform.volumes[volume.id] = volume
    for environment in environments:
        made = add(platform, volume, environment.id, mount_path=input["mount_path"], region=input.get("region"))
        made.service_id = service_id
    return {"id": volume.id, "name": volume.name}


@mutation()
async def volume_update(
    call: Call,
    *,
    volume_id: str,
    input: dict[str, Any],  # noqa: A002 (the schema's name)
) -> dict[str, Any]:
    volume = reach.volume(call, volume_id)
    if input.get("name"):
        volume.name = input["name"]
    return {"id": volume.id, "name": volume.name}


# Without a service in the input the volume is taken off the one that it is on; without an environment, everywhere.
@mutation()
async def volume_instance_update(
    call: Call,
    *,
    volume_id: str,
    input: dict[str, Any],  # noqa: A002 (the schema's name)
    environment_id: str | None = None,
) -> bool:
    platform = call.platform
    if environment_id is None:
        reach.volume(call, volume_id)
        found = [
            one for one in platform.volume_instances.values() if one.volume_id == volume_id and platform.is_there(one)
        ]
    else:
        reach.environment(call, environment_id)
        if volume_id in platform.volume_instances:
            reach.volume(call, volume_id)
        only = platform.volume_in(environment_id, volume_id)
        if only is None or only.pending_deletion:
            raise NotFound("VolumeInstance")
        found = [only]
    for volume in found:
        service_id = input.get("service_id")
        if service_id is None:
            unmount(platform, volume)
        else:
            mount(platform, volume, service_id)
        if input.get("mount_path"):
            volume.mount_path = input["mount_path"]
    return True


@mutation()
async def volume_delete(call: Call, *, volume_id: str) -> bool:
    platform, volume = call.platform, reach.volume(call, volume_id)
    for instance in platform.volume_instances.values():
        if instance.volume_id == volume.id and not instance.pending_deletion:
            delete(platform, instance)
    return True
