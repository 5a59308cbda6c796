"""What the API answers around backups: refusals, lists, downloads, labels, deletion."""

import hashlib
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import httpx
import pytest

from app.auth.scopes import Scope
from app.backups.schemas import DownloadView, TakeBackup
from app.databases.models import Database, DatabaseState
from app.jobs.enqueue import Target, enqueue
from app.jobs.models import Job
from app.kit.ids import decode_id, encode_id, new_id
from app.locations.models import Location
from app.restores.models import Restore, RestoreState, TargetKind
from tests.backups.conftest import Shop, working
from tests.control import KeyFactory, bearer


async def refused(shop: Shop, **wish: Any) -> tuple[int, str]:
    answer = await shop.post(shop.path, **wish)
    assert answer.status_code >= 400, answer.text
    assert (await shop.get("/v1/jobs"))["data"] == []
    return answer.status_code, answer.json()["code"]


async def test_what_is_known_at_once_is_no_failed_job(shop: Shop) -> None:
    assert await refused(shop, schema_only=True, data_only=True) == (422, "VALIDATION_FAILED")
    assert await refused(shop, logical_databases=["x\0y"]) == (422, "VALIDATION_FAILED")
    assert await refused(shop, logical_databases=["ü" * 32]) == (422, "VALIDATION_FAILED")
    assert await refused(shop, logical_databases=["a", "a"]) == (422, "VALIDATION_FAILED")
    assert await refused(shop, logical_databases=["nothing here"]) == (422, "DATABASE_ABSENT")
    assert await refused(shop, logical_databases=["postgres"], all_logical_databases=True) == (422, "VALIDATION_FAILED")
    assert await refused(shop, location_ids=[encode_id("loc", new_id())]) == (404, "NOT_FOUND")
    assert await refused(shop, encryption="rot13") == (422, "VALIDATION_FAILED")


async def test_a_dry_run_names_the_backup_and_leaves_neither_it_nor_a_job(shop: Shop) -> None:
    tried = await shop.post(f"{shop.path}?dry_run=true")
    assert (tried.status_code, tried.headers["dry-run"]) == (202, "true"), tried.text
    assert tried.json()["backups"][0]["state"] == "creating"
    for path in ("/v1/jobs", "/v1/backups"):
        assert (await shop.get(path))["data"] == []
    absent = await shop.post(f"{shop.path}?dry_run=true", logical_databases=["nothing here"])
    assert (absent.status_code, absent.json()["code"]) == (422, "DATABASE_ABSENT")


async def test_a_database_that_is_not_available_and_a_project_without_location(shop: Shop) -> None:
    async with shop.runtime.sessions() as session, session.begin():
        (await session.get_one(Location, shop.location.id)).is_default = False
    assert await refused(shop) == (422, "LOCATION_REQUIRED")
    async with shop.runtime.sessions() as session, session.begin():
        (await session.get_one(Database, shop.database.id)).state = DatabaseState.RESTARTING
    assert await refused(shop) == (409, "STATE_INVALID")


@pytest.mark.parametrize("state", [DatabaseState.DELETED, DatabaseState.RESTARTING])
async def test_a_repetition_gets_the_first_answer_whatever_became_of_the_database(
    shop: Shop, state: DatabaseState
) -> None:
    headers = shop.headers | {"Idempotency-Key": "once"}
    wish = {"logical_databases": ["postgres"]}
    first = await shop.client.post(shop.path, json=wish, headers=headers)
    assert first.status_code == 202, first.text
    async with shop.runtime.sessions() as session, session.begin():
        database = await session.get_one(Database, shop.database.id)
        database.state, database.port = state, 1
    second = await shop.client.post(shop.path, json=wish, headers=headers)
    assert (second.status_code, second.json()) == (202, first.json())
    assert second.headers["location"] == first.headers["location"]


@pytest.mark.parametrize("wish", [{"all_logical_databases": True}, {"logical_databases": ["postgres"]}])
async def test_a_server_of_another_host_is_asked_by_the_worker_that_is_beside_it(
    shop: Shop, wish: dict[str, Any]
) -> None:
    await place(shop, host_id=new_id(), port=1)
    accepted = await shop.start(**wish)
    assert [one["logical_database"] for one in accepted["backups"]] == wish.get("logical_databases", [])
    audited = await shop.get("/v1/audit-events?action=create_backups")
    assert len(audited["data"]) == 1
    async with shop.runtime.sessions() as session, session.begin():
        job = await session.get_one(Job, decode_id("job", accepted["job"]["id"]))
        assert job.host_id is not None
        job.host_id = shop.runtime.host_id
    await place(shop, host_id=shop.runtime.host_id, port=shop.target.port)
    async with working(shop.runtime):
        ended = await shop.ended(accepted["job"])
    assert ended["state"] == "succeeded", ended["error"]
    taken = {one["logical_database"] for one in (await shop.get(shop.path))["data"]}
    assert taken >= {"postgres"}
    assert (shop.target.database in taken) == ("all_logical_databases" in wish)


