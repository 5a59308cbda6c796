"""Several locations: one dump, byte-identical copies, and what happens when one of them fails."""

from dataclasses import replace
from functools import partialmethod
from typing import Any
from uuid import uuid4

import pytest

from app.jobs import execution
from app.jobs.run import Run
from app.kit.ids import encode_id
from app.locations.models import Location
from app.storage.s3 import S3Location
from tests.backups.conftest import Shop, make_location
from tests.storage.fault_proxy import Exchange, FaultProxy, stall

pytestmark = pytest.mark.usefixtures("worker")


@pytest.fixture
async def second(shop: Shop, s3_location: S3Location) -> Location:
    at = replace(s3_location, prefix=uuid4().hex)
    return await make_location(shop.client, shop.headers, shop.runtime, shop.project_id, at, "second")


async def lose_bucket(shop: Shop, location: Location) -> None:
    async with shop.runtime.sessions() as session, session.begin():
        (await session.get_one(Location, location.id)).bucket = "gone-since"


def ids(*locations: Location) -> list[str]:
    return [encode_id("loc", location.id) for location in locations]


async def test_a_dump_is_copied_byte_for_byte_to_the_other_locations(shop: Shop, second: Location) -> None:
    await shop.execute("CREATE TABLE t AS SELECT i, md5(i::text) FROM generate_series(1, 300000) AS i")
    backup = await shop.take_and_copy(location_ids=ids(second, shop.location))
    assert backup["state"] == "available"
    states = {copy["location_id"]: (copy["state"], copy["is_primary"]) for copy in backup["copies"]}
    assert states == {ids(second)[0]: ("available", True), ids(shop.location)[0]: ("available", False)}
    assert [copy["checked_at"] is not None for copy in backup["copies"]] == [False, True]
    job = await shop.get(f"/v1/jobs/{backup['job_id']}")
    assert job["result"]["copy_job_ids"] == [copy_in(backup, shop.location)["job_id"]]
    assert await shop.keys() == await shop.keys(second)
    one, two = await shop.store(), await shop.store(second)
    for key in await shop.keys():
        assert await one.get(key) == await two.get(key)


async def test_the_next_location_takes_the_dump_when_the_first_fails(shop: Shop, second: Location) -> None:
    await shop.execute("CREATE TABLE t AS SELECT generate_series(1, 10) AS id")
    await lose_bucket(shop, second)
    backup = await shop.take_and_copy(location_ids=ids(second, shop.location))
    states = {copy["location_id"]: (copy["state"], copy["is_primary"]) for copy in backup["copies"]}
    assert states == {ids(second)[0]: ("failed", False), ids(shop.location)[0]: ("available", True)}
    assert backup["state"] == "partial"
    (failed,) = [copy for copy in backup["copies"] if copy["state"] == "failed"]
    assert failed["error"]["code"] == "LOCATION_BUCKET_MISSING"
    assert "objects_left" not in failed["error"]
    assert len(await shop.archive(backup)) > 0


async def test_a_backup_fails_when_no_location_takes_it(shop: Shop) -> None:
    await lose_bucket(shop, shop.location)
    accepted = await shop.start()
    job = await shop.ended(accepted["job"])
    assert job["state"] == "failed"
    assert job["error"]["code"] == "LOCATION_BUCKET_MISSING"
    assert "may be left" in job["warnings"][0]
    assert (await shop.get(f"/v1/backups/{accepted['backups'][0]['id']}"))["state"] == "failed"


