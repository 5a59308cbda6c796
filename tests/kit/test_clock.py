from datetime import UTC, datetime, timedelta

import pytest
from pydantic import TypeAdapter, ValidationError

from app.kit.clock import Clock, Moment, utc_now


def test_now_is_aware_utc() -> None:
    clock: Clock = utc_now
    before, now, after = datetime.now(UTC), clock(), datetime.now(UTC)
    assert before <= now <= after
    assert now.utcoffset() == timedelta(0)


def test_a_moment_is_told_in_utc() -> None:
    moment = TypeAdapter(Moment).validate_python("2026-11-22T10:00:00+02:00")
    assert (moment, moment.tzinfo) == (datetime(2026, 11, 22, 8, tzinfo=UTC), UTC)


@pytest.mark.parametrize("text", ["2026-11-22T10:00:00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_a_moment_has_a_zone_and_a_year_that_the_database_knows(text: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Moment).validate_python(text)
