from datetime import UTC, datetime, timedelta

from app.kit.clock import Clock, utc_now


def test_now_is_aware_utc() -> None:
    clock: Clock = utc_now
    before, now, after = datetime.now(UTC), clock(), datetime.now(UTC)
    assert before <= now <= after
    assert now.utcoffset() == timedelta(0)
