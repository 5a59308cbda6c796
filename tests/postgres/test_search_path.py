"""Whoever may create in a database must not have our queries run their code."""

from collections.abc import AsyncIterator

import pytest

from app.postgres.connect import Connections, Target
from app.postgres.connect import connect as ours
from tests.sessions import connect

TRAP = """
CREATE FUNCTION public.sprung(oid, regclass) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RAISE 'sprung'; END $$;
CREATE OPERATOR public.= (LEFTARG = oid, RIGHTARG = regclass, FUNCTION = public.sprung);
"""
CAUGHT = "SELECT count(*) FROM pg_depend WHERE classid = 'pg_class'::regclass"


@pytest.fixture
async def trapped(target: Target) -> AsyncIterator[Target]:
    async with connect(target, application_name="test") as session:
        await session.execute("CREATE DATABASE trapped")
        await session.execute("ALTER ROLE CURRENT_USER SET search_path = public")
    there = target.with_database("trapped")
    async with connect(there, application_name="test") as session:
        await session.execute(TRAP)
    yield there
    async with connect(target, application_name="test") as session:
        await session.execute("DROP DATABASE trapped WITH (FORCE)")
        await session.execute("ALTER ROLE CURRENT_USER RESET search_path")


async def test_an_operator_in_the_schema_public_is_not_ours(trapped: Target) -> None:
    async with connect(trapped, application_name="test") as session:
        with pytest.raises(Exception, match="sprung"):
            await session.fetchval(CAUGHT)
    async with ours(trapped, application_name="test") as session:
        assert await session.fetchval(CAUGHT) > 0
    async with Connections(application_name="test") as connections:
        for _ in range(2):  # also after the first was given back and reset
            async with connections.session(trapped) as session:
                assert await session.fetchval(CAUGHT) > 0
                await session.execute("SET search_path = public")
