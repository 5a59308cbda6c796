"""What goes wrong by nothing happening, and the policies that nobody has made."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import col, select

from app.databases.models import Database, Environment, EnvironmentKind
from app.jobs.models import Job, Schedule
from app.jobs.scheduler import fire_due, schedule_id_of
from app.kit.cron import Cron
from app.kit.ids import encode_id, new_id
from app.locations.models import Location
from app.policies.models import BackupPolicy
from app.policies.overdue import due_by
from app.policies.schemas import ExpireBackups, PolicyRules, RunSchedule, owner_of
from app.policies.watching import LATE, make_defaults, overdue, watch_missed
from app.runtime import Runtime
from tests.databases.records import add_database, somewhere
from tests.policies.conftest import Ledger

UTC_NIGHTLY = PolicyRules.model_validate({"schedules": [{"cron": "0 2 * * *", "jitter_seconds": 0}]})


async def watch(runtime: Runtime, at: datetime) -> None:
    async with runtime.sessions() as session, session.begin():
        await watch_missed(session, at)


async def test_a_slot_that_does_not_become_a_job_is_told_within_two_minutes(ledger: Ledger, runtime: Runtime) -> None:
    await ledger.policy()
    async with runtime.sessions() as session:
        schedule = (await session.exec(select(Schedule).where(Schedule.kind == RunSchedule.kind))).one()
    due = schedule.next_run_at
    assert timedelta(seconds=60) + LATE < timedelta(minutes=2)
    for moment in (schedule.slot, due, due + LATE):
        await watch(runtime, moment)
        assert await ledger.alerts() == {}
    for _ in range(2):
        await watch(runtime, due + LATE + timedelta(seconds=1))
        assert await ledger.alerts() == {"schedule.missed": True}
    await fire_due(runtime.sessions, due + LATE + timedelta(seconds=2))
    async with runtime.sessions() as session, session.begin():  # the database's clock is not where the test's is
        (await session.exec(select(Job).where(Job.kind == RunSchedule.kind))).one().run_after = (
            due + LATE + timedelta(seconds=2)
        )
    await watch(runtime, due + LATE + timedelta(seconds=3))
    assert await ledger.alerts() == {"schedule.missed": False}


async def test_a_slot_whose_job_no_worker_takes_is_told_as_well(ledger: Ledger, runtime: Runtime) -> None:
    await ledger.policy()
    async with runtime.sessions() as session:
        schedule = (await session.exec(select(Schedule).where(Schedule.kind == RunSchedule.kind))).one()
    await fire_due(runtime.sessions, schedule.next_run_at)
    (job,) = await ledger.jobs(RunSchedule.kind)
    await watch(runtime, job.run_after + LATE)
    assert await ledger.alerts() == {}
    await watch(runtime, job.run_after + LATE + timedelta(seconds=1))
    assert await ledger.alerts() == {"schedule.missed": True}
    assert (await ledger.put(enabled=False)).status_code == 200
    assert await ledger.alerts() == {"schedule.missed": False}


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("cron", "newest", "due"),
    [
        ("0 2 * * *", "2026-11-20T02:00:00", "2026-11-21T14:00:00"),
        ("0 * * * *", "2026-11-20T02:00:00", "2026-11-20T03:30:00"),
        ("0 2 * * 1-5", "2026-11-20T02:00:00", "2026-11-24T14:00:00"),  # a Friday
        ("0 2 * * 1-5", "2026-11-23T02:00:00", "2026-11-24T14:00:00"),
        ("0 2 * * *", "2026-11-20T23:00:00", "2026-11-22T11:00:00"),  # late, so the next comes early
    ],
    ids=["daily", "hourly", "over the weekend", "after the weekend", "late"],
)
def test_a_backup_is_due_after_one_and_a_half_intervals(cron: str, newest: str, due: str) -> None:
    assert due_by(Cron.parse(cron, "UTC"), at(newest), 0) == at(due)
    assert due_by(Cron.parse(cron, "UTC"), at(newest), 600) == at(due) + timedelta(seconds=600)


def test_each_location_is_told_that_has_nothing_new_enough() -> None:
    policy = BackupPolicy(
        project_id=new_id(),
        database_id=new_id(),
        enabled=True,
        rules={},
        updated_at=at("2026-11-01T00:00:00"),
        created_by="test",
    )
    good, bad = (
        Location(
            project_id=policy.project_id,
            name=name,
            endpoint_url="https://x.invalid",
            bucket="b",
            access_key_id="k",
            secret_key_sealed=b"",
            created_by="test",
        )
        for name in ("near", "far")
    )
    now = at("2026-11-20T09:00:00")
    late, _ = overdue(policy, UTC_NIGHTLY, [good, bad], now)
    assert [sentence.split(" one of")[0] for sentence in late] == ["In near", "In far"]
    schedule = encode_id("sch", schedule_id_of(owner_of(policy.database_id, 0)))
    policy.seen = {
        encode_id("loc", good.id): {schedule: "2026-11-20T02:03:00+00:00"},
        encode_id("loc", bad.id): {schedule: "2026-11-18T02:03:00+00:00"},
    }
    late, following = overdue(policy, UTC_NIGHTLY, [good, bad], now)
    assert late == ["In far one of the schedule 0 2 * * * (UTC) was due, and its newest is of 2026-11-18 02:03 UTC."]
    assert following == now + timedelta(hours=1)
    policy.updated_at = now  # a policy that was changed begins anew
    assert overdue(policy, UTC_NIGHTLY, [good, bad], now)[0] == []


async def test_production_databases_get_a_policy_once_there_is_a_location_and_others_none(
    ledger: Ledger, runtime: Runtime
) -> None:
    project_id = ledger.database.project_id
    async with runtime.sessions() as session, session.begin():
        staging = Environment(project_id=project_id, name="staging", kind=EnvironmentKind.STAGING)
        session.add(staging)
        (await session.get_one(Location, ledger.location.id)).is_default = False
    await add_database(runtime, project_id, "tried", target=somewhere(), environment_id=staging.id)
    await add_database(runtime, project_id, "unborn")
    off = await add_database(runtime, project_id, "off", target=somewhere())
    path = f"/v1/databases/{encode_id('db', off.id)}/backup-policy"
    answer = await ledger.client.put(path, json={"enabled": False}, headers=ledger.headers)
    assert answer.status_code == 200, answer.text

    await make_defaults(runtime)
    assert await _policies(runtime) == {"off": (False, False)}
    async with runtime.sessions() as session, session.begin():
        (await session.get_one(Location, ledger.location.id)).is_default = True
    for _ in range(2):
        await make_defaults(runtime)
        assert await _policies(runtime) == {"off": (False, False), "main": (True, True)}
    shown = (await ledger.client.get(ledger.path, headers=ledger.headers)).json()
    assert shown["retention"] == {"daily": 7, "weekly": 4, "monthly": 12}
    assert shown["schedules"][0]["cron"] == "0 2 * * *"
    assert shown["schedules"][0]["all_logical_databases"] is True
    changed = await ledger.put()
    assert changed.json()["is_default"] is False
    async with runtime.sessions() as session:
        kinds = (await session.exec(select(Schedule.kind).order_by(col(Schedule.kind)))).all()
    assert kinds == [ExpireBackups.kind, "policy.retain", RunSchedule.kind]


async def _policies(runtime: Runtime) -> dict[str, tuple[bool, bool]]:
    """Enabled, and made by the service, by the names of the databases."""
    async with runtime.sessions() as session:
        query = select(Database.name, BackupPolicy).join(BackupPolicy, col(BackupPolicy.database_id) == Database.id)
        return {name: (policy.enabled, policy.is_default) for name, policy in (await session.exec(query)).all()}
