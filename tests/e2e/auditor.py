"""Looks at the machine, the servers and the bucket, not at the rows in which the service keeps its own account of them.

The one thing that it asks the service is what it claims: which databases there are, and which backups are available.
"""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import text

from app.errors import Problem
from app.locations.manifest import Manifest
from app.postgres.connect import Target
from app.restores.schemas import TEMPORARY_PREFIX
from tests.sessions import connect

if TYPE_CHECKING:
    from tests.e2e.world import World

QUIET_SECONDS: Final = 60.0
_POLL_SECONDS: Final = 0.1
MANIFEST_BYTES: Final = 64 * 1024 * 1024
_MANIFEST: Final = "manifest.json"

# A pooled session that waits for the next request is no trace of a job.
_SESSIONS = """
SELECT application_name || ' is ' || coalesce(state, 'there') || ' in ' || coalesce(datname, 'no database')
  FROM pg_stat_activity
 WHERE application_name LIKE 'pgmanager%'
   AND NOT (application_name IN ('pgmanager-serve', 'pgmanager-worker') AND state = 'idle')
"""
_LOCKS = """
SELECT a.application_name || ' holds ' || l.mode || ' on ' || l.relation::text
  FROM pg_locks AS l JOIN pg_stat_activity AS a USING (pid)
 WHERE a.application_name LIKE 'pgmanager%' AND l.locktype = 'relation' AND l.relation >= 16384
UNION ALL
SELECT a.application_name || ' holds an advisory lock'
  FROM pg_locks AS l JOIN pg_stat_activity AS a USING (pid)
 WHERE a.application_name LIKE 'pgmanager%' AND l.locktype = 'advisory'
"""
# What a restore in place put aside stays closed until it is confirmed.
_CLOSED = """
SELECT 'the database ' || datname || CASE WHEN datallowconn THEN ' is half dropped' ELSE ' takes no connections' END
  FROM pg_database
 WHERE (NOT datallowconn AND datname <> 'template0' AND datname !~ '_(replaced|undone)_[0-9a-f]{8}$')
    OR datconnlimit = -2
"""
_SLOTS = "SELECT 'the replication slot ' || slot_name FROM pg_replication_slots"
_OF_CONTROL = """
SELECT application_name || ' is ' || state FROM pg_stat_activity
 WHERE application_name LIKE 'pgmanager%' AND state LIKE 'idle in transaction%'
 UNION ALL
SELECT application_name || ' holds an advisory lock' FROM pg_locks JOIN pg_stat_activity USING (pid)
 WHERE locktype = 'advisory' AND application_name LIKE 'pgmanager%'
"""


