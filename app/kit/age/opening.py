"""Whole files opened from one stream into another, with keys from files as ``age-keygen`` writes them."""

from collections.abc import Sequence
from typing import Protocol

from app.kit.age.files import AgeDecryptor
from app.kit.age.keys import Identity

_CHUNK_BYTES = 1024 * 1024


class Source(Protocol):
    def read(self, size: int, /) -> bytes: ...


class Sink(Protocol):
    def write(self, data: bytes, /) -> object: ...


def read_identities(text: str) -> list[Identity]:
    """One key a line; empty lines and comments are skipped. Raises ValueError, which never repeats a key."""
    found = []
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip() and not line.startswith("#"):
            try:
                found.append(Identity.parse(line.strip()))
            except ValueError as error:
                raise ValueError(f"line {number} is {error}") from None
    if not found:
        raise ValueError("there is no key in it")
    return found


def decrypt_stream(source: Source, sink: Sink, identities: Sequence[Identity]) -> int:
    """Writes only what was authenticated; that nothing is missing is known when it returns, with the bytes written.

    Raises WrongKey before anything is written, and DamagedFile.
    """
    decryptor = AgeDecryptor(identities)
    size_bytes = 0
    while chunk := source.read(_CHUNK_BYTES):
        plain = decryptor.update(chunk)
        sink.write(plain)
        size_bytes += len(plain)
    rest = decryptor.finish()
    sink.write(rest)
    return size_bytes + len(rest)
