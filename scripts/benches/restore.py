"""The restore job against the recipe that it replaces.

`speedup_vs_seed` is the wall time of the seed recipe (boto3's `download_file`, then `gunzip -c | psql` into a new
database, all with their defaults) over that of a restore job into a new logical database of the same server, from the
request to the answer that tells of its success. The files of both were made from the same database. The job also checks
every byte against the manifest, decrypts it, gathers statistics and counts every table before it succeeds.

`ratio_to_j2` and `one_table_bytes_ratio` are not here yet: they are about reading parts of an archive side by side.
"""

import asyncio
import sys
from argparse import Namespace

import uvloop
from dataset import Unfit, load, settle
from installation import ROOT, Installation, Invalid, Shop, installed
from report import Bar, Bench, arguments

from app.postgres.connect import connect

BARS = (Bar("speedup_vs_seed", 1.15, at_most=False),)
MEBIBYTES = 1100
QUICK_MEBIBYTES = 50
KEY = "seed.sql.gz"
BY_SEED, BY_JOB = "restored_by_seed", "restored_by_job"

JOB, SEED = "job", "seed recipe"


async def measure(bench: Bench, *, mebibytes: int, runs: int) -> None:
    async with installed("restore") as installation:
        shop = await installation.database()
        print(await load(shop.target, mebibytes), flush=True)
        file = ROOT / "restore" / KEY
        await shop.shell('pg_dump | gzip > "$1"', file)
        await installation.upload(file, KEY)
        _, taken = await installation.timed_job(f"{shop.path}/backups", {})
        for _ in range(runs):
            bench.sample(JOB, await _job(installation, shop, taken["backups"][0]["id"]), "s")
            bench.sample(SEED, await _seed(bench, installation, shop), "s")
    bench.metric("speedup_vs_seed", bench.median(SEED) / bench.median(JOB))


async def _job(installation: Installation, shop: Shop, backup_id: str) -> float:
    wish = {"backup_id": backup_id, "target": {"kind": "logical_database", "name": BY_JOB}}
    seconds, _ = await installation.timed_job("/v1/restores", wish)
    await _drop(shop, BY_JOB)
    return seconds


async def _seed(bench: Bench, installation: Installation, shop: Shop) -> float:
    file = ROOT / "restore" / KEY
    file.unlink()
    created = await shop.shell(f"createdb {BY_SEED}")
    download = await installation.download(KEY, file)
    load_seconds = await shop.shell('gunzip -c "$1" | psql > /dev/null', file, database=BY_SEED)
    bench.sample("  its download", download, "s")
    bench.sample("  its load", load_seconds, "s")
    await _drop(shop, BY_SEED)
    return created + download + load_seconds


async def _drop(shop: Shop, name: str) -> None:
    """So that no side pays for what the other has left to be written."""
    async with connect(shop.target, application_name="bench") as session:
        await session.execute(f"DROP DATABASE {name}")
        await settle(session)


async def main(options: Namespace) -> int:
    bench = Bench("restore", BARS, quick=options.quick)
    try:
        await measure(bench, mebibytes=QUICK_MEBIBYTES if options.quick else MEBIBYTES, runs=options.runs)
    except (Invalid, Unfit) as failure:
        print(f"No figures: {failure}", file=sys.stderr)
        return 1
    bench.finish(options.json)
    return 0


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        sys.exit(runner.run(main(arguments("restore", runs=3).parse_args())))
