"""Environments at Railway: linked, made, forked and deleted, once each, whatever is lost on the way."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlmodel import select

from app.databases.models import Environment
from app.databases.steps import creating
from app.kit.ids import decode_id, encode_id
from app.providers.railway.models import RailwayConnection, RailwayIntent
from app.runtime import Runtime
from tests.platform.records import adopt, link
from tests.providers.railway_simulated.asking import a_service, an_environment, deployed
from tests.railway.conftest import Connected, Finished, working
from tests.railway_simulator.process import Simulator

LOST = ["lost_answer", "lost_request", "html_502", "html_502_after"]


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A lost request is asked for again sooner than in half a minute."""
    monkeypatch.setattr(creating, "LOOK_SECONDS", 0.1)
    monkeypatch.setattr(creating, "UNSEEN", timedelta(seconds=1.5))


async def named(platform: Simulator, name: str) -> list[dict[str, Any]]:
    """Those that are not deleted, as the platform itself sees them."""
    state = await platform.state()
    return [one for one in state["environments"] if one["name"] == name and one["deleted_at"] is None]


async def intents(runtime: Runtime) -> list[tuple[str | None, bool]]:
    async with runtime.sessions() as session:
        found = (await session.exec(select(RailwayIntent))).all()
    return [(intent.outcome, intent.closed_at is None) for intent in found]


class Asking:
    """The routes about one connection's environments."""

    def __init__(self, client: httpx.AsyncClient, headers: dict[str, str], connection: dict[str, Any]) -> None:
        self.client, self.headers = client, headers
        self.path = f"/v1/railway-connections/{connection['id']}/environments"

    async def create(self, name: str, project_id: str, **more: Any) -> httpx.Response:
        wish = {"railway_project_id": project_id, "name": name} | more
        headers = self.headers | {"Idempotency-Key": str(uuid4())}
        return await self.client.post(self.path, json=wish, headers=headers)

    async def delete(self, environment_id: str, confirm: str, **query: str) -> httpx.Response:
        parameters = {"confirm": confirm} | query
        return await self.client.delete(f"{self.path}/{environment_id}", params=parameters, headers=self.headers)


async def test_a_fork_has_the_services_and_says_that_it_has_no_data(
    *,
    client: httpx.AsyncClient,
    as_admin: dict[str, str],
    runtime: Runtime,
    platform: Simulator,
    connected: Connected,
    worker: None,
    finished: Finished,
) -> None:
    made = await connected()
    source = await an_environment(platform)
    service_id, _ = await a_service(platform, source)
    await deployed(platform, source, service_id)
    ours = (
        await client.post(
            f"/v1/projects/{made['project_id']}/environments",
            json={"name": "fork", "kind": "staging"},
            headers=as_admin,
        )
    ).json()
    assert ours["railway_environment_id"] is None
    asking, name = Asking(client, as_admin, made), f"fork-{source[:8]}"
    answer = await asking.create(name, platform.project_id, source_environment_id=source, environment_id=ours["id"])
    assert answer.status_code == 202, answer.text
    assert (answer.json()["id"], answer.json()["data_copied"], len(answer.json()["services"])) == (None, False, 1)
    job = await finished(answer.json()["job"])
    assert job["state"] == "succeeded", job
    (found,) = await named(platform, name)
    assert job["result"] == {
        "railway_environment_id": found["id"],
        "name": name,
        "forked_from": source,
        "data_copied": False,
        "environment_id": ours["id"],
    }
    linked = (await client.get(f"/v1/projects/{made['project_id']}/environments/{ours['id']}", headers=as_admin)).json()
    assert (linked["connection_id"], linked["railway_environment_id"]) == (made["id"], found["id"])
    assert linked["railway_project_id"] == platform.project_id
    state = await platform.state()
    assert service_id in {
        one["service_id"] for one in state["service_instances"] if one["environment_id"] == found["id"]
    }
    assert await intents(runtime) == [("done", False)]
    connection = (await client.get(f"/v1/railway-connections/{made['id']}", headers=as_admin)).json()
    assert connection["capabilities"]["environments.write"]["state"] == "yes"
    again = await asking.create(name, platform.project_id)
    assert (again.status_code, again.json()["code"]) == (409, "NAME_TAKEN")
    taken = await asking.create("another", platform.project_id, environment_id=ours["id"])
    assert (taken.status_code, taken.json()["code"]) == (409, "ENVIRONMENT_LINKED")


