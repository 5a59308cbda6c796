"""What callers get of a database's service at Railway, over HTTP."""

import asyncio
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlmodel import select

from app.auth.scopes import Scope
from app.databases.models import Database, Environment
from app.kit.clock import utc_now
from app.kit.ids import encode_id
from app.providers.railway.credential import TokenKind
from app.providers.railway.models import RailwayObservation
from app.runtime import Runtime
from tests.control import KeyFactory, bearer
from tests.databases.records import add_database, somewhere
from tests.planted import plant
from tests.platform.records import act, adopt, connect, link, look, look_again
from tests.railway_simulator.process import Simulator

COMMIT = "mutation c($e: String!, $p: EnvironmentConfig!) { environmentPatchCommit(environmentId: $e, patch: $p) }"
REDEPLOY = "mutation r($e: String!, $s: String!) { serviceInstanceRedeploy(environmentId: $e, serviceId: $s) }"


class Asking:
    """Gets below the address of one database."""

    def __init__(self, client: httpx.AsyncClient, headers: dict[str, str], database: Database) -> None:
        self.client, self.headers = client, headers
        self.base = f"/v1/databases/{encode_id('db', database.id)}"

    async def get(self, path: str, status: int = 200, **parameters: Any) -> dict[str, Any]:
        answer = await self.client.get(f"{self.base}/{path}", params=parameters, headers=self.headers)
        assert answer.status_code == status, answer.text
        document: dict[str, Any] = answer.json()
        return document


@pytest.fixture
def asking(client: httpx.AsyncClient, as_admin: dict[str, str], database: Database) -> Asking:
    return Asking(client, as_admin, database)


async def test_the_status_is_what_a_worker_saw_and_says_how_old_it_is(
    asking: Asking, runtime: Runtime, seeded: dict[str, str], simulator: Simulator
) -> None:
    unseen = await asking.get("platform-status")
    assert (unseen["observed_at"], unseen["stale"], unseen["service"], unseen["metrics"]) == (None, True, None, {})
    await look(runtime)
    seen = await asking.get("platform-status")
    assert seen["service"]["name"] == seeded["name"]
    assert seen["deployment"]["status"] == "SUCCESS"
    assert (seen["volume"]["id"], seen["volume"]["size_bytes"], seen["volume"]["used_bytes"]) == (
        seeded["volume_id"],
        50_000_000_000,
        1_200_000_000,
    )
    assert (seen["volume"]["used_percent"], seen["pitr"], seen["cluster"], seen["error"]) == (2.4, "off", None, None)
    assert seen["metrics"]["disk"]["value"] == 1.2
    assert (seen["stale"], 0 <= seen["age_seconds"] < 60) == (False, True)
    await simulator.fault("environment", "internal")
    async with runtime.sessions() as session, session.begin():
        row = (await session.exec(select(RailwayObservation))).one()
        row.due_at, row.status_at = runtime.clock(), utc_now() - timedelta(minutes=3)
    await look(runtime)
    stale = await asking.get("platform-status")
    assert (stale["stale"], stale["age_seconds"] >= 180, stale["service"]) == (True, True, seen["service"])
    assert stale["error"]["code"] == "RAILWAY_FAILED"


async def test_a_look_from_before_the_database_is_none_at_it(
    client: httpx.AsyncClient,
    as_admin: dict[str, str],
    runtime: Runtime,
    database: Database,
    environment: Environment,
    simulator: Simulator,
) -> None:
    await look(runtime)
    earlier = await Asking(client, as_admin, database).get("platform-status")
    (there,) = (await simulator.seed(environments=1, databases_each=1))["environments"]
    later = Asking(client, as_admin, await adopt(runtime, environment, there["databases"][0]))
    unseen = await later.get("platform-status")
    assert (unseen["deployment"], unseen["observed_at"], unseen["stale"]) == (None, None, True)
    assert earlier["observed_at"] is not None
    await look_again(runtime)
    seen = await later.get("platform-status")
    assert (seen["deployment"]["status"], seen["stale"]) == ("SUCCESS", False)


