"""What becomes of the messages that senders post to hooks."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from pydantic import SecretStr
from sqlmodel import select

from app.auth.models import Outcome
from app.databases.models import DatabaseState, Environment
from app.databases.repository import DatabaseRepository
from app.kit.clock import utc_now
from app.kit.ids import encode_id
from app.locations.models import Location
from app.providers.railway.clients import seal_token
from app.providers.railway.credential import TokenKind
from app.providers.railway.models import RailwayConnection
from app.webhooks.models import HookDelivery
from app.webhooks.tasks import watch
from tests.webhooks.conftest import PUSH, Hooks, signature

GITLAB_PUSH = {"ref": "refs/heads/main", "checkout_sha": "5f1d" * 10}


async def link(hooks: Hooks) -> UUID:
    """The database's environment stands for one at Railway from now on."""
    connection = RailwayConnection(
        project_id=hooks.database.project_id, name="token", kind=TokenKind.PROJECT, token_sealed=b"", created_by="test"
    )
    token = SecretStr("a token that nobody has")
    connection.token_sealed = seal_token(connection.id, token, hooks.runtime.key_ring)
    async with hooks.runtime.sessions() as session, session.begin():
        session.add(connection)
        await session.flush()
        environment = await session.get_one(Environment, hooks.database.environment_id)
        environment.connection_id = connection.id
        environment.railway_project_id, environment.railway_environment_id = "railway-project", "railway-environment"
    return hooks.database.environment_id


async def test_a_push_starts_a_backup_that_says_what_it_was_for(hooks: Hooks) -> None:
    hook = await hooks.create(name="deploys", logical_databases=["shop", "users"])
    job = await hooks.job(await hooks.github(hook))
    assert job.kind == "backup.take"
    assert job.created_by == f"hook:{hook['id']}"
    assert job.database_id == hooks.database.id
    assert job.args["logical_databases"] == ["shop", "users"]
    assert job.args["labels"] == {"hook": "deploys", "event": "push", "ref": "main", "commit": PUSH["after"]}
    (row,) = await hooks.trail("receive_hook_message")
    assert (row.actor, row.target_id) == (f"hook:{hook['id']}", hook["id"])


async def test_a_repeated_delivery_answers_the_same_job(hooks: Hooks) -> None:
    hook = await hooks.create()
    first = await hooks.github(hook, delivery="one")
    again = await hooks.github(hook, delivery="one")
    other = await hooks.github(hook, delivery="two")
    assert again.json() == first.json() | {"repeated": True}
    assert other.json()["job_id"] != first.json()["job_id"]
    assert len(await hooks.jobs()) == 2


async def test_deliveries_that_come_at_once_are_one(hooks: Hooks) -> None:
    hook = await hooks.create()
    answers = await asyncio.gather(*(hooks.github(hook, delivery="one") for _ in range(8)))
    assert len({answer.json()["job_id"] for answer in answers}) == 1
    assert len(await hooks.jobs()) == 1


async def test_a_delivery_is_forgotten_after_a_week(hooks: Hooks) -> None:
    hook = await hooks.create()
    first = await hooks.github(hook, delivery="one")
    with time_machine.travel(utc_now() + timedelta(days=8), tick=True):
        assert (await hooks.github(hook, delivery="one")).json()["job_id"] != first.json()["job_id"]
    with time_machine.travel(utc_now() + timedelta(days=16), tick=True):
        await watch(hooks.runtime)
    async with hooks.runtime.sessions() as session:
        assert (await session.exec(select(HookDelivery))).all() == []


async def test_what_was_delivered_is_listed_with_what_came_of_it(hooks: Hooks) -> None:
    hook = await hooks.create()
    await hooks.github(hook, "ping", {}, delivery="first")
    started = await hooks.github(hook, delivery="second")
    found = (await hooks.client.get(f"{hook['path']}/deliveries?limit=1", headers=hooks.headers)).json()
    assert [entry["delivery"] for entry in found["data"]] == ["second"]
    assert found["data"][0]["job_id"] == started.json()["job_id"]
    path = f"{hook['path']}/deliveries?limit=1&cursor={found['next_cursor']}"
    (older,) = (await hooks.client.get(path, headers=hooks.headers)).json()["data"]
    assert (older["delivery"], older["event"], older["job_id"]) == ("first", "ping", None)
    assert "works" in older["reason"]


async def test_github_may_send_its_form(hooks: Hooks) -> None:
    job = await hooks.job(await hooks.github(await hooks.create(), form=True))
    assert job.args["labels"]["ref"] == "main"


