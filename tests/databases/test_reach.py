"""How a database on Railway is reached, and what is answered while nothing reaches it."""

from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from app.databases.access import target_of
from app.databases.models import Database, DatabaseState
from app.databases.reach import address
from app.jobs.enqueue import OnConflict, Target, enqueue
from app.jobs.models import Job
from app.kit.ids import encode_id, new_id
from app.postgres.connect import TlsMode
from app.providers.railway.place import Place
from app.provisioning.schemas import DeleteDatabase, RestartDatabase
from app.runtime import Runtime
from app.settings import Settings, standing_elsewhere
from tests.backups.conftest import make_location
from tests.control import make_settings
from tests.databases.records import add_database, somewhere
from tests.object_store import object_store_server, s3_location
from tests.railway_simulator.fixtures import simulator
from tests.railway_simulator.process import Simulator
from tests.railway_world import railway_database, railway_environment
from tests.sessions import connect

__all__ = ["object_store_server", "s3_location", "simulator"]

PLACE = Place(connection_id=UUID(int=1), project_id="p", environment_id="e", service_id="s", private_host="s.internal")
PUBLIC = {"public_host": "a.proxy.rlwy.net", "public_port": 12345}


@pytest.fixture
def settings(database_url: str, tmp_path: Any) -> Settings:
    return make_settings(
        database_url,
        tmp_path / "data",
        railway_requests_per_second=1000,
        storage={"allow_private_endpoints": True, "allow_insecure_endpoints": True},
    )


def on_railway(settings: Settings, place: dict[str, Any], *, label: str | None = None) -> Database:
    """A row that is not in the table."""
    database = Database(
        project_id=UUID(int=2),
        environment_id=UUID(int=3),
        name="main",
        provider="railway",
        worker_label=label,
        provider_data=PLACE.model_copy(update=place).data(),
        created_by="test",
    )
    address(database, settings)
    return database


def standing(settings: Settings, environment_id: str) -> Settings:
    return settings.model_copy(update={"railway_project_id": "p", "railway_environment_id": environment_id})


async def add_on_railway(runtime: Runtime, project_id: UUID, **place: Any) -> Database:
    """A server that is nowhere, as far as this test goes."""
    database = await add_database(
        runtime,
        project_id,
        target=somewhere(tls=TlsMode.PREFER),
        provider="railway",
        provider_data=PLACE.model_copy(update=place).data(),
    )
    async with runtime.sessions() as session, session.begin():
        row = await session.get_one(Database, database.id)
        address(row, runtime.settings)
    return row


def path_of(database: Database) -> str:
    return f"/v1/databases/{encode_id('db', database.id)}"


def test_the_shortest_way_that_is_open_is_taken(settings: Settings) -> None:
    ours, other = standing(settings, "e"), standing(settings, "another")
    ways = [
        on_railway(ours, PUBLIC, label="x"),
        on_railway(other, PUBLIC, label="x"),
        on_railway(other, PUBLIC),
        on_railway(other, {}),
    ]
    assert [(way.reach, way.host, way.port) for way in ways] == [
        ("private", "s.internal", 5432),
        ("worker", "s.internal", 5432),
        ("public", "a.proxy.rlwy.net", 12345),
        ("none", None, None),
    ]


def test_where_a_worker_with_a_label_stands_is_not_where_the_installation_is(settings: Settings) -> None:
    assert on_railway(standing_elsewhere(standing(settings, "e"), "x"), {}).reach == "none"


def test_one_that_is_still_being_made_has_no_reach(settings: Settings) -> None:
    database = Database(provider="railway", project_id=new_id(), environment_id=new_id(), name="m", created_by="t")
    address(database, settings)
    assert (database.reach, database.host) == (None, None)


