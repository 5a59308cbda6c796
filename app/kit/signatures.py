"""Signatures of outgoing webhooks as Standard Webhooks 1.0 has them: HMAC-SHA256 over ``id.timestamp.body``.

A message carries one signature per secret, so that a receiver may change to a new secret while the old one still counts.
"""

import base64
import binascii
import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime

PREFIX = "whsec_"

_VERSION = "v1"
_KEY_BYTES = 32
_FEWEST_BYTES, _MOST_BYTES = 24, 64  # of the standard


def generate_secret() -> str:
    return PREFIX + base64.b64encode(secrets.token_bytes(_KEY_BYTES)).decode()


def parse_secrets(text: str) -> tuple[bytes, ...]:
    """The keys in ``whsec_…,whsec_…``. Raises ValueError, which never repeats the text."""
    return tuple(_key(entry.strip()) for entry in text.split(","))


def signed_headers(message_id: str, at: datetime, body: bytes, keys: Sequence[bytes]) -> dict[str, str]:
    """``message_id`` stays the same over all attempts of one message; ``at`` is the time of this one."""
    timestamp = str(int(at.timestamp()))
    signed = f"{message_id}.{timestamp}.".encode() + body
    signatures = (base64.b64encode(hmac.digest(key, signed, "sha256")).decode() for key in keys)
    return {
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(f"{_VERSION},{signature}" for signature in signatures),
    }


def _key(entry: str) -> bytes:
    if not entry.startswith(PREFIX):
        raise ValueError(f"a webhook secret begins with {PREFIX}; several of them are joined by commas")
    try:
        key = base64.b64decode(entry.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError(f"what follows {PREFIX} is not base64") from None
    if not _FEWEST_BYTES <= len(key) <= _MOST_BYTES:
        raise ValueError(f"a webhook secret has {_FEWEST_BYTES} to {_MOST_BYTES} bytes, this one {len(key)}")
    return key
