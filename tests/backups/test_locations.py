"""Several locations: one dump, byte-identical copies, and what happens when one of them fails."""

from dataclasses import replace
from uuid import uuid4

import pytest

from app.kit.ids import encode_id
from app.locations.models import Location
from app.storage.s3 import S3Location
from tests.backups.conftest import Shop, make_location

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
    (backup,) = await shop.take(location_ids=ids(second, shop.location))
    assert backup["state"] == "available"
    states = {copy["location_id"]: (copy["state"], copy["is_primary"]) for copy in backup["copies"]}
    assert states == {ids(second)[0]: ("available", True), ids(shop.location)[0]: ("available", False)}
    assert await shop.keys() == await shop.keys(second)
    one, two = await shop.store(), await shop.store(second)
    for key in await shop.keys():
        assert await one.get(key) == await two.get(key)


async def test_the_next_location_takes_the_dump_when_the_first_fails(shop: Shop, second: Location) -> None:
    await shop.execute("CREATE TABLE t AS SELECT generate_series(1, 10) AS id")
    await lose_bucket(shop, second)
    (backup,) = await shop.take(location_ids=ids(second, shop.location))
    states = {copy["location_id"]: (copy["state"], copy["is_primary"]) for copy in backup["copies"]}
    assert states == {ids(second)[0]: ("failed", False), ids(shop.location)[0]: ("available", True)}
    assert backup["state"] == "partial"
    (failed,) = [copy for copy in backup["copies"] if copy["state"] == "failed"]
    assert failed["error"]["code"] == "LOCATION_BUCKET_MISSING"
    job = await shop.get(f"/v1/jobs/{backup['job_id']}")
    assert ids(second)[0] in job["warnings"][0]
    assert len(await shop.archive(backup)) > 0


async def test_a_backup_fails_when_no_location_takes_it(shop: Shop) -> None:
    await lose_bucket(shop, shop.location)
    accepted = await shop.start()
    job = await shop.ended(accepted["job"])
    assert job["state"] == "failed"
    assert job["error"]["code"] == "LOCATION_BUCKET_MISSING"
    assert "may be left" in job["warnings"][0]
    assert (await shop.get(f"/v1/backups/{accepted['backups'][0]['id']}"))["state"] == "failed"
