"""The backup job against the recipe that it replaces, against the least that pg_dump takes, and its memory.

`speedup_vs_seed` is the seed recipe's wall time (`pg_dump | gzip > file`, then boto3's `upload_file`, all with their
defaults) over that of the job, from the request to the answer that tells of its success. `ratio_to_floor` is the job's
time over that of the same `pg_dump -Fc -Z1` into nothing: what indexing, hashing, encrypting, counting and uploading add.
All sides read the same database over the same kind of connection and write to the same store, in turns. The job does
more than its rivals: exact counts of every table, checksums, encryption unless the series says otherwise.

`encrypted_ratio` is the job's time over that of one whose archive is not encrypted. `three_locations_ratio` is the time
until three locations hold the backup, from one dump, over that until one does; here all three are one store on the
machine that also does everything else, so what is copied competes with what copies.

`extra_rss_mib_*` is the worker's, without its children: the peak while it dumps, seen every 100 ms, minus what it had
after a backup of an empty database. Each is measured in a worker of its own, `pgmanager worker` beside the API.
"""

import asyncio
import os
import sys
import time
from argparse import Namespace
from pathlib import Path

import uvloop
from dataset import Unfit, load, require_compressible
from installation import ROOT, Installation, Invalid, Shop, installed
from report import Bar, Bench, arguments

from app.embedded.stack import worker_beside
from tests.sessions import connect

BARS = (
    Bar("speedup_vs_seed", 2.0, at_most=False),
    Bar("ratio_to_floor", 1.45, at_most=True),
    Bar("extra_rss_mib_1g", 128, at_most=True),
    Bar("extra_rss_mib_4g", 128, at_most=True),
)
MIB = 1024 * 1024
# On disk, so that it is a gigabyte by any count. The first is also what is timed.
MEBIBYTES = {"1g": 1100, "4g": 4400}
QUICK_MEBIBYTES = {"1g": 50, "4g": 200}
SAMPLE_SECONDS = 0.1
POLL_SECONDS = 0.05
UNFINISHED = ("pending", "copying")
EMPTY = "empty"

JOB, JOB_PLAIN, JOB_THREE = "job", "job, not encrypted", "job and copies, 3 locations"
SEED, FLOOR = "seed recipe", "pg_dump -Fc -Z1 > /dev/null"


async def measure_times(bench: Bench, *, mebibytes: int, runs: int) -> None:
    async with installed("backup") as installation:
        shop = await installation.database()
        loaded = await load(shop.target, mebibytes)
        print(f"{loaded}, PostgreSQL of {shop.bin_dir.parent.name}, {shop.target.tls} TLS", flush=True)
        three = [installation.default_location, *[await installation.location(name) for name in ("second", "third")]]
        await _floor(shop)  # so that all sides find the database in memory
        for _ in range(runs):
            bench.sample(JOB, await _job(installation, shop, encryption="age"), "s")
            bench.sample(SEED, await _seed(bench, installation, shop), "s")
            bench.sample(JOB_PLAIN, await _job(installation, shop, encryption="none"), "s")
            bench.sample(FLOOR, await _floor(shop), "s")
            bench.sample(JOB_THREE, await _job_and_copies(installation, shop, three), "s")
            print(bench.latest(JOB, SEED, JOB_PLAIN, FLOOR, JOB_THREE), flush=True)
        plain_bytes = await _plain_bytes(shop)
        times = require_compressible(plain_bytes, _seed_file().stat().st_size)
        print(f"the plain dump has {plain_bytes / MIB:,.0f} MiB and compresses {times:.2f} times", flush=True)
    bench.metric("speedup_vs_seed", bench.median(SEED) / bench.median(JOB))
    bench.metric("ratio_to_floor", bench.median(JOB) / bench.median(FLOOR))
    bench.metric("encrypted_ratio", bench.median(JOB) / bench.median(JOB_PLAIN))
    bench.metric("three_locations_ratio", bench.median(JOB_THREE) / bench.median(JOB))


