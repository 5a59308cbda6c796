import asyncio
from contextlib import suppress

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.db.engine import create_engine, create_reads, create_sessions
from app.db.errors import ControlDatabaseUnreachable, translate
from app.db.sql import run_sql


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+asyncpg"])
async def test_an_address_may_be_what_libpq_prints(database_url: str, scheme: str) -> None:
    url = f"{scheme}{database_url.removeprefix('postgresql')}?sslmode=disable"
    engine = create_engine(url, application_name="pgmanager-test", pooled=False)
    async with engine.connect() as connection:
        named = (await connection.execute(text("SHOW application_name"))).scalar_one()
    assert named == "pgmanager-test"


async def test_a_database_that_is_not_there_is_an_error_of_the_database() -> None:
    engine = create_engine("postgresql://nobody:hunter22@127.0.0.1:1/none", application_name="pgmanager-test")
    with pytest.raises(DBAPIError) as caught:
        await engine.connect()
    assert isinstance(translate(caught.value), ControlDatabaseUnreachable)
    assert "hunter22" not in f"{caught.value!r} {engine!r}"


NOW = text("SELECT now()")  # of the transaction, so it stands still in one


async def test_a_connection_that_served_a_reader_serves_a_writer_with_a_transaction(database_url: str) -> None:
    engine = create_engine(database_url, application_name="pgmanager-test", pool_size=1)
    reads, sessions = create_reads(engine), create_sessions(engine)
    try:
        for last in ("SELECT 1", "SELECT 1 / 0", "SELECT pg_terminate_backend(pg_backend_pid())"):
            async with reads() as reader:
                first = (await run_sql(reader, NOW)).scalar_one()
                assert (await run_sql(reader, NOW)).scalar_one() > first
                with suppress(DBAPIError):
                    await run_sql(reader, text(last))
            async with sessions() as writer:
                first = (await run_sql(writer, NOW)).scalar_one()
                assert (await run_sql(writer, NOW)).scalar_one() == first
            await engine.dispose()  # and so the pool is a new one
    finally:
        await engine.dispose()


async def test_connections_that_the_server_ended_are_replaced_before_a_request_meets_them(database_url: str) -> None:
    """As after a restart of the server: without it, the first request of each replica would be answered 503."""
    engine = create_engine(database_url, application_name="pgmanager-test", pool_size=2)
    try:
        async with engine.connect() as one, engine.connect() as other:
            pids = {(await session.execute(text("SELECT pg_backend_pid()"))).scalar_one() for session in (one, other)}
        killer = await asyncpg.connect(database_url)
        for pid in pids:
            await killer.execute("SELECT pg_terminate_backend($1, 5000)", pid)
        await killer.close()
        await asyncio.sleep(0.05)  # so that the driver has read the end of the connections
        async with engine.connect() as one, engine.connect() as other:
            for session in (one, other):
                assert (await session.execute(text("SELECT pg_backend_pid()"))).scalar_one() not in pids
    finally:
        await engine.dispose()
