"""The main job over HTTP on real data: provision, load, back up, lose a table, restore, compare.

Prints each call's result and ends with status 1 on any mismatch. The counts that decide are taken here, by plain SQL
before and after, not by the service.
"""

import argparse
import asyncio
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import uvloop

from app.embedded.api import Api, CallFailed
from app.embedded.provider import StackProvider
from app.embedded.sample import parts
from app.embedded.stack import BUCKET, Stack, embedded_stack
from app.errors import Problem
from app.http import HttpError
from app.kit.redaction import redact
from app.logging import configure_logging
from app.postgres.connect import Session, Target, connect
from app.postgres.connection_string import parse_connection_string
from app.settings import LogSettings

DIRECTORY = Path(".data/demo").absolute()
LOST_TABLE = ("sales", "orders")
LOAD_SECONDS = 600
LEAST_BYTES = 300_000_000  # at scale 1


class DemoFailed(Exception):
    """Something is not as it must be; the text says what."""


async def demo(stack: Stack, *, scale: float) -> None:
    api = Api(stack.base_url, stack.admin_key)
    try:
        await _main_job(api, stack, scale)
    finally:
        await api.close()


async def _main_job(api: Api, stack: Stack, scale: float) -> None:
    print("\n1. Provision a database")
    project = await api.call("POST", "/v1/projects", {"name": "shop"})
    await api.call("POST", "/v1/locations", _location(project, stack))
    created = await api.call("POST", "/v1/databases", await _wish(api, project, stack))
    await api.finished(created["job"])
    path = f"/v1/databases/{created['database']['id']}"
    database = await api.call("GET", path)
    variables = (await api.call("GET", f"{path}/variables?reveal=true"))["variables"]
    target = parse_connection_string(variables["DATABASE_URL"])
    print(
        f"    PostgreSQL {database['server_version']} on {database['host']}:{database['port']}, {database['tls_mode']}"
    )

    print("\n2. Load a shop into it")
    await _load(target, scale)
    before = await _counts(target)
    size = await _one(target, "SELECT pg_database_size(current_database())")
    if size < scale * LEAST_BYTES:
        raise DemoFailed(f"Only {size} bytes were loaded.")
    print(f"    {len(before)} tables, {sum(before.values()):,} rows, {size / 2**20:.0f} MiB on disk")

    print("\n3. Back it up")
    taken = await api.call("POST", f"{path}/backups", {})
    await api.finished(taken["job"])
    backup = await api.call("GET", f"/v1/backups/{taken['backups'][0]['id']}")
    seconds = backup["duration_seconds"]
    print(f"    {backup['rows']:,} rows of {backup['tables']} tables, {backup['size_bytes'] / 2**20:.0f} MiB stored, ")
    print(f"    encrypted with {backup['encryption']}, pg_dump {backup['client_version']}, {seconds:.1f} s")

    print(f"\n4. Lose a table: DROP TABLE {'.'.join(LOST_TABLE)} CASCADE")
    await _one(target, f"DROP TABLE {'.'.join(LOST_TABLE)} CASCADE")
    lost = sorted(before.keys() - (await _counts(target)).keys())
    print(f"    gone: {lost[0]}, {lost[1]} … {lost[-1]}, {len(lost)} in all")

    print("\n5. Restore into a new logical database beside it")
    restore = await _restored(
        api, {"backup_id": backup["id"], "target": {"kind": "logical_database", "name": "railway_restored"}}
    )
    _report(restore)
    _compare(before, await _counts(target.with_database("railway_restored")))

    print("\n6. Restore in place: swap the restored database for the damaged one")
    restore = await _restored(api, {"backup_id": backup["id"], "target": {"kind": "in_place"}})
    print(f"    the damaged one was backed up first: {restore['safety_backup_id']}")
    _report(restore)
    _compare(before, await _counts(target))
    confirmed = await api.call("POST", f"/v1/restores/{restore['id']}:confirm")
    await api.finished(confirmed["job"])
    print(f"\nEvery table has its rows again: {sum(before.values()):,} rows in {len(before)} tables.")


async def _restored(api: Api, body: dict[str, Any]) -> dict[str, Any]:
    started = await api.call("POST", "/v1/restores", body)
    await api.finished(started["job"])
    return await api.call("GET", f"/v1/restores/{started['restore']['id']}")


