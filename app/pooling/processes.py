"""From the rows to the process: its configuration, its console, and how it is brought to what the rows say."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from pydantic import SecretStr

from app.connections.logins import new_password
from app.connections.models import Pool, Pooler, PoolerState, PoolMode
from app.connections.poolers import PREPARED_SINCE, live_pooler, pools_of, version_of
from app.databases.access import target_of
from app.databases.models import Database
from app.db.sealed import sealed_context
from app.kit.sealing import KeyRing
from app.pooling.errors import PoolerElsewhere, PoolerStateInvalid
from app.pooling.schemas import PoolerOptions
from app.postgres.connect import Target, TlsMode
from app.postgres.pgbouncer import PgBouncerProgram
from app.postgres.pgbouncer_config import ADMIN, PgBouncerConfig, PoolLine
from app.postgres.pgbouncer_console import Console
from app.providers.local import LocalProvider
from app.runtime import Runtime

_PAUSE_SECONDS: Final = 1.0


def local_provider(runtime: Runtime) -> LocalProvider:
    provider = runtime.providers["local"]
    assert isinstance(provider, LocalProvider)
    return provider


def seal_new_passwords(pooler: Pooler, key_ring: KeyRing) -> None:
    """Made once, with the row: whoever comes after a crash finds the ones that the process was given."""
    pooler.auth_password_sealed = _seal(pooler.id, "auth_password_sealed", key_ring)
    pooler.admin_password_sealed = _seal(pooler.id, "admin_password_sealed", key_ring)


def auth_password(pooler: Pooler, key_ring: KeyRing) -> SecretStr:
    return _open(pooler.auth_password_sealed, pooler.id, "auth_password_sealed", key_ring)


def console_of(pooler: Pooler, runtime: Runtime) -> Console:
    """Raises PoolerElsewhere, PoolerStateInvalid."""
    if pooler.host_id != runtime.host_id:
        raise PoolerElsewhere
    if pooler.host is None or pooler.port is None:
        raise PoolerStateInvalid(pooler.state, "asked before it has an address")
    password = _open(pooler.admin_password_sealed, pooler.id, "admin_password_sealed", runtime.key_ring)
    root = local_provider(runtime).pooler(pooler.database_id).root_pem() if pooler.ca_pem is None else pooler.ca_pem
    return Console(Target(pooler.host, pooler.port, ADMIN, password, tls=TlsMode.VERIFY_FULL, ca_pem=root))


def front_door(database: Database, pooler: Pooler, pool: Pool, runtime: Runtime) -> Target:
    """As clients find it, with the login of this service."""
    assert pooler.host is not None
    assert pooler.port is not None
    own = target_of(database, runtime.key_ring)
    return Target(
        pooler.host, pooler.port, own.user, own.password, pool.name, tls=TlsMode.VERIFY_FULL, ca_pem=pooler.ca_pem
    )


@dataclass(frozen=True, slots=True)
class Brought:
    pooler: Pooler
    pools: Sequence[Pool]
    version: str
    was_started: bool


async def bring(runtime: Runtime, database: Database, *, states: Sequence[PoolerState]) -> Brought | None:
    """Writes what the rows say now, and starts it or has it read that; None when it is in none of ``states``.

    The rows are read under the lock of the folder, so that nobody brings back an older configuration. Raises
    PoolerPortTaken, PoolerFailed, PoolerUnreachable, ToolMissing.
    """
    provider = local_provider(runtime)
    process = provider.pooler(database.id)
    async with process.locked():
        async with runtime.sessions() as session:
            pooler = await live_pooler(session, database.id)
            if pooler is None or pooler.state not in states:
                return None
            pools = await pools_of(session, pooler.id)
        program = PgBouncerProgram.found(runtime.settings.postgres.trixie_root)
        version = await program.version()
        options = PoolerOptions.model_validate(pooler.options)
        config = _config(runtime, database, pooler, pools, version=version)
        process.write(config, issuer=provider.certificates(database.id))
        started = await process.start(program, config, clients=options.max_client_conn + sum(it.size for it in pools))
        console = console_of(pooler, runtime)
        if not started:
            await console.command("RELOAD")
            version = await console.version()
        await align_pauses(console, pools, runtime.clock())
    return Brought(pooler, pools, version, started)


async def align_pauses(console: Console, pools: Sequence[Pool], now: datetime) -> None:
    """Pauses what should be and is not, and resumes what should not be and is."""
    wanted = {pool.name for pool in pools if pool.paused_until is not None and pool.paused_until > now}
    paused = await console.paused()
    for name in wanted - paused:
        # Not waited for: transactions may take long, and it is paused for everything new at once.
        await console.command("PAUSE", name, seconds=_PAUSE_SECONDS)
    for name in (paused - wanted) & {pool.name for pool in pools}:
        await console.command("RESUME", name)


def _config(
    runtime: Runtime,
    database: Database,
    pooler: Pooler,
    pools: Sequence[Pool],
    *,
    version: str,
) -> PgBouncerConfig:
    assert pooler.port is not None
    options = PoolerOptions.model_validate(pooler.options)
    server = target_of(database, runtime.key_ring)
    settings: dict[str, int | str] = {**options.model_dump(exclude={"pool_mode"}), "pool_mode": options.pool_mode.value}
    if (version_of(version) or ()) < PREPARED_SINCE:
        del settings["max_prepared_statements"]
    return PgBouncerConfig(
        port=pooler.port,
        server=server,
        pools=[
            PoolLine(
                name=pool.name,
                database=pool.logical_database,
                mode=PoolMode(pool.mode).value,
                size=pool.size,
                reserve=pool.reserve,
                min_size=pool.min_size,
                max_db_connections=pool.max_db_connections,
            )
            for pool in pools
        ],
        settings=settings,
        auth_password=auth_password(pooler, runtime.key_ring),
        sockets=local_provider(runtime).sockets(database.id, server.port),
        admin_password=_open(pooler.admin_password_sealed, pooler.id, "admin_password_sealed", runtime.key_ring),
    )


def _seal(pooler_id: UUID, column: str, key_ring: KeyRing) -> bytes:
    secret = new_password().get_secret_value()
    return key_ring.seal(secret.encode(), context=sealed_context("pooler", column, pooler_id))


def _open(sealed: bytes | None, pooler_id: UUID, column: str, key_ring: KeyRing) -> SecretStr:
    assert sealed is not None, "a pooler that is not deleted has its passwords"
    return SecretStr(key_ring.open(sealed, context=sealed_context("pooler", column, pooler_id)).decode())
