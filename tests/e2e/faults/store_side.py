"""What the faults of the object store break, hold up and look at."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Final
from uuid import uuid4

from app.storage.s3 import S3Location
from app.storage.store import ObjectStore
from tests.e2e.world import BUCKET, World
from tests.storage.fault_proxy import Choice, Exchange, Fault, FaultProxy

FOREVER: Final = 1_000_000
# So that a job that tries five times does it in a second.
_HURRIED: Final = {"app.jobs.execution.RETRY_BASE_SECONDS": 0.05}


def everything(_: Exchange) -> bool:
    return True


def manifest(exchange: Exchange) -> bool:
    return exchange.line.startswith("PUT ") and "manifest.json" in exchange.line


def reading(exchange: Exchange) -> bool:
    """Of an archive."""
    return exchange.line.startswith("GET ") and ".dump" in exchange.line


def deleting(exchange: Exchange) -> bool:
    return exchange.line.startswith("DELETE ")


def writing(exchange: Exchange) -> bool:
    return exchange.line.startswith(("PUT ", "POST "))


@dataclass
class Gate:
    """Requests wait at it until it is opened, and then go on as if nothing had been, unless who sent them is gone."""

    reached: asyncio.Event = field(default_factory=asyncio.Event)
    opened: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, exchange: Exchange) -> None:
        body, sender = await exchange.body(), exchange.reader
        self.reached.set()
        await self.opened.wait()
        if not sender.at_eof():
            exchange.reader = asyncio.StreamReader()
            exchange.reader.feed_data(body)
            await exchange.forward()

    async def arrived(self, *, within_seconds: float = 30) -> None:
        async with asyncio.timeout(within_seconds):
            await self.reached.wait()


@asynccontextmanager
async def held(world: World, choice: Choice) -> AsyncIterator[Gate]:
    """Every request of the kind waits at the gate, which opens at the end."""
    gate = Gate()
    world.proxy.break_(choice, gate, times=FOREVER)
    try:
        yield gate
    finally:
        world.proxy.mend()
        gate.opened.set()


@asynccontextmanager
async def broken(world: World, choice: Choice, fault: Fault, *, times: int = FOREVER) -> AsyncIterator[None]:
    world.proxy.break_(choice, fault, times=times)
    try:
        yield
    finally:
        world.proxy.mend()


@asynccontextmanager
async def hurried(world: World) -> AsyncIterator[None]:
    """The usual workers give way to two that hardly wait between the attempts of a job."""
    for index in world.workers.alive():
        await world.workers.stop(index)
    for _ in range(2):
        await world.workers.start(constants=_HURRIED)
    try:
        yield
    finally:
        await world.workers.put_right()


@dataclass(frozen=True)
class Place:
    """A location of a fault's own, behind a proxy of its own."""

    id: str
    at: S3Location
    proxy: FaultProxy
    _direct: S3Location
    _world: World

    @property
    def path(self) -> str:
        return f"/v1/locations/{self.id}"

    async def store(self) -> ObjectStore:
        """Not through the proxy."""
        return await self._world.stores.open(self._direct)

    async def probed(self) -> dict[str, Any]:
        return await self._world.post(f"{self.path}:probe", expect=200)


@asynccontextmanager
async def place(world: World, *, bucket: str = BUCKET) -> AsyncIterator[Place]:
    """It is forgotten at the end, and every backup that has a copy in it is deleted before."""
    async with FaultProxy.started(world.store.endpoint_url) as proxy:
        direct = world.store.location(bucket, prefix=uuid4().hex)
        at = replace(direct, endpoint_url=proxy.url)
        made = Place(await world.make_location(f"place {direct.prefix[:8]}", at), at, proxy, direct, world)
        try:
            yield made
        finally:
            proxy.mend()
            for backup in await _kept_in(world, made.id):
                await gone(world, backup)
            await world.delete(made.path, expect=204)


async def _kept_in(world: World, location: str) -> list[str]:
    found = (await world.get(f"{world.backups}?limit=100"))["data"]
    return [
        backup["id"]
        for backup in found
        if any(copy["location_id"] == location and _is_there(copy) for copy in backup["copies"])
    ]


def _is_there(copy: dict[str, Any]) -> bool:
    return copy["state"] in ("available", "deleting") or bool((copy["error"] or {}).get("objects_left"))


async def gone(world: World, backup_id: str) -> None:
    """Deletes it, or tries again what an earlier deletion did not end."""
    backup = await world.get(f"/v1/backups/{backup_id}")
    if backup["state"] == "deleting":
        jobs = (await world.get("/v1/jobs?kind=backup.delete&limit=100"))["data"]
        job = next(one for one in jobs if one["subject_id"] == backup_id and one["state"] == "failed")
        await world.succeeded(await world.post(f"/v1/jobs/{job['id']}:retry", expect=202))
    elif backup["state"] != "deleted":
        accepted = await world.delete(f"/v1/backups/{backup_id}?confirm={backup_id}", expect=202)
        await world.succeeded(accepted["job"])


async def keys(world: World, backup_id: str) -> list[str]:
    """Of what lies in the world's bucket of one backup, whichever the location."""
    store = await world.bucket("")
    return sorted([found.key async for found in store.list() if backup_id in found.key])


async def uploads(world: World, backup_id: str) -> list[str]:
    store = await world.bucket("")
    return [found.key async for found in store.uploads() if backup_id in found.key]
