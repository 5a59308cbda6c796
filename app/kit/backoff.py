"""How long to wait before the next attempt."""

from random import Random

_LARGEST_EXPONENT = 62  # more would only overflow: any cap is reached long before


def retry_delay_seconds(attempt: int, *, base: float, cap: float, random: Random) -> float:
    """The wait after failed attempt number ``attempt`` (from 1): base, 2 base, 4 base … up to cap, half of it random.

    Half is kept ("equal jitter"), since attempts are bounded and must not be used up at once; the other half spreads
    those who failed together.
    """
    ceiling = min(cap, base * 2.0 ** min(max(attempt, 1) - 1, _LARGEST_EXPONENT))
    return ceiling / 2 + random.uniform(0, ceiling / 2)
