import asyncio
from dataclasses import replace
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlmodel import col, select

from app.auth.models import AuditEvent
from app.auth.scopes import PRESETS, Preset
from app.backups.models import Backup, BackupCopy, CopyState
from app.events.models import DomainEvent
from app.jobs.models import Schedule
from app.kit.ids import decode_id, encode_id, new_id
from app.locations import probing
from app.locations.access import open_store
from app.locations.models import Location
from app.locations.repository import LocationRepository
from app.runtime import Runtime
from app.storage.retries import Retries
from tests.control import KeyFactory, bearer
from tests.databases.records import add_database, create_project
from tests.locations.conftest import Creator
from tests.object_store import HASTY

ONCE = Retries(attempts=1, base_seconds=0, cap_seconds=0)


async def row_of(runtime: Runtime, view: dict[str, Any]) -> Location:
    async with runtime.sessions() as session:
        location = await LocationRepository(session).find(decode_id("loc", view["id"]))
    assert location is not None
    return location


async def test_a_location_is_tried_out_and_then_shown_without_its_secret(
    client: httpx.AsyncClient, as_admin: dict[str, str], create: Creator, wish: dict[str, Any], runtime: Runtime
) -> None:
    made = await create()
    assert made.status_code == 201, made.text
    view = made.json()
    assert {name: view[name] for name in wish if name != "secret_access_key"} == {
        name: value for name, value in wish.items() if name != "secret_access_key"
    }
    assert (view["state"], view["is_default"], view["probe_error"]) == ("available", True, None)
    assert set(view["capabilities"]) == {
        "honours_if_none_match", "lists_uploads", "keeps_versions", "object_lock", "sse"
    }  # fmt: skip
    read = await client.get(made.headers["location"], headers=as_admin)
    listed = await client.get("/v1/locations", headers=as_admin)
    assert read.json() == listed.json()["data"][0] == view
    assert wish["secret_access_key"] not in made.text + read.text + listed.text
    row = await row_of(runtime, view)
    assert wish["secret_access_key"].encode() not in row.secret_key_sealed
    store = await open_store(runtime.stores, runtime.key_ring, row)
    assert [found.key async for found in store.list()] == []


async def test_wrong_credentials_are_refused_and_nothing_is_stored(
    client: httpx.AsyncClient, as_admin: dict[str, str], create: Creator
) -> None:
    answer = await create(secret_access_key="another secret")
    assert (answer.status_code, answer.json()["code"]) == (422, "LOCATION_PROBE_FAILED")
    assert answer.json()["cause"]["code"] == "LOCATION_ACCESS_DENIED"
    assert answer.json()["cause"]["step"] == "write"
    assert "another secret" not in answer.text
    assert (await client.get("/v1/locations", headers=as_admin)).json()["data"] == []


async def test_a_bucket_that_is_not_there_is_the_cause(create: Creator) -> None:
    answer = await create(bucket="no-such-bucket")
    assert answer.json()["code"] == "LOCATION_PROBE_FAILED"
    assert answer.json()["cause"]["code"] in ("LOCATION_BUCKET_MISSING", "LOCATION_ACCESS_DENIED")


async def test_an_endpoint_without_an_answer_is_the_cause(create: Creator) -> None:
    answer = await create(endpoint_url="http://127.0.0.1:1")
    assert answer.json()["code"] == "LOCATION_PROBE_FAILED"
    assert (answer.json()["cause"]["code"], answer.json()["cause"]["retryable"]) == ("LOCATION_UNREACHABLE", True)


async def test_plain_http_needs_a_word_of_the_caller(create: Creator) -> None:
    answer = await create(allow_insecure=False)
    assert (answer.status_code, answer.json()["code"]) == (422, "ENDPOINT_FORBIDDEN")


