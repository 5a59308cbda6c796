"""Public access by `PATCH /network`, with and without an end."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from sqlmodel import select

from app.connections.logins import open_login_password
from app.connections.models import Login
from app.databases.models import Database, Environment, PublicWindow
from app.jobs.models import Job
from app.kit.ids import decode_id, encode_id
from app.network.tasks import watch
from app.postgres.connect import Target, TlsMode
from app.providers.railway.place import Place
from app.runtime import Runtime
from tests.changes.conftest import Call, Finished
from tests.databases.records import add_database, create_project
from tests.planted import plant
from tests.railway_simulator.process import Simulator
from tests.railway_world import open_proxies, railway_database
from tests.sessions import connect

pytestmark = pytest.mark.usefixtures("worker")


@pytest.fixture
async def database(runtime: Runtime, platform: Simulator, environment: Environment) -> Database:
    return await railway_database(runtime, platform, environment, public=False)


@pytest.fixture
def path(database: Database) -> str:
    return f"/v1/databases/{encode_id('db', database.id)}/network"


async def time_is_up(runtime: Runtime) -> None:
    """Of every window."""
    async with runtime.sessions() as session, session.begin():
        for window in (await session.exec(select(PublicWindow))).all():
            window.close_at = datetime.now(UTC) - timedelta(seconds=1)


async def password_of_login(runtime: Runtime, credential_id: str) -> str:
    async with runtime.sessions() as session:
        login = await session.get_one(Login, decode_id("crd", credential_id))
    password = open_login_password(login, runtime.key_ring)
    assert password is not None
    return password.get_secret_value()


async def closed(runtime: Runtime, call: Call, finished: Finished) -> dict[str, Any]:
    """The job that the watch asks for. Twice asked for is once done."""
    await watch(runtime)
    await watch(runtime)
    async with runtime.sessions() as session:
        (job,) = (await session.exec(select(Job).where(Job.kind == "network.close", Job.created_by == "worker"))).all()
    found = await call("GET", f"/v1/jobs/{encode_id('job', job.id)}", expect=200)
    return await finished(httpx.Response(200, json={"job": found.json()}))


async def test_an_address_for_some_minutes_is_closed_when_they_have_passed(
    call: Call, finished: Finished, runtime: Runtime, platform: Simulator, database: Database, path: str
) -> None:
    service = Place.of(database.provider_data).service()
    wish = {"public_access": True, "minutes": 30, "reason": "a look at the orders", "credential": {"preset": "read"}}
    tried = (await call("PATCH", f"{path}?dry_run=true", wish)).json()["plan"]
    assert "After 30 minutes" in tried["steps"][-1]
    assert await open_proxies(platform, service) == []

    job = await finished(await call("PATCH", path, wish))
    assert job["state"] == "succeeded", job["error"]
    seen = (await call("GET", path, expect=200)).json()
    assert (seen["reach"], seen["public"]["port"]) == ("public", job["result"]["public_port"])
    assert (seen["window"]["closes_access"], seen["window"]["reason"]) == (True, "a look at the orders")
    assert seen["window"]["credential_id"] == job["result"]["credential_id"]
    password = await password_of_login(runtime, job["result"]["credential_id"])
    plant("the credential of a window", password)
    host, port, user = seen["public"]["host"], seen["public"]["port"], job["result"]["username"]
    guest = Target(host, port, user, SecretStr(password), "railway", tls=TlsMode.REQUIRE)
    async with connect(guest, application_name="a laptop") as session:
        assert await session.fetchval("SELECT current_user") == user
    await watch(runtime)
    assert len(await open_proxies(platform, service)) == 1

    await time_is_up(runtime)
    closing = await closed(runtime, call, finished)
    assert (closing["state"], closing["result"]["closed"]) == ("succeeded", True)
    assert await open_proxies(platform, service) == []
    seen = (await call("GET", path, expect=200)).json()
    assert (seen["reach"], seen["public"], seen["window"]) == ("none", None, None)
    async with runtime.sessions() as session:
        login = await session.get_one(Login, decode_id("crd", job["result"]["credential_id"]))
    assert login.state == "ended"
    events = (await call("GET", path.replace("network", "events"), expect=200)).json()["data"]
    assert [event["type"] for event in events if "credential" in event["type"]] == [
        "credential.ended",
        "credential.created",
    ]


async def test_what_was_made_to_stay_meanwhile_stays(
    call: Call, finished: Finished, runtime: Runtime, platform: Simulator, database: Database, path: str
) -> None:
    await finished(await call("PATCH", path, {"public_access": True, "minutes": 5}))
    later = await finished(await call("PATCH", path, {"public_access": True, "minutes": 50}))
    assert datetime.fromisoformat(later["result"]["close_at"]) > datetime.now(UTC) + timedelta(minutes=40)
    await finished(await call("PUT", path.replace("network", "public-access"), {"enabled": True}))

    await time_is_up(runtime)
    assert (await closed(runtime, call, finished))["result"]["closed"] is True
    seen = (await call("GET", path, expect=200)).json()
    assert seen["window"] is None
    assert seen["public"] is not None
    assert len(await open_proxies(platform, Place.of(database.provider_data).service())) == 1

    off = await call("PATCH", path, {"public_access": False})
    assert "Nothing of this installation reaches the server" in off.json()["plan"]["breaks"][-1]
    assert (await finished(off))["state"] == "succeeded"
    assert (await call("GET", path, expect=200)).json()["public"] is None


async def test_an_opening_that_fails_is_closed_by_the_watch(
    call: Call, finished: Finished, runtime: Runtime, platform: Simulator, database: Database, path: str
) -> None:
    await platform.fault("environmentPatchCommit", "not_authorized", times=10)
    job = await finished(await call("PATCH", path, {"public_access": True, "minutes": 30}))
    assert job["state"] == "failed"
    await platform.no_faults()
    assert (await closed(runtime, call, finished))["state"] == "succeeded"
    seen = (await call("GET", path, expect=200)).json()
    assert (seen["public"], seen["window"]) == (None, None)


async def test_a_change_decided_on_an_older_state_is_refused(
    client: httpx.AsyncClient, as_admin: dict[str, str], database: Database, path: str
) -> None:
    wish = {"public_access": True}
    headers = as_admin | {"If-Match": '"0"', "Idempotency-Key": "stale"}
    stale = await client.patch(path, json=wish, headers=headers)
    assert (stale.status_code, stale.json()["code"]) == (412, "PRECONDITION_FAILED")
    senseless = await client.patch(path, json={"public_access": False, "minutes": 5}, headers=as_admin)
    assert (senseless.status_code, senseless.json()["code"]) == (422, "VALIDATION_FAILED")


async def test_the_addresses_of_other_servers_are_not_ours_to_give(
    client: httpx.AsyncClient, as_admin: dict[str, str], runtime: Runtime
) -> None:
    project = await create_project(client, as_admin, "beside")
    local = await add_database(runtime, project)
    path = f"/v1/databases/{encode_id('db', local.id)}/network"
    seen = (await client.get(path, headers=as_admin)).json()
    assert (seen["reach"], seen["public"]) == (None, None)
    refused = await client.patch(path, json={"public_access": True}, headers=as_admin)
    assert (refused.status_code, refused.json()["code"]) == (409, "PROVIDER_CANNOT")
