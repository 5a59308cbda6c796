"""By when a schedule must have brought a backup, and what a location itself shows of that. Objects count, rows do not."""

from collections.abc import AsyncIterator, Collection, Mapping
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from pydantic import BaseModel, ValidationError

from app.kit.cron import Cron
from app.kit.ids import ScheduleId, encode_id
from app.storage.store import ObjectStore

SHARE_OF_INTERVAL: Final = 1.5
_MANIFEST: Final = "/manifest.json"
_MANIFEST_BYTES: Final = 256 * 1024 * 1024
# Of a schedule that has not brought anything for so many backups of others nothing is found.
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
    store: ObjectStore, project_id: UUID, database_id: UUID, wanted: Collection[UUID]
) -> Mapping[UUID, datetime]:
    """Of each of the ``wanted`` schedules the newest backup whose manifest and objects are all there, with their sizes.

    Raises the problems of the store.
    """
    found: dict[UUID, datetime] = {}
    async for told in _manifests(store, f"{encode_id('prj', project_id)}/{encode_id('db', database_id)}/"):
        if told.schedule_id in wanted and told.schedule_id is not None:
            found.setdefault(told.schedule_id, told.created_at)
        if len(found) == len(set(wanted)):
            break
    return found


async def _manifests(store: ObjectStore, folder: str) -> AsyncIterator[_Told]:
    """The newest first: ids sort by the time when they were made."""
    sizes = {found.key: found.size_bytes async for found in store.list(folder)}
    keys = sorted((key for key in sizes if key.endswith(_MANIFEST)), reverse=True)
    for key in keys[:_MOST_LOOKED_INTO]:
        try:
            told = _Told.model_validate_json(await store.get(key, limit_bytes=_MANIFEST_BYTES))
        except ValidationError:
            continue  # damaged, so it proves nothing
        if all(sizes.get(one.key) == one.size_bytes for one in told.objects):
            yield told
