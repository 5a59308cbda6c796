import asyncio
from dataclasses import replace

import pytest
from pydantic import SecretStr

from app.postgres import connect as module
from app.postgres.connect import Connections, Limits, Session, Target
from app.postgres.errors import AuthenticationFailed, PoolExhausted, QueryFailed, ServerUnreachable
from tests.postgres.conftest import end_and_use, sessions_named, until_sessions


async def test_a_pool_lends_the_same_session_again_and_resets_it(target: Target, admin: Session, unique: str) -> None:
    async with Connections(application_name=unique, limits=Limits(statement_timeout_seconds=3)) as connections:
        async with connections.session(target) as session:
            first = await session.fetchval("SELECT pg_backend_pid()")
            await session.execute("SET statement_timeout = '1min'")
        async with connections.session(target) as session:
            assert await session.fetchval("SELECT pg_backend_pid()") == first
            assert await session.fetchval("SHOW statement_timeout") == "3s"
        assert await sessions_named(admin, unique) == 1
    await until_sessions(admin, unique, 0)


async def test_a_pool_has_two_sessions_and_the_third_waits_its_turn_or_is_told(
    target: Target, admin: Session, unique: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_POOL_WAIT_SECONDS", 0.2)
    async with Connections(application_name=unique) as connections:
        async with connections.session(target), connections.session(target):
            assert await sessions_named(admin, unique) == 2
            with pytest.raises(PoolExhausted, match="stayed busy"):
                async with connections.session(target):
                    pass
        async with connections.session(target) as session:
            assert await session.fetchval("SELECT 1") == 1


async def test_sessions_asked_for_at_once_share_one_pool(target: Target, admin: Session, unique: str) -> None:
    async with Connections(application_name=unique) as connections:

        async def one() -> int:
            async with connections.session(target) as session:
                return int(await session.fetchval("SELECT 1"))

        assert await asyncio.gather(*(one() for _ in range(10))) == [1] * 10
        assert await sessions_named(admin, unique) <= 2


async def test_a_changed_password_gets_a_pool_of_its_own(target: Target, admin: Session, unique: str) -> None:
    await admin.execute(f"CREATE ROLE {unique} LOGIN PASSWORD 'old'")
    old = replace(target, user=unique, password=SecretStr("old"))
    async with Connections(application_name=unique) as connections:
        async with connections.session(old) as session:
            await session.execute("SELECT 1")
        with pytest.raises(AuthenticationFailed):
            async with connections.session(replace(old, password=SecretStr("new"))):
                pass


async def test_a_pool_that_nobody_used_is_dropped(
    target: Target, admin: Session, unique: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_POOL_IDLE_SECONDS", 0.1)
    async with Connections(application_name=unique) as connections:
        async with connections.session(target.with_database("template1")):
            assert await sessions_named(admin, unique) == 1
        await asyncio.sleep(0.2)
        async with connections.session(target):
            await until_sessions(admin, unique, 1)
            assert len(connections._pools) == 1


async def test_errors_in_a_pooled_session_are_problems_and_do_not_spoil_the_pool(
    target: Target, admin: Session
) -> None:
    async with Connections(application_name="test") as connections:
        with pytest.raises(QueryFailed):
            async with connections.session(target) as session:
                await session.execute("SELECT 1/0")
        with pytest.raises(ServerUnreachable):
            async with connections.session(target) as session:
                await end_and_use(session, admin)
        async with connections.session(target) as session:
            assert await session.fetchval("SELECT 1") == 1


async def test_closing_cuts_a_session_that_is_still_used(
    target: Target, admin: Session, unique: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_CLOSE_SECONDS", 0.2)
    connections = Connections(application_name=unique)

    async def use() -> None:
        async with connections.session(target) as session:
            await session.execute("SELECT pg_sleep(60)")

    task = asyncio.create_task(use())
    await until_sessions(admin, unique, 1)
    await connections.close()
    with pytest.raises(ServerUnreachable):
        await task
