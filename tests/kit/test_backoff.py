from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kit.backoff import retry_delay_seconds


@pytest.mark.parametrize(
    ("attempt", "ceiling"), [(0, 2), (1, 2), (2, 4), (3, 8), (4, 16), (9, 300), (5_000, 300), (10**9, 300)]
)
def test_a_delay_lies_in_the_upper_half_of_a_ceiling_that_doubles_up_to_the_cap(attempt: int, ceiling: float) -> None:
    random = Random(attempt)
    delays = [retry_delay_seconds(attempt, base=2, cap=300, random=random) for _ in range(200)]
    assert ceiling / 2 <= min(delays) < ceiling * 0.55
    assert ceiling * 0.95 < max(delays) <= ceiling


@given(st.integers(1, 10_000), st.floats(0.001, 100), st.floats(0.001, 10_000), st.integers())
def test_a_delay_is_never_above_the_cap_and_the_same_for_the_same_seed(
    attempt: int, base: float, cap: float, seed: int
) -> None:
    delay = retry_delay_seconds(attempt, base=base, cap=cap, random=Random(seed))
    assert min(base, cap) / 2 <= delay <= cap
    assert delay == retry_delay_seconds(attempt, base=base, cap=cap, random=Random(seed))
