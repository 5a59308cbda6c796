"""A file streamed from its source into its location: told by its contents, unpacked, checked, hashed, encrypted."""

import asyncio
import hashlib
import zlib
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Final

from app.imports.errors import FormatUnsupported, SourceMismatch, SourceTooLarge
from app.imports.models import Format
from app.imports.unpacking import HEAD_BYTES, Unpacking, format_of
from app.kit.age import AgeEncryptor, Recipient
from app.postgres.archive import ArchiveIndex, ArchiveIndexer
from app.postgres.archive.foreign import Origin, origin_of
from app.postgres.plain_sql import OwnerStatements, PlainSql
from app.storage.store import Upload

_GZIP_WINDOW: Final = 31
_FAST: Final = 1  # of gzip
_LARGEST_HEADER: Final = 512 << 20


class Source:
    """The file as it comes, counted and hashed; its plain pieces are asked for one at a time."""

    def __init__(
        self,
        chunks: AsyncIterator[bytes],
        unpacking: Unpacking,
        *,
        announced_bytes: int | None,
        most_bytes: int,
        report: Callable[[int], object],
    ) -> None:
        self.size_bytes = 0
        self.announced_bytes = announced_bytes
        self._chunks, self._unpacking = chunks, unpacking
        self._most_bytes, self._report = most_bytes, report
        self._digest = hashlib.sha256()

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()

    @property
    def unpacked_bytes(self) -> int:
        return self._unpacking.unpacked_bytes

    async def pieces(self) -> AsyncGenerator[bytes]:
        """Unpacking takes milliseconds, which others on this loop need not wait for."""
        async for chunk in self._chunks:
            self.size_bytes += len(chunk)
            if self.size_bytes > self._most_bytes:
                raise SourceTooLarge(
                    f"The file has more bytes than the {self._most_bytes} that this service takes (PGM_IMPORTS__MAX_BYTES).",
                    max_bytes=self._most_bytes,
                )
            await asyncio.to_thread(self._push, chunk)
            while piece := await asyncio.to_thread(self._unpacking.pull):
                yield piece
                self._report(self.size_bytes)
            self._report(self.size_bytes)
        self._unpacking.end()
        while piece := await asyncio.to_thread(self._unpacking.pull):
            yield piece

    def require(self, *, sha256: str | None) -> None:
        """Raises SourceMismatch."""
        if self.announced_bytes not in (None, self.size_bytes):
            raise SourceMismatch(
                f"The file has {self.size_bytes} bytes; {self.announced_bytes} were announced. Fetch it again."
            )
        if sha256 is not None and self.sha256 != sha256:
            raise SourceMismatch(f"The file has the digest {self.sha256}; {sha256} was demanded.")

    def _push(self, chunk: bytes) -> None:
        self._digest.update(chunk)
        self._unpacking.push(chunk)


@dataclass(frozen=True, slots=True)
class Recognised:
    """``pieces`` begin with the bytes by which ``format`` was told."""

    format: Format
    pieces: AsyncGenerator[bytes]
    source: Source


async def recognised(source: Source) -> Recognised:
    """Raises FormatUnsupported, before anything was written anywhere."""
    pieces = source.pieces()
    head = b""
    async for piece in pieces:
        head += piece
        if len(head) >= HEAD_BYTES:
            break
    return Recognised(format_of(head[:HEAD_BYTES]), _joined(head, pieces), source)


async def _joined(head: bytes, rest: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
    async with aclosing(rest):
        yield head
        async for piece in rest:
            yield piece


class Sealing:
    """What the stored file was before it was encrypted."""

    def __init__(self, recipients: Sequence[Recipient]) -> None:
        self.plain_size_bytes = 0
        self._digest = hashlib.sha256()
        self._encryptor = AgeEncryptor(recipients) if recipients else None

    @property
    def plain_sha256(self) -> str:
        return self._digest.hexdigest()

    def take(self, data: bytes) -> bytes:
        self._digest.update(data)
        self.plain_size_bytes += len(data)
        return self._encryptor.update(data) if self._encryptor else data

    def finish(self) -> bytes:
        return self._encryptor.finish() if self._encryptor else b""


async def store_archive(
    pieces: AsyncIterator[bytes], upload: Upload, sealing: Sealing, *, digests: bool
) -> tuple[ArchiveIndex, Origin]:
    """Byte for byte, so that it is restored and verified like any other. Raises ArchiveDamaged."""
    indexer, kept = ArchiveIndexer(digests=digests), _Header()

    def take(piece: bytes) -> bytes:
        indexer.feed(piece)
        kept.take(piece, indexer)
        return sealing.take(piece)

    async for piece in pieces:
        await upload.write(await asyncio.to_thread(take, piece))
    index = indexer.finish()
    await upload.write(sealing.finish())
    return index, origin_of(bytes(kept.content[: index.header_length]))


async def store_sql(pieces: AsyncIterator[bytes], upload: Upload, sealing: Sealing) -> None:
    """In gzip. What psql would never be given is refused here already. Raises SqlRefused."""
    packer, checked = zlib.compressobj(_FAST, wbits=_GZIP_WINDOW), PlainSql(OwnerStatements.KEEP)

    def take(piece: bytes) -> bytes:
        checked.feed(piece)
        return sealing.take(packer.compress(piece))

    async for piece in pieces:
        await upload.write(await asyncio.to_thread(take, piece))
    checked.finish()
    await upload.write(sealing.take(packer.flush()) + sealing.finish())


class _Header:
    """The start of an archive, kept until its table of contents is read."""

    def __init__(self) -> None:
        self.content = bytearray()
        self._is_whole = False

    def take(self, piece: bytes, indexer: ArchiveIndexer) -> None:
        """Comes after the indexer has read the piece. Raises FormatUnsupported."""
        if self._is_whole:
            return
        self.content += piece
        self._is_whole = indexer.header_length > 0
        if len(self.content) > _LARGEST_HEADER:
            raise FormatUnsupported(f"The archive's table of contents has more than {_LARGEST_HEADER} bytes.")
