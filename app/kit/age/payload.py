"""The payload: chunks of 64 KiB, each sealed with ChaCha20-Poly1305 under its number (the STREAM construction).

Chunk n holds the plaintext from ``n * CHUNK_BYTES`` on and starts ``n * SEALED_CHUNK_BYTES`` after the nonce, so any
range of the plaintext can be opened without the chunks before it.
"""

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.kit.age.errors import DamagedFile

CHUNK_BYTES = 64 * 1024
SEALED_CHUNK_BYTES = CHUNK_BYTES + 16
NONCE_BYTES = 16

_COUNTER_BYTES = 11


class PayloadCipher:
    def __init__(self, file_key: bytes, nonce: bytes) -> None:
        self._cipher = ChaCha20Poly1305(HKDF(SHA256(), 32, salt=nonce, info=b"payload").derive(file_key))

    def seal(self, number: int, plaintext: bytes | bytearray | memoryview, *, is_last: bool = False) -> bytes:
        return self._cipher.encrypt(_nonce(number, is_last=is_last), plaintext, None)

    def open(self, number: int, sealed: bytes | bytearray | memoryview, *, is_last: bool = False) -> bytes:
        try:
            return self._cipher.decrypt(_nonce(number, is_last=is_last), sealed, None)
        except InvalidTag:
            what = "ends too early or its last chunk is damaged" if is_last else "is damaged"
            raise DamagedFile(
                f"The file {what}: chunk {number}, from plaintext byte {number * CHUNK_BYTES} on, is not what was written."
            ) from None


def _nonce(number: int, *, is_last: bool) -> bytes:
    return number.to_bytes(_COUNTER_BYTES) + (b"\x01" if is_last else b"\x00")
