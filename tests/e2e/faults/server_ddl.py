"""ALTER TABLE, DROP TABLE and TRUNCATE at every moment of a backup: it holds what its manifest says, or names the table.

Nor does the backup stand in their way for longer than it takes: they come through before it has ended.
"""

import asyncio
import re
from collections import Counter
from typing import Any, Final

from app.postgres.process import PIPE, ChildProcess
from tests.e2e.faults import fault
from tests.e2e.faults.server_side import back_up, scratch, until
from tests.e2e.world import World

_ROUNDS: Final = 4
_LATEST_SECONDS: Final = 1.5
# A dump of these tables takes moments; and pg_dump lets others through after 3 s of waiting for its own locks.
_BLOCKED_SECONDS: Final = 40.0
_STEPS: Final = ("preflight", "dump", "globals", "manifest", "copy", "sweep")
_TABLES: Final = "".join(
    f"CREATE TABLE t{number} AS SELECT i AS id, md5(i::text) AS body FROM generate_series(1, 1000 * {number}) AS i;"
    for number in range(1, 6)
)
# What a failure may be called: another attempt makes it good.
_CODES: Final = {"LOCK_TIMEOUT", "CATALOG_UNSETTLED"}
_COPY: Final = re.compile(rb"^COPY public\.(\w+) .*? FROM stdin;\n(.*?)^\\\.\n", re.DOTALL | re.MULTILINE)


@fault
async def altered_tables_leave_archive_and_manifest_equal(world: World) -> None:
    await at_random_moments(world, "ALTER TABLE {table} ADD COLUMN {column} integer DEFAULT 1")


@fault
async def truncated_tables_leave_archive_and_manifest_equal(world: World) -> None:
    await at_random_moments(world, "TRUNCATE {table}; INSERT INTO {table} SELECT 1 FROM generate_series(1, {number})")


@fault
async def dropped_tables_leave_archive_and_manifest_equal(world: World) -> None:
    await at_random_moments(
        world, "DROP TABLE {table}; CREATE TABLE {table} AS SELECT 1 AS id FROM generate_series(1, {number})"
    )


@fault
async def renamed_tables_leave_archive_and_manifest_equal(world: World) -> None:
    await at_random_moments(world, "ALTER TABLE {table} RENAME TO {column}; ALTER TABLE {column} RENAME TO {table}")


@fault
async def tables_changed_at_the_beginning_of_each_step_leave_archive_and_manifest_equal(world: World) -> None:
    async with scratch(world, sql=_TABLES) as name:
        for step in _STEPS:
            accepted = await back_up(world, logical_databases=[name], encryption="none")

            async def begun(step: str = step, job: dict[str, Any] = accepted["job"]) -> bool:
                seen = await world.get(f"/v1/jobs/{job['id']}")
                return seen["done"] or step in [one["name"] for one in seen["progress"]["steps"]]

            await until(begun, f"the job never came to its step {step}")
            await changed(world, name, "TRUNCATE t3; ALTER TABLE t4 ADD COLUMN IF NOT EXISTS more text")
            await equal_or_named(world, accepted, "t3", "t4")


async def at_random_moments(world: World, statement: str) -> None:
    async with scratch(world, sql=_TABLES) as name:
        for number in range(1, _ROUNDS + 1):
            table = f"t{world.random.randint(1, 5)}"
            accepted = await back_up(world, logical_databases=[name], encryption="none")
            await asyncio.sleep(world.random.uniform(0, _LATEST_SECONDS))
            await changed(world, name, statement.format(table=table, column=f"c{number}", number=100 * number))
            await equal_or_named(world, accepted, table)


async def changed(world: World, name: str, statement: str) -> None:
    """Each statement in a transaction of its own, as it comes from an application."""
    async with asyncio.timeout(_BLOCKED_SECONDS), world.session(name) as session:
        await session.execute("SET lock_timeout = 0")
        for one in statement.split(";"):
            await session.execute(one)


async def equal_or_named(world: World, accepted: dict[str, Any], *tables: str) -> None:
    job = await world.ended(accepted["job"])
    if job["state"] == "failed":
        error = job["error"]
        assert (error["code"] in _CODES, error["retryable"]) == (True, True), error
        assert any(table in error["detail"] for table in tables), error
        return
    assert job["state"] == "succeeded", job
    backup = accepted["backups"][0]["id"]
    manifest = await world.get(f"/v1/backups/{backup}/manifest")
    counted = {table["name"]: table["rows"] for table in manifest["tables"]}
    assert await archived(world, backup) == counted


async def archived(world: World, backup: str) -> dict[str, int]:
    """Rows of each table, by pg_restore itself."""
    store = await world.bucket()
    (key,) = [one.key async for one in store.list() if f"/{backup}/" in one.key and "/archive-" in one.key]
    archive = await store.get(key)
    client = world.toolchain.client_for_restore(15, 15, "gzip")
    command = [*client.command("pg_restore"), "--data-only", "--file=-"]
    async with ChildProcess.started(command, env={"LC_ALL": "C"}, stdin=PIPE, stdout=PIPE) as child:
        assert child.stdin
        output = bytearray()

        async def collect() -> None:
            while chunk := await child.read(1 << 20):
                output.extend(chunk)

        collecting = asyncio.create_task(collect())
        child.stdin.write(archive)
        await child.stdin.drain()
        child.stdin.close()
        await collecting
        assert await child.wait() == 0, child.stderr_lines
    found = Counter({match[1].decode(): match[2].count(b"\n") for match in _COPY.finditer(bytes(output))})
    return dict(found)
