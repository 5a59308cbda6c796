"""Whatever happens to the stored bytes, nothing wrong is ever put in place."""

from typing import Any

import pytest
from sqlmodel import delete

from app.kit.ids import decode_id
from app.locations.holdings import AgeIdentity, BackupManifest
from tests.restores.conftest import Restorer


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
    (backup,) = await restorer.shop.take(encryption="none")
    async with restorer.shop.runtime.sessions() as session, session.begin():
        row = await session.get_one(BackupManifest, decode_id("bak", backup["id"]))
        objects = [one | {"sha256": "0" * 64} for one in row.manifest["objects"]]
        row.manifest = row.manifest | {"objects": objects}
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


async def failed(restorer: Restorer, backup: dict[str, Any], name: str, code: str) -> None:
    accepted = await restorer.start(backup, {"kind": "logical_database", "name": name})
    restore, job = await restorer.ended(accepted)
    assert (job["state"], job["error"]["code"]) == ("failed", code), job["error"]
    assert (restore["state"], restore["error"]["code"]) == ("failed", code)
    assert name not in await restorer.databases()
    await restorer.no_traces(accepted)
