"""Taking backups over HTTP: what ends up in the store, and whether it is what the snapshot held."""

import asyncio
import hashlib
from pathlib import Path
from typing import Any

import pytest

from app.locations.manifest import ObjectKind
from app.postgres.toolchain import Toolchain
from tests.backups.conftest import Shop

pytestmark = pytest.mark.usefixtures("worker")

SAMPLE = """
CREATE SCHEMA sales; COMMENT ON SCHEMA sales IS 'ümläut';
CREATE TYPE sales.state AS ENUM ('new', 'paid');
CREATE TABLE sales.customer (id bigserial PRIMARY KEY, name text NOT NULL, tags text[], extra jsonb);
CREATE TABLE sales.orders (
    id bigint GENERATED ALWAYS AS IDENTITY, customer_id bigint REFERENCES sales.customer, at timestamptz NOT NULL,
    state sales.state
) PARTITION BY RANGE (at);
CREATE TABLE sales.orders_2025 PARTITION OF sales.orders FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TABLE sales.orders_2026 PARTITION OF sales.orders FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
CREATE TABLE sales.nothing (id integer);
CREATE MATERIALIZED VIEW sales.totals AS SELECT count(*) FROM sales.orders;
INSERT INTO sales.customer (name, tags) SELECT 'customer ' || i, ARRAY['a', 'b'] FROM generate_series(1, 5000) AS i;
INSERT INTO sales.orders (customer_id, at, state)
SELECT 1 + i % 5000, timestamptz '2025-06-01' + i * interval '1 hour', 'paid' FROM generate_series(1, 9000) AS i;
SELECT lo_from_bytea(0, 'one'), lo_from_bytea(0, 'two');
"""


async def counted(shop: Shop) -> dict[tuple[str, str], int]:
    async with shop.session() as session:
        names = await session.fetch(
            "SELECT schemaname AS schema, tablename AS name FROM pg_tables"
            " WHERE schemaname !~ '^pg_' AND schemaname <> 'information_schema'"
            " AND NOT EXISTS (SELECT FROM pg_partitioned_table WHERE partrelid ="
            " (quote_ident(schemaname) || '.' || quote_ident(tablename))::regclass)"
        )
        return {
            (row["schema"], row["name"]): await session.fetchval(
                f'SELECT count(*) FROM "{row["schema"]}"."{row["name"]}"'
            )
            for row in names
        }


async def test_a_backup_holds_what_the_snapshot_held_and_says_so(shop: Shop) -> None:
    await shop.execute(SAMPLE)
    (backup,) = await shop.take(labels={"why": "test"})

    assert (backup["state"], backup["logical_database"]) == ("available", shop.target.database)
    assert (backup["encryption"], backup["labels"], backup["error"]) == ("age", {"why": "test"}, None)
    assert (backup["rows"], backup["tables"]) == (14000, 4)
    assert backup["client_version"].startswith("15")
    assert backup["compression"] == "gzip:1"
    (copy,) = backup["copies"]
    assert (copy["state"], copy["is_primary"], copy["size_bytes"]) == ("available", True, backup["size_bytes"])

    manifest = await shop.manifest(backup)
    assert {(table.schema_name, table.name): table.rows for table in manifest.tables} == await counted(shop)
    assert manifest.large_objects == 2
    assert {(one.name, one.last_value) for one in manifest.sequences} == {
        ("customer_id_seq", 5000),
        ("orders_id_seq", 9000),
    }
    assert [(one.schema_name, one.name) for one in manifest.materialized_views] == [("sales", "totals")]
    assert manifest.database.name == shop.target.database
    assert manifest.snapshot.lsn is not None
    assert "postgres" in manifest.roles


