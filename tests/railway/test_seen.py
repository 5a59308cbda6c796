"""What a token sees: projects, environments, services and regions, and which of them are ours already."""

from typing import Any

import httpx
import pytest

from app.auth.scopes import Scope
from app.kit.ids import decode_id, encode_id
from app.providers.railway.models import RailwayConnection
from app.runtime import Runtime
from tests.control import KeyFactory, bearer
from tests.databases.records import create_project
from tests.platform.records import adopt, connect, link
from tests.providers.railway_simulated.asking import an_environment
from tests.railway.conftest import Connected
from tests.railway_simulator.process import Simulator


async def seen(client: httpx.AsyncClient, headers: dict[str, str], connection: dict[str, Any], what: str) -> Any:
    answer = await client.get(f"/v1/railway-connections/{connection['id']}/{what}", headers=headers)
    assert answer.status_code == 200, answer.text
    assert answer.json()["taken_at"]
    return answer.json()["data"]


@pytest.mark.parametrize("kind", ["account", "workspace", "project"])
async def test_a_token_shows_its_projects_and_their_environments(
    client: httpx.AsyncClient, as_admin: dict[str, str], platform: Simulator, connected: Connected, kind: str
) -> None:
    made = await connected(token=platform.tokens[kind])
    projects = await seen(client, as_admin, made, "projects")
    (project,) = [project for project in projects if project["id"] == platform.project_id]
    assert project["workspace_id"] == platform.workspace_id
    query = "" if kind == "project" else f"?railway_project_id={platform.project_id}"
    environments = await seen(client, as_admin, made, f"environments{query}")
    (found,) = [one for one in environments if one["id"] == platform.environment_id]
    assert (found["can_access"], found["is_ephemeral"], found["linked_to"]) == (True, False, [])
    regions = await seen(client, as_admin, made, "regions")
    assert {"name", "location", "country", "deprecated", "replacement"} == regions[0].keys()


async def test_what_the_token_cannot_guess_must_be_named(
    client: httpx.AsyncClient, as_admin: dict[str, str], connected: Connected
) -> None:
    path = f"/v1/railway-connections/{(await connected())['id']}"
    for what, parameter in (("environments", "railway_project_id"), ("services", "railway_environment_id")):
        answer = await client.get(f"{path}/{what}", headers=as_admin)
        assert (answer.status_code, answer.json()["errors"][0]["parameter"]) == (400, parameter)


async def test_services_that_run_postgres_are_shown_with_what_they_are_to_us(
    *,
    client: httpx.AsyncClient,
    as_admin: dict[str, str],
    runtime: Runtime,
    platform: Simulator,
    connected: Connected,
    key_factory: KeyFactory,
) -> None:
    made = await connected()
    there = (await platform.seed(environments=1, databases_each=2))["environments"][0]
    first, second = there["databases"][-2:]
    async with runtime.sessions() as session:
        connection = await session.get_one(RailwayConnection, decode_id("rwc", made["id"]))
    environment = await link(runtime, platform, connection, there["environment_id"])
    database = await adopt(runtime, environment, first)
    query = f"services?railway_environment_id={there['environment_id']}&railway_project_id={platform.project_id}"
    services = {service["service_id"]: service for service in await seen(client, as_admin, made, query)}
    adopted, free = services[first["service_id"]], services[second["service_id"]]
    assert (adopted["adopted"], adopted["database_id"]) == (True, encode_id("db", database.id))
    assert (free["adopted"], free["database_id"]) == (False, None)
    assert free["service_name"] == second["name"]
    assert free["volume"]["volume_id"] == second["volume_id"]
    assert (free["pitr"], free["cluster"], free["pooler_service_id"]) == ("off", None, None)
    environments = await seen(client, as_admin, made, f"environments?railway_project_id={platform.project_id}")
    (linked,) = [one for one in environments if one["id"] == there["environment_id"]]
    assert linked["linked_to"] == [encode_id("env", environment.id)]

    other = await create_project(client, as_admin, "other")
    theirs = await connect(runtime, platform, other)
    stranger = bearer(await key_factory(Scope.RAILWAY_READ, projects=[other]))
    shown = await seen(client, stranger, {"id": encode_id("rwc", theirs.id)}, query)
    (same,) = [service for service in shown if service["service_id"] == first["service_id"]]
    assert (same["adopted"], same["database_id"]) == (True, None)
    elsewhere = query.replace(platform.project_id, "00000000-0000-4000-8000-000000000000")
    answer = await client.get(f"/v1/railway-connections/{made['id']}/{elsewhere}", headers=as_admin)
    assert (answer.status_code, answer.json()["code"]) == (404, "RAILWAY_NOT_FOUND")


async def test_a_place_beyond_the_token_is_told_from_a_dead_token(
    client: httpx.AsyncClient, as_admin: dict[str, str], platform: Simulator, connected: Connected
) -> None:
    made = await connected(token=platform.tokens["project"])
    elsewhere = await an_environment(platform)
    path = f"/v1/railway-connections/{made['id']}/services?railway_environment_id={elsewhere}"
    answer = await client.get(path, headers=as_admin)
    assert answer.json()["code"] in {"RAILWAY_OUT_OF_REACH", "RAILWAY_NOT_AUTHORIZED"}
    again = (await client.get(f"/v1/railway-connections/{made['id']}", headers=as_admin)).json()
    assert again["state"] == "available"
