"""Connection tests through a real PgBouncer, and of what only Railway knows."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from app.connections.endpoints import ConnectionEndpoint, EndpointKind
from app.connections.findings import Findings
from app.connections.layers_at_railway import judge_value
from app.connections.models import Pooler, PoolerState
from app.databases.models import Environment
from app.databases.places import keep_place
from app.kit.ids import encode_id
from app.postgres.cluster import free_port
from app.postgres.connect import TlsMode
from app.postgres.server_user import server_user
from app.providers.railway.place import Place
from app.runtime import Runtime
from tests.changes.conftest import environment, platform, simulator
from tests.changes.idle import a_named_service, an_idle_database
from tests.connections.showing import ShowingServer, showing
from tests.connections.test_connection_tests import patient
from tests.control import make_settings
from tests.databases.records import add_database, create_project
from tests.providers.railway_simulated.asking import variables_of
from tests.railway_simulator.process import Simulator

__all__ = ["environment", "patient", "platform", "showing", "simulator"]

Test = Callable[..., Awaitable[dict[str, Any]]]


@pytest.fixture
def settings(database_url: str, tmp_path: Path, request: pytest.FixtureRequest) -> Any:
    """Only the tests of Railway start a simulator."""
    if "platform" not in request.fixturenames:
        return make_settings(database_url, tmp_path / "data")
    endpoint = request.getfixturevalue("simulator").endpoint
    return make_settings(database_url, tmp_path / "data", railway_endpoint=endpoint, railway_requests_per_second=1000)


@pytest.fixture
async def project_id(client: httpx.AsyncClient, as_admin: dict[str, str]) -> UUID:
    return await create_project(client, as_admin)


@pytest.fixture
def test(client: httpx.AsyncClient, as_admin: dict[str, str]) -> Test:
    async def run(database_id: UUID, query: str = "", **wish: Any) -> dict[str, Any]:
        path = f"/v1/databases/{encode_id('db', database_id)}/connection-tests{query}"
        answer = await client.post(path, json=wish, headers=as_admin)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        found["layers"] = {layer["layer"]: layer for layer in found["layers"]}
        return found

    return run


@asynccontextmanager
async def pooler_before(server: ShowingServer, folder: Path) -> AsyncIterator[int]:
    port, target = free_port(31_001, 31_999), server.target
    password = target.password.get_secret_value().replace('"', '""')
    users, config = folder / "users.txt", folder / "pgbouncer.ini"
    users.write_text(f'"{target.user}" "{password}"\n')
    config.write_text(
        f"[databases]\n* = host={target.host} port={target.port}\n[pgbouncer]\nlisten_addr = 127.0.0.1\n"
        f"listen_port = {port}\nunix_socket_dir =\nauth_type = trust\nauth_file = {users}\n"
        "server_tls_sslmode = require\npool_mode = transaction\ndefault_pool_size = 2\n"
    )
    owner = server_user()
    if owner is not None:
        for path in (users, config):
            os.chown(path, owner.uid, owner.gid)
    as_user = ["-u", owner.name] if owner else []
    process = await asyncio.create_subprocess_exec(
        "pgbouncer", "--quiet", *as_user, str(config), stderr=asyncio.subprocess.DEVNULL
    )
    try:
        async with asyncio.timeout(60):
            while True:
                try:
                    _, writer = await asyncio.open_connection("127.0.0.1", port)
                except OSError:
                    await asyncio.sleep(0.02)
                else:
                    writer.close()
                    break
        yield port
    finally:
        process.kill()
        await process.wait()


async def test_a_pooler_is_recognised_where_it_should_be_and_where_it_should_not(
    runtime: Runtime, project_id: UUID, showing: ShowingServer, test: Test, server_directory: Path
) -> None:
    database = await add_database(runtime, project_id, target=showing.target, provider="external")
    folder = server_directory / f"pooler-{uuid4().hex[:6]}"
    folder.mkdir(mode=0o755)
    async with pooler_before(showing, folder) as port:
        async with runtime.sessions() as session, session.begin():
            session.add(
                Pooler(
                    project_id=project_id,
                    database_id=database.id,
                    state=PoolerState.RUNNING,
                    host="127.0.0.1",
                    port=port,
                    created_by="test",
                )
            )
        through = await test(database.id, endpoint="pooled")
        assert through["ok"], through["layers"]
        assert through["layers"]["pool_mode"]["facts"]["is_pooled"] is True
        assert through["layers"]["authentication"]["trouble"] == "AUTH_NONE"
        assert through["layers"]["tls"]["trouble"] == "TLS_OFF"

        target = replace(showing.target, port=port, tls=TlsMode.DISABLE)
        mistaken = await add_database(runtime, project_id, "mistaken", target=target, provider="external")
        found = await test(mistaken.id)
        assert (found["first_failure"], found["layers"]["authentication"]["trouble"]) == (
            "authentication",
            "POOLER_PARAMETER",
        )


HERE = ConnectionEndpoint(
    network=EndpointKind.PRIVATE,
    host="db.railway.internal",
    port=5432,
    tls=TlsMode.REQUIRE,
    ca_pem=None,
    may_verify_name=False,
    works_from="",
    for_whom=(),
    why="",
)


@pytest.mark.parametrize(
    ("value", "written", "code"),
    [
        ("postgresql://a:b@db.railway.internal:5432/railway", "${{Postgres.DATABASE_URL}}", None),
        ("postgres://a:b@DB.railway.internal/railway?schema=public", "postgres://a:${{X.Y}}@…", None),
        ("postgresql://a:b@db.railway.internal:5432/railway", None, "VARIABLE_BY_HAND"),
        ("postgresql://a:b@other.railway.internal:5432/railway", None, "VARIABLE_ELSEWHERE"),
        ("postgresql://a:b@db.railway.internal:5433/railway", None, "VARIABLE_ELSEWHERE"),
        ("postgresql://a:b@:/railway", "${{Postgres.DATABASE_PUBLIC_URL}}", "VARIABLE_UNRENDERED"),
        ("postgresql://a:b@db.railway.internal:/railway", None, "VARIABLE_UNRENDERED"),
        ("${{Gone.DATABASE_URL}}", None, "VARIABLE_UNRENDERED"),
        ("mysql://a:b@db.railway.internal/railway", None, "VARIABLE_UNPARSED"),
        ("postgresql://a:b@db.railway.internal:port/railway", None, "VARIABLE_UNPARSED"),
        ("", None, "VARIABLE_UNPARSED"),
    ],
)
def test_a_variable_is_judged_by_where_it_leads(value: str, written: str | None, code: str | None) -> None:
    findings = Findings()
    judge_value(value, written or value, [HERE], "DATABASE_URL", findings)
    (view,) = findings.views()
    assert (view.layer, view.trouble) == ("consumer", code)
    assert "a:b" not in view.model_dump_json()


async def test_the_platform_and_a_consumer_are_asked_about_at_railway(
    runtime: Runtime, platform: Simulator, environment: Environment, test: Test
) -> None:
    name = f"My Postgres {uuid4().hex[:6]}"
    database = await an_idle_database(runtime, platform, environment, name)
    at = environment.railway_environment_id or ""
    values = {"DATABASE_URL": f"${{{{{name}.DATABASE_URL}}}}", "OTHER": "postgresql://a:very-secret@elsewhere.test/x"}
    await a_named_service(platform, at, f"web of {name}", values)

    place = Place.of(database.provider_data)
    own = httpx.URL((await variables_of(platform, at, place.service()))["DATABASE_URL"])
    async with runtime.sessions() as session, session.begin():
        await keep_place(session, database.id, runtime, private_host=own.host)

    found = await test(database.id, f"?consumer=web of {name}", endpoint="private")
    platform_, consumer = found["layers"]["platform"], found["layers"]["consumer"]
    assert (platform_["status"], platform_["facts"]["deployment"]) == ("ok", "SUCCESS"), platform_
    assert platform_["facts"]["same_environment_as_this_service"] is False
    assert (consumer["status"], consumer["facts"]["logical_database"]) == ("ok", "railway"), consumer
    assert found["first_failure"] in ("dns", "tcp", "tls")  # no server runs in its container

    for query, code in [
        (f"?consumer=web of {name}&variable=OTHER", "VARIABLE_ELSEWHERE"),
        (f"?consumer=web of {name}&variable=NO_SUCH", "VARIABLE_MISSING"),
        ("?consumer=nobody", "CONSUMER_MISSING"),
    ]:
        found = await test(database.id, query, endpoint="private")
        assert (found["first_failure"], found["layers"]["consumer"]["trouble"]) == ("consumer", code)
        assert "very-secret" not in str(found)