async def test_the_objects_are_those_that_the_manifest_names_and_have_its_digests(shop: Shop) -> None:
    await shop.execute("CREATE TABLE t AS SELECT generate_series(1, 10) AS id")
    (backup,) = await shop.take()
    manifest = await shop.manifest(backup)
    store = await shop.store()
    folder = manifest.archive_object.key.rsplit("/", 2)[0]
    assert folder.split("/")[-1] == backup["id"]
    assert await shop.keys() == sorted([*(one.key for one in manifest.objects), f"{folder}/manifest.json"])
    for stored in manifest.objects:
        content = await store.get(stored.key)
        assert (len(content), hashlib.sha256(content).hexdigest()) == (stored.size_bytes, stored.sha256)
        assert content.startswith(b"age-encryption.org/v1\n")
    assert await store.get(f"{folder}/manifest.json") == manifest.model_dump_json().encode()
    archive = await shop.archive(backup)
    assert hashlib.sha256(archive).hexdigest() == manifest.archive_object.plain_sha256
    assert manifest.index.size_bytes == len(archive)


async def test_an_encrypted_backup_is_opened_by_the_age_tool_and_restored_by_pg_restore(
    shop: Shop, tmp_path: Path, toolchain: Toolchain
) -> None:
    await shop.execute(SAMPLE)
    (backup,) = await shop.take()
    manifest = await shop.manifest(backup)
    store = await shop.store()
    key = tmp_path / "key.txt"
    key.write_text((await shop.identities())[0].secret.get_secret_value())
    archive = tmp_path / "archive.dump"
    sealed = await store.get(manifest.archive_object.key)
    archive.write_bytes(await ran("age", "-d", "-i", str(key), stdin=sealed))
    roles = manifest.object(ObjectKind.GLOBALS)
    assert roles is not None
    sql = await ran("age", "-d", "-i", str(key), stdin=await store.get(roles.key))
    assert b"CREATE ROLE postgres" in sql
    assert b"SCRAM-SHA-256" in sql

    client = toolchain.client_for_restore(15, 15, "gzip")
    script = (await ran(*client.command("pg_restore"), "--file=-", str(archive))).decode()
    assert script.count("customer 4999") == 1
    assert "COMMENT ON SCHEMA sales IS 'ümläut'" in script


