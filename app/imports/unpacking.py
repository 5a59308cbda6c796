"""What a file from elsewhere is, told by its contents, and its plain bytes: out of age and gzip, where it is in those."""

import zlib
from collections.abc import Sequence
from typing import Final

from app.imports.errors import FormatUnsupported, SourceDamaged, SourceTooLarge
from app.imports.models import Format
from app.kit.age import AgeDecryptor, AgeError, Identity
from app.postgres.archive.toc import CUSTOM_FORMAT, MAGIC

HEAD_BYTES: Final = 1024  # by which a format is told
PIECE_BYTES: Final = 1024 * 1024

_AGE: Final = (b"age-encryption.org/", b"-----BEGIN AGE")
_GZIP: Final = b"\x1f\x8b"
_GZIP_WINDOW: Final = 31  # zlib's number for gzip, whatever window its writer had
_FORMAT_AT: Final = len(MAGIC) + 5  # behind the version and two sizes
_TAR_MARK: Final = slice(257, 262)
_REFUSED: Final = {
    b"PK\x03\x04": "a ZIP file. Unpack it and import what is in it",
    b"BZh": "a bzip2 file. Unpack it, or pack it with gzip",
    b"\xfd7zXZ\x00": "an xz file. Unpack it, or pack it with gzip",
    b"\x28\xb5\x2f\xfd": "a zstd file. Unpack it, or pack it with gzip",
    b"\xff\xfe": "text in UTF-16. Write it as UTF-8",
    b"\xfe\xff": "text in UTF-16. Write it as UTF-8",
    b"SQLite format 3\x00": "a database of SQLite",
    b"%PDF-": "a PDF document",
}
_PAGES: Final = (b"<!doctype", b"<html", b"<?xml")
_CONTROLS: Final = bytes(set(range(0x20)) - set(b"\t\n\v\f\r\x1b")) + b"\x7f"


def format_of(head: bytes) -> Format:
    """``head`` are the first bytes, unpacked. Raises FormatUnsupported, which says what it is instead."""
    if not head:
        raise FormatUnsupported("The file is empty.")
    if head.startswith(MAGIC):
        if head[_FORMAT_AT : _FORMAT_AT + 1] not in (b"", bytes([CUSTOM_FORMAT])):
            raise FormatUnsupported(
                "The file is the table of contents of a dump in pg_dump's directory or tar format. Dump in the custom "
                "format (pg_dump --format=custom)."
            )
        return Format.ARCHIVE
    for mark, what in _REFUSED.items():
        if head.startswith(mark):
            raise FormatUnsupported(f"The file is {what}.")
    if head[_TAR_MARK] == b"ustar":
        raise FormatUnsupported("The file is a tar archive. Dump in the custom format (pg_dump --format=custom).")
    if head.lstrip().lower().startswith(_PAGES):
        raise FormatUnsupported(
            "The file is a web page, perhaps one that asks for a login. Give the file's own address."
        )
    if any(control in head for control in _CONTROLS):
        raise FormatUnsupported("The file is neither an archive of pg_dump nor SQL, as far as its first bytes tell.")
    return Format.SQL


class Unpacking:
    """``push`` takes the next bytes of the file; then ``pull`` gives plain pieces until it gives none.

    ``end`` comes after the last of them, and then ``pull`` again. Raises SourceDamaged, SourceTooLarge, FormatUnsupported.
    """

    def __init__(self, identities: Sequence[Identity], *, most_bytes: int) -> None:
        self.unpacked_bytes = 0
        self.was_encrypted = self.was_packed = False
        self._identities, self._most_bytes = identities, most_bytes
        self._start: bytes | None = b""  # until it tells what the outermost layer is
        self._decryptor: AgeDecryptor | None = None
        self._inner_start: bytes | None = b""  # the same of what is inside age
        self._inflater: zlib._Decompress | None = None
        self._waiting = b""
        self._has_ended = False

    def push(self, data: bytes) -> None:
        if self._start is not None:
            self._start += data
            if len(self._start) < max(map(len, _AGE)):
                return
            data, self._start = self._start, None
            self._recognise_age(data)
        self._take(self._decrypted(data))

    def end(self) -> None:
        self._has_ended = True
        if self._start is not None:
            data, self._start = self._start, None
            self._recognise_age(data)
            self._take(self._decrypted(data))
        if self._decryptor is not None:
            try:
                self._take(self._decryptor.finish())
            except AgeError as error:
                raise SourceDamaged(f"The age file cannot be opened. {error}") from error
        if self._inner_start:
            self._recognise_gzip()

    def pull(self) -> bytes:
        """Never more than a piece, however much a few packed bytes hold."""
        piece = b""
        while self._waiting and not piece:
            if self._inflater is None:
                piece, self._waiting = self._waiting, b""
            else:
                piece = self._inflated()
        if not piece and self._has_ended and self._inflater is not None and not self._inflater.eof:
            raise SourceDamaged("The gzip file ends too early: it is cut off. Fetch or make it again.")
        self.unpacked_bytes += len(piece)
        if self.unpacked_bytes > self._most_bytes:
            raise SourceTooLarge(
                f"Unpacked the file has more than {self._most_bytes} bytes, the most that this service takes "
                "(PGM_IMPORTS__MAX_UNPACKED_BYTES)."
            )
        return piece

    def _recognise_age(self, data: bytes) -> None:
        if data.startswith(_AGE[1]):
            raise FormatUnsupported(
                "The file is an age file in ASCII armour. Take the armour off (age writes it with -a)."
            )
        if data.startswith(_AGE[0]):
            self.was_encrypted, self._decryptor = True, AgeDecryptor(self._identities)

    def _decrypted(self, data: bytes) -> bytes:
        if self._decryptor is None:
            return data
        try:
            return self._decryptor.update(data)
        except AgeError as error:
            raise SourceDamaged(f"The age file cannot be opened. {error}") from error

    def _take(self, data: bytes) -> None:
        if self._inner_start is None:
            self._waiting += data
            return
        self._inner_start += data
        if len(self._inner_start) >= len(_GZIP):
            self._recognise_gzip()

    def _recognise_gzip(self) -> None:
        assert self._inner_start is not None
        self._waiting, self._inner_start = self._inner_start, None
        if self._waiting.startswith(_GZIP):
            self.was_packed, self._inflater = True, zlib.decompressobj(_GZIP_WINDOW)

    def _inflated(self) -> bytes:
        assert self._inflater is not None
        try:
            if self._inflater.eof:
                if not self._waiting.rstrip(b"\0"):  # tapes and some tools fill up the end
                    self._waiting = b""
                    return b""
                self._inflater = zlib.decompressobj(_GZIP_WINDOW)  # files put one behind the other are one file
            piece = self._inflater.decompress(self._waiting, PIECE_BYTES)
        except zlib.error as error:
            raise SourceDamaged(f"The gzip file is damaged ({error}). Fetch or make it again.") from error
        self._waiting = self._inflater.unused_data if self._inflater.eof else self._inflater.unconsumed_tail
        return piece
