"""Native backups of a volume: real copies of its data, made and restored by workflows.

Restoring copies into a new volume and *stages* its mount; whoever commits that loses the backups newer than the restored.
"""

from datetime import timedelta
from typing import Any, Final

from cronsim import CronSim

from tests.railway_simulator import reach, volumes, workflows
from tests.railway_simulator.errors import NotFound, Refusal
from tests.railway_simulator.model import Backup, Schedule, Volume, VolumeInstance
from tests.railway_simulator.platform import Platform, new_id
from tests.railway_simulator.registry import Call, mutation, query
from tests.railway_simulator.staged import stage

# How long what a schedule makes is kept, and which days it runs; the hour and minute are the platform's choice.
RETENTION_SECONDS: Final = {"DAILY": 518_400, "WEEKLY": 2_332_800, "MONTHLY": 7_689_600}
_DAYS: Final = {"DAILY": "* * *", "WEEKLY": "* * 0", "MONTHLY": "1 * *"}
# A manual backup may hold this share of the volume.
_LARGEST_SHARE: Final = 0.5


def _there(platform: Platform, volume: VolumeInstance) -> list[Backup]:
    return [
        one
        for one in platform.backups.values()
        if one.volume_instance_id == volume.id
        and one.deleted_at is None
        and (one.expires_at is None or platform.now() < one.expires_at)
    ]


def _backup(call: Call, volume_instance_id: str, backup_id: str) -> Backup:
    volume = reach.volume_instance(call, volume_instance_id)
    for one in _there(call.platform, volume):
        if one.id == backup_id:
            return one
    raise NotFound("VolumeInstanceBackup")


async def _take(platform: Platform, volume: VolumeInstance, name: str, schedule: Schedule | None = None) -> None:
    made = Backup(
        id=new_id(),
        created_at=platform.now(),
        volume_instance_id=volume.id,
        name=name,
        expires_at=None if schedule is None else platform.now() + timedelta(seconds=schedule.retention_seconds),
        used_mb=round(await volumes.used_mb(platform, volume)),
        volume_size_mb=volume.size_mb,
        schedule_id=None if schedule is None else schedule.id,
    )
    await _copy(platform, volume.id, made.id)
    platform.backups[made.id] = made


async def _copy(platform: Platform, volume: str, to: str) -> None:
    if await platform.machines.size_mb(volume) > 0:  # else there is nothing, as with a seeded one
        await platform.machines.copy(volume, to=to)


@query()
async def volume_instance_backup_list(call: Call, *, volume_instance_id: str) -> list[dict[str, Any]]:
    volume = reach.volume_instance(call, volume_instance_id)
    return [
        {
            "id": one.id,
            "name": one.name,
            "createdAt": one.created_at,
            "expiresAt": one.expires_at,
            "scheduleId": one.schedule_id,
            "usedMB": one.used_mb,
            "referencedMB": one.used_mb,
            "volumeInstanceSizeMB": one.volume_size_mb,
        }
        for one in _there(call.platform, volume)
        if call.platform.is_visible(one)
    ]


# The answer is a workflow's id: which backup comes of it, only the list tells.
@mutation("snapshots")
async def volume_instance_backup_create(
    call: Call, *, volume_instance_id: str, name: str | None = None
) -> dict[str, Any]:
    platform, volume = call.platform, reach.volume_instance(call, volume_instance_id)
    if volume.pending_deletion:
        raise Refusal("The volume is being deleted")
    if await volumes.used_mb(platform, volume) > volume.size_mb * _LARGEST_SHARE:
        raise Refusal("Cannot create a backup: the volume is more than 50% full")
    if len(_there(platform, volume)) >= platform.settings.backups_per_volume:
        raise Refusal(f"A volume can have only {platform.settings.backups_per_volume} backups")
    return {
        "workflowId": workflows.start(
            call, "createVolumeInstanceBackup", lambda: _take(platform, volume, name or "Manual")
        )
    }


@mutation("snapshots")
async def volume_instance_backup_delete(
    call: Call, *, volume_instance_id: str, volume_instance_backup_id: str
) -> dict[str, Any]:
    backup = _backup(call, volume_instance_id, volume_instance_backup_id)

    async def work() -> None:
        await _remove(call.platform, backup)

    return {"workflowId": workflows.start(call, "deleteVolumeInstanceBackup", work)}


async def _remove(platform: Platform, backup: Backup) -> None:
    backup.deleted_at = platform.now()
    await platform.machines.remove(backup.id)


