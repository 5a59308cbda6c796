"""Passes over rows: what they write, that nothing is deleted that no verdict names, and backups whose day has come."""

import asyncio
from datetime import UTC, datetime, timedelta

from sqlmodel import select

from app.backups.schemas import DeleteBackup, DeleteCopy
from app.jobs.enqueue import enqueue
from app.kit.ids import encode_id, new_id
from app.locations.holdings import Backup, BackupState, CopyState, VerificationLevel
from app.policies.enforcing import enforce, expire
from app.policies.models import BackupPolicy
from app.policies.repository import PolicyRepository
from app.restores.models import Restore, RestoreState, TargetKind
from app.runtime import Runtime
from app.verifications.schemas import VerifyBackup
from tests.policies.conftest import Ledger

FEW = {"retention": {"daily": 2, "weekly": 0, "monthly": 0}}


async def pass_over(ledger: Ledger, policy: BackupPolicy, released_by: str | None = None) -> dict[str, int]:
    async with ledger.runtime.sessions() as session, session.begin():
        locked = await PolicyRepository(session).find(policy.id, change=True)
        assert locked is not None
        return await enforce(session, locked, released_by=released_by, created_by="test", job_id=new_id())


async def expire_all(ledger: Ledger) -> int:
    async with ledger.runtime.sessions() as session, session.begin():
        return await expire(session, ledger.database.id, created_by="test")


async def test_a_pass_writes_tiers_dooms_a_fifth_and_blocks_the_rest_until_it_is_released(ledger: Ledger) -> None:
    policy = await ledger.policy(**FEW)
    backups = await ledger.fill(policy, 10)
    assert await pass_over(ledger, policy) == {"kept": 2, "deleted": 2, "blocked": 6}
    assert await ledger.states(backups) == ["deleting"] * 2 + ["available"] * 8
    copies = await ledger.copies()
    newest = copies[backups[9].id]
    assert newest.tier == "daily"
    assert newest.kept_because is not None
    assert newest.kept_because[-1] == "the newest"
    assert [copies[backup.id].is_blocked for backup in backups] == [False] * 2 + [True] * 6 + [False] * 2
    assert await ledger.alerts() == {"retention.blocked": True}
    jobs = await ledger.jobs(DeleteCopy.kind)
    assert [job.args["backup_id"] for job in jobs] == [encode_id("bak", backup.id) for backup in backups[:2]]
    shown = await ledger.client.get(f"/v1/backups/{encode_id('bak', backups[9].id)}", headers=ledger.headers)
    assert shown.json()["copies"][0]["kept_because"] == newest.kept_because

    assert await pass_over(ledger, policy) == {"kept": 2, "deleted": 0, "blocked": 6}
    assert (await pass_over(ledger, policy, released_by="0" * 32))["deleted"] == 0
    token = (await ledger.post("preview")).json()["token"]
    released = await ledger.post("release", token=token)
    assert released.status_code == 202, released.text
    assert await pass_over(ledger, policy, released_by=token) == {"kept": 2, "deleted": 6, "blocked": 0}
    assert await ledger.alerts() == {"retention.blocked": False}
    assert await ledger.states(backups[8:]) == ["available"] * 2


async def test_two_workers_at_once_delete_what_one_would(ledger: Ledger) -> None:
    policy = await ledger.policy(**FEW)
    backups = await ledger.fill(policy, 12)
    await asyncio.gather(*(pass_over(ledger, policy) for _ in range(4)))
    assert (await ledger.states(backups)).count("deleting") == 2
    assert len(await ledger.jobs(DeleteCopy.kind)) == 2


async def test_what_is_read_copied_verified_locked_or_pinned_stays(ledger: Ledger, runtime: Runtime) -> None:
    policy = await ledger.policy(retention={"daily": 1, "weekly": 0, "monthly": 0})
    backups = await ledger.fill(policy, 30)
    read, worked_on, locked, pinned, verified = backups[:5]
    async with runtime.sessions() as session, session.begin():
        session.add(
            Restore(
                project_id=ledger.database.project_id,
                backup_id=read.id,
                target_kind=TargetKind.LOGICAL_DATABASE,
                database_id=ledger.database.id,
                logical_database="again",
                state=RestoreState.RUNNING,
                created_by="test",
            )
        )
        args = VerifyBackup(backup_id=worked_on.id)
        await enqueue(session, args, created_by="test", project_id=ledger.database.project_id)
        copy = await PolicyRepository(session).holdings(policy.id)
        of_locked = next(copies[0] for backup, copies in copy if backup.id == locked.id)
        of_locked.retained_until = datetime.now(UTC) + timedelta(days=3)
        (await session.get_one(Backup, pinned.id)).pinned_at = datetime.now(UTC)
        (await session.get_one(Backup, verified.id)).verified_at = datetime.now(UTC)
    await pass_over(ledger, policy)
    assert await ledger.states(backups[:5]) == ["available"] * 5
    assert await ledger.states(backups[5:11]) == ["deleting"] * 6
    copies = await ledger.copies()
    said = {
        name: (copies[backup.id].kept_because or [""])[0] for name, backup in zip("rwlpv", backups[:5], strict=True)
    }
    assert said["r"].endswith("reads it")
    assert said["w"].endswith("works on it")
    assert said["l"].startswith("locked in its location until")
    assert said["p"].startswith("pinned until it is unpinned")
    assert said["v"] == "the newest that was verified"


