"""Consumers over HTTP: listed, led to a database and away from it."""

from uuid import uuid4

import pytest

from app.databases.models import Database, Environment
from app.kit.ids import encode_id
from app.platform.observing import claim_due, observe
from app.providers.railway.place import Place
from app.runtime import Runtime
from tests.changes.conftest import Call, Finished
from tests.changes.idle import a_named_service, an_idle_database
from tests.providers.railway_simulated.asking import deployed, variables_of
from tests.railway_simulator.process import Simulator


@pytest.fixture
def name() -> str:
    return f"My Postgres {str(uuid4())[:6]}"


@pytest.fixture
async def database(runtime: Runtime, platform: Simulator, environment: Environment, name: str) -> Database:
    return await an_idle_database(runtime, platform, environment, name, private_host="postgres.railway.internal")


@pytest.fixture
def at(database: Database) -> str:
    return Place.of(database.provider_data).environment_id


@pytest.fixture
def path(database: Database) -> str:
    return f"/v1/databases/{encode_id('db', database.id)}/consumers"


async def test_consumers_are_listed_with_what_is_unwise_about_them(
    call: Call, platform: Simulator, at: str, path: str, name: str
) -> None:
    values = {
        "DATABASE_URL": f"${{{{{name}.DATABASE_URL}}}}",
        "VITE_DATABASE": f"${{{{{name}.DATABASE_PUBLIC_URL}}}}",
        "OLD": f"${{{{{name}.DATABASE_PRIVATE_URL}}}}",
        "HAND_WRITTEN": "postgresql://postgres:very-secret@somewhere/railway",
        "COPIED": "postgresql://postgres:very-secret@postgres.railway.internal:5432/railway",
    }
    web, _ = await a_named_service(platform, at, f"web of {name}", values)
    answer = (await call("GET", path, expect=200)).json()
    found = {one["variable"]: one for one in answer["data"]}
    assert found.keys() == {"DATABASE_URL", "VITE_DATABASE", "OLD", "COPIED"}
    assert {(one["service"], one["railway_service_id"]) for one in found.values()} == {(f"web of {name}", web)}
    assert (found["DATABASE_URL"]["endpoint"], found["DATABASE_URL"]["warnings"]) == ("private", [])
    assert found["VITE_DATABASE"]["endpoint"] == "public"
    assert len(found["VITE_DATABASE"]["warnings"]) == 2
    assert "refer to DATABASE_URL" in found["OLD"]["warnings"][0]
    assert (found["COPIED"]["endpoint"], found["COPIED"]["reads"]) == ("private", "postgres.railway.internal:5432")
    assert "does not follow" in found["COPIED"]["warnings"][0]
    assert "very-secret" not in str(answer)


@pytest.mark.usefixtures("worker")
async def test_what_was_seen_lately_is_told_without_asking_railway_until_we_change_it(
    call: Call, finished: Finished, platform: Simulator, runtime: Runtime, at: str, path: str, name: str
) -> None:
    await a_named_service(platform, at, f"web of {name}", {"URL": f"${{{{{name}.DATABASE_URL}}}}"})
    for row in await claim_due(runtime, 10):
        await observe(runtime, row)
    before = (await platform.state())["requests"]
    answer = (await call("GET", path, expect=200)).json()
    assert (await platform.state())["requests"] == before
    assert [one["variable"] for one in answer["data"]] == ["URL"]
    await finished(await call("DELETE", f"{path}/web of {name}?variable=URL"))
    assert (await call("GET", path, expect=200)).json()["data"] == []


