"""POST /v1/databases, :restart and DELETE, over HTTP, with real servers."""

import asyncio
import os
import signal
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import text

from app.databases.models import Database, DatabaseState
from app.databases.spec import spec_of
from app.db.sql import run_sql
from app.jobs.enqueue import enqueue
from app.jobs.models import Job
from app.jobs.states import JobState
from app.kit.ids import decode_id, encode_id
from app.locations.models import Location
from app.postgres.connection_string import parse_connection_string
from app.providers.protocol import ServerStatus
from app.provisioning.reconciler import reconcile
from app.provisioning.schemas import CreateDatabase, DeleteDatabase
from app.runtime import Runtime
from tests.provisioning.conftest import Finished
from tests.sessions import connect

pytestmark = pytest.mark.usefixtures("worker")


class Api:
    def __init__(self, client: httpx.AsyncClient, headers: dict[str, str]) -> None:
        self._client = client
        self._headers = headers

    async def post(self, path: str, body: dict[str, Any] | None = None, key: str | None = None) -> httpx.Response:
        headers = self._headers | {"Idempotency-Key": key or str(uuid4())}
        return await self._client.post(path, json=body, headers=headers)

    async def get(self, path: str) -> dict[str, Any]:
        document: dict[str, Any] = (await self._client.get(path, headers=self._headers)).json()
        return document

    async def delete(self, path: str) -> httpx.Response:
        return await self._client.delete(path, headers=self._headers)

    async def patch(self, path: str, body: dict[str, Any]) -> httpx.Response:
        return await self._client.patch(path, json=body, headers=self._headers)


@pytest.fixture
def api(client: httpx.AsyncClient, as_admin: dict[str, str]) -> Api:
    return Api(client, as_admin)


@pytest.fixture
async def database(api: Api, project: dict[str, Any], finished: Finished) -> dict[str, Any]:
    """A local database that is available."""
    answer = await api.post("/v1/databases", _wish(project))
    assert answer.status_code == 202, answer.text
    assert (await finished(answer.json()))["state"] == "succeeded"
    return await api.get(f"/v1/databases/{answer.json()['database']['id']}")


