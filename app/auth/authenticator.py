"""Tells from the header of a request who calls, and remembers what the answer itself does not wait for."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog
from pydantic import SecretStr
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel.ext.asyncio.session import AsyncSession

from app.auth.audit import audit
from app.auth.errors import KeyExpired, KeyInvalid, KeyMissing, KeyRevoked
from app.auth.idempotency import forget_expired
from app.auth.models import Outcome
from app.auth.principal import Principal
from app.auth.repository import AuthRepository
from app.errors import Problem
from app.kit import api_keys
from app.kit.ids import encode_id
from app.runtime import Runtime

log = structlog.get_logger()

LAST_USED_STEP = timedelta(minutes=1)
FLUSH_SECONDS = 5.0
FORGET_SECONDS = 3600.0
# Anybody can send a wrong key, so the rows they cause are bounded; the rest is only logged.
ANONYMOUS_DENIALS_PER_MINUTE = 60


class Authenticator:
    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._used: set[UUID] = set()
        self._anonymous = _Allowance(ANONYMOUS_DENIALS_PER_MINUTE)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Writes the last uses of keys every few seconds and once more at the end; forgets stored answers hourly."""
        async with asyncio.TaskGroup() as tasks:
            chores = [
                tasks.create_task(_every(FLUSH_SECONDS, self.flush), name="key-uses"),
                tasks.create_task(_every(FORGET_SECONDS, self.forget_answers), name="stored-answers"),
            ]
            try:
                yield
            finally:
                for chore in chores:
                    chore.cancel()
        await self.flush()

    async def authenticate(
        self, header: str | None, session: AsyncSession, *, address: str | None, user_agent: str | None
    ) -> Principal:
        """Raises one of the errors that answer 401."""
        key_id, secret = _parsed(header)
        row = await AuthRepository(session).credentials(key_id)
        if row is None or not api_keys.matches(secret, row.digest, self._runtime.pepper):
            raise KeyInvalid("This service does not know the API key; it may belong to another installation.")
        # Only now: whoever lacks the secret must not learn that the key exists.
        now = self._runtime.clock()
        if row.revoked_at is not None:
            raise KeyRevoked(f"The API key was revoked at {row.revoked_at:%Y-%m-%d %H:%M} UTC; ask for a new one.")
        if row.expires_at is not None and row.expires_at <= now:
            raise KeyExpired(f"The API key expired at {row.expires_at:%Y-%m-%d %H:%M} UTC; ask for a new one.")
        if row.last_used_at is None or now - row.last_used_at >= LAST_USED_STEP:
            self._used.add(key_id)
        projects = None if row.project_ids is None else frozenset(row.project_ids)
        return Principal(key_id, row.name, frozenset(row.scopes), projects, address=address, user_agent=user_agent)

    async def denied(
        self, problem: Problem, *, actor: Principal | None, action: str, header: str | None, details: Mapping[str, Any]
    ) -> None:
        """Leaves a row about a refused attempt, in a transaction of its own: the request's was rolled back.

        Without ``actor`` the caller is unknown, and the key that ``header`` names is only the target of the attempt.
        """
        log.warning("request.denied", code=problem.code, action=action)
        if actor is None and not self._anonymous.take():
            return
        target = claimed_key(header) if actor is None else None
        try:
            async with self._runtime.sessions() as session, session.begin():
                audit(
                    session,
                    actor or "anonymous",
                    action,
                    target_type="api_key" if target else None,
                    target_id=target,
                    outcome=Outcome.DENIED,
                    code=problem.code,
                    details=details,
                )
        except (SQLAlchemyError, OSError) as error:
            # The caller gets the refusal either way.
            log.error("audit.failed", error=type(error).__name__)

    async def flush(self) -> None:
        """Writes which keys were used since the last call; what cannot be written is forgotten."""
        used, self._used = self._used, set()
        if not used:
            return
        try:
            async with self._runtime.sessions() as session, session.begin():
                await AuthRepository(session).mark_used(used)
        except (SQLAlchemyError, OSError) as error:
            log.warning("keys.last_use_lost", keys=len(used), error=type(error).__name__)

    async def forget_answers(self) -> None:
        """Any process may do it; what one of them misses, the next hour gets."""
        try:
            async with self._runtime.sessions() as session, session.begin():
                forgotten = await forget_expired(session)
        except (SQLAlchemyError, OSError) as error:
            log.warning("idempotency.sweep_failed", error=type(error).__name__)
        else:
            log.debug("idempotency.swept", answers=forgotten)


async def _every(seconds: float, chore: Callable[[], Awaitable[None]]) -> None:
    while True:
        await asyncio.sleep(seconds)
        await chore()


def claimed_key(header: str | None) -> str | None:
    """The key that a refused request named, without having proven that it holds it."""
    with suppress(Problem):
        return encode_id("key", _parsed(header)[0])
    return None


def _parsed(header: str | None) -> tuple[UUID, SecretStr]:
    if not header:
        raise KeyMissing
    scheme, _, text = header.partition(" ")
    if scheme.lower() != "bearer" or not text:
        raise KeyMissing
    try:
        return api_keys.parse(text.strip())
    except ValueError as error:
        raise KeyInvalid(f"{error}.") from None


class _Allowance:
    """A bucket that refills evenly."""

    def __init__(self, per_minute: int) -> None:
        self._size = float(per_minute)
        self._left = self._size
        self._seen = time.monotonic()

    def take(self) -> bool:
        now = time.monotonic()
        self._left = min(self._size, self._left + (now - self._seen) * self._size / 60)
        self._seen = now
        if self._left < 1:
            return False
        self._left -= 1
        return True
