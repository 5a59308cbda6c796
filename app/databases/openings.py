"""A public address that one job opens for itself, to a server that nothing else of ours reaches, and closes when it ends.

Its row is written before Railway is asked for anything, and belongs to the job, or to the one whose child it is. Whoever
finds the row open closes the proxy: the job in its last step, its compensation, or the watch of every worker, which finds
what a killed job has left. A proxy that was there before is used and never closed, nor is one that the operator has
enabled since. Two jobs of one database do not share an address: the second waits until the first has closed its own.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import structlog
from sqlalchemy import or_
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from app.databases.access import Address, target_of
from app.databases.changing import changing
from app.databases.models import Database, DatabaseState, NetworkOpening
from app.databases.places import Site, site_of
from app.databases.reach import Reach
from app.databases.schemas import Network
from app.errors import Problem
from app.jobs.errors import LeaseLost
from app.jobs.machine import Wait, wait
from app.jobs.models import Job, JobTarget
from app.jobs.run import Run
from app.jobs.states import FINAL
from app.kit.ids import encode_id, new_id
from app.postgres.version import server_version
from app.providers.railway import deployments, proxies
from app.providers.railway.errors import RailwayNotFound
from app.providers.railway.intents import EnvironmentBusy, Intents
from app.providers.railway.place import Place
from app.providers.railway.prices import DATED, PRICES, Priced
from app.railway.capabilities import Capability
from app.runtime import Runtime

LONGEST: Final = timedelta(hours=24)  # as long as a job may take
OPERATION: Final = "temporary_public"
# Where any worker gets to the server anyhow, nothing has to be opened.
_OPENED: Final = (Reach.NONE, Reach.WORKER)
_BUSY_SECONDS: Final = 3.0
_ANSWERS_SECONDS: Final = 120.0
_AGAIN_SECONDS: Final = 1.0

log = structlog.get_logger()


def cautions(database: Database, network: Network | None) -> list[str]:
    """What whoever wishes for such an address is told at once, in the dry run too."""
    if network is None or database.reach not in _OPENED:
        return []
    price = PRICES[Priced.EGRESS]
    caution = (
        "A public address is opened for this job alone. Railway deploys the service for it, so the server restarts once, and "
        f"bills what leaves by it as egress, about ${price.usd} per {price.unit} (an estimate with the prices of {DATED})."
    )
    return [caution]


async def open_address(runtime: Runtime, run: Run[Any, Any], database_id: UUID) -> Address | Wait:
    """Where the job's server is to be found. May be called again after anything."""
    async with run.reading() as session:
        database = await session.get_one(Database, database_id, populate_existing=True)
    if database.reach not in _OPENED and database.host and database.port:
        return Address(host=database.host, port=database.port)
    site = await site_of(runtime, database)
    opening = await _open_one(run, database_id)
    if opening is None:
        if any(not proxy.is_going for proxy in await proxies.proxies(site.client, site.place)):
            await run.warn("Somebody gave the server a public address at Railway. It is used, and left as it is.")
            return await _arrive(runtime, run, site, await proxies.open_public(site.client, site.place))
        if await _is_at_work(run, database_id):
            return wait("another job, since the server restarts when an address is opened", seconds=_BUSY_SECONDS)
        opening = await _write(runtime, run, database_id)
    if opening.job_id != run.job.root_id:
        return wait(f"{encode_id('job', opening.job_id)}, which has the server's public address", seconds=_BUSY_SECONDS)
    try:
        async with _only_writer(runtime, site.place, run.id):
            found = await _open(runtime, run, site, opening.id)
    except EnvironmentBusy as busy:
        return wait(busy.detail, seconds=_BUSY_SECONDS)
    return await _arrive(runtime, run, site, found)


async def close_address(runtime: Runtime, run: Run[Any, Any], database_id: UUID) -> Wait | None:
    """Closes what this very job has opened; fine when that is nothing. A failure is told, and left to the watch."""
    opening = await _open_one(run, database_id)
    if opening is None or opening.job_id != run.id:
        return None
    try:
        await close(runtime, opening)
    except EnvironmentBusy as busy:
        return wait(busy.detail, seconds=_BUSY_SECONDS)
    except Problem as problem:
        log.warning("opening.not_closed", database_id=encode_id("db", database_id), code=problem.code)
        await run.warn(
            f"The public address of this job could not be closed: {problem.detail} It is tried again every minute."
        )
    return None


async def left_open(runtime: Runtime) -> Sequence[NetworkOpening]:
    """Those that nobody will close any more."""
    query = (
        select(NetworkOpening)
        .outerjoin(Job, col(Job.id) == NetworkOpening.job_id)
        .where(
            col(NetworkOpening.closed_at).is_(None),
            or_(
                col(Job.id).is_(None),
                col(Job.state).in_(sorted(FINAL)),
                col(NetworkOpening.close_at) < runtime.clock(),
            ),
        )
        .order_by(col(NetworkOpening.id))
    )
    async with runtime.sessions() as session:
        return (await session.exec(query)).all()