# There is no way back: a locked backup stays until it is deleted.
@mutation("snapshots")
async def volume_instance_backup_lock(call: Call, *, volume_instance_id: str, volume_instance_backup_id: str) -> bool:
    _backup(call, volume_instance_id, volume_instance_backup_id).expires_at = None
    return True


@mutation("snapshots")
async def volume_instance_backup_restore(
    call: Call, *, volume_instance_id: str, volume_instance_backup_id: str
) -> dict[str, Any]:
    platform = call.platform
    backup = _backup(call, volume_instance_id, volume_instance_backup_id)
    former = platform.volume_instances[volume_instance_id]
    if former.service_id is None:
        raise Refusal("The volume is not mounted on a service")

    async def work() -> None:
        await _restore(platform, backup, former)

    return {"workflowId": workflows.start(call, "restoreVolumeInstanceBackup", work)}


async def _restore(platform: Platform, backup: Backup, former: VolumeInstance) -> None:
    if former.service_id is None:
        raise Refusal("The volume is not mounted on a service")
    environment = platform.environments[former.environment_id]
    volume = Volume(
        id=new_id(),
        created_at=platform.now(),
        project_id=environment.project_id,
        name=f"{backup.created_at:%Y-%m-%d %H:%M:%S} UTC",
    )
    platform.volumes[volume.id] = volume
    made = volumes.add(
        platform, volume, environment.id, mount_path=former.mount_path, size_mb=former.size_mb, region=former.region
    )
    made.state, made.restored_from, made.seeded_mb = "RESTORING", backup.id, former.seeded_mb
    await _copy(platform, backup.id, made.id)
    made.state = "READY"
    swap = {former.volume_id: None, volume.id: {"mountPath": former.mount_path}}
    patch = {
        "volumes": {volume.id: {"isCreated": True, "region": made.region, "sizeMB": made.size_mb}},
        "services": {former.service_id: {"volumeMounts": swap}},
    }
    stage(platform, environment, patch, merge=True)


@query()
async def volume_instance_backup_schedule_list(call: Call, *, volume_instance_id: str) -> list[dict[str, Any]]:
    volume = reach.volume_instance(call, volume_instance_id)
    return [
        {
            "id": one.id,
            "name": one.kind.capitalize(),
            "kind": one.kind,
            "cron": one.cron,
            "retentionSeconds": one.retention_seconds,
            "createdAt": one.created_at,
        }
        for one in _schedules(call.platform, volume)
    ]


def _schedules(platform: Platform, volume: VolumeInstance) -> list[Schedule]:
    return [
        one for one in platform.schedules.values() if one.volume_instance_id == volume.id and one.deleted_at is None
    ]


# The whole set is replaced; none clears it.
@mutation("snapshots")
async def volume_instance_backup_schedule_update(call: Call, *, volume_instance_id: str, kinds: list[str]) -> bool:
    platform, volume = call.platform, reach.volume_instance(call, volume_instance_id)
    there = {one.kind: one for one in _schedules(platform, volume)}
    for kind, one in there.items():
        if kind not in kinds:
            one.deleted_at = platform.now()
    for kind in dict.fromkeys(kinds):
        if kind not in there:
            minute, hour = platform.random.randrange(60), platform.random.randrange(24)
            made = Schedule(
                id=new_id(),
                created_at=platform.now(),
                volume_instance_id=volume.id,
                kind=kind,
                cron=f"{minute} {hour} {_DAYS[kind]}",
                retention_seconds=RETENTION_SECONDS[kind],
                done_until=platform.now(),
            )
            platform.schedules[made.id] = made
    return True


async def sweep(platform: Platform) -> None:
    """After the clock moved: what was due since, once for each schedule, and what expired."""
    for schedule in list(platform.schedules.values()):
        volume = platform.volume_instances[schedule.volume_instance_id]
        if schedule.deleted_at is not None or volume.pending_deletion or not platform.is_there(volume):
            continue
        if next(CronSim(schedule.cron, schedule.done_until)) > platform.now():
            continue
        schedule.done_until = platform.now()
        if len(_there(platform, volume)) < platform.settings.backups_per_volume:
            await _take(platform, volume, f"{schedule.kind.capitalize()} backup", schedule)
    for backup in list(platform.backups.values()):
        expired = backup.expires_at is not None and backup.expires_at <= platform.now()
        orphaned = not platform.is_there(platform.volume_instances[backup.volume_instance_id])
        if backup.deleted_at is None and (expired or orphaned):
            await _remove(platform, backup)
