"""Files fetched from an address, an object or an upload, and what becomes of them."""

import asyncio
import gzip
import hashlib
from typing import Any

import httpx
import pytest

from app.imports import steps
from app.kit.age import AgeEncryptor, Identity
from app.kit.ids import encode_id
from app.locations.identity import current_recipient
from app.locations.models import Location
from tests.imports.conftest import MOST_BYTES, MOST_UNPACKED, SECRET, Dumps, Files, Importer
from tests.planted import plant


async def backup_of(importer: Importer, found: dict[str, Any]) -> dict[str, Any]:
    backup: dict[str, Any] = await importer.shop.get(f"/v1/backups/{found['backup_id']}")
    return backup


async def test_an_archive_in_gzip_becomes_a_backup_that_is_restored_like_any_other(
    importer: Importer, dumps: Dumps, free_name: str
) -> None:
    packed = gzip.compress(dumps.archive)
    found = await importer.fetched(packed, sha256=hashlib.sha256(packed).hexdigest(), labels={"from": "elsewhere"})
    assert (found["state"], found["format"], found["source_host"]) == ("available", "archive", "127.0.0.1")
    assert (found["size_bytes"], found["unpacked_bytes"]) == (len(packed), len(dumps.archive))
    backup = await backup_of(importer, found)
    assert (backup["origin"], backup["state"], backup["encryption"]) == ("imported", "available", "age")
    assert (backup["logical_database"], backup["tables"], backup["rows"]) == ("dumped", 1, None)
    assert backup["labels"] == {"from": "elsewhere"}
    assert "nobody counted" in backup["warnings"][0]
    manifest = await importer.shop.manifest(backup)
    assert (manifest.counted, manifest.tables, manifest.roles) == (False, (), ("postgres", "seller"))
    assert await importer.shop.archive(backup) == dumps.archive
    assert len(await importer.shop.keys()) == 2
    answer = await importer.shop.post(
        f"/v1/backups/{backup['id']}:restore",
        target={"kind": "logical_database", "name": free_name},
        owner_mode="strip",
    )
    job = await importer.shop.ended(answer.json()["job"])
    assert job["state"] == "succeeded", job["error"]
    assert await importer.value(free_name, "SELECT count(*) FROM orders") == 500
    restore = await importer.shop.get(f"/v1/restores/{answer.json()['restore']['id']}")
    assert any("nobody counted" in one for one in restore["report"]["not_compared"])
    assert [(one["name"], one["expected"], one["equal"]) for one in restore["report"]["tables"]] == [
        ("orders", None, True)
    ]
    answer = await importer.shop.post(f"/v1/imports/{found['id']}:restore", name=free_name)
    assert answer.json()["code"] == "STATE_INVALID"
    job = await importer.shop.ended((await importer.shop.delete(f"/v1/imports/{found['id']}")).json()["job"])
    assert job["state"] == "succeeded", job["error"]
    assert (await backup_of(importer, found))["state"] == "available"
    assert (await importer.shop.get(f"/v1/imports/{found['id']}"))["state"] == "deleted"


async def test_an_object_that_was_encrypted_for_us_is_opened_and_deleted_only_where_it_was_kept(
    importer: Importer, dumps: Dumps
) -> None:
    async with importer.shop.runtime.sessions() as session, session.begin():
        recipient = await current_recipient(session, importer.shop.runtime.key_ring)
    encryptor = AgeEncryptor([recipient])
    store = await importer.shop.store()
    await store.put("old/dump.sql.gz.age", encryptor.update(gzip.compress(dumps.plain)) + encryptor.finish())
    found, job = await importer.ended(
        await importer.start({"kind": "object", "key": "old/dump.sql.gz.age"}, encryption="none")
    )
    assert job["state"] == "succeeded", job["error"]
    assert (found["format"], found["backup_id"], found["unpacked_bytes"]) == ("sql", None, len(dumps.plain))
    (kept,) = [key for key in await importer.shop.keys() if key.startswith(f"imports/{found['id']}/")]
    assert gzip.decompress(await store.get(kept)) == dumps.plain
    await importer.shop.ended((await importer.shop.delete(f"/v1/imports/{found['id']}")).json()["job"])
    assert await importer.shop.keys() == ["old/dump.sql.gz.age"]


async def test_a_file_is_uploaded_in_parts_by_addresses_that_are_given_once(
    importer: Importer, dumps: Dumps, http: httpx.AsyncClient
) -> None:
    source = {"kind": "upload", "size_bytes": len(dumps.archive), "filename": "shop.dump"}
    wish = {"source": source, "database_id": encode_id("db", importer.shop.database.id)}
    headers = importer.shop.headers | {"Idempotency-Key": "an-upload"}
    answer = await importer.shop.client.post("/v1/imports", json=wish, headers=headers)
    assert answer.status_code == 202, answer.text
    accepted = answer.json()
    path = f"/v1/imports/{accepted['import']['id']}"
    assert (accepted["job"], accepted["import"]["state"]) == (None, "awaiting_upload")
    again = (await importer.shop.client.post("/v1/imports", json=wish, headers=headers)).json()
    assert (again["import"]["id"], again["upload"], again["withheld"]) == (accepted["import"]["id"], None, ["upload"])
    parts = []
    for part in accepted["upload"]["parts"]:
        signature = httpx.URL(plant("an address of a part", part["url"])).params["X-Amz-Signature"]
        plant("a signature of a part", signature)
        sent = await http.put(part["url"], content=dumps.archive)
        assert sent.status_code == 200, sent.text
        parts.append({"number": part["number"], "etag": sent.headers["etag"]})
    answer = await importer.shop.post(f"{path}:complete", parts=parts)
    assert answer.status_code == 202, answer.text
    found, job = await importer.ended(answer.json())
    assert job["state"] == "succeeded", job["error"]
    assert (await backup_of(importer, found))["state"] == "available"
    assert not [key for key in await importer.shop.keys() if key.startswith("imports/")]
    answer = await importer.shop.post(f"{path}:complete", parts=parts)
    assert answer.json()["code"] == "STATE_INVALID"


