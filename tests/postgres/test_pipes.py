import asyncio
import os
from collections.abc import AsyncGenerator
from contextlib import aclosing

from app.postgres.pipes import LONGEST_PAUSE_SECONDS, PipeReader

PIECE = bytes(range(256)) * 16


async def gathered(reader: PipeReader) -> AsyncGenerator[bytes]:
    while chunk := await reader.read_gathered():
        yield chunk


async def test_small_pieces_are_read_many_at_a_time() -> None:
    ours, theirs = os.pipe()
    os.set_blocking(theirs, False)
    with os.fdopen(ours, "rb", 0) as pipe:
        reader = PipeReader(pipe)

        async def write() -> None:
            for _ in range(250):
                os.write(theirs, PIECE)
                await asyncio.sleep(LONGEST_PAUSE_SECONDS / 10)
            os.close(theirs)

        async with asyncio.TaskGroup() as tasks, aclosing(gathered(reader)) as chunks:
            tasks.create_task(write())
            read = [chunk async for chunk in chunks]
    assert b"".join(read) == PIECE * 250
    assert len(read) < 125


async def test_a_full_pipe_is_emptied_in_one_read_and_soon() -> None:
    """However slow it was before: the next pause is at most half of the time that filling it took."""
    ours, theirs = os.pipe()
    os.set_blocking(theirs, False)
    with os.fdopen(ours, "rb", 0) as pipe:
        reader = PipeReader(pipe)
        os.write(theirs, PIECE)
        assert await reader.read_gathered() == PIECE
        for _ in range(5):
            fed = os.write(theirs, PIECE * 1024)
            assert len(await reader.read_gathered()) == fed
        os.close(theirs)
        assert await reader.read_gathered() == b""
        reader.close()
        assert await reader.read_gathered() == b""
