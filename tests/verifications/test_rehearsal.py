"""V2: a backup restored into a server of its own, and compared."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.kit.ids import decode_id
from app.locations.holdings import BackupManifest
from app.verifications import rehearsal
from tests.verifications.conftest import ROWS, TABLES, Verifier

Manifest = dict[str, Any]


async def rewrite(verifier: Verifier, backup: dict[str, Any], change: Callable[[Manifest], Manifest]) -> Manifest:
    """The manifest as it was."""
    async with verifier.shop.runtime.sessions() as session, session.begin():
        row = await session.get_one(BackupManifest, decode_id("bak", backup["id"]))
        before, row.manifest = row.manifest, change(row.manifest)
    return before


async def test_a_good_backup_passes_with_everything_compared(verifier: Verifier, backup: dict[str, Any]) -> None:
    verification, job = await verifier.verified(backup)

    assert job["state"] == "succeeded", job["error"]
    assert (verification["state"], verification["rows"]) == ("passed", ROWS)
    rehearsal = verification["report"]["rehearsal"]
    assert rehearsal["equal"]
    assert [table["same_content"] for table in rehearsal["tables"]] == [True] * TABLES
    assert rehearsal["contents"]["share_of_tables"] == rehearsal["contents"]["share_of_rows"] == 1.0
    assert rehearsal["constraints"]["not_valid_found"] == ["public.orders.never_checked"]
    assert {one["name"] for one in rehearsal["extensions"]} == {"citext", "plpgsql"}
    assert rehearsal["left_out"] == ["EVENT TRIGGER noted"]
    assert rehearsal["large_objects"] == {"expected": 1, "found": 1, "equal": True}
    after = await verifier.backup(backup)
    assert (after["verification"], after["verification_level"]) == ("passed", "V2")
    assert after["verified_at"]
    assert verifier.scratch() == []
    events = await verifier.shop.get(f"/v1/databases/{backup['database_id']}/events")
    assert [event["type"] for event in events["data"]].count("backup.verified") == 1
    # A lower level that passes says nothing new.
    assert (await verifier.verified(backup, level="V0"))[0]["state"] == "passed"
    later = await verifier.backup(backup)
    assert (later["verification_level"], later["verified_at"]) == ("V2", after["verified_at"])
    found = await verifier.shop.get(f"/v1/backups/{backup['id']}/verifications")
    assert [one["level"] for one in found["data"]] == ["V0", "V2"]


async def test_a_backup_whose_rows_are_not_those_that_were_counted_fails_until_one_passes(
    verifier: Verifier, backup: dict[str, Any]
) -> None:
    def one_more(manifest: Manifest) -> Manifest:
        first, *others = manifest["tables"]
        return manifest | {"tables": [first | {"rows": first["rows"] + 1}, *others]}

    whole = await rewrite(verifier, backup, one_more)
    verification, job = await verifier.verified(backup)
    assert (verification["state"], verification["error"]["code"]) == ("failed", "BACKUP_BAD")
    assert "public.customers has 500 instead of 501" in verification["error"]["detail"]
    assert (job["error"]["code"], job["error"]["retryable"]) == ("VERIFICATION_FAILED", False)
    after = await verifier.backup(backup)
    assert (after["verification"], after["verification_level"], after["verified_at"]) == ("failed", "V2", None)
    # No copy is to blame.
    assert (after["state"], after["copies"][0]["state"]) == ("available", "available")
    assert await verifier.alerts() == ["backup.verify_failed"]

    await rewrite(verifier, backup, lambda _: whole)
    assert (await verifier.verified(backup, level="V1"))[0]["state"] == "passed"
    assert (await verifier.backup(backup))["verification"] == "failed"
    assert await verifier.alerts() == ["backup.verify_failed"]

    assert (await verifier.verified(backup))[0]["state"] == "passed"
    assert await verifier.alerts() == []


async def test_what_this_machine_lacks_is_named_and_is_nothing_against_the_backup(
    verifier: Verifier, backup: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(rehearsal, "free_bytes", lambda _: 1024)
        verification, job = await verifier.verified(backup)
    assert (verification["state"], job["error"]["code"]) == ("inconclusive", "SCRATCH_DISK_SHORT")
    assert job["error"]["free_bytes"] == 1024 < job["error"]["needed_bytes"]
    assert (await verifier.backup(backup))["verification"] == "none"

    def extended(manifest: Manifest) -> Manifest:
        extra = {"name": "hyperspace", "version": "1.0", "schema": "public"}
        return manifest | {"extensions": [*manifest["extensions"], extra]}

    def newer(manifest: Manifest) -> Manifest:
        return manifest | {"versions": manifest["versions"] | {"server_major": 99}}

    for change, missing in ((extended, "hyperspace"), (newer, "postgresql-99")):
        await rewrite(verifier, backup, change)
        verification, job = await verifier.verified(backup)
        assert (verification["state"], job["state"]) == ("unverifiable", "succeeded")
        assert verification["error"]["missing"] == [missing]
        assert missing in job["warnings"][0]
    assert (await verifier.backup(backup))["verification"] == "unverifiable"
    assert await verifier.alerts() == []
    assert verifier.scratch() == []


async def test_code_in_a_backup_does_not_run_with_the_rights_of_a_superuser(
    verifier: Verifier, server_directory: Path
) -> None:
    """A check runs while rows are loaded, by whoever loads them; a superuser could start programs on this machine."""
    trace = server_directory / "trace"
    await verifier.shop.execute(f"""
        CREATE FUNCTION harmless(int) RETURNS boolean LANGUAGE plpgsql AS $$
        BEGIN
            IF current_database() = 'rehearsal' THEN COPY (SELECT 1) TO PROGRAM 'touch {trace}'; END IF;
            RETURN true;
        END $$;
        CREATE TABLE trap (n int CHECK (harmless(n))); INSERT INTO trap VALUES (1);
    """)
    (backup,) = await verifier.shop.take()
    verification, _ = await verifier.verified(backup)
    assert (verification["state"], verification["error"]["missing"]) == ("unverifiable", ["superuser"])
    assert not trace.exists()


async def test_a_cancelled_one_ends_at_once_and_leaves_nothing(verifier: Verifier) -> None:
    await verifier.shop.execute("""
        CREATE FUNCTION slow(int) RETURNS boolean LANGUAGE plpgsql AS $$
        BEGIN IF current_database() = 'rehearsal' THEN PERFORM pg_sleep(600); END IF; RETURN true; END $$;
        CREATE TABLE slow (n int CHECK (slow(n))); INSERT INTO slow VALUES (1);
    """)
    (backup,) = await verifier.shop.take()
    accepted = await verifier.start(backup)
    again = await verifier.start(backup)
    assert again["verification"]["id"] == accepted["verification"]["id"]
    async with asyncio.timeout(60):
        while "COPY" not in await doing(verifier, accepted) and "data" not in await doing(verifier, accepted):
            await asyncio.sleep(0.05)
    assert verifier.scratch() != []
    await verifier.shop.post(f"/v1/jobs/{accepted['job']['id']}:cancel")
    job = await verifier.shop.ended(accepted["job"])
    assert job["state"] == "cancelled"
    found = await verifier.shop.get(f"/v1/verifications/{accepted['verification']['id']}")
    assert found["state"] == "cancelled"
    assert (await verifier.backup(backup))["verification"] == "none"
    assert verifier.scratch() == []


async def doing(verifier: Verifier, accepted: dict[str, Any]) -> str:
    job = await verifier.shop.get(accepted["job"]["links"]["self"])
    return " ".join(str(step["detail"]) for step in job["progress"]["steps"])