async def close(runtime: Runtime, opening: NetworkOpening, *, seconds: float = proxies.SECONDS) -> None:
    """Removes the proxy, if it is the one that was made for it, and only then says so. Twice is fine."""
    database = await _database(runtime, opening.database_id)
    if database.state != DatabaseState.DELETED:
        site = await site_of(runtime, database)
        async with _only_writer(runtime, site.place, opening.job_id):
            # What the operator enabled through us, under the same lock, stands in the place; ours never does.
            database = await _database(runtime, opening.database_id)
            if Place.of(database.provider_data).public_host is None:
                await _remove(runtime, site, opening, seconds)
    async with runtime.sessions() as session, session.begin():
        row = await session.get_one(NetworkOpening, opening.id, with_for_update=True)
        row.closed_at = row.closed_at or runtime.clock()
    log.info("opening.closed", database_id=encode_id("db", database.id), job_id=encode_id("job", opening.job_id))


async def _remove(runtime: Runtime, site: Site, opening: NetworkOpening, seconds: float) -> None:
    try:
        there = [proxy for proxy in await proxies.proxies(site.client, site.place) if not proxy.is_going]
        if opening.host is None and not there:
            # Its making was never seen to end: a request that nobody waited for may still arrive.
            await asyncio.sleep(proxies.UNSEEN_SECONDS)
            there = [proxy for proxy in await proxies.proxies(site.client, site.place) if not proxy.is_going]
        if opening.host is not None:
            there = [one for one in there if (one.domain, one.proxy_port) == (opening.host, opening.port)]
        if not there:
            return
        async with changing(runtime, site, Capability.PUBLIC_ACCESS_WRITE):
            await proxies.close_public(site.client, site.place, seconds=seconds)
    except RailwayNotFound:
        return  # the service was deleted, and its proxy with it


async def _open(runtime: Runtime, run: Run[Any, Any], site: Site, opening_id: UUID) -> tuple[str, int]:
    try:
        async with changing(runtime, site, Capability.PUBLIC_ACCESS_WRITE):
            host, port = await proxies.open_public(
                site.client, site.place, note=lambda detail: run.report(detail=detail)
            )
        async with run.writing() as session:
            row = await session.get_one(NetworkOpening, opening_id)
            row.host, row.port = host, port
    except LeaseLost:
        # Whoever has the job now may have closed its row before our request arrived: the watch is to look again.
        await _write(runtime, run, site.database.id)
        raise
    return host, port


async def _arrive(runtime: Runtime, run: Run[Any, Any], site: Site, found: tuple[str, int]) -> Address:
    """Once a login works there: making a proxy deploys the service, and a container that runs is no server yet."""
    address = Address(host=found[0], port=found[1])
    await deployments.settled(site.client, site.place, note=lambda detail: run.report(detail=detail))
    target = target_of(site.database, runtime.key_ring, address=address)
    run.report(detail="the server does not answer yet")
    deadline = asyncio.get_running_loop().time() + _ANSWERS_SECONDS
    while True:
        try:
            await server_version(target)
        except Problem as problem:
            if not problem.retryable or asyncio.get_running_loop().time() > deadline:
                raise
            await asyncio.sleep(_AGAIN_SECONDS)
        else:
            return address


async def _open_one(run: Run[Any, Any], database_id: UUID) -> NetworkOpening | None:
    async with run.reading() as session:
        return (await session.exec(_query(database_id))).one_or_none()


async def _write(runtime: Runtime, run: Run[Any, Any], database_id: UUID) -> NetworkOpening:
    """The database's open row, made unless there is one."""
    statement = insert(NetworkOpening).values(
        id=new_id(), database_id=database_id, job_id=run.job.root_id, close_at=runtime.clock() + LONGEST
    )
    async with runtime.sessions() as session, session.begin():
        await session.exec(
            statement.on_conflict_do_nothing(
                index_elements=["database_id"], index_where=col(NetworkOpening.closed_at).is_(None)
            )
        )
        return (await session.exec(_query(database_id))).one()


def _query(database_id: UUID) -> SelectOfScalar[NetworkOpening]:
    return select(NetworkOpening).where(
        NetworkOpening.database_id == database_id, col(NetworkOpening.closed_at).is_(None)
    )


async def _is_at_work(run: Run[Any, Any], database_id: UUID) -> bool:
    """Whether another job uses the server. One without a label has no way to it yet, and may be waiting for us."""
    query = (
        select(JobTarget.job_id)
        .join(Job, col(Job.id) == JobTarget.job_id)
        .where(
            JobTarget.database_id == database_id,
            JobTarget.root_id != run.job.root_id,
            col(JobTarget.held),
            col(JobTarget.done).is_(False),
            col(Job.worker_label).is_not(None),
        )
        .limit(1)
    )
    async with run.reading() as session:
        return (await session.exec(query)).first() is not None


async def _database(runtime: Runtime, database_id: UUID) -> Database:
    async with runtime.sessions() as session:
        return await session.get_one(Database, database_id)


@asynccontextmanager
async def _only_writer(runtime: Runtime, place: Place, job_id: UUID) -> AsyncIterator[None]:
    """Raises EnvironmentBusy. The memory of what is open is the opening's row, so the lock ends with the attempt."""
    intents = Intents(runtime.sessions, runtime.clock)
    intent = await intents.open(
        place.connection_id,
        place.environment_id,
        owner_id=job_id,
        operation=OPERATION,
        plan={"service_id": place.service(), "keys": [f"services.{place.service()}.networking.tcpProxies"]},
    )
    try:
        yield
    finally:
        await intents.close(intent)
