"""POST /v1/databases for services at Railway that are there already: looked at, and taken as they are."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from app.databases.models import Database
from app.kit.ids import decode_id
from app.providers.railway.place import Place
from app.runtime import Runtime
from tests.planted import plant
from tests.providers.railway_simulated.asking import (
    POSTGRES,
    SERVICES,
    a_database,
    a_service,
    ask,
    deployed,
    postgres_variables,
    until,
)
from tests.providers.railway_simulated.making import NEVER_RUNS, there
from tests.provisioning.conftest import Finished
from tests.provisioning.railway import There, impatient, platform, railway, settings
from tests.railway_simulator.process import Simulator

__all__ = ["impatient", "platform", "railway", "settings"]

pytestmark = pytest.mark.usefixtures("worker", "impatient")

_DELETE_SERVICE = "mutation($s: String!, $e: String!) { serviceDelete(id: $s, environmentId: $e) }"


async def test_a_service_is_adopted_once_with_its_login_tried_and_deleted_like_one_of_ours(
    railway: There, platform: Simulator, runtime: Runtime, finished: Finished
) -> None:
    password = plant("a password", f"adopted-{uuid4()}")
    service_id, volume_id = await a_database(platform, railway.environment_id, password=password)
    wish = {"provider": "railway-service", "service_id": service_id}
    # A container that runs is not yet a server that answers, which the request tells.
    dry_run = "/v1/databases?dry_run=true"
    await until(lambda: railway.post(dry_run, **wish), lambda answer: answer.status_code == 201)
    answers = await asyncio.gather(railway.post(**wish), railway.post(**wish, name="twice"))
    assert sorted(answer.status_code for answer in answers) == [201, 409]
    answer = next(one for one in answers if one.status_code == 201)
    refused = next(one for one in answers if one.status_code == 409)
    assert refused.json()["code"] == "RAILWAY_SERVICE_ADOPTED"
    database = answer.json()["database"]
    assert (database["provider"], database["state"], database["reach"]) == ("railway", "available", "public")
    assert database["server_version"].startswith("15.")
    assert database["state_reason"] is None
    place = Place.of((await _row(runtime, database)).provider_data)
    assert (place.service_id, place.volume_id) == (service_id, volume_id)

    await ask(platform, _DELETE_SERVICE, s=service_id, e=railway.environment_id)
    path = f"/v1/databases/{database['id']}?confirm={database['name']}&final_backup=false"
    job = await finished((await railway.delete(path)).json())
    assert (job["state"], job["result"]["service_was_there"]) == ("succeeded", False)
    assert job["result"]["volume_id"] == volume_id
    assert (await there(platform, railway.environment_id)).volumes == []


async def test_a_private_service_is_adopted_with_a_remark_and_one_that_is_no_postgres_is_refused(
    railway: There, platform: Simulator
) -> None:
    variables = postgres_variables(plant("a password", f"private-{uuid4()}"))
    private, _ = await a_service(
        platform, railway.environment_id, volume=True, source={"image": POSTGRES}, variables=variables
    )
    await deployed(platform, railway.environment_id, private)
    answer = await railway.post(provider="railway-service", service_id=private)
    assert answer.status_code == 201, answer.text
    database = answer.json()["database"]
    assert (database["state"], database["reach"]) == ("available", "none")
    assert "login was not tried" in database["state_reason"]

    idle, _ = await a_service(platform, railway.environment_id)
    await until(lambda: ask(platform, SERVICES, e=railway.environment_id), lambda found: idle in str(found))
    strange = await railway.post(provider="railway-service", service_id=idle, name="idle")
    assert (strange.status_code, strange.json()["code"]) == (422, "RAILWAY_SERVICE_NOT_POSTGRES")


async def test_of_a_cluster_the_root_is_adopted_and_reached_by_the_proxy_in_front_of_it(
    railway: There, platform: Simulator, runtime: Runtime
) -> None:
    at, variables = railway.environment_id, postgres_variables(plant("a password", f"cluster-{uuid4()}"))
    marks: dict[str, Any] = {"source": {"image": NEVER_RUNS}, "variables": variables}
    patroni = {"PATRONI_ENABLED": {"value": "true"}}
    root, _ = await a_service(platform, at, volume=True, **(marks | {"variables": variables | patroni}))
    below: dict[str, Any] = {"parentServiceId": root}
    replica, _ = await a_service(platform, at, volume=True, **marks, clusterRole="replica", **below)
    edge, _ = await a_service(platform, at, clusterRole="edge", **below)
    await until(lambda: ask(platform, SERVICES, e=at), lambda found: edge in str(found))
    refused = await railway.post(provider="railway-service", service_id=replica)
    assert (refused.status_code, refused.json()["code"]) == (422, "RAILWAY_SERVICE_NOT_POSTGRES")
    assert root in refused.json()["detail"]

    answer = await railway.post(provider="railway-service", service_id=root)
    assert answer.status_code == 201, answer.text
    database = answer.json()["database"]
    assert ".RAILWAY_PRIVATE_DOMAIN}}:5433" in database["state_reason"]
    state = await platform.state()
    (door,) = [one for one in state["service_instances"] if one["service_id"] == edge]
    assert Place.of((await _row(runtime, database)).provider_data).private_host == door["host"]


async def _row(runtime: Runtime, database: dict[str, Any]) -> Database:
    async with runtime.sessions() as session:
        return await session.get_one(Database, decode_id("db", database["id"]))
