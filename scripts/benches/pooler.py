"""500 clients on 20 connections of a pooler in transaction mode, against 20 clients that go to the server themselves.

pgbench reads single rows by prepared statements (``-M prepared -S``), so the pooler has to be one that follows them: of
Debian trixie, by scripts/trixie. Process and configuration are those of the product's local poolers, which reach the
server by its socket. Clients of both sides use no TLS unless ``--tls`` is given. The runs are of equal length and interleaved, after one
of each that fills the caches. pgbench, the server and the pooler share the processors of this machine.
"""

import asyncio
import re
from argparse import Namespace
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import uvloop
from parts.server import BenchServer, bench_server
from report import ROOT, Bar, Bench, arguments

from app.connections.logins import new_password
from app.kit.redaction import redact
from app.logging import configure_logging
from app.pooling.schemas import PoolerOptions
from app.postgres.cluster import free_port
from app.postgres.connect import Target, TlsMode, libpq_environment, libpq_secrets
from app.postgres.pgbouncer import PgBouncer, PgBouncerProgram
from app.postgres.pgbouncer_config import HOST, PgBouncerConfig, PoolLine
from app.postgres.pooler_login import make_pooler_login
from app.postgres.process import run
from app.settings import LogSettings

BARS = [Bar("ratio_to_direct", 0.8, at_most=False)]
PORTS = (28000, 28999)
CLIENTS, CONNECTIONS = 500, 20
SPARE_SECONDS = 60


async def main(options: Namespace) -> None:
    configure_logging(LogSettings(level="error"), redact)
    seconds = 2 if options.quick else options.seconds
    clients = 50 if options.quick else CLIENTS
    bench = Bench("pooler", BARS, quick=options.quick)
    async with bench_server("pooler", tls=options.tls) as server:
        direct = server.cluster.target.with_database("bench")
        if not options.tls:
            direct = replace(direct, tls=TlsMode.DISABLE)
        await server.make_database("bench")
        await pgbench(server, direct, "--initialize", "--quiet", f"--scale={1 if options.quick else 20}")
        async with pooler(direct, server.cluster.files.sockets, tls=options.tls) as pooled:
            for number in range(options.runs + 1):
                for series, target, count in (("pooled", pooled, clients), ("direct", direct, CONNECTIONS)):
                    length = seconds if number else min(seconds, 20)
                    rate = await reads(server, target, clients=count, seconds=length)
                    if number:  # the first ones fill the caches
                        bench.sample(series, rate, f"transactions/s, {count} clients")
                if number:
                    print(f"run {number}: {bench.latest('pooled', 'direct')}")
    bench.metric("ratio_to_direct", bench.median("pooled") / bench.median("direct"))
    bench.finish(options.json)


async def reads(server: BenchServer, target: Target, *, clients: int, seconds: int) -> float:
    """Transactions a second, without the time of connecting."""
    said = await pgbench(
        server, target, "--protocol=prepared", "--select-only", "--no-vacuum", "--jobs=2",
        f"--client={clients}", f"--time={seconds}", seconds=seconds,
    )  # fmt: skip
    found = re.search(r"tps = ([\d.]+) \(without initial connection time\)", said)
    failed = re.search(r"number of failed transactions: (\d+)", said)
    if found is None or failed is None or int(failed[1]):
        raise SystemExit(f"Not valid: pgbench said {said}")
    return float(found[1])


async def pgbench(server: BenchServer, target: Target, *options: str, seconds: int = 0) -> str:
    environment = libpq_environment(target, application_name="bench")
    del environment["PGOPTIONS"]  # which poolers refuse
    done = await run(
        [*server.cluster.installation.command("pgbench"), *options],
        env=environment,
        secrets=libpq_secrets(target),
        timeout_seconds=seconds + SPARE_SECONDS,
    )
    if done.returncode:
        raise SystemExit(f"Not valid: pgbench ended with {done.returncode}: {done.stderr_lines[-3:]}")
    return done.stdout.decode()


@asynccontextmanager
async def pooler(server: Target, sockets: Path, *, tls: bool) -> AsyncIterator[Target]:
    """Where its clients find it, as they find the server."""
    port, auth_password = free_port(*PORTS), new_password()
    await make_pooler_login(server, auth_password, [server.database])
    options = PoolerOptions(max_client_conn=2 * CLIENTS, default_pool_size=CONNECTIONS)
    config = PgBouncerConfig(
        port=port,
        server=server,
        pools=[
            PoolLine(
                name=server.database,
                database=server.database,
                mode=options.pool_mode.value,
                size=CONNECTIONS,
                reserve=0,
                min_size=CONNECTIONS,
                max_db_connections=None,
            )
        ],
        settings=options.model_dump(mode="json") | ({} if tls else {"client_tls_sslmode": "disable"}),
        auth_password=auth_password,
        admin_password=new_password(),
        sockets=sockets,
    )
    program = PgBouncerProgram.found(ROOT / ".cache" / "trixie")
    print(f"PgBouncer {await program.version()}, {CLIENTS} clients on {CONNECTIONS} connections")
    process = PgBouncer(ROOT / ".data" / "bench" / f"pooler-{port}", user=None)
    async with process.locked():
        process.write(config, issuer=None)
        await process.start(program, config, clients=options.max_client_conn)
    try:
        found = replace(server, host=HOST, port=port)
        yield replace(found, ca_pem=process.root_pem()) if tls else found
    finally:
        async with process.locked():
            await process.destroy()


async def prepared() -> None:
    done = await asyncio.create_subprocess_exec(ROOT / "scripts" / "trixie")
    if await done.wait():
        raise SystemExit("scripts/trixie could not get a PgBouncer that follows prepared statements.")


if __name__ == "__main__":
    parser = arguments("pooler", runs=3)
    parser.add_argument("--seconds", type=int, default=60, help="of each run (default 60)")
    parser.add_argument("--tls", action="store_true", help="with TLS on both sides")
    chosen = parser.parse_args()
    uvloop.run(prepared())
    uvloop.run(main(chosen))