@pytest.mark.parametrize(
    ("event", "payload", "starts"),
    [
        ("ping", {"zen": "Keep it logically awesome."}, False),
        ("push", PUSH, True),
        ("push", PUSH | {"deleted": True}, False),
        ("push", PUSH | {"ref": "refs/tags/v1"}, False),
        ("push", {"ref": ["refs/heads/main"]}, False),
        ("deployment", {"action": "created", "deployment": {"ref": "main", "sha": "abc"}}, True),
        ("deployment", {"action": "created", "deployment": None}, True),
        ("workflow_run", {"action": "requested", "workflow_run": {"head_branch": "main", "head_sha": "abc"}}, True),
        ("workflow_run", {"action": "completed", "workflow_run": {"head_branch": "main"}}, False),
        ("issues", {"action": "opened"}, False),
        ("a\x07bell", {}, False),
    ],
)
async def test_github_events(hooks: Hooks, event: str, payload: dict[str, Any], *, starts: bool) -> None:
    answer = await hooks.github(await hooks.create(), event, payload)
    assert answer.status_code == 202
    assert (answer.json()["job_id"] is not None, answer.json()["reason"] is None) == (starts, starts)


@pytest.mark.parametrize(
    ("event", "payload", "starts"),
    [
        ("Push Hook", GITLAB_PUSH, True),
        ("Push Hook", GITLAB_PUSH | {"checkout_sha": None}, False),
        ("Deployment Hook", {"status": "running", "ref": "main", "short_sha": "abc"}, True),
        ("Deployment Hook", {"status": "success", "ref": "main"}, False),
        ("Pipeline Hook", {"object_attributes": {"status": "pending", "ref": "main", "sha": "abc"}}, True),
        ("Pipeline Hook", {"object_attributes": {"status": "success", "ref": "main"}}, False),
        ("Note Hook", {}, False),
    ],
)
async def test_gitlab_events(hooks: Hooks, event: str, payload: dict[str, Any], *, starts: bool) -> None:
    answer = await hooks.gitlab(await hooks.create("gitlab"), event, payload)
    assert answer.status_code == 202
    assert (answer.json()["job_id"] is not None, answer.json()["reason"] is None) == (starts, starts)


async def test_gitlab_repeats_a_message_with_the_same_idempotency_key(hooks: Hooks) -> None:
    hook = await hooks.create("gitlab")
    first = await hooks.gitlab(hook, "Push Hook", GITLAB_PUSH, **{"Idempotency-Key": "a", "X-Gitlab-Event-UUID": "x"})
    again = await hooks.gitlab(hook, "Push Hook", GITLAB_PUSH, **{"Idempotency-Key": "a", "X-Gitlab-Event-UUID": "y"})
    older = await hooks.gitlab(hook, "Push Hook", GITLAB_PUSH, **{"X-Gitlab-Event-UUID": "z"})
    assert again.json() == first.json() | {"repeated": True}
    assert older.json()["repeated"] is False
    assert (await hooks.gitlab(hook, "Push Hook", GITLAB_PUSH, **{"X-Gitlab-Event-UUID": "z"})).json()["repeated"]


@pytest.mark.parametrize(
    ("branches", "branch", "starts"),
    [
        (["main"], "main", True),
        (["main"], "feature", False),
        (["release/*", "main"], "release/1.2", True),
        ([], "whatever", True),
    ],
)
async def test_only_the_hooks_branches_start_something(
    hooks: Hooks, branches: list[str], branch: str, *, starts: bool
) -> None:
    hook = await hooks.create(branches=branches)
    answer = await hooks.github(hook, payload=PUSH | {"ref": f"refs/heads/{branch}"})
    assert (answer.json()["job_id"] is not None) is starts


async def test_a_hook_that_is_switched_off_answers_and_does_nothing(hooks: Hooks) -> None:
    hook = await hooks.create()
    await hooks.client.patch(hook["path"], json={"enabled": False}, headers=hooks.headers)
    answer = await hooks.github(hook)
    assert (answer.status_code, answer.json()["reason"]) == (202, "the hook is switched off")
    assert await hooks.jobs() == []


async def test_whoever_does_not_know_the_secret_learns_nothing(hooks: Hooks) -> None:
    hook = await hooks.create()
    absent = hook | {"path": f"/v1/hooks/{encode_id('hok', hooks.database.id)}"}
    nonsense = hook | {"path": "/v1/hooks/nonsense"}
    answers = [
        await hooks.github(hook, secret="hks_another"),
        await hooks.github(absent),
        await hooks.github(nonsense),
        await hooks.railway(absent, b"{}", secret="hks_another"),
        await hooks.client.post(hook["path"], content=b"{}"),
    ]
    shown = {(answer.status_code, answer.json()["code"], answer.json()["detail"]) for answer in answers}
    assert len(shown) == 1
    assert next(iter(shown))[:2] == (401, "SIGNATURE_INVALID")
    assert await hooks.jobs() == []


