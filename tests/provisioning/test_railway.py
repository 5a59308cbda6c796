"""POST /v1/databases, :restart and DELETE for servers at Railway, over HTTP, with real servers behind a simulated platform."""

from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlmodel import select

from app.auth.scopes import PRESETS, Preset, Scope
from app.databases.models import Environment
from app.events.models import DomainEvent
from app.kit.ids import decode_id, encode_id
from app.postgres.connection_string import parse_connection_string
from app.providers.railway.credential import TokenKind
from app.runtime import Runtime
from tests.control import KeyFactory, bearer
from tests.planted import plant
from tests.platform.records import connect as register
from tests.providers.railway_simulated.asking import (
    STAGE,
    a_service,
    an_environment,
    ask,
    until,
)
from tests.providers.railway_simulated.making import NEVER_RUNS, there
from tests.provisioning.conftest import Finished
from tests.provisioning.railway import There, adopted, impatient, platform, railway, settings
from tests.railway_simulator.process import Simulator
from tests.sessions import connect

__all__ = ["impatient", "platform", "railway", "settings"]

pytestmark = pytest.mark.usefixtures("worker", "impatient")

_DELETE_SERVICE = "mutation($s: String!, $e: String!) { serviceDelete(id: $s, environmentId: $e) }"


async def test_a_public_database_is_made_restarted_and_deleted_with_its_volume(
    railway: There, platform: Simulator, runtime: Runtime, finished: Finished
) -> None:
    answer = await railway.post(public_access=True)
    assert answer.status_code == 202, answer.text
    accepted = answer.json()
    assert (accepted["railway"]["path"], accepted["railway"]["cost"]["is_estimate"]) == ("template", True)
    job = await finished(accepted)
    assert job["state"] == "succeeded", job["error"]
    steps = [step["name"] for step in job["progress"]["steps"]]
    assert steps == ["prepare", "deploy", "settle", "publish", "connect"]

    path = f"/v1/databases/{accepted['database']['id']}"
    database = await railway.get(path)
    assert (database["state"], database["reach"], database["tls_mode"]) == ("available", "public", "require")
    variables = (await railway.get(f"{path}/variables?reveal=true"))["variables"]
    target = parse_connection_string(variables["DATABASE_URL"])
    async with connect(target, application_name="test") as session:
        before = await session.fetchval("SELECT pg_postmaster_start_time()")
    environment = await _environment(runtime, database)
    assert environment.railway_environment_id == railway.environment_id
    async with runtime.sessions() as session:
        query = select(DomainEvent).where(DomainEvent.type == "environment.linked")
        (linked,) = (await session.exec(query)).all()
    assert (linked.subject_id, linked.data["railway_environment_id"]) == (
        encode_id("env", environment.id),
        railway.environment_id,
    )

    await platform.fault("deploymentRestart", "lost_answer")
    restarted = await finished((await railway.post(f"{path}:restart")).json())
    assert restarted["state"] == "succeeded", restarted["error"]
    async with connect(target, application_name="test") as session:
        assert await session.fetchval("SELECT pg_postmaster_start_time()") > before

    deleted = await finished((await railway.delete(f"{path}?confirm=shop&final_backup=false")).json())
    assert deleted["state"] == "succeeded", deleted["error"]
    assert deleted["result"]["recoverable_until"] is not None
    found = await there(platform, railway.environment_id)
    assert (found.services, found.volumes) == ([], [])


async def test_a_private_database_is_available_with_a_warning_that_names_the_ways_to_it(
    railway: There, finished: Finished
) -> None:
    accepted = (await railway.post()).json()
    job = await finished(accepted)
    assert job["state"] == "succeeded", job["error"]
    (warning,) = job["warnings"]
    assert "public access" in warning
    assert "temporary_public" in warning
    assert "pgmanager worker --label" in warning
    database = await railway.get(f"/v1/databases/{accepted['database']['id']}")
    assert (database["state"], database["reach"], database["server_version"]) == ("available", "none", None)


async def test_a_failed_creation_leaves_nothing_and_says_why(
    railway: There, platform: Simulator, finished: Finished
) -> None:
    accepted = (await railway.post(image=NEVER_RUNS, service_name="Orders")).json()
    assert accepted["railway"]["path"] == "patch"
    job = await finished(accepted)
    assert (job["state"], job["error"]["code"]) == ("failed", "RAILWAY_DEPLOYMENT_FAILED")
    database = await railway.get(f"/v1/databases/{accepted['database']['id']}")
    assert database["state"] == "failed"
    found = await there(platform, railway.environment_id)
    assert (found.services, found.volumes) == ([], [])