@pytest.mark.parametrize(
    "change",
    [
        {"bucket": "a/b"},
        {"bucket": ""},
        {"prefix": "a//b"},
        {"prefix": "../a"},
        {"prefix": "a b"},
        {"region": "eu west"},
        {"name": "copies/2"},
        {"addressing": "dns"},
        {"secret_access_key": ""},
        {"access_key_id": "a\nb"},
        {"endpoint_url": "http://a b"},
        {"is_defualt": True},
        {"project_id": "prj_1"},
    ],
)
async def test_what_cannot_be_a_location_is_refused_without_a_call(create: Creator, change: dict[str, Any]) -> None:
    answer = await create(**change)
    assert (answer.status_code, answer.json()["code"]) == (422, "VALIDATION_FAILED")


@pytest.mark.parametrize("url", ["ftp://127.0.0.1", "http://user:pass@127.0.0.1", "http://127.0.0.1/x", "nowhere"])
async def test_what_is_no_endpoint_is_forbidden(create: Creator, url: str) -> None:
    answer = await create(endpoint_url=url)
    assert (answer.status_code, answer.json()["code"]) == (422, "ENDPOINT_FORBIDDEN")
    assert "pass" not in answer.json()["detail"]


async def test_one_place_is_one_location_however_it_is_spelt(create: Creator, wish: dict[str, Any]) -> None:
    assert (await create()).status_code == 201
    again = await create(
        name="again", prefix=f"/{wish['prefix']}/", endpoint_url=wish["endpoint_url"].replace("http", "HTTP") + "/"
    )
    assert (again.status_code, again.json()["code"]) == (409, "LOCATION_EXISTS")


async def test_a_name_belongs_to_one_location_of_the_project(
    client: httpx.AsyncClient, as_admin: dict[str, str], create: Creator, wish: dict[str, Any]
) -> None:
    assert (await create()).status_code == 201
    again = await create(prefix=f"{wish['prefix']}/other")
    assert (again.status_code, again.json()["code"]) == (409, "NAME_TAKEN")
    other = await create_project(client, as_admin, "other")
    assert (await create(project_id=encode_id("prj", other))).status_code == 201