@pytest.mark.parametrize("kind", LOST)
@pytest.mark.usefixtures("impatient", "worker")
async def test_a_lost_answer_makes_no_second_environment(
    *,
    client: httpx.AsyncClient,
    as_admin: dict[str, str],
    platform: Simulator,
    connected: Connected,
    finished: Finished,
    kind: str,
) -> None:
    asking, name = Asking(client, as_admin, await connected()), f"lost-{uuid4()}"
    await platform.fault("environmentCreate", kind)
    job = await finished((await asking.create(name, platform.project_id)).json()["job"])
    assert job["state"] == "succeeded", job
    (found,) = await named(platform, name)
    assert found["id"] == job["result"]["railway_environment_id"]


@pytest.mark.usefixtures("impatient", "worker")
async def test_what_railway_refuses_is_the_jobs_error_and_leaves_nothing(
    *,
    client: httpx.AsyncClient,
    as_admin: dict[str, str],
    runtime: Runtime,
    platform: Simulator,
    connected: Connected,
    finished: Finished,
) -> None:
    made = await connected()
    asking, name = Asking(client, as_admin, made), f"refused-{uuid4()}"
    await platform.settings(missing_privileges=["environments"])
    job = await finished((await asking.create(name, platform.project_id)).json()["job"])
    assert (job["state"], job["error"]["code"]) == ("failed", "RAILWAY_FORBIDDEN")
    connection = (await client.get(f"/v1/railway-connections/{made['id']}", headers=as_admin)).json()
    assert connection["capabilities"]["environments.write"]["state"] == "no"
    await platform.settings(missing_privileges=[])
    await platform.fault("environmentCreate", "internal")
    job = await finished((await asking.create(name, platform.project_id)).json()["job"])
    assert job["state"] == "failed", job
    assert await named(platform, name) == []
    assert await intents(runtime) == [("undone", False), ("undone", False)]


@pytest.mark.usefixtures("impatient")
async def test_what_a_cancelled_job_has_made_goes_again(
    *,
    client: httpx.AsyncClient,
    as_admin: dict[str, str],
    runtime: Runtime,
    platform: Simulator,
    connected: Connected,
    worker: None,
    finished: Finished,
) -> None:
    asking, name = Asking(client, as_admin, await connected()), f"cancelled-{uuid4()}"
    pause = await platform.pause("environmentCreate", "after")
    job = (await asking.create(name, platform.project_id)).json()["job"]
    assert await pause.reached()
    await client.post(job["links"]["cancel"], headers=as_admin)
    ended = await finished(job)
    await pause.release()
    assert ended["state"] == "cancelled", ended
    assert await named(platform, name) == []
    assert await intents(runtime) == [("undone", False)]


@pytest.mark.usefixtures("impatient", "worker")
async def test_two_at_once_in_a_project_go_one_after_the_other(
    *,
    client: httpx.AsyncClient,
    as_admin: dict[str, str],
    platform: Simulator,
    connected: Connected,
    finished: Finished,
) -> None:
    asking, names = Asking(client, as_admin, await connected()), [f"two-{uuid4()}" for _ in range(2)]
    answers = await asyncio.gather(*(asking.create(name, platform.project_id) for name in names))
    for answer in answers:
        assert (await finished(answer.json()["job"]))["state"] == "succeeded"
    assert [len(await named(platform, name)) for name in names] == [1, 1]