def _wish(project: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {"provider": "local", "project_id": project["id"], "name": "shop"} | changes


async def _row(runtime: Runtime, database: dict[str, Any]) -> Database:
    async with runtime.sessions() as session:
        return await session.get_one(Database, decode_id("db", database["id"]))


async def test_a_database_is_visible_at_once_and_usable_by_its_revealed_address(
    api: Api, project: dict[str, Any], finished: Finished
) -> None:
    answer = await api.post("/v1/databases", _wish(project))
    accepted = answer.json()
    assert accepted["database"]["state"] == "creating"
    assert answer.headers["location"] == accepted["job"]["links"]["self"]
    assert (await api.get(f"/v1/databases/{accepted['database']['id']}"))["state"] == "creating"

    job = await finished(accepted)
    assert [step["name"] for step in job["progress"]["steps"]] == ["prepare", "create", "connect"]
    database = await api.get(f"/v1/databases/{accepted['database']['id']}")
    assert (database["state"], database["tls_mode"]) == ("available", "verify-full")
    variables = (await api.get(f"/v1/databases/{database['id']}/variables?reveal=true"))["variables"]
    async with connect(parse_connection_string(variables["DATABASE_URL"]), application_name="test") as session:
        assert await session.fetchval("SELECT current_database()") == "railway"


async def test_a_repeated_request_makes_one_database(api: Api, project: dict[str, Any], finished: Finished) -> None:
    first = await api.post("/v1/databases", _wish(project), key="once")
    second = await api.post("/v1/databases", _wish(project), key="once")
    assert second.headers["idempotency-replayed"] == "true"
    assert second.json() == first.json()
    await finished(first.json())
    assert len((await api.get("/v1/databases"))["data"]) == 1


async def test_a_name_is_taken_until_its_database_is_deleted(
    api: Api, project: dict[str, Any], database: dict[str, Any], finished: Finished
) -> None:
    refused = await api.post("/v1/databases", _wish(project))
    assert (refused.status_code, refused.json()["code"]) == (409, "NAME_TAKEN")
    deleted = await api.delete(f"/v1/databases/{database['id']}?confirm=shop&final_backup=false")
    assert (await finished(deleted.json()))["state"] == "succeeded"
    again = await api.post("/v1/databases", _wish(project))
    assert again.status_code == 202
    await finished(again.json())


async def test_a_major_that_is_not_installed_is_refused_at_once(api: Api, project: dict[str, Any]) -> None:
    refused = await api.post("/v1/databases", _wish(project, major=14))
    assert (refused.status_code, refused.json()["code"]) == (422, "TOOLCHAIN_MISSING")
    assert "postgresql-14" in refused.json()["detail"]
    assert (await api.get("/v1/databases"))["data"] == []


async def test_a_restart_replaces_the_server_process(
    api: Api, database: dict[str, Any], finished: Finished, runtime: Runtime
) -> None:
    before = await _pid(runtime, database)
    answer = await api.post(f"/v1/databases/{database['id']}:restart")
    assert answer.json()["database"]["state"] == "restarting"
    assert (await finished(answer.json()))["state"] == "succeeded"
    assert (await api.get(f"/v1/databases/{database['id']}"))["state"] == "available"
    assert await _pid(runtime, database) != before


async def test_a_protected_database_is_deleted_only_after_its_protection_and_by_its_name(
    api: Api, database: dict[str, Any], finished: Finished, runtime: Runtime
) -> None:
    path = f"/v1/databases/{database['id']}"
    assert (await api.patch(path, {"protected": True})).status_code == 200
    protected = await api.delete(f"{path}?confirm=shop")
    assert (protected.status_code, protected.json()["code"]) == (409, "PROTECTED")
    assert (await api.patch(path, {"protected": False})).status_code == 200
    unconfirmed = await api.delete(path)
    assert (unconfirmed.status_code, unconfirmed.json()["code"]) == (409, "CONFIRMATION_MISSING")
    without_location = await api.delete(f"{path}?confirm=shop")
    assert without_location.json()["code"] == "FINAL_BACKUP_IMPOSSIBLE"

    deleted = await api.delete(f"{path}?confirm=shop&final_backup=false")
    assert deleted.json()["database"]["state"] == "deleting"
    assert (await finished(deleted.json()))["state"] == "succeeded"
    row = await _row(runtime, database)
    assert (row.state, row.password_sealed) == (DatabaseState.DELETED, None)
    assert not (runtime.settings.data_dir / "clusters" / database["id"]).exists()


async def test_a_crashed_server_is_started_by_the_reconciler(database: dict[str, Any], runtime: Runtime) -> None:
    row = await _row(runtime, database)
    provider, spec = runtime.providers["local"], spec_of(row, runtime.key_ring)
    os.kill(await _postmaster(runtime, database), signal.SIGKILL)
    await _until(lambda: provider.status(spec), ServerStatus.CRASHED)
    await reconcile(runtime)
    assert await provider.status(spec) is ServerStatus.RUNNING
    assert (await _row(runtime, database)).state == DatabaseState.AVAILABLE


async def test_a_server_whose_directory_is_gone_is_missing(database: dict[str, Any], runtime: Runtime) -> None:
    row = await _row(runtime, database)
    await runtime.providers["local"].destroy(spec_of(row, runtime.key_ring))
    await reconcile(runtime)
    row = await _row(runtime, database)
    assert (row.state, row.state_reason) == (DatabaseState.MISSING, "its data directory is gone from this host")


async def test_an_external_server_is_adopted_only_after_a_login(
    api: Api, project: dict[str, Any], database: dict[str, Any]
) -> None:
    variables = (await api.get(f"/v1/databases/{database['id']}/variables?reveal=true"))["variables"]
    url = variables["DATABASE_URL"]
    wish = _wish(project, provider="external", name="theirs", connection_string=url)
    adopted = await api.post("/v1/databases", wish)
    assert adopted.status_code == 201, adopted.text
    document = adopted.json()["database"]
    assert (document["state"], document["server_version"]) == ("available", database["server_version"])
    assert adopted.json()["job"] is None
    assert variables["PGPASSWORD"] not in adopted.text

    restart = await api.post(f"/v1/databases/{document['id']}:restart")
    assert (restart.status_code, restart.json()["code"]) == (409, "PROVIDER_CANNOT")


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("postgres:", "postgres:wrong", "AUTHENTICATION_FAILED"),
        ("/railway", "/nothing", "DATABASE_ABSENT"),
        ("@127.0.0.1:", "@127.0.0.1:1", "CONNECTION_STRING_INVALID"),
        ("?", "?passfile=/etc/passwd&", "CONNECTION_STRING_INVALID"),
        ("?", "?service=x&", "CONNECTION_STRING_INVALID"),
    ],
)
async def test_what_is_wrong_with_an_external_server_is_the_answer(
    api: Api, project: dict[str, Any], database: dict[str, Any], old: str, new: str, code: str
) -> None:
    variables = (await api.get(f"/v1/databases/{database['id']}/variables?reveal=true"))["variables"]
    wish = _wish(
        project, provider="external", name="theirs", connection_string=variables["DATABASE_URL"].replace(old, new, 1)
    )
    refused = await api.post("/v1/databases", wish)
    assert (refused.status_code, refused.json()["code"]) == (422, code), refused.text
    assert variables["PGPASSWORD"] not in refused.text
    assert len((await api.get("/v1/databases"))["data"]) == 1


