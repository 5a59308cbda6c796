"""What the faults of a managed server make there, look at and wait for."""

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from app.postgres.connect import Target
from app.postgres.identifiers import literal, quoted
from app.restores.schemas import TEMPORARY_PREFIX
from tests.e2e.world import World

_WAIT_SECONDS: Final = 60.0
_COPY_SECONDS: Final = 60.0
_POLL_SECONDS: Final = 0.003
# 45 MB, which take pg_dump and pg_restore the better part of a second.
BIG: Final = (
    "CREATE TABLE big AS SELECT i AS id, repeat(md5(i::text), 14) AS words FROM generate_series(1, 100000) AS i"
)
BIG_ROWS: Final = 100_000


def unique(word: str) -> str:
    return f"{word}_{secrets.token_hex(4)}"


# On the server.


@asynccontextmanager
async def scratch(world: World, name: str | None = None, *, sql: str = "") -> AsyncIterator[str]:
    """A logical database beside the shop's. It goes, and with it every backup of it."""
    name = name or unique("scratch")
    await world.execute(f"CREATE DATABASE {quoted(name)} TEMPLATE template0 ENCODING 'UTF8'")
    try:
        if sql:
            await world.execute(sql, name)
        yield name
    finally:
        await forget_backups(world, world.database, of=name)
        await world.execute(f"DROP DATABASE IF EXISTS {quoted(name)} WITH (FORCE)")


@asynccontextmanager
async def login(world: World, password: str) -> AsyncIterator[str]:
    """A role of the managed server that may log in and read everything."""
    name = unique("reader")
    await world.execute(f"CREATE ROLE {name} LOGIN PASSWORD {literal(password)}; GRANT pg_read_all_data TO {name}")
    try:
        yield name
    finally:
        await world.execute(f"DROP ROLE {name}")


async def names(world: World) -> list[str]:
    """Of the managed server's logical databases."""
    async with world.session("postgres") as session:
        return [row["datname"] for row in await session.fetch("SELECT datname FROM pg_database ORDER BY datname")]


# In the service.


@asynccontextmanager
async def adopted(world: World, server: str | Target) -> AsyncIterator[str]:
    """The id of an adopted server, which is forgotten at the end, its backups included."""
    name = unique("theirs")
    if isinstance(server, Target):
        world.secrets[f"the password of {server.user}"] = server.password.get_secret_value()
    database = await world.adopt(server, name)
    try:
        yield database
    finally:
        await forget_backups(world, database)
        deleting = await world.delete(f"/v1/databases/{database}?confirm={name}&final_backup=false", expect=202)
        await world.succeeded(deleting["job"])


async def forget_backups(world: World, database: str, *, of: str | None = None) -> None:
    found = await world.get(f"/v1/databases/{database}/backups?limit=100")
    for backup in found["data"]:
        if of in (None, backup["logical_database"]) and backup["state"] != "deleting":
            accepted = await world.delete(f"/v1/backups/{backup['id']}?confirm={backup['id']}", expect=202)
            await world.succeeded(accepted["job"])


async def back_up(world: World, database: str | None = None, **body: Any) -> dict[str, Any]:
    """The answer to a request for a backup of ``database``, else of the shop's."""
    return await world.post(f"/v1/databases/{database or world.database}/backups", body, expect=202)


async def taken(world: World, accepted: dict[str, Any]) -> dict[str, Any]:
    """The backup of a job that succeeds."""
    await world.succeeded(accepted["job"])
    return await available(world, accepted["backups"][0]["id"])


async def available(world: World, backup_id: str) -> dict[str, Any]:
    """The backup, every copy of which succeeds."""
    backup = await copied(world, backup_id)
    assert backup["state"] == "available", backup
    return backup


async def copied(world: World, backup_id: str) -> dict[str, Any]:
    """The backup once nothing of it is being copied any more: that goes on after its job."""
    backup: dict[str, Any] = {}

    async def settled() -> bool:
        nonlocal backup
        backup = await world.get(f"/v1/backups/{backup_id}")
        return all(copy["state"] not in ("pending", "copying") for copy in backup["copies"])

    await until(settled, "a copy is made for ever", seconds=_COPY_SECONDS)
    return backup


def states(backup: dict[str, Any]) -> dict[str, str]:
    """Of its copies, by location."""
    return {copy["location_id"]: copy["state"] for copy in backup["copies"]}