async def test_while_nothing_reaches_the_server_every_request_that_needs_it_names_the_three_ways_out(
    runtime: Runtime, client: httpx.AsyncClient, as_admin: dict[str, str], project_id: UUID, s3_location: Any
) -> None:
    await make_location(client, as_admin, runtime, project_id, s3_location, "copies")
    database = await add_on_railway(runtime, project_id)
    headers = as_admin | {"Idempotency-Key": uuid4().hex}
    answers = [
        await client.get(f"{path_of(database)}/logical-databases", headers=as_admin),
        await client.post(f"{path_of(database)}/backups", json={}, headers=headers),
        await client.post(f"{path_of(database)}/backups", json={"all_logical_databases": True}, headers=headers),
    ]
    for answer in answers:
        problem = answer.json()
        assert (answer.status_code, problem["code"], problem["retryable"]) == (409, "DATABASE_UNREACHABLE", False)
        public, temporary, worker = problem["remedies"]
        assert (public["method"], public["path"]) == ("PUT", f"{path_of(database)}/public-access")
        assert (temporary["member"], temporary["value"]) == ("network", "temporary_public")
        assert worker["command"] == f"pgmanager worker --label {worker['body']['worker_label']}"
        assert (worker["method"], worker["path"]) == ("PATCH", path_of(database))
        patched = await client.patch(f"{worker['path']}?dry_run=true", json=worker["body"], headers=as_admin)
        assert patched.status_code == 200, patched.text
    view = (await client.get(path_of(database), headers=as_admin)).json()
    assert (view["reach"], view["host"], view["port"], view["worker_label"]) == ("none", None, None, None)


async def test_a_job_that_needs_the_server_fails_by_the_same_name(runtime: Runtime, project_id: UUID) -> None:
    """When the last way was closed after it was accepted."""
    database = await add_on_railway(runtime, project_id)
    with pytest.raises(Exception, match="no way into it is known") as caught:
        target_of(database, runtime.key_ring)
    assert caught.value.code == "DATABASE_UNREACHABLE"  # type: ignore[attr-defined]  # a Problem


async def test_applications_beside_the_server_get_its_private_address_while_we_have_none(
    runtime: Runtime, client: httpx.AsyncClient, as_admin: dict[str, str], project_id: UUID
) -> None:
    private = await add_on_railway(runtime, project_id)
    answer = await client.get(f"{path_of(private)}/variables", headers=as_admin)
    assert answer.json()["variables"]["DATABASE_URL"] == (
        "postgresql://postgres:***@s.internal:5432/railway?sslmode=require"
    )


async def test_through_the_proxy_tls_is_required_whatever_the_row_says(
    runtime: Runtime, client: httpx.AsyncClient, as_admin: dict[str, str], project_id: UUID
) -> None:
    database = await add_on_railway(runtime, project_id, **PUBLIC)
    assert database.tls_mode == TlsMode.PREFER
    assert target_of(database, runtime.key_ring).tls is TlsMode.REQUIRE
    answer = await client.get(f"{path_of(database)}/variables", headers=as_admin)
    variables = answer.json()["variables"]
    assert variables["DATABASE_URL"] == ("postgresql://postgres:***@a.proxy.rlwy.net:12345/railway?sslmode=require")
    assert variables["PGSSLMODE"] == "require"


async def test_a_label_sends_the_servers_jobs_to_the_workers_beside_it(
    runtime: Runtime, client: httpx.AsyncClient, as_admin: dict[str, str], project_id: UUID
) -> None:
    database = await add_on_railway(runtime, project_id, **PUBLIC)
    before = await start(runtime, RestartDatabase(database_id=database.id), database)
    assert before.worker_label is None
    answer = await client.patch(path_of(database), json={"worker_label": "beside"}, headers=as_admin)
    assert (answer.json()["reach"], answer.json()["host"]) == ("worker:beside", "s.internal")
    assert await label_of(runtime, before) == "beside"
    after = await start(runtime, RestartDatabase(database_id=database.id), database)
    deletion = await start(runtime, DeleteDatabase(database_id=database.id, final_backup=False), database)
    assert (after.worker_label, deletion.worker_label) == ("beside", None)
    refused = await client.get(f"{path_of(database)}/logical-databases", headers=as_admin)
    assert (refused.status_code, refused.json()["code"]) == (409, "DATABASE_UNREACHABLE")
    assert refused.json()["remedies"][2]["body"] == {"worker_label": "beside"}
    renamed = await client.patch(path_of(database), json={"name": "other"}, headers=as_admin)
    assert renamed.json()["worker_label"] == "beside"
    answer = await client.patch(path_of(database), json={"worker_label": None}, headers=as_admin)
    assert (answer.json()["reach"], answer.json()["host"]) == ("public", "a.proxy.rlwy.net")
    assert [await label_of(runtime, job) for job in (before, after)] == [None, None]


