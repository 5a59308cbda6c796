"""The volume behind a database: how large it is, and how it grows. It never shrinks."""

import asyncio
from collections.abc import Callable
from typing import Final

from app.errors import Conflict, Unprocessable
from app.providers.railway import patches
from app.providers.railway.certainty import Sleep, certainly
from app.providers.railway.client import RailwayClient, Result
from app.providers.railway.documents import document
from app.providers.railway.errors import RailwayProblem, RailwayRefused
from app.providers.railway.inventory import VolumeInstance
from app.providers.railway.place import Place

SECONDS: Final = 300.0
_PAUSE_SECONDS: Final = 0.5
_LONGEST_PAUSE_SECONDS: Final = 10.0
_FAILED: Final = "problem processing request"
PLAN_LIMITS: Final = "0.5 GB on Free and Trial, 5 GB on Hobby, 50 GB on Pro (up to 1 TB on request there)"


class VolumeUnknown(Conflict):
    code, title = "STATE_INVALID", "The database has no volume that we know"

    def __init__(self) -> None:
        super().__init__("No volume is mounted by its service at Railway, so there is nothing to enlarge.")


class VolumeCannotShrink(Unprocessable):
    code, title = "VOLUME_CANNOT_SHRINK", "A volume only grows"

    def __init__(self, size_mb: int, wanted_mb: int) -> None:
        super().__init__(
            f"The volume has {size_mb} MB and Railway only enlarges volumes: ask for more than that, not for {wanted_mb} MB."
            " For a smaller one restore a backup into a new database.",
            size_mb=size_mb,
        )


class VolumeSizeRefused(Unprocessable):
    code, title = "VOLUME_SIZE_REFUSED", "Railway does not give the volume that size"

    def __init__(self, wanted_mb: int, size_mb: int, said: str) -> None:
        super().__init__(
            f"Railway left the volume at {size_mb} MB when {wanted_mb} MB were asked for and said: {said.rstrip('.')}. "
            f"What a volume may have depends on the plan: {PLAN_LIMITS}. Ask for less, or change the plan.",
            size_mb=size_mb,
        )


class VolumeNotResized(RailwayProblem):
    status, code, title, retryable = 503, "RAILWAY_VOLUME_NOT_RESIZED", "The volume is not larger yet", True
    way_out = "Look at the volume at Railway; the job looks again."


class _Answer(Result):
    volume_instance: VolumeInstance


async def volume(client: RailwayClient, place: Place) -> VolumeInstance:
    """As it is now. Raises VolumeUnknown, RailwayProblem."""
    if place.volume_instance_id is None:
        raise VolumeUnknown
    return (await client.read(document("volumeInstance"), {"id": place.volume_instance_id}, _Answer)).volume_instance


async def resize(
    client: RailwayClient,
    place: Place,
    size_mb: int,
    *,
    note: Callable[[str], None] = lambda _detail: None,
    seconds: float = SECONDS,
    sleep: Sleep = asyncio.sleep,
) -> VolumeInstance:
    """The volume as it is afterwards, read back. One that has the size already is left; call it again after anything.

    Whoever calls it has written an intent. Raises VolumeCannotShrink, VolumeSizeRefused, VolumeNotResized.
    """
    loop = asyncio.get_running_loop()
    until, pause, is_asked = loop.time() + seconds, _PAUSE_SECONDS, False
    while True:
        now = await volume(client, place)
        is_ready = now.state in (None, "READY")
        if is_ready and now.size_mb >= size_mb:
            if now.size_mb > size_mb:
                raise VolumeCannotShrink(now.size_mb, size_mb)
            return now
        if is_ready and not is_asked:
            await _ask(client, place, now, size_mb)
            is_asked = True
            continue
        note(f"the volume has {now.size_mb} MB and is {now.state}")
        if loop.time() + pause > until:
            said = f"after {seconds:.0f} s it has {now.size_mb} MB and is {now.state}"
            raise VolumeNotResized(said, operation="volumeInstance")
        await sleep(pause)
        pause = min(_LONGEST_PAUSE_SECONDS, pause * 1.5)


async def _ask(client: RailwayClient, place: Place, before: VolumeInstance, size_mb: int) -> None:
    patch = {"volumes": {before.volume_id: {"sizeMB": size_mb, "allowOnlineResize": True}}}

    async def is_made() -> bool:
        now = await volume(client, place)
        return now.size_mb >= size_mb or now.state == "UPDATING"

    message = f"Enlarge the volume to {size_mb} MB"
    try:
        await certainly(lambda: patches.commit(client, place.environment_id, patch, message), is_made)
    except RailwayProblem as refusal:
        # A refusal has no code of its own: it is an answer after which the size is the old one. So is Railway's own failure.
        if type(refusal) not in (RailwayProblem, RailwayRefused) or _FAILED in refusal.said.lower():
            raise
        raise VolumeSizeRefused(size_mb, before.size_mb, refusal.said) from refusal
