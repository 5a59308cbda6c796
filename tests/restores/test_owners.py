"""Whose the restored objects are, on the server that was backed up and on one that knows none of its roles."""

import secrets
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from app.databases.models import Database
from app.kit.ids import encode_id
from app.postgres.cluster import Cluster
from app.postgres.connect import Target
from app.postgres.identifiers import quoted
from app.postgres.toolchain import Ability, Toolchain
from tests.databases.records import add_database
from tests.postgres.conftest import reachable_folder, spec_in
from tests.restores.conftest import BOTH_WAYS, Restorer
from tests.sessions import connect

pytestmark = BOTH_WAYS

OWNERS = """
SELECT c.relname, pg_get_userbyid(c.relowner) FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
 WHERE n.nspname = 'sales' AND c.relkind = 'r'
"""


@pytest.fixture
async def roles(target: Target) -> AsyncIterator[tuple[str, str]]:
    tag = secrets.token_hex(4)
    owner, reader = f'Owner "{tag}"', f"reader;{tag}"
    async with connect(target, application_name="test") as session:
        for name in (owner, reader):
            await session.execute(f"CREATE ROLE {quoted(name)} LOGIN PASSWORD 'secret'")
    yield owner, reader
    async with connect(target, application_name="test") as session:
        for name in (owner, reader):
            await session.execute(f"DROP ROLE {quoted(name)}")


@pytest.fixture
async def owned(restorer: Restorer, roles: tuple[str, str], target: Target) -> AsyncIterator[dict[str, Any]]:
    """A backup of a database of several owners, with grants, policies and default privileges."""
    shop, name = restorer.shop, quoted(restorer.shop.target.database)
    owner, reader = (quoted(role) for role in roles)
    await shop.execute(
        f"""
        ALTER DATABASE {name} OWNER TO {owner};
        GRANT CREATE ON DATABASE {name} TO {reader};
        ALTER DATABASE {name} SET work_mem TO '7MB';
        ALTER ROLE {reader} IN DATABASE {name} SET work_mem TO '6MB';
        COMMENT ON DATABASE {name} IS 'owned';
        ALTER TABLE sales.orders OWNER TO {owner};
        ALTER TABLE sales.empty OWNER TO {reader};
        GRANT USAGE ON SCHEMA sales TO {reader};
        GRANT SELECT ON sales.orders TO {reader};
        ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA sales GRANT SELECT ON TABLES TO {reader}
        """
    )
    (backup,) = await shop.take()
    yield backup
    async with connect(target, application_name="test") as session:
        await session.execute(f"ALTER DATABASE {name} OWNER TO postgres")
        await session.execute(f"REVOKE ALL ON DATABASE {name} FROM {reader}")
        await session.execute(f"ALTER ROLE {reader} IN DATABASE {name} RESET ALL")
    # One after the other: a default privilege that both take part in is not found a second time in one statement.
    await shop.execute(f"DROP OWNED BY {owner} CASCADE")
    await shop.execute(f"DROP OWNED BY {reader} CASCADE")


async def owners(restorer: Restorer, name: str) -> dict[str, str]:
    async with restorer.shop.session(name) as session:
        return {row[0]: row[1] for row in await session.fetch(OWNERS)}


async def database_row(target: Target, name: str) -> dict[str, Any]:
    async with connect(target.with_database(name), application_name="test") as session:
        row = await session.fetchrow(
            """
            SELECT pg_get_userbyid(datdba) AS owner, shobj_description(oid, 'pg_database') AS comment,
                   current_setting('work_mem') AS work_mem, coalesce(datacl::text, '') AS acl
              FROM pg_database WHERE datname = current_database()
            """
        )
        assert row is not None
        return dict(row)


async def test_kept_owners_and_grants_are_those_of_the_backup(
    restorer: Restorer, owned: dict[str, Any], roles: tuple[str, str], free_name: str
) -> None:
    owner, reader = roles
    restore = await restorer.restored(owned, {"kind": "logical_database", "name": free_name})
    found = await owners(restorer, free_name)
    assert (found["orders"], found["empty"], found["customers"]) == (owner, reader, "postgres")
    row = await database_row(restorer.shop.target, free_name)
    assert (row["owner"], row["comment"], row["work_mem"]) == (owner, "owned", "7MB")
    assert reader in row["acl"]
    assert await restorer.value(free_name, "SELECT has_table_privilege($1, 'sales.orders', 'SELECT')", reader)
    assert restore["report"]["roles_created"] == []


