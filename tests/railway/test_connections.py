"""Tokens as a resource: registered after a probe, never shown, watched, and never taken from under what needs them."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlmodel import select

from app.auth.models import AuditEvent
from app.auth.scopes import Scope
from app.events.models import Alert, AlertType
from app.jobs.enqueue import enqueue
from app.jobs.models import Schedule
from app.jobs.schemas import JobView
from app.kit.ids import decode_id, encode_id
from app.providers.railway.clients import credential_of
from app.providers.railway.errors import RailwayForbidden, RailwayTokenInvalid
from app.providers.railway.models import RailwayConnection
from app.railway.capabilities import Capability
from app.railway.schemas import ProbeConnection
from app.railway.standing import record_capability, recording
from app.runtime import Runtime
from tests.control import KeyFactory, bearer
from tests.databases.records import create_project
from tests.planted import plant
from tests.platform.records import act, link
from tests.providers.railway_simulated.asking import an_environment
from tests.railway.conftest import Connected, Finished
from tests.railway_simulator.process import Simulator

PATH = "/v1/railway-connections"


async def row_of(runtime: Runtime, connection: dict[str, Any]) -> RailwayConnection:
    async with runtime.sessions() as session:
        return await session.get_one(RailwayConnection, decode_id("rwc", connection["id"]))


async def alerts(runtime: Runtime) -> list[tuple[str, bool]]:
    async with runtime.sessions() as session:
        found = (await session.exec(select(Alert))).all()
    return [(alert.type, alert.cleared_at is None) for alert in found]


@pytest.mark.parametrize("kind", ["account", "workspace", "project"])
@pytest.mark.parametrize("said", [True, False])
async def test_a_token_is_recognised_and_what_it_may_read_is_recorded(
    *, connected: Connected, runtime: Runtime, platform: Simulator, kind: str, said: bool
) -> None:
    await platform.seed(environments=1, databases_each=1)  # a volume to try snapshots on
    made = await connected(token=platform.tokens[kind], **({"kind": kind} if said else {}))
    assert (made["kind"], made["state"], made["probe_error"]) == (kind, "available", None)
    assert "token" not in made
    assert (
        credential_of(await row_of(runtime, made), runtime.key_ring).token.get_secret_value() == platform.tokens[kind]
    )
    of_project = (made["railway_project_id"], made["railway_environment_id"])
    if kind == "project":
        assert (of_project, made["workspaces"]) == ((platform.project_id, platform.environment_id), [])
    else:
        assert of_project == (None, None)
        assert platform.workspace_id in {workspace["id"] for workspace in made["workspaces"]}
    capabilities = made["capabilities"]
    assert capabilities.keys() == set(Capability)
    states = {name: capability["state"] for name, capability in capabilities.items()}
    assert {state for name, state in states.items() if name.endswith("write")} == {"unknown"}
    reads = {name: state for name, state in states.items() if name.endswith("read")}
    assert reads.pop("usage.read") == ("no" if kind == "project" else "yes")
    assert set(reads.values()) == {"yes"}, reads
    if kind == "project":
        assert "token of another kind" in capabilities["usage.read"]["reason"]


@pytest.mark.parametrize(
    ("said", "given"),
    [("project", "workspace"), ("workspace", "project"), ("workspace", "account"), ("account", "workspace")],
)
async def test_a_token_of_another_kind_than_was_said_is_named(
    client: httpx.AsyncClient, as_admin: dict[str, str], platform: Simulator, project_id: UUID, said: str, given: str
) -> None:
    wish = {"project_id": encode_id("prj", project_id), "name": "r", "token": platform.tokens[given], "kind": said}
    answer = await client.post(PATH, json=wish, headers=as_admin)
    assert (answer.status_code, answer.json()["code"]) == (422, "RAILWAY_TOKEN_KIND_WRONG")
    assert answer.json()["kind"] == given
    assert f"of the kind {given}, not {said}" in answer.json()["detail"]


async def test_a_token_that_nobody_knows_is_refused_and_not_kept(
    client: httpx.AsyncClient, as_admin: dict[str, str], runtime: Runtime, platform: Simulator, project_id: UUID
) -> None:
    expired = await platform.token("workspace", workspace_id=platform.workspace_id)
    await platform.kill_token(expired)
    wish = {"project_id": encode_id("prj", project_id), "name": "r"}
    for token, code in (
        (plant("a token", "not-a-token-of-railway"), "RAILWAY_TOKEN_INVALID"),
        (plant("an expired token", expired), "RAILWAY_TOKEN_INVALID"),
        (plant("a broken token", "two words of a token"), "RAILWAY_TOKEN_MALFORMED"),
    ):
        answer = await client.post(PATH, json=wish | {"token": token}, headers=as_admin)
        assert (answer.status_code, answer.json()["code"]) == (422, code)
    async with runtime.sessions() as session:
        assert (await session.exec(select(RailwayConnection))).all() == []


async def test_railway_away_is_no_verdict_on_a_token(
    client: httpx.AsyncClient, as_admin: dict[str, str], platform: Simulator, connected: Connected
) -> None:
    made = await connected()
    await platform.fault("me", "html_502", times=8)
    wish = {"project_id": made["project_id"], "name": "other", "token": platform.tokens["workspace"]}
    answer = await client.post(PATH, json=wish, headers=as_admin)
    assert (answer.status_code, answer.json()["code"], answer.json()["retryable"]) == (503, "RAILWAY_UNAVAILABLE", True)
    probed = (await client.post(f"{PATH}/{made['id']}:probe", headers=as_admin)).json()
    assert (probed["state"], probed["probe_error"]["code"]) == ("available", "RAILWAY_UNAVAILABLE")


async def test_names_are_taken_once_and_projects_are_apart(
    client: httpx.AsyncClient, as_admin: dict[str, str], connected: Connected, key_factory: KeyFactory
) -> None:
    made = await connected()
    again = {"project_id": made["project_id"], "name": made["name"], "token": "x"}
    other_project = await create_project(client, as_admin, "other")
    stranger = bearer(await key_factory(Scope.RAILWAY_READ, Scope.RAILWAY_WRITE, projects=[other_project]))
    for path in (f"{PATH}/{made['id']}", f"{PATH}/{made['id']}/intents", f"{PATH}/{made['id']}/projects"):
        assert (await client.get(path, headers=stranger)).status_code == 404
    assert (await client.get(PATH, headers=stranger)).json()["data"] == []
    assert (await client.post(PATH, json=again, headers=stranger)).status_code == 404
    listed = (await client.get(f"{PATH}?project_id={made['project_id']}", headers=as_admin)).json()["data"]
    assert [connection["id"] for connection in listed] == [made["id"]]
    reader = bearer(await key_factory(Scope.RAILWAY_READ))
    assert (await client.post(PATH, json=again, headers=reader)).status_code == 403


async def test_a_name_is_taken_once_in_a_project(
    client: httpx.AsyncClient, as_admin: dict[str, str], connected: Connected, platform: Simulator
) -> None:
    made = await connected()
    again = {"project_id": made["project_id"], "name": made["name"], "token": platform.tokens["project"]}
    answer = await client.post(PATH, json=again, headers=as_admin)
    assert (answer.status_code, answer.json()["code"]) == (409, "NAME_TAKEN")
    assert (await client.delete(f"{PATH}/{made['id']}", headers=as_admin)).status_code == 204
    assert (await client.post(PATH, json=again, headers=as_admin)).status_code == 201


async def test_a_token_is_replaced_only_by_one_that_reads_what_is_linked(
    client: httpx.AsyncClient, as_admin: dict[str, str], runtime: Runtime, platform: Simulator, connected: Connected
) -> None:
    made = await connected()
    environment_id = await an_environment(platform)
    await link(runtime, platform, await row_of(runtime, made), environment_id)
    path = f"{PATH}/{made['id']}"
    elsewhere = plant("another token", await platform.token("project", environment_id=platform.environment_id))
    answer = await client.patch(path, json={"token": elsewhere}, headers=as_admin)
    assert (answer.status_code, answer.json()["code"]) == (422, "RAILWAY_TOKEN_ELSEWHERE")
    assert answer.json()["railway_environment_id"] == environment_id
    same = plant("a new token", await platform.token("project", environment_id=environment_id))
    tag = (await client.get(path, headers=as_admin)).headers["etag"]
    answer = await client.patch(path, json={"token": same, "name": "new"}, headers=as_admin | {"If-Match": tag})
    assert answer.status_code == 200, answer.text
    assert (answer.json()["kind"], answer.json()["name"]) == ("project", "new")
    assert answer.json()["railway_environment_id"] == environment_id
    assert credential_of(await row_of(runtime, made), runtime.key_ring).token.get_secret_value() == same
    stale = await client.patch(path, json={"name": "newer"}, headers=as_admin | {"If-Match": tag})
    assert stale.status_code == 412
    assert (await client.patch(path, json={"kind": "project"}, headers=as_admin)).status_code == 422


async def test_what_is_linked_keeps_its_token_and_unlinked_it_goes(
    client: httpx.AsyncClient, as_admin: dict[str, str], runtime: Runtime, platform: Simulator, connected: Connected
) -> None:
    made = await connected()
    environment = await link(runtime, platform, await row_of(runtime, made), platform.environment_id)
    answer = await client.delete(f"{PATH}/{made['id']}", headers=as_admin)
    assert (answer.status_code, answer.json()["code"]) == (409, "HAS_DEPENDENTS")
    assert answer.json()["environment_ids"] == [encode_id("env", environment.id)]
    refused = await client.delete(f"/v1/projects/{made['project_id']}", headers=as_admin)
    assert refused.json()["dependents"]["railway_connections"] == 1
    unlink = f"/v1/projects/{made['project_id']}/environments/{encode_id('env', environment.id)}/railway-link"
    assert (await client.delete(unlink, headers=as_admin)).status_code == 204
    assert (await client.delete(f"{PATH}/{made['id']}", headers=as_admin)).status_code == 204
    assert (await client.get(f"{PATH}/{made['id']}", headers=as_admin)).status_code == 404
    assert (await row_of(runtime, made)).token_sealed == b""
    async with runtime.sessions() as session:
        owners = [schedule.owner for schedule in (await session.exec(select(Schedule))).all()]
        actions = [event.action for event in (await session.exec(select(AuditEvent))).all()]
    assert not [owner for owner in owners if "railway" in owner]
    assert {"create_railway_connection", "unlink_environment", "delete_railway_connection"} <= set(actions)


async def test_a_token_that_died_is_an_incident_until_it_works_again(
    *,
    client: httpx.AsyncClient,
    as_admin: dict[str, str],
    runtime: Runtime,
    platform: Simulator,
    connected: Connected,
    worker: None,
    finished: Finished,
) -> None:
    token = await platform.token("workspace", workspace_id=platform.workspace_id)
    made = await connected(token=token)
    await platform.kill_token(token)
    async with runtime.sessions() as session, session.begin():
        args = ProbeConnection(connection_id=decode_id("rwc", made["id"]))
        job = (await enqueue(session, args, created_by="test")).job
    ended = await finished(JobView.of(job).model_dump(mode="json"))
    assert (ended["state"], ended["result"]) == ("succeeded", {"passed": False, "code": "RAILWAY_TOKEN_INVALID"})
    seen = (await client.get(f"{PATH}/{made['id']}", headers=as_admin)).json()
    assert (seen["state"], seen["probe_error"]["code"]) == ("refused", "RAILWAY_TOKEN_INVALID")
    assert await alerts(runtime) == [(AlertType.RAILWAY_CONNECTION_REFUSED, True)]
    fresh = plant("a new token", await platform.token("workspace", workspace_id=platform.workspace_id))
    answer = await client.patch(f"{PATH}/{made['id']}", json={"token": fresh}, headers=as_admin)
    assert (answer.json()["state"], answer.json()["probe_error"]) == ("available", None)
    assert await alerts(runtime) == [(AlertType.RAILWAY_CONNECTION_REFUSED, False)]


async def test_a_dead_token_is_found_out_by_whoever_asks_with_it(
    client: httpx.AsyncClient, as_admin: dict[str, str], runtime: Runtime, platform: Simulator, connected: Connected
) -> None:
    token = await platform.token("workspace", workspace_id=platform.workspace_id)
    made = await connected(token=token)
    await platform.kill_token(token)
    answer = await client.get(f"{PATH}/{made['id']}/projects", headers=as_admin)
    assert (answer.status_code, answer.json()["code"]) == (422, "RAILWAY_TOKEN_INVALID")
    assert (await row_of(runtime, made)).state == "refused"
    assert await alerts(runtime) == [(AlertType.RAILWAY_CONNECTION_REFUSED, True)]
    probed = (await client.post(f"{PATH}/{made['id']}:probe", headers=as_admin)).json()
    assert (probed["state"], probed["probe_error"]["code"]) == ("refused", "RAILWAY_TOKEN_INVALID")


async def test_a_right_that_is_missing_is_a_no_with_its_reason_and_becomes_a_yes(
    client: httpx.AsyncClient, as_admin: dict[str, str], platform: Simulator, connected: Connected
) -> None:
    await platform.settings(missing_privileges=["usage"])
    made = await connected()
    assert made["capabilities"]["usage.read"]["state"] == "no"
    assert "more rights" in made["capabilities"]["usage.read"]["reason"]
    since = made["capabilities"]["metrics.read"]["since"]
    await platform.settings(missing_privileges=[])
    probed = (await client.post(f"{PATH}/{made['id']}:probe", headers=as_admin)).json()
    assert probed["capabilities"]["usage.read"]["state"] == "yes"
    assert probed["capabilities"]["metrics.read"]["since"] == since


async def test_the_first_success_or_refusal_of_a_change_tells_whether_it_is_allowed(
    runtime: Runtime, connected: Connected
) -> None:
    made = await connected()
    connection_id = decode_id("rwc", made["id"])
    async with recording(runtime, connection_id, Capability.VOLUMES_WRITE):
        pass
    with pytest.raises(RailwayForbidden):
        async with recording(runtime, connection_id, Capability.SNAPSHOTS_WRITE):
            raise RailwayForbidden("Not Authorized", operation="volumeInstanceBackupCreate")
    row = await row_of(runtime, made)
    assert row.capabilities["volumes.write"]["state"] == "yes"
    assert row.capabilities["snapshots.write"]["state"] == "no"
    assert "workspace's admin" in row.capabilities["snapshots.write"]["reason"]
    since, revision = row.capabilities["volumes.write"]["since"], row.revision
    await record_capability(runtime, connection_id, Capability.VOLUMES_WRITE, allowed=True)
    row = await row_of(runtime, made)
    assert (row.capabilities["volumes.write"]["since"], row.revision) == (since, revision)
    with pytest.raises(RailwayTokenInvalid):
        async with recording(runtime, connection_id, Capability.VOLUMES_WRITE):
            raise RailwayTokenInvalid("Not Authorized", operation="volumeDelete")
    assert (await row_of(runtime, made)).state == "refused"


async def test_it_is_probed_every_week(runtime: Runtime, connected: Connected) -> None:
    made = await connected()
    async with runtime.sessions() as session:
        schedules = {schedule.kind: schedule for schedule in (await session.exec(select(Schedule))).all()}
    assert schedules.keys() >= {"railway.probe", "railway.sweep", "railway.schema-check"}
    assert schedules["railway.probe"].args == {"connection_id": made["id"]}
    week = timedelta(days=7) + timedelta(days=4)
    assert schedules["railway.probe"].next_run_at - runtime.clock() < week


async def test_a_dry_run_keeps_nothing(
    client: httpx.AsyncClient, as_admin: dict[str, str], runtime: Runtime, platform: Simulator, project_id: UUID
) -> None:
    wish = {"project_id": encode_id("prj", project_id), "name": "r", "token": platform.tokens["workspace"]}
    answer = await client.post(f"{PATH}?dry_run=true", json=wish, headers=as_admin)
    assert (answer.status_code, answer.json()["capabilities"]["identity"]["state"]) == (201, "yes")
    async with runtime.sessions() as session:
        assert (await session.exec(select(RailwayConnection))).all() == []


async def test_that_an_environment_is_gone_says_nothing_against_the_rights_of_the_token(
    client: httpx.AsyncClient, as_admin: dict[str, str], runtime: Runtime, platform: Simulator, connected: Connected
) -> None:
    made = await connected()
    environment_id = await an_environment(platform)
    await link(runtime, platform, await row_of(runtime, made), environment_id)
    query = "mutation($e: String!) { environmentDelete(id: $e) }"
    await act(platform, query, e=environment_id)
    probed = (await client.post(f"{PATH}/{made['id']}:probe", headers=as_admin)).json()
    assert (probed["state"], probed["probe_error"]) == ("available", None)
    for capability in ("variables.read", "metrics.read", "changes.read", "usage.read"):
        assert probed["capabilities"][capability] == made["capabilities"][capability]
