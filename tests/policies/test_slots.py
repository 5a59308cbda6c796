"""A slot from its schedule to the verdict on its backup, over a real server and a real store."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlmodel import col, select

from app.backups.schemas import TakeBackup
from app.databases.models import Database, DatabaseState
from app.databases.repository import DatabaseRepository
from app.events.models import Alert, AlertType, DomainEvent
from app.jobs.models import Job, Schedule
from app.jobs.scheduler import fire_due
from app.jobs.states import LIVE, JobState
from app.kit.ids import encode_id, new_id
from app.policies.models import BackupPolicy
from app.policies.schemas import RetainBackups, RunSchedule
from app.policies.watching import watch_overdue
from app.runtime import Runtime
from app.verifications.schemas import VerifyBackup
from tests.policies.conftest import DAILY, Ledger, Shop, working


async def put_policy(shop: Shop, **wish: Any) -> None:
    path = f"/v1/databases/{encode_id('db', shop.database.id)}/backup-policy"
    answer = await shop.client.put(path, json=DAILY | wish, headers=shop.headers)
    assert answer.status_code == 200, answer.text


async def fire(runtime: Runtime) -> datetime:
    """All slots of backups that come next, whatever the clock says."""
    async with runtime.sessions() as session:
        rows = (await session.exec(select(Schedule).where(Schedule.kind == RunSchedule.kind))).all()
    at = max(row.next_run_at for row in rows)
    await fire_due(runtime.sessions, at)
    return at


async def jobs(runtime: Runtime, kind: str) -> list[Job]:
    async with runtime.sessions() as session:
        return list((await session.exec(select(Job).where(Job.kind == kind).order_by(col(Job.id)))).all())


async def ended(shop: Shop, kind: str) -> list[dict[str, Any]]:
    return [
        await shop.ended(await shop.get(f"/v1/jobs/{encode_id('job', job.id)}"))
        for job in await jobs(shop.runtime, kind)
    ]


async def alerts(runtime: Runtime) -> dict[str, bool]:
    async with runtime.sessions() as session:
        return {alert.type: alert.cleared_at is None for alert in (await session.exec(select(Alert))).all()}


async def look(runtime: Runtime, *, made_days_ago: int = 0) -> BackupPolicy:
    """As the watch does when the time has come."""
    async with runtime.sessions() as session, session.begin():
        policy = (await session.exec(select(BackupPolicy))).one()
        policy.look_at = datetime.now(UTC) - timedelta(seconds=1)
        policy.updated_at -= timedelta(days=made_days_ago)
    await watch_overdue(runtime)
    async with runtime.sessions() as session:
        return (await session.exec(select(BackupPolicy))).one()


async def test_a_slot_is_backed_up_verified_judged_and_seen_in_the_bucket(shop: Shop, runtime: Runtime) -> None:
    await shop.execute("CREATE TABLE orders AS SELECT 1 AS id")
    await put_policy(shop)
    await fire(runtime)
    async with working(runtime):
        (slot,) = await ended(shop, RunSchedule.kind)
        assert slot["state"] == "succeeded", slot["error"]
        *_, retained = await ended(shop, RetainBackups.kind)  # after that of the night
    assert retained["result"]["kept"] == 1
    (schedule,) = [row async for row in _schedules(runtime)]
    (backup_id,) = slot["result"]["backup_ids"]
    backup = await shop.get(f"/v1/backups/{backup_id}")
    assert (backup["origin"], backup["state"], backup["schedule_id"]) == (
        "scheduled",
        "available",
        encode_id("sch", schedule.id),
    )
    assert schedule.last_slot is not None
    assert slot["result"]["slot"] == schedule.last_slot.isoformat()
    assert backup["copies"][0]["tier"] == "daily"
    assert "the newest" in backup["copies"][0]["kept_because"]
    (verify,) = await jobs(runtime, VerifyBackup.kind)
    assert (verify.args["backup_id"], verify.args["level"]) == (backup_id, "V1")
    assert str((await shop.manifest(backup)).schedule_id) == str(schedule.id)

    policy = await look(runtime, made_days_ago=3)
    seen = policy.seen[encode_id("loc", shop.location.id)]
    assert list(seen) == [encode_id("sch", schedule.id)]
    assert await alerts(runtime) == {}
    # The rows still say that all is well; what is in the bucket no longer does.
    store = await shop.store()
    archive = (await shop.manifest(backup)).archive_object
    await store.delete(archive.key)
    policy = await look(runtime)
    assert policy.seen[encode_id("loc", shop.location.id)] == {}
    assert await alerts(runtime) == {AlertType.BACKUP_OVERDUE: True}
    await store.put(archive.key, bytes(archive.size_bytes))
    await look(runtime)
    assert await alerts(runtime) == {AlertType.BACKUP_OVERDUE: False}


async def _schedules(runtime: Runtime) -> Any:
    async with runtime.sessions() as session:
        for row in (await session.exec(select(Schedule).where(Schedule.kind == RunSchedule.kind))).all():
            yield row


async def test_a_slot_that_meets_the_one_before_is_skipped_and_that_is_written_down(
    ledger: Ledger, runtime: Runtime
) -> None:
    """The first one's backup waits for a job that excludes it, so it is still there when the next slot comes."""
    await ledger.policy()
    await ledger.client.post(
        f"/v1/databases/{encode_id('db', ledger.database.id)}:restart",
        headers=ledger.headers | {"Idempotency-Key": uuid4().hex},
    )
    await fire(runtime)
    async with working(runtime):
        await _until(runtime, TakeBackup.kind, 1)
        await fire(runtime)
        await _until_done(runtime, RunSchedule.kind, 1)
    first, second = await jobs(runtime, RunSchedule.kind)
    assert first.state in LIVE
    assert second.result is not None
    assert "still takes the backup of a slot before" in second.result["skipped"]
    assert len(await jobs(runtime, TakeBackup.kind)) == 1
    async with runtime.sessions() as session:
        query = select(DomainEvent).where(DomainEvent.type == "backup.slot_skipped")
        (event,) = (await session.exec(query)).all()
    assert event.data["slot"] == second.result["slot"]


