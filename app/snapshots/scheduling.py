"""The changes of snapshots that Railway makes at once: the lock, and the schedule. Both are read back."""

from collections.abc import Collection

from app.providers.railway import snapshots as railway
from app.providers.railway.certainty import certainly, seen
from app.providers.railway.errors import RailwayNotFound
from app.providers.railway.snapshots import Schedule, ScheduleKind, Snapshot
from app.railway.capabilities import Capability
from app.railway.standing import recording
from app.runtime import Runtime
from app.snapshots.errors import ScheduleNotKept, SnapshotNotFound
from app.snapshots.volumes import Mounted


async def lock(runtime: Runtime, at: Mounted, snapshot_id: str) -> Snapshot:
    """As it is afterwards: without an expiry. Raises SnapshotNotFound, RailwayProblem."""

    async def is_locked() -> bool:
        return (await at.snapshot(snapshot_id)).expires_at is None

    if not await is_locked():
        try:
            async with recording(runtime, at.connection_id, Capability.SNAPSHOTS_WRITE):
                await certainly(lambda: railway.lock(at.client, at.volume.id, snapshot_id), is_locked)
            await seen(is_locked)
        except RailwayNotFound:
            raise SnapshotNotFound(snapshot_id) from None
    return await at.snapshot(snapshot_id)


async def put_schedule(runtime: Runtime, at: Mounted, kinds: Collection[ScheduleKind]) -> list[Schedule]:
    """As Railway tells it afterwards. Raises ScheduleNotKept, RailwayProblem."""
    wanted = {kind.value for kind in kinds}

    async def is_kept() -> bool:
        return {entry.kind for entry in await railway.schedules(at.client, at.volume.id)} == wanted

    if not await is_kept():
        async with recording(runtime, at.connection_id, Capability.SNAPSHOTS_WRITE):
            await certainly(lambda: railway.schedule(at.client, at.volume.id, kinds), is_kept)
    is_seen = await seen(is_kept)
    found = await railway.schedules(at.client, at.volume.id)
    if not is_seen:
        raise ScheduleNotKept(sorted(wanted), sorted(entry.kind for entry in found))
    return found
