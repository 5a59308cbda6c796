"""Services at Railway led from the superuser's address to the application's, and kept from losing that one."""

from dataclasses import replace
from urllib.parse import quote, urlsplit
from uuid import UUID

import httpx
import pytest
from pydantic import SecretStr

from app.applications.steps.deletion import DeletionSteps
from app.applications.steps.harden import HardenSteps
from app.databases.access import target_of
from app.databases.models import Environment
from app.providers.railway.place import Place
from app.runtime import Runtime
from tests.applications.conftest import Killed, Shop
from tests.changes.conftest import settings
from tests.changes.idle import a_named_service
from tests.providers.railway_simulated.asking import variables_of
from tests.providers.railway_simulated.conftest import platform
from tests.railway_simulator.fixtures import simulator
from tests.railway_simulator.process import Simulator
from tests.railway_world import railway_database, railway_environment
from tests.sessions import connect

__all__ = ["platform", "settings", "simulator"]


@pytest.fixture
def name() -> str:
    return "app"


@pytest.fixture
async def environment(runtime: Runtime, platform: Simulator, project_id: UUID) -> Environment:
    return await railway_environment(runtime, platform, project_id)


@pytest.fixture
async def shop(
    runtime: Runtime,
    platform: Simulator,
    client: httpx.AsyncClient,
    as_admin: dict[str, str],
    environment: Environment,
    name: str,
) -> Shop:
    database = await railway_database(runtime, platform, environment, public=True)
    return Shop(runtime, client, as_admin, database, target_of(database, runtime.key_ring), name)


async def test_consumers_are_moved_and_moved_back(shop: Shop, platform: Simulator, killed_behind: Killed) -> None:
    place = Place.of(shop.database.provider_data)
    at, service = place.environment_id, place.service()
    own = place.service_name
    web, _ = await a_named_service(
        platform,
        at,
        "web",
        {"DATABASE_URL": f"${{{{{own}.DATABASE_URL}}}}", "PGPASSWORD": f"${{{{{own}.PGPASSWORD}}}}", "OTHER": "1"},
    )
    plan = (await shop.harden(query="?dry_run=true"))["plan"]
    moves = {one["variable"]: (one["before"], one["after"]) for one in plan["consumers"]}
    assert moves == {
        "DATABASE_URL": (f"{own}.DATABASE_URL", f"${{{{{own}.DATABASE_APP_URL}}}}"),
        "PGPASSWORD": (f"{own}.PGPASSWORD", None),
    }
    assert any(one.startswith("Left with the superuser's login: web.PGPASSWORD. ") for one in plan["warnings"])
    accepted = await shop.harden()
    for step in ("tell_railway", "lead"):
        await killed_behind(HardenSteps, step)
    job = await shop.ended_by_another(accepted)
    assert (job["state"], job["result"]["moved"]) == ("succeeded", ["web.DATABASE_URL"]), job["error"]
    assert "web.PGPASSWORD" in job["warnings"][0]
    after = (await variables_of(platform, at, web, unrendered=True))["DATABASE_URL"]
    assert after == f"${{{{{own}.DATABASE_APP_URL}}}}"
    seen = urlsplit((await variables_of(platform, at, web))["DATABASE_URL"])
    assert (seen.username, seen.hostname, seen.path) == ("app_a", place.private_host, f"/{shop.target.database}")
    assert seen.password is not None
    login = replace(shop.target, user="app_a", password=SecretStr(seen.password))
    async with connect(login, application_name="test") as session:
        assert await session.fetchval("SELECT current_user") == "app_owner"

    path = f"/applications/{quote(shop.name)}?confirm=app&successor=postgres"
    refused = await shop.call("DELETE", path, expect=409)
    assert (refused["code"], refused["references"]) == ("APPLICATION_HAS_CONSUMERS", ["web.DATABASE_URL"])
    await shop.ended_by_another(await shop.call("PUT", "/consumers/web", {}, expect=202))
    accepted = await shop.call("DELETE", path, expect=202)
    await killed_behind(DeletionSteps, "tell_railway")
    job = await shop.ended_by_another(accepted)
    assert job["state"] == "succeeded", job["error"]
    assert not {"APP_USER", "APP_PASSWORD", "DATABASE_APP_URL"} & (await variables_of(platform, at, service)).keys()
