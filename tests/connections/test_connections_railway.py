"""Endpoints of databases on Railway, told from rows and from what was last seen there."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from app.connections.endpoints import is_in_cluster
from app.databases.models import Database, Environment
from app.postgres.certificates import issue_root
from app.postgres.connect import TlsMode
from app.providers.railway.models import RailwayObservation
from app.providers.railway.observed import SeenCluster, SeenConfig, SeenPlugins
from app.runtime import Runtime
from app.settings import Settings
from tests.connections.test_connections import Headers, add_pooler, path_of, strings
from tests.control import make_settings
from tests.databases.records import create_project
from tests.providers.railway_simulated.asking import a_service
from tests.providers.railway_simulated.conftest import platform
from tests.railway_simulator.fixtures import simulator
from tests.railway_simulator.process import Simulator
from tests.railway_world import Served, adopt, railway_environment

__all__ = ["platform", "simulator"]

ROOT = issue_root("the root of the tests").certificate_pem.decode()
PUBLIC = {"public_host": "shore.proxy.rlwy.net", "public_port": 34567}


@pytest.fixture
def settings(database_url: str, tmp_path: Path, simulator: Simulator) -> Settings:
    return make_settings(
        database_url, tmp_path / "data", railway_endpoint=simulator.endpoint, railway_requests_per_second=1000
    )


@pytest.fixture
async def environment(
    runtime: Runtime, platform: Simulator, client: httpx.AsyncClient, as_admin: Headers
) -> Environment:
    return await railway_environment(runtime, platform, await create_project(client, as_admin))


async def database_in(runtime: Runtime, environment: Environment, **place: Any) -> Database:
    """Of a service that Railway knows nothing of: nobody asks it."""
    known = {
        "project_id": environment.railway_project_id,
        "environment_id": environment.railway_environment_id,
        "service_id": "d1b3a1f0-0000-4000-8000-000000000001",
        "service_name": "Postgres",
        "private_host": "postgres.railway.internal",
    }
    served = Served(known | place, "the password of the superuser")
    return await adopt(runtime, environment, served, tls_mode=TlsMode.VERIFY_CA, ca_pem=ROOT)


async def see(runtime: Runtime, environment: Environment, plugins: SeenPlugins) -> None:
    """Yesterday, say: what was seen is not asked for again."""
    assert environment.connection_id is not None
    service_id = "d1b3a1f0-0000-4000-8000-000000000001"
    seen = SeenConfig(config_etag=None, references=[], networking={}, plugins={service_id: plugins})
    async with runtime.sessions() as session, session.begin():
        session.add(
            RailwayObservation(
                connection_id=environment.connection_id,
                railway_project_id=environment.railway_project_id or "",
                railway_environment_id=environment.railway_environment_id or "",
                consumers=seen.model_dump(mode="json"),
            )
        )


async def endpoints(client: httpx.AsyncClient, headers: Headers, database: Database) -> dict[str, dict[str, Any]]:
    answer = await client.get(path_of(database, "connections"), headers=headers)
    assert answer.status_code == 200, answer.text
    return {endpoint["network"]: endpoint for endpoint in answer.json()["data"]}


async def test_the_public_address_is_there_while_it_is_on(
    client: httpx.AsyncClient, as_admin: Headers, runtime: Runtime, environment: Environment
) -> None:
    closed = await database_in(runtime, environment)
    assert list(await endpoints(client, as_admin, closed)) == ["private"]
    assert "DATABASE_PUBLIC_URL" not in (await strings(client, as_admin, closed))["environment"]
    refused = await strings(client, as_admin, closed, 409, network="public")
    assert (refused["code"], "public-access" in refused["detail"]) == ("ENDPOINT_ABSENT", True)

    opened = await database_in(runtime, environment, **PUBLIC)
    found = await endpoints(client, as_admin, opened)
    assert (found["public"]["host"], found["public"]["port"]) == ("shore.proxy.rlwy.net", 34567)
    assert (found["private"]["host"], found["private"]["port"]) == ("postgres.railway.internal", 5432)
    values = (await strings(client, as_admin, opened))["environment"]
    assert values["PGHOST"] == "postgres.railway.internal"
    assert "@shore.proxy.rlwy.net:34567/railway?sslmode=verify-ca" in values["DATABASE_PUBLIC_URL"]


async def test_each_network_has_its_warnings(
    client: httpx.AsyncClient, as_admin: Headers, runtime: Runtime, environment: Environment
) -> None:
    database = await database_in(runtime, environment, **PUBLIC)
    inside = await strings(client, as_admin, database, network="private")
    outside = await strings(client, as_admin, database, network="public")
    assert any("resolves inside its environment" in warning for warning in inside["warnings"])
    assert any("billed as egress" in warning for warning in outside["warnings"])
    assert not any("billed as egress" in warning for warning in inside["warnings"])
    assert any("${{Postgres.DATABASE_URL}}" in note for note in inside["notes"])
    assert not any("${{" in note for note in outside["notes"])
    assert outside["environment"]["DIRECT_URL"] == outside["environment"]["DATABASE_URL"]


async def test_a_pooler_that_was_added_at_railway_is_found_by_its_private_name(
    client: httpx.AsyncClient, as_admin: Headers, runtime: Runtime, platform: Simulator, environment: Environment
) -> None:
    database = await database_in(runtime, environment)
    assert environment.railway_environment_id is not None
    pooler, _ = await a_service(platform, environment.railway_environment_id, name="PgBouncer")
    await see(runtime, environment, SeenPlugins(pitr=None, pooler_service_id=pooler, cluster=None))
    found = await endpoints(client, as_admin, database)
    assert found["pooled"]["host"].startswith("127.")  # what the simulated Railway gives for a private name
    assert (found["pooled"]["port"], found["pooled"]["tls"]["sslmode"]) == (5432, "require")
    said = await strings(client, as_admin, database, mode="pooled")
    assert (said["pool_mode"], said["environment"]["PGDATABASE"]) == ("transaction", "railway")
    values = said["environment"]
    assert "@postgres.railway.internal:5432/railway?sslmode=verify-ca&sslrootcert=ca.pem" in values["DIRECT_URL"]
    # With it libpq checks the pooler's certificate by the server's root, also where sslmode=require.
    assert (values["PGSSLMODE"], "PGSSLROOTCERT" in values) == ("require", False)


async def test_a_pooler_whose_name_cannot_be_asked_for_is_left_out(
    client: httpx.AsyncClient, as_admin: Headers, runtime: Runtime, environment: Environment
) -> None:
    database = await database_in(runtime, environment)
    nobody = "d1b3a1f0-0000-4000-8000-00000000dead"
    await see(runtime, environment, SeenPlugins(pitr=None, pooler_service_id=nobody, cluster=None))
    assert list(await endpoints(client, as_admin, database)) == ["private"]


async def test_a_pooler_of_ours_is_known_without_asking(
    client: httpx.AsyncClient, as_admin: Headers, runtime: Runtime, environment: Environment
) -> None:
    database = await database_in(runtime, environment)
    await add_pooler(runtime, database, host="pgbouncer.railway.internal", port=5432, ca_pem=None)
    found = await endpoints(client, as_admin, database)
    assert (found["pooled"]["host"], found["pooled"]["tls"]["sslmode"]) == ("pgbouncer.railway.internal", "require")


async def test_a_cluster_has_an_address_for_what_only_reads(
    client: httpx.AsyncClient, as_admin: Headers, runtime: Runtime, environment: Environment
) -> None:
    database = await database_in(runtime, environment, private_host="haproxy.railway.internal")
    refused = await strings(client, as_admin, database, 409, mode="read")
    assert refused["code"] == "ENDPOINT_ABSENT"
    assert not await is_in_cluster(runtime, database)
    cluster = SeenCluster(role="root", root_service_id="root", members=[], read_endpoint=None)
    await see(runtime, environment, SeenPlugins(pitr=None, pooler_service_id=None, cluster=cluster))
    assert await is_in_cluster(runtime, database)
    assert (await endpoints(client, as_admin, database))["read"]["port"] == 5433
    said = await strings(client, as_admin, database, mode="read")
    assert "@haproxy.railway.internal:5433/railway" in said["environment"]["DATABASE_URL"]
    assert "@haproxy.railway.internal:5432/railway" in said["environment"]["DIRECT_URL"]
    assert any("lag behind" in warning for warning in said["warnings"])
