"""Why a caller was turned away."""

from collections.abc import Iterable
from typing import Any

from app.errors import BadRequest, Conflict, Forbidden, Unauthorized, Unprocessable

_CHALLENGE = {"WWW-Authenticate": 'Bearer realm="pgmanager"'}
_CHALLENGE_INVALID = {"WWW-Authenticate": 'Bearer realm="pgmanager", error="invalid_token"'}


class KeyRefused(Unauthorized):
    def __init__(self, detail: str, **members: Any) -> None:
        super().__init__(detail, headers=_CHALLENGE_INVALID, **members)


class KeyMissing(Unauthorized):
    code, title = "KEY_MISSING", "No API key"

    def __init__(self) -> None:
        super().__init__("Send an API key in the header `Authorization: Bearer pgm_…`.", headers=_CHALLENGE)


class KeyInvalid(KeyRefused):
    code, title = "KEY_INVALID", "Unknown API key"


class KeyExpired(KeyRefused):
    code, title = "KEY_EXPIRED", "The API key has expired"


class KeyRevoked(KeyRefused):
    code, title = "KEY_REVOKED", "The API key was revoked"


class ScopeMissing(Forbidden):
    code, title = "SCOPE_MISSING", "The API key may not do this"

    def __init__(self, scope: str) -> None:
        super().__init__(f"This needs the scope {scope}, which the key does not have.", required_scope=scope)


class RightsExceeded(Forbidden):
    """A key may pass on its own rights and no others."""

    code, title = "RIGHTS_EXCEEDED", "More rights than the caller has"

    def __init__(self, scopes: Iterable[str] = ()) -> None:
        lacking = sorted(scopes)
        detail = f"The calling key lacks {', '.join(lacking)}." if lacking else "The calling key covers fewer projects."
        super().__init__(f"A key may create only keys within its own rights. {detail}", lacking=lacking)


class IdempotencyKeyMissing(BadRequest):
    code, title = "IDEMPOTENCY_KEY_MISSING", "No Idempotency-Key"


class IdempotencyKeyMalformed(BadRequest):
    code, title = "PARAMETER_INVALID", "Invalid Idempotency-Key"


class IdempotencyInFlight(Conflict):
    code, title, retryable = "IDEMPOTENCY_IN_FLIGHT", "The same request is still running", True


class IdempotencyMismatch(Unprocessable):
    code, title = "IDEMPOTENCY_MISMATCH", "The Idempotency-Key belongs to another request"
