"""Backups found again by their manifests alone: a real backup, an empty control database, a restore, equal counts."""

import json
from typing import Any
from uuid import uuid4

import pytest
from sqlmodel import col, select

from app.auth.scopes import PRESETS, Preset
from app.auth.service import KeyService
from app.catalogue.schemas import Place, RebuildReport
from app.catalogue.service import CatalogueService
from app.databases.models import Database
from app.kit.age import Identity
from app.kit.ids import decode_id, encode_id, new_id
from app.locations.holdings import Backup, BackupCopy
from app.locations.models import Location
from app.postgres.identifiers import quoted
from app.storage.s3 import S3Location
from tests.backups.conftest import Shop
from tests.catalogue.conftest import Successor, place_of
from tests.control import bearer
from tests.databases.records import add_database
from tests.restores.conftest import ROWS, SCHEMA, know_version, working

pytestmark = pytest.mark.usefixtures("worker")


async def rebuilt(successor: Successor, place: Place, keys: list[Identity]) -> RebuildReport:
    return await CatalogueService(successor.runtime, place).rebuild(keys)


async def key_for(successor: Successor) -> dict[str, str]:
    async with successor.runtime.sessions() as session, session.begin():
        service = KeyService(session, successor.runtime.pepper, successor.runtime.clock)
        _, secret = await service.issue("test", PRESETS[Preset.ADMIN], project_ids=None, expires_in=None, actor="test")
    return bearer(secret.get_secret_value())


async def test_a_backup_is_found_in_the_bucket_and_restored_by_an_installation_that_never_saw_it(
    shop: Shop, successor: Successor, place: Place
) -> None:
    await shop.execute(SCHEMA)
    (backup,) = await shop.take(labels={"why": "the test"})
    report = await rebuilt(successor, place, await shop.identities())
    assert report.added == {"keys": 1, "projects": 1, "locations": 1, "databases": 1, "backups": 1, "copies": 1}
    assert (report.manifests, report.broken, report.without_key, report.warnings) == (1, [], [], [])

    headers = await key_for(successor)
    found = (await successor.client.get(f"/v1/backups/{backup['id']}", headers=headers)).json()
    same = ("set_id", "project_id", "database_id", "logical_database", "origin", "encryption", "options", "labels")
    told = ("rows", "tables", "size_bytes", "snapshot_at", "client_version", "server_version", "created_at", "state")
    assert {name: found[name] for name in same + told} == {name: backup[name] for name in same + told}
    assert found["rows"] == ROWS
    database = (await successor.client.get(f"/v1/databases/{backup['database_id']}", headers=headers)).json()
    assert (database["state"], database["name"]) == ("missing", shop.database.name)

    name = f"restored_{uuid4().hex[:8]}"
    elsewhere = Shop(
        successor.runtime,
        successor.client,
        headers,
        shop.project_id,
        await add_database(successor.runtime, shop.project_id, "new server", target=shop.target),
        shop.target,
        shop.location,
    )
    await know_version(elsewhere, shop.database.server_major or 15)
    restore = {
        "backup_id": backup["id"],
        "target": {"kind": "logical_database", "database_id": encode_id("db", elsewhere.database.id), "name": name},
    }
    try:
        async with working(successor.runtime, wishes_seconds=0.2):
            answer = await elsewhere.post("/v1/restores", **restore)
            assert answer.status_code == 202, answer.text
            job = await elsewhere.ended(answer.json()["job"])
        assert job["state"] == "succeeded", job["error"]
        view = await elsewhere.get(f"/v1/restores/{answer.json()['restore']['id']}")
        assert (view["report"]["equal"], view["report"]["rows"]) == (True, ROWS)
    finally:
        await shop.execute(f"DROP DATABASE IF EXISTS {quoted(name)} WITH (FORCE)", "postgres")


