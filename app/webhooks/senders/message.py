"""A message as it came, and what is understood of it. Nothing in it is done, run or looked up: it only says when."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final, Protocol

from app.kit.names import is_storable
from app.webhooks.errors import MessageMalformed

LONGEST_ID: Final = 200
_LONGEST_TEXT: Final = 200
_BRANCH: Final = "refs/heads/"


@dataclass(frozen=True, slots=True)
class Message:
    """``headers`` are asked without regard to case; ``path_secret`` is what stood behind the hook's id."""

    headers: Mapping[str, str]
    body: bytes
    path_secret: str | None = None

    def fallback_id(self) -> str:
        """For senders that give their messages no id: the same bytes are the same message."""
        return f"sha256:{hashlib.sha256(self.body).hexdigest()}"

    def id_in(self, *headers: str) -> str:
        """The first that is there and can be kept, or else the digest of the body."""
        given = (self.headers.get(name, "") for name in headers)
        return next((text for text in given if 0 < len(text) <= LONGEST_ID and is_storable(text)), self.fallback_id())


@dataclass(frozen=True, slots=True)
class Notice:
    """``ignored`` says why the message starts nothing. ``ref`` is a branch, as far as the event has one."""

    delivery_id: str
    event: str
    ignored: str | None = None
    ref: str | None = None
    commit: str | None = None


class Sender(Protocol):
    secret_in_path: ClassVar[bool]

    def is_genuine(self, message: Message, secret: str) -> bool:
        """In a time that tells nothing of the secret."""
        ...

    def read(self, message: Message) -> Notice:
        """Of a genuine message. Raises MessageMalformed."""
        ...


def same(given: str | None, secret: str) -> bool:
    return hmac.compare_digest((given or "").encode(errors="replace"), secret.encode())


def json_object(body: bytes | str) -> Mapping[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        raise MessageMalformed from None
    if not isinstance(found, dict):
        raise MessageMalformed
    return found


def text_of(value: Any) -> str | None:
    """Only a text, not too long, that every column takes."""
    if not isinstance(value, str) or not value or not is_storable(value):
        return None
    return value[:_LONGEST_TEXT]


def member(value: Any, *names: str) -> Any:
    """What stands under these names, one inside the other; None where something else stands."""
    for name in names:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def branch_of(ref: Any) -> str | None:
    """None for a tag, and for what is no ref."""
    found = text_of(ref)
    return found.removeprefix(_BRANCH) if found is not None and found.startswith(_BRANCH) else None
