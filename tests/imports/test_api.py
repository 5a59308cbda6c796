"""Who may import what, what a dry run answers, and what a location is still needed for."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import uuid4

from sqlmodel import select

from app.auth.scopes import Scope
from app.imports.models import Import, ImportState
from app.imports.tasks import watch
from app.kit.ids import encode_id
from app.storage.store import MIB
from tests.backups.conftest import Shop
from tests.control import KeyFactory, bearer
from tests.imports.conftest import MOST_BYTES


def wish(shop: Shop, **changes: Any) -> dict[str, Any]:
    source = {"kind": "url", "url": "https://files.example.com/dump"}
    return {"source": source, "database_id": encode_id("db", shop.database.id)} | changes


UPLOAD = {"kind": "upload", "size_bytes": 40 * MIB // 16}


async def test_another_project_sees_none_and_scopes_are_needed(shop: Shop, key_factory: KeyFactory) -> None:
    accepted = (await shop.post("/v1/imports", **wish(shop))).json()
    path = f"/v1/imports/{accepted['import']['id']}"
    stranger = bearer(await key_factory(*Scope, projects=[uuid4()]))
    assert (await shop.client.get(path, headers=stranger)).status_code == 404
    assert (await shop.client.get("/v1/imports", headers=stranger)).json()["data"] == []
    once = {"Idempotency-Key": "once"}
    for method, where, body in (
        ("POST", "/v1/imports", wish(shop)),
        ("POST", f"{path}:complete", {"parts": [{"number": 1, "etag": "x"}]}),
        ("POST", f"{path}:restore", {"name": "x"}),
        ("DELETE", path, None),
    ):
        answer = await shop.client.request(method, where, json=body, headers=stranger | once)
        assert answer.status_code == 404, where
        reader = bearer(await key_factory(Scope.BACKUPS_READ))
        answer = await shop.client.request(method, where, json=body, headers=reader | once)
        assert answer.status_code == 403, where
    (listed,) = (await shop.get(f"/v1/imports?database_id={accepted['import']['database_id']}"))["data"]
    assert listed == accepted["import"]
    answer = await shop.client.get(path, headers=shop.headers)
    tag = {"If-None-Match": answer.headers["etag"]}
    assert (await shop.client.get(path, headers=shop.headers | tag)).status_code == 304


async def test_a_dry_run_begins_nothing(shop: Shop) -> None:
    for source in (UPLOAD, {"kind": "object", "key": "a"}):
        answer = await shop.post("/v1/imports?dry_run=true", **wish(shop, source=source))
        assert (answer.status_code, answer.json()["upload"]) == (202, None)
    assert (await shop.get("/v1/imports"))["data"] == []
    assert (await shop.get("/v1/jobs?kind=import.fetch"))["data"] == []
    assert await shop.open_uploads() == []


async def test_what_cannot_be_is_refused_at_once(shop: Shop) -> None:
    cases: list[tuple[dict[str, Any], str]] = [
        ({"source": {"kind": "upload", "size_bytes": MOST_BYTES + 1}}, "SOURCE_TOO_LARGE"),
        ({"source": {"kind": "upload", "size_bytes": 0}}, "VALIDATION_FAILED"),
        ({"location_id": "loc_0000000000000000000000000y"}, "NOT_FOUND"),
        ({"source": {"kind": "object", "key": "a", "location_id": "loc_0000000000000000000000000y"}}, "NOT_FOUND"),
        ({"sha256": "ABC"}, "VALIDATION_FAILED"),
    ]
    for changes, code in cases:
        assert (await shop.post("/v1/imports", **wish(shop, **changes))).json()["code"] == code


async def test_only_what_is_there_is_restored_and_a_location_is_kept_for_it(shop: Shop) -> None:
    accepted = (await shop.post("/v1/imports", **wish(shop))).json()
    path = f"/v1/imports/{accepted['import']['id']}"
    assert (await shop.post(f"{path}:restore", name="x")).json()["code"] == "STATE_INVALID"
    assert (await shop.delete(path)).json()["code"] == "STATE_INVALID"
    location = f"/v1/locations/{accepted['import']['location_id']}"
    assert (await shop.delete(location)).json()["code"] == "HAS_DEPENDENTS"
    job = (await shop.post(f"/v1/jobs/{accepted['job']['id']}:cancel")).json()
    assert job["state"] == "cancelled"
    assert (await shop.get(path))["state"] == "cancelled"
    assert (await shop.delete(location)).status_code == 204


async def test_an_upload_that_nobody_completes_ends_by_itself(shop: Shop) -> None:
    accepted = (await shop.post("/v1/imports", **wish(shop, source=UPLOAD))).json()
    path = f"/v1/imports/{accepted['import']['id']}"
    await watch(shop.runtime)
    assert (await shop.get(path))["state"] == "awaiting_upload"
    async with shop.runtime.sessions() as session, session.begin():
        row = (await session.exec(select(Import))).one()
        row.created_at -= timedelta(hours=25)
    await watch(shop.runtime)
    found = await shop.get(path)
    assert (found["state"], found["error"]["code"]) == (ImportState.FAILED, "UPLOAD_EXPIRED")


async def test_a_second_completion_at_the_same_time_starts_no_second_job(shop: Shop) -> None:
    accepted = (await shop.post("/v1/imports", **wish(shop, source=UPLOAD | {"size_bytes": 4}))).json()
    path = f"/v1/imports/{accepted['import']['id']}"
    async with shop.runtime.sessions() as session:
        row = (await session.exec(select(Import))).one()
    assert row.source_key is not None
    await (await shop.store()).put(row.source_key, b"-- x")  # as if another call had just put the parts together
    assert row.upload_id is not None
    await (await shop.store()).abort(row.source_key, row.upload_id)
    parts = [{"number": 1, "etag": "x"}]
    answers = await asyncio.gather(*(shop.post(f"{path}:complete", parts=parts) for _ in range(2)))
    assert sorted(answer.status_code for answer in answers) == [202, 409]
    assert len((await shop.get("/v1/jobs?kind=import.fetch"))["data"]) == 1
