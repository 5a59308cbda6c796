"""By when a schedule must have brought a backup, and what a location itself shows of that. Objects count, rows do not."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from pydantic import BaseModel, ValidationError

from app.kit.cron import Cron
from app.kit.ids import ScheduleId, encode_id
from app.storage.errors import ObjectMissing
from app.storage.store import ObjectStore

SHARE_OF_INTERVAL: Final = 1.5
_MANIFEST: Final = "/manifest.json"
_MANIFEST_BYTES: Final = 256 * 1024 * 1024
_MOST_LOOKED_INTO: Final = 50


class _Object(BaseModel):
    key: str
    size_bytes: int


class _Told(BaseModel):
    """What a look needs of a manifest; of all else it does not even need to know the format."""

    schedule_id: ScheduleId | None = None
    created_at: datetime
    objects: list[_Object]


def due_by(cron: Cron, newest: datetime, jitter_seconds: int) -> datetime:
    """When a schedule whose newest backup is of ``newest`` has failed for 1.5 times its interval there.

    The interval is that which follows ``newest``: on Friday evening it reaches to Monday where nothing is due at weekends.
    """
    following = cron.next_after(newest)
    interval = max(following - newest, cron.next_after(following) - following)
    return newest + SHARE_OF_INTERVAL * interval + timedelta(seconds=jitter_seconds)


async def newest_in(
    store: ObjectStore, project_id: UUID, database_id: UUID, wanted: Mapping[UUID, Sequence[UUID]]
) -> Mapping[UUID, datetime]:
    """Of each of the ``wanted`` schedules the newest backup whose manifest and objects are all there, with their sizes.

    Each comes with the backups that the rows call its newest. These only say where to look for what is not among the
    newest of all schedules: a row proves nothing. Raises the problems of the store.
    """
    folder = f"{encode_id('prj', project_id)}/{encode_id('db', database_id)}/"
    sizes = {found.key: found.size_bytes async for found in store.list(folder)}
    newest_first = sorted((key for key in sizes if key.endswith(_MANIFEST)), reverse=True)  # ids grow with time
    found: dict[UUID, datetime] = {}
    for key in newest_first[:_MOST_LOOKED_INTO]:
        if len(found) == len(wanted):
            break
        told = await _told(store, key, sizes)
        if told is not None and told.schedule_id is not None and told.schedule_id in wanted:
            found.setdefault(told.schedule_id, told.created_at)
    for schedule_id, backup_ids in wanted.items():
        for key in (f"{folder}{encode_id('bak', backup_id)}{_MANIFEST}" for backup_id in backup_ids):
            if schedule_id in found:
                break
            told = await _told(store, key, sizes) if key in sizes else None
            if told is not None and told.schedule_id == schedule_id:
                found[schedule_id] = told.created_at
    return found


async def _told(store: ObjectStore, key: str, sizes: Mapping[str, int]) -> _Told | None:
    """None of a backup that lacks something."""
    try:
        told = _Told.model_validate_json(await store.get(key, limit_bytes=_MANIFEST_BYTES))
    except (ValidationError, ObjectMissing):
        return None  # damaged, or deleted in this moment: it proves nothing
    return told if all(sizes.get(one.key) == one.size_bytes for one in told.objects) else None
