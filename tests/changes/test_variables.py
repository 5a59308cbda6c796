"""A service's variables and limits, and its name in the variables of others."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from app.databases.models import Database, Environment
from app.kit.ids import encode_id
from app.providers.railway.place import Place
from app.runtime import Runtime
from tests.changes.conftest import Call, Finished
from tests.changes.idle import a_named_service, an_idle_database
from tests.planted import plant
from tests.providers.railway_simulated.asking import STAGE, an_environment, ask, deployed, until, variables_of
from tests.railway_simulator.process import Simulator
from tests.workers import MakeWorker


@pytest.fixture
def name() -> str:
    """Services are named once in a project, which all tests of this module share."""
    return f"Postgres {str(uuid4())[:6]}"


@pytest.fixture
async def database(runtime: Runtime, platform: Simulator, environment: Environment, name: str) -> Database:
    return await an_idle_database(runtime, platform, environment, name)


@pytest.fixture
def place(database: Database) -> Place:
    return Place.of(database.provider_data)


@pytest.fixture
def path(database: Database) -> str:
    return f"/v1/databases/{encode_id('db', database.id)}"


@pytest.mark.usefixtures("worker")
async def test_variables_are_set_and_removed_without_a_deployment_and_without_their_values_in_our_rows(
    call: Call, finished: Finished, platform: Simulator, place: Place, path: str
) -> None:
    secret = plant("a variable's value", f"value-{uuid4()}")
    before = await deployed(platform, place.environment_id, place.service())
    wish = {"set": {"API_KEY": secret, "PGOPTIONS": "-c work_mem=8MB"}, "unset": []}
    job = await finished(await call("PUT", f"{path}/variables", wish))
    assert (job["state"], job["result"]["set"]) == ("succeeded", ["API_KEY", "PGOPTIONS"]), job["error"]
    assert (await variables_of(platform, place.environment_id, place.service()))["API_KEY"] == secret

    for kind in ("", "lost_answer"):
        if kind:
            await platform.fault("environmentPatchCommitStaged", kind)
        job = await finished(await call("PUT", f"{path}/variables", {"unset": ["API_KEY"]}))
        assert job["state"] == "succeeded", job["error"]
        assert "API_KEY" not in await variables_of(platform, place.environment_id, place.service())
        await finished(await call("PUT", f"{path}/variables", {"set": {"API_KEY": secret}}))
    assert await deployed(platform, place.environment_id, place.service()) == before


async def test_variables_that_the_server_would_not_follow_are_refused_with_the_reason(
    call: Call, platform: Simulator, place: Place, path: str
) -> None:
    wish = {
        "set": {"POSTGRES_PASSWORD": "another-one", "COLOUR": "blue"},
        "unset": ["DATABASE_URL", "RAILWAY_PROJECT_ID"],
    }
    refused = (await call("PUT", f"{path}/variables", wish, expect=422)).json()
    assert refused["code"] == "VARIABLE_RESERVED"
    assert set(refused["variables"]) == {"POSTGRES_PASSWORD", "DATABASE_URL", "RAILWAY_PROJECT_ID"}
    assert "rotating" in refused["variables"]["POSTGRES_PASSWORD"]
    assert "COLOUR" not in await variables_of(platform, place.environment_id, place.service())
    for wrong in ({"set": {"no spaces": "1"}}, {"set": {"A": "1"}, "unset": ["A"]}, {}, {"set": {"A": "\0"}}):
        await call("PUT", f"{path}/variables", wrong, expect=422)


async def test_what_somebody_else_staged_is_neither_committed_nor_lost(
    call: Call, platform: Simulator, place: Place, path: str
) -> None:
    theirs = {"services": {place.service(): {"variables": {"THEIRS": {"value": "their-value"}}}}}
    await ask(platform, STAGE, e=place.environment_id, patch=theirs, merge=True)
    refused = (await call("PUT", f"{path}/variables", {"unset": ["SSL_CERT_DAYS"]}, expect=409)).json()
    assert refused["code"] == "RAILWAY_STAGED_CHANGES_FOREIGN"
    assert "THEIRS" not in await variables_of(platform, place.environment_id, place.service())


async def test_variables_at_railway_are_masked_unless_they_may_be_seen(call: Call, place: Place, path: str) -> None:
    rendered = (await call("GET", f"{path}/variables?source=railway", expect=200)).json()["variables"]
    assert rendered["POSTGRES_PASSWORD"] == rendered["DATABASE_URL"] == "***"
    assert (rendered["PGUSER"], rendered["RAILWAY_ENVIRONMENT_ID"]) == ("postgres", place.environment_id)
    written = (await call("GET", f"{path}/variables?source=railway&rendered=false", expect=200)).json()["variables"]
    assert written["DATABASE_URL"] == "postgresql://${{PGUSER}}:${{POSTGRES_PASSWORD}}@${{PGHOST}}:5432/${{PGDATABASE}}"
    assert written["POSTGRES_PASSWORD"] == "***"
    shown = (await call("GET", f"{path}/variables?source=railway&reveal=true", expect=200)).json()
    assert shown["variables"]["POSTGRES_PASSWORD"] == "not-a-real-password"
    trail = (await call("GET", "/v1/audit-events?action=reveal_database_variables", expect=200)).json()["data"]
    assert [event["details"] for event in trail] == [{"source": "railway", "rendered": True}]


@pytest.mark.usefixtures("worker")
async def test_limits_are_checked_against_the_plan_and_hold_from_the_next_deployment_on(
    call: Call, finished: Finished, platform: Simulator, place: Place, path: str
) -> None:
    before = await deployed(platform, place.environment_id, place.service())
    refused = (await call("PUT", f"{path}/limits", {"memory_gb": 512}, expect=422)).json()
    assert (refused["code"], refused["plan"]["memory_gb"]) == ("LIMIT_ABOVE_PLAN", 32)
    assert (await call("PUT", f"{path}/limits", {}, expect=422)).json()["code"] == "NOTHING_TO_CHANGE"
    tried = (await call("PUT", f"{path}/limits?dry_run=true", {"memory_gb": 2, "vcpus": 1})).json()["plan"]
    assert {line["what"]: line["usd"] for line in tried["cost"]["lines"]} == {"memory": 20.0, "cpu": 20.0}
    job = await finished(await call("PUT", f"{path}/limits", {"memory_gb": 2}))
    assert job["state"] == "succeeded", job["error"]
    assert await deployed(platform, place.environment_id, place.service()) == before
    job = await finished(await call("PUT", f"{path}/limits", {"vcpus": 2, "redeploy": True}))
    assert job["state"] == "succeeded", job["error"]
    assert await deployed(platform, place.environment_id, place.service()) != before


@pytest.mark.usefixtures("worker")
async def test_two_databases_of_one_environment_are_changed_one_after_the_other(
    call: Call,
    finished: Finished,
    platform: Simulator,
    runtime: Runtime,
    environment: Environment,
    path: str,
    name: str,
) -> None:
    other = await an_idle_database(runtime, platform, environment, f"Other {name}")
    pause = await platform.pause("variableCollectionUpsert", "before")
    first = await call("PUT", f"{path}/variables", {"set": {"COLOUR": "blue"}})
    assert await pause.reached(20)
    second = await call("PUT", f"/v1/databases/{encode_id('db', other.id)}/limits", {"memory_gb": 2})
    link = second.json()["job"]["links"]["self"]

    async def look() -> dict[str, Any]:
        found: dict[str, Any] = (await call("GET", link, expect=200)).json()
        return found

    waiting = await until(look, lambda found: found["state"] == "waiting")
    assert first.json()["job"]["id"] in waiting["waiting_for"]
    await pause.release()
    assert [(await finished(answer))["state"] for answer in (first, second)] == ["succeeded", "succeeded"]


@pytest.mark.usefixtures("worker")
async def test_a_renamed_service_keeps_its_consumers(
    call: Call, finished: Finished, platform: Simulator, place: Place, path: str, name: str
) -> None:
    at, new = place.environment_id, f"Main {name}"
    values = {
        "DATABASE_URL": f"${{{{{name}.DATABASE_URL}}}}",
        "DSN": f"x=${{{{ {name}.PGHOST }}}};secret=kept",
        "OTHER": "1",
    }
    web, _ = await a_named_service(platform, at, f"web of {name}", values)
    wish = {"name": new}
    tried = (await call("POST", f"{path}:rename-service?dry_run=true", wish)).json()["plan"]
    assert [(one["variable"], one["reads"], one["rewritten"]) for one in tried["references"]] == [
        ("DATABASE_URL", "DATABASE_URL", True),
        ("DSN", "PGHOST", True),
    ]
    before = await variables_of(platform, at, web)
    await platform.fault("serviceUpdate", "lost_answer")
    await platform.fault("variableCollectionUpsert", "lost_request")
    job = await finished(await call("POST", f"{path}:rename-service", wish))
    assert job["state"] == "succeeded", job["error"]
    assert job["result"]["rewritten"] == [f"web of {name}: DATABASE_URL", f"web of {name}: DSN"]
    assert await variables_of(platform, at, web) == before
    written = await variables_of(platform, at, web, unrendered=True)
    assert written["DATABASE_URL"] == f"${{{{{new}.DATABASE_URL}}}}"
    assert written["DSN"] == f"x=${{{{{new}.PGHOST}}}};secret=kept"


@pytest.mark.usefixtures("worker")
async def test_references_that_we_do_not_rewrite_are_listed_and_refuse_the_renaming(
    call: Call, finished: Finished, platform: Simulator, place: Place, path: str, name: str
) -> None:
    elsewhere = await an_environment(platform)
    await a_named_service(platform, elsewhere, f"staging of {name}", {"URL": f"${{{{{name}.DATABASE_URL}}}}"})
    wish = {"name": f"New {name}"}
    refused = (await call("POST", f"{path}:rename-service", wish, expect=409)).json()
    assert refused["code"] == "REFERENCES_WOULD_BREAK"
    assert refused["references"][0].endswith(f"/ staging of {name} / URL")
    job = await finished(await call("POST", f"{path}:rename-service", wish | {"break_references": True}))
    assert job["state"] == "succeeded", job["error"]
    taken = (await call("POST", f"{path}:rename-service", {"name": f"New {name}"}, expect=422)).json()
    assert taken["code"] == "NOTHING_TO_CHANGE"


async def test_a_worker_that_dies_after_the_change_leaves_the_rest_to_the_next_one(
    call: Call,
    finished: Finished,
    platform: Simulator,
    place: Place,
    path: str,
    name: str,
    make_worker: MakeWorker,
) -> None:
    """Stopped where a killed one would be: after Railway did it, and before its answer."""
    web, _ = await a_named_service(
        platform, place.environment_id, f"web of {name}", {"DATABASE_URL": f"${{{{{name}.DATABASE_URL}}}}"}
    )
    pause = await platform.pause("serviceUpdate", "after")
    answer = await call("POST", f"{path}:rename-service", {"name": f"Second {name}"})
    stop = asyncio.Event()
    first = asyncio.create_task(make_worker().run(stop))
    assert await pause.reached(20)
    stop.set()
    await first
    await pause.release()
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(make_worker().run(stop))
        job = await finished(answer)
        stop.set()
    assert job["state"] == "succeeded", job["error"]
    written = await variables_of(platform, place.environment_id, web, unrendered=True)
    assert written["DATABASE_URL"] == f"${{{{Second {name}.DATABASE_URL}}}}"