async def test_only_good_copies_of_scheduled_backups_are_judged(ledger: Ledger) -> None:
    policy = await ledger.policy(**FEW)
    by_hand = [await ledger.add(None, 40 + day) for day in range(3)]
    corrupt = [await ledger.add(policy, 30 + day, copy_state=CopyState.CORRUPT) for day in range(3)]
    await ledger.fill(policy, 2)
    assert await pass_over(ledger, policy) == {"kept": 2, "deleted": 0, "blocked": 0}
    assert set(await ledger.states([*by_hand, *corrupt])) == {"available", "corrupt"}


async def test_dumps_of_another_sort_do_not_stand_in_for_the_whole(ledger: Ledger) -> None:
    """A newer dump of the schema, and one of another logical database, are no reason to delete the last full one."""
    policy = await ledger.policy(retention={"daily": 1, "weekly": 0, "monthly": 0})
    whole = await ledger.add(policy, 3)
    await ledger.add(policy, 2, options={"schema_only": True})
    await ledger.add(policy, 1, logical_database="other")
    assert await pass_over(ledger, policy) == {"kept": 3, "deleted": 0, "blocked": 0}
    assert await ledger.states([whole]) == ["available"]


async def test_weekly_copies_are_verified_by_a_restore_unless_they_were(ledger: Ledger, runtime: Runtime) -> None:
    policy = await ledger.policy(retention={"daily": 1, "weekly": 3, "monthly": 0})
    backups = [await ledger.add(policy, days) for days in (24, 17, 10, 0)]
    async with runtime.sessions() as session, session.begin():
        (await session.get_one(Backup, backups[0].id)).verification_level = VerificationLevel.V2
        (await session.get_one(Backup, backups[1].id)).verification_level = VerificationLevel.V1
    for _ in range(2):
        await pass_over(ledger, policy)
    jobs = await ledger.jobs(VerifyBackup.kind)
    assert [(job.args["backup_id"], job.args["level"]) for job in jobs] == [
        (encode_id("bak", backup.id), "V2") for backup in backups[1:3]
    ]


async def test_a_clock_that_ran_ahead_does_not_make_the_newest_superfluous(ledger: Ledger) -> None:
    policy = await ledger.policy(retention={"daily": 1, "weekly": 0, "monthly": 0})
    future = await ledger.add(policy, -400)
    newest = await ledger.add(policy, 0)
    assert await pass_over(ledger, policy) == {"kept": 2, "deleted": 0, "blocked": 0}
    assert (await ledger.copies())[future.id].kept_because == ["its time lies in the future"]
    assert await ledger.states([newest]) == ["available"]


async def test_what_has_reached_its_day_goes_and_the_last_ones_stay(ledger: Ledger, runtime: Runtime) -> None:
    past = datetime.now(UTC) - timedelta(hours=1)
    verified = await ledger.add(None, 30, expires_at=past, verified_at=past)
    old = await ledger.add(None, 20, expires_at=past)
    later = await ledger.add(None, 15, expires_at=past + timedelta(days=9))
    failed = await ledger.add(None, 12, expires_at=past, state=BackupState.FAILED, copy_state=CopyState.FAILED)
    newest = await ledger.add(None, 10, expires_at=past)
    # Newer, but nothing of it can be restored any more.
    empty = await ledger.add(None, 5, copy_state=CopyState.DELETING)
    other = await ledger.add(None, 40, expires_at=past, logical_database="other")
    assert await expire_all(ledger) == 2
    assert await expire_all(ledger) == 0
    async with runtime.sessions() as session:
        found = {backup.id: backup for backup in (await session.exec(select(Backup))).all()}
    assert {key for key, backup in found.items() if backup.state == BackupState.DELETING} == {old.id, failed.id}
    assert {verified.id, later.id, newest.id, empty.id, other.id} <= found.keys()
    assert len(await ledger.jobs(DeleteBackup.kind)) == 2


async def test_no_more_than_a_fifth_expires_at_once(ledger: Ledger) -> None:
    past = datetime.now(UTC) - timedelta(hours=1)
    for day in range(10):
        await ledger.add(None, day, expires_at=past)
    assert [await expire_all(ledger) for _ in range(3)] == [2, 1, 1]
