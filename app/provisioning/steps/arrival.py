"""What the flows have in common: the row, the rights of the token, and the login by which a server counts as there."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, Final

from sqlmodel.ext.asyncio.session import AsyncSession

from app.connections.certificate_watching import has_renewed
from app.databases.access import require_reach_from_here, target_of
from app.databases.errors import DatabaseUnreachable
from app.databases.models import Database, DatabaseState, ProviderName
from app.databases.reach import is_reached_from_here
from app.databases.repository import DatabaseRepository
from app.errors import Unavailable
from app.events.emit import emit
from app.jobs.machine import Move, done
from app.jobs.run import Run
from app.kit.ids import encode_id
from app.postgres.connect import Target, connect
from app.postgres.errors import TlsFailed
from app.postgres.version import server_version
from app.providers.railway.place import Place
from app.provisioning.errors import ServerFailed
from app.railway.capabilities import Capability
from app.railway.standing import recording
from app.runtime import Runtime

APPLICATION_NAME: Final = "pgmanager provisioning"
# A container that runs is not yet a server that accepts logins: it may initialise its data, or recover.
LOGIN_SECONDS: Final = 120.0
_PAUSE_SECONDS: Final = 1.0


async def database_of(run: Run[Any, Any]) -> Database:
    async with run.reading() as session:
        return await session.get_one(Database, run.args.database_id)


@asynccontextmanager
async def rights(runtime: Runtime, database: Database, capability: Capability | None) -> AsyncIterator[None]:
    """Around a change at Railway: whether the token may make it is kept with the token. None is for what only reads."""
    if capability is None or database.provider != ProviderName.RAILWAY:
        yield
        return
    async with recording(runtime, Place.of(database.provider_data).connection_id, capability):
        yield


async def arrive(
    runtime: Runtime, run: Run[Any, Any], frm: DatabaseState, kind: str, *, started_after: datetime | None = None
) -> Move:
    """Available, with the version that answers; told once, also when a worker dies here and another one comes again.

    ``started_after`` is when the server had started that was to be restarted. What this process does not reach is
    available all the same, with a warning.
    """
    database = await database_of(run)
    values: dict[str, Any] = {}
    if is_reached_from_here(database, runtime):
        seconds = LOGIN_SECONDS if database.provider == ProviderName.RAILWAY else 0.0
        try:
            await _until_back(run, target_of(database, runtime.key_ring), started_after, seconds=seconds)
        except TlsFailed:  # a start may renew the certificate
            if not await has_renewed(runtime, database):
                raise
            database = await database_of(run)
            await _until_back(run, target_of(database, runtime.key_ring), started_after, seconds=seconds)
        version = await server_version(target_of(database, runtime.key_ring))
        values["server_version"], values["server_major"] = version
    else:
        await run.warn(f"The login was not tried. {_remedies(database, runtime)}")
    async with run.writing() as session:
        if await DatabaseRepository(session).move(database.id, frm={frm}, to=DatabaseState.AVAILABLE, **values):
            told = {"provider": database.provider, "server_version": values.get("server_version")}
            tell(session, kind, database, run, **told)
    return done(
        database_id=encode_id("db", database.id), server_version=values.get("server_version"), reach=database.reach
    )


async def started_at(runtime: Runtime, database: Database) -> datetime | None:
    """Since when the server runs; None where it does not, or is not reached."""
    if not is_reached_from_here(database, runtime):
        return None
    try:
        return await _started_at(target_of(database, runtime.key_ring))
    except Unavailable:
        return None


def tell(session: AsyncSession, kind: str, database: Database, run: Run[Any, Any], **data: Any) -> None:
    emit(session, kind, project_id=database.project_id, database_id=database.id, job_id=run.id, **data)


async def _until_back(run: Run[Any, Any], target: Target, started_after: datetime | None, *, seconds: float) -> None:
    """Raises what a login raises, and ServerFailed where the old server still runs."""
    loop = asyncio.get_running_loop()
    until = loop.time() + seconds
    while True:
        try:
            if started_after is None or await _started_at(target) > started_after:
                return
            problem: Unavailable | ServerFailed = ServerFailed("The server has not been restarted.")
        except Unavailable as unavailable:
            problem = unavailable
        if loop.time() >= until:
            raise problem
        run.report(detail=problem.detail)
        await asyncio.sleep(_PAUSE_SECONDS)


async def _started_at(target: Target) -> datetime:
    async with connect(target, application_name=APPLICATION_NAME) as connection:
        moment: datetime = await connection.fetchval("SELECT pg_postmaster_start_time()")
    return moment


def _remedies(database: Database, runtime: Runtime) -> str:
    try:
        require_reach_from_here(database, runtime)
    except DatabaseUnreachable as unreachable:
        return unreachable.detail
    return ""