async def test_a_project_that_is_not_the_callers_does_not_exist(
    client: httpx.AsyncClient,
    as_admin: dict[str, str],
    create: Creator,
    wish: dict[str, Any],
    key_factory: KeyFactory,
    project_id: UUID,
) -> None:
    made = await create()
    other = await create_project(client, as_admin, "other")
    headers = bearer(await key_factory(*PRESETS[Preset.ADMIN], projects=[other]))
    path = made.headers["location"]
    for answer in (
        await client.post("/v1/locations", json=wish, headers=headers),
        await client.get(path, headers=headers),
        await client.patch(path, json={"name": "mine"}, headers=headers),
        await client.delete(path, headers=headers),
        await client.post(f"{path}:probe", headers=headers),
        await create(project_id=encode_id("prj", new_id())),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")
    assert (await client.get("/v1/locations", headers=headers)).json()["data"] == []
    query = f"?project_id={encode_id('prj', project_id)}"
    assert (await client.get(f"/v1/locations{query}", headers=headers)).json()["data"] == []
    assert len((await client.get(f"/v1/locations{query}", headers=as_admin)).json()["data"]) == 1


async def test_locations_come_in_pages(
    client: httpx.AsyncClient, as_admin: dict[str, str], create: Creator, wish: dict[str, Any]
) -> None:
    for number in range(3):
        assert (await create(name=f"copies {number}", prefix=f"{wish['prefix']}/{number}")).status_code == 201
    first = (await client.get("/v1/locations?limit=2", headers=as_admin)).json()
    second = (await client.get(f"/v1/locations?limit=2&cursor={first['next_cursor']}", headers=as_admin)).json()
    names = [entry["name"] for page in (first, second) for entry in page["data"]]
    assert names == ["copies 2", "copies 1", "copies 0"]


async def test_a_project_has_one_default_the_first_until_another_is_chosen(
    client: httpx.AsyncClient, as_admin: dict[str, str], create: Creator, wish: dict[str, Any], runtime: Runtime
) -> None:
    async def defaults() -> list[str]:
        listed = (await client.get("/v1/locations", headers=as_admin)).json()["data"]
        return [entry["name"] for entry in listed if entry["is_default"]]

    await create(name="first")
    second = await create(name="second", prefix=f"{wish['prefix']}/2")
    assert await defaults() == ["first"]
    await create(name="third", prefix=f"{wish['prefix']}/3", is_default=True)
    assert await defaults() == ["third"]
    changed = await client.patch(second.headers["location"], json={"is_default": True}, headers=as_admin)
    assert changed.json()["is_default"] is True
    assert await defaults() == ["second"]
    async with runtime.sessions() as session:
        default = await LocationRepository(session).default_of(decode_id("prj", wish["project_id"]), hold=True)
    assert default is not None
    assert default.name == "second"
    await client.patch(second.headers["location"], json={"is_default": False}, headers=as_admin)
    assert await defaults() == []


async def test_two_defaults_at_the_same_time_leave_one(
    client: httpx.AsyncClient, as_admin: dict[str, str], create: Creator, wish: dict[str, Any]
) -> None:
    made = [await create(name=f"l{number}", prefix=f"{wish['prefix']}/{number}") for number in range(3)]
    wishes = [client.patch(one.headers["location"], json={"is_default": True}, headers=as_admin) for one in made]
    assert [answer.status_code for answer in await asyncio.gather(*wishes)] == [200, 200, 200]
    listed = (await client.get("/v1/locations", headers=as_admin)).json()["data"]
    assert sum(entry["is_default"] for entry in listed) == 1


async def test_new_credentials_are_tried_out_before_they_replace_the_old(
    client: httpx.AsyncClient, as_admin: dict[str, str], create: Creator, wish: dict[str, Any], runtime: Runtime
) -> None:
    made = await create()
    path, before = made.headers["location"], await row_of(runtime, made.json())
    wrong = await client.patch(path, json={"secret_access_key": "wrong"}, headers=as_admin)
    assert (wrong.status_code, wrong.json()["code"]) == (422, "LOCATION_PROBE_FAILED")
    assert (await row_of(runtime, made.json())).secret_key_sealed == before.secret_key_sealed
    good = {"access_key_id": wish["access_key_id"], "secret_access_key": wish["secret_access_key"], "name": "renamed"}
    changed = await client.patch(path, json=good, headers=as_admin)
    assert (changed.status_code, changed.json()["name"]) == (200, "renamed")
    after = await row_of(runtime, made.json())
    assert after.secret_key_sealed != before.secret_key_sealed
    store = await open_store(runtime.stores, runtime.key_ring, after)
    assert await store.head("nothing") is None
    half = await client.patch(path, json={"access_key_id": "alone"}, headers=as_admin)
    assert (half.status_code, half.json()["code"]) == (422, "VALIDATION_FAILED")


async def test_a_change_names_the_revision_it_was_decided_on(
    client: httpx.AsyncClient, as_admin: dict[str, str], create: Creator
) -> None:
    made = await create()
    path, tag = made.headers["location"], made.headers["etag"]
    assert (await client.get(path, headers=as_admin | {"If-None-Match": tag})).status_code == 304
    changed = await client.patch(path, json={"name": "renamed"}, headers=as_admin | {"If-Match": tag})
    assert changed.status_code == 200
    late = await client.patch(path, json={"name": "late"}, headers=as_admin | {"If-Match": tag})
    assert (late.status_code, late.json()["current_etag"]) == (412, changed.headers["etag"])


async def test_a_probe_tells_and_keeps_what_it_found(
    client: httpx.AsyncClient, as_admin: dict[str, str], create: Creator, runtime: Runtime
) -> None:
    made = await create()
    path = made.headers["location"]
    good = await client.post(f"{path}:probe", headers=as_admin)
    assert (good.status_code, good.json()["passed"], good.json()["error"]) == (200, True, None)
    assert {"write", "read", "delete"} <= set(good.json()["seconds"])
    async with runtime.sessions() as session, session.begin():
        row = await LocationRepository(session).get(decode_id("loc", made.json()["id"]), None, change=True)
        assert row is not None
        row.endpoint_url = "http://127.0.0.1:1"
    bad = await client.post(f"{path}:probe", headers=as_admin)
    assert (bad.status_code, bad.json()["passed"], bad.json()["error"]["code"]) == (200, False, "LOCATION_UNREACHABLE")
    view = (await client.get(path, headers=as_admin)).json()
    assert (view["state"], view["probe_error"]["code"]) == ("unreachable", "LOCATION_UNREACHABLE")


async def test_a_location_that_the_operator_no_longer_allows_fails_its_probe(
    client: httpx.AsyncClient, as_admin: dict[str, str], create: Creator, runtime: Runtime
) -> None:
    made = await create()
    async with runtime.sessions() as session, session.begin():
        row = await LocationRepository(session).get(decode_id("loc", made.json()["id"]), None, change=True)
        assert row is not None
        row.allow_insecure = False
    answer = await client.post(f"{made.headers['location']}:probe", headers=as_admin)
    assert (answer.json()["passed"], answer.json()["error"]["code"]) == (False, "ENDPOINT_FORBIDDEN")


async def test_a_deleted_location_is_forgotten_with_its_secret_and_its_sweeps(
    client: httpx.AsyncClient, as_admin: dict[str, str], create: Creator, runtime: Runtime
) -> None:
    made = await create()
    async with runtime.sessions() as session:
        (schedule,) = (await session.exec(select(Schedule))).all()
    assert (schedule.kind, schedule.args) == ("location.sweep", {"location_id": made.json()["id"]})
    assert (await client.delete(made.headers["location"], headers=as_admin)).status_code == 204
    assert (await client.get(made.headers["location"], headers=as_admin)).status_code == 404
    assert (await client.post(f"{made.headers['location']}:probe", headers=as_admin)).status_code == 404
    row = await row_of(runtime, made.json())
    assert (row.state, row.secret_key_sealed, row.is_default) == ("deleted", b"", False)
    async with runtime.sessions() as session:
        assert (await session.exec(select(Schedule))).all() == []
        events = (await session.exec(select(DomainEvent.type).order_by(col(DomainEvent.id)))).all()
        actions = (await session.exec(select(AuditEvent.action).order_by(col(AuditEvent.id)))).all()
    assert list(events) == ["location.created", "location.deleted"]
    assert list(actions)[-2:] == ["create_location", "delete_location"]
    assert (await create()).status_code == 201


@pytest.mark.parametrize(
    ("state", "status"), [(CopyState.AVAILABLE, 409), (CopyState.PENDING, 409), (CopyState.DELETED, 204)]
)
async def test_a_location_with_copies_stays(
    client: httpx.AsyncClient,
    as_admin: dict[str, str],
    create: Creator,
    runtime: Runtime,
    project_id: UUID,
    state: CopyState,
    status: int,
) -> None:
    made = await create()
    database = await add_database(runtime, project_id)
    backup = Backup(
        set_id=new_id(), project_id=project_id, database_id=database.id, logical_database="app", created_by="test"
    )
    location_id = decode_id("loc", made.json()["id"])
    async with runtime.sessions() as session, session.begin():
        session.add(backup)
        await session.flush()
        session.add(BackupCopy(backup_id=backup.id, location_id=location_id, state=state))
    answer = await client.delete(made.headers["location"], headers=as_admin)
    assert answer.status_code == status
    if status == 409:
        assert (answer.json()["code"], answer.json()["copies"]) == ("HAS_DEPENDENTS", 1)
    project = await client.delete(f"/v1/projects/{encode_id('prj', project_id)}", headers=as_admin)
    assert project.json()["dependents"]["databases"] == 1


async def test_a_project_with_a_location_stays(
    client: httpx.AsyncClient, as_admin: dict[str, str], create: Creator, project_id: UUID
) -> None:
    await create()
    answer = await client.delete(f"/v1/projects/{encode_id('prj', project_id)}", headers=as_admin)
    assert answer.status_code == 409
    assert answer.json()["dependents"] == {"databases": 0, "locations": 1, "railway_connections": 0}


async def test_an_endpoint_that_never_answers_is_given_up(create: Creator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probing, "PROBE_SECONDS", 0.3)
    monkeypatch.setattr(probing, "_IMPATIENT", replace(HASTY, calls=ONCE, call_seconds=0.5, stall_seconds=60))
    served = asyncio.Event()

    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await served.wait()
        writer.close()

    async with await asyncio.start_server(say_nothing, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        answer = await create(endpoint_url=f"http://127.0.0.1:{port}")
        served.set()
    assert (answer.status_code, answer.json()["code"]) == (422, "LOCATION_PROBE_FAILED")
    assert answer.json()["cause"]["code"] == "LOCATION_UNREACHABLE"
    assert "not done" in answer.json()["detail"]


async def test_a_dry_run_tries_the_place_out_and_keeps_nothing(
    client: httpx.AsyncClient, as_admin: dict[str, str], create: Creator, wish: dict[str, Any]
) -> None:
    tried = await client.post("/v1/locations?dry_run=true", json=wish, headers=as_admin)
    assert (tried.status_code, tried.json()["state"], tried.headers["dry-run"]) == (201, "available", "true")
    assert (await client.get("/v1/locations", headers=as_admin)).json()["data"] == []
    path = (await create()).headers["location"]
    before = (await client.get(path, headers=as_admin)).json()
    renamed = await client.patch(f"{path}?dry_run=true", json={"name": "other"}, headers=as_admin)
    assert (renamed.status_code, renamed.json()["name"]) == (200, "other")
    assert (await client.post(f"{path}:probe?dry_run=true", headers=as_admin)).status_code == 200
    assert (await client.delete(f"{path}?dry_run=true", headers=as_admin)).status_code == 204
    assert (await client.get(path, headers=as_admin)).json() == before


async def test_a_repeated_probe_or_deletion_gets_the_first_answer(
    client: httpx.AsyncClient, as_admin: dict[str, str], create: Creator
) -> None:
    path = (await create()).headers["location"]
    headers = as_admin | {"Idempotency-Key": "once"}
    probes = [await client.post(f"{path}:probe", headers=headers) for _ in range(2)]
    assert probes[0].json() == probes[1].json()
    deletions = [await client.delete(path, headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in deletions] == [204, 204]
    for _, again in (probes, deletions):
        assert again.headers["idempotency-replayed"] == "true"


async def test_a_repeated_creation_gets_the_first_answer_without_a_probe(
    client: httpx.AsyncClient, as_admin: dict[str, str], wish: dict[str, Any], runtime: Runtime
) -> None:
    headers = as_admin | {"Idempotency-Key": "one-location"}
    first = await client.post("/v1/locations", json=wish, headers=headers)
    second = await client.post("/v1/locations", json=wish, headers=headers)
    assert (first.status_code, first.content) == (second.status_code, second.content)
    assert second.headers["idempotency-replayed"] == "true"
    other = await client.post("/v1/locations", json=wish | {"name": "other"}, headers=headers)
    assert (other.status_code, other.json()["code"]) == (422, "IDEMPOTENCY_MISMATCH")


async def test_of_two_equal_creations_at_the_same_time_one_is_made(create: Creator) -> None:
    answers = await asyncio.gather(create(), create())
    assert sorted(answer.status_code for answer in answers) == [201, 409]