async def test_a_process_of_the_label_itself_asks_the_server(
    runtime: Runtime, client: httpx.AsyncClient, as_admin: dict[str, str], project_id: UUID
) -> None:
    database = await add_on_railway(runtime, project_id, private_host="127.0.0.1", private_port=1)
    label = runtime.settings.worker.model_copy(update={"label": "beside"})
    object.__setattr__(runtime, "settings", runtime.settings.model_copy(update={"worker": label}))
    await client.patch(path_of(database), json={"worker_label": "beside"}, headers=as_admin)
    answer = await client.get(f"{path_of(database)}/logical-databases", headers=as_admin)
    assert (answer.status_code, answer.json()["code"]) == (503, "DATABASE_UNREACHABLE")
    assert "127.0.0.1" in answer.json()["detail"]


@pytest.mark.parametrize("label", ["", "Ümlaut", "a b", "-x", "x" * 64])
async def test_a_label_is_a_short_plain_word(
    runtime: Runtime, client: httpx.AsyncClient, as_admin: dict[str, str], project_id: UUID, label: str
) -> None:
    database = await add_on_railway(runtime, project_id)
    answer = await client.patch(path_of(database), json={"worker_label": label}, headers=as_admin)
    assert (answer.status_code, answer.json()["code"]) == (422, "VALIDATION_FAILED")


async def test_only_databases_on_railway_have_a_label_and_ways_of_their_own(
    runtime: Runtime, client: httpx.AsyncClient, as_admin: dict[str, str], project_id: UUID
) -> None:
    database = await add_database(runtime, project_id, target=somewhere(), state=DatabaseState.AVAILABLE)
    answer = await client.patch(path_of(database), json={"worker_label": "beside"}, headers=as_admin)
    assert (answer.status_code, answer.json()["code"]) == (409, "PROVIDER_CANNOT")
    headers = as_admin | {"Idempotency-Key": uuid4().hex}
    wish = {"network": "temporary_public"}
    answer = await client.post(f"{path_of(database)}/backups", json=wish, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (409, "PROVIDER_CANNOT")
    assert (await client.get(path_of(database), headers=as_admin)).json()["reach"] is None


async def test_where_on_railway_it_is_is_shown_and_nothing_of_others(
    runtime: Runtime, client: httpx.AsyncClient, as_admin: dict[str, str], project_id: UUID
) -> None:
    database = await add_on_railway(runtime, project_id, **PUBLIC, service_name="Postgres", volume_id="v")
    shown = (await client.get(path_of(database), headers=as_admin)).json()
    assert shown["railway"] == {
        "connection_id": encode_id("rwc", UUID(int=1)),
        "project_id": "p",
        "environment_id": "e",
        "service_id": "s",
        "service_name": "Postgres",
        "volume_id": "v",
        "region": None,
        "image": None,
        **PUBLIC,
        "private_host": "s.internal",
    }
    elsewhere = await add_database(runtime, project_id, "other", target=somewhere())
    listed = (await client.get("/v1/databases", headers=as_admin)).json()["data"]
    assert {one["id"]: one["railway"] for one in listed} == {
        shown["id"]: shown["railway"],
        encode_id("db", elsewhere.id): None,
    }


async def test_the_public_address_is_used_with_tls(simulator: Simulator, runtime: Runtime, project_id: UUID) -> None:
    environment = await railway_environment(runtime, simulator, project_id)
    database = await railway_database(runtime, simulator, environment, public=True, tls_mode="prefer")
    assert database.reach == "public"
    async with connect(target_of(database, runtime.key_ring), application_name="test") as session:
        assert await session.fetchval("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")


async def start(runtime: Runtime, args: RestartDatabase | DeleteDatabase, database: Database) -> Job:
    async with runtime.sessions() as session, session.begin():
        targets = [Target(database.id)]
        made = await enqueue(session, args, created_by="test", targets=targets, on_conflict=OnConflict.QUEUE)
    return made.job


async def label_of(runtime: Runtime, job: Job) -> str | None:
    async with runtime.sessions() as session:
        return (await session.get_one(Job, job.id)).worker_label