async def test_a_location_that_stays_away_is_the_error_of_the_job_also_when_nothing_can_be_removed_there(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No failed clean-up hides it: what may be left goes with the backup."""
    monkeypatch.setattr(execution, "RETRY_BASE_SECONDS", 0.01)
    async with shop.runtime.sessions() as session, session.begin():
        (await session.get_one(Location, shop.location.id)).endpoint_url = "http://127.0.0.1:1"
    accepted = await shop.start()
    job = await shop.ended(accepted["job"])
    assert (job["state"], job["error"]["code"], job["error"]["retryable"]) == ("failed", "LOCATION_UNREACHABLE", True)
    assert "may be left" in job["warnings"][0]
    backup = await shop.get(f"/v1/backups/{accepted['backups'][0]['id']}")
    assert copy_in(backup, shop.location)["error"] == backup["error"] | {"objects_left": True}


async def test_a_backup_whose_bucket_is_gone_can_be_deleted(shop: Shop) -> None:
    (backup,) = await shop.take()
    await lose_bucket(shop, shop.location)
    accepted = await shop.delete(f"/v1/backups/{backup['id']}?confirm={backup['id']}")
    job = await shop.ended(accepted.json()["job"])
    assert job["state"] == "succeeded", job["error"]
    assert await delete_location(shop, shop.location) == 204


async def test_a_copy_that_stands_still_fails_and_leaves_nothing(
    shop: Shop, s3_location: S3Location, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Run, "moving", partialmethod(Run.moving, stall_seconds=0.5))
    monkeypatch.setattr(execution, "RETRY_BASE_SECONDS", 0.01)
    async with FaultProxy.started(s3_location.endpoint_url) as proxy:
        at = replace(s3_location, prefix=uuid4().hex, endpoint_url=proxy.url)
        first = await make_location(shop.client, shop.headers, shop.runtime, shop.project_id, at, "first")
        proxy.break_(reads_globals, stall, times=10)
        backup = await shop.take_and_copy(location_ids=ids(first, shop.location))
    assert backup["state"] == "partial"
    failed = copy_in(backup, shop.location)
    assert (failed["state"], failed["error"]["code"]) == ("failed", "JOB_STALLED")
    assert "objects_left" not in failed["error"]
    assert (await shop.keys(), await shop.open_uploads()) == ([], [])
    assert await delete_location(shop, shop.location) == 204


def reads_globals(exchange: Exchange) -> bool:
    """After the archive was copied."""
    return exchange.line.startswith("GET ") and "globals.sql.age" in exchange.line


async def test_a_location_that_could_not_be_emptied_stays_until_the_backup_is_deleted(
    shop: Shop, second: Location
) -> None:
    await set_access_key(shop, second, "revoked")
    backup = await shop.take_and_copy(location_ids=ids(shop.location, second))
    failed = copy_in(backup, second)
    assert (failed["state"], failed["error"]["objects_left"]) == ("failed", True)
    assert await delete_location(shop, second) == 409
    await set_access_key(shop, second, second.access_key_id)
    accepted = await shop.delete(f"/v1/backups/{backup['id']}?confirm={backup['id']}")
    assert (await shop.ended(accepted.json()["job"]))["state"] == "succeeded"
    assert await delete_location(shop, second) == 204


async def test_so_does_one_that_kept_objects_of_a_failed_backup(shop: Shop) -> None:
    await set_access_key(shop, shop.location, "revoked")
    accepted = await shop.start()
    assert (await shop.ended(accepted["job"]))["state"] == "failed"
    backup = await shop.get(f"/v1/backups/{accepted['backups'][0]['id']}")
    assert copy_in(backup, shop.location)["error"] == backup["error"] | {"objects_left": True}
    assert await delete_location(shop, shop.location) == 409


def copy_in(backup: dict[str, Any], location: Location) -> dict[str, Any]:
    (found,) = [copy for copy in backup["copies"] if copy["location_id"] == ids(location)[0]]
    copy: dict[str, Any] = found
    return copy


async def set_access_key(shop: Shop, location: Location, access_key_id: str) -> None:
    async with shop.runtime.sessions() as session, session.begin():
        (await session.get_one(Location, location.id)).access_key_id = access_key_id


async def delete_location(shop: Shop, location: Location) -> int:
    return (await shop.delete(f"/v1/locations/{ids(location)[0]}")).status_code
