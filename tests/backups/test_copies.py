"""Single copies: made side by side, repaired, and deleted one by one."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from app.backups.copy_rows import start_deletion
from app.backups.repository import BackupRepository
from app.db.sql import run_sql
from app.jobs import execution
from app.kit.ids import decode_id, encode_id
from app.locations.models import Location
from app.storage.s3 import S3Location, S3Store
from tests.backups.conftest import Shop, make_location, working
from tests.backups.test_alerts import alerts
from tests.backups.test_locations import copy_in, delete_location, ids, lose_bucket, set_access_key
from tests.object_store import HASTY, LOCKED_BUCKET
from tests.storage.fault_proxy import FaultProxy, answers, part, stall


@pytest.fixture
async def second(shop: Shop, s3_location: S3Location) -> Location:
    at = replace(s3_location, prefix=uuid4().hex)
    return await make_location(shop.client, shop.headers, shop.runtime, shop.project_id, at, "second")


@pytest.fixture
async def third(shop: Shop, s3_location: S3Location) -> Location:
    at = replace(s3_location, prefix=uuid4().hex)
    return await make_location(shop.client, shop.headers, shop.runtime, shop.project_id, at, "third")


@pytest.fixture
async def locked(shop: Shop, s3_location: S3Location) -> Location:
    at = replace(s3_location, bucket=LOCKED_BUCKET, prefix=uuid4().hex)
    await shop.runtime.stores.create_bucket(at, object_lock=True)
    lock = {"mode": "GOVERNANCE", "days": 1}
    return await make_location(shop.client, shop.headers, shop.runtime, shop.project_id, at, "locked", object_lock=lock)


async def ask(shop: Shop, backup: dict[str, Any], location: Location, *, status: int = 202) -> dict[str, Any]:
    answer = await shop.post(f"/v1/backups/{backup['id']}/copies", location_id=ids(location)[0])
    assert answer.status_code == status, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def drop(
    shop: Shop, backup: dict[str, Any], location: Location, *, confirm: str = "", status: int = 202
) -> dict[str, Any]:
    answer = await shop.delete(f"/v1/backups/{backup['id']}/copies/{ids(location)[0]}?confirm={confirm}")
    assert answer.status_code == status, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def ended(shop: Shop, accepted: dict[str, Any], state: str = "succeeded") -> dict[str, Any]:
    job = await shop.ended(accepted["job"])
    assert job["state"] == state, job["error"]
    backup: dict[str, Any] = await shop.get(f"/v1/backups/{accepted['backup']['id']}")
    return backup


async def change(shop: Shop, statement: str) -> None:
    async with shop.runtime.sessions() as session, session.begin():
        await run_sql(session, text(statement))


async def hurry(shop: Shop) -> None:
    await change(shop, "UPDATE job SET run_after = now() WHERE state IN ('queued', 'waiting')")


@pytest.mark.usefixtures("worker")
async def test_a_copy_that_failed_makes_the_backup_partial_until_it_is_made(
    shop: Shop, second: Location, third: Location
) -> None:
    """The others are not touched by it: each has a job of its own."""
    await lose_bucket(shop, second)
    backup = await shop.take_and_copy(location_ids=ids(shop.location, second, third))
    states = [copy_in(backup, one)["state"] for one in (shop.location, second, third)]
    assert (backup["state"], states) == ("partial", ["available", "failed", "available"])
    (alert,) = await alerts(shop)
    assert (alert["type"], alert["subject_id"]) == ("backup.copy_failed", ids(second)[0])
    assert alert["data"]["backup_id"] == backup["id"]

    await change(shop, f"UPDATE location SET bucket = '{second.bucket}' WHERE id = '{second.id}'")
    failed = copy_in(backup, second)
    retried = await shop.post(f"/v1/jobs/{failed['job_id']}:retry")
    assert retried.status_code == 202, retried.text
    assert (await shop.ended(retried.json()))["state"] == "succeeded"
    backup = await shop.get(f"/v1/backups/{backup['id']}")
    assert (backup["state"], copy_in(backup, second)["state"]) == ("available", "available")
    assert copy_in(backup, second)["error"] is None
    assert await alerts(shop) == []
    assert await shop.keys(second) == await shop.keys(third) == await shop.keys()
    again = await shop.post(f"/v1/jobs/{failed['job_id']}:retry")
    assert (again.status_code, again.json()["code"]) == (409, "STATE_INVALID")


@pytest.mark.usefixtures("worker")
async def test_one_more_copy_can_be_asked_for(shop: Shop, second: Location, monkeypatch: pytest.MonkeyPatch) -> None:
    (backup,) = await shop.take()
    paid: list[int] = []

    async def pay(size_bytes: int) -> None:
        paid.append(size_bytes)

    monkeypatch.setattr(shop.runtime.stores.limit, "pay", pay)
    made = await ended(shop, await ask(shop, backup, second))
    assert (made["state"], copy_in(made, second)["state"]) == ("available", "available")
    assert await shop.keys(second) == await shop.keys()
    assert sum(paid) == backup["size_bytes"]  # reading it is under the limit of the worker, too
    refused = await ask(shop, backup, second, status=409)
    assert (refused["code"], refused["state"]) == ("STATE_INVALID", "available")
    unknown = await shop.post(f"/v1/backups/{backup['id']}/copies", location_id=ids(second)[0][:-1] + "0")
    assert unknown.status_code == 404


@pytest.mark.usefixtures("worker")
async def test_a_source_that_gives_other_bytes_is_marked_and_can_be_repaired(
    shop: Shop, second: Location, third: Location
) -> None:
    backup = await shop.take_and_copy(location_ids=ids(shop.location, second))
    key = (await shop.manifest(backup)).archive_object.key
    first, whole = await shop.store(), await (await shop.store(second)).get(key)
    await first.put(key, bytes([whole[0] ^ 1]) + whole[1:])
    made = await ended(shop, await ask(shop, backup, third))
    assert [copy_in(made, one)["state"] for one in (shop.location, second, third)] == [
        "corrupt", "available", "available"
    ]  # fmt: skip
    assert made["state"] == "partial"
    assert await (await shop.store(third)).get(key) == whole
    job = await shop.get(f"/v1/jobs/{copy_in(made, third)['job_id']}")
    assert ids(shop.location)[0] in job["warnings"][0]
    assert [one["type"] for one in await alerts(shop)] == ["backup.copy_corrupt"]

    repaired = await ended(shop, await ask(shop, backup, shop.location))
    assert (repaired["state"], copy_in(repaired, shop.location)["state"]) == ("available", "available")
    assert await first.get(key) == whole
    assert await alerts(shop) == []


@pytest.mark.usefixtures("worker")
async def test_without_a_good_source_the_copy_fails_and_nothing_is_left(shop: Shop, second: Location) -> None:
    (backup,) = await shop.take()
    key = (await shop.manifest(backup)).archive_object.key
    store = await shop.store()
    await store.put(key, (await store.get(key))[:-1])
    accepted = await ask(shop, backup, second)
    made = await ended(shop, accepted, "failed")
    assert copy_in(made, second)["error"]["code"] == "COPY_DAMAGED"
    assert copy_in(made, shop.location)["state"] == "available"  # nobody has shown it to be the culprit
    assert await shop.keys(second) == []
    assert await delete_location(shop, second) == 204


@pytest.mark.usefixtures("worker")
async def test_what_was_copied_whole_is_not_copied_again(
    shop: Shop, second: Location, s3_location: S3Location, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(execution, "RETRY_BASE_SECONDS", 0.01)
    monkeypatch.setattr(shop.runtime.stores, "_patience", HASTY)

    def reads(kind: str) -> Any:
        return lambda exchange: exchange.line.startswith("GET ") and kind in exchange.line

    async with FaultProxy.started(s3_location.endpoint_url) as proxy:
        (backup,) = await shop.take()
        await change(shop, f"UPDATE location SET endpoint_url = '{proxy.url}' WHERE id = '{shop.location.id}'")
        proxy.break_(reads("globals.sql"), answers("503 Slow Down"), times=8)  # more than one call is repeated
        made = await ended(shop, await ask(shop, backup, second))
        assert copy_in(made, second)["state"] == "available"
        assert proxy.count(reads("archive-0001")) == 1
        assert proxy.count(reads("globals.sql")) == 9


async def test_a_copy_that_was_cancelled_before_it_began_has_failed(shop: Shop, second: Location) -> None:
    async with working(shop.runtime):
        (backup,) = await shop.take()
    accepted = await ask(shop, backup, second)
    assert (await drop(shop, backup, shop.location, status=409))["code"] == "HAS_DEPENDENTS"
    assert (await shop.delete(f"/v1/backups/{backup['id']}")).json()["code"] == "HAS_DEPENDENTS"
    assert (await ask(shop, backup, second, status=409))["job_id"] == accepted["job"]["id"]
    await shop.post(accepted["job"]["links"]["cancel"])
    made = await shop.get(f"/v1/backups/{backup['id']}")
    assert (made["state"], copy_in(made, second)["state"]) == ("partial", "failed")
    assert copy_in(made, second)["error"]["code"] == "CANCELLED"
    assert await alerts(shop) == []


@pytest.mark.usefixtures("worker")
async def test_a_copy_that_is_cancelled_leaves_nothing(shop: Shop, s3_location: S3Location) -> None:
    (backup,) = await shop.take()
    async with FaultProxy.started(s3_location.endpoint_url) as proxy:
        at = replace(s3_location, prefix=uuid4().hex, endpoint_url=proxy.url)
        there = await make_location(shop.client, shop.headers, shop.runtime, shop.project_id, at, "there")
        proxy.break_(part(), stall, times=10)
        accepted = await ask(shop, backup, there)
        await proxy.saw(part())
        await shop.post(accepted["job"]["links"]["cancel"])
        made = await ended(shop, accepted, "cancelled")
        assert (made["state"], copy_in(made, there)["state"]) == ("partial", "failed")
        assert "objects_left" not in copy_in(made, there)["error"]
        store = await shop.store(there)
        assert [one async for one in store.versions()] == []
        assert [one async for one in store.uploads()] == []
    assert await alerts(shop) == []


@pytest.mark.usefixtures("worker")
async def test_copies_are_deleted_one_by_one_and_the_last_takes_the_backup_along(shop: Shop, second: Location) -> None:
    backup = await shop.take_and_copy(location_ids=ids(shop.location, second))
    left = await ended(shop, await drop(shop, backup, shop.location))
    assert (left["state"], copy_in(left, shop.location)["state"]) == ("available", "deleted")
    assert (await shop.keys(), len(await shop.keys(second))) == ([], 3)
    assert (await drop(shop, backup, shop.location, status=409))["code"] == "STATE_INVALID"

    refused = await drop(shop, backup, second, status=409)
    assert (refused["code"], refused["confirm"]) == ("CONFIRMATION_MISSING", backup["id"])
    gone = await ended(shop, await drop(shop, backup, second, confirm=backup["id"]))
    assert (gone["state"], gone["deleted_at"] is not None) == ("deleted", True)
    assert await shop.keys(second) == []
    assert await delete_location(shop, second) == 204


@pytest.mark.usefixtures("worker")
async def test_what_is_pinned_or_read_by_a_restore_stays(shop: Shop, second: Location) -> None:
    backup = await shop.take_and_copy(location_ids=ids(shop.location, second))
    backup_id = decode_id("bak", backup["id"])
    await change(
        shop, f"UPDATE backup SET pinned_at = now(), pin_reason = 'audit', pinned_by = 'me' WHERE id = '{backup_id}'"
    )
    assert (await drop(shop, backup, second, status=409))["code"] == "BACKUP_PINNED"
    async with shop.runtime.sessions() as session, session.begin():
        held = await start_one(session, shop, backup, second)
    job = await shop.ended(await shop.get(f"/v1/jobs/{held}"))
    assert (job["state"], job["error"]["code"]) == ("failed", "BACKUP_PINNED")
    assert copy_in(await shop.get(f"/v1/backups/{backup['id']}"), second)["state"] == "available"


async def start_one(session: Any, shop: Shop, backup: dict[str, Any], location: Location) -> str:
    """As a policy does, without a look at what stands against it."""
    (row,) = await BackupRepository(session).find([decode_id("bak", backup["id"])])
    job = await start_deletion(session, row, location.id, reason="superfluous", created_by="test")
    return encode_id("job", job.id)


async def test_a_deletion_goes_on_for_ever_and_alerts(shop: Shop, second: Location) -> None:
    async with working(shop.runtime):
        backup = await shop.take_and_copy(location_ids=ids(shop.location, second))
        await set_access_key(shop, second, "revoked")
        accepted = await drop(shop, backup, second)
        job = await until(shop, accepted["job"], "waiting")
        assert "Access denied" in job["waiting_for"]
        (alert,) = await alerts(shop)
        assert (alert["type"], alert["subject_id"]) == ("backup.copy_deletion_failed", ids(second)[0])
        copy = copy_in(await shop.get(f"/v1/backups/{backup['id']}"), second)
        assert (copy["state"], copy["error"]["code"]) == ("deleting", "LOCATION_ACCESS_DENIED")
        assert await delete_location(shop, second) == 409
    await set_access_key(shop, second, second.access_key_id)
    await hurry(shop)
    async with working(shop.runtime):
        left = await ended(shop, accepted)
    assert (copy_in(left, second)["state"], copy_in(left, second)["error"]) == ("deleted", None)
    assert await alerts(shop) == []
    assert await shop.keys(second) == []


async def until(shop: Shop, job: dict[str, Any], state: str) -> dict[str, Any]:
    async with asyncio.timeout(30):
        while job["state"] != state:
            job = await shop.get(job["links"]["self"])
            await asyncio.sleep(0.02)
    return job


async def test_a_locked_copy_is_retained_and_deleted_after_its_lock(shop: Shop, locked: Location) -> None:
    async with working(shop.runtime):
        backup = await shop.take_and_copy(location_ids=ids(shop.location, locked))
        kept = await ended(shop, await drop(shop, backup, locked))
        copy = copy_in(kept, locked)
        assert (copy["state"], copy["lock_mode"]) == ("retained", "GOVERNANCE")
        until_then = datetime.fromisoformat(copy["retained_until"])
        assert timedelta(hours=23) < until_then - datetime.now(UTC) < timedelta(hours=25)
        assert len(await shop.keys(locked)) == 3  # not a byte was touched, nor hidden
        again = await shop.get(f"/v1/jobs/{copy['job_id']}")
        assert (again["state"], datetime.fromisoformat(again["next_attempt_at"]) > until_then) == ("queued", True)
        assert await delete_location(shop, locked) == 409

        whole = (await shop.delete(f"/v1/backups/{backup['id']}?confirm={backup['id']}")).json()
        left = await ended(shop, whole)
        assert (left["state"], copy_in(left, locked)["state"]) == ("deleting", "retained")
        assert (await shop.get(f"/v1/jobs/{whole['job']['id']}"))["result"]["retained"] == ids(locked)
        assert await shop.keys() == []

    await lift_locks(shop, locked)
    await hurry(shop)
    async with working(shop.runtime):
        again = await shop.ended(await shop.get(f"/v1/jobs/{copy_in(left, locked)['job_id']}"))
        assert again["state"] == "succeeded", again["error"]
    gone = await shop.get(f"/v1/backups/{backup['id']}")
    assert (gone["state"], copy_in(gone, locked)["state"]) == ("deleted", "deleted")
    assert [one async for one in (await shop.store(locked)).versions()] == []
    assert await delete_location(shop, locked) == 204


async def lift_locks(shop: Shop, location: Location) -> None:
    """As an operator with the right for it may, in this mode."""
    store = await shop.store(location)
    assert isinstance(store, S3Store)
    soon = datetime.now(UTC) + timedelta(seconds=1)
    versions = [one async for one in store.versions()]
    for version in versions:
        await store._client.put_object_retention(
            **store._version(version),
            Retention={"Mode": "GOVERNANCE", "RetainUntilDate": soon},
            BypassGovernanceRetention=True,
        )
    async with asyncio.timeout(60):
        while any([await store.hold_of(version) for version in versions]):
            await asyncio.sleep(0.1)


@pytest.mark.usefixtures("worker")
async def test_an_archive_larger_than_its_estimate_is_dumped_anew_with_larger_parts(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It never becomes a shorter one."""
    monkeypatch.setattr(execution, "RETRY_BASE_SECONDS", 0.01)
    await shop.execute(
        "CREATE TABLE t AS SELECT string_agg(sha512(i::text::bytea)::text, '') AS w FROM generate_series(1, 160000) i"
        " GROUP BY i % 100"
    )
    await change(shop, f"UPDATE location SET max_parts = 1 WHERE id = '{shop.location.id}'")
    monkeypatch.setattr("app.backups.steps.take.part_bytes_for", lambda *_, **__: 0)
    (backup,) = await shop.take(encryption="none")
    stored = (await shop.manifest(backup)).archive_object
    assert 5 * 1024**2 < stored.size_bytes < 20 * 1024**2 == stored.part_bytes
    assert len(await shop.archive(backup)) == stored.size_bytes
    assert (len(await shop.keys()), await shop.open_uploads()) == (3, [])
