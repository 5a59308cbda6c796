"""Whatever happens to the stored bytes, nothing wrong is ever put in place."""

from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from sqlmodel import delete

from app.kit.ids import decode_id, encode_id
from app.locations.holdings import AgeIdentity, BackupManifest
from app.locations.models import Location
from app.storage.s3 import S3Location
from tests.backups.conftest import make_location
from tests.restores.conftest import BOTH_WAYS, Restorer

pytestmark = BOTH_WAYS


@pytest.mark.parametrize("encryption", ["age", "none"])
@pytest.mark.parametrize("where", [0.02, 0.5, 0.999])
async def test_a_flipped_byte_fails_the_restore(
    restorer: Restorer, free_name: str, encryption: str, where: float
) -> None:
    (backup,) = await restorer.shop.take(encryption=encryption)
    store, key = await restorer.shop.store(), (await restorer.shop.manifest(backup)).archive_object.key
    stored = bytearray(await store.get(key))
    stored[int(len(stored) * where)] ^= 0x10
    await store.put(key, bytes(stored))
    await failed(restorer, backup, free_name, "COPY_DAMAGED")


async def test_an_object_that_was_cut_off_fails_the_restore(restorer: Restorer, free_name: str) -> None:
    (backup,) = await restorer.shop.take(encryption="none")
    store, key = await restorer.shop.store(), (await restorer.shop.manifest(backup)).archive_object.key
    await store.put(key, (await store.get(key))[:-1])
    await failed(restorer, backup, free_name, "COPY_DAMAGED")


async def test_another_digest_than_the_manifests_fails_the_restore_even_of_a_readable_archive(
    restorer: Restorer, free_name: str
) -> None:
    """Of the whole where it is read as a whole, and of its first bytes where parts are read."""
    (backup,) = await restorer.shop.take(encryption="none")
    async with restorer.shop.runtime.sessions() as session, session.begin():
        row = await session.get_one(BackupManifest, decode_id("bak", backup["id"]))
        objects = [one | {"sha256": "0" * 64} for one in row.manifest["objects"]]
        archive = row.manifest["archive"] | {"header_sha256": "0" * 64}
        row.manifest = row.manifest | {"objects": objects, "archive": archive}
    await failed(restorer, backup, free_name, "COPY_DAMAGED")


async def test_an_object_that_is_gone_fails_the_restore(restorer: Restorer, free_name: str) -> None:
    (backup,) = await restorer.shop.take()
    await (await restorer.shop.store()).delete((await restorer.shop.manifest(backup)).archive_object.key)
    await failed(restorer, backup, free_name, "LOCATION_OBJECT_MISSING")


async def test_a_backup_of_an_installation_whose_key_is_not_here_fails_the_restore(
    restorer: Restorer, backup: dict[str, Any], free_name: str
) -> None:
    async with restorer.shop.runtime.sessions() as session, session.begin():
        await session.exec(delete(AgeIdentity))
    await failed(restorer, backup, free_name, "IDENTITY_MISSING")


@pytest.mark.parametrize("damage", ["the key", "the bucket", "the object"])
async def test_another_copy_makes_good_whatever_is_wrong_with_the_first_location(
    restorer: Restorer, s3_location: S3Location, free_name: str, damage: str
) -> None:
    shop = restorer.shop
    at = replace(s3_location, prefix=uuid4().hex)
    second = await make_location(shop.client, shop.headers, shop.runtime, shop.project_id, at, "second")
    backup = await shop.take_and_copy(location_ids=[encode_id("loc", one.id) for one in (shop.location, second)])
    if damage == "the object":
        await (await shop.store()).delete((await shop.manifest(backup)).archive_object.key)
    else:
        async with shop.runtime.sessions() as session, session.begin():
            first = await session.get_one(Location, shop.location.id)
            if damage == "the key":
                first.access_key_id = "revoked"
            else:
                first.bucket = "gone-since"
    restore, job = await restorer.ended(await restorer.start(backup, {"kind": "logical_database", "name": free_name}))
    assert (job["state"], restore["equal"]) == ("succeeded", True), job["error"]
    assert "was passed over" in job["warnings"][0]


async def failed(restorer: Restorer, backup: dict[str, Any], name: str, code: str) -> None:
    accepted = await restorer.start(backup, {"kind": "logical_database", "name": name})
    restore, job = await restorer.ended(accepted)
    assert (job["state"], job["error"]["code"]) == ("failed", code), job["error"]
    assert (restore["state"], restore["error"]["code"]) == ("failed", code)
    assert name not in await restorer.databases()
    await restorer.no_traces(accepted)
    (copy,) = (await restorer.shop.get(f"/v1/backups/{backup['id']}"))["copies"]
    is_bad = code in ("COPY_DAMAGED", "LOCATION_OBJECT_MISSING")
    assert (copy["state"], (copy["error"] or {}).get("code")) == (("corrupt", code) if is_bad else ("available", None))