async def test_what_is_there_already_is_left_as_it_is_and_what_is_missing_is_added(
    shop: Shop, successor: Successor, place: Place, s3_location: S3Location
) -> None:
    await shop.execute("CREATE TABLE t AS SELECT generate_series(1, 10) AS n")
    (first,) = await shop.take()
    keys = await shop.identities()
    await rebuilt(successor, place, keys)
    async with successor.runtime.sessions() as session, session.begin():
        (await session.get_one(Backup, decode_id("bak", first["id"]))).labels = {"changed": "here"}
    (second,) = await shop.take()
    store = await shop.store()
    copied = f"{uuid4().hex}/shop"
    other = await shop.runtime.stores.open(place_at(s3_location, copied))
    for key in await shop.keys():
        await other.put(key, await store.get(key))

    again = await rebuilt(successor, place, keys)
    assert again.added == {"backups": 1, "copies": 1}
    assert again.known == 1
    # The whole folder above, as if nobody knew any more which prefixes there were.
    whole = await rebuilt(successor, place_of(s3_location, copied.split("/", maxsplit=1)[0]), keys)
    assert whole.added == {"locations": 1, "copies": 2}
    async with successor.runtime.sessions() as session:
        rows = (await session.exec(select(Backup).order_by(col(Backup.id)))).all()
        assert [encode_id("bak", row.id) for row in rows] == [first["id"], second["id"]]
        assert rows[0].labels == {"changed": "here"}
        assert len((await session.exec(select(Database))).all()) == 1
        locations = (await session.exec(select(Location).order_by(col(Location.id)))).all()
        assert [(one.name, one.is_default) for one in locations] == [("recovered", True), ("recovered-2", False)]
        assert locations[1].prefix == copied
        copies = (await session.exec(select(BackupCopy))).all()
        assert sum(copy.is_primary for copy in copies) == 2
    assert (await rebuilt(successor, place, keys)).added == {}


async def test_what_is_broken_is_told_and_not_added(shop: Shop, successor: Successor, place: Place) -> None:
    await shop.execute("CREATE TABLE t AS SELECT generate_series(1, 10) AS n")
    backups = [(await shop.take(encryption="none"))[0] for _ in range(3)]
    store = await shop.store()
    manifests = {key.split("/")[2]: key for key in await shop.keys() if key.endswith("manifest.json")}
    no_archive, no_globals, good = (manifests[backup["id"]] for backup in backups)
    no_json, misplaced = (good.replace(backups[2]["id"], encode_id("bak", new_id())) for _ in range(2))
    await store.put(no_json, b'{"format": 1, "secret": "hunter22')
    for key, kind in ((no_archive, "archive"), (no_globals, "globals")):
        await store.delete(next(one["key"] for one in await objects(shop, key) if one["kind"] == kind))
    await store.put(misplaced, await store.get(good))
    await store.put("not/a/backup/manifest.json", b"{}")

    report = await rebuilt(successor, place, [Identity.generate()])
    reasons = {one.key: one.reason for one in report.broken}
    assert reasons.keys() == {no_json, no_archive, misplaced}
    assert "no manifest of this version" in reasons[no_json]
    assert "hunter22" not in str(report)
    assert "archive object" in reasons[no_archive]
    assert "another backup" in reasons[misplaced]
    assert (report.added["backups"], report.without_key) == (2, [])
    async with successor.runtime.sessions() as session:
        row = await session.get_one(Backup, decode_id("bak", backups[1]["id"]))
        assert "globals object" in row.warnings[-1]


async def test_a_backup_that_no_key_opens_is_added_and_told(shop: Shop, successor: Successor, place: Place) -> None:
    await shop.execute("CREATE TABLE t AS SELECT generate_series(1, 10) AS n")
    escrow = Identity.generate()
    path = f"/v1/projects/{encode_id('prj', shop.project_id)}/escrow-recipients"
    wish = {"recipients": [{"recipient": str(escrow.recipient), "name": "the safe"}]}
    assert (await shop.client.put(path, json=wish, headers=shop.headers)).status_code == 200
    (backup,) = await shop.take()
    manifest = await shop.manifest(backup)
    ours = (await shop.identities())[0].recipient
    assert manifest.recipients == (str(ours), str(escrow.recipient))
    report = await rebuilt(successor, place, [Identity.generate()])
    assert report.without_key == [backup["id"]]
    # The key in escrow opens what ours does.
    assert (await rebuilt(successor, place, [escrow])).without_key == []
    download = (await shop.post(f"/v1/backups/{backup['id']}/downloads", object="globals")).json()
    assert download["recipients"] == [str(ours), str(escrow.recipient)]


async def objects(shop: Shop, key: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(await (await shop.store()).get(key))["objects"]
    return found


def place_at(at: S3Location, prefix: str) -> S3Location:
    return S3Location(
        endpoint_url=at.endpoint_url,
        bucket=at.bucket,
        region=at.region,
        addressing_style="path",
        access_key_id=at.access_key_id,
        secret_access_key=at.secret_access_key,
        prefix=prefix,
    )