@pytest.mark.usefixtures("worker")
async def test_a_service_is_led_to_the_database_and_away_again(
    call: Call, finished: Finished, platform: Simulator, at: str, path: str, name: str
) -> None:
    web, _ = await a_named_service(platform, at, f"web of {name}", {"DATABASE_URL": "postgresql://a:very-secret@b/c"})
    before = await deployed(platform, at, web)
    tried = (await call("PUT", f"{path}/web of {name}?dry_run=true", {})).json()["plan"]
    reference = f"${{{{{name}.DATABASE_URL}}}}"
    assert (tried["before"], tried["after"], tried["redeploys"]) == ("***", reference, False)
    assert "cannot be brought back" in tried["warnings"][0]
    assert (await variables_of(platform, at, web))["DATABASE_URL"] == "postgresql://a:very-secret@b/c"

    for kind in ("lost_answer", "lost_request"):
        await platform.fault("variableCollectionUpsert", kind)
        job = await finished(await call("PUT", f"{path}/{web}", {}))
        assert (job["state"], job["result"]["value"]) == ("succeeded", reference), job["error"]
        assert (await variables_of(platform, at, web, unrendered=True))["DATABASE_URL"] == reference
        assert await deployed(platform, at, web) == before

    gone = await call("DELETE", f"{path}/web of {name}")
    assert gone.json()["plan"]["before"] == reference
    job = await finished(gone)
    assert job["state"] == "succeeded", job["error"]
    assert await variables_of(platform, at, web) == {}
    assert await deployed(platform, at, web) == before
    assert (await call("DELETE", f"{path}/{web}", expect=404)).json()["code"] == "NOT_FOUND"


@pytest.mark.usefixtures("worker")
async def test_a_consumer_is_deployed_where_that_is_wished_and_once(
    call: Call, finished: Finished, platform: Simulator, at: str, path: str, name: str
) -> None:
    web, _ = await a_named_service(platform, at, f"web of {name}", {})
    before = await deployed(platform, at, web)
    await platform.fault("serviceInstanceRedeploy", "lost_answer")
    wish = {"variable": "DB", "endpoint": "private", "redeploy": True}
    job = await finished(await call("PUT", f"{path}/{web}", wish))
    assert (job["state"], job["result"]["redeployed"]) == ("succeeded", True), job["error"]
    made = [one["id"] for one in (await platform.state())["deployments"] if one["service_id"] == web]
    assert len(made) == 2
    assert await deployed(platform, at, web) != before


async def test_what_cannot_be_led_to_the_database_is_refused_with_the_way_out(
    call: Call, platform: Simulator, at: str, path: str, name: str
) -> None:
    web, _ = await a_named_service(platform, at, f"web of {name}", {"OTHER": "1"})
    refusals = {
        ("nobody", "DATABASE_URL", "private"): (404, "NOT_FOUND"),
        (name, "DATABASE_URL", "private"): (422, "CONSUMER_INVALID"),
        (web, "DATABASE_PRIVATE_URL", "private"): (422, "CONSUMER_INVALID"),
        (web, "RAILWAY_X", "private"): (422, "CONSUMER_INVALID"),
        (web, "DATABASE_URL", "public"): (409, "ENDPOINT_ABSENT"),
        (web, "DATABASE_URL", "pooled"): (409, "ENDPOINT_ABSENT"),
        (web, "DATABASE_URL", "read"): (409, "ENDPOINT_ABSENT"),
    }
    for (service, variable, endpoint), (status, code) in refusals.items():
        wish = {"variable": variable, "endpoint": endpoint}
        refused = (await call("PUT", f"{path}/{service}", wish, expect=status)).json()
        assert refused["code"] == code, (service, variable, endpoint)
    await call("DELETE", f"{path}/{web}?variable=OTHER", expect=404)
    assert await variables_of(platform, at, web) == {"OTHER": "1"}


async def test_two_operators_at_once_do_not_both_change_it(
    call: Call, platform: Simulator, at: str, path: str, name: str
) -> None:
    web, _ = await a_named_service(platform, at, f"web of {name}", {"DATABASE_URL": f"${{{{{name}.DATABASE_URL}}}}"})
    first = await call("DELETE", f"{path}/{web}")
    second = (await call("DELETE", f"{path}/{web}", expect=409)).json()
    assert (second["code"], second["blocking_job_id"]) == ("JOB_CONFLICT", first.json()["job"]["id"])
