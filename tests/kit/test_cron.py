from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kit.cron import Cron, jitter_seconds

BERLIN = ZoneInfo("Europe/Berlin")
KEY = UUID("01941f29-7c00-7aaa-8bbb-cccccccccccc")


def in_berlin(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


def in_utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_the_next_slot_is_found_in_the_zone_and_told_in_utc() -> None:
    slot = Cron.parse("0 3 * * *", "Europe/Berlin").next_after(in_utc("2026-01-15 12:00"))
    assert slot == in_utc("2026-01-16 02:00")
    assert slot.tzinfo is UTC


def test_a_slot_is_later_than_the_moment_never_equal() -> None:
    cron = Cron.parse("*/5 * * * *", "UTC")
    assert cron.next_after(in_utc("2026-01-01 00:05")) == in_utc("2026-01-01 00:10")
    assert cron.next_after(in_utc("2026-01-01 00:04:59.999999")) == in_utc("2026-01-01 00:05")


def test_a_job_at_half_past_two_fires_once_in_the_night_that_has_it_twice() -> None:
    cron = Cron.parse("30 2 * * *", "Europe/Berlin")
    slots = cron.slots(in_berlin("2026-10-24 12:00"), in_berlin("2026-10-26 12:00"), 10)
    assert slots == [in_utc("2026-10-25 00:30"), in_utc("2026-10-26 01:30")]


@pytest.mark.parametrize("minute", range(0, 60, 5))
def test_asking_within_the_repeated_hour_does_not_fire_again(minute: int) -> None:
    cron = Cron.parse("30 2 * * *", "Europe/Berlin")
    second_time_around = in_utc("2026-10-25 01:00") + timedelta(minutes=minute)
    assert cron.next_after(second_time_around) == in_utc("2026-10-26 01:30")


def test_a_job_at_half_past_two_fires_at_three_in_the_night_that_lacks_it() -> None:
    cron = Cron.parse("30 2 * * *", "Europe/Berlin")
    slots = cron.slots(in_berlin("2026-03-28 12:00"), in_berlin("2026-03-30 12:00"), 10)
    assert [slot.astimezone(BERLIN).isoformat() for slot in slots] == [
        "2026-03-29T03:00:00+02:00",
        "2026-03-30T02:30:00+02:00",
    ]


def test_two_times_within_the_gap_are_one_slot() -> None:
    cron = Cron.parse("0,30 2 * * *", "Europe/Berlin")
    slots = cron.slots(in_berlin("2026-03-29 00:00"), in_berlin("2026-03-29 23:00"), 10)
    assert slots == [in_utc("2026-03-29 01:00")]


def test_an_hourly_job_fires_every_real_hour_of_the_long_and_of_the_short_night() -> None:
    cron = Cron.parse("15 * * * *", "Europe/Berlin")
    assert len(cron.slots(in_berlin("2026-10-25 00:00"), in_berlin("2026-10-26 00:00"), 99)) == 25
    assert len(cron.slots(in_berlin("2026-03-29 00:00"), in_berlin("2026-03-30 00:00"), 99)) == 23


def test_the_29th_of_february_waits_for_leap_years() -> None:
    cron = Cron.parse("0 0 29 2 *", "UTC")
    assert cron.slots(in_utc("2023-01-01"), in_utc("2033-01-01"), 9) == [
        in_utc("2024-02-29"),
        in_utc("2028-02-29"),
        in_utc("2032-02-29"),
    ]
    assert cron.next_after(in_utc("2096-03-01")) == in_utc("2104-02-29")


def test_slots_stop_at_the_limit_and_include_the_end() -> None:
    cron = Cron.parse("0 * * * *", "UTC")
    start = in_utc("2026-01-01")
    assert cron.slots(start, start + timedelta(hours=3), 10) == [start + timedelta(hours=hour) for hour in (1, 2, 3)]
    assert cron.slots(start, start + timedelta(days=9), 2) == [start + timedelta(hours=hour) for hour in (1, 2)]
    assert cron.slots(start, start, 10) == []


@pytest.mark.parametrize(
    ("expression", "why"),
    [
        ("", "5 fields"),
        ("* * * *", "5 fields"),
        ("0 * * * * *", "5 fields"),
        ("@daily", "5 fields"),
        ("60 * * * *", "bad minute"),
        ("* 24 * * *", "bad hour"),
        ("* * 0 * *", "bad day-of-month"),
        ("* * * 13 *", "bad month"),
        ("* * * * 8", "bad day-of-week"),
        ("5-1 * * * *", "bad minute"),
        ("*/0 * * * *", "bad minute"),
        (f"{'9' * 5000} * * * *", "not a cron expression"),
        ("0 0 30 2 *", "bad day-of-month"),
        ("0 0 31 4,6,9,11 *", "bad day-of-month"),
        ("0 0 */31 2 1#5", "never comes due"),
    ],
)
def test_malformed_expressions_and_impossible_dates_are_refused(expression: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        Cron.parse(expression, "UTC")


@pytest.mark.parametrize("zone", ["", "Europe/Atlantis", "Europe", "../etc/passwd", "/etc/localtime", "x" * 999, "\0"])
def test_unknown_zones_are_refused(zone: str) -> None:
    with pytest.raises(ValueError, match="not a time zone"):
        Cron.parse("0 3 * * *", zone)


@given(st.text("0123456789*/,-#LW MONJAN", max_size=30))
def test_any_text_is_parsed_or_refused_by_value_error(text: str) -> None:
    try:
        cron = Cron.parse(text, "UTC")
    except ValueError:
        return
    assert cron.next_after(in_utc("2026-01-01")) > in_utc("2026-01-01")


@given(
    st.builds("{} {} * * *".format, st.integers(0, 59), st.sampled_from(["*", "2", "*/6", "1-3", "0,23"])),
    st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "UTC"]),
    st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 (hypothesis adds the zone)
    st.floats(0, 0.999),
)
def test_asking_at_any_time_before_a_slot_finds_that_slot(
    expression: str, zone: str, moment: datetime, share: float
) -> None:
    cron = Cron.parse(expression, zone)
    slot = cron.next_after(moment)
    assert slot > moment
    assert cron.next_after(moment + (slot - moment) * share) == slot


@given(st.uuids(), st.integers(1, 100_000))
def test_jitter_is_within_its_bound_and_stays_the_same(key: UUID, bound_seconds: int) -> None:
    assert 0 <= jitter_seconds(key, bound_seconds) < bound_seconds
    assert jitter_seconds(key, bound_seconds) == jitter_seconds(UUID(str(key)), bound_seconds)


def test_jitter_is_the_same_in_every_process_and_version() -> None:
    assert jitter_seconds(KEY, 600) == 514


def test_jitter_spreads_over_the_whole_bound() -> None:
    found = {jitter_seconds(UUID(int=number), 10) for number in range(1_000)}
    assert found == set(range(10))


@pytest.mark.parametrize("bound_seconds", [0, -5])
def test_without_a_bound_there_is_no_jitter(bound_seconds: int) -> None:
    assert jitter_seconds(KEY, bound_seconds) == 0
