"""API keys: ``pgm_<key id>_<secret><checksum>``.

The prefix lets secret scanners find a key that leaked, the key id finds its row, the secret has 256 random bits, and
the checksum tells a typing error from a revoked key without a look-up. At rest there is only an HMAC: a slow hash
would add nothing to 256 bits, and cost a quarter of a second and 64 MiB per request.
"""

import hashlib
import hmac
import re
import secrets
import zlib
from dataclasses import dataclass
from uuid import UUID

from pydantic import SecretStr

from app.kit.ids import decode_id, encode_id, new_id

PREFIX = "pgm"

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_SECRET_BYTES, _SECRET_LENGTH = 32, 43  # 62**43 > 2**256
_CHECKSUM_LENGTH = 6  # 62**6 > 2**32
_FORM = re.compile(rf"({PREFIX}_[0-9a-z]{{26}})_([0-9A-Za-z]{{{_SECRET_LENGTH}}})([0-9A-Za-z]{{{_CHECKSUM_LENGTH}}})")


@dataclass(frozen=True, slots=True)
class MintedKey:
    """``text`` is shown to its owner once; of ``secret`` only the digest is kept."""

    key_id: UUID
    text: SecretStr
    secret: SecretStr


def mint() -> MintedKey:
    key_id = new_id()
    secret = _base62(int.from_bytes(secrets.token_bytes(_SECRET_BYTES)), _SECRET_LENGTH)
    body = f"{encode_id(PREFIX, key_id)}_{secret}"
    return MintedKey(key_id, text=SecretStr(body + _checksum(body)), secret=SecretStr(secret))


def parse(text: str) -> tuple[UUID, SecretStr]:
    """Key id and secret. Raises ValueError, which never repeats the text, for anything that was not minted here."""
    form = _FORM.fullmatch(text)
    if form is None:
        raise ValueError("not an API key of this service; they begin with pgm_ and have 80 characters")
    head, secret, checksum = form.groups()
    if checksum != _checksum(f"{head}_{secret}"):
        raise ValueError("this API key was mistyped or cut: its checksum does not match")
    return decode_id(PREFIX, head), SecretStr(secret)


def digest(secret: SecretStr, pepper: bytes) -> bytes:
    """What is stored. The pepper stays outside the database, so a copy of the table alone opens nothing."""
    return hmac.digest(pepper, secret.get_secret_value().encode(), hashlib.sha256)


def matches(secret: SecretStr, stored: bytes, pepper: bytes) -> bool:
    """Takes the same time wherever the first difference is."""
    return hmac.compare_digest(digest(secret, pepper), stored)


def _checksum(body: str) -> str:
    return _base62(zlib.crc32(body.encode()), _CHECKSUM_LENGTH)


def _base62(number: int, length: int) -> str:
    characters = []
    for _ in range(length):
        number, value = divmod(number, len(_ALPHABET))
        characters.append(_ALPHABET[value])
    return "".join(reversed(characters))
