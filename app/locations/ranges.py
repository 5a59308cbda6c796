"""Parts of an archive, read from its object without the rest of it."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial
from typing import Final, TypeVar

from app.kit.age import AgeError, AgeRanges, Identity, WrongKey
from app.locations.archives import CopyDamaged, IdentityMissing
from app.locations.holdings import Encryption
from app.locations.manifest import Manifest, StoredObject
from app.storage.errors import ObjectTruncated
from app.storage.store import ObjectStore

_START_BYTES: Final = 16 * 1024  # holds the header of an age file with a hundred recipients

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ArchiveRanges:
    """Every byte given was authenticated chunk by chunk: what is bad, missing or elsewhere ends the reading.

    ``read`` and ``header`` raise CopyDamaged, and what the store raises.
    """

    store: ObjectStore
    stored: StoredObject
    ranges: AgeRanges
    header_length: int

    async def header(self) -> bytes:
        async with aclosing(self.read(0, self.header_length)) as chunks:
            return b"".join([chunk async for chunk in chunks])

    async def read(self, start: int, end: int) -> AsyncGenerator[bytes]:
        """The plain bytes [start, end)."""
        first, stop = self.ranges.stored_range(start, end)
        opening = self.ranges.opening(start, end)
        async with aclosing(_stored_bytes(self.store, self.stored, first, stop)) as chunks:
            async for chunk in chunks:
                # A megabyte takes a millisecond or two, which others on this loop need not wait for.
                if plain := await asyncio.to_thread(_checked, self.stored, partial(opening.update, chunk)):
                    yield plain
        if rest := _checked(self.stored, opening.finish):
            yield rest


async def archive_ranges(
    store: ObjectStore, manifest: Manifest, identities: Sequence[Identity]
) -> ArchiveRanges | None:
    """None for an archive that is not encrypted: nothing tells of a part of it alone whether it is what was written.

    Raises CopyDamaged, IdentityMissing, and what the store raises.
    """
    stored = manifest.archive_object
    if stored.encryption is not Encryption.AGE:
        return None
    start, size = b"", min(_START_BYTES, stored.size_bytes)
    while True:
        async with aclosing(_stored_bytes(store, stored, len(start), size)) as chunks:
            start += b"".join([chunk async for chunk in chunks])
        ranges = _checked(stored, partial(AgeRanges.of, start, identities, size_bytes=stored.size_bytes))
        if ranges is not None:
            break
        size = min(2 * size, stored.size_bytes)
    if ranges.plain_size_bytes != stored.plain_size_bytes:
        raise _damaged(stored, f"It holds {ranges.plain_size_bytes} bytes instead of {stored.plain_size_bytes}.")
    return ArchiveRanges(store, stored, ranges, manifest.index.header_length)


async def _stored_bytes(store: ObjectStore, stored: StoredObject, start: int, end: int) -> AsyncGenerator[bytes]:
    try:
        async with aclosing(store.read(stored.key, start=start, end=end)) as chunks:
            async for chunk in chunks:
                yield chunk
    except ObjectTruncated as cut:
        raise _damaged(stored, cut.detail) from cut


def _checked(stored: StoredObject, open_next: Callable[[], T]) -> T:
    try:
        return open_next()
    except WrongKey as error:
        raise IdentityMissing(f"{error} It is the object {stored.key}.", key=stored.key) from None
    except AgeError as error:
        raise _damaged(stored, str(error)) from None


def _damaged(stored: StoredObject, reason: str) -> CopyDamaged:
    return CopyDamaged(
        f"The object {stored.key} is not what was written. {reason} Restore from another copy, and take a new backup.",
        key=stored.key,
    )