async def test_the_signature_is_of_the_bytes_that_came(hooks: Hooks) -> None:
    hook = await hooks.create()
    body = b'{"ref":  "refs/heads/main",\n "after": "\\u00e4"}'
    headers = {"X-GitHub-Event": "push", "X-Hub-Signature-256": signature(hook["secret"], body)}
    assert (await hooks.client.post(hook["path"], content=body, headers=headers)).status_code == 202
    assert (await hooks.client.post(hook["path"], content=body + b" ", headers=headers)).status_code == 401


async def test_a_signed_message_that_is_no_json_is_refused(hooks: Hooks) -> None:
    hook = await hooks.create()
    for body in (b"\xff", b"[]", b"", b"[" * 100_000):
        headers = {"X-GitHub-Event": "push", "X-Hub-Signature-256": signature(hook["secret"], body)}
        answer = await hooks.client.post(hook["path"], content=body, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (400, "BODY_MALFORMED")


async def test_a_message_has_one_mebibyte_at_most(hooks: Hooks) -> None:
    hook = await hooks.create()
    body = b" " * (1 << 20) + b"x"

    async def chunks() -> Any:
        yield body

    headers = {"X-GitHub-Event": "push", "X-Hub-Signature-256": signature(hook["secret"], body)}
    answer = await hooks.client.post(hook["path"], content=chunks(), headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (413, "BODY_TOO_LARGE")


async def test_a_delivery_for_which_nothing_can_be_done_may_come_again(hooks: Hooks) -> None:
    hook = await hooks.create()
    async with hooks.runtime.sessions() as session, session.begin():
        frm, to = {DatabaseState.AVAILABLE}, DatabaseState.RESTARTING
        await DatabaseRepository(session).move(hooks.database.id, frm=frm, to=to)
    refused = await hooks.github(hook, delivery="one")
    assert (refused.status_code, refused.json()["code"]) == (409, "HOOK_CANNOT_ACT")
    async with hooks.runtime.sessions() as session, session.begin():
        await DatabaseRepository(session).move(hooks.database.id, frm={to}, to=DatabaseState.AVAILABLE)
    assert (await hooks.job(await hooks.github(hook, delivery="one"))).kind == "backup.take"


async def test_a_backup_needs_somewhere_to_go(hooks: Hooks) -> None:
    hook = await hooks.create()
    async with hooks.runtime.sessions() as session, session.begin():
        (await session.exec(select(Location))).one().is_default = False
    answer = await hooks.github(hook)
    assert answer.status_code == 409
    assert "default location" in answer.json()["detail"]


async def test_refused_messages_leave_a_trail_without_their_secrets(hooks: Hooks) -> None:
    await link(hooks)
    environment_id = encode_id("env", hooks.database.environment_id)
    hook = await hooks.create("railway", environment_id=environment_id)
    await hooks.client.patch(hook["path"], json={"enabled": False}, headers=hooks.headers)
    wrong = f"{hook['secret'][:-1]}~"
    answer = await hooks.railway(hook, b"{}", secret=wrong)
    assert answer.status_code == 401
    assert answer.json()["instance"] == hook["path"]
    (row,) = await hooks.trail("receive_hook_message_by_path")
    assert row.outcome == Outcome.DENIED
    assert row.details["path"] == hook["path"]
    assert wrong not in answer.text


async def test_railway_has_its_secret_in_the_address_and_its_body_is_not_believed(hooks: Hooks) -> None:
    environment_id = encode_id("env", await link(hooks))
    hook = await hooks.create("railway", environment_id=environment_id)
    told = b'{"type": "Deployment.failed", "resource": {"environment": {"id": "somebody-elses"}}}'
    job = await hooks.job(await hooks.railway(hook, told))
    assert job.kind == "platform.observe"
    assert job.args == {"railway_environment_id": "railway-environment"}
    # Another message while that job has not run: one look is enough for both.
    assert (await hooks.job(await hooks.railway(hook, b"no JSON at all"))).id == job.id
    assert (await hooks.railway(hook, told)).json()["repeated"] is True
    # Without the secret in the address it is nobody's, whatever else proves it.
    assert (await hooks.github(hook)).status_code == 401


async def test_a_secret_in_the_address_counts_for_no_other_kind(hooks: Hooks) -> None:
    hook = await hooks.create("gitlab")
    path = f"{hook['path']}/{hook['secret']}"
    answer = await hooks.client.post(path, content=b"{}", headers={"X-Gitlab-Token": hook["secret"]})
    assert answer.status_code == 401


async def test_the_address_of_messages_is_no_operation_of_the_api(hooks: Hooks) -> None:
    document = (await hooks.client.get("/openapi.json")).json()
    assert "post" not in document["paths"]["/v1/hooks/{hook_id}"]
    assert "/v1/hooks/{hook_id}/{secret}" not in document["paths"]
