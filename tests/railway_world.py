"""Databases on the simulated Railway with a real server behind them, as rows like those that an adoption leaves."""

import asyncio
import json
import secrets
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
from pydantic import SecretStr

from app.databases.access import Address, seal_password, target_of
from app.databases.models import Database, DatabaseState, Environment
from app.databases.reach import address
from app.kit.ids import new_id
from app.kit.sealing import KeyRing
from app.postgres.connect import Target, TlsMode
from app.providers.railway.place import Place
from app.runtime import Runtime
from tests.platform.records import connect, link
from tests.providers.railway_simulated.asking import (
    POSTGRES,
    WAIT_SECONDS,
    a_service,
    an_environment,
    ask,
    commit,
    deployed,
    postgres_variables,
    public_url,
    until,
    volume_instance_of,
)
from tests.railway_simulator.process import Simulator

_RENDERED = """query($p: String!, $e: String!, $s: String!) {
  variablesForServiceDeployment(projectId: $p, environmentId: $e, serviceId: $s)
}"""


async def railway_environment(runtime: Runtime, simulator: Simulator, project_id: UUID) -> Environment:
    """A new one at Railway, and one of the project's linked to it by a new connection."""
    connection = await connect(runtime, simulator, project_id)
    return await link(runtime, simulator, connection, await an_environment(simulator))


@dataclass(frozen=True)
class Served:
    """A service at Railway whose server runs. Several tests may have one, each with a row of its own."""

    place: dict[str, Any]  # all that a Place needs but the connection
    password: str


async def railway_database(
    runtime: Runtime, simulator: Simulator, environment: Environment, *, public: bool, **values: Any
) -> Database:
    """``values`` are columns of the row; its address and reach follow from them and from the settings."""
    assert environment.railway_environment_id is not None
    served = await serve(simulator, environment.railway_environment_id, public=public)
    return await adopt(runtime, environment, served, **values)


async def serve(simulator: Simulator, environment_id: str, *, public: bool) -> Served:
    password = secrets.token_urlsafe(16)
    service_id, volume_id = await a_service(
        simulator,
        environment_id,
        volume=True,
        source={"image": POSTGRES},
        variables=postgres_variables(password),
    )
    await deployed(simulator, environment_id, service_id)
    rendered = await ask(simulator, _RENDERED, p=simulator.project_id, e=environment_id, s=service_id)
    place = {
        "project_id": simulator.project_id,
        "environment_id": environment_id,
        "service_id": service_id,
        "service_name": rendered["RAILWAY_SERVICE_NAME"],
        "volume_id": volume_id,
        "volume_instance_id": (await volume_instance_of(simulator, environment_id, volume_id))["id"],
        "image": POSTGRES,
        "private_host": rendered["RAILWAY_PRIVATE_DOMAIN"],
    }
    if public:
        place["public_host"], place["public_port"] = await open_at_railway(simulator, environment_id, service_id)
    own = Target(place["private_host"], 5432, "postgres", SecretStr(password), "railway", TlsMode.REQUIRE)
    await _asked(own, environment_id, ["SELECT 1"])
    return Served(place, password)


async def adopt(runtime: Runtime, environment: Environment, served: Served, **values: Any) -> Database:
    """The environment must be linked to the one that the service is in."""
    assert environment.connection_id is not None
    database_id = new_id()
    columns = {
        "name": f"main-{str(database_id)[-6:]}",
        "state": DatabaseState.AVAILABLE,
        "tls_mode": "require",
        "server_major": 15,
        **values,
    }
    database = Database(
        id=database_id,
        project_id=environment.project_id,
        environment_id=environment.id,
        provider="railway",
        username="postgres",
        default_database="railway",
        password_sealed=seal_password(database_id, SecretStr(served.password), runtime.key_ring),
        provider_data=Place(connection_id=environment.connection_id, **served.place).data(),
        created_by="test",
        **columns,
    )
    address(database, runtime.settings)
    async with runtime.sessions() as session, session.begin():
        session.add(database)
    return database


async def open_at_railway(simulator: Simulator, environment_id: str, service_id: str) -> tuple[str, int]:
    """What somebody does in Railway's own view: public access, past us."""
    await commit(simulator, environment_id, {"services": {service_id: {"networking": {"tcpProxies": {"5432": {}}}}}})
    url = httpx.URL((await public_url(simulator, environment_id, service_id)).replace("postgresql", "http", 1))
    await until(
        lambda: open_proxies(simulator, service_id), lambda found: [one["status"] for one in found] == ["ACTIVE"]
    )
    await deployed(simulator, environment_id, service_id)
    assert url.port is not None
    return url.host, url.port


async def open_proxies(simulator: Simulator, service_id: str) -> list[dict[str, Any]]:
    """As the platform itself sees them."""
    state = await simulator.state()
    return [one for one in state["proxies"] if one["service_id"] == service_id and one["deleted_at"] is None]


async def inside(database: Database, key_ring: KeyRing, *statements: str) -> list[Any]:
    """One value of each statement, asked by a program that runs in the database's environment at Railway."""
    place = Place.of(database.provider_data)
    assert place.private_host is not None
    address = Address(host=place.private_host, port=place.private_port)
    target = target_of(database, key_ring, address=address)
    return await _asked(target, place.environment_id, statements)


async def _asked(target: Target, environment_id: str, statements: Sequence[str]) -> list[Any]:
    asked = {"password": target.password.get_secret_value(), "statements": statements}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-c", _PROGRAM, target.host, str(target.port), target.user, target.database),
        env={"RAILWAY_ENVIRONMENT_ID": environment_id},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(WAIT_SECONDS):
            out, err = await process.communicate(json.dumps(asked).encode())
    finally:
        with suppress(ProcessLookupError):
            process.kill()
    assert process.returncode == 0, err.decode()
    answers: list[Any] = json.loads(out)
    return answers


_PROGRAM = """
import asyncio, asyncpg, json, sys

async def main():
    host, port, user, database = sys.argv[1:]
    asked = json.load(sys.stdin)
    while True:
        try:
            session = await asyncpg.connect(
                host=host, port=int(port), user=user, database=database, password=asked["password"], ssl="require"
            )
            break
        except (OSError, asyncpg.CannotConnectNowError):  # its container has been started, and no more
            await asyncio.sleep(0.1)
    print(json.dumps([await session.fetchval(statement) for statement in asked["statements"]]))
    await session.close()

asyncio.run(main())
"""