async def test_stripped_of_owners_and_grants_everything_is_ours(
    restorer: Restorer, owned: dict[str, Any], roles: tuple[str, str], free_name: str
) -> None:
    await restorer.restored(owned, {"kind": "logical_database", "name": free_name}, owner_mode="strip")
    assert set((await owners(restorer, free_name)).values()) == {"postgres"}
    row = await database_row(restorer.shop.target, free_name)
    assert (row["owner"], row["comment"], row["work_mem"], row["acl"]) == ("postgres", "owned", "7MB", "")
    assert not await restorer.value(free_name, "SELECT has_table_privilege($1, 'sales.orders', 'SELECT')", roles[1])


async def test_mapped_owners_are_others_and_the_rest_is_ours(
    restorer: Restorer, owned: dict[str, Any], roles: tuple[str, str], free_name: str, target: Target
) -> None:
    owner, reader = roles
    await restorer.restored(
        owned, {"kind": "logical_database", "name": free_name}, owner_mode="map", role_map={owner: reader}
    )
    found = await owners(restorer, free_name)
    assert (found["orders"], found["empty"], found["customers"]) == (reader, "postgres", "postgres")
    assert (await database_row(target, free_name))["owner"] == reader


@pytest.fixture
async def newer(toolchain: Toolchain) -> AsyncIterator[Cluster]:
    """A server of a later major that knows nobody."""
    installation = toolchain.server(18)
    assert Ability.SERVER in installation.abilities
    with reachable_folder() as folder:
        server = Cluster(spec_in(Path(folder)), installation, attached=True)
        await server.create()
        await server.start()
        try:
            yield server
        finally:
            await server.destroy()


async def test_a_newer_server_gets_the_roles_that_it_lacks_without_login_and_password(
    restorer: Restorer, owned: dict[str, Any], roles: tuple[str, str], newer: Cluster, project_id: UUID
) -> None:
    owner, reader = roles
    other = await add_database(restorer.shop.runtime, project_id, "other", target=newer.target, server_major=18)
    name = "größer"
    restore = await restorer.restored(owned, into(other, name))
    assert restore["equal"] is True
    assert restore["report"]["roles_created"] == sorted(roles)
    assert "Roles made without a login" in restore["report"]["warnings"][0]
    async with connect(newer.target.with_database(name), application_name="test") as session:
        rows = await session.fetch(
            "SELECT rolname, rolcanlogin, rolpassword IS NULL FROM pg_authid WHERE rolname = ANY ($1)", list(roles)
        )
        assert {tuple(row) for row in rows} == {(owner, False, True), (reader, False, True)}
        assert await session.fetchval("SELECT count(*) FROM sales.orders") == 2000
    row = await database_row(newer.target, name)
    assert (row["owner"], row["comment"]) == (owner, "owned")


async def test_roles_made_for_a_restore_that_failed_are_dropped_again(
    restorer: Restorer, owned: dict[str, Any], newer: Cluster, project_id: UUID
) -> None:
    shop = restorer.shop
    store, key = await shop.store(), (await shop.manifest(owned)).archive_object.key
    await store.put(key, (await store.get(key))[:-1])
    other = await add_database(shop.runtime, project_id, "other", target=newer.target, server_major=18)
    _, job = await restorer.ended(await restorer.start(owned, into(other, "never")))
    assert (job["state"], job["error"]["code"]) == ("failed", "COPY_DAMAGED")
    async with connect(newer.target, application_name="test") as session:
        roles = await session.fetch("SELECT rolname FROM pg_roles WHERE rolname !~ '^pg_'")
        databases = await session.fetch("SELECT datname FROM pg_database")
    assert [row["rolname"] for row in roles] == ["postgres"]
    assert {row["datname"] for row in databases} == {"postgres", "template0", "template1"}


async def test_a_policy_for_a_role_that_nobody_made_is_named_with_the_way_out(
    restorer: Restorer, roles: tuple[str, str], newer: Cluster, project_id: UUID
) -> None:
    shop, reader = restorer.shop, quoted(roles[1])
    await shop.execute(f"CREATE POLICY readers ON sales.orders TO {reader} USING (true)")
    (backup,) = await shop.take()
    await shop.execute("DROP POLICY readers ON sales.orders")
    other = await add_database(shop.runtime, project_id, "other", target=newer.target, server_major=18)
    _, job = await restorer.ended(await restorer.start(backup, into(other, "stripped"), owner_mode="strip"))
    assert (job["state"], job["error"]["code"]) == ("failed", "RESTORE_FAILED")
    assert "the entry POLICY orders readers postgres" in job["error"]["detail"]
    assert "owner_mode keep" in job["error"]["detail"]
    restore = await restorer.restored(backup, into(other, "kept"))
    assert roles[1] in restore["report"]["roles_created"]


def into(database: Database, name: str) -> dict[str, Any]:
    return {"kind": "logical_database", "database_id": encode_id("db", database.id), "name": name}