async def test_a_project_token_makes_and_deletes_no_environments(
    client: httpx.AsyncClient, as_admin: dict[str, str], platform: Simulator, connected: Connected
) -> None:
    asking = Asking(client, as_admin, await connected(token=platform.tokens["project"]))
    for answer in (
        await asking.create("x", platform.project_id),
        await asking.delete(platform.environment_id, "x"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (422, "RAILWAY_TOKEN_KIND_WRONG")


@pytest.mark.parametrize("kind", ["", *LOST])
@pytest.mark.usefixtures("worker")
async def test_an_environment_is_deleted_for_certain_and_unlinked(
    *,
    client: httpx.AsyncClient,
    as_admin: dict[str, str],
    runtime: Runtime,
    platform: Simulator,
    connected: Connected,
    finished: Finished,
    kind: str,
) -> None:
    made = await connected()
    name = f"doomed-{uuid4()}"
    environment_id = await an_environment(platform, name=name)
    service_id, _ = await a_service(platform, environment_id, volume=True)
    await deployed(platform, environment_id, service_id)
    async with runtime.sessions() as session:
        connection = await session.get_one(RailwayConnection, decode_id("rwc", made["id"]))
    linked = await link(runtime, platform, connection, environment_id)
    asking = Asking(client, as_admin, made)
    unconfirmed = await asking.delete(environment_id, "another")
    assert (unconfirmed.status_code, unconfirmed.json()["code"]) == (409, "CONFIRMATION_MISSING")
    tried = await asking.delete(environment_id, "", dry_run="true")
    assert (tried.status_code, len(tried.json()["services"])) == (202, 1)
    if kind:
        await platform.fault("environmentDelete", kind)
    job = await finished((await asking.delete(environment_id, name)).json()["job"])
    assert (job["state"], job["error"]) == ("succeeded", None)
    assert job["result"]["unlinked"] == [encode_id("env", linked.id)]
    assert await named(platform, name) == []
    state = await platform.state()
    assert [one["deleted_at"] for one in state["service_instances"] if one["service_id"] == service_id] != [None]
    async with runtime.sessions() as session:
        row = await session.get_one(Environment, linked.id)
    assert (row.connection_id, row.railway_environment_id) == (None, None)
    gone = await asking.delete(environment_id, name)
    assert gone.status_code in {404, 422}


async def test_an_environment_with_a_database_of_ours_stays(
    client: httpx.AsyncClient, as_admin: dict[str, str], runtime: Runtime, platform: Simulator, connected: Connected
) -> None:
    made = await connected()
    there = (await platform.seed(environments=1, databases_each=1))["environments"][0]
    async with runtime.sessions() as session:
        connection = await session.get_one(RailwayConnection, decode_id("rwc", made["id"]))
    environment = await link(runtime, platform, connection, there["environment_id"])
    database = await adopt(runtime, environment, there["databases"][-1])
    answer = await Asking(client, as_admin, made).delete(there["environment_id"], "x")
    assert (answer.status_code, answer.json()["code"]) == (409, "HAS_DEPENDENTS")
    assert answer.json()["database_ids"] == [encode_id("db", database.id)]
    path = f"/v1/projects/{made['project_id']}/environments/{encode_id('env', environment.id)}/railway-link"
    unlinking = await client.delete(path, headers=as_admin)
    assert (unlinking.status_code, unlinking.json()["dependents"]) == (409, {"databases_on_railway": 1})
    other = {"connection_id": made["id"], "railway_environment_id": await an_environment(platform)}
    relinking = await client.put(path, json=other, headers=as_admin)
    assert (relinking.status_code, relinking.json()["code"]) == (409, "ENVIRONMENT_LINKED")


async def test_a_link_is_made_to_what_the_token_reads(
    client: httpx.AsyncClient, as_admin: dict[str, str], platform: Simulator, connected: Connected
) -> None:
    made = await connected(token=platform.tokens["project"])
    environments = f"/v1/projects/{made['project_id']}/environments"
    ours = (await client.get(environments, headers=as_admin)).json()["data"][0]
    path = f"{environments}/{ours['id']}/railway-link"
    beyond = {"connection_id": made["id"], "railway_environment_id": await an_environment(platform)}
    refused = await client.put(path, json=beyond, headers=as_admin)
    assert refused.status_code == 422, refused.text
    wish = {"connection_id": made["id"], "railway_environment_id": platform.environment_id}
    for _ in range(2):
        answer = await client.put(path, json=wish, headers=as_admin)
        assert answer.status_code == 200, answer.text
        assert answer.json()["railway_project_id"] == platform.project_id
    assert (await client.delete(path, headers=as_admin)).status_code == 204
    assert (await client.delete(path, headers=as_admin)).status_code == 204
    assert (await client.get(f"{environments}/{ours['id']}", headers=as_admin)).json()["connection_id"] is None


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.usefixtures("impatient")
async def test_a_worker_that_goes_in_the_middle_of_it_leaves_no_second_one(
    *,
    client: httpx.AsyncClient,
    as_admin: dict[str, str],
    runtime: Runtime,
    platform: Simulator,
    connected: Connected,
    finished: Finished,
    when: str,
) -> None:
    asking, name = Asking(client, as_admin, await connected()), f"cut-{uuid4()}"
    pause = await platform.pause("environmentCreate", when)
    async with working(runtime):
        job = (await asking.create(name, platform.project_id)).json()["job"]
        assert await pause.reached()
    await pause.release()
    pause = await platform.pause("environmentDelete", when)
    async with working(runtime):
        made = await finished(job)
        assert made["state"] == "succeeded", made
        (found,) = await named(platform, name)
        assert found["id"] == made["result"]["railway_environment_id"]
        job = (await asking.delete(found["id"], name)).json()["job"]
        assert await pause.reached()
    await pause.release()
    async with working(runtime):
        assert (await finished(job))["state"] == "succeeded"
    assert await named(platform, name) == []
    assert await intents(runtime) == [("done", False), ("done", False)]
