"""A restore must not take the room that the server itself needs to stay alive."""

import asyncio

import pytest

from app.postgres.errors import DiskFull
from app.restores.room import RESERVE_BYTES, room_kept


async def test_what_loads_is_stopped_as_soon_as_the_reserve_is_touched() -> None:
    readings = iter([RESERVE_BYTES, RESERVE_BYTES - 1])

    async def free_bytes() -> int:
        return next(readings)

    with pytest.raises(DiskFull, match="Only 255 MiB are left"):
        async with asyncio.timeout(60), room_kept(free_bytes):
            await asyncio.Event().wait()


async def test_where_nobody_can_tell_what_is_left_nothing_is_stopped() -> None:
    asked = asyncio.Event()

    async def free_bytes() -> None:
        asked.set()

    async with asyncio.timeout(60), room_kept(free_bytes):
        await asked.wait()


async def test_a_timeout_of_the_work_itself_stays_one() -> None:
    async def free_bytes() -> int:
        return RESERVE_BYTES

    with pytest.raises(TimeoutError):
        async with room_kept(free_bytes):
            raise TimeoutError
