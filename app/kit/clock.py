"""The clock of schedules and expiries. Leases never use it: their time comes from the control database."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    return datetime.now(UTC)
