from contextlib import suppress

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
