"""A location that is lost for good is given up, with what lay there and nothing else."""

from dataclasses import replace
from uuid import uuid4

import httpx
import pytest

from app.auth.scopes import Scope
from app.exports.models import Export
from app.jobs.enqueue import enqueue
from app.kit.ids import decode_id, encode_id
from app.locations.models import Location
from app.policies.models import BackupPolicy
from app.storage.s3 import S3Location
from app.verifications.schemas import VerifyBackup
from tests.backups.conftest import Shop, make_location, working
from tests.backups.test_alerts import alerts
from tests.backups.test_copies import drop, hurry, until
from tests.backups.test_locations import copy_in, ids, set_access_key
from tests.control import KeyFactory, bearer


@pytest.fixture
async def lost(shop: Shop, s3_location: S3Location) -> Location:
    at = replace(s3_location, prefix=uuid4().hex)
    return await make_location(shop.client, shop.headers, shop.runtime, shop.project_id, at, "lost")


async def forget(shop: Shop, location: Location, confirm: str = "") -> httpx.Response:
    return await shop.post(f"/v1/locations/{ids(location)[0]}:forget", confirm=confirm)


async def test_what_lay_in_a_lost_location_counts_no_more_and_nobody_tries_to_delete_it(
    shop: Shop, lost: Location
) -> None:
    async with working(shop.runtime):
        both = await shop.take_and_copy(location_ids=ids(shop.location, lost))
        (there,) = await shop.take(location_ids=ids(lost))
        export = Export(
            project_id=shop.project_id, backup_id=decode_id("bak", both["id"]), state="available", options={"gzip": True},
            encryption="none", keep_days=1, location_id=lost.id, created_by="test",
        )  # fmt: skip
        async with shop.runtime.sessions() as session, session.begin():
            session.add(export)
        await set_access_key(shop, lost, "revoked")
        deletion = await drop(shop, both, lost)
        await until(shop, deletion["job"], "waiting")
    asked = await forget(shop, lost)
    assert (asked.status_code, asked.json()["code"]) == (409, "CONFIRMATION_MISSING")
    assert (asked.json()["copies"], asked.json()["lost"]) == (2, 1)
    assert (await shop.get(f"/v1/backups/{there['id']}"))["state"] == "available"

    forgotten = await forget(shop, lost, asked.json()["confirm"])
    assert forgotten.status_code == 200, forgotten.text
    assert forgotten.json() == {"location_id": ids(lost)[0], "copies": 2, "lost": 1}
    left = await shop.get(f"/v1/backups/{both['id']}")
    assert (left["state"], copy_in(left, shop.location)["state"], copy_in(left, lost)["state"]) == (
        "available", "available", "deleted"
    )  # fmt: skip
    assert (await shop.get(f"/v1/backups/{there['id']}"))["state"] == "deleted"
    assert (await forget(shop, lost, ids(lost)[0])).status_code == 404
    assert (await shop.get(f"/v1/exports/{encode_id('exp', export.id)}"))["state"] == "deleted"
    assert await alerts(shop) == []
    await hurry(shop)
    async with working(shop.runtime):
        assert (await shop.ended(deletion["job"]))["state"] == "succeeded"


async def test_a_location_is_not_given_up_while_anything_counts_on_it(
    shop: Shop, lost: Location, key_factory: KeyFactory
) -> None:
    async with working(shop.runtime):
        (backup,) = await shop.take(location_ids=ids(lost))
    confirm = ids(lost)[0]
    weak = bearer(await key_factory(Scope.BACKUPS_READ, Scope.BACKUPS_WRITE)) | {"Idempotency-Key": uuid4().hex}
    denied = await shop.client.post(f"/v1/locations/{confirm}:forget", json={"confirm": confirm}, headers=weak)
    assert (denied.status_code, denied.json()["required_scope"]) == (403, "locations:write")

    rules = {"location_ids": [confirm]}
    policy = BackupPolicy(
        project_id=shop.project_id, database_id=shop.database.id, enabled=False, rules=rules, created_by="test"
    )
    async with shop.runtime.sessions() as session, session.begin():
        session.add(policy)
    named = await forget(shop, lost, confirm)
    assert (named.status_code, named.json()["database_ids"]) == (409, [encode_id("db", shop.database.id)])

    async with shop.runtime.sessions() as session, session.begin():
        await enqueue(session, VerifyBackup(backup_id=decode_id("bak", backup["id"])), created_by="test")
    busy = await forget(shop, lost, confirm)
    assert (busy.status_code, busy.json()["code"]) == (409, "HAS_DEPENDENTS")
    assert "backup.verify" in busy.json()["detail"]
    after = await shop.get(f"/v1/backups/{backup['id']}")
    assert (after["state"], copy_in(after, lost)["state"]) == ("available", "available")
