"""Places for backups that cannot be used, from the first or later on, and links into them."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, Final
from uuid import uuid4

import aioboto3
import httpx

from app.storage.s3 import S3Location
from tests.e2e.faults import fault
from tests.e2e.faults.server_side import back_up, free_name, not_restored, restore, taken, until
from tests.e2e.faults.store_side import FOREVER, everything, gone, hurried, place
from tests.e2e.world import BUCKET, World
from tests.storage.fault_proxy import Choice, Fault, FaultProxy, answers, error, method, stall

_TROUBLES: Final[list[tuple[Choice, Fault, str]]] = [
    (everything, answers("403 Forbidden", error("InvalidAccessKeyId")), "LOCATION_ACCESS_DENIED"),
    (everything, answers("403 Forbidden", error("RequestTimeTooSkewed")), "LOCATION_CLOCK_SKEWED"),
    (everything, answers("503 Slow Down", error("SlowDown")), "LOCATION_FAILED"),
    (everything, answers("404 Not Found", error("NoSuchBucket")), "LOCATION_BUCKET_MISSING"),
    (everything, answers("301 Moved", "", "Location: http://127.0.0.1:1/"), "LOCATION_REQUEST_REFUSED"),
    (method("PUT"), answers("507 Insufficient Storage", ""), "LOCATION_FULL"),
    (method("GET"), stall, "LOCATION_UNREACHABLE"),
    (method("POST"), answers("501 Not Implemented", error("NotImplemented")), "LOCATION_REQUEST_REFUSED"),
]


async def registered(world: World, at: S3Location) -> tuple[int, dict[str, Any]]:
    wish = {
        "project_id": world.project,
        "name": f"place {at.prefix[:8]}",
        "endpoint_url": at.endpoint_url,
        "bucket": at.bucket,
        "prefix": at.prefix,
        "region": at.region,
        "addressing": "path",
        "access_key_id": at.access_key_id,
        "secret_access_key": at.secret_access_key.get_secret_value(),
        "allow_insecure": True,
    }
    answer = await world.client.post("/v1/locations", json=wish)
    return answer.status_code, answer.json()


def fresh(world: World, *, bucket: str = BUCKET) -> S3Location:
    return world.store.location(bucket, prefix=uuid4().hex)


async def refusal(world: World, at: S3Location) -> str:
    """The code of what the registration failed with, at a step of trying it out."""
    status, document = await registered(world, at)
    assert (status, document["code"]) == (422, "LOCATION_PROBE_FAILED"), document
    assert document["cause"]["step"], document
    assert document["cause"]["detail"] in document["detail"]
    return str(document["cause"]["code"])


@fault
async def places_that_cannot_be_used_are_not_registered(world: World) -> None:
    before = await world.get("/v1/locations")

    async def tried(choice: Choice, trouble: Fault, code: str) -> None:
        at = fresh(world)
        async with FaultProxy.started(world.store.endpoint_url) as proxy:
            proxy.break_(choice, trouble, times=FOREVER)
            assert await refusal(world, replace(at, endpoint_url=proxy.url)) == code

    async with asyncio.TaskGroup() as tasks:
        for choice, trouble, code in _TROUBLES:
            tasks.create_task(tried(choice, trouble, code))
    assert await refusal(world, replace(fresh(world), endpoint_url="http://127.0.0.1:1")) == "LOCATION_UNREACHABLE"
    assert await refusal(world, fresh(world, bucket=f"no-{uuid4().hex}")) == "LOCATION_BUCKET_MISSING"
    wrong = replace(fresh(world), access_key_id="somebody-else")
    assert await refusal(world, wrong) == "LOCATION_ACCESS_DENIED"
    assert await world.get("/v1/locations") == before


@fault
async def a_place_that_stops_working_is_told_by_its_probe(world: World) -> None:
    async with place(world) as there:
        for choice, trouble, code in world.random.sample([one for one in _TROUBLES if one[1] is not stall], 2):
            there.proxy.break_(choice, trouble, times=FOREVER)
            found = await there.probed()
            assert (found["passed"], found["error"]["code"]) == (False, code)
            assert (await world.get(there.path))["state"] == "unreachable"
            there.proxy.mend()
        assert (await there.probed())["passed"]
        assert (await world.get(there.path))["state"] == "available"


@asynccontextmanager
async def bucket(world: World) -> AsyncIterator[str]:
    """One that may be removed before its end."""
    name = f"fault-{uuid4().hex}"
    await world.stores.create_bucket(fresh(world, bucket=name))
    try:
        yield name
    finally:
        await removed(world, name)


async def removed(world: World, name: str) -> None:
    """By somebody else, with all that is in it."""
    at = world.store.location(name)
    client = aioboto3.Session().client(
        "s3",
        endpoint_url=at.endpoint_url,
        region_name=at.region,
        aws_access_key_id=at.access_key_id,
        aws_secret_access_key=at.secret_access_key.get_secret_value(),
    )
    async with client as s3:
        try:
            listed = await s3.list_objects_v2(Bucket=name)
        except s3.exceptions.NoSuchBucket:
            return
        for found in listed.get("Contents", []):
            await s3.delete_object(Bucket=name, Key=found["Key"])
        await s3.delete_bucket(Bucket=name)


@fault
async def a_bucket_that_was_deleted(world: World) -> None:
    """Backups into it and restores out of it fail by its name; what was in it can be forgotten."""
    async with bucket(world) as name, place(world, bucket=name) as there, hurried(world):
        backup = await taken(world, await back_up(world, location_ids=[there.id]))
        await removed(world, name)
        assert (await there.probed())["error"]["code"] == "LOCATION_BUCKET_MISSING"
        accepted = await back_up(world, location_ids=[there.id])
        problem = await world.failed(accepted["job"])
        assert (problem["code"], problem["retryable"]) == ("LOCATION_BUCKET_MISSING", False)
        assert name in problem["detail"]
        failed = await world.get(f"/v1/backups/{accepted['backups'][0]['id']}")
        assert (failed["state"], failed["copies"][0]["error"].get("objects_left")) == ("failed", None)
        async with free_name(world) as database:
            started = await restore(world, backup["id"], database)
            await not_restored(world, started, "LOCATION_BUCKET_MISSING", retryable=False)
        await gone(world, backup["id"])
        assert (await world.get(f"{world.backups}?state=deleting"))["data"] == []


@fault
async def a_link_that_has_expired_or_was_changed(world: World) -> None:
    backup = await world.good_backup()
    path = f"/v1/backups/{backup}/downloads"
    async with httpx.AsyncClient(trust_env=False) as nobody:
        link = await world.post(path, {"expires_seconds": 600}, expect=201)
        downloaded = await nobody.get(link["url"])
        assert (downloaded.status_code, len(downloaded.content)) == (200, link["size_bytes"])
        assert hashlib.sha256(downloaded.content).hexdigest() == link["sha256"]
        changes = {
            "another object": link["url"].replace("archive-0001", "archive-0002"),
            "a longer life": link["url"].replace("X-Amz-Expires=600", "X-Amz-Expires=6000"),
            "another signature": link["url"][:-4] + ("0000" if link["url"][-4:] != "0000" else "1111"),
        }
        for what, changed in changes.items():
            assert changed != link["url"], what
            assert (await nobody.get(changed)).status_code == 403, what
        short = await world.post(path, {"expires_seconds": 1}, expect=201)

        async def expired() -> bool:
            answer = await nobody.get(short["url"])
            assert answer.status_code in (200, 403), answer.text
            return answer.status_code == 403

        await until(expired, "the link does not expire")
        refused = await world.post(path, {"expires_seconds": 7 * 24 * 3600 + 1}, expect=422)
        assert refused["errors"][0]["pointer"] == "/expires_seconds"
