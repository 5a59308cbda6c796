"""An application's roles taken off a real server again."""

from urllib.parse import quote

import pytest

from app.applications.steps.deletion import DeletionSteps
from app.connections.models import LoginState
from app.postgres.connect import Session
from tests.applications.conftest import Killed, Shop, working


def path(shop: Shop, **query: str) -> str:
    asked = "&".join(f"{key}={quote(value)}" for key, value in {"confirm": shop.name, **query}.items())
    return f"/applications/{quote(shop.name)}?{asked}"


async def roles_left(shop: Shop, admin: Session) -> int:
    return int(await admin.fetchval("SELECT count(*) FROM pg_roles WHERE starts_with(rolname, $1)", shop.name))


@pytest.mark.usefixtures("worker")
async def test_without_a_successor_what_it_owns_keeps_it(shop: Shop) -> None:
    await shop.hardened()
    refused = await shop.call("DELETE", path(shop), expect=409)
    assert refused["code"] == "ROLE_OWNS_OBJECTS"
    refused = await shop.call("DELETE", path(shop, successor=f"{shop.name}_b"), expect=422)
    assert refused["code"] == "SUCCESSOR_INVALID"
    refused = await shop.call("DELETE", path(shop, successor="nobody_at_all"), expect=422)
    assert refused["code"] == "ROLE_MISSING"
    refused = await shop.call("DELETE", path(shop, successor="postgres", confirm="something else"), expect=409)
    assert refused["code"] == "CONFIRMATION_MISSING"


@pytest.mark.usefixtures("worker")
async def test_the_superuser_as_successor_takes_it_back(shop: Shop, admin: Session) -> None:
    await shop.hardened()
    async with shop.application() as session:
        await session.execute("CREATE TABLE own (id int)")
        plan = (await shop.call("DELETE", path(shop, successor="postgres", dry_run="true"), expect=202))["plan"]
        assert plan["sessions"] == 1
        assert {one["kind"]: one["count"] for one in plan["objects"]} == {"table": 2}
        accepted = await shop.call("DELETE", path(shop, successor="postgres"), expect=202)
        job = await shop.ended(accepted)
    assert job["state"] == "succeeded", job["error"]
    assert await roles_left(shop, admin) == 0
    async with shop.superuser() as session:
        assert await session.fetchval("SELECT tableowner FROM pg_tables WHERE tablename = 'own'") == "postgres"
    assert (await shop.call("GET", "/applications", expect=200))["data"] == []
    await shop.hardened()  # the same name is free again


async def test_killed_behind_one_step_after_the_other_it_comes_to_the_same_end(
    shop: Shop, admin: Session, killed_behind: Killed
) -> None:
    async with working(shop.runtime):
        await shop.hardened()
    accepted = await shop.call("DELETE", path(shop, successor="postgres"), expect=202)
    for step in ("begin", "shut", "hand", "drop", "forget"):
        await killed_behind(DeletionSteps, step)
    job = await shop.ended_by_another(accepted)
    assert job["state"] == "succeeded", job["error"]
    assert await roles_left(shop, admin) == 0
    assert await shop.logins() == []


async def test_cancelled_in_the_middle_it_is_made_good_by_hardening(shop: Shop, killed_behind: Killed) -> None:
    async with working(shop.runtime):
        await shop.hardened()
    accepted = await shop.call("DELETE", path(shop, successor="postgres"), expect=202)
    await killed_behind(DeletionSteps, "shut")
    await shop.client.post(f"{accepted['job']['links']['self']}:cancel", headers=shop.headers)
    assert (await shop.ended_by_another(accepted))["state"] == "cancelled"
    assert {login.state for login in await shop.logins()} == {LoginState.DISABLED}
    async with working(shop.runtime):
        await shop.hardened()
    async with shop.application() as session:
        await session.execute("SELECT * FROM customer")