async def place(shop: Shop, *, host_id: UUID, port: int) -> None:
    async with shop.runtime.sessions() as session, session.begin():
        database = await session.get_one(Database, shop.database.id)
        database.host_id, database.port = host_id, port


async def test_two_backups_of_one_logical_database_exclude_each_other_unless_queued(shop: Shop) -> None:
    first = await shop.start()
    second = await shop.post(shop.path)
    assert (second.status_code, second.json()["code"]) == (409, "JOB_CONFLICT")
    assert second.json()["blocking_job_id"] == first["job"]["id"]
    other = await shop.start(logical_databases=["postgres"])
    assert other["backups"][0]["logical_database"] == "postgres"
    queued = await shop.start(on_conflict="queue")
    assert queued["backups"][0]["state"] == "creating"


async def test_a_key_of_another_project_sees_nothing(shop: Shop, key_factory: KeyFactory) -> None:
    accepted = await shop.start()
    backup = accepted["backups"][0]
    stranger = bearer(await key_factory(*Scope, projects=[new_id()]))
    for path in (f"/v1/backups/{backup['id']}", f"/v1/backups/{backup['id']}/copies", shop.path):
        assert (await shop.client.get(path, headers=stranger)).status_code == 404
    assert (await shop.client.get("/v1/backups", headers=stranger)).json()["data"] == []
    reader = bearer(await key_factory(Scope.BACKUPS_READ))
    answer = await shop.client.post(f"/v1/backups/{backup['id']}/downloads", json={}, headers=reader)
    assert (answer.status_code, answer.json()["code"]) == (403, "SCOPE_MISSING")


async def test_lists_are_paged_and_filtered(shop: Shop) -> None:
    names = ["postgres", shop.target.database]
    made = (await shop.start(logical_databases=names))["backups"]
    page = await shop.get("/v1/backups?limit=1")
    assert (page["data"][0]["id"], page["has_more"]) == (made[1]["id"], True)
    rest = await shop.get(f"/v1/backups?limit=1&cursor={page['next_cursor']}")
    assert ([one["id"] for one in rest["data"]], rest["has_more"]) == ([made[0]["id"]], False)
    assert rest["data"][0]["copies"][0]["state"] == "pending"
    assert len((await shop.get(f"/v1/backups?database_id={encode_id('db', shop.database.id)}"))["data"]) == 2
    assert (await shop.get(f"/v1/backups?project_id={encode_id('prj', new_id())}"))["data"] == []
    assert (await shop.get(f"{shop.path}?state=available"))["data"] == []
    assert len((await shop.get(f"{shop.path}?state=creating&state=available"))["data"]) == 2


async def test_a_backup_that_never_began_is_failed_by_its_cancel_and_made_anew_by_a_retry(
    shop: Shop,
) -> None:
    accepted = await shop.start()
    cancelled = await shop.post(accepted["job"]["links"]["cancel"])
    assert cancelled.json()["state"] == "cancelled"
    backup = await shop.get(f"/v1/backups/{accepted['backups'][0]['id']}")
    assert (backup["state"], backup["copies"][0]["state"], backup["error"]["code"]) == ("failed", "failed", "CANCELLED")

    retried = await shop.post(f"/v1/jobs/{accepted['job']['id']}:retry")
    assert retried.status_code == 202, retried.text
    async with working(shop.runtime):
        ended = await shop.ended(retried.json())
    assert ended["state"] == "succeeded", ended["error"]
    found = (await shop.get(shop.path))["data"]
    assert [one["state"] for one in found] == ["available", "failed"]
    assert found[0]["id"] == retried.json()["subject_id"]
    assert found[0]["job_id"] == retried.json()["id"]