async def test_deployments_come_in_pages_newest_first(
    asking: Asking, seeded: dict[str, str], simulator: Simulator
) -> None:
    for _ in range(4):
        await act(simulator, REDEPLOY, e=simulator.environment_id, s=seeded["service_id"])
    found: list[dict[str, Any]] = []
    async with asyncio.timeout(30):
        while len(found) < 5:
            found, cursor, pages = [], None, 0
            while pages == 0 or cursor:
                page = await asking.get("deployments", limit=2, **({"cursor": cursor} if cursor else {}))
                assert (len(page["data"]) <= 2, page["has_more"]) == (True, page["next_cursor"] is not None)
                found, cursor, pages = [*found, *page["data"]], page["next_cursor"], pages + 1
    assert len({one["id"] for one in found}) == 5
    moments = [datetime.fromisoformat(one["created_at"]) for one in found]
    assert moments == sorted(moments, reverse=True)
    assert found[0]["status"] == "SUCCESS"
    refused = await asking.get("deployments", 400, cursor="made-up")
    assert refused["code"] == "CURSOR_INVALID"


async def test_logs_are_shown_without_secrets_and_to_operators_only(
    client: httpx.AsyncClient,
    as_admin: dict[str, str],
    runtime: Runtime,
    environment: Environment,
    seeded: dict[str, str],
    simulator: Simulator,
    key_factory: KeyFactory,
) -> None:
    service_id = str(uuid4())
    service = {"isCreated": True, "source": {"image": "postgres:3"}}
    await act(simulator, COMMIT, e=simulator.environment_id, p={"services": {service_id: service}})
    there = {"service_id": service_id, "name": "odd", "volume_id": "", "volume_instance_id": ""}
    odd = await adopt(runtime, environment, there, volume_id=None, volume_instance_id=None)
    asking = Asking(client, as_admin, odd)
    async with asyncio.timeout(30):
        while not (page := await asking.get("deployments"))["data"] or page["data"][0]["status"] != "FAILED":
            await asyncio.sleep(0.05)
    path = f"deployments/{page['data'][0]['id']}/logs"
    (line,) = (await asking.get(path, limit=10, since="2020-01-01T00:00:00Z"))["data"]
    assert line["message"] == "Failed to pull image postgres:3: manifest unknown"
    assert (await asking.get(path, 422, since="2026-01-02T00:00:00Z", until="2026-01-01T00:00:00Z"))[
        "code"
    ] == "PERIOD_INVALID"

    reader = Asking(client, bearer(await key_factory(Scope.DATABASES_READ)), odd)
    assert (await reader.get(path, 403))["required_scope"] == "databases:operate"
    other = Asking(client, as_admin, await adopt(runtime, environment, seeded))
    assert (await other.get(path, 404))["code"] == "NOT_FOUND"
    assert (await asking.get(f"deployments/{uuid4()}/logs", 404))["code"] == "NOT_FOUND"


async def test_metrics_are_series_of_this_service_alone(asking: Asking, runtime: Runtime) -> None:
    now = runtime.clock()
    hour = await asking.get("platform-metrics")
    assert {series["measurement"]: series["unit"] for series in hour["series"]} == {
        "cpu": "vCPU",
        "memory": "GB",
        "disk": "GB",
        "network_rx": "GB",
        "network_tx": "GB",
    }
    assert hour["step_seconds"] == 60
    assert all(55 <= len(series["points"]) <= 61 for series in hour["series"])
    since = (now - timedelta(days=29)).isoformat()
    period: dict[str, Any] = {"from": since, "to": now.isoformat()}
    month = await asking.get("platform-metrics", **period)
    assert all(200 <= len(series["points"]) <= 240 for series in month["series"])
    coarse = await asking.get("platform-metrics", **period, step=86_400)
    assert coarse["step_seconds"] == 86_400


