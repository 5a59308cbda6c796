from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from app.auth import authenticator
from app.auth.audit import audit
from app.auth.authenticator import Authenticator
from app.auth.errors import KeyInvalid
from app.auth.scopes import Scope
from app.kit.ids import encode_id, new_id
from app.runtime import Runtime
from tests.control import KeyFactory, bearer

PROJECT = new_id()


async def trail(client: httpx.AsyncClient, headers: dict[str, str], **filters: str) -> list[dict[str, Any]]:
    answer = await client.get("/v1/audit-events", params=filters, headers=headers)
    assert answer.status_code == 200, answer.text
    data: list[dict[str, Any]] = answer.json()["data"]
    return data


async def test_making_and_revoking_a_key_leave_a_trail(client: httpx.AsyncClient, as_admin: dict[str, str]) -> None:
    request = {**as_admin, "X-Request-Id": "0193b1de-0000-7000-8000-000000000001", "User-Agent": "tests"}
    key = (await client.post("/v1/api-keys", json={"name": "k", "scopes": ["jobs:read"]}, headers=request)).json()
    await client.delete(f"/v1/api-keys/{key['id']}", headers=as_admin)
    revoked, created = await trail(client, as_admin, target_type="api_key", target_id=key["id"])
    me = (await client.get("/v1/whoami", headers=as_admin)).json()["key_id"]
    assert (created["action"], created["actor"], created["outcome"]) == ("create_api_key", me, "done")
    assert created["request_id"] == "0193b1de-0000-7000-8000-000000000001"
    assert (created["address"], created["user_agent"]) == ("127.0.0.1", "tests")
    assert created["details"] == {"name": "k", "scopes": ["jobs:read"], "project_ids": None}
    assert revoked["action"] == "revoke_api_key"
    assert key["secret"] not in str([revoked, created])


async def test_a_refused_request_is_in_the_trail_although_its_transaction_was_rolled_back(
    client: httpx.AsyncClient, as_admin: dict[str, str], key_factory: KeyFactory
) -> None:
    weak = bearer(await key_factory(Scope.KEYS_WRITE))
    answer = await client.post("/v1/api-keys", json={"name": "k", "scopes": ["jobs:read"]}, headers=weak)
    assert answer.status_code == 403
    me = (await client.get("/v1/whoami", headers=weak)).json()["key_id"]
    (event,) = await trail(client, as_admin, actor=me)
    assert (event["action"], event["outcome"], event["code"]) == ("create_api_key", "denied", "RIGHTS_EXCEEDED")
    assert event["details"]["path"] == "/v1/api-keys"


async def test_an_unknown_key_is_the_target_of_an_anonymous_attempt(
    client: httpx.AsyncClient, as_admin: dict[str, str], key_factory: KeyFactory
) -> None:
    dead = await key_factory(Scope.JOBS_READ, expires_in_days=-1)
    for headers in (bearer(dead), {}):
        assert (await client.get("/v1/whoami", headers=headers)).status_code == 401
    missing, expired = await trail(client, as_admin, actor="anonymous")
    assert (expired["code"], expired["target_id"][4:]) == ("KEY_EXPIRED", dead.split("_")[1])
    assert (missing["code"], missing["target_id"]) == ("KEY_MISSING", None)


async def test_anonymous_attempts_fill_the_trail_at_a_bounded_rate(
    client: httpx.AsyncClient, as_admin: dict[str, str], app_authenticator: Authenticator
) -> None:
    for _ in range(authenticator.ANONYMOUS_DENIALS_PER_MINUTE + 20):
        await app_authenticator.denied(KeyInvalid("no"), actor=None, action="whoami", header=None, details={})
    events = await trail(client, as_admin, actor="anonymous", limit="200")
    # The bucket refills by one a second while this runs.
    assert authenticator.ANONYMOUS_DENIALS_PER_MINUTE <= len(events) <= authenticator.ANONYMOUS_DENIALS_PER_MINUTE + 15


async def test_the_trail_is_filtered_by_time_and_action(
    client: httpx.AsyncClient, as_admin: dict[str, str], runtime: Runtime
) -> None:
    async with runtime.sessions() as session, session.begin():
        audit(session, "worker", "sweep", details={"n": 1})
    now = datetime.now(UTC)
    hour = timedelta(hours=1)
    assert len(await trail(client, as_admin, action="sweep", after=(now - hour).isoformat())) == 1
    assert await trail(client, as_admin, action="sweep", before=(now - hour).isoformat()) == []
    assert await trail(client, as_admin, action="other") == []
    naive = await client.get("/v1/audit-events", params={"after": "2026-01-01T00:00:00"}, headers=as_admin)
    assert (naive.status_code, naive.json()["code"]) == (400, "PARAMETER_INVALID")


async def test_an_auditor_of_one_project_sees_only_its_events(
    client: httpx.AsyncClient, key_factory: KeyFactory, runtime: Runtime
) -> None:
    async with runtime.sessions() as session, session.begin():
        audit(session, "worker", "inside", project_id=PROJECT)
        audit(session, "worker", "outside", project_id=new_id())
        audit(session, "worker", "nowhere")
    auditor = bearer(await key_factory(Scope.AUDIT_READ, projects=[PROJECT]))
    (event,) = await trail(client, auditor)
    assert (event["action"], event["project_id"]) == ("inside", encode_id("prj", PROJECT))


async def test_the_pages_of_the_trail_continue(
    client: httpx.AsyncClient, as_admin: dict[str, str], runtime: Runtime
) -> None:
    async with runtime.sessions() as session, session.begin():
        for number in range(5):
            audit(session, "worker", "many", details={"n": number})
    first = (await client.get("/v1/audit-events?action=many&limit=3", headers=as_admin)).json()
    query = {"action": "many", "limit": "3", "cursor": first["next_cursor"]}
    second = (await client.get("/v1/audit-events", params=query, headers=as_admin)).json()
    assert sorted(event["details"]["n"] for event in first["data"] + second["data"]) == [0, 1, 2, 3, 4]
    assert second["has_more"] is False
