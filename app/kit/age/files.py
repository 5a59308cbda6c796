"""Writing and reading whole files piece by piece, in flat memory: at most one chunk is held back between calls."""

import secrets
from collections.abc import Iterator, Sequence

from app.kit.age.errors import DamagedFile, WrongKey
from app.kit.age.header import Header, find_end, is_header_start, parse, render, verify
from app.kit.age.keys import FILE_KEY_BYTES, OWN_KIND, Identity, Recipient
from app.kit.age.payload import CHUNK_BYTES, NONCE_BYTES, SEALED_CHUNK_BYTES, PayloadCipher

Buffer = bytes | bytearray | memoryview

# About 10,000 recipients. The header is the one part of a file that is held whole before anything is authenticated.
MAX_HEADER_BYTES = 1024 * 1024


class AgeEncryptor:
    """What ``update`` and then ``finish`` return, joined, is the file. Large updates are fast: chunks are not copied."""

    def __init__(self, recipients: Sequence[Recipient]) -> None:
        if not recipients:
            raise ValueError("a file without a recipient could never be opened")
        file_key, nonce = secrets.token_bytes(FILE_KEY_BYTES), secrets.token_bytes(NONCE_BYTES)
        self._start = render([recipient.wrap(file_key) for recipient in recipients], file_key) + nonce
        self._cipher = PayloadCipher(file_key, nonce)
        self._chunks = _Chunks(CHUNK_BYTES)
        self._is_finished = False

    def update(self, data: Buffer) -> bytes:
        if self._is_finished:
            raise ValueError("this file was finished already")
        start, self._start = self._start, b""
        return b"".join([start, *(self._cipher.seal(number, chunk) for number, chunk in self._chunks.cut(data))])

    def finish(self) -> bytes:
        start = self.update(b"")
        self._is_finished = True
        number, chunk = self._chunks.last()
        return start + self._cipher.seal(number, chunk, is_last=True)


class AgeDecryptor:
    """Every byte returned was authenticated, and in its place; that nothing is missing is known only after ``finish``.

    ``update`` and ``finish`` raise WrongKey or DamagedFile; after that the rest of the file is refused as well.
    """

    def __init__(self, identities: Sequence[Identity]) -> None:
        self._identities = identities
        self._start = bytearray()
        self._searched_bytes = 0
        self._cipher: PayloadCipher | None = None
        self._chunks = _Chunks(SEALED_CHUNK_BYTES)
        self._is_over = False

    def update(self, data: Buffer) -> bytes:
        self._enter()
        plaintext = self._read(data)
        self._is_over = False
        return plaintext

    def finish(self) -> bytes:
        self._enter()
        if self._cipher is None:
            raise DamagedFile("The file ends within its header: it is cut off.")
        number, chunk = self._chunks.last()
        plaintext = self._cipher.open(number, chunk, is_last=True)
        if number and not plaintext:
            raise DamagedFile("The file ends in an empty chunk, which no writer of this format makes.")
        return plaintext

    def _enter(self) -> None:
        """Counts as over until the step has gone well, so that nothing is read past a failure."""
        if self._is_over:
            raise DamagedFile("This file was read to its end, or found to be unreadable, before.")
        self._is_over = True

    def _read(self, data: Buffer) -> bytes:
        if self._cipher is None:
            self._start += data
            self._cipher = self._open_header()
            if self._cipher is None:
                return b""
            data, self._start = self._start, bytearray()
        cipher = self._cipher
        return b"".join([cipher.open(number, chunk) for number, chunk in self._chunks.cut(data)])

    def _open_header(self) -> PayloadCipher | None:
        """The cipher once header and nonce are complete; they are then taken off the start."""
        opened = open_start(self._start, self._identities, searched_bytes=self._searched_bytes)
        if opened is None:
            # The header may be complete, and only the nonce be missing.
            self._searched_bytes = max(len(self._start) - NONCE_BYTES, 0)
            return None
        cipher, end = opened
        del self._start[:end]
        return cipher


def open_start(
    start: bytes | bytearray, identities: Sequence[Identity], *, searched_bytes: int = 0
) -> tuple[PayloadCipher, int] | None:
    """The cipher of a file that begins so, and where its chunks begin; None if header and nonce go on after ``start``.

    Raises WrongKey, DamagedFile.
    """
    if not is_header_start(start):
        raise DamagedFile("This is no age v1 file, or its first line is damaged.")
    end = find_end(start, searched_bytes)
    if end is None and len(start) <= MAX_HEADER_BYTES:
        return None
    if end is None or end > MAX_HEADER_BYTES:
        raise DamagedFile(f"The header does not end within {MAX_HEADER_BYTES} bytes.")
    if len(start) < end + NONCE_BYTES:
        return None
    header = parse(bytes(start[:end]))
    file_key = _unwrap(header, identities)
    verify(header, file_key)
    return PayloadCipher(file_key, bytes(start[end : end + NONCE_BYTES])), end + NONCE_BYTES


def _unwrap(header: Header, identities: Sequence[Identity]) -> bytes:
    for identity in identities:
        for stanza in header.stanzas:
            file_key = identity.unwrap(stanza)
            if file_key is not None:
                return file_key
    kinds = sorted({stanza.kind for stanza in header.stanzas})
    if OWN_KIND not in kinds:
        raise WrongKey(
            f"This file is encrypted for {' and '.join(kinds)} only, and no such key is read here. Open it with the age tool."
        )
    raise WrongKey(f"None of the {len(identities)} keys at hand opens this file; it is encrypted for other recipients.")


class _Chunks:
    """Cuts a stream into numbered chunks. The last one is sealed differently, so a full one waits for a byte after it."""

    def __init__(self, size_bytes: int) -> None:
        self._size_bytes = size_bytes
        self._held = bytearray()
        self._number = 0

    def cut(self, data: Buffer) -> Iterator[tuple[int, Buffer]]:
        view = memoryview(data)
        if self._held:
            missing = self._size_bytes - len(self._held)
            self._held += view[:missing]
            view = view[missing:]
            if not view:
                return
            chunk, self._held = self._held, bytearray()
            yield self._next(), chunk
        end = max(len(view) - 1, 0) // self._size_bytes * self._size_bytes
        for start in range(0, end, self._size_bytes):
            yield self._next(), view[start : start + self._size_bytes]
        self._held += view[end:]

    def last(self) -> tuple[int, Buffer]:
        return self._number, self._held

    def _next(self) -> int:
        self._number += 1
        return self._number - 1
