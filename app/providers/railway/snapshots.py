"""Railway's own copies of a volume, which it calls backups: blocks of the disk, kept where the volume is.

All of it goes by the volume's *instance* id; the volume's own id is answered with a refusal that gives no reason.
"""

from collections.abc import Awaitable, Collection, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, TypeVar

from pydantic import Field

from app.providers.railway.client import RailwayClient, Result
from app.providers.railway.documents import document
from app.providers.railway.errors import RailwayNotAuthorized
from app.providers.railway.refusals import explain

# As Railway documents them, and as its users count them.
LARGEST_SHARE: Final = 0.5  # of the volume, that data may take up when a snapshot is asked for
MOST_SNAPSHOTS: Final = 10

T = TypeVar("T")


class ScheduleKind(StrEnum):
    DAILY = "DAILY"
    WEEKLY = "WEEKLY"
    MONTHLY = "MONTHLY"


class Snapshot(Result):
    """``schedule_id`` is absent for one that somebody asked for, ``expires_at`` for one that stays."""

    id: str
    name: str | None
    created_at: datetime
    expires_at: datetime | None
    schedule_id: str | None
    used_mb: int | None = Field(alias="usedMB")  # blocks that only it holds; hours old
    referenced_mb: int | None = Field(alias="referencedMB")
    volume_size_mb: int | None = Field(alias="volumeInstanceSizeMB")


class Schedule(Result):
    """Railway chooses the minute and the hour, and how long what comes of it is kept."""

    id: str
    kind: str
    cron: str
    retention_seconds: int | None


class _List(Result):
    volume_instance_backup_list: list[Snapshot]


class _Schedules(Result):
    volume_instance_backup_schedule_list: list[Schedule]


class _Workflow(Result):
    workflow_id: str | None


class _Created(Result):
    volume_instance_backup_create: _Workflow


class _Deleted(Result):
    volume_instance_backup_delete: _Workflow


class _Restored(Result):
    volume_instance_backup_restore: _Workflow


async def snapshots(client: RailwayClient, volume_instance_id: str) -> list[Snapshot]:
    """Newest first."""
    read = document("volumeInstanceBackupList")
    found = await client.read(read, {"volumeInstanceId": volume_instance_id}, _List)
    return sorted(found.volume_instance_backup_list, key=lambda snapshot: snapshot.created_at, reverse=True)


def named(found: Sequence[Snapshot], name: str) -> list[Snapshot]:
    """Oldest first: the first is the one that was wanted, any other came of asking again."""
    return sorted((one for one in found if one.name == name), key=lambda snapshot: snapshot.created_at)


async def take(client: RailwayClient, volume_instance_id: str, name: str) -> str | None:
    """Begins it; gives the workflow's id and never the snapshot's, which is found by its name.

    Raises OutcomeUnknown, and for the refused RailwayNotAuthorized with its meaning.
    """
    made = client.change(
        document("volumeInstanceBackupCreate"), {"volumeInstanceId": volume_instance_id, "name": name}, _Created
    )
    return (await _explained(client, volume_instance_id, made)).volume_instance_backup_create.workflow_id


async def delete(client: RailwayClient, volume_instance_id: str, snapshot_id: str) -> str | None:
    """Begins it; gives the workflow's id. Raises OutcomeUnknown, RailwayNotFound."""
    made = client.change(document("volumeInstanceBackupDelete"), _one(volume_instance_id, snapshot_id), _Deleted)
    return (await _explained(client, volume_instance_id, made)).volume_instance_backup_delete.workflow_id


async def lock(client: RailwayClient, volume_instance_id: str, snapshot_id: str) -> None:
    """Takes its expiry away. Nothing gives it back. Twice is the same as once. Raises OutcomeUnknown."""
    made = client.change(document("volumeInstanceBackupLock"), _one(volume_instance_id, snapshot_id), Result)
    await _explained(client, volume_instance_id, made)


async def restore(client: RailwayClient, volume_instance_id: str, snapshot_id: str) -> str | None:
    """Begins a copy into a new volume and, when that is done, *stages* the change of mounts. Gives the workflow's id.

    Raises OutcomeUnknown, after which a second volume may be on its way.
    """
    made = client.change(document("volumeInstanceBackupRestore"), _one(volume_instance_id, snapshot_id), _Restored)
    return (await _explained(client, volume_instance_id, made)).volume_instance_backup_restore.workflow_id


async def schedules(client: RailwayClient, volume_instance_id: str) -> list[Schedule]:
    read = document("volumeInstanceBackupScheduleList")
    found = await client.read(read, {"volumeInstanceId": volume_instance_id}, _Schedules)
    return found.volume_instance_backup_schedule_list


async def schedule(client: RailwayClient, volume_instance_id: str, kinds: Collection[ScheduleKind]) -> None:
    """These and no others. Twice is the same as once. Raises OutcomeUnknown."""
    variables = {"volumeInstanceId": volume_instance_id, "kinds": sorted(kinds)}
    made = client.change(document("volumeInstanceBackupScheduleUpdate"), variables, Result)
    await _explained(client, volume_instance_id, made)


def _one(volume_instance_id: str, snapshot_id: str) -> dict[str, Any]:
    return {"volumeInstanceId": volume_instance_id, "volumeInstanceBackupId": snapshot_id}


async def _explained(client: RailwayClient, volume_instance_id: str, change: Awaitable[T]) -> T:
    """Members of a workspace may read snapshots and not make them: whether that is it, reading them tells."""
    try:
        return await change
    except RailwayNotAuthorized as refusal:
        raise await explain(client, refusal, lambda: snapshots(client, volume_instance_id)) from refusal
