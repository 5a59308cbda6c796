"""Names that end quotes, lines, patterns, connection strings and statements where somebody forgot to quote them."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from typing import Any, Final

from app.postgres.connect import TlsMode
from app.postgres.connection_string import connection_string
from app.postgres.identifiers import literal, quoted
from tests.e2e.faults import fault
from tests.e2e.faults.server_side import adopted, back_up, free_name, restore, restored, scratch, taken
from tests.e2e.world import World

NAMES: Final = (
    'it\'s "quoted" \'\'twice""',
    " spaces at the ends ",
    "dots.in.a.name",
    "line\nbreak",
    "carriage\rreturn\tand tab",
    "100% %s %n %(name)s",
    "back\\slash\\",
    "'; DROP TABLE x; --",
    '"; DROP DATABASE shop; --',
    "Grüße, 日本 🐘",
    "ü" * 31 + "x",
    "x" * 63,
    "$HOME `id` $(id) & | > <",
    "--dbname=postgres host=nowhere",
    "postgresql://nobody@nowhere/nothing",
    "pg.* [a-z]? *",
    "select",
)
# Of the databases, by chance: the others come in another run.
_DATABASES: Final = 6
_RESTORED: Final = 2
_ROWS: Final = 3


@fault
async def logical_databases_of_any_name_are_backed_up_and_restored(world: World) -> None:
    chosen = world.random.sample(NAMES, _DATABASES)
    async with AsyncExitStack() as stack:
        for name in chosen:
            await stack.enter_async_context(scratch(world, name, sql=_table("t")))
        accepted = await back_up(world, logical_databases=chosen)
        await world.succeeded(accepted["job"])
        assert {backup["logical_database"] for backup in accepted["backups"]} == set(chosen)
        for backup in world.random.sample(accepted["backups"], _RESTORED):
            new = f"{world.random.choice(NAMES)[:20]}2"
            async with free_name(world, new):
                found = await restored(world, await restore(world, backup["id"], new))
                assert found["report"]["rows"] == _ROWS
                assert await world.value("SELECT count(*) FROM t", name=new) == _ROWS


@fault
async def schemas_tables_columns_and_roles_of_any_name_are_backed_up_and_restored(world: World) -> None:
    """The roles are gone by the time of the restore, which makes them anew."""
    async with (
        scratch(world, sql="".join(_schema(name) for name in NAMES)) as database,
        free_name(world) as new,
        owners(world, database),
    ):
        backup = await taken(world, await back_up(world, logical_databases=[database]))
        assert (backup["tables"], backup["rows"]) == (len(NAMES), _ROWS * len(NAMES))
        await reversed_owners(world, database)
        async with made_roles(world, new):
            found = await restored(world, await restore(world, backup["id"], new))
            assert set(found["report"]["roles_created"]) == {_role(name) for name in NAMES}
            owner = "SELECT pg_get_userbyid(relowner) FROM pg_class WHERE relname = $1 AND relkind = 'r'"
            for name in NAMES:
                assert await world.value(owner, name, name=new) == _role(name)


@fault
async def tables_of_any_name_are_backed_up_when_they_are_named(world: World) -> None:
    async with scratch(world, sql="".join(_schema(name) for name in NAMES)) as database:
        chosen = world.random.sample(NAMES, 5)
        tables = [{"schema": name, "name": name} for name in chosen]
        backup = await taken(world, await back_up(world, logical_databases=[database], tables=tables))
        manifest = await world.get(f"/v1/backups/{backup['id']}/manifest")
        assert {table["name"] for table in manifest["tables"]} == set(chosen)
        backup = await taken(world, await back_up(world, logical_databases=[database], exclude_tables=tables))
        manifest = await world.get(f"/v1/backups/{backup['id']}/manifest")
        assert {table["name"] for table in manifest["tables"]} == set(NAMES) - set(chosen)


@fault
async def an_adopted_logical_database_may_have_any_name_without_control_characters(world: World) -> None:
    name = "'\"; DROP TABLE x; -- 100% \\ a.b/c?d=e#f@g:h&i 日本"
    target = replace(world.target, database=name, tls=TlsMode.REQUIRE)
    async with (
        scratch(world, name, sql=_table("t")),
        adopted(world, connection_string(target, reveal=True)) as database,
    ):
        backup = await taken(world, await back_up(world, database))
        assert (backup["logical_database"], backup["rows"]) == (name, _ROWS)


@fault
async def names_that_the_service_restricts_are_refused_at_once(world: World) -> None:
    kept = await world.good_backup()
    for name in ("", "x; DROP TABLE y", "it's", "a/b", "line\nbreak", "x" * 64, "\0"):
        for path, body in _namings(world, kept, name):
            problem = await world.post(path, body, expect=422)
            assert (problem["code"], problem["retryable"]) == ("VALIDATION_FAILED", False), problem
    for name in ("", "template1", "pgm_rst_1", "x" * 64, "ü" * 32, "a\0b"):
        target = {"kind": "logical_database", "database_id": world.database, "name": name}
        problem = await world.post("/v1/restores", {"backup_id": kept, "target": target}, expect=422)
        assert (problem["code"], problem["retryable"]) == ("VALIDATION_FAILED", False), problem
    for name in NAMES:
        problem = await world.post(world.backups, {"logical_databases": [name]}, expect=422)
        assert (problem["code"], problem["retryable"]) == ("DATABASE_ABSENT", False), problem
        assert repr(name) in problem["detail"]


@asynccontextmanager
async def owners(world: World, database: str) -> AsyncIterator[None]:
    """A role for each name, which owns what is called like it."""
    for name in NAMES:
        role, it = quoted(_role(name)), quoted(name)
        await world.execute(f"CREATE ROLE {role}; ALTER TABLE {it}.{it} OWNER TO {role}", database)
    try:
        yield
    finally:
        await reversed_owners(world, database)


async def reversed_owners(world: World, database: str) -> None:
    for name in NAMES:
        if await world.value("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)", _role(name), name=database):
            role = quoted(_role(name))
            await world.execute(f"REASSIGN OWNED BY {role} TO CURRENT_USER; DROP ROLE {role}", database)


@asynccontextmanager
async def made_roles(world: World, database: str) -> AsyncIterator[None]:
    """Takes away the roles that a restore made, once what they own is gone."""
    try:
        yield
    finally:
        await world.execute(f"DROP DATABASE IF EXISTS {quoted(database)} WITH (FORCE)", "postgres")
        for name in NAMES:
            await world.execute(f"DROP ROLE IF EXISTS {quoted(_role(name))}", "postgres")


def _role(name: str) -> str:
    return f"r{name}".encode()[:63].decode(errors="ignore")


def _schema(name: str) -> str:
    it = quoted(name)
    return f"CREATE SCHEMA {it}; {_table(name, schema=it)}; COMMENT ON TABLE {it}.{it} IS {literal(name)};"


def _table(name: str, *, schema: str = "public") -> str:
    it = quoted(name)
    return f"CREATE TABLE {schema}.{it} AS SELECT i AS {it}, {literal(name)}::text AS body FROM generate_series(1, {_ROWS}) AS i"


def _namings(world: World, backup: str, name: str) -> list[tuple[str, dict[str, Any]]]:
    return [
        ("/v1/projects", {"name": name}),
        ("/v1/databases", {"provider": "local", "project_id": world.project, "name": name}),
        ("/v1/restores", {"backup_id": backup, "target": {"kind": "new_database", "name": name}}),
    ]
