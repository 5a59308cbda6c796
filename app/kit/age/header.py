"""The text header: for each recipient a stanza that holds the file key, then a MAC over all of it."""

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.kit.age.errors import DamagedFile

_FIRST_LINE = b"age-encryption.org/v1\n"
_MAC_MARK = b"---"
_MAC_LINE = re.compile(rb"--- ([A-Za-z0-9+/]{43})\n")
_MAC_LINE_BYTES = 48
_STANZA_LINE = re.compile(rb"-> [!-~]+(?: [!-~]+)*")
_COLUMNS = 64


@dataclass(frozen=True, slots=True)
class Stanza:
    kind: str
    arguments: tuple[str, ...]
    body: bytes


@dataclass(frozen=True, slots=True)
class Header:
    stanzas: tuple[Stanza, ...]
    covered: bytes  # what the MAC is over
    mac: bytes


def render(stanzas: Sequence[Stanza], file_key: bytes) -> bytes:
    covered = _FIRST_LINE + b"".join(map(_render_stanza, stanzas)) + _MAC_MARK
    return covered + b" " + encode_base64(_hmac(covered, file_key).finalize()) + b"\n"


def is_header_start(data: bytes | bytearray) -> bool:
    """Whether this, as long or short as it is, can be the start of a file."""
    return data.startswith(_FIRST_LINE) or _FIRST_LINE.startswith(data)


def find_end(data: bytes | bytearray, searched_bytes: int) -> int | None:
    """Where the payload begins, once the MAC line is complete. What an earlier call searched is not searched again."""
    found = data.find(b"\n" + _MAC_MARK, max(searched_bytes - _MAC_LINE_BYTES - 1, 0))
    end = found + 1 + _MAC_LINE_BYTES
    return end if found >= 0 and end <= len(data) else None


def parse(data: bytes) -> Header:
    """Takes exactly the bytes up to ``find_end``. The MAC is not checked here: its key comes out of a stanza."""
    mac_line = _MAC_LINE.fullmatch(data, len(data) - _MAC_LINE_BYTES)
    if mac_line is None:
        raise _damaged("its MAC line is malformed")
    lines = data[len(_FIRST_LINE) : mac_line.start()].split(b"\n")[:-1]
    stanzas: list[Stanza] = []
    position = 0
    while position < len(lines):
        stanza, position = _read_stanza(lines, position)
        stanzas.append(stanza)
    if not stanzas:
        raise _damaged("it names no recipient")
    return Header(tuple(stanzas), data[: mac_line.start() + len(_MAC_MARK)], decode_base64(mac_line[1]))


def verify(header: Header, file_key: bytes) -> None:
    try:
        _hmac(header.covered, file_key).verify(header.mac)
    except InvalidSignature:
        raise _damaged("it was altered after the file was written") from None


def encode_base64(data: bytes) -> bytes:
    return base64.b64encode(data).rstrip(b"=")


def decode_base64(text: bytes) -> bytes:
    """Accepts the one canonical spelling only, without padding, as the format demands."""
    try:
        data = base64.b64decode(text + b"=" * (-len(text) % 4), validate=True)
    except binascii.Error:
        data = b""
    if encode_base64(data) != text:
        raise _damaged("it holds malformed base64")
    return data


def _render_stanza(stanza: Stanza) -> bytes:
    """The body's last line is shorter than 64 characters, empty if need be: that is how a reader finds its end."""
    text = encode_base64(stanza.body)
    body = [text[start : start + _COLUMNS] for start in range(0, len(text) + 1, _COLUMNS)]
    return b"\n".join([" ".join(["->", stanza.kind, *stanza.arguments]).encode("ascii"), *body, b""])


def _read_stanza(lines: Sequence[bytes], position: int) -> tuple[Stanza, int]:
    if not _STANZA_LINE.fullmatch(lines[position]):
        raise _damaged("it holds a malformed stanza")
    kind, *arguments = lines[position].decode("ascii").split(" ")[1:]
    end = position + 1
    while end < len(lines) and len(lines[end]) == _COLUMNS:
        end += 1
    if end == len(lines) or len(lines[end]) > _COLUMNS:
        raise _damaged("it holds a stanza without an end")
    body = decode_base64(b"".join(lines[position + 1 : end + 1]))
    return Stanza(kind, tuple(arguments), body), end + 1


def _hmac(covered: bytes, file_key: bytes) -> HMAC:
    mac = HMAC(HKDF(SHA256(), 32, salt=None, info=b"header").derive(file_key), SHA256())
    mac.update(covered)
    return mac


def _damaged(why: str) -> DamagedFile:
    return DamagedFile(f"The header of this age file cannot be trusted: {why}.")
