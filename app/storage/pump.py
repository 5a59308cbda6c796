"""The multipart pump: a stream of unknown length becomes an object, in bounded memory, or leaves nothing behind."""

import asyncio
import hashlib
import math
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Final

import structlog

from app.errors import Problem
from app.storage.errors import UploadFailed, UploadGone, UploadTooLarge
from app.storage.finishing import finished
from app.storage.retries import PATIENT, Patience
from app.storage.store import MAX_PARTS, MIB, Buffer, PartCalls, PartReceipt, Receipt

log = structlog.get_logger()

PART_BYTES: Final = 16 * MIB
# A cancelled job has 5 s to leave no trace: this bounds waiting for an answer of the store that was under way.
START_GRACE_SECONDS: Final = 3.0
ABORT_SECONDS: Final = 20.0


MOST_PART_BYTES: Final = 1024 * MIB
_MOST_IN_FLIGHT_BYTES: Final = 512 * MIB


def part_bytes_for(size_bytes: int, *, max_parts: int = MAX_PARTS, slack: float = 0.2) -> int:
    """The part size with which ``size_bytes`` leaves ``slack`` of the parts unused: estimates are wrong."""
    needed = math.ceil(size_bytes / (max_parts * (1 - slack)))
    return max(PART_BYTES, -(-needed // MIB) * MIB)


def in_flight_for(part_bytes: int, wanted: int) -> int:
    """Fewer of large parts at a time, which all stand in memory."""
    return max(1, min(wanted, _MOST_IN_FLIGHT_BYTES // part_bytes))


@asynccontextmanager
async def pumped(
    calls: PartCalls,
    key: str,
    *,
    part_bytes: int = PART_BYTES,
    in_flight: int = 4,
    max_parts: int = MAX_PARTS,
    patience: Patience = PATIENT,
) -> AsyncGenerator["Pump"]:
    """All parts but the last have ``part_bytes``, as some stores demand; memory is (in_flight + 1) times that."""
    pump = Pump(calls, key, part_bytes=part_bytes, in_flight=in_flight, max_parts=max_parts, patience=patience)
    try:
        # A cancel here must not lose the id of an upload that the store has already begun.
        await finished(pump.start(), grace_seconds=START_GRACE_SECONDS)
        yield pump
    finally:
        if not pump.is_complete:
            await finished(pump.give_up(), grace_seconds=ABORT_SECONDS)


class Pump:
    def __init__(
        self, calls: PartCalls, key: str, *, part_bytes: int, in_flight: int, max_parts: int, patience: Patience
    ) -> None:
        self.is_complete = False
        self.size_bytes = 0
        self.buffers_made = 0
        self._calls = calls
        self._key = key
        self._part_bytes = part_bytes
        self._max_parts = max_parts
        self._patience = patience
        self._upload_id: str | None = None
        self._buffers = asyncio.Semaphore(in_flight + 1)
        self._sending = asyncio.Semaphore(in_flight)
        self._hashing = asyncio.Lock()
        self._whole = hashlib.sha256()
        self._spare: list[bytearray] = []
        self._filling: bytearray | None = None
        self._filled = 0
        self._part_count = 0
        self._sent: dict[int, tuple[str, PartReceipt]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._failure: Exception | None = None

    @property
    def upload_id(self) -> str:
        assert self._upload_id is not None, "the upload was not started"
        return self._upload_id

    @property
    def room_bytes(self) -> int:
        return self._max_parts * self._part_bytes - self.size_bytes

    async def start(self) -> None:
        self._upload_id = await self._patience.calls.run(self._calls.start, call="start", key=self._key)

    async def write(self, chunk: Buffer) -> None:
        rest = memoryview(chunk)
        while rest:
            buffer = self._filling or await self._next_buffer()
            piece = rest[: self._part_bytes - self._filled]
            memoryview(buffer)[self._filled : self._filled + len(piece)] = piece  # no copy besides this one
            self._filled += len(piece)
            self.size_bytes += len(piece)
            rest = rest[len(piece) :]
            if self._filled == self._part_bytes:
                self._dispatch(buffer)
        self._raise_failure()

    async def complete(self) -> Receipt:
        """Makes the object visible and looks at it. Raises UploadFailed when its size is not what was written."""
        if self._filling is not None:
            del self._filling[self._filled :]
            self._dispatch(self._filling)
        while self._tasks and self._failure is None:
            await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)
        self._raise_failure()
        if self._sent:
            await self._finish()
        else:  # an upload needs a part, and a part needs a byte
            await self.give_up()
            await self._calls.put_empty()
        stored_bytes = await self._calls.size_bytes()
        if stored_bytes != self.size_bytes:
            raise UploadFailed(
                f"The location holds {stored_bytes} bytes of {self._key} instead of {self.size_bytes}. Try again.",
                key=self._key,
            )
        self.is_complete = True
        parts = tuple(self._sent[number][1] for number in sorted(self._sent))
        return Receipt(self._key, self.size_bytes, self._whole.hexdigest(), parts)

    async def give_up(self) -> None:
        """Ends the parts first: one that arrives after the abort would stay in the store for ever."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._upload_id is None:
            return
        try:
            async with asyncio.timeout(ABORT_SECONDS):
                await self._patience.calls.run(lambda: self._calls.abort(self.upload_id), call="abort", key=self._key)
        except (Problem, TimeoutError) as error:  # the sweep finds it; the error that led here says more
            log.warning("upload.left_open", key=self._key, upload_id=self._upload_id, error=repr(error))

    async def _next_buffer(self) -> bytearray:
        if self._part_count == self._max_parts:
            raise UploadTooLarge(
                f"{self._key} is larger than {self._max_parts} parts of {self._part_bytes} bytes, which is all that"
                " the location allows. Use larger parts, or go on in a second object.",
                key=self._key,
                max_parts=self._max_parts,
                part_bytes=self._part_bytes,
            )
        await self._buffers.acquire()
        if self._failure is not None:
            self._buffers.release()
        self._raise_failure()
        if not self._spare:
            self._spare.append(bytearray(self._part_bytes))
            self.buffers_made += 1
        self._filling = self._spare.pop()
        return self._filling

    def _dispatch(self, buffer: bytearray) -> None:
        self._part_count += 1
        # Owned by this pump: complete() waits for it, give_up() ends it.
        task = asyncio.create_task(self._send(self._part_count, buffer))  # noqa: TID251 (see above)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        self._filling, self._filled = None, 0

    async def _send(self, number: int, buffer: bytearray) -> None:
        try:
            async with self._hashing:  # first come, first served, so the parts enter the whole digest in their order
                digest = await asyncio.to_thread(self._hash, buffer)
            async with self._sending:
                etag = await self._patience.parts.run(
                    lambda: self._calls.send(self.upload_id, number, buffer, sha256=digest), part=number, key=self._key
                )
            self._sent[number] = (etag, PartReceipt(number, len(buffer), digest.hex()))
        except Exception as error:  # noqa: BLE001 (raised by the next write, or by complete)
            self._failure = self._failure or error
        finally:
            self._spare.append(buffer)  # the last part's is shorter, and nobody fills a buffer after it
            self._buffers.release()

    def _hash(self, buffer: bytearray) -> bytes:
        self._whole.update(buffer)
        return hashlib.sha256(buffer).digest()

    async def _finish(self) -> None:
        etags = [self._sent[number][0] for number in sorted(self._sent)]
        is_repeated = False

        async def finish() -> None:
            nonlocal is_repeated
            try:
                await self._calls.finish(self.upload_id, etags)
            except UploadGone:
                if not is_repeated:
                    raise
                # The first call did it and only its answer was lost: the size of the object tells.
            finally:
                is_repeated = True

        await self._patience.parts.run(finish, call="complete", key=self._key)

    def _raise_failure(self) -> None:
        if self._failure is not None:
            raise self._failure
