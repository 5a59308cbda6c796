"""Statistics for the planner, gathered by several sessions."""

from collections.abc import AsyncIterator
from typing import Final

import pytest

from app.postgres.connect import Session, Target
from app.postgres.errors import QueryFailed
from app.postgres.statistics import gather_statistics
from tests.sessions import connect

_TABLES: Final = """
CREATE SCHEMA "odd schema";
CREATE TABLE "odd schema"."Odd" AS SELECT n FROM generate_series(1, 100) AS n;
CREATE TABLE parted (n int) PARTITION BY RANGE (n);
CREATE TABLE low PARTITION OF parted FOR VALUES FROM (0) TO (50);
CREATE TABLE high PARTITION OF parted FOR VALUES FROM (50) TO (101) PARTITION BY RANGE (n);
CREATE TABLE highest PARTITION OF high FOR VALUES FROM (50) TO (101);
INSERT INTO parted SELECT n FROM generate_series(1, 100) AS n;
CREATE MATERIALIZED VIEW seen AS SELECT n FROM parted;
"""
# Its index calls it for every row of the sample.
_BROKEN: Final = """
CREATE FUNCTION broken(n int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN n; END';
CREATE TABLE indexed AS SELECT n FROM generate_series(1, 100) AS n;
CREATE INDEX ON indexed (broken(n));
CREATE OR REPLACE FUNCTION broken(n int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN n / 0; END';
"""


@pytest.fixture
async def database(admin: Session, target: Target, unique: str) -> AsyncIterator[Target]:
    await admin.execute(f"CREATE DATABASE {unique} TEMPLATE template0")
    yield target.with_database(unique)
    await admin.execute(f"DROP DATABASE {unique} WITH (FORCE)")


async def test_every_table_gets_them_partitions_and_views_included(database: Target) -> None:
    async with connect(database, application_name="test") as session:
        await session.execute(_TABLES)
        await gather_statistics(database, sessions=2, application_name="test")
        rows = await session.fetch(
            "SELECT DISTINCT tablename FROM pg_stats WHERE schemaname IN ('public', 'odd schema') ORDER BY 1"
        )
    assert [row[0] for row in rows] == ["Odd", "high", "highest", "low", "parted", "seen"]


async def test_the_first_failure_is_told_as_what_it_is(database: Target) -> None:
    async with connect(database, application_name="test") as session:
        await session.execute(_BROKEN)
    with pytest.raises(QueryFailed, match="division by zero"):
        await gather_statistics(database, sessions=2, application_name="test")