async def test_an_upload_of_another_size_is_not_taken_and_goes_with_its_import(
    importer: Importer, http: httpx.AsyncClient
) -> None:
    accepted = await importer.start({"kind": "upload", "size_bytes": 100})
    path = f"/v1/imports/{accepted['import']['id']}"
    (part,) = accepted["upload"]["parts"]
    sent = await http.put(part["url"], content=b"x" * 99)
    wish = [{"number": 1, "etag": sent.headers["etag"]}]
    for _ in range(2):
        assert (await importer.shop.post(f"{path}:complete", parts=wish)).json()["code"] == "SOURCE_MISMATCH"
    await importer.shop.ended((await importer.shop.delete(path)).json()["job"])
    accepted = await importer.start({"kind": "upload", "size_bytes": 100})
    assert len(await importer.shop.open_uploads()) == 1
    path = f"/v1/imports/{accepted['import']['id']}"
    await importer.shop.ended((await importer.shop.delete(path)).json()["job"])
    assert await importer.shop.open_uploads() == await importer.shop.keys() == []


async def test_what_is_no_whole_dump_fails_with_its_reason_and_leaves_nothing(
    importer: Importer, dumps: Dumps, files: Files
) -> None:
    cases: list[tuple[str, bytes, dict[str, Any]]] = [
        ("SOURCE_FORMAT_UNSUPPORTED", b"PK\x03\x04...", {}),
        ("SOURCE_FORMAT_UNSUPPORTED", b"", {}),
        ("SOURCE_DAMAGED", gzip.compress(dumps.plain)[:-9], {}),
        ("ARCHIVE_DAMAGED", dumps.archive[:-1], {}),
        ("SOURCE_TOO_LARGE", gzip.compress(b"-- \n" * (MOST_UNPACKED // 4 + 1)), {}),
        ("SOURCE_TOO_LARGE", b"-" * (MOST_BYTES + 1), {}),
        ("SOURCE_MISMATCH", b"SELECT 1;", {"sha256": "0" * 64}),
        ("SQL_REFUSED", b"SELECT 1;" * 1000 + b"\0", {}),
    ]
    for code, content, wish in cases:
        error = await importer.refused(content, **wish)
        assert error["code"] == code, (code, error)
    files.head = "404 Not Found"
    assert (await importer.refused(b"nothing"))["code"] == "SOURCE_REFUSED"
    found, job = await importer.ended(await importer.start({"kind": "object", "key": "no/such/object"}))
    assert (found["state"], job["error"]["code"]) == ("failed", "LOCATION_OBJECT_MISSING")


async def test_who_leaves_early_is_asked_again_and_a_failed_one_can_be_retried(
    importer: Importer, files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.jobs.execution.RETRY_BASE_SECONDS", 0.05)
    files.content, files.cut_at = b"SELECT 1;\n" * 1000, 100
    found, job = await importer.ended(await importer.start(files.source()))
    assert (found["state"], job["error"]["code"], files.requests) == ("failed", "NO_ANSWER", 3)
    assert SECRET not in str(found) + str(job)
    files.cut_at = None
    answer = await importer.shop.post(f"/v1/jobs/{job['id']}:retry")
    job = await importer.shop.ended(answer.json())
    assert job["state"] == "succeeded", job["error"]
    assert (await importer.shop.get(f"/v1/imports/{found['id']}"))["error"] is None


async def test_a_cancelled_one_leaves_its_source_at_once_and_nothing_in_the_store(
    importer: Importer, files: Files
) -> None:
    files.content, files.announces, files.holds = b"SELECT 1;\n" * 1000, 1_000_000, True
    accepted = await importer.start(files.source())
    async with asyncio.timeout(30):
        await files.asked.wait()
        while not await importer.shop.open_uploads():
            await asyncio.sleep(0.02)
        assert (await importer.shop.delete(f"/v1/imports/{accepted['import']['id']}")).json()["code"] == "STATE_INVALID"
        await importer.shop.post(f"/v1/jobs/{accepted['job']['id']}:cancel")
        await files.left.wait()
    found, job = await importer.ended(accepted)
    assert (found["state"], job["state"]) == ("cancelled", "cancelled")
    assert await importer.shop.open_uploads() == await importer.shop.keys() == []


async def test_the_parts_of_a_file_are_as_large_as_its_location_needs_them(
    importer: Importer, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[int, int]] = []

    def seen(size_bytes: int, *, max_parts: int) -> int:
        asked.append((size_bytes, max_parts))
        return 0

    monkeypatch.setattr(steps, "part_bytes_for", seen)
    async with importer.shop.runtime.sessions() as session, session.begin():
        (await session.get_one(Location, importer.shop.location.id)).max_parts = 1000
    await importer.fetched(b"SELECT 1;\n")
    assert asked == [(10, 1000)]


async def test_only_an_identity_of_ours_opens_what_is_encrypted(importer: Importer) -> None:
    encryptor = AgeEncryptor([Identity.generate().recipient])
    error = await importer.refused(encryptor.update(b"SELECT 1;") + encryptor.finish())
    assert error["code"] == "SOURCE_DAMAGED"
    assert "other recipients" in error["detail"]
