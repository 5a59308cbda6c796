"""Fingerprints tell tables with other rows apart, and nothing else."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from app.postgres.connect import Session, Target
from app.postgres.fingerprints import BY_RECORD, BY_TEXT, take_fingerprints
from app.postgres.relations import Relation, RelationKind, relations
from tests.sessions import connect

ALGORITHMS = pytest.mark.parametrize("algorithm", [BY_RECORD, BY_TEXT])

TYPES = """
CREATE TYPE mood AS ENUM ('fine', 'cross');
CREATE TYPE pair AS (x int, y text);
CREATE DOMAIN short AS text CHECK (length(VALUE) < 9);
CREATE TABLE types (
    id int PRIMARY KEY, doubled int GENERATED ALWAYS AS (id * 2) STORED, gone int,
    num numeric, "real" float8, word text, fixed char(5), named name, flag bool, raw bytea, uid uuid, day date,
    at timestamptz, span interval, net inet, doc json, docs jsonb, tree xml, spot point, area box, bits varbit, price money,
    feeling mood, two pair, little short, ints int[], words text[], moods mood[], r int4range, rs tstzrange, m int4multirange,
    words_of tsvector, class regclass, lsn pg_lsn, odd "char", zone timetz
);
ALTER TABLE types DROP gone;
INSERT INTO types VALUES (1, DEFAULT, 1.5, 'NaN', 'a', 'b', 'n', true, '\\x00ff', gen_random_uuid(), '2024-02-29',
    '2024-02-29 12:00+02', '1 month', '::1', '{"b": 1,  "a": 2}', '{"b": 1}', '<a/>', '(1,2)', '((0,0),(1,1))', B'101', 12.5,
    'fine', '(1,"x y")', 'tiny', '{1,NULL,3}', '{"",NULL}', '{cross}', '[1,5)', '[2024-01-01,)', '{[1,2),[5,6)}', 'a:1 b',
    'pg_class', '16/B374D848', 'x', '12:00+01');