async def refused(world: World, accepted: dict[str, Any], code: str, *, retryable: bool) -> dict[str, Any]:
    """The problem document of a backup that failed with this code and left no object."""
    problem = await world.failed(accepted["job"])
    assert (problem["code"], problem["retryable"]) == (code, retryable), problem
    for wish in accepted["backups"]:
        backup = await world.get(f"/v1/backups/{wish['id']}")
        assert (backup["state"], backup["error"]["code"]) == ("failed", code), backup
        store = await world.bucket()
        assert [found.key async for found in store.list() if wish["id"] in found.key] == []
    return problem


@asynccontextmanager
async def free_name(world: World, name: str | None = None) -> AsyncIterator[str]:
    """For a restored logical database, which goes at the end."""
    name = name or unique("restored")
    try:
        yield name
    finally:
        await world.execute(f"DROP DATABASE IF EXISTS {quoted(name)} WITH (FORCE)", "postgres")


async def restore(world: World, backup_id: str, name: str, **body: Any) -> dict[str, Any]:
    """The answer to a request for a restore into a new logical database of the shop's server."""
    target = {"kind": "logical_database", "database_id": world.database, "name": name}
    return await world.start_restore(backup_id, target, **body)


async def restored(world: World, accepted: dict[str, Any]) -> dict[str, Any]:
    """The restore whose job succeeds, every count compared."""
    await world.succeeded(accepted["job"])
    found: dict[str, Any] = await world.get(f"/v1/restores/{accepted['restore']['id']}")
    assert (found["state"], found["equal"]) == ("restored", True), found
    return found


async def not_restored(world: World, accepted: dict[str, Any], code: str, *, retryable: bool) -> dict[str, Any]:
    """The problem document of a restore that failed with this code and left no database."""
    before = accepted["restore"]
    problem = await world.failed(accepted["job"])
    assert (problem["code"], problem["retryable"]) == (code, retryable), problem
    found = await world.get(f"/v1/restores/{before['id']}")
    assert (found["state"], found["error"]["code"]) == ("failed", code), found
    left = await names(world)
    assert before["target_kind"] == "in_place" or before["logical_database"] not in left
    assert [name for name in left if name.startswith(TEMPORARY_PREFIX)] == []
    return problem


async def retried(world: World, job: dict[str, Any]) -> list[dict[str, Any]]:
    """What each attempt but the last failed with, once the job has ended."""
    answer = await world.client.get(f"/v1/jobs/{job['id']}/events")
    lines = [line.removeprefix("data:") for line in answer.text.splitlines() if line.startswith("data:")]
    events = [json.loads(line) for line in lines]
    details = [event["detail"] for event in events if event.get("kind") == "state"]
    return [detail["error"] for detail in details if detail.get("reason") == "retry"]


async def troubled(world: World, job: dict[str, Any]) -> dict[str, Any]:
    """The problem that the job's attempt ended with; it will be tried again."""
    found: dict[str, Any] = {}

    async def look() -> bool:
        nonlocal found
        seen = await world.get(f"/v1/jobs/{job['id']}")
        assert not seen["done"], seen
        found = seen["last_error"] or {}
        return bool(found)

    await until(look, "no attempt of the job failed")
    return found


async def mended(world: World, backup_id: str, location_id: str) -> None:
    """A copy that was found damaged counts again once all of it was read and found right."""
    wish = {"level": "V1", "location_id": location_id}
    accepted = await world.post(f"/v1/backups/{backup_id}:verify", wish, expect=202)
    await world.succeeded(accepted["job"])
    assert states(await available(world, backup_id))[location_id] == "available"


# In time.


async def until(holds: Callable[[], Awaitable[bool]], otherwise: str, *, seconds: float = _WAIT_SECONDS) -> None:
    try:
        async with asyncio.timeout(seconds):
            while not await holds():
                await asyncio.sleep(_POLL_SECONDS)
    except TimeoutError:
        raise AssertionError(otherwise) from None


async def copying(world: World, command: str) -> None:
    """Returns once some session copies the big table: ``COPY TO`` is a dump, ``COPY FROM`` a restore."""
    async with world.session("postgres") as session:

        async def look() -> bool:
            return bool(
                await session.fetchval(
                    "SELECT EXISTS (SELECT FROM pg_stat_progress_copy WHERE command = $1 AND tuples_processed > 100)",
                    command,
                )
            )

        await until(look, f"nobody does {command}")


def child(program: str, job: dict[str, Any]) -> int:
    """The process id of the one child of that name that the job has."""
    (found,) = children(program, job)
    return found


def children(program: str, job: dict[str, Any]) -> list[int]:
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            if (path / "exe").readlink().name == program and job["id"].encode() in (path / "environ").read_bytes():
                found.append(int(path.name))
        except OSError:
            continue
    return found