@pytest.mark.parametrize(
    ("since", "until", "step", "code"),
    [
        (timedelta(days=31), None, None, "METRICS_NOT_KEPT"),
        (timedelta(hours=1), timedelta(hours=2), None, "PERIOD_INVALID"),
        (timedelta(hours=-1), timedelta(hours=-2), None, "PERIOD_INVALID"),
        (timedelta(days=29), None, 60, "PERIOD_INVALID"),
    ],
)
async def test_periods_that_cannot_be_are_refused(
    asking: Asking, runtime: Runtime, since: timedelta, until: timedelta | None, step: int | None, code: str
) -> None:
    now = runtime.clock()
    parameters: dict[str, Any] = {"from": (now - since).isoformat()}
    if until is not None:
        parameters["to"] = (now - until).isoformat()
    if step is not None:
        parameters["step"] = step
    assert (await asking.get("platform-metrics", 422, **parameters))["code"] == code


async def test_costs_are_an_estimate_with_the_date_of_its_prices(asking: Asking) -> None:
    found = await asking.get("cost-estimate")
    estimate = found["estimate"]
    assert (estimate["is_estimate"], estimate["prices_of"]) == (True, "2026-08-21")
    lines = {line["what"]: line for line in estimate["lines"]}
    assert lines.keys() == {"memory", "cpu", "volume", "backup", "egress"}
    assert (lines["volume"]["quantity"], lines["volume"]["usd"]) == (1.2, 0.18)
    assert estimate["total_usd"] == pytest.approx(sum(line["usd"] for line in lines.values()), abs=0.01)
    assert "counted" in found["basis"]


async def test_costs_are_told_from_metrics_where_the_token_may_not_read_what_is_billed(
    client: httpx.AsyncClient,
    as_admin: dict[str, str],
    runtime: Runtime,
    project_id: UUID,
    seeded: dict[str, str],
    simulator: Simulator,
) -> None:
    connection = await connect(runtime, simulator, project_id, TokenKind.PROJECT)
    environment = await link(runtime, simulator, connection, simulator.environment_id)
    found = await Asking(client, as_admin, await adopt(runtime, environment, seeded)).get("cost-estimate")
    lines = {line["what"]: line for line in found["estimate"]["lines"]}
    assert lines["volume"]["quantity"] == pytest.approx(1.2, rel=0.02)
    assert lines["memory"]["quantity"] > 0.1
    assert (lines["egress"]["quantity"], lines["egress"]["usd"]) == (None, None)
    assert "measured" in found["basis"]


@pytest.mark.parametrize(
    "path", ["platform-status", "deployments", "deployments/1/logs", "platform-metrics", "cost-estimate"]
)
async def test_databases_of_other_providers_have_no_platform(
    client: httpx.AsyncClient, as_admin: dict[str, str], runtime: Runtime, project_id: UUID, path: str
) -> None:
    local = await add_database(runtime, project_id, target=somewhere())
    refused = await Asking(client, as_admin, local).get(path, 409)
    assert (refused["code"], refused["provider"]) == ("PROVIDER_CANNOT", "local")


async def test_a_refusal_leaves_with_its_meaning(asking: Asking, simulator: Simulator) -> None:
    await simulator.fault("deployments", "not_authorized")
    assert (await asking.get("deployments", 422))["code"] == "RAILWAY_FORBIDDEN"


async def test_a_dead_token_is_not_taken_for_a_deployment_that_is_not_there(
    client: httpx.AsyncClient,
    as_admin: dict[str, str],
    runtime: Runtime,
    project_id: UUID,
    seeded: dict[str, str],
    simulator: Simulator,
) -> None:
    token = await simulator.token("workspace", workspace_id=simulator.workspace_id)
    plant("a Railway token", token)
    connection = await connect(runtime, simulator, project_id, token=token)
    database = await adopt(runtime, await link(runtime, simulator, connection, simulator.environment_id), seeded)
    await simulator.kill_token(token)
    asking = Asking(client, as_admin, database)
    for path in ("deployments", f"deployments/{uuid4()}/logs", "platform-metrics", "cost-estimate"):
        assert (await asking.get(path, 422))["code"] == "RAILWAY_TOKEN_INVALID"
