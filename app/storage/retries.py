"""How often and how patiently a call to a store is repeated."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from random import SystemRandom
from typing import Final, TypeVar

import structlog

from app.errors import Problem
from app.kit.backoff import retry_delay_seconds

log = structlog.get_logger()
Result = TypeVar("Result")
_random = SystemRandom()


@dataclass(frozen=True, slots=True)
class Retries:
    attempts: int
    base_seconds: float
    cap_seconds: float

    def delay_seconds(self, failures: int) -> float:
        return retry_delay_seconds(failures, base=self.base_seconds, cap=self.cap_seconds, random=_random)

    async def run(self, call: Callable[[], Awaitable[Result]], /, **fields: object) -> Result:
        """Repeats ``call`` while it raises retryable problems; ``fields`` go into the log."""
        failures = 0
        while True:
            try:
                return await call()
            except Problem as problem:
                failures += 1
                if not problem.retryable or failures == self.attempts:
                    raise
                delay = self.delay_seconds(failures)
                log.warning("storage.retried", code=problem.code, failures=failures, wait_seconds=delay, **fields)
            await asyncio.sleep(delay)


@dataclass(frozen=True, slots=True)
class Patience:
    """A part stays in memory until it is stored, so that an outage of half a minute costs nothing but time."""

    parts: Retries = Retries(attempts=7, base_seconds=0.5, cap_seconds=30)
    calls: Retries = Retries(attempts=4, base_seconds=0.25, cap_seconds=5)
    call_seconds: float = 30  # one attempt of a call without a large body
    stall_seconds: float = 60  # between two signs of life of a transfer


PATIENT: Final = Patience()
