"""Public access, redeployment and a larger volume, on a service with a real server behind it."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import httpx
import pytest

from app.auth.scopes import PRESETS, Preset, Scope
from app.databases.access import target_of
from app.databases.models import Database, DatabaseState, Environment
from app.kit.ids import encode_id
from app.providers.railway.place import Place
from app.runtime import Runtime
from tests.changes.conftest import Call, Finished
from tests.changes.idle import a_named_service, an_idle_database
from tests.control import KeyFactory, bearer
from tests.databases.records import add_database
from tests.planted import plant
from tests.providers.railway_simulated.asking import STAGE, STAGED, ask, commit, deployed, until
from tests.railway_simulator.process import Simulator
from tests.railway_world import open_proxies, railway_database
from tests.sessions import connect

pytestmark = pytest.mark.usefixtures("worker")
Reread = Callable[[], Awaitable[Database]]


@pytest.fixture
async def database(runtime: Runtime, platform: Simulator, environment: Environment) -> Database:
    return await railway_database(runtime, platform, environment, public=False)


@pytest.fixture
def reread(runtime: Runtime, database: Database) -> Reread:
    async def read() -> Database:
        async with runtime.sessions() as session:
            return await session.get_one(Database, database.id)

    return read


@pytest.fixture
def path(database: Database) -> str:
    return f"/v1/databases/{encode_id('db', database.id)}"


async def test_public_access_is_switched_on_used_and_switched_off(
    call: Call, finished: Finished, platform: Simulator, runtime: Runtime, database: Database, reread: Reread, path: str
) -> None:
    service = Place.of(database.provider_data).service()
    tried = (await call("PUT", f"{path}/public-access?dry_run=true", {"enabled": True})).json()["plan"]
    assert tried["cost"]["lines"][0]["what"] == "egress"
    assert tried["outage"]
    assert await open_proxies(platform, service) == []
    addresses = []
    for _ in range(2):
        job = await finished(await call("PUT", f"{path}/public-access", {"enabled": True}))
        assert job["state"] == "succeeded", job["error"]
        now = await reread()
        assert (now.reach, now.state) == ("public", DatabaseState.AVAILABLE)
        assert (job["result"]["public_host"], job["result"]["public_port"]) == (now.host, now.port)
        assert job["result"]["server_version"].startswith("15.")
        async with connect(target_of(now, runtime.key_ring), application_name="test") as connection:
            assert await connection.fetchval("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
        addresses.append((now.host, now.port))

        job = await finished(await call("PUT", f"{path}/public-access", {"enabled": False}))
        assert job["state"] == "succeeded", job["error"]
        now = await reread()
        assert (now.reach, now.host, now.state) == ("none", None, DatabaseState.AVAILABLE)
        assert "no login was tried" in job["warnings"][0]
        assert await open_proxies(platform, service) == []
    assert addresses[0] != addresses[1]
    events = [event["type"] for event in (await call("GET", f"{path}/events", expect=200)).json()["data"]]
    assert events.count("database.public_access_enabled") == events.count("database.public_access_disabled") == 2


async def test_who_has_the_public_address_written_out_is_told_when_it_goes(
    call: Call, finished: Finished, platform: Simulator, environment: Environment, runtime: Runtime
) -> None:
    host, port = "shore.proxy.rlwy.net", 34567
    database = await an_idle_database(runtime, platform, environment, "Copied", public_host=host, public_port=port)
    secret = plant("a password in a consumer's variable", "copied-by-hand")
    values = {"URL": f"postgresql://u:{secret}@{host}:{port}/railway", "OTHER": f"postgresql://u:x@{host}:1/railway"}
    await a_named_service(platform, environment.railway_environment_id or "", "web", values)
    path = f"/v1/databases/{encode_id('db', database.id)}"
    readers = (await call("GET", f"{path}/network", expect=200)).json()["public_readers"]
    assert readers == [{"service": "web", "variable": "URL"}]
    job = await finished(await call("PUT", f"{path}/public-access", {"enabled": False}))
    assert job["state"] == "succeeded", job["error"]
    (told,) = [one for one in job["warnings"] if "written out" in one]
    assert told.startswith(f"{host}:{port} is written out in web.URL, ")


async def test_a_redeployment_is_an_outage_that_ends_with_a_login(
    call: Call, finished: Finished, platform: Simulator, environment: Environment, runtime: Runtime
) -> None:
    database = await railway_database(runtime, platform, environment, public=True)
    place = Place.of(database.provider_data)
    before = await deployed(platform, place.environment_id, place.service())
    await platform.fault("serviceInstanceRedeploy", "lost_answer")
    answer = await call("POST", f"/v1/databases/{encode_id('db', database.id)}:redeploy")
    assert "CHECKPOINT" in answer.json()["plan"]["steps"][0]
    job = await finished(answer)
    assert job["state"] == "succeeded", job["error"]
    assert job["result"]["server_version"].startswith("15.")
    made = [one for one in (await platform.state())["deployments"] if one["service_id"] == place.service()]
    assert len([one for one in made if one["id"] != before and one["created_at"]]) == len(made) - 1
    assert await deployed(platform, place.environment_id, place.service()) != before


async def test_a_deployment_that_fails_is_told_with_its_status_and_the_database_is_not_called_available(
    call: Call, finished: Finished, platform: Simulator, database: Database, reread: Reread, path: str
) -> None:
    place = Place.of(database.provider_data)
    broken = {"source": {"image": "ghcr.io/railwayapp-templates/postgres-ssl:99"}}
    await commit(platform, place.environment_id, {"services": {place.service(): broken}})
    await deployed(platform, place.environment_id, place.service(), "FAILED")
    job = await finished(await call("POST", f"{path}:redeploy"))
    assert (job["state"], job["error"]["code"]) == ("failed", "RAILWAY_DEPLOYMENT_FAILED")
    now = await reread()
    assert (now.state, job["id"] in str(now.state_reason)) == (DatabaseState.UNREACHABLE, True)


async def test_the_plan_for_a_server_that_nothing_reaches_promises_neither_checkpoint_nor_login(
    call: Call, path: str
) -> None:
    plan = (await call("POST", f"{path}:redeploy?dry_run=true")).json()["plan"]
    assert "CHECKPOINT" not in str(plan["steps"])
    assert "no login is tried" in plan["steps"][-1]
    assert "no checkpoint" in plan["warnings"][0]


async def test_a_volume_grows_and_what_it_costs_is_said_first(
    call: Call, finished: Finished, platform: Simulator, database: Database, path: str
) -> None:
    refused = (await call("POST", f"{path}:resize", {"volume_size_mb": 50_000}, expect=422)).json()
    assert (refused["code"], refused["size_mb"]) == ("VOLUME_CANNOT_SHRINK", 50_000)
    plan = (await call("POST", f"{path}:resize?dry_run=true", {"volume_size_mb": 60_000})).json()["plan"]
    (line,) = plan["cost"]["lines"]
    assert (line["what"], line["usd"], plan["cost"]["is_estimate"]) == ("volume", 9.0, True)
    assert plan["outage"] is None
    job = await finished(await call("POST", f"{path}:resize", {"volume_size_mb": 60_000}))
    assert job["state"] == "succeeded", job["error"]
    assert (job["result"]["volume_size_before_mb"], job["result"]["volume_size_mb"]) == (50_000, 60_000)
    volume_id = Place.of(database.provider_data).volume_id
    found = [one for one in (await platform.state())["volume_instances"] if one["volume_id"] == volume_id]
    assert [one["size_mb"] for one in found] == [60_000]


async def test_what_others_have_staged_refuses_our_patches_and_stays_as_it_is_where_they_are_forced(
    call: Call,
    finished: Finished,
    client: httpx.AsyncClient,
    key_factory: KeyFactory,
    platform: Simulator,
    database: Database,
    path: str,
) -> None:
    environment_id = Place.of(database.provider_data).environment_id
    theirs = {"sharedVariables": {"SOMEBODY": {"value": "a value of somebody's"}}}
    await ask(platform, STAGE, e=environment_id, patch=theirs, merge=True)
    wishes: list[tuple[str, str, dict[str, Any]]] = [
        ("POST", f"{path}:resize", {"volume_size_mb": 60_000}),
        ("PUT", f"{path}/public-access", {"enabled": True}),
        ("PATCH", f"{path}/network", {"public_access": True}),
    ]
    weak = bearer(await key_factory(*(PRESETS[Preset.ADMIN] - {Scope.RAILWAY_FORCE})))
    for method, where, wish in wishes:
        refused = (await call(method, where, wish, expect=409)).json()
        assert (refused["code"], refused["foreign"]) == ("RAILWAY_STAGED_CHANGES_FOREIGN", ["sharedVariables.SOMEBODY"])
        headers = weak | {"Idempotency-Key": f"forced-{method}"}
        denied = await client.request(method, where, json=wish | {"force": True}, headers=headers)
        assert (denied.status_code, denied.json()["required_scope"]) == (403, "railway:force")
    for method, where, wish in wishes[:2]:
        job = await finished(await call(method, where, wish | {"force": True}))
        assert job["state"] == "succeeded", job["error"]
    assert (await ask(platform, STAGED, e=environment_id))["patch"] == theirs


async def test_a_full_volume_is_said_to_be_enlarged_with_a_restart(
    call: Call, platform: Simulator, runtime: Runtime, environment: Environment
) -> None:
    await platform.settings(volume_size_mb=10)
    full = await railway_database(runtime, platform, environment, public=False)
    resize = f"/v1/databases/{encode_id('db', full.id)}:resize?dry_run=true"
    # The volume fills while its server begins.
    answer = await until(
        lambda: call("POST", resize, {"volume_size_mb": 50_000}), lambda said: said.json()["plan"]["outage"] is not None
    )
    assert "restart" in answer.json()["plan"]["outage"]


async def test_a_size_above_the_plan_fails_the_job_with_railways_words(
    call: Call, finished: Finished, platform: Simulator, path: str, reread: Reread
) -> None:
    await platform.settings(largest_volume_mb=55_000)
    job = await finished(await call("POST", f"{path}:resize", {"volume_size_mb": 60_000}))
    assert (job["state"], job["error"]["code"]) == ("failed", "VOLUME_SIZE_REFUSED")
    assert "55000 MB at most" in job["error"]["detail"]
    assert (await reread()).state == DatabaseState.AVAILABLE
    job = await finished(await call("POST", f"{path}:resize", {"volume_size_mb": 54_000}))
    assert job["state"] == "succeeded", job["error"]


async def test_a_quota_that_is_used_up_in_the_middle_is_waited_for(
    call: Call, finished: Finished, platform: Simulator, path: str
) -> None:
    await platform.fault("environmentPatchCommit", "rate_limited")
    answer = await call("POST", f"{path}:resize", {"volume_size_mb": 60_000})
    job = await finished(answer)
    assert job["state"] == "succeeded", job["error"]


async def test_two_operators_at_once_do_not_both_change_it(call: Call, finished: Finished, path: str) -> None:
    first = await call("POST", f"{path}:resize", {"volume_size_mb": 60_000})
    second = (await call("POST", f"{path}:resize", {"volume_size_mb": 61_000}, expect=409)).json()
    assert (second["code"], second["blocking_job_id"]) == ("JOB_CONFLICT", first.json()["job"]["id"])
    assert (await finished(first))["state"] == "succeeded"


async def test_a_token_without_the_right_is_told_apart_and_remembered(
    call: Call, finished: Finished, platform: Simulator, path: str, environment: Environment
) -> None:
    await platform.settings(missing_privileges=["environmentPatchCommit"])
    job = await finished(await call("POST", f"{path}:resize", {"volume_size_mb": 60_000}))
    assert (job["state"], job["error"]["code"]) == ("failed", "RAILWAY_FORBIDDEN")
    assert environment.connection_id is not None
    connection = f"/v1/railway-connections/{encode_id('rwc', environment.connection_id)}"
    found = (await call("GET", connection, expect=200)).json()["capabilities"]
    assert "no" in str(found["volumes.write"] if isinstance(found, dict) else found)


async def test_a_database_elsewhere_cannot_be_changed_so(call: Call, project_id: UUID, runtime: Runtime) -> None:
    database = await add_database(runtime, project_id, state=DatabaseState.AVAILABLE)
    path = f"/v1/databases/{encode_id('db', database.id)}"
    wishes = [
        ("PUT", f"{path}/public-access", {"enabled": True}),
        ("POST", f"{path}:redeploy", None),
        ("POST", f"{path}:resize", {"volume_size_mb": 1}),
        ("PUT", f"{path}/limits", {"memory_gb": 1}),
        ("POST", f"{path}:rename-service", {"name": "x"}),
        ("PUT", f"{path}/variables", {"set": {"A": "1"}}),
        ("GET", f"{path}/consumers", None),
        ("PUT", f"{path}/consumers/web", {}),
        ("DELETE", f"{path}/consumers/web", None),
    ]
    for method, where, wish in wishes:
        refused = (await call(method, where, wish, expect=409)).json()
        assert refused["code"] == "PROVIDER_CANNOT", where
