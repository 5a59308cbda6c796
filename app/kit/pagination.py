"""Pages of a list and the cursors between them.

A cursor is the position after which the next page begins, signed together with the filters of the list: a caller can
neither make one up nor carry it over to another question. It is readable, so positions must not hold secrets.
"""

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from pydantic import BaseModel

from app.errors import BadRequest

DEFAULT_LIMIT = 50
MAX_LIMIT = 200

Scalar = str | int | float | bool | datetime | UUID | None
Item = TypeVar("Item")

_TAG_BYTES = 16
_LONGEST_CURSOR = 4096


class CursorInvalid(BadRequest):
    code, title = "CURSOR_INVALID", "Invalid cursor"


class Page(BaseModel, Generic[Item]):
    data: list[Item]
    next_cursor: str | None
    has_more: bool


class CursorCodec:
    def __init__(self, key: bytes) -> None:
        self._key = key

    def encode(self, position: Sequence[Scalar], *, filters: Mapping[str, Any]) -> str:
        """``filters`` is all that tells one list from another: the route, its parent, the filters, the order."""
        body = _canonical(position)
        return _to_text(self._tag(body, filters) + body)

    def decode(self, text: str, filters: Mapping[str, Any]) -> tuple[Scalar, ...]:
        """Raises CursorInvalid unless ``encode`` made this text with the same key and filters."""
        data = _from_text(text)
        tag, body = data[:_TAG_BYTES], data[_TAG_BYTES:]
        if not hmac.compare_digest(tag, self._tag(body, filters)):
            raise _invalid()
        return tuple(_restore(value) for value in json.loads(body))

    def _tag(self, body: bytes, filters: Mapping[str, Any]) -> bytes:
        context = hashlib.sha256(_canonical(dict(filters))).digest()
        return hmac.digest(self._key, context + body, "sha256")[:_TAG_BYTES]


def coerce_limit(limit: int | None) -> int:
    """50 when absent or 0, at most 200; raises BadRequest below 0."""
    if not limit:
        return DEFAULT_LIMIT
    if limit < 0:
        raise BadRequest(
            f"limit must be between 1 and {MAX_LIMIT}; larger values are lowered, 0 means {DEFAULT_LIMIT}.",
            parameter="limit",
        )
    return min(limit, MAX_LIMIT)


def _canonical(value: Any) -> bytes:
    return json.dumps(value, default=_mark, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def _mark(value: object) -> dict[str, str]:
    """JSON has neither times nor ids: an object of one key stands for them, which no scalar is mistaken for."""
    match value:
        case datetime(tzinfo=None):
            raise ValueError("a cursor's time must be aware")
        case datetime():
            return {"at": value.isoformat()}
        case UUID():
            return {"id": value.hex}
    raise TypeError(f"{type(value).__name__} cannot stand in a cursor")


def _restore(value: Any) -> Scalar:
    match value:
        case {"at": text}:
            return datetime.fromisoformat(text)
        case {"id": text}:
            return UUID(hex=text)
    scalar: Scalar = value
    return scalar


def _to_text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def _from_text(text: str) -> bytes:
    if len(text) > _LONGEST_CURSOR:
        raise _invalid()
    try:
        data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        raise _invalid() from None
    if _to_text(data) != text:  # the decoder ignores what it does not know
        raise _invalid()
    return data


def _invalid() -> CursorInvalid:
    return CursorInvalid(
        "This cursor was not made by this list with these filters. Repeat the filters of the first page, or start "
        "again without a cursor.",
        parameter="cursor",
    )
