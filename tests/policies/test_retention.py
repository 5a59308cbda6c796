from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kit.ids import new_id
from app.policies.retention import Generations, Held, Tier, Verdict, judge

BERLIN = ZoneInfo("Europe/Berlin")
START = datetime(2024, 1, 1, 2, 30, tzinfo=UTC)
DAY = timedelta(days=1)


def taken(moment: datetime, **marks: object) -> Held:
    return Held(new_id(), moment, **marks)  # type: ignore[arg-type]  # the tests' own spelling of its marks


def test_seven_four_and_twelve_hold_23_copies_that_reach_back_a_year() -> None:
    copies: list[Held] = []
    for day in range(900):
        copies.append(taken(START + day * DAY))
        verdict = judge(copies, Generations(), BERLIN)
        copies = [copy for copy in copies if copy.id not in verdict.doomed]
        assert verdict.blocked == ()
        if day > 420:
            assert len(copies) == 23
            assert 330 <= (copies[-1].taken_at - copies[0].taken_at).days <= 400


def test_every_kept_copy_says_its_tier_and_why() -> None:
    copies = [taken(START + day * DAY) for day in range(40)]
    verdict = judge(copies, Generations(daily=2, weekly=1, monthly=1), BERLIN)
    assert [(kept.id, kept.tier, kept.reasons) for kept in verdict.kept] == [
        (copies[39].id, Tier.DAILY, ("daily 1 of 2, the last of 2024-02-09", "the newest")),
        (copies[38].id, Tier.DAILY, ("daily 2 of 2, the last of 2024-02-08",)),
        (copies[34].id, Tier.WEEKLY, ("weekly 1 of 1, the last of 2024-W05",)),
        (copies[30].id, Tier.MONTHLY, ("monthly 1 of 1, the last of 2024-01",)),
    ]


def test_days_are_those_of_the_zone() -> None:
    late = taken(datetime(2024, 6, 1, 22, 30, tzinfo=UTC))  # half past midnight of the second, in Berlin
    early = taken(datetime(2024, 6, 1, 20, 0, tzinfo=UTC))
    one_a_day = Generations(daily=5, weekly=0, monthly=0)
    assert judge([early, late], one_a_day, BERLIN).doomed == ()
    assert judge([early, late], one_a_day, ZoneInfo("UTC")).doomed == (early.id,)


def test_weeks_are_those_of_iso_8601_across_the_end_of_a_year() -> None:
    monday, thursday = (taken(datetime(2024, 12, 30 + day, 3, tzinfo=UTC)) for day in (0, 1))
    sunday = taken(datetime(2024, 12, 29, 3, tzinfo=UTC))
    verdict = judge([sunday, monday, thursday], Generations(daily=0, weekly=2, monthly=0), BERLIN)
    assert {kept.id: kept.reasons[0] for kept in verdict.kept} == {
        thursday.id: "weekly 1 of 2, the last of 2025-W01",
        sunday.id: "weekly 2 of 2, the last of 2024-W52",
    }
    assert verdict.doomed == (monday.id,)


@pytest.mark.parametrize("failed_days", [60, 600])
def test_what_there_is_stays_while_backups_fail(failed_days: int) -> None:
    """Nothing is older than the others because nothing came after it: no clock enters the judgement."""
    copies = [taken(START + day * DAY) for day in range(30)]
    settled = [copy for copy in copies if copy.id in {kept.id for kept in judge(copies, Generations(), BERLIN).kept}]
    back_again = taken(START + (30 + failed_days) * DAY)
    assert judge(settled, Generations(), BERLIN).doomed == ()
    assert len(judge([*settled, back_again], Generations(), BERLIN).doomed) <= 1


def test_more_than_a_fifth_at_once_waits_to_be_released_by_exactly_that_preview() -> None:
    copies = [taken(START + day * DAY) for day in range(50)]
    strict = Generations(daily=1, weekly=0, monthly=0)
    first = judge(copies, strict, BERLIN)
    assert first.doomed == tuple(copy.id for copy in copies[:10])
    assert first.blocked == tuple(copy.id for copy in copies[10:49])
    assert first.token is not None

    marked = [Held(copy.id, copy.taken_at, is_blocked=copy.id in first.blocked) for copy in copies[10:]]
    second = judge(marked, strict, BERLIN)
    assert (second.doomed, second.blocked) == ((), first.blocked)
    assert judge(marked, strict, BERLIN, released_by="another").doomed == ()
    released = judge(marked, strict, BERLIN, released_by=first.token)
    assert (released.doomed, released.blocked) == (first.blocked, ())

    pinned = [Held(marked[0].id, marked[0].taken_at, holds=("pinned",), is_blocked=True), *marked[1:]]
    assert judge(pinned, strict, BERLIN, released_by=first.token).blocked == first.blocked[1:]


moments = st.datetimes(datetime(2020, 1, 1), datetime(2026, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 (the zone is added)
held = st.builds(
    Held,
    id=st.uuids(),
    taken_at=moments,
    is_verified=st.booleans(),
    holds=st.sampled_from([(), (), (), ("pinned: before the release",)]),
    is_blocked=st.booleans(),
)
rules = st.builds(Generations, daily=st.integers(0, 9), weekly=st.integers(0, 6), monthly=st.integers(0, 14))


@given(copies=st.lists(held, max_size=60, unique_by=lambda copy: copy.id), generations=rules)
def test_whatever_the_history_the_last_good_the_verified_and_the_held_stay(
    copies: list[Held], generations: Generations
) -> None:
    verdict = judge(copies, generations, BERLIN)
    released = judge(copies, generations, BERLIN, released_by=verdict.token)
    for one in (verdict, released):
        guarded_stay(copies, one)
    assert len(verdict.doomed) <= max(1, len(copies) // 5)
    assert not any(copy.is_blocked for copy in copies if copy.id in verdict.doomed)


def test_ten_thousand_days_with_failures_pins_and_changes_of_mind_never_lose_the_last_good_copy() -> None:
    random = Random(20261122)
    copies: list[Held] = []
    generations, zone, now = Generations(), BERLIN, START
    for _ in range(10_000):
        now += DAY * random.choice((1, 1, 1, 1, 0.5, 2, -1))  # the clock jumps, too
        if random.random() < 0.7:
            copies.append(taken(now, is_verified=random.random() < 0.2))
        if random.random() < 0.01:
            generations = Generations(random.randrange(8), random.randrange(5), random.randrange(13))
        if random.random() < 0.01:
            zone = ZoneInfo(random.choice(("UTC", "Pacific/Kiritimati", "America/St_Johns", "Europe/Berlin")))
        verdict = judge(copies, generations, zone)
        guarded_stay(copies, verdict)
        gone, blocked = set(verdict.doomed), set(verdict.blocked)
        copies = [
            Held(copy.id, copy.taken_at, copy.is_verified, copy.holds, copy.id in blocked)
            for copy in copies
            if copy.id not in gone
        ]


def guarded_stay(copies: list[Held], verdict: Verdict) -> None:
    lost = set(verdict.doomed) | set(verdict.blocked)
    by_age = sorted(copies, key=lambda copy: (copy.taken_at, copy.id))
    assert lost | {kept.id for kept in verdict.kept} == {copy.id for copy in copies}
    assert not lost & {kept.id for kept in verdict.kept}
    guarded: set[UUID] = {copy.id for copy in copies if copy.holds}
    guarded |= {copy.id for copy in by_age[-1:]}
    guarded |= {copy.id for copy in [copy for copy in by_age if copy.is_verified][-1:]}
    assert not lost & guarded