@pytest.mark.usefixtures("worker")
async def test_labels_change_under_a_condition(shop: Shop) -> None:
    (backup,) = await shop.take(labels={"a": "1"})
    path = f"/v1/backups/{backup['id']}"
    answer = await shop.client.get(path, headers=shop.headers)
    tag = answer.headers["etag"]
    same = await shop.client.get(path, headers=shop.headers | {"If-None-Match": tag})
    assert (same.status_code, same.content) == (304, b"")
    changed = await shop.client.patch(path, json={"labels": {"b": "2"}}, headers=shop.headers | {"If-Match": tag})
    assert (changed.status_code, changed.json()["labels"]) == (200, {"b": "2"})
    late = await shop.client.patch(path, json={"labels": {}}, headers=shop.headers | {"If-Match": tag})
    assert (late.status_code, late.json()["code"]) == (412, "PRECONDITION_FAILED")
    found = await shop.get(f"/v1/audit-events?target_id={backup['id']}")
    assert {one["action"] for one in found["data"]} == {"create_backups", "update_backup"}


@pytest.mark.usefixtures("worker")
@pytest.mark.parametrize("encryption", ["age", "none"])
async def test_a_download_link_gives_the_object_and_says_how_to_open_it(shop: Shop, encryption: str) -> None:
    (backup,) = await shop.take(encryption=encryption)
    manifest = await shop.manifest(backup)
    answer = await shop.post(f"/v1/backups/{backup['id']}/downloads", expires_seconds=60)
    assert answer.status_code == 201, answer.text
    link = answer.json()
    assert answer.headers["cache-control"] == "no-store"
    content = await fetched(link["url"])
    assert hashlib.sha256(content).hexdigest() == link["sha256"] == manifest.archive_object.sha256
    assert link["size_bytes"] == len(content)
    if encryption == "age":
        assert link["filename"] == f"{backup['id']}.dump.age"
        assert link["recipients"] == list(manifest.recipients)
        assert link["how_to_open"].startswith("age --decrypt")
    else:
        assert link["filename"] == f"{backup['id']}.dump"
        assert link["recipients"] == []
        assert link["how_to_open"].startswith("pg_restore")
    roles = (await shop.post(f"/v1/backups/{backup['id']}/downloads", object="globals")).json()
    assert roles["filename"] == f"{backup['id']}.globals.sql.age"
    found = await shop.get("/v1/audit-events?action=create_backup_download")
    assert len(found["data"]) == 2
    assert urlsplit(link["url"]).query not in str(found)
    too_long = await shop.post(f"/v1/backups/{backup['id']}/downloads", expires_seconds=604801)
    assert too_long.status_code == 422


@pytest.mark.usefixtures("worker")
async def test_a_repetition_does_not_hand_out_the_link_again(shop: Shop) -> None:
    (backup,) = await shop.take()
    path, headers = f"/v1/backups/{backup['id']}/downloads", shop.headers | {"Idempotency-Key": "once"}
    first = (await shop.client.post(path, json={}, headers=headers)).json()
    again = (await shop.client.post(path, json={}, headers=headers)).json()
    assert first["withheld"] == []
    assert again == first | {"url": None, "withheld": ["url"]}
    assert DownloadView.model_validate(again).url is None
    tried = await shop.client.post(f"{path}?dry_run=true", json={}, headers=headers | {"Idempotency-Key": "other"})
    assert (tried.json()["url"], tried.json()["withheld"]) == (None, ["url"])  # it would leave no audit row


async def fetched(url: str) -> bytes:
    async with httpx.AsyncClient() as client:
        answer = await client.get(url)
    assert answer.status_code == 200, answer.text
    return answer.content


@pytest.mark.usefixtures("worker")
async def test_deleting_removes_every_object_and_the_last_good_one_asks_to_be_sure(shop: Shop) -> None:
    (first,) = await shop.take()
    (second,) = await shop.take()
    deleted = await shop.delete(f"/v1/backups/{first['id']}")
    assert (deleted.status_code, deleted.json()["backup"]["state"]) == (202, "deleting")
    assert (await shop.ended(deleted.json()["job"]))["state"] == "succeeded"
    gone = await shop.get(f"/v1/backups/{first['id']}")
    assert (gone["state"], gone["copies"][0]["state"]) == ("deleted", "deleted")
    assert all(second["id"] in key for key in await shop.keys())
    assert (await shop.delete(f"/v1/backups/{first['id']}")).status_code == 409

    asked = await shop.delete(f"/v1/backups/{second['id']}")
    assert (asked.status_code, asked.json()["code"]) == (409, "CONFIRMATION_MISSING")
    confirmed = await shop.delete(f"/v1/backups/{second['id']}?confirm={second['id']}")
    assert (await shop.ended(confirmed.json()["job"]))["state"] == "succeeded"
    assert await shop.keys() == []
    assert (await shop.get(shop.path))["data"] == []
    manifest = await shop.client.get(f"/v1/backups/{second['id']}/manifest", headers=shop.headers)
    assert manifest.status_code == 409
    location = await shop.client.delete(f"/v1/locations/{encode_id('loc', shop.location.id)}", headers=shop.headers)
    assert location.status_code == 204