async def _until(runtime: Runtime, kind: str, count: int) -> None:
    for _ in range(600):
        if len(await jobs(runtime, kind)) >= count:
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"no {kind}")


async def _until_done(runtime: Runtime, kind: str, count: int) -> None:
    for _ in range(600):
        if sum(job.state == JobState.SUCCEEDED for job in await jobs(runtime, kind)) >= count:
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"no {kind} has ended")


async def test_the_slots_of_a_local_server_are_left_to_its_host(ledger: Ledger, runtime: Runtime) -> None:
    await ledger.policy()
    host = new_id()
    async with runtime.sessions() as session, session.begin():
        (await session.get_one(Database, ledger.database.id)).host_id = host
    await fire(runtime)
    (slot,) = await jobs(runtime, RunSchedule.kind)
    assert slot.host_id == host


async def test_a_deleted_database_has_no_slots_any_more(ledger: Ledger, runtime: Runtime) -> None:
    await ledger.policy()
    async with runtime.sessions() as session, session.begin():
        await DatabaseRepository(session).move(
            ledger.database.id, frm={DatabaseState.AVAILABLE}, to=DatabaseState.DELETED
        )
    assert [row async for row in _schedules(runtime)] == []
    refused = await ledger.put()
    assert (refused.status_code, refused.json()["code"]) == (409, "STATE_INVALID")


async def test_a_slot_of_a_policy_that_was_switched_off_meanwhile_does_nothing(
    ledger: Ledger, runtime: Runtime
) -> None:
    await ledger.policy()
    await fire(runtime)
    await ledger.policy(enabled=False)
    async with working(runtime):
        await _until_done(runtime, RunSchedule.kind, 1)
    (slot,) = await jobs(runtime, RunSchedule.kind)
    assert slot.result is not None
    assert "switched off" in slot.result["skipped"]
    assert await jobs(runtime, TakeBackup.kind) == []
