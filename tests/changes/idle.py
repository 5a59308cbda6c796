"""Services at the simulated Railway without a server behind them: enough for everything that only Railway does."""

from collections.abc import Mapping
from typing import Any

from app.databases.models import Database, Environment
from app.runtime import Runtime
from tests.platform.records import adopt
from tests.providers.railway_simulated.asking import a_service, ask, deployed, volume_instance_of
from tests.railway_simulator.process import Simulator

_RENAME = "mutation($id: String!, $i: ServiceUpdateInput!) { serviceUpdate(id: $id, input: $i) { id } }"
_URL = "postgresql://${{PGUSER}}:${{POSTGRES_PASSWORD}}@${{PGHOST}}:5432/${{PGDATABASE}}"
TEMPLATE: Mapping[str, str] = {
    "POSTGRES_USER": "postgres",
    "POSTGRES_PASSWORD": "not-a-real-password",
    "POSTGRES_DB": "railway",
    "PGHOST": "${{RAILWAY_PRIVATE_DOMAIN}}",
    "PGUSER": "${{POSTGRES_USER}}",
    "PGDATABASE": "${{POSTGRES_DB}}",
    "DATABASE_URL": _URL,
}


async def a_named_service(
    simulator: Simulator,
    environment_id: str,
    name: str,
    variables: Mapping[str, str],
    *,
    volume: bool = False,
    **more: Any,
) -> tuple[str, str]:
    """Deployed; its id and its volume's."""
    values = {key: {"value": value} for key, value in variables.items()}
    made = await a_service(simulator, environment_id, volume=volume, variables=values, **more)
    await ask(simulator, _RENAME, id=made[0], i={"name": name})
    await deployed(simulator, environment_id, made[0])
    return made


async def an_idle_database(
    runtime: Runtime, simulator: Simulator, environment: Environment, name: str, **place: Any
) -> Database:
    """As the official template makes it, and adopted."""
    at = environment.railway_environment_id or ""
    service_id, volume_id = await a_named_service(simulator, at, name, TEMPLATE, volume=True)
    instance = await volume_instance_of(simulator, at, volume_id)
    seeded = {"service_id": service_id, "name": name, "volume_id": volume_id, "volume_instance_id": instance["id"]}
    return await adopt(runtime, environment, seeded, **place)