async def remains(world: "World", *, within_seconds: float = QUIET_SECONDS) -> list[str]:
    """What is there and should not be, once nothing more goes away by itself within the time."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + within_seconds
    while found := await _look(world):
        if loop.time() > deadline:
            break
        await asyncio.sleep(_POLL_SECONDS)
    return found


async def _look(world: "World") -> list[str]:
    databases = await every(world, "/v1/databases")
    found = await asyncio.to_thread(lambda: [*_processes(world, databases)])
    for looking in (_servers(world, databases), _control_database(world), _bucket(world)):
        found += await looking
    return found


# Processes.


@dataclass(frozen=True)
class _Process:
    pid: int
    parent: int
    state: str
    command: str
    folder: str


def _processes(world: "World", databases: Collection[dict[str, Any]]) -> Iterator[str]:
    running = {process.pid: process for process in _running()}
    children: dict[int, list[int]] = defaultdict(list)
    for process in running.values():
        children[process.parent].append(process.pid)
    clusters = world.settings.data_dir / "clusters"
    folders = {folder.name for folder in clusters.iterdir()} if clusters.exists() else set()
    local = {database["id"] for database in databases if database["provider"] == "local"}
    yield from (f"the folder of the server {name}, which no database has" for name in sorted(folders - local))
    scratch = world.settings.data_dir / "scratch"
    yield from (f"the scratch server's folder {folder.name}" for folder in scratch.glob("*"))
    servers = [
        *_postmasters(clusters / name for name in sorted(folders)),
        *_postmasters([world.control.spec.directory]),
    ]
    expected = {world.workers.nurse_pid, world.store.pid, *(api.pid for api in world.apis if api.is_running)}
    workers = {world.workers.pid(index) for index in world.workers.alive()}
    for server in servers:
        expected |= _family(server, children)
    expected |= workers
    ours = {process.pid for process in running.values() if _names(process, world.directory)}
    ours |= _family(world.workers.nurse_pid, children)
    for api in world.apis:
        if api.is_running:
            ours |= _family(api.pid, children)
    for pid in sorted(ours):
        process = running[pid]
        if pid not in expected:
            yield f"the process {pid} ({process.state}): {process.command or 'without a command line'}"
        elif process.state in "ZTt":
            yield f"the process {pid} is in the state {process.state}: {process.command}"


def _running() -> Iterator[_Process]:
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(FileNotFoundError, ProcessLookupError, PermissionError):
            state, parent = (folder / "stat").read_text(errors="replace").rpartition(")")[2].split()[:2]
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
            place = "" if state == "Z" else str((folder / "cwd").readlink())
            yield _Process(int(folder.name), int(parent), state, command, place)


def _names(process: _Process, directory: Path) -> bool:
    return f"{directory}/" in process.command or f"{process.folder}/".startswith(f"{directory}/")


def _family(pid: int, children: dict[int, list[int]]) -> set[int]:
    return {pid}.union(*(_family(child, children) for child in children[pid]))


def _postmasters(folders: Any) -> Iterator[int]:
    for folder in folders:
        with suppress(FileNotFoundError, IndexError, ValueError):
            yield int((folder / "data" / "postmaster.pid").read_text().splitlines()[0])


# Servers.


async def _servers(world: "World", databases: Collection[dict[str, Any]]) -> list[str]:
    found = []
    targets: dict[tuple[str, int], Target] = {}
    for database in databases:
        name = f"{database['name']} ({database['id']})"
        if database["state"] != "available":
            found.append(f"the database {name} is {database['state']}")
            continue
        target = await world.target_of(database["id"])
        targets.setdefault((target.host, target.port), target)
    for target in targets.values():
        try:
            found += [f"on {target.host}:{target.port} {line}" for line in await server_remains(world, target)]
        except Problem as problem:
            found.append(f"{target.host}:{target.port} cannot be looked at: {problem.detail}")
    return found


async def server_remains(world: "World", target: Target) -> list[str]:
    """Of our sessions, locks, temporary databases and names out of reach, on one server."""
    async with connect(target, application_name="auditor") as session:
        found = [row[0] for query in (_SESSIONS, _LOCKS, _CLOSED, _SLOTS) for row in await session.fetch(query)]
        names = {row[0] for row in await session.fetch("SELECT datname FROM pg_database")}
        found += [f"the temporary database {name}" for name in sorted(names) if name.startswith(TEMPORARY_PREFIX)]
        if (target.host, target.port) == (world.target.host, world.target.port):
            roles = {row[0] for row in await session.fetch("SELECT rolname FROM pg_roles")}
            found += [f"a new role {name}" for name in sorted(roles - world.roles)]
            found += [f"a new database {name}" for name in sorted(names - world.logical_databases)]
    return found


async def _control_database(world: "World") -> list[str]:
    async with world.sessions() as session:
        connection = await session.connection()
        return [f"on the control database {row[0]}" for row in await connection.execute(text(_OF_CONTROL))]


# The bucket.


async def _bucket(world: "World") -> list[str]:
    store = await world.bucket("")
    found = [f"an open upload of {upload.key}" async for upload in store.uploads()]
    keys = {listed.key async for listed in store.list()}
    named = {key for key in keys if key.endswith(f"/{_MANIFEST}")}
    for key, manifest in (await manifests(world, keys)).items():
        prefix = prefix_of(key)
        wanted = {f"{prefix}{stored.key}" for stored in manifest.objects}
        found += [f"the manifest {key} names {missing}, which is missing" for missing in sorted(wanted - keys)]
        named |= wanted
    return [*found, *(f"the object {key}, which no manifest names" for key in sorted(keys - named))]


async def manifests(world: "World", keys: Collection[str] | None = None) -> dict[str, Manifest]:
    """Every manifest in the bucket, by its key."""
    store = await world.bucket("")
    if keys is None:
        keys = {listed.key async for listed in store.list()}
    return {
        key: Manifest.model_validate_json(await store.get(key, limit_bytes=MANIFEST_BYTES))
        for key in sorted(keys)
        if key.endswith(f"/{_MANIFEST}")
    }


def prefix_of(manifest_key: str) -> str:
    """Of the location in which it lies, with the slash: below it stand project, database, backup."""
    return "".join(f"{part}/" for part in manifest_key.split("/")[:-4])


# What it claims.


async def every(world: "World", path: str) -> list[dict[str, Any]]:
    """All pages of a list."""
    found: list[dict[str, Any]] = []
    cursor = ""
    while True:
        page = await world.get(f"{path}{'&' if '?' in path else '?'}limit=100{cursor}")
        found += page["data"]
        if not page["next_cursor"]:
            return found
        cursor = f"&cursor={page['next_cursor']}"


def secrets_in_logs(world: "World") -> list[str]:
    """Of every log below the directory, the servers' own too."""
    logs = {path: path.read_text(errors="replace") for path in world.directory.rglob("*.log") if path.is_file()}
    return [
        f"{what} is in {path.relative_to(world.directory)}"
        for what, secret in world.secrets.items()
        for path, content in logs.items()
        if secret in content
    ]


async def secrets_in_rows(world: "World") -> list[str]:
    """Of every table of the control database, as text: jobs, events, audit, kept answers."""
    async with world.sessions() as session:
        connection = await session.connection()
        tables = await connection.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"))
        rows = {
            table: "\n".join(
                [row[0] for row in await connection.execute(text(f'SELECT to_jsonb(t)::text FROM "{table}" t'))]
            )
            for (table,) in tables.all()
        }
    assert rows["job"], "no job was looked at"
    return [
        f"{what} is in a row of {table}"
        for what, secret in world.secrets.items()
        for table, content in rows.items()
        if secret in content
    ]
