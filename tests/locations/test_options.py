"""What a location is to be used with: parts, rates, encryption by the store, object lock."""

from dataclasses import replace
from typing import Any

import httpx
import pytest

from app.kit.ids import decode_id
from app.locations.access import address_of
from app.locations.models import Location
from app.runtime import Runtime
from app.storage.s3 import LockMode, Manner, ObjectLock, S3Location, WriteOptions
from app.storage.store import MAX_PARTS
from tests.locations.conftest import Creator
from tests.object_store import LOCKED_BUCKET


async def address(runtime: Runtime, view: dict[str, Any]) -> S3Location:
    async with runtime.sessions() as session:
        return address_of(await session.get_one(Location, decode_id("loc", view["id"])), runtime.key_ring)


async def test_a_plain_location_has_no_options(create: Creator, runtime: Runtime) -> None:
    view = (await create()).json()
    assert [view[name] for name in ("max_parts", "max_upload_bytes_per_second", "sse", "object_lock")] == [None] * 4
    found = await address(runtime, view)
    assert (found.manner, found.upload_bytes_per_second) == (Manner(max_parts=MAX_PARTS), None)


async def test_parts_and_rate_can_be_set_changed_and_the_rate_lifted(
    client: httpx.AsyncClient, as_admin: dict[str, str], create: Creator, runtime: Runtime
) -> None:
    view = (await create(max_parts=1000, max_upload_bytes_per_second=5_000_000)).json()
    found = await address(runtime, view)
    assert (found.manner.max_parts, found.upload_bytes_per_second) == (1000, 5_000_000)

    async def change(**wish: Any) -> dict[str, Any]:
        answer = await client.patch(f"/v1/locations/{view['id']}", json=wish, headers=as_admin)
        assert answer.status_code == 200, answer.text
        changed: dict[str, Any] = answer.json()
        return changed

    changed = await change(max_parts=2000)
    assert (changed["max_parts"], changed["max_upload_bytes_per_second"]) == (2000, 5_000_000)
    changed = await change(max_upload_bytes_per_second=0)
    assert (changed["max_parts"], changed["max_upload_bytes_per_second"]) == (2000, None)


@pytest.mark.parametrize(
    "change",
    [
        {"max_parts": 0},
        {"max_parts": 10_001},
        {"max_upload_bytes_per_second": 1000},
        {"sse": "SSE-C"},
        {"kms_key_id": "key-1"},
        {"sse": "AES256", "kms_key_id": "key-1"},
        {"object_lock": {"mode": "GOVERNANCE"}},
        {"object_lock": {"mode": "FOREVER", "days": 1}},
        {"object_lock": {"mode": "COMPLIANCE", "days": 0}},
    ],
)
async def test_what_cannot_be_is_refused_without_a_call(create: Creator, change: dict[str, Any]) -> None:
    answer = await create(**change)
    assert (answer.status_code, answer.json()["code"]) == (422, "VALIDATION_FAILED")


async def test_a_lock_is_used_where_the_bucket_has_it(
    create: Creator, runtime: Runtime, s3_location: S3Location
) -> None:
    await runtime.stores.create_bucket(replace(s3_location, bucket=LOCKED_BUCKET), object_lock=True)
    view = (await create(bucket=LOCKED_BUCKET, object_lock={"mode": "COMPLIANCE", "days": 30})).json()
    assert view["object_lock"] == {"mode": "COMPLIANCE", "days": 30}
    assert (view["capabilities"]["keeps_versions"], view["capabilities"]["object_lock"]) == (True, True)
    found = await address(runtime, view)
    lock = WriteOptions(object_lock=ObjectLock(LockMode.COMPLIANCE, 30))
    assert found.manner == Manner(keeps_versions=True, writing=lock)


@pytest.mark.parametrize(
    ("option", "code"),
    [
        ({"object_lock": {"mode": "GOVERNANCE", "days": 1}}, "LOCATION_LOCK_NOT_OFFERED"),
        ({"sse": "AES256"}, "LOCATION_ENCRYPTION_NOT_OFFERED"),
    ],
    ids=["lock", "encryption"],
)
async def test_what_the_bucket_does_not_offer_is_refused_with_a_name(
    create: Creator, option: dict[str, Any], code: str
) -> None:
    answer = await create(**option)
    assert (answer.status_code, answer.json()["code"]) == (422, "LOCATION_PROBE_FAILED")
    assert answer.json()["cause"]["code"] == code
