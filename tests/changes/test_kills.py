"""Workers that die in the middle of a change: before Railway does it, and after it did and before its answer."""

from uuid import uuid4

import pytest
from sqlmodel import col, select

from app.databases.models import Database, DatabaseState, Environment
from app.kit.ids import encode_id
from app.providers.railway.models import RailwayIntent
from app.providers.railway.place import Place
from app.runtime import Runtime
from tests.changes.conftest import Call, Finished
from tests.changes.idle import an_idle_database
from tests.providers.railway_simulated.asking import STAGED, ask, commit, variables_of
from tests.railway_simulator.process import Simulator
from tests.railway_world import open_at_railway, open_proxies, railway_database
from tests.workers import Killed

BOTH = pytest.mark.parametrize("when", ["before", "after"])


@pytest.fixture
async def idle(runtime: Runtime, platform: Simulator, environment: Environment) -> Database:
    return await an_idle_database(runtime, platform, environment, f"Postgres {str(uuid4())[:6]}")


async def nothing_held(runtime: Runtime) -> bool:
    async with runtime.sessions() as session:
        query = select(RailwayIntent).where(col(RailwayIntent.closed_at).is_(None))
        return (await session.exec(query)).first() is None


@BOTH
async def test_a_resize(
    call: Call, killed: Killed, platform: Simulator, idle: Database, runtime: Runtime, when: str
) -> None:
    pause = await platform.pause("environmentPatchCommit", when)
    path = f"/v1/databases/{encode_id('db', idle.id)}:resize"
    job = await killed(await call("POST", path, {"volume_size_mb": 70_000}), pause)
    assert (job["state"], job["result"]["volume_size_before_mb"]) == ("succeeded", 50_000), job["error"]
    volume_id = Place.of(idle.provider_data).volume_id
    (found,) = [one for one in (await platform.state())["volume_instances"] if one["volume_id"] == volume_id]
    assert found["size_mb"] == 70_000
    assert await nothing_held(runtime)


@BOTH
@pytest.mark.parametrize("operation", ["environmentStageChanges", "environmentPatchCommitStaged"])
async def test_the_removal_of_a_variable(
    call: Call, killed: Killed, platform: Simulator, idle: Database, when: str, operation: str
) -> None:
    place = Place.of(idle.provider_data)
    patch = {"services": {place.service(): {"variables": {"COLOUR": {"value": "blue"}}}}}
    await commit(platform, place.environment_id, patch)
    pause = await platform.pause(operation, when)
    path = f"/v1/databases/{encode_id('db', idle.id)}/variables"
    job = await killed(await call("PUT", path, {"unset": ["COLOUR"]}), pause)
    assert job["state"] == "succeeded", job["error"]
    assert "COLOUR" not in await variables_of(platform, place.environment_id, place.service())
    staged = await ask(platform, STAGED, e=place.environment_id)
    assert staged["patch"] in ({}, {"services": {place.service(): {"variables": {"COLOUR": None}}}})


@BOTH
async def test_a_redeployment(
    call: Call, killed: Killed, platform: Simulator, environment: Environment, runtime: Runtime, when: str
) -> None:
    database = await railway_database(runtime, platform, environment, public=True)
    service = Place.of(database.provider_data).service()
    before = [one for one in (await platform.state())["deployments"] if one["service_id"] == service]
    pause = await platform.pause("serviceInstanceRedeploy", when)
    job = await killed(await call("POST", f"/v1/databases/{encode_id('db', database.id)}:redeploy"), pause)
    assert (job["state"], job["result"]["server_version"][:3]) == ("succeeded", "15."), job["error"]
    after = [one for one in (await platform.state())["deployments"] if one["service_id"] == service]
    # A request that arrives late, after another one has taken its place, is the one outage too many that nobody can prevent.
    assert len(after) - len(before) <= (1 if when == "after" else 2)
    assert await nothing_held(runtime)


@BOTH
@pytest.mark.parametrize("enabled", [True, False])
async def test_public_access(
    call: Call,
    killed: Killed,
    platform: Simulator,
    environment: Environment,
    runtime: Runtime,
    when: str,
    *,
    enabled: bool,
) -> None:
    database = await railway_database(runtime, platform, environment, public=not enabled)
    service = Place.of(database.provider_data).service()
    pause = await platform.pause("environmentPatchCommit" if enabled else "tcpProxyDelete", when)
    path = f"/v1/databases/{encode_id('db', database.id)}/public-access"
    job = await killed(await call("PUT", path, {"enabled": enabled}), pause)
    assert job["state"] == "succeeded", job["error"]
    assert len(await open_proxies(platform, service)) == (1 if enabled else 0)
    async with runtime.sessions() as session:
        now = await session.get_one(Database, database.id)
    assert (now.state, now.reach) == (DatabaseState.AVAILABLE, "public" if enabled else "none")
    assert await nothing_held(runtime)


async def test_a_cancelled_change_leaves_a_row_that_tells_what_is_there(
    call: Call, finished: Finished, platform: Simulator, environment: Environment, runtime: Runtime, worker: None
) -> None:
    database = await railway_database(runtime, platform, environment, public=False)
    place = Place.of(database.provider_data)
    await platform.settings(proxy_seconds=3.0)
    pause = await platform.pause("environmentPatchCommit", "after")
    path = f"/v1/databases/{encode_id('db', database.id)}/public-access"
    answer = await call("PUT", path, {"enabled": True})
    assert await pause.reached(30)
    await call("POST", f"{answer.json()['job']['links']['self']}:cancel", expect=202)
    job = await finished(answer)
    await pause.release()
    assert job["state"] == "cancelled"
    assert await nothing_held(runtime)
    await open_at_railway(platform, place.environment_id, place.service())
    job = await finished(await call("PUT", path, {"enabled": True}))
    assert job["state"] == "succeeded", job["error"]
    assert len(await open_proxies(platform, place.service())) == 1


async def test_a_cancelled_removal_leaves_nothing_staged(
    call: Call, finished: Finished, platform: Simulator, idle: Database, runtime: Runtime, worker: None
) -> None:
    place = Place.of(idle.provider_data)
    patch = {"services": {place.service(): {"variables": {"COLOUR": {"value": "blue"}}}}}
    await commit(platform, place.environment_id, patch)
    pause = await platform.pause("environmentStageChanges", "after")
    answer = await call("PUT", f"/v1/databases/{encode_id('db', idle.id)}/variables", {"unset": ["COLOUR"]})
    assert await pause.reached(30)
    await call("POST", f"{answer.json()['job']['links']['self']}:cancel", expect=202)
    job = await finished(answer)
    await pause.release()
    assert job["state"] == "cancelled"
    assert (await ask(platform, STAGED, e=place.environment_id))["patch"] == {}
    assert (await variables_of(platform, place.environment_id, place.service()))["COLOUR"] == "blue"
    assert await nothing_held(runtime)
