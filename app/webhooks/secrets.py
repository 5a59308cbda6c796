"""The secrets of hooks: made here, shown once, sealed."""

import secrets
from datetime import datetime
from typing import Final
from uuid import UUID

from pydantic import SecretStr

from app.db.sealed import sealed_context
from app.kit.sealing import KeyRing
from app.webhooks.models import Hook

PREFIX: Final = "hks_"
_BYTES: Final = 32

# What a message to a hook that does not exist is compared with.
NOBODYS: Final = PREFIX + secrets.token_urlsafe(_BYTES)


def make_secret() -> SecretStr:
    """Of characters that a path takes as they are."""
    return SecretStr(PREFIX + secrets.token_urlsafe(_BYTES))


def seal(hook_id: UUID, column: str, secret: SecretStr, key_ring: KeyRing) -> bytes:
    return key_ring.seal(secret.get_secret_value().encode(), context=sealed_context("hook", column, hook_id))


def valid_secrets(hook: Hook, key_ring: KeyRing, now: datetime) -> list[str]:
    """The present one and, for a while after a rotation, the one before."""
    found = [_open(hook.id, "secret_sealed", hook.secret_sealed, key_ring)]
    if hook.previous_secret_sealed is not None and hook.previous_until is not None and now < hook.previous_until:
        found.append(_open(hook.id, "previous_secret_sealed", hook.previous_secret_sealed, key_ring))
    return found


def current_secret(hook: Hook, key_ring: KeyRing) -> SecretStr:
    return SecretStr(_open(hook.id, "secret_sealed", hook.secret_sealed, key_ring))


def _open(hook_id: UUID, column: str, sealed: bytes, key_ring: KeyRing) -> str:
    return key_ring.open(sealed, context=sealed_context("hook", column, hook_id)).decode()
