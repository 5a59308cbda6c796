"""How much one token may ask: so many requests an hour and a second, told by headers, and refused with 429."""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

HOUR = timedelta(hours=1)


@dataclass
class _Window:
    ends: datetime
    used: int = 0


@dataclass(frozen=True)
class Admission:
    """``wait_seconds`` is None for an admitted request."""

    headers: dict[str, str]
    wait_seconds: int | None


class Quotas:
    def __init__(self) -> None:
        self._hours: dict[str, _Window] = {}
        self._seconds: dict[str, _Window] = {}

    def take(self, token: str, now: datetime, *, hourly: int, per_second: int) -> Admission:
        hour = self._window(self._hours, token, now, HOUR)
        second = self._window(self._seconds, token, now, timedelta(seconds=1))
        full = [window for window, most in ((hour, hourly), (second, per_second)) if window.used >= most]
        if not full:
            hour.used += 1
            second.used += 1
        headers = {
            "X-RateLimit-Limit": str(hourly),
            "X-RateLimit-Remaining": str(max(0, hourly - hour.used)),
            "X-RateLimit-Reset": str(math.ceil(hour.ends.timestamp())),
        }
        if not full:
            return Admission(headers, None)
        wait = max(1, *(math.ceil((window.ends - now).total_seconds()) for window in full))
        return Admission(headers | {"Retry-After": str(wait)}, wait)

    @staticmethod
    def _window(windows: dict[str, _Window], token: str, now: datetime, length: timedelta) -> _Window:
        window = windows.get(token)
        if window is None or now >= window.ends:
            window = windows[token] = _Window(now + length)
        return window
