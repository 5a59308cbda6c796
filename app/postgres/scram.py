"""SCRAM-SHA-256 verifiers, so that a password gets into a server without ever being sent to it.

What ``ALTER ROLE … PASSWORD`` is given stands in the server's log when that statement is logged, or fails.
"""

import base64
import hashlib
import hmac
import secrets
import stringprep
import unicodedata
from typing import Final

from pydantic import SecretStr

ITERATIONS: Final = 4096  # PostgreSQL's own default, and what RFC 7677 asks for at least
_SALT_BYTES: Final = 16
_PROHIBITED: Final = (
    stringprep.in_table_c12,
    stringprep.in_table_c21_c22,
    stringprep.in_table_c3,
    stringprep.in_table_c4,
    stringprep.in_table_c5,
    stringprep.in_table_c6,
    stringprep.in_table_c7,
    stringprep.in_table_c8,
    stringprep.in_table_c9,
    stringprep.in_table_a1,
)


def verifier(password: SecretStr, *, salt: bytes | None = None, iterations: int = ITERATIONS) -> str:
    """As in ``pg_authid.rolpassword``, and as ``ALTER ROLE … PASSWORD`` takes it. RFC 5802, section 3, and RFC 7677."""
    salt = salt or secrets.token_bytes(_SALT_BYTES)
    salted = hashlib.pbkdf2_hmac("sha256", prepared(password.get_secret_value()), salt, iterations)
    client_key = hmac.digest(salted, b"Client Key", "sha256")
    stored_key = hashlib.sha256(client_key).digest()
    server_key = hmac.digest(salted, b"Server Key", "sha256")
    return f"SCRAM-SHA-256${iterations}:{_base64(salt)}${_base64(stored_key)}:{_base64(server_key)}"


def is_verified_by(password: SecretStr, kept: str) -> bool:
    """Whether ``kept``, from ``pg_authid``, is a verifier of this password; False as well for one of another kind."""
    try:
        scheme, parameters, _ = kept.split("$")
        iterations, salt = parameters.split(":")
        if scheme != "SCRAM-SHA-256":
            return False
        again = verifier(password, salt=base64.b64decode(salt), iterations=int(iterations))
    except ValueError:
        return False
    return hmac.compare_digest(again, kept)


def prepared(password: str) -> bytes:
    """SASLprep (RFC 4013), and the password as it is where that would refuse it: what PostgreSQL and libpq do."""
    if password.isascii():
        return password.encode()
    mapped = "".join(
        " " if stringprep.in_table_c12(one) else one for one in password if not stringprep.in_table_b1(one)
    )
    normal = unicodedata.ucd_3_2_0.normalize("NFKC", mapped)
    if not normal or any(is_in(one) for one in normal for is_in in _PROHIBITED) or not _is_one_direction(normal):
        return password.encode()
    return normal.encode()


def _is_one_direction(text: str) -> bool:
    """RFC 3454, section 6."""
    if not any(map(stringprep.in_table_d1, text)):
        return True
    ends = stringprep.in_table_d1(text[0]) and stringprep.in_table_d1(text[-1])
    return ends and not any(map(stringprep.in_table_d2, text))


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode()
