"""Secrets at rest: AES-256-GCM under a key ring, so that keys can be changed while old values stay readable.

A sealed value is ``version | length of key id | key id | nonce | ciphertext and tag``. It opens only in the context it
was sealed for (``table.column:row-id``), so a value copied into another row or column is refused.
"""

import base64
import binascii
import re
import secrets
from collections.abc import Mapping
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.errors import Problem

_VERSION = 1
_KEY_BYTES = 32
# Random nonces of 96 bits are safe for 2**32 values under one key (NIST SP 800-38D, 8.3).
_NONCE_BYTES = 12
_HEAD_BYTES = 2  # the version, and the length of the key id
_KEY_ID = re.compile(r"[A-Za-z0-9._-]{1,32}")
_LEAST_DISTINCT_BYTES = 16  # 32 random bytes have about 30; a typed phrase, a pattern or zeros have fewer


class SealBroken(Problem):
    """The stored value was altered, or belongs to another row or column."""

    status, code, title = 500, "SEAL_BROKEN", "A stored secret cannot be opened"


class UnknownKey(Problem):
    status, code, title = 500, "SEAL_KEY_UNKNOWN", "The key of a stored secret is missing"


class KeyRing:
    """Seals with the primary key, opens with any. Raises ValueError, without the keys, if one of them is unfit."""

    def __init__(self, keys: Mapping[str, bytes], primary: str) -> None:
        for key_id, key in keys.items():
            _require_id(key_id)
            _require_fit(key_id, key)
        if primary not in keys:
            raise ValueError(f"the primary key {primary!r} is not in the key ring")
        self._ciphers = {key_id: AESGCM(key) for key_id, key in keys.items()}
        self._primary = primary

    @classmethod
    def parse(cls, text: str) -> Self:
        """``id:base64key[,id:base64key…]``; the first is the primary, the others only open what they once sealed."""
        keys: dict[str, bytes] = {}
        for entry in text.split(","):
            key_id, separator, encoded = entry.strip().partition(":")
            if not separator:
                raise ValueError("a sealing key must be written as id:base64key, several of them joined by commas")
            _require_id(key_id)
            if key_id in keys:
                raise ValueError(f"the sealing key id {key_id!r} is given twice")
            try:
                keys[key_id] = base64.b64decode(encoded, validate=True)
            except (binascii.Error, ValueError):
                raise ValueError(f"the sealing key {key_id!r} is not valid base64") from None
        return cls(keys, primary=next(iter(keys)))

    @staticmethod
    def generate_key() -> str:
        """The base64 text of a new key, as ``parse`` takes it behind ``id:``."""
        return base64.b64encode(secrets.token_bytes(_KEY_BYTES)).decode("ascii")

    def seal(self, plaintext: bytes, *, context: str) -> bytes:
        nonce = secrets.token_bytes(_NONCE_BYTES)
        key_id = self._primary.encode("ascii")
        ciphertext = self._ciphers[self._primary].encrypt(nonce, plaintext, context.encode())
        return bytes([_VERSION, len(key_id)]) + key_id + nonce + ciphertext

    def open(self, sealed: bytes, *, context: str) -> bytes:
        key_id, rest = _split(sealed)
        cipher = self._ciphers.get(key_id)
        if cipher is None:
            raise UnknownKey(
                f"A stored secret is sealed with key {key_id!r}, which is not in the key ring; add that key again.",
                key_id=key_id,
            )
        try:
            return cipher.decrypt(rest[:_NONCE_BYTES], rest[_NONCE_BYTES:], context.encode())
        except InvalidTag:
            raise SealBroken(
                f"The secret stored as {context} was altered, moved from another row, or its key {key_id!r} was replaced "
                "under the same id; store the secret again."
            ) from None

    def needs_rotation(self, sealed: bytes) -> bool:
        return _split(sealed)[0] != self._primary

    def reseal(self, sealed: bytes, *, context: str) -> bytes:
        """The same secret under the primary key."""
        return self.seal(self.open(sealed, context=context), context=context)

    def __repr__(self) -> str:
        return f"KeyRing(keys={sorted(self._ciphers)}, primary={self._primary!r})"


def _require_id(key_id: str) -> None:
    """The text is not repeated: where somebody forgot the id, or swapped the two, it is the key."""
    if not _KEY_ID.fullmatch(key_id):
        raise ValueError("a sealing key id must have 1 to 32 letters, digits, dots, dashes or underscores")


def _require_fit(key_id: str, key: bytes) -> None:
    if len(key) != _KEY_BYTES:
        raise ValueError(f"the sealing key {key_id!r} has {len(key)} bytes instead of {_KEY_BYTES}")
    if len(set(key)) < _LEAST_DISTINCT_BYTES:
        raise ValueError(f"the sealing key {key_id!r} is weak: it must be {_KEY_BYTES} random bytes")


def _split(sealed: bytes) -> tuple[str, bytes]:
    """The key id, and nonce with ciphertext."""
    if len(sealed) < _HEAD_BYTES or sealed[0] != _VERSION or len(sealed) < _HEAD_BYTES + sealed[1] + _NONCE_BYTES:
        raise SealBroken("A stored secret is not in the form this version writes; it was cut off or altered.")
    end = _HEAD_BYTES + sealed[1]
    try:
        return sealed[_HEAD_BYTES:end].decode("ascii"), sealed[end:]
    except UnicodeDecodeError:
        raise SealBroken("A stored secret names no valid key id; it was altered.") from None
