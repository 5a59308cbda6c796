"""A request that carries an Idempotency-Key happens once: its repetition gets the first answer again.

The lock, the work and the stored answer live in one transaction, so a crash leaves all of them or none. Only answers of
success are stored; after any other, the same key may be used again.
"""

import hashlib
import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol, TypeVar

from pydantic import BaseModel
from sqlalchemy import func
from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.auth.errors import (
    IdempotencyInFlight,
    IdempotencyKeyMalformed,
    IdempotencyKeyMissing,
    IdempotencyMismatch,
)
from app.auth.models import IdempotencyKey
from app.auth.principal import Principal
from app.db.locks import lock_key, try_lock_until_commit
from app.kit.clock import Clock

View = TypeVar("View", bound=BaseModel)

RETENTION = timedelta(hours=24)
STORED_HEADERS = ("location", "etag", "retry-after")

_VISIBLE = re.compile(r"[\x21-\x7e]{1,255}")


class Replay(Exception):
    """Not an error: ends the request with the stored answer."""

    def __init__(self, status: int, headers: Mapping[str, str], body: str) -> None:
        super().__init__("an answer is replayed")
        self.status = status
        self.headers = headers
        self.body = body


class Answer(Protocol):
    """The response that a route may shape; its status is null until the route sets another than its usual one."""

    status_code: int

    @property
    def headers(self) -> Mapping[str, str]: ...


@dataclass(frozen=True, slots=True)
class Asked:
    """What makes two requests the same."""

    route: str
    status: int
    path: Mapping[str, Any]
    query: Sequence[tuple[str, str]]
    body: bytes
    dry_run: bool = False

    def fingerprint(self) -> bytes:
        try:
            whole = self._canonical(json.loads(self.body) if self.body else None)
        except (ValueError, RecursionError):  # no JSON, or nested deeper than any that is read
            whole = self._canonical(self.body.hex())
        return hashlib.sha256(whole.encode()).digest()

    def _canonical(self, body: Any) -> str:
        return json.dumps([dict(self.path), sorted(self.query), body], sort_keys=True, separators=(",", ":"))


class Once:
    """The key of one request, held until its transaction ends; without a key, nothing."""

    def __init__(
        self, session: AsyncSession, clock: Clock, principal: Principal, asked: Asked, key: str | None
    ) -> None:
        self._session = session
        self._clock = clock
        self._principal = principal
        self._asked = asked
        self._key = key

    @classmethod
    async def begin(
        cls,
        session: AsyncSession,
        principal: Principal,
        asked: Asked,
        *,
        header: str | None,
        required: bool,
        clock: Clock,
    ) -> "Once":
        """Raises Replay when the request was answered before, and a problem when it cannot be told or still runs."""
        once = cls(session, clock, principal, asked, _parsed(header, required=required))
        if once._key is not None:
            await once._hold(once._key)
        return once

    @property
    def is_dry_run(self) -> bool:
        return self._asked.dry_run

    def keep(self, view: View, answer: Answer, *, without: Collection[str] = ()) -> View:
        """Stores the answer beside the work, and hands ``view`` back.

        ``without`` names fields of secrets: a replay has null in them and lists them as ``withheld``. So has a dry run,
        whose audit row goes with the rest: it must not be a way to a secret that leaves no trace.
        """
        if self._asked.dry_run:
            return view.model_copy(update=_withheld(without))
        self._store(answer, _rendered(view, without))
        return view

    def keep_empty(self, answer: Answer) -> None:
        """The same for an answer without a body."""
        self._store(answer, "")

    def _store(self, answer: Answer, body: str) -> None:
        if self._key is None:
            return
        self._session.add(
            IdempotencyKey(
                principal=self._principal.key_id,
                route=self._asked.route,
                key=self._key,
                fingerprint=self._asked.fingerprint(),
                status=answer.status_code or self._asked.status,
                headers={name: answer.headers[name] for name in STORED_HEADERS if name in answer.headers},
                body=body,
                expires_at=self._clock() + RETENTION,
            )
        )

    async def _hold(self, key: str) -> None:
        lock = lock_key("idempotency", self._principal.key_id, self._asked.route, key)
        if not await try_lock_until_commit(self._session, lock):
            raise IdempotencyInFlight(
                "A request with this Idempotency-Key is still running; repeat it to get its answer.", retry_after=1
            )
        stored = (await self._session.exec(select(IdempotencyKey).where(*self._is(key)))).one_or_none()
        if stored is None:
            return
        if stored.expires_at <= self._clock():
            await self._session.exec(delete(IdempotencyKey).where(*self._is(key)))
            self._session.expunge(stored)
            return
        if stored.fingerprint != self._asked.fingerprint():
            raise IdempotencyMismatch(
                "This Idempotency-Key was used for a request with another body, path or query; take a new key."
            )
        raise Replay(stored.status, stored.headers, stored.body)

    def _is(self, key: str) -> tuple[Any, ...]:
        return (
            col(IdempotencyKey.principal) == self._principal.key_id,
            col(IdempotencyKey.route) == self._asked.route,
            col(IdempotencyKey.key) == key,
        )


async def forget_expired(session: AsyncSession) -> int:
    """Deletes answers that are no longer replayed, by the database's clock; says how many."""
    result = await session.exec(delete(IdempotencyKey).where(col(IdempotencyKey.expires_at) < func.now()))
    return int(result.rowcount)


def _parsed(header: str | None, *, required: bool) -> str | None:
    if header is None:
        if required:
            raise IdempotencyKeyMissing(
                "Send the header Idempotency-Key with a new random value; repeat the value when you repeat the request."
            )
        return None
    key = header[1:-1] if len(header) > 1 and header[0] == header[-1] == '"' else header
    if not _VISIBLE.fullmatch(key):
        raise IdempotencyKeyMalformed(
            "An Idempotency-Key has 1 to 255 visible ASCII characters.", parameter="Idempotency-Key"
        )
    return key


def _rendered(view: BaseModel, without: Collection[str]) -> str:
    if not without:
        return view.model_dump_json(by_alias=True)
    return json.dumps(view.model_dump(mode="json", by_alias=True) | _withheld(without), ensure_ascii=False)


def _withheld(fields: Collection[str]) -> dict[str, Any]:
    return {**dict.fromkeys(fields), "withheld": sorted(fields)} if fields else {}