async def test_a_creation_that_never_began_leaves_a_failed_database_that_can_be_retried(
    api: Api, project: dict[str, Any], finished: Finished
) -> None:
    answer = (await api.post("/v1/databases", _wish(project))).json()
    cancelled = await api.post(f"/v1/jobs/{answer['job']['id']}:cancel")
    assert cancelled.status_code == 202
    job = await finished({"job": cancelled.json()})
    database = await api.get(f"/v1/databases/{answer['database']['id']}")
    # The worker may have been faster; then the job was cancelled in the middle and compensated, or came too late.
    if job["state"] == "succeeded":
        assert database["state"] == "available"
        return
    assert (job["state"], database["state"]) == ("cancelled", "failed")
    retried = await api.post(f"/v1/jobs/{answer['job']['id']}:retry")
    assert retried.json()["retry_of"] == answer["job"]["id"]
    assert (await finished({"job": retried.json()}))["state"] == "succeeded"
    assert (await api.get(f"/v1/databases/{answer['database']['id']}"))["state"] == "available"


async def _pid(runtime: Runtime, database: dict[str, Any]) -> int:
    return await _postmaster(runtime, database)


async def _postmaster(runtime: Runtime, database: dict[str, Any]) -> int:
    path = runtime.settings.data_dir / "clusters" / database["id"] / "data" / "postmaster.pid"
    text = await asyncio.to_thread(path.read_text)
    return int(text.splitlines()[0])


async def _until(look: Any, wanted: object) -> None:
    for _ in range(1000):
        if await look() is wanted:
            return
        await asyncio.sleep(0.05)
    message = f"still not {wanted}"
    raise AssertionError(message)


