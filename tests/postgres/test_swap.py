import secrets
from collections.abc import AsyncIterator

import asyncpg
import pytest

from app.errors import Problem
from app.postgres.connect import Session, Target
from app.postgres.identifiers import quoted
from app.postgres.making import NameClash, oid_of
from app.postgres.swap import Swap, SwapImpossible, is_done, reopen, swap_names, take_name
from tests.sessions import connect


@pytest.fixture
async def session(target: Target) -> AsyncIterator[Session]:
    async with connect(target, application_name="test") as session:
        yield session


@pytest.fixture
async def swap(session: Session) -> AsyncIterator[Swap]:
    tag = secrets.token_hex(4)
    name, beside, aside = f'it\'s "{tag}"', f"beside {tag}\n%", f"aside;{tag}"
    await session.execute(f"CREATE DATABASE {quoted(name)}")
    await session.execute(f"CREATE DATABASE {quoted(beside)}")
    outgoing, incoming = await oid_of(session, name), await oid_of(session, beside)
    assert outgoing is not None
    assert incoming is not None
    yield Swap(name, incoming, beside, outgoing, aside)
    for left in (name, beside, aside):
        await session.execute(f"DROP DATABASE IF EXISTS {quoted(left)} WITH (FORCE)")


async def may_connect(target: Target, name: str) -> bool:
    try:
        async with connect(target.with_database(name), application_name="test") as session:
            return bool(await session.fetchval("SELECT true"))
    except Problem:
        return False


async def test_two_databases_change_names_and_only_the_one_with_the_name_is_open(
    session: Session, swap: Swap, target: Target
) -> None:
    assert not await is_done(session, swap)
    await swap_names(session, swap)
    assert await is_done(session, swap)
    assert await oid_of(session, swap.name) == swap.incoming
    assert await may_connect(target, swap.name)
    assert not await may_connect(target, swap.aside)


async def test_a_swap_that_was_done_is_not_done_again_and_can_be_reversed(
    session: Session, swap: Swap, target: Target
) -> None:
    await swap_names(session, swap)
    await swap_names(session, swap)
    assert await oid_of(session, swap.name) == swap.incoming
    await swap_names(session, swap.reversed())
    await swap_names(session, swap.reversed())
    assert await oid_of(session, swap.name) == swap.outgoing
    assert await may_connect(target, swap.name)


async def test_whoever_died_after_closing_the_database_is_continued(
    session: Session, swap: Swap, target: Target
) -> None:
    await session.execute(f"ALTER DATABASE {quoted(swap.name)} WITH ALLOW_CONNECTIONS false")
    await swap_names(session, swap)
    assert await oid_of(session, swap.name) == swap.incoming
    assert await may_connect(target, swap.name)


async def test_whoever_died_after_closing_the_database_can_be_cleaned_up_after(
    session: Session, swap: Swap, target: Target
) -> None:
    await session.execute(f"ALTER DATABASE {quoted(swap.name)} WITH ALLOW_CONNECTIONS false")
    await reopen(session, swap)
    assert await may_connect(target, swap.name)
    assert await oid_of(session, swap.name) == swap.outgoing


async def test_a_swap_that_fails_leaves_the_database_open(session: Session, swap: Swap, target: Target) -> None:
    await session.execute(f"CREATE DATABASE {quoted(swap.aside)}")
    with pytest.raises(asyncpg.DuplicateDatabaseError):
        await swap_names(session, swap)
    assert await oid_of(session, swap.name) == swap.outgoing
    assert await may_connect(target, swap.name)


async def test_sessions_in_both_databases_are_ended(session: Session, swap: Swap, target: Target) -> None:
    async with (
        connect(target.with_database(swap.name), application_name="test") as there,
        connect(target.with_database(swap.beside), application_name="test") as here,
    ):
        await swap_names(session, swap)
        assert await is_done(session, swap)
        assert there.is_closed() or here.is_closed() or not await _answers(there)


async def test_databases_that_somebody_renamed_are_left_alone(session: Session, swap: Swap) -> None:
    await session.execute(f"ALTER DATABASE {quoted(swap.beside)} RENAME TO {quoted(swap.aside)}")
    with pytest.raises(SwapImpossible) as raised:
        await swap_names(session, swap)
    assert repr(swap.aside) in raised.value.detail
    assert await oid_of(session, swap.name) == swap.outgoing


async def test_a_name_is_taken_once(session: Session, swap: Swap) -> None:
    await take_name(session, oid=swap.incoming, beside=swap.beside, name=swap.aside)
    await take_name(session, oid=swap.incoming, beside=swap.beside, name=swap.aside)
    assert await oid_of(session, swap.aside) == swap.incoming
    with pytest.raises(NameClash):
        await take_name(session, oid=swap.incoming, beside=swap.aside, name=swap.name)


async def _answers(session: Session) -> bool:
    try:
        return bool(await session.fetchval("SELECT true"))
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
        return False
