"""Servers of other majors than the managed one, and archives that they cannot read."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from pydantic import SecretStr

from app.postgres.cluster import Cluster, ClusterSpec, free_port
from tests.e2e.faults import fault
from tests.e2e.faults.server_side import adopted, back_up, taken, unique
from tests.e2e.world import World

NEWER = 18
PORTS = (46_000, 46_999)


@fault
async def an_archive_of_a_newer_major_is_refused_by_an_older_server_at_once(world: World) -> None:
    async with newer_server(world) as cluster, adopted(world, cluster.target) as database:
        backup = await taken(world, await back_up(world, database))
        assert backup["server_version"].startswith(f"{NEWER}.")
        target = {"kind": "logical_database", "database_id": world.database, "name": unique("newer")}
        wish = {"backup_id": backup["id"], "target": target}
        problem = await world.post("/v1/restores", wish, expect=422)
        assert (problem["code"], problem["retryable"]) == ("VERSION_UNSUPPORTED", False)
        assert (problem["archive_client_major"], problem["target_major"]) == (NEWER, 15)


@asynccontextmanager
async def newer_server(world: World) -> AsyncIterator[Cluster]:
    spec = ClusterSpec(
        world.directory / unique("newer"), free_port(*PORTS), "postgres", SecretStr("planted-newer"), fsync=False
    )
    cluster = Cluster(spec, world.toolchain.server(NEWER), attached=True)
    await cluster.create()
    try:
        await cluster.start()
        yield cluster
    finally:
        await cluster.destroy()
