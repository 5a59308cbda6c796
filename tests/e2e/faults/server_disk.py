"""A disk that fills up under the managed server while a backup is restored into it."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import structlog
from pydantic import SecretStr

from app.postgres.cluster import Cluster, ClusterSpec, ClusterStatus, free_port
from app.postgres.process import run
from app.postgres.server_user import server_user
from tests.e2e.faults import fault
from tests.e2e.faults.server_side import (
    BIG,
    BIG_ROWS,
    adopted,
    back_up,
    free_name,
    not_restored,
    restore,
    restored,
    taken,
    unique,
)
from tests.e2e.world import World

log = structlog.get_logger()

PORTS: Final = (30000, 30999)
DISK_MIB: Final = 90  # the database takes 60 of them, so a second one has no room
_ENVIRONMENT: Final = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}


@fault
async def a_disk_that_is_full_fails_the_restore_by_that_name_and_harms_nothing(world: World) -> None:
    if os.geteuid() != 0:
        log.warning("fault.left_out", reason="only root may mount the small file system that this fault fills")
        return
    async with small_disk(world.directory / unique("disk")) as disk, server(world, disk) as cluster:
        target = cluster.target.with_database("tight")
        async with world.session(target=cluster.target) as session:
            await session.execute(f"CREATE TABLESPACE tight LOCATION '{disk}'")
            await session.execute("CREATE DATABASE tight TABLESPACE tight")
        async with world.session(target=target) as session:
            await session.execute(BIG)
        async with adopted(world, target) as database:
            backup = await taken(world, await back_up(world, database))
            wish = {"backup_id": backup["id"], "target": {"kind": "in_place"}, "safety_backup": False}
            accepted = await world.post("/v1/restores", wish, expect=202)
            problem = await world.failed(accepted["job"])
            assert (problem["code"], problem["retryable"]) == ("DISK_FULL", False), problem
            assert "No space left on device" in problem["detail"]
            assert (await world.get(f"/v1/restores/{accepted['restore']['id']}"))["state"] == "failed"
            assert cluster.status() is ClusterStatus.RUNNING
            async with world.session(target=target) as session:
                assert await session.fetchval("SELECT count(*) FROM big") == BIG_ROWS
                rows = await session.fetch("SELECT datname FROM pg_database WHERE NOT datistemplate ORDER BY datname")
                assert [row["datname"] for row in rows] == ["postgres", "tight"]


@fault
async def a_restore_stops_before_it_takes_the_room_that_the_server_lives_in(world: World) -> None:
    """A server without room for its log goes down and cannot come up: with the reserve, it does not get there."""
    kept = await world.good_backup()
    async with little_room(world), free_name(world) as name:
        accepted = await restore(world, kept, name)
        problem = await not_restored(world, accepted, "DISK_FULL", retryable=False)
        assert "left on the disk of the server" in problem["detail"]
        assert await world.value("SELECT 1") == 1
    async with free_name(world) as name:
        await restored(world, await restore(world, kept, name))


@asynccontextmanager
async def little_room(world: World) -> AsyncIterator[None]:
    """A single worker, for which no disk is large enough."""
    for index in world.workers.alive():
        await world.workers.stop(index)
    await world.workers.start(constants={"app.restores.room.RESERVE_BYTES": 2**60})
    try:
        yield
    finally:
        await world.workers.put_right()


@asynccontextmanager
async def small_disk(directory: Path) -> AsyncIterator[Path]:
    directory.mkdir()
    user = server_user()
    assert user
    options = f"size={DISK_MIB}m,uid={user.uid},gid={user.gid},mode=700"
    mounted = await run(
        ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(directory)], env=_ENVIRONMENT, timeout_seconds=10
    )
    assert mounted.returncode == 0, mounted.stderr_lines
    try:
        yield directory
    finally:
        unmounted = await run(["umount", str(directory)], env=_ENVIRONMENT, timeout_seconds=10)
        assert unmounted.returncode == 0, unmounted.stderr_lines
        directory.rmdir()


@asynccontextmanager
async def server(world: World, disk: Path) -> AsyncIterator[Cluster]:
    """Another one than the shop's. It ends before its disk goes."""
    spec = ClusterSpec(
        disk.with_name(unique("small")), free_port(*PORTS), "postgres", SecretStr("planted-small"), fsync=False
    )
    cluster = Cluster(spec, world.toolchain.server(15), attached=True)
    await cluster.create()
    try:
        await cluster.start()
        yield cluster
    finally:
        await cluster.destroy()
