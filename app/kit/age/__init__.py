"""Backup files in the public age v1 format (https://age-encryption.org/v1), for X25519 recipients.

Whoever holds a key restores with the ``age`` tool alone: ``age -d -i key.txt FILE | pg_restore …``.
"""

from app.kit.age.errors import AgeError, DamagedFile, WrongKey
from app.kit.age.files import AgeDecryptor, AgeEncryptor
from app.kit.age.keys import Identity, Recipient
from app.kit.age.opening import decrypt_stream, read_identities
from app.kit.age.ranges import AgeRanges, RangeDecryptor

__all__ = [
    "AgeDecryptor",
    "AgeEncryptor",
    "AgeError",
    "AgeRanges",
    "DamagedFile",
    "Identity",
    "RangeDecryptor",
    "Recipient",
    "WrongKey",
    "decrypt_stream",
    "read_identities",
]