async def ran(*command: str, stdin: bytes = b"") -> bytes:
    process = await asyncio.create_subprocess_exec(
        *command, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    output, _ = await process.communicate(stdin)
    assert process.returncode == 0
    return output


async def test_without_encryption_the_archive_is_plain_and_the_roles_are_not(shop: Shop) -> None:
    await shop.execute("CREATE TABLE t AS SELECT generate_series(1, 10) AS id")
    (backup,) = await shop.take(encryption="none")
    manifest = await shop.manifest(backup)
    store = await shop.store()
    assert manifest.archive_object.key.endswith("/archive-0001.dump")
    content = await store.get(manifest.archive_object.key)
    assert content.startswith(b"PGDMP")
    assert content == await shop.archive(backup)
    roles = manifest.object(ObjectKind.GLOBALS)
    assert roles is not None
    assert roles.key.endswith("/globals.sql.age")
    assert (await store.get(roles.key)).startswith(b"age-encryption.org/v1\n")
    assert manifest.recipients


async def test_an_empty_database_is_a_backup_too(shop: Shop) -> None:
    (backup,) = await shop.take()
    assert (backup["state"], backup["rows"], backup["tables"]) == ("available", 0, 0)
    assert (await shop.manifest(backup)).index.blocks == ()


@pytest.mark.parametrize("mode", ["schema_only", "data_only"])
async def test_parts_of_a_database(shop: Shop, mode: str) -> None:
    await shop.execute(SAMPLE)
    (backup,) = await shop.take(**{mode: True})
    manifest = await shop.manifest(backup)
    kinds = {entry.desc for entry in manifest.index.entries}
    if mode == "schema_only":
        assert (backup["rows"], manifest.tables, kinds, manifest.large_objects) == (0, (), set(), None)
    else:
        assert (backup["rows"], manifest.large_objects) == (14000, 2)
        assert "TABLE DATA" in kinds
        assert b"CREATE TABLE" not in (await shop.archive(backup))


async def test_only_the_tables_that_are_named_with_their_partitions(shop: Shop) -> None:
    await shop.execute(SAMPLE)
    await shop.execute('CREATE TABLE sales."Orders" (id integer); CREATE TABLE public.orders (id integer)')
    (backup,) = await shop.take(
        tables=[{"schema": "sales", "name": "orders"}, {"schema": "sales", "name": "customer"}],
        exclude_tables=[{"schema": "sales", "name": "orders_2026"}],
    )
    manifest = await shop.manifest(backup)
    assert {(one.schema_name, one.name) for one in manifest.tables} == {("sales", "orders_2025"), ("sales", "customer")}
    assert {one.name for one in manifest.sequences} == {"customer_id_seq", "orders_id_seq"}


async def test_all_but_the_tables_that_are_excluded(shop: Shop) -> None:
    await shop.execute(SAMPLE)
    (backup,) = await shop.take(exclude_tables=[{"schema": "sales", "name": "orders"}])
    manifest = await shop.manifest(backup)
    assert {one.name for one in manifest.tables} == {"customer", "nothing"}
    assert backup["options"]["exclude_tables"] == [{"schema": "sales", "name": "orders"}]


STRANGE = [
    'we"ird',
    "with space",
    "new\nline",
    "per%cent",
    "semi;colon",
    "quo'te",
    "UPPER",
    "a.b",
    "$1",
    "*",
    "ünï",
    "-x",
]


async def test_names_of_every_kind_are_taken_literally(shop: Shop) -> None:
    for name in STRANGE:
        ident = '"' + name.replace('"', '""') + '"'
        await shop.execute(f"CREATE SCHEMA {ident}; CREATE TABLE {ident}.{ident} ({ident} integer)")
        await shop.execute(f"INSERT INTO {ident}.{ident} SELECT generate_series(1, {len(name)})")
    wanted = {(name, name): len(name) for name in STRANGE}
    (whole,) = await shop.take()
    manifest = await shop.manifest(whole)
    assert {(one.schema_name, one.name): one.rows for one in manifest.tables} == wanted
    (some,) = await shop.take(tables=[{"schema": name, "name": name} for name in STRANGE[:-1]])
    manifest = await shop.manifest(some)
    assert {(one.schema_name, one.name) for one in manifest.tables} == {(name, name) for name in STRANGE[:-1]}


@pytest.mark.parametrize("name", ['we"ird; db', "a=b host=nowhere", "postgresql://elsewhere/x", "-d", "new\nline"])
async def test_logical_databases_of_every_name(shop: Shop, name: str) -> None:
    ident = '"' + name.replace('"', '""') + '"'
    await shop.execute(f"DROP DATABASE IF EXISTS {ident}")
    await shop.execute(f"CREATE DATABASE {ident}")
    try:
        await shop.execute("CREATE TABLE t AS SELECT generate_series(1, 7) AS id", name)
        (backup,) = await shop.take(logical_databases=[name])
        assert (backup["logical_database"], backup["rows"]) == (name, 7)
        assert (await shop.manifest(backup)).database.name == name
    finally:
        await shop.execute(f"DROP DATABASE {ident} WITH (FORCE)")


async def test_extensions_are_named_and_their_own_rows_are_counted_under_their_condition(shop: Shop) -> None:
    await shop.execute(
        "CREATE EXTENSION pg_trgm; CREATE SCHEMA tools; CREATE EXTENSION hstore SCHEMA tools;"
        "CREATE TABLE settings (id integer, ours boolean); INSERT INTO settings VALUES (1, true), (2, false);"
        "ALTER EXTENSION pg_trgm ADD TABLE settings"
    )
    # As pg_extension_config_dump does, which only an extension's own script may call.
    await shop.execute(
        "SET allow_system_table_mods = on; UPDATE pg_extension SET extconfig = ARRAY['settings'::regclass::oid],"
        " extcondition = ARRAY['WHERE ours'] WHERE extname = 'pg_trgm'"
    )
    (backup,) = await shop.take()
    manifest = await shop.manifest(backup)
    assert {(one.name, one.schema_name) for one in manifest.extensions} >= {("pg_trgm", "public"), ("hstore", "tools")}
    assert [(one.name, one.rows) for one in manifest.tables] == [("settings", 1)]


async def test_what_belongs_to_the_database_itself_is_in_the_manifest(shop: Shop) -> None:
    name = shop.target.database
    role = f"owner_{name}"
    await shop.execute(
        f"CREATE ROLE {role}; CREATE ROLE reader_{name}; ALTER DATABASE {name} OWNER TO {role};"
        f"COMMENT ON DATABASE {name} IS 'the shop''s'; ALTER DATABASE {name} SET work_mem = '5MB';"
        f"ALTER ROLE reader_{name} IN DATABASE {name} SET search_path = 'a, b';"
        f"GRANT CONNECT ON DATABASE {name} TO reader_{name}; ALTER DATABASE {name} CONNECTION LIMIT 17"
    )
    try:
        (backup,) = await shop.take()
        manifest = await shop.manifest(backup)
        facts = manifest.database
        assert (facts.owner, facts.comment, facts.connection_limit) == (role, "the shop's", 17)
        assert (facts.encoding, facts.collate, facts.locale_provider) == ("UTF8", "C.UTF-8", "libc")
        assert facts.acl is not None
        assert f"reader_{name}=c/{role}" in facts.acl
        settings = {one.role: list(one.values) for one in facts.settings}
        assert settings == {None: ["work_mem=5MB"], f"reader_{name}": ['search_path="a, b"']}
        assert {role, f"reader_{name}"} <= set(manifest.roles)
    finally:
        await shop.execute(f"ALTER DATABASE {name} OWNER TO postgres; DROP OWNED BY reader_{name}; DROP ROLE {role}")
        await shop.execute(f"ALTER ROLE reader_{name} IN DATABASE {name} RESET ALL; DROP ROLE reader_{name}")


async def test_several_logical_databases_are_one_set_and_one_job(shop: Shop) -> None:
    other = f"{shop.target.database}_two"
    await shop.execute(f"CREATE DATABASE {other}")
    try:
        await shop.execute("CREATE TABLE t AS SELECT generate_series(1, 3) AS id", other)
        backups = await shop.take(logical_databases=[shop.target.database, other])
        assert [(one["logical_database"], one["rows"]) for one in backups] == [(shop.target.database, 0), (other, 3)]
        assert len({one["set_id"] for one in backups}) == len({one["job_id"] for one in backups}) == 1
        objects = [await shop.manifest(one) for one in backups]
        digests = {one.object(ObjectKind.GLOBALS).sha256 for one in objects}  # type: ignore[union-attr]  # it is there
        assert len(digests) == 1
        all_of_them = await shop.start(all_logical_databases=True)
        assert {one["logical_database"] for one in all_of_them["backups"]} >= {"postgres", shop.target.database, other}
        assert (await shop.ended(all_of_them["job"]))["state"] == "succeeded"
    finally:
        await shop.execute(f"DROP DATABASE {other} WITH (FORCE)")


async def test_progress_and_result_of_the_job(shop: Shop) -> None:
    await shop.execute("CREATE TABLE t AS SELECT i, repeat(md5(i::text), 20) AS w FROM generate_series(1, 60000) AS i")
    accepted = await shop.start()
    assert accepted["backups"][0]["state"] == "creating"
    assert accepted["job"]["subject_id"] == accepted["backups"][0]["id"]
    job = await shop.ended(accepted["job"])
    assert [one["name"] for one in job["progress"]["steps"]] == [
        "register", "preflight", "dump", "globals", "manifest", "copy", "sweep",
    ]  # fmt: skip
    assert job["result"]["backup_ids"] == [accepted["backups"][0]["id"]]
    events: list[dict[str, Any]] = (await shop.get(f"{shop.path.removesuffix('/backups')}/events"))["data"]
    assert [(one["type"], one["subject_id"]) for one in events] == [("backup.succeeded", accepted["backups"][0]["id"])]
