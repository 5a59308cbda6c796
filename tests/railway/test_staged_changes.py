"""What waits in an environment at Railway: shown without its values, and emptied only if it is ours or by force."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from app.auth.scopes import PRESETS, Preset, Scope
from app.kit.ids import decode_id, encode_id, new_id
from app.providers.railway.intents import Intents
from app.providers.railway.models import IntentOutcome, RailwayConnection
from app.runtime import Runtime
from tests.control import KeyFactory, bearer
from tests.platform.records import link
from tests.providers.railway_simulated.asking import STAGE, STAGED, a_service, an_environment, ask, deployed
from tests.railway.conftest import Connected
from tests.railway_simulator.process import Simulator

SECRET = "a-value-that-must-not-show"


class Waiting:
    """A linked environment with a service, in which something may wait."""

    def __init__(
        self, platform: Simulator, connection: RailwayConnection, environment_id: str, service_id: str
    ) -> None:
        self.platform, self.connection = platform, connection
        self.environment_id, self.service_id = environment_id, service_id
        self.path = ""

    async def stage(self, *names: str) -> None:
        patch = {"services": {self.service_id: {"variables": {name: {"value": SECRET} for name in names}}}}
        await ask(self.platform, STAGE, token="account", e=self.environment_id, patch=patch, merge=True)

    async def waits(self) -> bool:
        return bool((await ask(self.platform, STAGED, e=self.environment_id))["patch"])

    def key(self, name: str) -> str:
        return f"services.{self.service_id}.variables.{name}"


@pytest.fixture
async def waiting(runtime: Runtime, platform: Simulator, connected: Connected) -> Waiting:
    made = await connected()
    environment_id = await an_environment(platform)
    service_id, _ = await a_service(platform, environment_id)
    await deployed(platform, environment_id, service_id)
    async with runtime.sessions() as session:
        connection = await session.get_one(RailwayConnection, decode_id("rwc", made["id"]))
    environment = await link(runtime, platform, connection, environment_id)
    found = Waiting(platform, connection, environment_id, service_id)
    found.path = f"/v1/environments/{encode_id('env', environment.id)}/staged-changes"
    return found


Show = Callable[[], Awaitable[dict[str, Any]]]


@pytest.fixture
def show(client: httpx.AsyncClient, as_admin: dict[str, str], waiting: Waiting) -> Show:
    async def show() -> dict[str, Any]:
        answer = await client.get(waiting.path, headers=as_admin)
        assert answer.status_code == 200, answer.text
        assert SECRET not in answer.text
        document: dict[str, Any] = answer.json()
        return document

    return show


async def intent_with(runtime: Runtime, waiting: Waiting, *keys: str) -> None:
    """As a job leaves it that has staged these."""
    intents = Intents(runtime.sessions)
    plan = {"keys": list(keys)}
    intent = await intents.open(
        waiting.connection.id, waiting.environment_id, owner_id=new_id(), operation="a.test", plan=plan
    )
    await intents.close(intent, IntentOutcome.GIVEN_UP)


async def test_nothing_waits(client: httpx.AsyncClient, as_admin: dict[str, str], waiting: Waiting, show: Show) -> None:
    seen = await show()
    assert (seen["changes"], seen["ours"]) == ([], True)
    answer = await client.delete(waiting.path, headers=as_admin)
    assert (answer.status_code, answer.json()) == (200, {"keys": []})


async def test_somebody_elses_is_shown_and_stays_unless_it_is_forced_by_who_may(
    client: httpx.AsyncClient, as_admin: dict[str, str], waiting: Waiting, show: Show, key_factory: KeyFactory
) -> None:
    await waiting.stage("THEIRS")
    seen = await show()
    assert seen["ours"] is False
    (change,) = seen["changes"]
    assert (change["key"], change["service_id"], change["ours"]) == (waiting.key("THEIRS"), waiting.service_id, False)
    assert change["service_name"]
    refused = await client.delete(waiting.path, headers=as_admin)
    assert (refused.status_code, refused.json()["code"]) == (409, "RAILWAY_STAGED_CHANGES_FOREIGN")
    assert refused.json()["foreign"] == [waiting.key("THEIRS")]
    weak = bearer(await key_factory(*PRESETS[Preset.ADMIN] - {Scope.RAILWAY_FORCE}))
    denied = await client.delete(f"{waiting.path}?force=true", headers=weak)
    assert (denied.status_code, denied.json()["required_scope"]) == (403, "railway:force")
    tried = await client.delete(f"{waiting.path}?force=true&dry_run=true", headers=as_admin)
    assert tried.json() == {"keys": [waiting.key("THEIRS")]}
    assert await waiting.waits()
    forced = await client.delete(f"{waiting.path}?force=true", headers=as_admin)
    assert (forced.status_code, forced.json()) == (200, {"keys": [waiting.key("THEIRS")]})
    assert not await waiting.waits()


async def test_what_a_job_of_ours_left_behind_is_known_and_emptied(
    client: httpx.AsyncClient, as_admin: dict[str, str], runtime: Runtime, waiting: Waiting, show: Show
) -> None:
    await waiting.stage("OURS")
    await intent_with(runtime, waiting, waiting.key("OURS"))
    assert (await show())["ours"] is True
    await waiting.stage("THEIRS")
    assert {change["key"]: change["ours"] for change in (await show())["changes"]} == {
        waiting.key("OURS"): True,
        waiting.key("THEIRS"): False,
    }
    assert (await client.delete(waiting.path, headers=as_admin)).status_code == 409
    await intent_with(runtime, waiting, waiting.key("THEIRS"))
    answer = await client.delete(waiting.path, headers=as_admin)
    assert answer.json() == {"keys": [waiting.key("OURS"), waiting.key("THEIRS")]}
    assert not await waiting.waits()


async def test_emptying_by_force_makes_nothing_ours(
    client: httpx.AsyncClient, as_admin: dict[str, str], waiting: Waiting, show: Show
) -> None:
    await waiting.stage("THEIRS")
    assert (await client.delete(f"{waiting.path}?force=true", headers=as_admin)).status_code == 200
    await waiting.stage("THEIRS")
    assert (await show())["ours"] is False


async def test_while_a_job_changes_the_environment_nobody_empties_it(
    client: httpx.AsyncClient, as_admin: dict[str, str], runtime: Runtime, waiting: Waiting
) -> None:
    await waiting.stage("OURS")
    await Intents(runtime.sessions).open(
        waiting.connection.id,
        waiting.environment_id,
        owner_id=new_id(),
        operation="a.test",
        plan={"keys": [waiting.key("OURS")]},
    )
    answer = await client.delete(waiting.path, headers=as_admin)
    assert (answer.status_code, answer.json()["code"]) == (409, "RAILWAY_ENVIRONMENT_BUSY")
    assert await waiting.waits()


async def test_an_environment_that_is_not_linked_has_nothing_to_show(
    client: httpx.AsyncClient, as_admin: dict[str, str], connected: Connected
) -> None:
    made = await connected()
    ours = (await client.get(f"/v1/projects/{made['project_id']}/environments", headers=as_admin)).json()["data"][0]
    answer = await client.get(f"/v1/environments/{ours['id']}/staged-changes", headers=as_admin)
    assert (answer.status_code, answer.json()["code"]) == (409, "ENVIRONMENT_NOT_LINKED")
    nowhere = encode_id("env", new_id())
    assert (await client.get(f"/v1/environments/{nowhere}/staged-changes", headers=as_admin)).status_code == 404
