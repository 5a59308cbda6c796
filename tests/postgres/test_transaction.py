"""One psql, one transaction: what breaks anywhere leaves nothing, and its number tells afterwards what became of it."""

from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import replace

import pytest

from app.errors import Unavailable
from app.postgres.connect import Session, Target
from app.postgres.restore import RestoreFailed
from app.postgres.toolchain import Installation
from app.postgres.transaction import Order, Outcome, outcome_of, run_in_one
from tests.sessions import connect


@pytest.fixture
async def database(admin: Session, target: Target, unique: str) -> AsyncIterator[Target]:
    await admin.execute(f"CREATE DATABASE {unique}")
    yield target.with_database(unique)
    await admin.execute(f"DROP DATABASE {unique} WITH (FORCE)")


async def script(*pieces: str, ends: Exception | None = None) -> AsyncGenerator[bytes]:
    for piece in pieces:
        yield piece.encode()
    if ends is not None:
        raise ends


async def test_all_of_it_or_nothing(database: Target, debian: Installation) -> None:
    order = Order(database, debian, "test", None, before=["CREATE TABLE t (n int)"], after=["INSERT INTO t VALUES (3)"])
    numbers: list[int] = []

    async def begun(number: int) -> None:
        numbers.append(number)

    async with connect(database, application_name="test") as session:
        bad = replace(order, after=["INSERT INTO nowhere VALUES (1)"])
        with pytest.raises(RestoreFailed, match='relation "nowhere" does not exist'):
            await run_in_one(script("COPY t FROM stdin;\n1\n2\n\\.\n"), bad, begun=begun)
        with pytest.raises(Unavailable, match="gone"):
            # Rows that end without their mark are as whole as any to psql.
            await run_in_one(script("COPY t FROM stdin;\n1\n", ends=Unavailable("gone")), order, begun=begun)
        with pytest.raises(RestoreFailed, match="syntax error"):
            await run_in_one(script("THIS IS NONE;\n", "SELECT 1;\n"), order, begun=begun)
        assert await session.fetchval("SELECT to_regclass('t')") is None
        await run_in_one(script("COPY t FROM stdin;\n1\n2\n\\.\n"), order, begun=begun)
        assert await session.fetchval("SELECT array_agg(n ORDER BY n) FROM t") == [1, 2, 3]
        outcomes = [
            await outcome_of(session, database, number, application_name="test of others") for number in numbers
        ]
    assert outcomes == [Outcome.ABORTED] * 3 + [Outcome.COMMITTED]


async def test_nothing_happens_under_a_number_that_could_not_be_kept(database: Target, debian: Installation) -> None:
    async def begun(_number: int) -> None:
        raise Unavailable("no memo")

    with pytest.raises(Unavailable, match="no memo"):
        await run_in_one(script("CREATE TABLE t ();\n"), Order(database, debian, "test", None), begun=begun)
    async with connect(database, application_name="test") as session:
        assert await session.fetchval("SELECT to_regclass('t')") is None


async def test_a_transaction_that_is_still_open_is_ended_before_it_is_judged(database: Target) -> None:
    async with (
        connect(database, application_name="of a dead worker") as session,
        connect(database, application_name="test") as other,
    ):
        await session.execute("BEGIN; CREATE TABLE t ()")
        number = int(await session.fetchval("SELECT pg_current_xact_id()::text"))
        found = await outcome_of(other, database, number, application_name="of a dead worker")
        assert found is Outcome.ABORTED
        assert await other.fetchval("SELECT to_regclass('t')") is None
