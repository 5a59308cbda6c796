"""Deployments: what is pulled, stopped and started when a service is deployed, and what callers see of it.

A service has one volume at most, so the old container ends before the new one starts: every deployment is downtime. That
one is SUCCESS says that its container started: its server takes longer, and may fail yet. Containers end by SIGKILL, as
the image passes no signal on.
"""

import re
from typing import Any, Final

from tests.railway_simulator import bouncers, reach
from tests.railway_simulator.errors import BadInput, NotFound, Refusal
from tests.railway_simulator.machines import MachineFailed
from tests.railway_simulator.model import Deployment, ServiceInstance, VolumeInstance
from tests.railway_simulator.pages import page
from tests.railway_simulator.platform import Platform, new_id
from tests.railway_simulator.registry import Call, mutation, query
from tests.railway_simulator.rendering import for_container

_POSTGRES: Final = re.compile(r"(?:.*/)?[^/:]*(?:postgres|postgis|timescale)[^/:]*:(?P<major>\d+)(?:[.-][\w.-]*)?")
# Images that run and do nothing: for services that only have to be there.
_IDLE: Final = ("simulated/", bouncers.IMAGE, "ghcr.io/railwayapp-templates/postgres-ha/")
RUNNING: Final = frozenset({"SUCCESS", "CRASHED"})
_MOST_LOG_LINES: Final = 500


def deploy(
    platform: Platform, instance: ServiceInstance, reason: str, *, image: str | None = None
) -> Deployment | None:
    """Goes on by itself. None for a service without an image, which cannot be deployed."""
    image = image or instance.image
    if image is None:
        return None
    now = platform.now()
    deployment = Deployment(
        id=new_id(),
        created_at=now,
        status_at=now,
        service_id=instance.service_id,
        environment_id=instance.environment_id,
        image=image,
        reason=reason,
    )
    platform.deployments[deployment.id] = deployment
    if instance.seeded:
        for former in active(platform, instance):
            _tell(platform, former, "REMOVED")
        _tell(platform, deployment, "SUCCESS")
    else:
        platform.spawn(_carry_out(platform, instance, deployment))
    return deployment


async def _carry_out(platform: Platform, instance: ServiceInstance, deployment: Deployment) -> None:
    async with instance.deploying:
        if _is_gone(instance):
            _tell(platform, deployment, "REMOVED")
            return
        _tell(platform, deployment, "DEPLOYING")
        await platform.sleep(platform.settings.deploy_seconds)
        if not _can_be_pulled(platform, deployment.image):
            _log(platform, deployment, f"Failed to pull image {deployment.image}: manifest unknown", "error")
            _tell(platform, deployment, "FAILED")
            return
        for former in platform.deployments_of(instance):
            if former.status in RUNNING:
                _tell(platform, former, "REMOVING")
                await _stop(platform, former)
                _tell(platform, former, "REMOVED")
        if _is_gone(instance):
            _tell(platform, deployment, "REMOVED")
            return
        deployment.variables = for_container(platform, instance)
        await _start(platform, instance, deployment)


async def _start(platform: Platform, instance: ServiceInstance, deployment: Deployment) -> None:
    """Sets the status that comes of it."""
    major = _major(deployment.image)
    if deployment.image.startswith(bouncers.IMAGE):
        await _start_pooler(platform, deployment)
        return
    if major is None:
        _log(platform, deployment, "Started")
        _tell(platform, deployment, "SUCCESS")
        return
    volume = platform.mounted(instance)
    data = deployment.variables.get("PGDATA", "/var/lib/postgresql/data")
    if volume is None or not f"{data}/".startswith(f"{volume.mount_path.rstrip('/')}/"):
        _log(platform, deployment, f"No volume is mounted where {data} lies. Refusing to start.", "error")
        _tell(platform, deployment, "CRASHED")
        return
    deployment.volume_instance_id = volume.id
    _log(platform, deployment, "Starting Container")
    _tell(platform, deployment, "SUCCESS")
    try:
        await platform.machines.start(volume.id, major=major, variables=deployment.variables)
    except MachineFailed as failed:
        _log(platform, deployment, str(failed), "error")
        _tell(platform, deployment, "CRASHED")
    else:
        deployment.ready = True


async def _start_pooler(platform: Platform, deployment: Deployment) -> None:
    _tell(platform, deployment, "SUCCESS")
    try:
        await platform.bouncers.start(deployment.id, deployment.variables)
    except MachineFailed as failed:
        _log(platform, deployment, str(failed), "error")
        _tell(platform, deployment, "CRASHED")
    else:
        deployment.ready = True


async def _stop(platform: Platform, deployment: Deployment) -> None:
    if deployment.volume_instance_id:
        deployment.ready = False
        await platform.machines.stop(deployment.volume_instance_id)
        deployment.volume_instance_id = ""
    elif deployment.ready:
        deployment.ready = False
        await platform.bouncers.stop(deployment.id)


async def end_all(platform: Platform, instance: ServiceInstance) -> None:
    """After the service is deleted."""
    async with instance.deploying:
        for deployment in platform.deployments_of(instance):
            await _stop(platform, deployment)
            if deployment.status in RUNNING:
                _tell(platform, deployment, "REMOVED")


async def lose_volume(platform: Platform, instance: ServiceInstance, volume: VolumeInstance) -> None:
    """After it is taken away under a running container, which cannot go on."""
    async with instance.deploying:
        for deployment in platform.deployments_of(instance):
            if deployment.volume_instance_id == volume.id:
                await _stop(platform, deployment)
                _tell(platform, deployment, "CRASHED")