INSERT INTO types (id) VALUES (2);
"""

CHANGES = (
    "num = num + 1", "word = 'A'", "word = NULL", "fixed = 'c'", "flag = NULL", "raw = '\\x00fe'", "span = '30 days'",
    "doc = '{\"b\": 1, \"a\": 2}'", "docs = '{\"b\": 2}'", "tree = '<b/>'", "spot = '(2,1)'", "price = 12.51",
    "feeling = 'cross'", "two = '(1,\"x  y\")'", "little = 'tinY'", "ints = '{1,3}'", "words = '{NULL,\"\"}'",
    "moods = '{fine}'", "r = '[1,6)'", "m = '{[1,2)}'", "class = 'pg_type'", "odd = 'y'", "zone = '12:00+02'",
    "named = 'm'",
)  # fmt: skip


@pytest.fixture
async def session(target: Target, unique: str) -> AsyncIterator[Session]:
    async with connect(target, application_name="test") as admin:
        await admin.execute(f"CREATE DATABASE {unique}")
        try:
            async with connect(target.with_database(unique), application_name="test") as session:
                yield session
        finally:
            await admin.execute(f"DROP DATABASE {unique} WITH (FORCE)")


async def taken(session: Session, algorithm: str, *, seconds: float = 30) -> dict[str, str]:
    found: dict[str, str] = {}
    tables = [table for table in await relations(session) if table.kind is RelationKind.TABLE]
    await take_fingerprints(
        session,
        tables,
        algorithm=algorithm,
        seconds=seconds,
        taken=lambda table, value: found.update({table.name: value}),
    )
    return found


@ALGORITHMS
async def test_every_type_has_a_fingerprint_that_a_copy_of_the_rows_shares(session: Session, algorithm: str) -> None:
    await session.execute(TYPES)
    columns = [
        row["attname"]
        for row in await session.fetch(
            "SELECT attname FROM pg_attribute WHERE attrelid = 'types'::regclass AND attnum > 0 AND NOT attisdropped "
            "AND attgenerated = '' ORDER BY attname DESC"
        )
    ]
    names = ", ".join(f'"{name}"' for name in columns)
    await session.execute(f"CREATE TABLE copied AS SELECT {names} FROM types ORDER BY id DESC")

    found = await taken(session, algorithm)

    assert found["types"] == found["copied"] != "0"


@ALGORITHMS
async def test_a_changed_value_of_any_type_changes_it(session: Session, algorithm: str) -> None:
    await session.execute(TYPES)
    before = await taken(session, algorithm)
    unnoticed = []
    for change in CHANGES:
        changing = session.transaction()
        await changing.start()
        await session.execute(f"UPDATE types SET {change} WHERE id = 1")
        if await taken(session, algorithm) == before:
            unnoticed.append(change)
        await changing.rollback()
    assert not unnoticed


@ALGORITHMS
async def test_the_order_of_rows_does_not_matter_and_how_often_they_are_there_does(
    session: Session, algorithm: str
) -> None:
    await session.execute("""
        CREATE TABLE a AS SELECT n, n % 7 AS m FROM generate_series(1, 1000) AS n;
        CREATE TABLE b AS SELECT * FROM a ORDER BY n DESC;
        CREATE TABLE swapped AS SELECT n, CASE n WHEN 1 THEN 2 WHEN 2 THEN 1 ELSE n % 7 END AS m FROM a;
        CREATE TABLE twice AS SELECT * FROM a UNION ALL (SELECT * FROM a LIMIT 2);
        CREATE TABLE empty (n int); CREATE TABLE nothing (); INSERT INTO nothing DEFAULT VALUES;
    """)
    found = await taken(session, algorithm)
    assert found["a"] == found["b"]
    assert len({found[name] for name in ("a", "swapped", "twice", "empty")}) == 4
    assert found["empty"] == "0"
    assert "nothing" in found


@ALGORITHMS
async def test_neither_casts_nor_settings_of_the_database_matter(session: Session, algorithm: str, unique: str) -> None:
    """A cast that an owner defined would run with the rights of whoever takes the fingerprint."""
    await session.execute(TYPES)
    before = await taken(session, algorithm)
    await session.execute(f"""
        CREATE FUNCTION evil(pair) RETURNS text LANGUAGE plpgsql AS $$ BEGIN RAISE 'ran'; END $$;
        CREATE CAST (pair AS text) WITH FUNCTION evil(pair) AS ASSIGNMENT;
        ALTER DATABASE {unique} SET datestyle = 'German';
        SET datestyle = 'German'; SET timezone = 'Asia/Tokyo'; SET intervalstyle = 'iso_8601';
        SET bytea_output = 'escape'; SET extra_float_digits = 0;
    """)
    assert await taken(session, algorithm) == before


async def test_partitions_have_their_own_and_parents_only_what_lies_in_them(session: Session) -> None:
    await session.execute("""
        CREATE TABLE parent (n int); CREATE TABLE child () INHERITS (parent);
        INSERT INTO child VALUES (1);
        CREATE TABLE parts (n int) PARTITION BY LIST (n); CREATE TABLE part PARTITION OF parts FOR VALUES IN (1);
        INSERT INTO parts VALUES (1);
    """)
    found = await taken(session, BY_RECORD)
    assert found.keys() == {"parent", "child", "part"}
    assert (found["parent"], found["child"]) == ("0", found["part"])


async def test_it_stops_when_its_time_is_over_and_leaves_the_transaction_as_it_was(session: Session) -> None:
    await session.execute(
        "CREATE TABLE small (n int); CREATE TABLE slow AS SELECT n FROM generate_series(1, 300000) AS n"
    )
    async with session.transaction(isolation="repeatable_read", readonly=True):
        assert await session.fetchval("SELECT count(*) FROM small") == 0
        assert "slow" not in await taken(session, BY_TEXT, seconds=0.02)
        passing = asyncio.create_task(taken(session, BY_TEXT))
        await asyncio.sleep(0.05)
        passing.cancel()
        await asyncio.wait([passing])
        assert await session.fetchval("SELECT count(*) FROM slow") == 300000
        assert await session.fetchval("SHOW statement_timeout") == "30s"


async def test_a_table_that_cannot_be_read_is_left_out(session: Session) -> None:
    await session.execute("CREATE TABLE fine (n int); INSERT INTO fine VALUES (1)")
    known = await relations(session)
    missing = Relation(1, "public", "missing", RelationKind.TABLE, None, False, None, True, False)
    found: list[str] = []
    await take_fingerprints(
        session,
        [missing, *known],
        algorithm=BY_RECORD,
        seconds=30,
        taken=lambda table, _: found.append(table.name),
    )
    assert found == ["fine"]
