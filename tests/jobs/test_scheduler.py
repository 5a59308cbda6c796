"""Schedules: each slot exactly once, whatever missed it, wherever it is noon."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import select

from app.jobs.contract import KINDS
from app.jobs.models import CatchUp, Schedule
from app.jobs.scheduler import BATCH, GRACE_SECONDS, _move, drop_schedule, drop_schedules_of, fire_due, put_schedule
from app.jobs.states import JobState
from app.kit.cron import Cron, jitter_seconds
from app.kit.ids import new_id
from tests.jobs.harness import Jobs, at
from tests.jobs.kinds import Backup, Plain, flow

NOON = at("2026-11-22T12:00:30")


async def put(jobs: Jobs, owner: str = "test", **changes: Any) -> Schedule:
    values: dict[str, Any] = {"kind": Plain.kind, "args": {"note": "x"}, "cron": "0 * * * *", "now": NOON, **changes}
    async with jobs.sessions() as session, session.begin():
        await put_schedule(session, owner=owner, **values)
    return await schedule(jobs, owner)


async def schedule(jobs: Jobs, owner: str = "test") -> Schedule:
    async with jobs.sessions() as session:
        return (await session.exec(select(Schedule).where(Schedule.owner == owner))).one()


async def slots_fired(jobs: Jobs) -> list[str]:
    return sorted((job.dedupe_key or "").split(":", 2)[2] for job in await jobs.all())


async def test_a_due_slot_becomes_a_job_of_its_kind(jobs: Jobs) -> None:
    database, project = new_id(), new_id()
    made = await put(jobs, kind=Backup.kind, args={}, database_id=database, project_id=project)
    assert made.slot == at("2026-11-22T13:00:00")
    assert await fire_due(jobs.sessions, at("2026-11-22T12:59:59")) == 0
    assert await fire_due(jobs.sessions, at("2026-11-22T13:00:00")) == 1
    (job,) = await jobs.all()
    assert (job.kind, job.project_id, job.database_id) == ("test.backup", project, database)
    assert job.created_by == f"schedule:{made.id}"
    assert [(target.database_id, target.subject) for target in await jobs.targets(job)] == [(database, "")]
    advanced = await schedule(jobs)
    assert (advanced.slot, advanced.last_slot) == (at("2026-11-22T14:00:00"), at("2026-11-22T13:00:00"))
    assert await fire_due(jobs.sessions, at("2026-11-22T13:59:59")) == 0


async def test_a_scheduled_job_waits_behind_what_excludes_it(jobs: Jobs) -> None:
    database = new_id()
    for owner in ("one", "two"):
        await put(jobs, owner, kind=Backup.kind, args={}, database_id=database)
    await fire_due(jobs.sessions, NOON + timedelta(hours=1))
    async with jobs.worker(flow(Backup)):
        for job in await jobs.all():
            await jobs.until(job, JobState.SUCCEEDED)


async def test_three_replicas_that_race_fire_each_slot_once(jobs: Jobs) -> None:
    for number in range(60):
        await put(jobs, f"owner {number}", cron="*/10 * * * *")
    now = NOON
    for _ in range(4):
        now += timedelta(minutes=10)
        await asyncio.gather(*(fire_due(jobs.sessions, now) for _ in range(3)))
    fired = await slots_fired(jobs)
    assert len(fired) == 4 * 60
    assert {(slot, fired.count(slot)) for slot in fired} == {
        (at(f"2026-11-22T12:{minute}:00").isoformat(), 60) for minute in (10, 20, 30, 40)
    }


async def test_a_slot_that_was_fired_is_not_fired_again_after_its_job_has_ended(jobs: Jobs) -> None:
    await put(jobs)
    async with jobs.worker(flow(Plain)):
        for minutes in range(60, 70):
            await fire_due(jobs.sessions, NOON + timedelta(minutes=minutes))
        for job in await jobs.all():
            await jobs.until(job, JobState.SUCCEEDED)
    assert await slots_fired(jobs) == [at("2026-11-22T13:00:00").isoformat()]


MISSED = at("2026-11-22T16:00:05")  # slots 13, 14, 15 and 16 o'clock have passed, the last a moment ago


@pytest.mark.parametrize(
    ("catch_up", "hours"), [(CatchUp.SKIP, [16]), (CatchUp.ONCE, [13]), (CatchUp.ALL, [13, 14, 15, 16])]
)
async def test_missed_slots_are_caught_up_as_the_schedule_says(jobs: Jobs, catch_up: CatchUp, hours: list[int]) -> None:
    await put(jobs, catch_up=catch_up)
    await fire_due(jobs.sessions, MISSED)
    assert await slots_fired(jobs) == [at(f"2026-11-22T{hour}:00:00").isoformat() for hour in hours]
    after = await schedule(jobs)
    assert (after.slot, after.last_slot) == (at("2026-11-22T17:00:00"), at(f"2026-11-22T{hours[-1]}:00:00"))


async def test_skipping_forgets_a_slot_only_when_it_is_more_than_late(jobs: Jobs) -> None:
    await put(jobs, catch_up=CatchUp.SKIP)
    slot = at("2026-11-22T13:00:00")
    await fire_due(jobs.sessions, slot + timedelta(seconds=GRACE_SECONDS))
    assert await slots_fired(jobs) == [slot.isoformat()]
    await fire_due(jobs.sessions, slot + timedelta(hours=1, seconds=GRACE_SECONDS + 1))
    assert await slots_fired(jobs) == [slot.isoformat()]
    after = await schedule(jobs)
    assert (after.slot, after.last_slot) == (slot + timedelta(hours=2), slot)


async def test_many_missed_slots_are_caught_up_over_several_ticks(jobs: Jobs) -> None:
    await put(jobs, cron="* * * * *", catch_up=CatchUp.ALL)
    later = NOON + timedelta(minutes=250)
    counts = []
    for _ in range(4):
        await fire_due(jobs.sessions, later)
        counts.append(len(await jobs.all()))
    assert counts == [100, 200, 250, 250]
    assert len(set(await slots_fired(jobs))) == 250


async def test_the_jitter_is_the_same_for_ever_and_moves_the_run_not_the_slot(jobs: Jobs) -> None:
    made = await put(jobs, jitter_bound_seconds=3600)
    jitter = timedelta(seconds=jitter_seconds(made.id, 3600))
    assert timedelta(0) < jitter < timedelta(hours=1)
    assert made.next_run_at == made.slot + jitter
    assert await fire_due(jobs.sessions, made.slot + jitter - timedelta(seconds=1)) == 0
    assert await fire_due(jobs.sessions, made.slot + jitter) == 1
    assert await slots_fired(jobs) == [made.slot.isoformat()]
    after = await schedule(jobs)
    assert (after.slot, after.next_run_at) == (made.slot + timedelta(hours=1), made.next_run_at + timedelta(hours=1))
    again = await put(jobs, jitter_bound_seconds=3600)
    assert (again.id, again.next_run_at) == (made.id, after.next_run_at)


async def test_a_slot_that_waits_for_its_jitter_is_not_lost_when_its_schedule_is_put_again(jobs: Jobs) -> None:
    made = await put(jobs, jitter_bound_seconds=3600)
    later = made.slot + timedelta(seconds=1)
    same = await put(jobs, jitter_bound_seconds=3600, args={"note": "another"}, now=later)
    assert (same.slot, same.next_run_at, same.args) == (made.slot, made.next_run_at, {"note": "another"})
    other = await put(jobs, jitter_bound_seconds=3600, cron="30 * * * *", now=later)
    assert other.slot == made.slot + timedelta(minutes=30)


async def test_the_schedules_of_a_database_that_is_gone_end_with_it(jobs: Jobs) -> None:
    gone, other = new_id(), new_id()
    await put(jobs, "one", database_id=gone)
    await put(jobs, "two", database_id=other)
    async with jobs.sessions() as session, session.begin():
        await drop_schedules_of(session, gone)
    async with jobs.sessions() as session:
        assert (await session.exec(select(Schedule.database_id))).all() == [other]


async def test_a_jitter_longer_than_the_period_loses_no_slot(jobs: Jobs) -> None:
    made = await put(jobs, cron="*/10 * * * *", jitter_bound_seconds=7200)
    assert made.next_run_at - made.slot > timedelta(minutes=10)
    now = made.next_run_at
    for _ in range(6):
        await fire_due(jobs.sessions, now)
        now += timedelta(minutes=10)
    expected = [made.slot + timedelta(minutes=10 * number) for number in range(6)]
    assert await slots_fired(jobs) == [slot.isoformat() for slot in expected]


async def test_a_schedule_goes_by_the_wall_clock_of_its_zone(jobs: Jobs) -> None:
    made = await put(jobs, cron="30 3 * * *", zone="Asia/Kolkata")
    assert made.slot == at("2026-11-22T22:00:00")
    await fire_due(jobs.sessions, at("2026-11-22T22:00:00"))
    assert (await schedule(jobs)).slot == at("2026-11-23T22:00:00")


async def test_a_night_of_autumn_fires_once(jobs: Jobs) -> None:
    await put(jobs, cron="30 2 * * *", zone="Europe/Berlin", now=at("2026-10-24T12:00:00"))
    for hour in range(30):
        await fire_due(jobs.sessions, at("2026-10-24T20:00:00") + timedelta(minutes=30 * hour))
    assert len(await jobs.all()) == 1


async def test_replacing_and_dropping_a_schedule_go_by_its_owner(jobs: Jobs) -> None:
    first = await put(jobs)
    second = await put(jobs, cron="0 0 * * *", args={"note": "y"})
    assert (second.id, second.cron, second.args) == (first.id, "0 0 * * *", {"note": "y"})
    async with jobs.sessions() as session, session.begin():
        await drop_schedule(session, "test")
    assert await jobs.execute("SELECT count(*) FROM schedule") == 0


async def test_a_disabled_schedule_does_not_fire(jobs: Jobs) -> None:
    await put(jobs)
    await jobs.execute("UPDATE schedule SET enabled = false")
    assert await fire_due(jobs.sessions, NOON + timedelta(days=1)) == 0


@pytest.mark.parametrize("bad", [{"cron": "61 * * * *"}, {"zone": "Mars/Olympus"}])
async def test_a_schedule_that_cannot_be_read_is_refused(jobs: Jobs, bad: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="not a"):
        await put(jobs, **bad)


async def test_one_schedule_that_cannot_be_read_does_not_stop_the_others(jobs: Jobs) -> None:
    await put(jobs, "bad")
    await put(jobs, "good")
    await jobs.execute("UPDATE schedule SET zone = 'Mars/Olympus' WHERE owner = 'bad'")
    now = NOON + timedelta(hours=1)
    assert await fire_due(jobs.sessions, now) == 2
    assert len(await jobs.all()) == 1
    bad = await schedule(jobs, "bad")
    assert (bad.slot, bad.last_slot, bad.next_run_at) == (at("2026-11-22T13:00:00"), None, now + timedelta(hours=1))


async def test_a_kind_that_this_release_does_not_know_is_left_to_another(
    jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = await put(jobs)
    with monkeypatch.context() as older:
        older.delitem(KINDS, Plain.kind)
        assert await fire_due(jobs.sessions, NOON + timedelta(hours=1)) == 0
    assert await schedule(jobs) == before
    assert await fire_due(jobs.sessions, NOON + timedelta(hours=1)) == 1


async def test_arguments_that_no_longer_fit_are_seen_as_a_failed_job(jobs: Jobs) -> None:
    await put(jobs, args={"gone": 1})
    await fire_due(jobs.sessions, NOON + timedelta(hours=1))
    async with jobs.worker(flow(Plain)):
        failed = await jobs.until((await jobs.all())[0], JobState.FAILED)
    assert failed.error is not None
    assert failed.error["code"] == "JOB_ARGS_INVALID"


async def test_more_schedules_than_a_batch_fire_in_one_tick(jobs: Jobs) -> None:
    count = BATCH + 20
    await jobs.execute(
        "INSERT INTO schedule (id, owner, kind, args, cron, zone, jitter_seconds, catch_up, enabled, slot, next_run_at)"
        " SELECT gen_random_uuid(), 'o' || n, 'test.plain', '{}', '0 * * * *', 'UTC', 0, 'once', true, :at, :at"
        " FROM generate_series(1, :count) AS n",
        at=NOON.replace(minute=0, second=0),
        count=count,
    )
    assert await fire_due(jobs.sessions, NOON) == count
    assert len(await jobs.all()) == count


async def test_the_worker_fires_by_its_own_clock(jobs: Jobs) -> None:
    await put(jobs, now=NOON)
    async with jobs.worker(flow(Plain), clock=lambda: NOON + timedelta(hours=1), schedule_seconds=0.05):
        while not (found := await jobs.all()):
            await asyncio.sleep(0.02)
        await jobs.until(found[0], JobState.SUCCEEDED)


moments = st.timedeltas(timedelta(0), timedelta(days=365)).map(lambda since: at("2026-01-01T00:00:00") + since)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(
    moments,
    st.lists(st.timedeltas(timedelta(0), timedelta(hours=7)), min_size=1, max_size=12),
    st.sampled_from(["*/7 * * * *", "0 * * * *", "30 2 * * *", "15 3 * * 1"]),
    st.sampled_from(["UTC", "Europe/Berlin", "Asia/Kolkata"]),
    st.integers(0, 20_000),
)
def test_catching_up_all_gives_every_slot_once_whenever_it_is_asked(
    start: datetime, pauses: list[timedelta], cron: str, zone: str, jitter: int
) -> None:
    oracle = Cron.parse(cron, zone)
    slot = oracle.next_after(start)
    schedule_id = new_id()
    shift = timedelta(seconds=jitter_seconds(schedule_id, jitter))
    row = Schedule(
        id=schedule_id,
        owner="x",
        kind="x",
        args={},
        cron=cron,
        zone=zone,
        jitter_seconds=jitter,
        catch_up="all",
        slot=slot,
        next_run_at=slot + shift,
    )
    fired: list[datetime] = []
    now = start
    for pause in pauses:
        now += pause
        while row.next_run_at <= now:
            move = _move(row, now)
            fired += move.slots
            row.slot, row.next_run_at = move.following, move.next_run_at
    expected = [] if now - shift < slot else [slot, *oracle.slots(slot, now - shift, 10_000)]
    assert fired == expected
