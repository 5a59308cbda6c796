"""A login that may not read everything: said before the dump begins, by the names of what is closed to it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from pydantic import SecretStr

from app.postgres.connect import Target
from tests.e2e.faults import fault
from tests.e2e.faults.server_side import adopted, back_up, refused, scratch, taken, unique
from tests.e2e.world import World

_TABLES = """
CREATE TABLE open (id integer); CREATE SCHEMA deep; CREATE TABLE deep.closed (id serial, body text);
INSERT INTO open SELECT generate_series(1, 10); INSERT INTO deep.closed (body) SELECT 'x' FROM generate_series(1, 10);
"""


@fault
async def a_table_that_the_login_may_not_read_fails_the_backup_by_its_name(world: World) -> None:
    async with reader(world, grants="GRANT SELECT ON open TO {role}") as target, adopted(world, target) as database:
        problem = await refused(world, await back_up(world, database), "PRIVILEGE_MISSING", retryable=False)
        assert '"deep"."closed"' in problem["detail"]
        assert '"open"' not in problem["detail"]
        wish = {"exclude_tables": [{"schema": "deep", "name": "closed"}]}
        problem = await refused(world, await back_up(world, database, **wish), "PRIVILEGE_MISSING", retryable=False)
        assert '"deep"."closed_id_seq"' in problem["detail"]
        backup = await taken(world, await back_up(world, database, tables=[{"schema": "public", "name": "open"}]))
        assert backup["rows"] == 10


@fault
async def a_right_that_is_taken_away_behind_our_back_fails_the_next_backup(world: World) -> None:
    everything = "GRANT USAGE ON SCHEMA deep TO {role}; GRANT SELECT ON open, deep.closed, deep.closed_id_seq TO {role}"
    async with reader(world, grants=everything) as target, adopted(world, target) as database:
        backup = await taken(world, await back_up(world, database))
        assert backup["rows"] == 20
        assert "without their password hashes" in backup["warnings"][0]
        await world.execute(f"REVOKE USAGE ON SCHEMA deep FROM {target.user}", target.database)
        problem = await refused(world, await back_up(world, database), "PRIVILEGE_MISSING", retryable=False)
        assert '"deep"."closed"' in problem["detail"]


@fault
async def rows_that_row_level_security_hides_fail_the_backup_by_the_tables_name(world: World) -> None:
    everything = "GRANT pg_read_all_data TO {role}"
    async with reader(world, grants=everything) as target, adopted(world, target) as database:
        await world.execute("ALTER TABLE open ENABLE ROW LEVEL SECURITY", target.database)
        problem = await refused(world, await back_up(world, database), "PRIVILEGE_MISSING", retryable=False)
        assert 'Row-level security hides rows of "public"."open"' in problem["detail"]


@asynccontextmanager
async def reader(world: World, *, grants: str) -> AsyncIterator[Target]:
    """A login of its own to a logical database of its own."""
    role = unique("reader")
    async with scratch(world, sql=_TABLES) as name:
        await world.execute(f"CREATE ROLE {role} LOGIN PASSWORD 'planted-reader'; {grants.format(role=role)}", name)
        try:
            yield replace(world.target, database=name, user=role, password=SecretStr("planted-reader"))
        finally:
            await world.execute(f"DROP OWNED BY {role}; DROP ROLE {role}", name)
