"""Ids: a UUIDv7 inside, outside a prefix that names the kind and 26 characters of Crockford's base32.

UUIDv7 (RFC 9562) sorts by creation time, so it serves as primary key and as the tie-breaker of cursor pages.
"""

import os
import re
import threading
import time
from typing import Annotated
from uuid import UUID

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_PAIRS = [first + second for first in ALPHABET for second in ALPHABET]
_BODY = re.compile(f"[0-7][{ALPHABET}]{{25}}")
# Python reads base32 too, in the digits 0 to v.
_DIGITS = str.maketrans(ALPHABET, "0123456789abcdefghijklmnopqrstuv")
_LENGTH = 26  # 130 bits hold the 128 of a UUID; the first character is therefore at most "7"


def new_id() -> UUID:
    """A UUIDv7 that is larger than every id this process made before.

    Of the 74 random bits the first 12 serve as a sub-millisecond clock (RFC 9562, 6.2 method 3), and a reading that is
    not ahead of the last one is moved one step past it, so ids of one process never go back, whatever the clock does.
    """
    stamp = _stamps.next()
    value = (stamp >> 12) << 80 | 0x7 << 76 | (stamp & 0xFFF) << 64 | 0b10 << 62 | int.from_bytes(os.urandom(8)) >> 2
    return UUID(int=value)


class _Stamps:
    """Milliseconds since 1970 and, in the lowest 12 bits, a fraction."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last = 0

    def next(self) -> int:
        with self._lock:
            milliseconds, rest = divmod(time.time_ns(), 1_000_000)
            self._last = max(milliseconds << 12 | (rest << 12) // 1_000_000, self._last + 1)
            return self._last


_stamps = _Stamps()


def encode_id(prefix: str, value: UUID) -> str:
    number = value.int
    # Two characters at a time: a view has several ids, and this was most of the time of writing it as JSON.
    pairs = [_PAIRS[number >> shift & 1023] for shift in range(120, -1, -10)]
    return f"{prefix}_{''.join(pairs)}"


def decode_id(prefix: str, text: str) -> UUID:
    """The UUID behind ``text``; raises ValueError for another prefix or for characters outside the alphabet."""
    head, _, body = text.partition("_")
    if head != prefix or not _BODY.fullmatch(body):
        raise ValueError(f"not an id of the form {prefix}_ and {_LENGTH} characters of base32")
    return UUID(int=int(body.translate(_DIGITS), 32))


def id_pattern(prefix: str) -> str:
    """The regular expression of an outside id, for JSON Schema and for logs."""
    return f"^{re.escape(prefix)}_[0-7][0-9a-hjkmnp-tv-z]{{{_LENGTH - 1}}}$"


def _parser(prefix: str) -> BeforeValidator:
    return BeforeValidator(lambda value: value if isinstance(value, UUID) else decode_id(prefix, str(value)))


def _renderer(prefix: str) -> PlainSerializer:
    return PlainSerializer(lambda value: encode_id(prefix, value), return_type=str, when_used="json")


def _schema(prefix: str) -> WithJsonSchema:
    example = encode_id(prefix, UUID("01941f29-7c00-7aaa-8bbb-cccccccccccc"))
    return WithJsonSchema({"type": "string", "pattern": id_pattern(prefix), "examples": [example]})


# A model field of one of these types is a UUID in Python and the prefixed text in JSON.
ProjectId = Annotated[UUID, _parser("prj"), _renderer("prj"), _schema("prj")]
EnvironmentId = Annotated[UUID, _parser("env"), _renderer("env"), _schema("env")]
DatabaseId = Annotated[UUID, _parser("db"), _renderer("db"), _schema("db")]
LocationId = Annotated[UUID, _parser("loc"), _renderer("loc"), _schema("loc")]
BackupId = Annotated[UUID, _parser("bak"), _renderer("bak"), _schema("bak")]
BackupSetId = Annotated[UUID, _parser("set"), _renderer("set"), _schema("set")]
RestoreId = Annotated[UUID, _parser("rst"), _renderer("rst"), _schema("rst")]
VerificationId = Annotated[UUID, _parser("ver"), _renderer("ver"), _schema("ver")]
JobId = Annotated[UUID, _parser("job"), _renderer("job"), _schema("job")]
KeyId = Annotated[UUID, _parser("key"), _renderer("key"), _schema("key")]
EventId = Annotated[UUID, _parser("evt"), _renderer("evt"), _schema("evt")]
AlertId = Annotated[UUID, _parser("alr"), _renderer("alr"), _schema("alr")]
AuditId = Annotated[UUID, _parser("aud"), _renderer("aud"), _schema("aud")]
RailwayConnectionId = Annotated[UUID, _parser("rwc"), _renderer("rwc"), _schema("rwc")]
HookId = Annotated[UUID, _parser("hok"), _renderer("hok"), _schema("hok")]
ScheduleId = Annotated[UUID, _parser("sch"), _renderer("sch"), _schema("sch")]
PolicyId = Annotated[UUID, _parser("pol"), _renderer("pol"), _schema("pol")]
ImportId = Annotated[UUID, _parser("imp"), _renderer("imp"), _schema("imp")]
CredentialId = Annotated[UUID, _parser("crd"), _renderer("crd"), _schema("crd")]
ExportId = Annotated[UUID, _parser("exp"), _renderer("exp"), _schema("exp")]
SettingChangeId = Annotated[UUID, _parser("stc"), _renderer("stc"), _schema("stc")]
