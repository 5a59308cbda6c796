"""V0 and V1: what is wrong with a copy is found, laid to its charge, and forgotten once it is mended."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, cast
from uuid import uuid4

import pytest

from app.kit.ids import decode_id, encode_id, new_id
from app.locations.holdings import Backup, BackupState, VerificationLevel
from app.locations.models import Location
from app.storage.s3 import S3Location
from app.verifications import tasks
from app.verifications.copies import checked_copy
from app.verifications.schemas import CopyResult, VerifyBackup
from app.verifications.subject import Subject, VerifyRun
from tests.backups.conftest import make_location
from tests.verifications.conftest import Verifier

Damage = Callable[[bytes], bytes | None]


def flipped(where: float) -> Damage:
    def flip(stored: bytes) -> bytes:
        changed = bytearray(stored)
        changed[int((len(stored) - 1) * where)] ^= 0x10
        return bytes(changed)

    return flip


def cut(stored: bytes) -> bytes:
    return stored[:-1]


def gone(_: bytes) -> None:
    return None


def other(stored: bytes) -> bytes:
    return stored.replace(b'"rows":500', b'"rows":501')


# Where, what, and the levels that notice it.
DAMAGES: list[tuple[str, str, Damage, set[str]]] = [
    ("a byte in the middle", "archive", flipped(0.5), {"V1"}),
    ("the last byte", "archive", flipped(1.0), {"V0", "V1"}),
    ("the first byte", "archive", flipped(0.0), {"V0", "V1"}),
    ("the end is missing", "archive", cut, {"V0", "V1"}),
    ("no archive", "archive", gone, {"V0", "V1"}),
    ("a byte of the roles", "globals", flipped(0.9), {"V0", "V1"}),
    ("no roles", "globals", gone, {"V0", "V1"}),
    ("no manifest", "manifest", gone, {"V0", "V1"}),
    ("half a manifest", "manifest", cut, {"V0", "V1"}),
    ("another manifest", "manifest", other, {"V0", "V1"}),
]


class Quiet:
    """A run without a job."""

    def __init__(self, level: str) -> None:
        self.args = VerifyBackup(backup_id=new_id(), level=VerificationLevel(level))

    def report(self, **_: Any) -> None:
        """Nobody listens."""

    @asynccontextmanager
    async def moving(self) -> AsyncIterator[None]:
        yield


@pytest.mark.parametrize("encryption", ["age", "none"])
async def test_every_kind_of_damage_is_found_by_its_level(verifier: Verifier, encryption: str) -> None:
    shop = verifier.shop
    (backup,) = await shop.take(encryption=encryption)
    store, manifest = await shop.store(), await shop.manifest(backup)
    keys = {stored.kind.value: stored.key for stored in manifest.objects}
    keys["manifest"] = next(key for key in await shop.keys() if key.endswith("manifest.json"))
    subject = Subject(await shop.row(backup), manifest, [shop.location], await shop.identities())

    async def result(level: str) -> CopyResult:
        run = cast("VerifyRun", Quiet(level))
        return (await checked_copy(shop.runtime, run, subject, shop.location)).result

    for what, where, damage, noticed_by in DAMAGES:
        whole = await store.get(keys[where])
        damaged = damage(whole)
        await store.delete(keys[where])
        if damaged is not None:
            await store.put(keys[where], damaged)
        # The ends of an archive that is not encrypted have no digest of their own.
        blind = {"V0"} if encryption == "none" and what == "the last byte" else set()
        found = {level for level in ("V0", "V1") if await result(level) is CopyResult.DAMAGED}
        assert found == noticed_by - blind, what
        await store.put(keys[where], whole)
    assert {await result("V0"), await result("V1")} == {CopyResult.PASSED}


async def test_the_damaged_copy_does_not_count_until_it_is_mended(verifier: Verifier, backup: dict[str, Any]) -> None:
    shop, location_id = verifier.shop, encode_id("loc", verifier.shop.location.id)
    store, key = await shop.store(), (await shop.manifest(backup)).archive_object.key
    whole = await store.get(key)
    await store.put(key, flipped(0.5)(whole) or b"")
    verification, job = await verifier.verified(backup, level="V1")
    assert (verification["state"], job["state"], job["error"]["code"]) == ("failed", "failed", "VERIFICATION_FAILED")
    after = await verifier.backup(backup)
    assert (after["state"], after["verification"], after["verified_at"]) == ("partial", "failed", None)
    assert after["copies"][0]["state"] == "corrupt"
    assert await verifier.alerts() == ["backup.verify_failed"]
    answer = await shop.post(f"/v1/backups/{backup['id']}:verify", level="V1")
    assert (answer.status_code, answer.json()["code"]) == (409, "COPY_MISSING")

    await store.put(key, whole)
    verification, _ = await verifier.verified(backup, level="V1", location_id=location_id)
    mended = await verifier.backup(backup)
    assert (verification["state"], mended["state"]) == ("passed", "available")
    assert mended["copies"][0]["state"] == "available"
    assert (mended["verification"], mended["verification_level"]) == ("passed", "V1")
    assert await verifier.alerts() == []


@pytest.fixture
async def two(verifier: Verifier, s3_location: S3Location) -> tuple[Location, Location]:
    shop, at = verifier.shop, replace(s3_location, prefix=uuid4().hex)
    second = await make_location(shop.client, shop.headers, shop.runtime, shop.project_id, at, "second")
    return shop.location, second


async def copied(verifier: Verifier, two: tuple[Location, Location]) -> dict[str, Any]:
    """A backup with a good copy in both."""
    backup = await verifier.shop.take_and_copy(location_ids=[encode_id("loc", one.id) for one in two])
    assert [copy["state"] for copy in backup["copies"]] == ["available", "available"]
    return backup


async def test_one_damaged_copy_of_two_leaves_a_backup_that_passed_and_an_alert(
    verifier: Verifier, two: tuple[Location, Location]
) -> None:
    backup = await copied(verifier, two)
    key = (await verifier.shop.manifest(backup)).archive_object.key
    await (await verifier.shop.store(two[1])).delete(key)

    verification, job = await verifier.verified(backup, level="V1")

    assert (verification["state"], job["state"]) == ("failed", "failed")
    results = {check["location_id"]: check["result"] for check in verification["report"]["copies"]}
    assert results == {encode_id("loc", two[0].id): "passed", encode_id("loc", two[1].id): "damaged"}
    after = await verifier.backup(backup)
    assert (after["state"], after["verification"]) == ("partial", "passed")
    assert [copy["state"] for copy in after["copies"]] == ["available", "corrupt"]
    assert await verifier.alerts() == ["backup.verify_failed"]

    await tasks.watch(verifier.shop.runtime)
    assert await verifier.alerts() == ["backup.verify_failed"]
    async with verifier.shop.runtime.sessions() as session, session.begin():
        row = await session.get_one(Backup, decode_id("bak", backup["id"]))
        row.state = BackupState.DELETED
    await tasks.watch(verifier.shop.runtime)
    assert await verifier.alerts() == []
    assert "backups_unverified_seconds" in (await verifier.shop.client.get("/metrics")).text


async def test_a_location_that_does_not_answer_tells_nothing_about_the_backup(
    verifier: Verifier, two: tuple[Location, Location]
) -> None:
    backup = await copied(verifier, two)
    shop = verifier.shop

    async def away(location: Location, bucket: str) -> None:
        async with shop.runtime.sessions() as session, session.begin():
            row = await session.get_one(Location, location.id)
            row.bucket = bucket

    await away(two[1], "gone-since")
    verification, job = await verifier.verified(backup, level="V0")
    assert (verification["state"], job["state"]) == ("passed", "succeeded")
    assert "was not looked at" in job["warnings"][0]
    before = await verifier.backup(backup)

    await away(two[0], "gone-since")
    verification, job = await verifier.verified(backup, level="V1")
    assert (verification["state"], job["state"]) == ("inconclusive", "failed")
    assert job["error"]["code"] == "LOCATIONS_UNREACHABLE"
    after = await verifier.backup(backup)
    assert [after[name] for name in ("state", "verification", "verified_at")] == [
        before[name] for name in ("state", "verification", "verified_at")
    ]
    assert await verifier.alerts() == []
