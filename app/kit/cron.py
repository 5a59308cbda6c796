"""Cron expressions in a time zone, by Debian's rules for daylight saving time.

A job at a fixed time runs once in the repeated hour of autumn and at the first valid moment after the gap of spring.
Where minute or hour start with ``*``, it runs as often as the wall clock shows a matching time.
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self
from uuid import UUID
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

_FIELDS = 5
_PROBE = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Cron:
    expression: str
    zone: ZoneInfo

    @classmethod
    def parse(cls, expression: str, zone: str) -> Self:
        """Raises ValueError for a malformed expression, an unknown zone, and dates that do not exist (30 February)."""
        if len(expression.split()) != _FIELDS:
            raise ValueError(f"a cron expression has {_FIELDS} fields: minute, hour, day of month, month, day of week")
        try:
            cron = cls(expression, ZoneInfo(zone))
        except (ValueError, KeyError, OSError):
            raise ValueError(
                f"{zone!r} is not a time zone of the IANA database, such as Europe/Berlin or UTC"
            ) from None
        try:
            CronSim(expression, _PROBE)
        except (CronSimError, ValueError) as error:
            raise ValueError(f"{expression!r} is not a cron expression: {str(error).lower()}") from None
        try:
            cron.next_after(_PROBE)
        except StopIteration:
            raise ValueError(f"{expression!r} never comes due: no such date in 50 years") from None
        return cron

    def next_after(self, moment: datetime) -> datetime:
        """The first slot later than ``moment`` (aware), in UTC."""
        slots = CronSim(self.expression, moment.astimezone(self.zone))
        slot = next(slots).astimezone(UTC)
        while slot <= moment:  # cronsim goes by the wall clock, which shows times of the repeated hour twice
            slot = next(slots).astimezone(UTC)
        return slot

    def slots(self, after: datetime, until: datetime, limit: int) -> list[datetime]:
        """The slots later than ``after`` and not later than ``until``, the oldest ``limit`` of them."""
        found: list[datetime] = []
        slot = self.next_after(after)
        while slot <= until and len(found) < limit:
            found.append(slot)
            slot = self.next_after(slot)
        return found


def jitter_seconds(key: UUID, bound_seconds: int) -> int:
    """From 0 up to, not including, the bound; always the same for a key, so that a schedule keeps its distance."""
    if bound_seconds <= 0:
        return 0
    return int.from_bytes(hashlib.sha256(key.bytes).digest()[:8]) % bound_seconds
