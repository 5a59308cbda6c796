"""Tables of several schemas, and what they need, gathered in one schema and moved there into another database."""

from collections.abc import AsyncIterator

import pytest

from app.postgres.connect import Session, Target
from app.postgres.errors import QueryFailed
from app.postgres.moving import gather, schema_script
from app.postgres.restore import RestoreFailed, Wish
from app.postgres.toolchain import Installation
from app.postgres.transaction import Order, run_in_one
from tests.sessions import connect

SOURCE = r"""
CREATE EXTENSION pg_trgm;
CREATE SCHEMA app; CREATE SCHEMA "Oth""er one";
CREATE TYPE app.mood AS ENUM ('fine', 'cross');
CREATE TYPE app.pair AS (a int, b text);
CREATE TYPE app.span AS RANGE (subtype = int);
CREATE DOMAIN app.pos AS int CHECK (VALUE > 0);
CREATE FUNCTION app.is_ok(n int) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT n < 1000';
CREATE FUNCTION app.touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE SEQUENCE app.free START 50;
CREATE TABLE app.parent (
    id bigserial PRIMARY KEY, mood app.mood DEFAULT 'fine', pos app.pos, pair app.pair, span app.span,
    free int DEFAULT nextval('app.free') CHECK (app.is_ok(free)), note text
);
CREATE TABLE "Oth""er one"."child;
x" (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, parent bigint REFERENCES app.parent);
CREATE INDEX ON app.parent USING gin (note public.gin_trgm_ops);
CREATE STATISTICS app.correlated ON id, pos FROM app.parent;
CREATE TRIGGER touch BEFORE INSERT ON app.parent FOR EACH ROW EXECUTE FUNCTION app.touch();
CREATE TABLE app.days (day date) PARTITION BY RANGE (day);
CREATE TABLE app.days_1 PARTITION OF app.days FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
COMMENT ON TABLE app.parent IS 'it''s \ "here"';
INSERT INTO app.parent (pos, pair, span, note) SELECT n, (n, 'x')::app.pair, '[1,3)'::app.span, E'back\\slash\ttab\nline ' || n
  FROM generate_series(1, 300) AS n;
INSERT INTO "Oth""er one"."child;
x" (parent) SELECT n FROM generate_series(1, 300) AS n;
INSERT INTO app.days VALUES ('2024-05-05');
"""


@pytest.fixture
async def databases(admin: Session, target: Target, unique: str) -> AsyncIterator[tuple[Target, Target]]:
    """One that holds the tables, and a live one."""
    names = [f"{unique}_a", f"{unique}_b"]
    for name in names:
        await admin.execute(f"CREATE DATABASE {name}")
    first, second = (target.with_database(name) for name in names)
    async with connect(first, application_name="test") as session:
        await session.execute(SOURCE)
    async with connect(second, application_name="test") as session:
        await session.execute("CREATE EXTENSION pg_trgm; CREATE SCHEMA app; CREATE TABLE app.parent (live int)")
    yield first, second
    for name in names:
        await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


async def test_everything_arrives_in_the_one_schema_and_nothing_else_is_touched(
    databases: tuple[Target, Target], debian: Installation
) -> None:
    source, live = databases
    schema, numbers = 'Rück "1"', list[int]()

    async def begun(number: int) -> None:
        numbers.append(number)

    async with connect(source, application_name="test") as session:
        await gather(session, schema, comment="it's back")
        await gather(session, schema, comment="it's back")
    script = schema_script(source, schema, debian, Wish(owners=False), application_name="test", run_as=None)
    await run_in_one(script, Order(live, debian, "test", None), begun=begun)
    async with connect(live, application_name="test") as session:
        assert (
            await session.fetchval(
                "SELECT obj_description(to_regnamespace($1), 'pg_namespace')",
                f'"{schema.replace(chr(34), chr(34) * 2)}"',
            )
            == "it's back"
        )
        await session.execute("SELECT set_config('search_path', quote_ident('Rück \"1\"'), false)")
        assert (
            await session.fetchval('SELECT count(*) FROM parent AS p JOIN "child;\nx" AS c ON c.parent = p.id') == 300
        )
        assert await session.fetchval("SELECT note FROM parent WHERE id = 1") == "back\\slash\ttab\nline 1"
        row = await session.fetchrow("INSERT INTO parent (pos) VALUES (1) RETURNING id, mood::text, free")
        assert tuple(row or ()) == (301, "fine", 350)
        assert await session.fetchval("SELECT count(*) FROM days_1") == 1
        assert await session.fetchval("SELECT obj_description('parent'::regclass)") == 'it\'s \\ "here"'
        constraints = await session.fetch(
            "SELECT conname, convalidated FROM pg_constraint WHERE connamespace = to_regnamespace(quote_ident('Rück \"1\"'))"
        )
        assert all(row["convalidated"] for row in constraints)
        assert await session.fetchval("SELECT count(*) FROM pg_statistic_ext") == 1
        columns = (
            "SELECT array_agg(attname::text) FROM pg_attribute WHERE attrelid = 'app.parent'::regclass AND attnum > 0"
        )
        assert await session.fetchval(columns) == ["live"]
        schemas = "SELECT count(*) FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'"
        assert await session.fetchval(schemas) == 3
    again = schema_script(source, schema, debian, Wish(owners=False), application_name="test", run_as=None)
    with pytest.raises(RestoreFailed, match="already exists"):
        await run_in_one(again, Order(live, debian, "test", None), begun=begun)


async def test_two_of_one_name_do_not_meet(databases: tuple[Target, Target]) -> None:
    source, _ = databases
    async with connect(source, application_name="test") as session:
        await session.execute('CREATE TABLE "Oth""er one".parent ()')
    with pytest.raises(QueryFailed, match="already exists"):
        async with connect(source, application_name="test") as session:
            await gather(session, "one", comment="")
    async with connect(source, application_name="test") as session:
        assert await session.fetchval("SELECT to_regnamespace('one')") is None
