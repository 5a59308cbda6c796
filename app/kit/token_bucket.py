"""How fast something may flow: a rate with a burst, as arithmetic on a clock that the caller reads."""


class TokenBucket:
    """Whoever takes more than there is waits until it was earned, in the order of asking.

    More than the burst can be taken at once: it is a debt that the next ones wait for too.
    """

    def __init__(self, per_second: float, *, burst: float, now: float) -> None:
        self.per_second = per_second
        self._burst = burst
        self._level = burst
        self._at = now

    def take(self, amount: float, now: float) -> float:
        """The seconds to wait before going on."""
        earned = max(0.0, now - self._at) * self.per_second
        self._level = min(self._burst, self._level + earned) - amount
        self._at = max(self._at, now)
        return max(0.0, -self._level / self.per_second)
