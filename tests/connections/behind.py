"""A PgBouncer before a server of a test, in transaction mode and with fewer connections than its clients have."""

import asyncio
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from app.connections.logins import new_password
from app.postgres.cluster import free_port
from app.postgres.connect import Target
from app.postgres.pgbouncer import PgBouncer, PgBouncerProgram
from app.postgres.pgbouncer_config import HOST, PgBouncerConfig, PoolLine
from app.postgres.pooler_login import make_pooler_login
from tests.planted import plant
from tests.postgres.conftest import PORTS

_ROOT = Path(__file__).parents[2]
POOL = "shop"  # the name that clients give as their database
_SIZE = 2


@dataclass(frozen=True)
class Behind:
    host: str
    port: int
    root_pem: str
    version: str


@contextmanager
def pgbouncer_before(target: Target, database: str, folder: Path, *, newer: bool) -> Iterator[Behind]:
    """Debian 12's does not follow prepared statements; Debian 13's, the ``newer``, does."""
    trixie = _ROOT / ".cache" / "trixie"
    if newer:
        subprocess.run([_ROOT / "scripts" / "trixie"], check=True)
    program = PgBouncerProgram.found(trixie if newer else None)
    pool = PoolLine(POOL, database, "transaction", _SIZE, reserve=0, min_size=0, max_db_connections=None)
    config = PgBouncerConfig(
        port=free_port(*PORTS),
        server=target,
        pools=[pool],
        settings={"max_client_conn": 100},
        auth_password=_planted("the pooler's own login"),
        admin_password=_planted("the pooler's console"),
    )
    process = PgBouncer(folder, user=None)
    with asyncio.Runner() as runner:
        try:
            runner.run(_brought(process, program, config, database))
            yield Behind(HOST, config.port, process.root_pem(), runner.run(program.version()))
        finally:
            runner.run(process.destroy())


async def _brought(process: PgBouncer, program: PgBouncerProgram, config: PgBouncerConfig, database: str) -> None:
    await make_pooler_login(config.server, config.auth_password, [database])
    async with process.locked():
        process.write(config, issuer=None)
        await process.start(program, config, clients=100)


def _planted(what: str) -> SecretStr:
    password = new_password()
    plant(what, password.get_secret_value(), for_session=True)
    return password
