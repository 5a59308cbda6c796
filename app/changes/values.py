"""The values of variables on their way from a request to the job that sets them: sealed, since they may be secrets."""

import base64
import json
from collections.abc import Mapping
from uuid import UUID

from app.db.sealed import sealed_context
from app.kit.sealing import KeyRing


def seal_values(database_id: UUID, values: Mapping[str, str], key_ring: KeyRing) -> str:
    sealed = key_ring.seal(json.dumps(dict(values)).encode(), context=_context(database_id))
    return base64.b64encode(sealed).decode()


def open_values(database_id: UUID, sealed: str, key_ring: KeyRing) -> dict[str, str]:
    values: dict[str, str] = json.loads(key_ring.open(base64.b64decode(sealed), context=_context(database_id)))
    return values


def _context(database_id: UUID) -> str:
    return sealed_context("job", "args", database_id)