async def _wish(api: Api, project: dict[str, Any], stack: Stack) -> dict[str, Any]:
    if stack.railway is None:
        return {"provider": "local", "project_id": project["id"], "name": "shop"}
    connection = await api.call("POST", "/v1/railway-connections", stack.railway.connection(project["id"]))
    return stack.railway.database(project["id"], connection["id"], "shop")


def _location(project: dict[str, Any], stack: Stack) -> dict[str, Any]:
    return {
        "project_id": project["id"],
        "name": "main",
        "endpoint_url": stack.store.endpoint_url,
        "bucket": BUCKET,
        "prefix": "demo",
        "region": "us-east-1",
        "addressing": "path",
        "access_key_id": stack.store.access_key,
        "secret_access_key": stack.store.secret_key.get_secret_value(),
        "allow_insecure": True,
    }


def _report(restore: dict[str, Any]) -> None:
    tables = restore["report"]["tables"]
    equal = sum(table["equal"] for table in tables)
    print(f"    the service compared {len(tables)} tables with the manifest: {equal} equal")


def _compare(before: dict[str, int], after: dict[str, int]) -> None:
    wrong: dict[str, tuple[int | None, int | None]] = {
        name: (rows, after.get(name)) for name, rows in before.items() if after.get(name) != rows
    }
    wrong |= {name: (None, rows) for name, rows in after.items() if name not in before}
    if wrong:
        raise DemoFailed("\n".join(f"{name}: {rows} rows before, {now} after" for name, (rows, now) in wrong.items()))
    print(f"    counted here by SQL: {len(after)} tables, {sum(after.values()):,} rows, all as before")


async def _load(target: Target, scale: float) -> None:
    async with _session(target) as session:
        for title, sql in parts(scale):
            started = time.monotonic()
            await session.execute(sql, timeout=LOAD_SECONDS)
            print(f"    {title}: {time.monotonic() - started:.1f} s", flush=True)


async def _counts(target: Target) -> dict[str, int]:
    """Exact rows of every table and materialised view, by name."""
    async with _session(target) as session:
        names = await session.fetch(
            """
            SELECT n.nspname AS schema, c.relname AS name, format('SELECT count(*) FROM ONLY %I.%I', n.nspname, c.relname) AS sql
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relkind IN ('r', 'm') AND c.relispopulated AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
            """
        )
        return {f"{row['schema']}.{row['name']}": await session.fetchval(row["sql"]) for row in names}


async def _one(target: Target, sql: str) -> Any:
    async with _session(target) as session:
        return await session.fetchval(sql)


@asynccontextmanager
async def _session(target: Target) -> AsyncIterator[Session]:
    async with connect(
        target, application_name="demo", statement_timeout_seconds=LOAD_SECONDS, search_path=None
    ) as session:
        yield session


async def main(directory: Path, scale: float, provider: StackProvider) -> int:
    configure_logging(LogSettings(level="warning"), redact)
    started = time.monotonic()
    railway = "a simulated Railway, " if provider is StackProvider.RAILWAY_SIMULATOR else ""
    print(f"Starting PostgreSQL, an S3 server, {railway}the API and a worker on this machine …", flush=True)
    try:
        async with embedded_stack(directory, fresh=True, provider=provider) as stack:
            print(f"    ready at {stack.base_url} after {time.monotonic() - started:.1f} s")
            await demo(stack, scale=scale)
    except (DemoFailed, CallFailed, Problem, HttpError) as failure:
        print(f"\nThe demo failed: {failure}", file=sys.stderr)
        return 1
    print(f"Done in {time.monotonic() - started:.0f} s; nothing is left running.")
    return 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--directory", type=Path, default=DIRECTORY, help="where its data go; emptied first")
    parser.add_argument("--scale", type=float, default=1.0, help="how much data, 1 being 340 MB")
    parser.add_argument(
        "--provider",
        type=StackProvider,
        choices=[*StackProvider],
        default=StackProvider.LOCAL,
        help="where its database is",
    )
    arguments = parser.parse_args()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        sys.exit(runner.run(main(arguments.directory.absolute(), arguments.scale, arguments.provider)))
