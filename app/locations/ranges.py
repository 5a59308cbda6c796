"""Parts of an archive, read from its object without the rest of it."""

import asyncio
import hashlib
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from functools import partial
from typing import Final, Protocol, TypeVar

from app.kit.age import AgeError, AgeRanges, Identity, WrongKey
from app.locations.archives import CopyDamaged, IdentityMissing
from app.locations.holdings import Encryption
from app.locations.manifest import Manifest, StoredObject
from app.postgres.archive import ArchiveIndex
from app.storage.errors import ObjectTruncated
from app.storage.store import ObjectStore

_START_BYTES: Final = 16 * 1024  # holds the header of an age file with a hundred recipients

T = TypeVar("T")


class ArchiveRanges(Protocol):
    """``read`` and ``header`` raise CopyDamaged, and what the store raises."""

    @property
    def bytes_read(self) -> int:
        """Of the stored object, so far."""

    async def header(self) -> bytes: ...

    def read(self, start: int, end: int) -> AsyncGenerator[bytes]:
        """The plain bytes [start, end): the header, or blocks that stand one behind the other."""


async def archive_ranges(
    store: ObjectStore, manifest: Manifest, identities: Sequence[Identity]
) -> ArchiveRanges | None:
    """None where nothing tells of a part alone whether it is what was written: not encrypted, and without digests.

    Raises CopyDamaged, IdentityMissing, and what the store raises.
    """
    stored, index = _Stored(store, manifest.archive_object), manifest.index
    if stored.stored.encryption is Encryption.AGE:
        return _Sealed(stored, await _opened(stored, identities), index.header_length)
    return _Plain(stored, index) if index.has_digests else None


async def archive_header(store: ObjectStore, manifest: Manifest, identities: Sequence[Identity]) -> bytes:
    """To plan by. That of an archive without digests is not compared with anything."""
    stored = _Stored(store, manifest.archive_object)
    ranges = await archive_ranges(store, manifest, identities)
    if ranges is not None:
        return await ranges.header()
    async with aclosing(stored.read(0, manifest.index.header_length)) as chunks:
        return b"".join([chunk async for chunk in chunks])


@dataclass(slots=True)
class _Stored:
    store: ObjectStore
    stored: StoredObject
    bytes_read: int = 0

    async def read(self, start: int, end: int) -> AsyncGenerator[bytes]:
        try:
            async with aclosing(self.store.read(self.stored.key, start=start, end=end)) as chunks:
                async for chunk in chunks:
                    self.bytes_read += len(chunk)
                    yield chunk
        except ObjectTruncated as cut:
            raise self.damaged(cut.detail) from cut

    def damaged(self, reason: str) -> CopyDamaged:
        key = self.stored.key
        return CopyDamaged(
            f"The object {key} is not what was written. {reason} Restore from another copy, and take a new backup.",
            key=key,
        )


@dataclass(frozen=True, slots=True)
class _Sealed:
    """Every byte given was authenticated chunk by chunk: what is bad, missing or elsewhere ends the reading."""

    stored: _Stored
    ranges: AgeRanges
    header_length: int

    @property
    def bytes_read(self) -> int:
        return self.stored.bytes_read

    async def header(self) -> bytes:
        async with aclosing(self.read(0, self.header_length)) as chunks:
            return b"".join([chunk async for chunk in chunks])

    async def read(self, start: int, end: int) -> AsyncGenerator[bytes]:
        first, stop = self.ranges.stored_range(start, end)
        opening = self.ranges.opening(start, end)
        async with aclosing(self.stored.read(first, stop)) as chunks:
            async for chunk in chunks:
                # A megabyte takes a millisecond or two, which others on this loop need not wait for.
                if plain := await asyncio.to_thread(_checked, self.stored, partial(opening.update, chunk)):
                    yield plain
        if rest := _checked(self.stored, opening.finish):
            yield rest


@dataclass(frozen=True, slots=True)
class _Plain:
    """Of every block the last piece is held back until its digest was found right, so that a bad one is never whole."""

    stored: _Stored
    index: ArchiveIndex
    _digests: dict[int, tuple[int, str | None]] = field(init=False)  # by where what they are of begins

    def __post_init__(self) -> None:
        header = {0: (self.index.header_length, self.index.header_sha256)}
        object.__setattr__(
            self, "_digests", header | {block.offset: (block.end, block.sha256) for block in self.index.blocks}
        )

    @property
    def bytes_read(self) -> int:
        return self.stored.bytes_read

    async def header(self) -> bytes:
        async with aclosing(self.read(0, self.index.header_length)) as chunks:
            return b"".join([chunk async for chunk in chunks])

    async def read(self, start: int, end: int) -> AsyncGenerator[bytes]:
        position, stop, wanted = start, *self._digests[start]
        digest = hashlib.sha256()
        async with aclosing(self.stored.read(start, end)) as chunks:
            async for chunk in chunks:
                rest = memoryview(chunk)
                while rest:
                    piece, rest = rest[: stop - position], rest[stop - position :]
                    await asyncio.to_thread(digest.update, piece)
                    position += len(piece)
                    if position == stop:
                        if digest.hexdigest() != wanted:
                            raise self.stored.damaged(f"The bytes that end at {stop} are others.")
                        digest = hashlib.sha256()
                        stop, wanted = self._digests.get(stop, (stop, None))
                    yield bytes(piece)


async def _opened(stored: _Stored, identities: Sequence[Identity]) -> AgeRanges:
    start, size_bytes = b"", stored.stored.size_bytes
    size = min(_START_BYTES, size_bytes)
    while True:
        async with aclosing(stored.read(len(start), size)) as chunks:
            start += b"".join([chunk async for chunk in chunks])
        ranges = _checked(stored, partial(AgeRanges.of, start, identities, size_bytes=size_bytes))
        if ranges is not None:
            break
        size = min(2 * size, size_bytes)
    if ranges.plain_size_bytes != stored.stored.plain_size_bytes:
        raise stored.damaged(f"It holds {ranges.plain_size_bytes} bytes instead of {stored.stored.plain_size_bytes}.")
    return ranges


def _checked(stored: _Stored, open_next: Callable[[], T]) -> T:
    try:
        return open_next()
    except WrongKey as error:
        raise IdentityMissing(f"{error} It is the object {stored.stored.key}.", key=stored.stored.key) from None
    except AgeError as error:
        raise stored.damaged(str(error)) from None
