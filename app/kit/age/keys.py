"""X25519 keys: a recipient (public, ``age1…``) and its identity (secret, ``AGE-SECRET-KEY-1…``)."""

from dataclasses import dataclass
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pydantic import SecretStr

from app.kit import bech32
from app.kit.age.errors import DamagedFile
from app.kit.age.header import Stanza, decode_base64, encode_base64

FILE_KEY_BYTES = 16

OWN_KIND = "X25519"
_RECIPIENT_PREFIX, _IDENTITY_PREFIX = "age", "age-secret-key-"
_KEY_BYTES = 32
_WRAPPED_BYTES = FILE_KEY_BYTES + 16
_ONCE = bytes(12)  # a wrapping key is used once, so its nonce may be fixed


@dataclass(frozen=True, slots=True)
class Recipient:
    public_key: bytes

    @classmethod
    def parse(cls, text: str) -> Self:
        public_key = _decode(text, _RECIPIENT_PREFIX, "a recipient (age1…)")
        try:
            X25519PrivateKey.generate().exchange(X25519PublicKey.from_public_bytes(public_key))
        except ValueError:
            raise ValueError("not a recipient: this public key would make every file readable by anyone") from None
        return cls(public_key)

    def wrap(self, file_key: bytes) -> Stanza:
        ephemeral = X25519PrivateKey.generate()
        share = ephemeral.public_key().public_bytes_raw()
        shared = ephemeral.exchange(X25519PublicKey.from_public_bytes(self.public_key))
        body = _wrapping_cipher(shared, share, self.public_key).encrypt(_ONCE, file_key, None)
        return Stanza(OWN_KIND, (encode_base64(share).decode("ascii"),), body)

    def __str__(self) -> str:
        return bech32.encode(_RECIPIENT_PREFIX, self.public_key)


class Identity:
    def __init__(self, private_key: X25519PrivateKey) -> None:
        self._private_key = private_key
        self.recipient = Recipient(private_key.public_key().public_bytes_raw())

    @classmethod
    def generate(cls) -> Self:
        return cls(X25519PrivateKey.generate())

    @classmethod
    def parse(cls, text: str) -> Self:
        """The error never repeats the text."""
        return cls(X25519PrivateKey.from_private_bytes(_decode(text, _IDENTITY_PREFIX, "a key (AGE-SECRET-KEY-1…)")))

    @property
    def secret(self) -> SecretStr:
        """The line that ``age -i`` reads."""
        return SecretStr(bech32.encode(_IDENTITY_PREFIX, self._private_key.private_bytes_raw()).upper())

    def unwrap(self, stanza: Stanza) -> bytes | None:
        """The file key, or None if the stanza is of another kind or for another key."""
        if stanza.kind != OWN_KIND:
            return None
        if len(stanza.arguments) != 1 or len(stanza.body) != _WRAPPED_BYTES:
            raise DamagedFile("The header of this age file holds a malformed X25519 stanza.")
        share = decode_base64(stanza.arguments[0].encode("ascii"))
        try:
            shared = self._private_key.exchange(X25519PublicKey.from_public_bytes(share))
        except ValueError:
            raise DamagedFile("The header of this age file holds an X25519 share that is no public key.") from None
        try:
            return _wrapping_cipher(shared, share, self.recipient.public_key).decrypt(_ONCE, stanza.body, None)
        except InvalidTag:
            return None

    def __repr__(self) -> str:
        return f"Identity(recipient={self.recipient})"


def _wrapping_cipher(shared: bytes, share: bytes, public_key: bytes) -> ChaCha20Poly1305:
    info = b"age-encryption.org/v1/X25519"
    return ChaCha20Poly1305(HKDF(SHA256(), 32, salt=share + public_key, info=info).derive(shared))


def _decode(text: str, prefix: str, what: str) -> bytes:
    try:
        found, key = bech32.decode(text)
    except ValueError as error:
        raise ValueError(f"not {what}: {error}") from None
    is_upper = prefix == _IDENTITY_PREFIX
    if found != prefix or len(key) != _KEY_BYTES or text != (text.upper() if is_upper else text.lower()):
        raise ValueError(f"not {what}: another prefix, case or length")
    return key