async def test_a_failed_creation_can_be_retried_and_makes_one_service(
    railway: There, platform: Simulator, finished: Finished
) -> None:
    await platform.settings(template_image=NEVER_RUNS)
    accepted = (await railway.post()).json()
    failed = await finished(accepted)
    assert failed["state"] == "failed"
    await platform.settings(template_image=None)
    again = await railway.post(f"{failed['links']['self']}:retry")
    assert again.status_code == 202, again.text
    job = await finished({"job": again.json()})
    assert job["state"] == "succeeded", job["error"]
    found = await there(platform, railway.environment_id)
    assert len(found.services) == len(found.volumes) == len(found.mounted) == 1


async def test_a_dry_run_tells_what_would_be_made_and_makes_nothing(railway: There, platform: Simulator) -> None:
    answer = await railway.post("/v1/databases?dry_run=true", major=15, volume_size_mb=2000, public_access=True)
    assert answer.status_code == 202, answer.text
    plan = answer.json()["railway"]
    assert (plan["path"], plan["service_name"], plan["volume_size_mb"]) == ("patch", "shop", 2000)
    assert plan["image"].endswith("postgres-ssl:15")
    lines = {line["what"]: line["usd"] for line in plan["cost"]["lines"]}
    assert (lines["volume"], lines["egress"]) == (0.3, None)
    assert (await railway.get("/v1/databases"))["data"] == []
    assert (await there(platform, railway.environment_id)).services == []


async def test_what_cannot_be_is_refused_before_anything_is_written(
    railway: There, platform: Simulator, client: httpx.AsyncClient, key_factory: KeyFactory
) -> None:
    await platform.settings(visible_after_seconds=0)
    await a_service(platform, railway.environment_id)
    taken = (await there(platform, railway.environment_id)).names[0]
    refusals: list[tuple[dict[str, Any], int, str]] = [
        ({"service_name": taken}, 409, "NAME_TAKEN"),
        ({"connection_id": encode_id("rwc", uuid4())}, 422, "RAILWAY_CONNECTION_MISSING"),
        ({"railway_environment_id": None}, 422, "RAILWAY_ENVIRONMENT_UNNAMED"),
        ({"railway_project_id": str(uuid4())}, 422, "RAILWAY_ENVIRONMENT_MISMATCH"),
        ({"railway_environment_id": str(uuid4())}, 404, "RAILWAY_NOT_FOUND"),
        ({"image": "somebody/redis:8"}, 422, "VALIDATION_FAILED"),
        ({"provider": "railway-service", "service_id": str(uuid4())}, 422, "RAILWAY_SERVICE_MISSING"),
    ]
    for wish, status, code in refusals:
        answer = await railway.post(**wish)
        assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    patch = {"sharedVariables": {"COLOUR": {"value": "blue"}}}
    await ask(platform, STAGE, e=railway.environment_id, patch=patch, merge=True)
    staged = await railway.post()
    assert (staged.status_code, staged.json()["foreign"]) == (409, ["sharedVariables.COLOUR"])
    weak = await key_factory(*(scope for scope in PRESETS[Preset.ADMIN] if scope != Scope.RAILWAY_FORCE))
    forced = await There(client, bearer(weak), railway.wish).post(force=True)
    assert (forced.status_code, forced.json()["required_scope"]) == (403, "railway:force")
    assert (await railway.get("/v1/databases"))["data"] == []


@pytest.mark.parametrize("path", ["/v1/databases", "/v1/databases?dry_run=true"])
async def test_a_region_that_there_is_not_is_refused_with_those_that_there_are(
    railway: There, platform: Simulator, path: str
) -> None:
    answer = await railway.post(path, region="europe-west9")
    refused = answer.json()
    assert (answer.status_code, refused["code"]) == (422, "RAILWAY_REGION_UNKNOWN"), answer.text
    assert "europe-west4-drams3a" in refused["detail"]
    assert "us-west1" not in refused["regions"]  # it is about to end
    assert (await railway.get("/v1/databases"))["data"] == []
    assert (await there(platform, railway.environment_id)).services == []
    there_is = await railway.post("/v1/databases?dry_run=true", region=refused["regions"][0])
    assert there_is.json()["railway"]["region"] == refused["regions"][0]