async def _job(installation: Installation, shop: Shop, *, encryption: str) -> float:
    seconds, _ = await installation.timed_job(f"{shop.path}/backups", {"encryption": encryption})
    return seconds


async def _job_and_copies(installation: Installation, shop: Shop, location_ids: list[str]) -> float:
    """Until every location has its copy: those of the further ones may go on after the job."""
    began = time.perf_counter()
    _, accepted = await installation.timed_job(f"{shop.path}/backups", {"location_ids": location_ids})
    path = f"/v1/backups/{accepted['backups'][0]['id']}"
    backup = await installation.call("GET", path)
    while any(copy["state"] in UNFINISHED for copy in backup["copies"]):
        await asyncio.sleep(POLL_SECONDS)
        backup = await installation.call("GET", path)
    if backup["state"] != "available":
        raise Invalid(f"The backup is {backup['state']}: {backup['copies']}")
    return time.perf_counter() - began


async def _seed(bench: Bench, installation: Installation, shop: Shop) -> float:
    dump = await shop.shell('pg_dump | gzip > "$1"', _seed_file())
    upload = await installation.upload(_seed_file(), "seed.sql.gz")
    bench.sample("  its dump", dump, "s")
    bench.sample("  its upload", upload, "s")
    return dump + upload


async def _floor(shop: Shop) -> float:
    return await shop.shell("pg_dump -Fc -Z1 > /dev/null")


async def _plain_bytes(shop: Shop) -> int:
    count = ROOT / "backup" / "plain-bytes"
    await shop.shell('pg_dump | wc -c > "$1"', count)
    return int(count.read_text())


def _seed_file() -> Path:
    return ROOT / "backup" / "seed.sql.gz"


async def measure_memory(bench: Bench, *, size: str, mebibytes: int, runs: int) -> None:
    async with installed("memory", with_worker=False) as installation:
        async with worker_beside(installation.stack):
            shop = await installation.database()
        loaded = await load(shop.target, mebibytes)
        print(f"memory at {size}: {loaded}", flush=True)
        async with connect(shop.target, application_name="bench") as session:
            await session.execute(f"CREATE DATABASE {EMPTY}")
        for _ in range(runs):
            bench.sample(f"extra memory at {size}", await _extra_mebibytes(installation, shop), "MiB")
    bench.metric(f"extra_rss_mib_{size}", bench.median(f"extra memory at {size}"))


async def _extra_mebibytes(installation: Installation, shop: Shop) -> float:
    async with worker_beside(installation.stack) as pid:
        await installation.timed_job(f"{shop.path}/backups", {"logical_databases": [EMPTY]})
        before = _resident_bytes(pid)
        job = asyncio.create_task(  # noqa: TID251 (awaited right below, without a group around its errors)
            installation.timed_job(f"{shop.path}/backups", {})
        )
        peak = before
        while not (await asyncio.wait([job], timeout=SAMPLE_SECONDS))[0]:
            peak = max(peak, _resident_bytes(pid))
        await job
        return (peak - before) / MIB


def _resident_bytes(pid: int) -> int:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


async def main(options: Namespace) -> int:
    bench = Bench("backup", BARS, quick=options.quick)
    sizes = QUICK_MEBIBYTES if options.quick else MEBIBYTES
    try:
        if not options.memory_only:
            await measure_times(bench, mebibytes=options.mebibytes or sizes["1g"], runs=options.runs)
        if not options.skip_memory:
            for size, mebibytes in sizes.items():
                await measure_memory(bench, size=size, mebibytes=mebibytes, runs=options.runs)
    except (Invalid, Unfit) as failure:
        print(f"No figures: {failure}", file=sys.stderr)
        return 1
    bench.finish(options.json)
    return 0


if __name__ == "__main__":
    parser = arguments("backup", runs=3)
    parser.add_argument("--mebibytes", type=int, help=f"of data that is timed, on disk (default {MEBIBYTES['1g']})")
    parser.add_argument("--skip-memory", action="store_true", help="times only")
    parser.add_argument("--memory-only", action="store_true", help="memory only, which takes 4 GB of data")
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        sys.exit(runner.run(main(parser.parse_args())))
