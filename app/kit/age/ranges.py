"""Opening parts of a file: the chunks are numbered, so those before a range need not be read."""

from collections.abc import Sequence

from app.kit.age.errors import DamagedFile
from app.kit.age.files import Buffer, open_start
from app.kit.age.keys import Identity
from app.kit.age.payload import CHUNK_BYTES, SEALED_CHUNK_BYTES, PayloadCipher

_TAG_BYTES = SEALED_CHUNK_BYTES - CHUNK_BYTES


class AgeRanges:
    """A file of a known size, of which its first bytes were read. Positions are those of the plaintext unless said."""

    def __init__(self, cipher: PayloadCipher, payload_at: int, size_bytes: int) -> None:
        self._cipher, self._payload_at, self._size_bytes = cipher, payload_at, size_bytes
        sealed_bytes = size_bytes - payload_at
        self._chunks, rest = divmod(sealed_bytes, SEALED_CHUNK_BYTES)
        self._chunks += rest > 0
        # Only an empty file has an empty chunk, and then no other.
        if (rest and (rest < _TAG_BYTES or (rest == _TAG_BYTES and self._chunks > 1))) or sealed_bytes < _TAG_BYTES:
            raise DamagedFile(f"A file of {size_bytes} bytes cannot end where it does: it is cut off.")
        self.plain_size_bytes = sealed_bytes - self._chunks * _TAG_BYTES

    @classmethod
    def of(cls, start: bytes, identities: Sequence[Identity], *, size_bytes: int) -> "AgeRanges | None":
        """None when ``start`` ends before the header does: read more of it. Raises WrongKey, DamagedFile."""
        opened = open_start(start, identities)
        if opened is not None:
            return cls(*opened, size_bytes)
        if len(start) >= size_bytes:
            raise DamagedFile("The file ends within its header: it is cut off.")
        return None

    def stored_range(self, start: int, end: int) -> tuple[int, int]:
        """Which bytes of the file hold [start, end): whole chunks, so up to 64 KiB more at either side."""
        first, stop = self._chunks_of(start, end)
        return (
            self._payload_at + first * SEALED_CHUNK_BYTES,
            min(self._payload_at + stop * SEALED_CHUNK_BYTES, self._size_bytes),
        )

    def opening(self, start: int, end: int) -> "RangeDecryptor":
        """To be given the bytes of ``stored_range``."""
        first, stop = self._chunks_of(start, end)
        return RangeDecryptor(self._cipher, first, stop, is_to_the_end=stop == self._chunks, start=start, end=end)

    def _chunks_of(self, start: int, end: int) -> tuple[int, int]:
        if not 0 <= start < end <= self.plain_size_bytes:
            message = f"[{start}, {end}) is no range of {self.plain_size_bytes} bytes"
            raise ValueError(message)
        return start // CHUNK_BYTES, (end - 1) // CHUNK_BYTES + 1


class RangeDecryptor:
    """What ``update`` and then ``finish`` return, joined, is the range. Nothing is returned that was not authenticated.

    Both raise DamagedFile. A chunk that is bad, missing or in another's place gives none of its bytes.
    """

    def __init__(
        self, cipher: PayloadCipher, first: int, stop: int, *, is_to_the_end: bool, start: int, end: int
    ) -> None:
        self._cipher, self._number, self._stop, self._is_to_the_end = cipher, first, stop, is_to_the_end
        self._skip, self._left = start - first * CHUNK_BYTES, end - start
        self._held = bytearray()

    def update(self, data: Buffer) -> bytes:
        self._held += data
        pieces = []
        # The file's very last chunk is sealed differently, and may be shorter: it is opened when all of it is there.
        last_whole = self._stop - self._is_to_the_end
        while len(self._held) >= SEALED_CHUNK_BYTES and self._number < last_whole:
            pieces.append(self._opened(self._held[:SEALED_CHUNK_BYTES], is_last=False))
            del self._held[:SEALED_CHUNK_BYTES]
        return b"".join(pieces)

    def finish(self) -> bytes:
        rest = b""
        if self._is_to_the_end and self._number == self._stop - 1:
            rest = self._opened(self._held, is_last=True)
            self._held.clear()
        if self._held or self._number != self._stop:
            raise DamagedFile(f"The range ends within chunk {self._number}: not all of it was read.")
        return rest

    def _opened(self, sealed: Buffer, *, is_last: bool) -> bytes:
        plain = self._cipher.open(self._number, sealed, is_last=is_last)
        self._number += 1
        wanted = plain[self._skip : self._skip + self._left]
        self._skip = 0
        self._left -= len(wanted)
        return wanted
