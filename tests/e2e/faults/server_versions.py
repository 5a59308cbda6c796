"""Servers of other majors than the managed one, and archives that they cannot read."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from pydantic import SecretStr

from app.postgres.cluster import Cluster, ClusterSpec, free_port
from tests.e2e.faults import fault
from tests.e2e.faults.server_side import adopted, back_up, restored, scratch, taken, unique
from tests.e2e.faults.store_side import gone
from tests.e2e.world import World

MIDDLE, NEWER = 16, 18  # later than the managed server's
PORTS = (30000, 30999)
# What has a place of its own in an archive: rows, a sequence, a large object with its owner, an index and a key.
_TABLES = """
CREATE TABLE item (id bigserial PRIMARY KEY, name text NOT NULL, what jsonb);
CREATE TABLE line (item bigint REFERENCES item, amount numeric);
CREATE INDEX line_item ON line (item);
INSERT INTO item (name, what) SELECT 'item ' || n, jsonb_build_object('n', n) FROM generate_series(1, 500) AS n;
INSERT INTO line SELECT n, n / 7.0 FROM generate_series(1, 500) AS n;
SELECT lo_from_bytea(0, 'a large object');
"""


@fault
async def an_archive_of_a_newer_major_is_refused_by_an_older_server_at_once(world: World) -> None:
    async with server_of(world, NEWER) as cluster, adopted(world, cluster.target) as database:
        backup = await taken(world, await back_up(world, database))
        assert backup["server_version"].startswith(f"{NEWER}.")
        target = {"kind": "logical_database", "database_id": world.database, "name": unique("newer")}
        wish = {"backup_id": backup["id"], "target": target}
        problem = await world.post("/v1/restores", wish, expect=422)
        assert (problem["code"], problem["retryable"]) == ("VERSION_UNSUPPORTED", False)
        assert (problem["archive_client_major"], problem["target_major"]) == (NEWER, 15)


@fault
async def an_archive_of_each_major_goes_into_the_same_and_later_ones_and_into_no_lower(world: World) -> None:
    """Each pair of the servers that are here, with the client that the product chooses."""
    async with (
        server_of(world, MIDDLE) as middle,
        server_of(world, NEWER) as newer,
        adopted(world, middle.target) as in_the_middle,
        adopted(world, newer.target) as newest,
        scratch(world, sql=_TABLES) as oldest,
    ):
        majors = {world.database: 15, in_the_middle: MIDDLE, newest: NEWER}
        for database in (in_the_middle, newest):
            async with world.session(target=await world.target_of(database)) as session:
                await session.execute(_TABLES)
        for source, archive in majors.items():
            wanted = [oldest] if source == world.database else None  # its own has extensions that others lack
            backup = await taken(world, await back_up(world, source, logical_databases=wanted))
            assert backup["client_version"].startswith(f"{archive}."), backup["client_version"]
            for database, major in majors.items():
                name = unique(f"from_{archive}_into_{major}")
                target = {"kind": "logical_database", "database_id": database, "name": name}
                wish = {"backup_id": backup["id"], "target": target}
                if major < archive:
                    problem = await world.post("/v1/restores", wish, expect=422)
                    assert (problem["code"], problem["retryable"]) == ("VERSION_UNSUPPORTED", False)
                    assert (problem["archive_client_major"], problem["target_major"]) == (archive, major)
                    continue
                await restored(world, await world.post("/v1/restores", wish, expect=202))
                async with world.session("postgres", target=await world.target_of(database)) as session:
                    await session.execute(f"DROP DATABASE {name}")
            await gone(world, backup["id"])


@asynccontextmanager
async def server_of(world: World, major: int) -> AsyncIterator[Cluster]:
    spec = ClusterSpec(
        world.directory / unique(f"major{major}"),
        free_port(*PORTS),
        "postgres",
        SecretStr(f"planted-{major}"),
        fsync=False,
    )
    cluster = Cluster(spec, world.toolchain.server(major), attached=True)
    await cluster.create()
    try:
        await cluster.start()
        yield cluster
    finally:
        await cluster.destroy()
