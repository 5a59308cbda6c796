from hypothesis import given
from hypothesis import strategies as st

from app.kit.token_bucket import TokenBucket


def test_the_burst_is_free_and_the_rest_is_waited_for() -> None:
    bucket = TokenBucket(100, burst=50, now=0)
    assert bucket.take(50, now=0) == 0
    assert bucket.take(100, now=0) == 1
    assert bucket.take(100, now=0) == 2


def test_what_was_not_used_is_kept_up_to_the_burst() -> None:
    bucket = TokenBucket(100, burst=50, now=0)
    assert bucket.take(50, now=0) == 0
    assert bucket.take(50, now=1000) == 0
    assert bucket.take(1, now=1000) == 0.01


def test_a_clock_that_goes_back_earns_nothing() -> None:
    bucket = TokenBucket(100, burst=0, now=10)
    assert bucket.take(100, now=5) == 1
    assert bucket.take(100, now=10) == 2


@given(
    amounts=st.lists(st.integers(1, 1000), min_size=1, max_size=50),
    gaps=st.lists(st.floats(0, 5), min_size=50, max_size=50),
    rate=st.integers(1, 500),
    burst=st.integers(0, 500),
)
def test_whoever_obeys_never_takes_more_than_the_rate_and_one_burst(
    amounts: list[int], gaps: list[float], rate: int, burst: int
) -> None:
    """Each takes, waits as told, and goes on a while later: at no end of a wait was more taken than earned."""
    bucket, now, taken = TokenBucket(rate, burst=burst, now=0), 0.0, 0
    for amount, gap in zip(amounts, gaps, strict=False):
        now += bucket.take(amount, now)
        taken += amount
        assert taken <= burst + rate * now + 1e-6 * taken
        now += gap
