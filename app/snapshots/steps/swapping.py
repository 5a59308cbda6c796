"""The change of volumes that Railway stages at the end of a restore: found, told from others' changes, committed, undone.

Nothing but the service's mounts and the new volume is ours in it. Which volume is new, its keys tell.
"""

from dataclasses import dataclass

from app.providers.railway import patches
from app.providers.railway.certainty import certainly
from app.providers.railway.client import Result
from app.providers.railway.documents import document
from app.providers.railway.errors import RailwayNotFound
from app.providers.railway.inventory import EnvironmentState, VolumeInstance, read_environment
from app.providers.railway.patches import Staged, StagedChangesForeign
from app.snapshots.volumes import Mounted

_MOUNT_DEPTH = 4  # services, which one, volumeMounts, which volume


@dataclass(frozen=True, slots=True)
class Swap:
    """From the volume that the service mounted when the restore began to the one that Railway made."""

    service_id: str
    old_volume_id: str
    new_volume_id: str

    @property
    def keys(self) -> list[str]:
        mounts = f"services.{self.service_id}.volumeMounts"
        return [
            f"{mounts}.{self.old_volume_id}",
            f"{mounts}.{self.new_volume_id}",
            f"volumes.{self.new_volume_id}",
        ]

    def is_made(self, environment: EnvironmentState) -> bool:
        volume = environment.volume_of(self.service_id)
        return volume is not None and volume.volume_id == self.new_volume_id


def staged_swap(waiting: Staged, service_id: str, old_volume_id: str) -> Swap | None:
    """None while no other volume is staged to be mounted by the service."""
    mounts = ("services", service_id, "volumeMounts")
    volumes = {path[3] for path in waiting.paths if path[:3] == mounts and len(path) >= _MOUNT_DEPTH}
    new = sorted(volumes - {old_volume_id})
    return Swap(service_id, old_volume_id, new[0]) if new else None


async def undo(at: Mounted, swap: Swap) -> list[str]:
    """Empties what is staged if it is ours altogether, and deletes the new volume. Gives what had to be left, as text.

    For a swap that was not committed. Twice is fine.
    """
    try:
        await patches.discard_own(at.client, at.place.environment_id, swap.keys)
    except StagedChangesForeign as foreign:
        others = ", ".join(foreign.members["foreign"])
        remark = (
            f"The change of volumes still waits among the staged changes of others ({others}): whoever deploys them puts "
            f"the database onto the volume {swap.new_volume_id}. Discard it at Railway, then delete that volume."
        )
        return [remark]
    if await delete_volume(at, swap.new_volume_id):
        return []
    return [f"The volume {swap.new_volume_id} could not be deleted and is billed; delete it at Railway."]


async def delete_volume(at: Mounted, volume_id: str) -> bool:
    """Whether it is gone, or will be in 48 hours. False for one that a service mounts: that is never deleted here."""
    found = await _volume(at, volume_id)
    if found is None or found.is_pending_deletion:
        return True
    if found.service_id is not None:
        return False

    async def is_gone() -> bool:
        left = await _volume(at, volume_id)
        return left is None or left.is_pending_deletion

    try:
        await certainly(lambda: at.client.change(document("volumeDelete"), {"volumeId": volume_id}, Result), is_gone)
    except RailwayNotFound:
        return True
    return True


async def _volume(at: Mounted, volume_id: str) -> VolumeInstance | None:
    return (await read_environment(at.client, at.place.environment_id)).volume(volume_id)