def server_port(platform: Platform, instance: ServiceInstance) -> int | None:
    for deployment in reversed(platform.deployments_of(instance)):
        if deployment.ready:
            return platform.bouncers.port(deployment.id) or platform.machines.port(deployment.volume_instance_id)
    return None


def active(platform: Platform, instance: ServiceInstance) -> list[Deployment]:
    return [one for one in platform.deployments_of(instance) if one.status == "SUCCESS"]


def _is_gone(instance: ServiceInstance) -> bool:
    return instance.deleted_at is not None


def _can_be_pulled(platform: Platform, image: str) -> bool:
    major = _major(image)
    return image.startswith(_IDLE) if major is None else major in platform.machines.majors


def _major(image: str) -> int | None:
    if image.startswith(_IDLE):
        return None
    found = _POSTGRES.fullmatch(image)
    return int(found["major"]) if found else None


def _tell(platform: Platform, deployment: Deployment, status: str) -> None:
    deployment.status, deployment.status_at = status, platform.now()


def _log(platform: Platform, deployment: Deployment, message: str, severity: str = "info") -> None:
    deployment.log.append((platform.now(), message, severity))


def shown(platform: Platform, deployment: Deployment) -> dict[str, Any]:
    instance = platform.instance(deployment.environment_id, deployment.service_id)
    return {
        "id": deployment.id,
        "serviceId": deployment.service_id,
        "environmentId": deployment.environment_id,
        "status": deployment.status,
        "createdAt": deployment.created_at,
        "statusUpdatedAt": deployment.status_at,
        "canRedeploy": instance is not None,
        "deploymentStopped": deployment.status == "REMOVED",
        "meta": {"image": deployment.image, "reason": deployment.reason},
    }


@query()
async def deployment(call: Call, *, id: str) -> dict[str, Any]:  # noqa: A002 (the schema's name)
    return shown(call.platform, reach.deployment(call, id))


@query()
async def deployments(
    call: Call,
    *,
    input: dict[str, Any],  # noqa: A002 (the schema's name)
    first: int | None = None,
    after: str | None = None,
) -> dict[str, Any]:
    """The newest first."""
    platform = call.platform
    environment_id, service_id = input.get("environment_id"), input.get("service_id")
    if environment_id is None:
        raise BadInput("environmentId is required")
    reach.environment(call, environment_id)
    status = input.get("status") or {}
    wanted, unwanted = status.get("in"), status.get("not_in") or []
    found = [
        one
        for one in platform.listed(platform.deployments.values())
        if one.environment_id == environment_id
        and service_id in (None, one.service_id)
        and (wanted is None or one.status in wanted)
        and one.status not in unwanted
    ]
    return page(found[::-1], lambda one: shown(platform, one), first, after)


@query()
async def deployment_logs(
    call: Call,
    *,
    deployment_id: str,
    limit: int | None = None,
    filter: str | None = None,  # noqa: A002 (the schema's name)
    start_date: Any = None,
    end_date: Any = None,
) -> list[dict[str, Any]]:
    found = reach.deployment(call, deployment_id)
    lines = list(found.log)
    if found.volume_instance_id:
        started = found.status_at
        lines += [(started, line, "info") for line in call.platform.machines.log(found.volume_instance_id)]
    shown_lines = [
        {"timestamp": at.isoformat(), "message": message, "severity": severity}
        for at, message, severity in lines
        if (start_date is None or at >= start_date)
        and (end_date is None or at <= end_date)
        and (not filter or filter in message)
    ]
    return shown_lines[-min(limit or _MOST_LOG_LINES, _MOST_LOG_LINES) :]


@mutation()
async def deployment_redeploy(
    call: Call,
    *,
    id: str,  # noqa: A002 (the schema's name)
    use_previous_image_tag: bool | None = None,
) -> dict[str, Any]:
    platform, former = call.platform, reach.deployment(call, id)
    instance = platform.instance(former.environment_id, former.service_id)
    if instance is None:
        raise Refusal("Cannot redeploy this deployment")
    image = former.image if use_previous_image_tag is not False else None
    made = deploy(platform, instance, "redeploy", image=image)
    assert made is not None, "what was deployed once has an image"
    return shown(platform, made)


@mutation()
async def service_instance_redeploy(call: Call, *, environment_id: str, service_id: str) -> bool:
    platform, instance = call.platform, reach.instance(call, environment_id, service_id)
    former = platform.deployments_of(instance)
    if not former:
        raise NotFound("Deployment")
    deploy(platform, instance, "redeploy")
    return True


# The same container again, without a new deployment: variables that changed since stay unknown to it.
@mutation()
async def deployment_restart(call: Call, *, id: str) -> bool:  # noqa: A002 (the schema's name)
    platform, found = call.platform, reach.deployment(call, id)
    instance = platform.instance(found.environment_id, found.service_id)
    if instance is None or found.status not in RUNNING:
        raise Refusal("Cannot restart a deployment that does not run")
    if not instance.seeded:
        platform.spawn(_restart(platform, instance, found))
    return True


async def _restart(platform: Platform, instance: ServiceInstance, found: Deployment) -> None:
    async with instance.deploying:
        if _is_gone(instance) or found.status not in RUNNING:
            return
        await _stop(platform, found)
        await platform.sleep(platform.settings.deploy_seconds)
        await _start(platform, instance, found)
