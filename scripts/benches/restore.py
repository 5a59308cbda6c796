"""The restore job against the recipe that it replaces, against pg_restore from a local file, and what one table costs.

`speedup_vs_seed` is the wall time of the seed recipe (boto3's `download_file`, then `gunzip -c | psql` into a new
database, all with their defaults) over that of a restore job into a new logical database of the same server, from the
request to the answer that tells of its success. The files of both were made from the same database. The job also checks
every byte, decrypts it, gathers statistics and counts every table before it succeeds.

`ratio_to_j2` is the time in which the job makes and fills its database, with two readers and from the store, over that of
`createdb` and `pg_restore -j 2` of the same archive, which lies decrypted on the local disk already. In
`job_ratio_to_j2` the job also gathers the planner's statistics and counts every table, which pg_restore does not. `one_table_bytes_ratio` is what the store sent for the restore of one table, counted between
the two, over the bytes of its blocks and of the table of contents.
"""

import asyncio
import sys
from argparse import Namespace
from pathlib import Path

import uvloop
from dataset import Unfit, load, settle
from installation import PREFIX, ROOT, Installation, Invalid, Shop, installed
from parts.archives import manifest_of, plain_archive
from parts.relay import Relay
from report import Bar, Bench, arguments

from tests.sessions import connect

BARS = (
    Bar("speedup_vs_seed", 1.15, at_most=False),
    Bar("ratio_to_j2", 1.15, at_most=True),
    Bar("one_table_bytes_ratio", 1.01, at_most=True),
)
MEBIBYTES = 1100
QUICK_MEBIBYTES = 50
SEED_KEY = "seed.sql.gz"
BY_SEED, BY_JOB, BY_PG_RESTORE, ONE_TABLE = "by_seed", "by_job", "by_pg_restore", "one_table"
COUNTED = "counted"  # the location behind the relay

JOB, SEED, J2 = "job", "seed recipe", "pg_restore -j 2, local file"
JOB_LOAD = "  the job's load"


async def measure(bench: Bench, *, mebibytes: int, runs: int) -> None:
    async with installed("restore") as installation:
        shop = await installation.database()
        print(await load(shop.target, mebibytes), flush=True)
        dump, archive = ROOT / "restore" / SEED_KEY, ROOT / "restore" / "archive.dump"
        await shop.shell('pg_dump | gzip > "$1"', dump)
        await installation.upload(dump, SEED_KEY)
        _, taken = await installation.timed_job(f"{shop.path}/backups", {})
        backup_id = taken["backups"][0]["id"]
        manifest = await manifest_of(installation, backup_id, prefix=PREFIX)
        await plain_archive(installation, manifest, archive, prefix=PREFIX)
        await _pg_restore(shop, archive)  # so that all sides find the machine as they leave it
        for _ in range(runs):
            bench.sample(JOB, await _job(bench, installation, shop, backup_id), "s")
            bench.sample(J2, await _pg_restore(shop, archive), "s")
            bench.sample(SEED, await _seed(bench, installation, shop), "s")
            print(bench.latest(JOB, JOB_LOAD, J2, SEED), flush=True)
        bench.metric("speedup_vs_seed", bench.median(SEED) / bench.median(JOB))
        bench.metric("ratio_to_j2", bench.median(JOB_LOAD) / bench.median(J2))
        bench.metric("job_ratio_to_j2", bench.median(JOB) / bench.median(J2))
        bench.metric("one_table_bytes_ratio", await _one_table(bench, installation, shop))


async def _job(bench: Bench, installation: Installation, shop: Shop, backup_id: str) -> float:
    wish = {"backup_id": backup_id, "target": {"kind": "logical_database", "name": BY_JOB}}
    seconds, accepted = await installation.timed_job("/v1/restores", wish)
    report = (await installation.call("GET", f"/v1/restores/{accepted['restore']['id']}"))["report"]
    bench.sample(JOB_LOAD, report["duration_seconds"], "s")
    await _drop(shop, BY_JOB)
    return seconds


async def _pg_restore(shop: Shop, archive: Path) -> float:
    created = await shop.shell(f"createdb {BY_PG_RESTORE}")
    seconds = await shop.shell(
        'pg_restore --exit-on-error --no-subscriptions --jobs=2 --dbname="$PGDATABASE" "$1"',
        archive,
        database=BY_PG_RESTORE,
    )
    await _drop(shop, BY_PG_RESTORE)
    return created + seconds


async def _seed(bench: Bench, installation: Installation, shop: Shop) -> float:
    file = ROOT / "restore" / SEED_KEY
    file.unlink()
    created = await shop.shell(f"createdb {BY_SEED}")
    download = await installation.download(SEED_KEY, file)
    load_seconds = await shop.shell('gunzip -c "$1" | psql > /dev/null', file, database=BY_SEED)
    bench.sample("  the recipe's download", download, "s")
    bench.sample("  the recipe's load", load_seconds, "s")
    await _drop(shop, BY_SEED)
    return created + download + load_seconds


async def _one_table(bench: Bench, installation: Installation, shop: Shop) -> float:
    """Of the table with the largest block, in an archive that nobody else reads."""
    async with Relay.started(installation.stack.store.endpoint_url) as relay:
        location = await installation.location(COUNTED, endpoint_url=relay.url)
        _, taken = await installation.timed_job(f"{shop.path}/backups", {"location_ids": [location]})
        backup_id = taken["backups"][0]["id"]
        index = (await manifest_of(installation, backup_id, prefix=COUNTED)).index
        table = max(index.tables(), key=lambda one: one.length)
        wish = {
            "backup_id": backup_id,
            "tables": [{"schema": table.schema, "name": table.name}],
            "target": {"kind": "logical_database", "name": ONE_TABLE},
        }
        before = relay.fetched_bytes
        seconds, _ = await installation.timed_job("/v1/restores", wish)
        fetched = relay.fetched_bytes - before
    bench.sample("one table's job", seconds, "s")
    bench.sample("  fetched for it", fetched / 2**20, "MiB")
    bench.sample("  the archive", index.size_bytes / 2**20, "MiB")
    await _drop(shop, ONE_TABLE)
    return fetched / (index.header_length + table.length)


async def _drop(shop: Shop, name: str) -> None:
    """So that no side pays for what the other has left to be written."""
    async with connect(shop.target, application_name="bench") as session:
        await session.execute(f"DROP DATABASE {name}")
        await settle(session)


async def main(options: Namespace) -> int:
    bench = Bench("restore", BARS, quick=options.quick)
    mebibytes = options.mebibytes or (QUICK_MEBIBYTES if options.quick else MEBIBYTES)
    try:
        await measure(bench, mebibytes=mebibytes, runs=options.runs)
    except (Invalid, Unfit) as failure:
        print(f"No figures: {failure}", file=sys.stderr)
        return 1
    bench.finish(options.json)
    return 0


if __name__ == "__main__":
    parser = arguments("restore", runs=3)
    parser.add_argument("--mebibytes", type=int, help=f"of data, on disk (default {MEBIBYTES})")
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        sys.exit(runner.run(main(parser.parse_args())))