async def test_a_database_whose_final_backup_was_cancelled_is_not_deleted(
    api: Api, project: dict[str, Any], database: dict[str, Any], finished: Finished, runtime: Runtime
) -> None:
    """No worker here takes backups, so the final one stays queued until it is cancelled."""
    async with runtime.sessions() as session, session.begin():
        session.add(
            Location(
                project_id=decode_id("prj", project["id"]),
                name="main",
                is_default=True,
                endpoint_url="https://s3.example.com",
                bucket="backups",
                access_key_id="key",
                secret_key_sealed=b"sealed",
                created_by="test",
            )
        )
    deletion = (await api.delete(f"/v1/databases/{database['id']}?confirm=shop")).json()
    children: list[dict[str, Any]] = []
    for _ in range(1000):
        children = (await api.get(f"/v1/jobs?parent_id={deletion['job']['id']}"))["data"]
        if children:
            break
        await asyncio.sleep(0.05)
    assert [child["kind"] for child in children] == ["backup.take"]
    assert (await api.post(f"/v1/jobs/{children[0]['id']}:cancel")).status_code == 202
    job = await finished(deletion)
    assert (job["state"], job["error"]["code"]) == ("failed", "FINAL_BACKUP_IMPOSSIBLE")
    assert (await api.get(f"/v1/databases/{database['id']}"))["state"] == "available"
    row = await _row(runtime, database)
    assert await runtime.providers["local"].status(spec_of(row, runtime.key_ring)) is ServerStatus.RUNNING


async def test_a_creation_that_ended_too_late_to_be_cancelled_keeps_its_server(
    database: dict[str, Any], runtime: Runtime
) -> None:
    """As after a worker that died between the database's last step and the job's end, and a cancel wish since."""
    args = CreateDatabase(database_id=decode_id("db", database["id"]))
    async with runtime.sessions() as session, session.begin():
        enqueued = await enqueue(session, args, created_by="test")
        await run_sql(
            session,
            text("UPDATE job SET step = 'connect', claimed_at = now(), state = 'cancelling' WHERE id = :id"),
            {"id": enqueued.job.id},
        )
    job = enqueued.job
    for _ in range(1000):
        async with runtime.sessions() as session:
            job = await session.get_one(Job, job.id)
        if job.finished_at:
            break
        await asyncio.sleep(0.1)
    assert job.state == JobState.CANCELLED
    row = await _row(runtime, database)
    assert row.state == DatabaseState.AVAILABLE
    assert await runtime.providers["local"].status(spec_of(row, runtime.key_ring)) is ServerStatus.RUNNING


async def test_what_a_wish_lacks_is_named_by_its_place_in_the_body(api: Api, project: dict[str, Any]) -> None:
    refused = await api.post("/v1/databases", {"provider": "local", "project_id": project["id"], "major": "x"})
    assert (refused.status_code, refused.json()["code"]) == (422, "VALIDATION_FAILED")
    assert {error["pointer"] for error in refused.json()["errors"]} == {"/name", "/major"}


async def test_a_deletion_whose_worker_died_after_it_was_written_ends_well_and_is_told_once(
    api: Api, database: dict[str, Any], finished: Finished, runtime: Runtime
) -> None:
    path = f"/v1/databases/{database['id']}"
    assert (await finished((await api.delete(f"{path}?confirm=shop&final_backup=false")).json()))[
        "state"
    ] == "succeeded"
    args = DeleteDatabase(database_id=decode_id("db", database["id"]), final_backup=False)
    async with runtime.sessions() as session, session.begin():
        enqueued = await enqueue(session, args, created_by="test")
        await run_sql(
            session,
            text("UPDATE job SET step = 'destroy', memo = '{\"destroying\": true}' WHERE id = :id"),
            {"id": enqueued.job.id},
        )
    again = await finished({"job": await api.get(f"/v1/jobs/{encode_id('job', enqueued.job.id)}")})
    assert (again["state"], again["error"]) == ("succeeded", None)
    assert (await _row(runtime, database)).state == DatabaseState.DELETED
    events = [event["type"] for event in (await api.get(f"{path}/events"))["data"]]
    assert (events.count("database.created"), events.count("database.deleted")) == (1, 1)
