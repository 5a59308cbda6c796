"""An application's two logins taking turns."""

import asyncio

import pytest

from app.connections.models import LoginState
from app.postgres.cluster import Cluster
from app.postgres.identifiers import quoted
from app.postgres.logins import sessions_of
from tests.rotations.conftest import Rotator
from tests.sessions import connect

pytestmark = pytest.mark.usefixtures("worker")


async def test_the_other_login_takes_over_and_the_former_one_is_let_go(
    rotator: Rotator, rotation_server: Cluster
) -> None:
    former = await rotator.current()
    before = rotator.password(former)
    job = await rotator.rotated("app", grace_seconds=60)
    now = await rotator.current()
    assert (job["result"]["role"], job["result"]["former_role"]) == (now.role, former.role)
    assert await rotator.states() == {"a": "disabled", "b": "current"}
    assert await rotator.works(now.role, rotator.password(now))
    assert not await rotator.works(former.role, before)
    again = await rotator.rotated(former.role, grace_seconds=60)
    assert again["result"]["role"] == former.role
    assert await rotator.states() == {"a": "current", "b": "disabled"}
    assert not await rotator.works(former.role, before)
    log = rotation_server.files.log.read_text()
    for secret in (before, rotator.password(now), rotator.password(await rotator.current())):
        assert secret.get_secret_value() not in log
    assert f"ALTER ROLE {quoted(now.role)} LOGIN PASSWORD 'SCRAM-SHA-256$" in log


async def test_sessions_that_are_left_end_with_the_grace_and_are_told_by_their_name(rotator: Rotator) -> None:
    former = await rotator.current()
    async with connect(rotator.at(former), application_name="a slow report") as session:
        assert await session.fetchval("SELECT current_user") == rotator.application.owner_role
        job = await rotator.rotated("app", grace_seconds=1)
        async with asyncio.timeout(30):
            while not session.is_closed():
                await asyncio.sleep(0.01)
    assert job["result"]["sessions_ended"] == 1
    (warning,) = job["warnings"]
    assert "a slow report from 127.0.0.1" in warning
    assert await rotator.states() == {"a": "disabled", "b": "current"}


async def test_it_ends_before_the_grace_once_the_sessions_have_moved(rotator: Rotator) -> None:
    former = await rotator.current()
    async with connect(rotator.at(former), application_name="test"):
        accepted = await rotator.rotate("app", grace_seconds=3600, consumers="leave")
        await rotator.waiting(accepted, f"1 sessions of {former.role} to end")
        assert await rotator.states() == {"a": "retiring", "b": "current"}
    job = await rotator.ended(accepted)
    assert (job["state"], job["result"]["sessions_ended"], job["warnings"]) == ("succeeded", 0, [])


async def test_a_cancel_makes_all_of_it_undone(rotator: Rotator) -> None:
    former = await rotator.current()
    password = rotator.password(former)
    async with connect(rotator.at(former), application_name="test") as session:
        accepted = await rotator.rotate("app")
        await rotator.waiting(accepted, "1 sessions")
        new = await rotator.current()
        given = rotator.password(new)
        assert await rotator.works(new.role, given)
        headers = rotator.headers | {"Idempotency-Key": "cancel"}
        await rotator.client.post(accepted["job"]["links"]["cancel"], headers=headers)
        assert (await rotator.ended(accepted))["state"] == "cancelled"
        assert await session.fetchval("SELECT 1") == 1
    assert await rotator.states() == {"a": "current", "b": "disabled"}
    assert await rotator.works(former.role, password)
    assert not await rotator.works(new.role, given)
    assert (await rotator.logins())[new.role].password_sealed is None


async def test_a_new_login_that_the_server_refuses_is_told_to_nobody(rotator: Rotator) -> None:
    other = next(role for role in await rotator.logins() if role.endswith("_b"))
    await rotator.ask(f"ALTER ROLE {quoted(other)} VALID UNTIL '2020-01-01'")
    job = await rotator.ended(await rotator.rotate("app"))
    assert (job["state"], job["error"]["code"]) == ("failed", "NEW_LOGIN_REFUSED")
    assert "VALID UNTIL" in job["error"]["detail"]
    assert await rotator.states() == {"a": "current", "b": "disabled"}
    async with connect(rotator.admin, application_name="test") as session:
        assert not await session.fetchval("SELECT rolcanlogin FROM pg_roles WHERE rolname = $1", other)


async def test_a_role_that_somebody_dropped_is_named(rotator: Rotator) -> None:
    other = next(role for role in await rotator.logins() if role.endswith("_b"))
    await rotator.ask(f"DROP ROLE {quoted(other)}")
    job = await rotator.ended(await rotator.rotate("app"))
    assert (job["state"], job["error"]["code"]) == ("failed", "ROLE_DROPPED")
    assert other in job["error"]["detail"]
    current = await rotator.current()
    assert current.state == LoginState.CURRENT
    assert await rotator.works(current.role, rotator.password(current))


async def test_a_superuser_is_not_needed_and_a_right_that_is_missing_is_named(rotator: Rotator) -> None:
    former = await rotator.current()
    await rotator.ask(f"ALTER ROLE {quoted(rotator.database.username or '')} NOSUPERUSER")
    refused = await rotator.ended(await rotator.rotate("app"))
    assert (refused["state"], refused["error"]["code"]) == ("failed", "PRIVILEGE_MISSING"), refused["error"]
    assert "CREATEROLE" in refused["error"]["detail"]
    assert await rotator.states() == {"a": "current", "b": "disabled"}
    await rotator.ask(f"ALTER ROLE {quoted(rotator.database.username or '')} CREATEROLE")
    async with connect(rotator.at(former), application_name="stubborn"):
        job = await rotator.rotated("app", grace_seconds=0)
        async with connect(rotator.admin, application_name="test") as session:
            assert len(await sessions_of(session, former.role)) == 1
    assert "pg_signal_backend" in job["warnings"][-1]
    assert await rotator.states() == {"a": "disabled", "b": "current"}
