"""Hooks as a resource."""

from datetime import timedelta

import pytest
import time_machine
from sqlmodel import select

from app.auth.scopes import Scope
from app.databases.models import Environment
from app.databases.repository import ProjectRepository
from app.kit.clock import utc_now
from app.kit.ids import encode_id
from app.webhooks.models import Hook
from tests.control import KeyFactory, bearer
from tests.databases.records import create_project
from tests.webhooks.conftest import Hooks


async def test_the_secret_is_shown_once(hooks: Hooks) -> None:
    hook = await hooks.create(name="deploys", branches=["main"])
    assert hook["secret"].startswith("hks_")
    assert (hook["kind"], hook["action"], hook["branches"]) == ("github", "back_up", ["main"])
    shown = await hooks.client.get(hook["path"], headers=hooks.headers)
    assert shown.status_code == 200
    assert "secret" not in shown.json()
    assert hook["secret"] not in shown.text
    listed = await hooks.client.get("/v1/hooks", headers=hooks.headers)
    assert [entry["id"] for entry in listed.json()["data"]] == [hook["id"]]
    assert hook["secret"] not in listed.text


async def test_a_repeated_creation_does_not_show_the_secret_again(hooks: Hooks) -> None:
    wish = {"kind": "gitlab", "name": "twice", "database_id": encode_id("db", hooks.database.id)}
    headers = hooks.headers | {"Idempotency-Key": "once"}
    first = await hooks.client.post("/v1/hooks", json=wish, headers=headers)
    again = await hooks.client.post("/v1/hooks", json=wish, headers=headers)
    assert again.json() == first.json() | {"secret": None, "withheld": ["secret"]}


async def test_two_hooks_of_a_project_have_two_names(hooks: Hooks) -> None:
    hook = await hooks.create(name="deploys")
    wish = {"kind": "github", "name": "deploys", "database_id": encode_id("db", hooks.database.id)}
    assert (await hooks.client.post("/v1/hooks", json=wish, headers=hooks.headers)).json()["code"] == "NAME_TAKEN"
    deleted = await hooks.client.delete(hook["path"], headers=hooks.headers)
    assert deleted.status_code == 204
    assert (await hooks.create(name="deploys"))["id"] != hook["id"]


async def test_a_change_is_made_to_the_revision_that_was_read(hooks: Hooks) -> None:
    hook = await hooks.create()
    tag = (await hooks.client.get(hook["path"], headers=hooks.headers)).headers["ETag"]
    change = {"enabled": False, "branches": ["release/*"]}
    answer = await hooks.client.patch(hook["path"], json=change, headers=hooks.headers | {"If-Match": tag})
    assert answer.json()["enabled"] is False
    assert answer.json()["branches"] == ["release/*"]
    stale = await hooks.client.patch(hook["path"], json=change, headers=hooks.headers | {"If-Match": tag})
    assert stale.status_code == 412


async def test_after_a_rotation_both_secrets_count_for_a_day(hooks: Hooks) -> None:
    hook = await hooks.create()
    rotated = (await hooks.client.post(f"{hook['path']}:rotate", headers=hooks.headers)).json()
    assert rotated["secret"] != hook["secret"]
    assert rotated["previous_secret_until"] is not None
    for secret in (hook["secret"], rotated["secret"]):
        assert (await hooks.github(hook, secret=secret)).status_code == 202
    with time_machine.travel(utc_now() + timedelta(hours=25), tick=True):
        assert (await hooks.github(hook, secret=rotated["secret"])).status_code == 202
        assert (await hooks.github(hook, secret=hook["secret"])).status_code == 401


async def test_a_second_rotation_ends_the_first_secret(hooks: Hooks) -> None:
    hook = await hooks.create()
    for _ in range(2):
        await hooks.client.post(f"{hook['path']}:rotate", headers=hooks.headers)
    assert (await hooks.github(hook)).status_code == 401


async def test_a_deleted_hook_keeps_no_secret_and_refuses_its_sender(hooks: Hooks) -> None:
    hook = await hooks.create()
    await hooks.client.post(f"{hook['path']}:rotate", headers=hooks.headers)
    await hooks.client.delete(hook["path"], headers=hooks.headers)
    assert (await hooks.github(hook)).status_code == 401
    assert (await hooks.client.get(hook["path"], headers=hooks.headers)).status_code == 404
    async with hooks.runtime.sessions() as session:
        row = (await session.exec(select(Hook))).one()
    assert (row.secret_sealed, row.previous_secret_sealed) == (b"", None)


async def test_nobody_makes_a_hook_for_what_they_may_not_do(hooks: Hooks, key_factory: KeyFactory) -> None:
    wish = {"kind": "github", "name": "deploys", "database_id": encode_id("db", hooks.database.id)}
    key = await key_factory(Scope.HOOKS_WRITE)
    refused = await hooks.client.post("/v1/hooks", json=wish, headers=bearer(key))
    assert (refused.status_code, refused.json()["required_scope"]) == (403, "backups:write")


async def test_hooks_of_other_projects_are_not_found(hooks: Hooks, key_factory: KeyFactory) -> None:
    hook = await hooks.create()
    key = await key_factory(Scope.HOOKS_READ, projects=[await create_project(hooks.client, hooks.headers, "other")])
    assert (await hooks.client.get(hook["path"], headers=bearer(key))).status_code == 404
    assert (await hooks.client.get("/v1/hooks", headers=bearer(key))).json()["data"] == []


@pytest.mark.parametrize("known", [True, False])
async def test_a_hook_for_railway_needs_an_environment_there(hooks: Hooks, *, known: bool) -> None:
    async with hooks.runtime.sessions() as session:
        environment = await ProjectRepository(session).production_of(hooks.database.project_id)
    assert isinstance(environment, Environment)
    environment_id = environment.id if known else hooks.database.id
    wish = {"kind": "railway", "name": "events", "environment_id": encode_id("env", environment_id)}
    answer = await hooks.client.post("/v1/hooks", json=wish, headers=hooks.headers)
    assert answer.json()["code"] == ("ENVIRONMENT_NOT_LINKED" if known else "NOT_FOUND")


async def test_a_dry_run_makes_no_hook_and_shows_no_secret(hooks: Hooks) -> None:
    wish = {"kind": "github", "name": "deploys", "database_id": encode_id("db", hooks.database.id)}
    answer = await hooks.client.post("/v1/hooks?dry_run=true", json=wish, headers=hooks.headers)
    assert (answer.status_code, answer.json()["secret"]) == (201, None)
    assert (await hooks.client.get("/v1/hooks", headers=hooks.headers)).json()["data"] == []