async def test_a_token_that_died_is_the_answer_to_the_request(
    railway: There, platform: Simulator, runtime: Runtime
) -> None:
    token = plant("a token", await platform.token("workspace"))
    connection = await register(
        runtime, platform, decode_id("prj", railway.wish["project_id"]), TokenKind.ACCOUNT, token=token
    )
    await platform.kill_token(token)
    answer = await railway.post(connection_id=encode_id("rwc", connection.id))
    assert (answer.status_code, answer.json()["code"]) == (422, "RAILWAY_TOKEN_INVALID")


async def test_the_first_database_links_the_environment_and_another_link_is_refused(
    railway: There, platform: Simulator, finished: Finished
) -> None:
    await platform.settings(template_image=NEVER_RUNS)
    await finished((await railway.post()).json())
    other = await an_environment(platform)
    refused = await railway.post(name="other", railway_environment_id=other)
    assert (refused.status_code, refused.json()["code"]) == (409, "ENVIRONMENT_LINKED_ELSEWHERE")
    assert refused.json()["railway_environment_id"] == railway.environment_id
    # Which needs not be named any more.
    named = {"railway_environment_id": None, "railway_project_id": None, "name": "more"}
    assert (await railway.post("/v1/databases?dry_run=true", **named)).status_code == 202


async def test_a_project_token_needs_no_name_of_its_environment(
    railway: There, platform: Simulator, runtime: Runtime
) -> None:
    token = plant("a token", await platform.token("project", environment_id=railway.environment_id))
    connection = await register(
        runtime, platform, decode_id("prj", railway.wish["project_id"]), TokenKind.PROJECT, token=token
    )
    async with runtime.sessions() as session, session.begin():
        row = await session.get_one(type(connection), connection.id)
        row.railway_project_id, row.railway_environment_id = platform.project_id, railway.environment_id
    unnamed = {"railway_environment_id": None, "railway_project_id": None}
    answer = await railway.post("/v1/databases?dry_run=true", connection_id=encode_id("rwc", connection.id), **unnamed)
    assert answer.status_code == 202, answer.text
    assert answer.json()["railway"]["railway_environment_id"] == railway.environment_id


async def test_a_server_that_does_not_come_up_again_is_unreachable_and_says_why(
    railway: There, platform: Simulator, finished: Finished
) -> None:
    database = await adopted(railway, platform)
    path = f"/v1/databases/{database['id']}"
    job = await finished((await railway.post(f"{path}:restart")).json())
    assert (job["state"], job["error"]["code"]) == ("failed", "RAILWAY_DEPLOYMENT_FAILED")
    after = await railway.get(path)
    assert after["state"] == "unreachable"
    assert "FAILED" in after["state_reason"]


async def test_a_deletion_that_would_reach_into_a_fork_or_cannot_be_made_leaves_the_database_as_it_is(
    railway: There, platform: Simulator, runtime: Runtime, finished: Finished
) -> None:
    database = await adopted(railway, platform)
    path = f"/v1/databases/{database['id']}?confirm=shop&final_backup=false"
    fork = await an_environment(platform, sourceEnvironmentId=railway.environment_id)
    await until(lambda: there(platform, fork), lambda found: found.volumes)
    job = await finished((await railway.delete(path)).json())
    assert (job["state"], job["error"]["code"]) == ("failed", "RAILWAY_SHARED_BETWEEN_ENVIRONMENTS")
    assert (await railway.get(f"/v1/databases/{database['id']}"))["state"] == "available"

    await ask(platform, "mutation($e: String!) { environmentDelete(id: $e) }", e=fork)
    await platform.settings(restricted_environments=[railway.environment_id])
    job = await finished((await railway.delete(path)).json())
    assert (job["state"], job["error"]["code"]) == ("failed", "RAILWAY_OUT_OF_REACH")
    assert (await railway.get(f"/v1/databases/{database['id']}"))["state"] == "available"

    await platform.settings(restricted_environments=[])
    await ask(platform, "mutation($e: String!) { environmentDelete(id: $e) }", e=railway.environment_id)
    job = await finished((await railway.delete(path)).json())
    assert (job["state"], job["result"]["service_was_there"]) == ("succeeded", False)


async def _environment(runtime: Runtime, database: dict[str, Any]) -> Environment:
    async with runtime.sessions() as session:
        return await session.get_one(Environment, decode_id("env", database["environment_id"]))
