"""Reading a range of an object in spite of connections that break."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass
from typing import Final

import structlog

from app.errors import Problem
from app.storage.errors import ObjectChanged, ObjectTruncated, StoreUnreachable
from app.storage.retries import Retries
from app.storage.store import MIB

log = structlog.get_logger()

CHUNK_BYTES: Final = MIB


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer to a ranged request: it begins where it was asked to, and ends before ``stop``.

    ``read`` takes a limit, raises a retryable problem when the connection breaks, and is empty at the end.
    """

    etag: str
    stop: int
    read: Callable[[int], Awaitable[bytes]]
    close: Callable[[], None]


OpenRange = Callable[[int, int | None, str | None], Awaitable[Answer]]


async def resumed(open_range: OpenRange, *, start: int, end: int | None, retries: Retries) -> AsyncGenerator[bytes]:
    """The bytes of [start, end), all of one version of the object.

    Raises ObjectChanged when the object was replaced in between, ObjectTruncated when it is shorter than ``end``.
    """
    position, stop, etag, failures = start, end, None, 0
    while position != stop:
        problem: Problem | None = None
        try:
            answer = await open_range(position, end, etag)
        except Problem as raised:
            problem = raised
        else:
            try:
                stop, etag = _agreed(answer, end, etag)
                while problem is None and position < stop:
                    chunk, problem = await _chunk(answer, stop - position)
                    if chunk:
                        position, failures = position + len(chunk), 0
                        yield chunk
            finally:
                answer.close()
        if problem is not None:
            failures += 1
            if not problem.retryable or failures == retries.attempts:
                raise problem
            log.warning("storage.read_resumed", position=position, code=problem.code, failures=failures)
            await asyncio.sleep(retries.delay_seconds(failures))


def _agreed(answer: Answer, end: int | None, etag: str | None) -> tuple[int, str]:
    if etag is not None and answer.etag != etag:  # a store that ignores the condition
        raise ObjectChanged("The object was replaced while it was read. Read it again.")
    if end is not None and answer.stop != end:
        raise ObjectTruncated(f"The object ends at byte {answer.stop}, and was to be read up to {end}.")
    return answer.stop, answer.etag


async def _chunk(answer: Answer, remaining: int) -> tuple[bytes, Problem | None]:
    """Up to CHUNK_BYTES; fewer only at the end, or with the problem that came after them."""
    pieces: list[bytes] = []
    wanted = min(CHUNK_BYTES, remaining)
    problem: Problem | None = None
    try:
        while wanted and (piece := await answer.read(wanted)):
            pieces.append(piece)
            wanted -= len(piece)
        if wanted:
            problem = StoreUnreachable(f"The answer ended {wanted} bytes early.")
    except Problem as raised:
        problem = raised
    return b"".join(pieces), problem