@pytest.mark.usefixtures("worker")
async def test_a_backup_that_a_restore_reads_stays(shop: Shop) -> None:
    (backup,) = await shop.take()
    async with shop.runtime.sessions() as session, session.begin():
        restore = Restore(
            project_id=shop.project_id,
            backup_id=decode_id("bak", backup["id"]),
            state=RestoreState.RUNNING,
            target_kind=TargetKind.LOGICAL_DATABASE,
            database_id=shop.database.id,
            logical_database="x",
            created_by="test",
        )
        session.add(restore)
    answer = await shop.delete(f"/v1/backups/{backup['id']}?confirm={backup['id']}")
    assert (answer.status_code, answer.json()["code"]) == (409, "HAS_DEPENDENTS")
    assert answer.json()["restore_id"] == encode_id("rst", restore.id)


@pytest.mark.usefixtures("worker")
async def test_a_deletion_that_could_not_reach_the_objects_is_not_one_and_can_be_retried(shop: Shop) -> None:
    (backup,) = await shop.take()

    async def set_access_key(access_key_id: str) -> None:
        async with shop.runtime.sessions() as session, session.begin():
            (await session.get_one(Location, shop.location.id)).access_key_id = access_key_id

    await set_access_key("revoked-since")
    answer = await shop.delete(f"/v1/backups/{backup['id']}?confirm={backup['id']}")
    job = await shop.ended(answer.json()["job"])
    assert (job["state"], job["error"]["code"]) == ("failed", "LOCATION_ACCESS_DENIED")
    stuck = await shop.get(f"/v1/backups/{backup['id']}")
    assert (stuck["state"], stuck["copies"][0]["state"]) == ("deleting", "deleting")
    await set_access_key(shop.location.access_key_id)
    retried = await shop.post(f"/v1/jobs/{job['id']}:retry")
    assert (await shop.ended(retried.json()))["state"] == "succeeded"
    assert (await shop.get(f"/v1/backups/{backup['id']}"))["state"] == "deleted"
    assert await shop.keys() == []


@pytest.mark.usefixtures("worker")
async def test_a_backup_whose_bucket_is_gone_can_still_be_deleted_and_says_so(shop: Shop) -> None:
    (backup,) = await shop.take()
    async with shop.runtime.sessions() as session, session.begin():
        (await session.get_one(Location, shop.location.id)).bucket = "gone-since"
    answer = await shop.delete(f"/v1/backups/{backup['id']}?confirm={backup['id']}")
    job = await shop.ended(answer.json()["job"])
    assert job["state"] == "succeeded"
    assert ["gone-since" in warning and "count as deleted" in warning for warning in job["warnings"]] == [True]
    assert (await shop.get(f"/v1/backups/{backup['id']}"))["state"] == "deleted"


@pytest.mark.usefixtures("worker")
@pytest.mark.parametrize("origin", ["safety", "final"])
async def test_other_jobs_back_up_by_the_arguments_alone(shop: Shop, origin: str) -> None:
    database_id = shop.database.id
    name = shop.target.database
    args = TakeBackup.safety(database_id, name) if origin == "safety" else TakeBackup.final(database_id)
    async with shop.runtime.sessions() as session, session.begin():
        enqueued = await enqueue(
            session,
            args,
            created_by="worker",
            targets=[Target(database_id, name if origin == "safety" else "")],
            project_id=shop.project_id,
        )
    job = await shop.ended(await shop.get(f"/v1/jobs/{encode_id('job', enqueued.job.id)}"))
    assert job["state"] == "succeeded", job["error"]
    found = [await shop.get(f"/v1/backups/{backup_id}") for backup_id in job["result"]["backup_ids"]]
    names = {one["logical_database"] for one in found}
    assert (names == {name}) if origin == "safety" else (names >= {name, "postgres"})
    assert {(one["origin"], one["state"]) for one in found} == {(origin, "available")}
