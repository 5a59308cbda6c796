"""Keeps an eye on every environment at Railway in which we have a database, for all processes together.

Any worker claims what is due, so more workers ask Railway no more often. What was seen stays, with its age, when a look
fails; the next one comes later each time.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from random import Random
from typing import Any, Final

import structlog
from sqlalchemy.exc import SQLAlchemyError

from app.databases.models import Database, DatabaseState
from app.errors import Problem
from app.kit.backoff import retry_delay_seconds
from app.kit.ids import encode_id
from app.platform.following import Sight, Verdict, follow, with_news
from app.platform.looking import STATUS_SECONDS, Look, look
from app.platform.repository import ObservationRepository
from app.providers.railway.client import RailwayClient
from app.providers.railway.errors import (
    RailwayNotAuthorized,
    RailwayNotFound,
    RailwayProblem,
    RailwayRateLimited,
    RailwayTokenInvalid,
    RailwayTwoFactorRequired,
    RailwayUnavailable,
)
from app.providers.railway.models import ConnectionState, RailwayConnection, RailwayObservation
from app.providers.railway.place import Place
from app.providers.railway.refusals import explain
from app.railway.standing import accepted, record_refusal
from app.runtime import Runtime

log = structlog.get_logger()

POLL_SECONDS: Final = 5.0
MOST_AT_ONCE: Final = 8
# A look that takes longer is given up; then another process may try.
LOOK_SECONDS: Final = 40.0
CLAIM: Final = timedelta(seconds=45)
RETRY_BASE_SECONDS: Final = 10.0
RETRY_CAP_SECONDS: Final = 300.0
LONGEST_PAUSE_SECONDS: Final = 3600.0

_random = Random()  # noqa: S311 (spreads the retries, and guards nothing)


async def observe_until(runtime: Runtime, stop: asyncio.Event) -> None:
    """An environment that does not answer keeps no other waiting."""
    under_way: dict[asyncio.Task[None], RailwayObservation] = {}
    async with asyncio.TaskGroup() as group:
        while not stop.is_set():
            try:
                for row in await claim_due(runtime, MOST_AT_ONCE - len(under_way)):
                    task = group.create_task(observe(runtime, row))
                    under_way[task] = row
                    task.add_done_callback(under_way.pop)
            except (SQLAlchemyError, OSError) as error:
                log.warning("observer.control_database_failed", error=type(error).__name__)
            if len(under_way) >= MOST_AT_ONCE:  # more may be due
                await asyncio.wait(list(under_way), timeout=POLL_SECONDS, return_when=asyncio.FIRST_COMPLETED)
            else:
                with suppress(TimeoutError):
                    async with asyncio.timeout(POLL_SECONDS):
                        await stop.wait()
        given_up = list(under_way.values())
        for task in under_way:
            task.cancel()
    if given_up:
        with suppress(SQLAlchemyError, OSError):
            async with runtime.sessions() as session, session.begin():
                await ObservationRepository(session).release(given_up)


async def claim_due(runtime: Runtime, limit: int, *, environment_id: str | None = None) -> Sequence[RailwayObservation]:
    """What nobody else looks at now. Each must be observed, or waits until the claim has passed."""
    if limit <= 0:
        return []
    now = runtime.clock()
    async with runtime.sessions() as session, session.begin():
        observations = ObservationRepository(session)
        await observations.enrol(now)
        return await observations.claim(now, until=now + CLAIM, limit=limit, environment_id=environment_id)


async def observe(runtime: Runtime, row: RailwayObservation) -> None:
    """One look at a claimed environment. Whatever goes wrong is kept in the row."""
    try:
        async with runtime.sessions() as session:
            found_rows = await ObservationRepository(session).databases(row)
        databases = [database for database in found_rows if database.provider_data]  # the others have no place yet
        try:
            async with asyncio.timeout(LOOK_SECONDS):
                client = await runtime.railway.of(row.connection_id)
                found = await _looked(runtime, client, row, databases)
        except TimeoutError:
            said = f"the environment could not be read within {LOOK_SECONDS:.0f} seconds"
            await _failed(runtime, row, RailwayUnavailable(said, operation="environment"), [])
        except Problem as problem:
            gone = isinstance(problem, RailwayNotFound)
            await _failed(runtime, row, problem, [_lost(database) for database in databases] if gone else [])
        else:
            await _kept(runtime, row, found)
    except (SQLAlchemyError, OSError) as error:
        log.warning("observer.control_database_failed", error=type(error).__name__)
    except Exception as mistake:
        log.error("observer.mistake", environment_id=row.railway_environment_id, exc_info=mistake)


async def _looked(
    runtime: Runtime, client: RailwayClient, row: RailwayObservation, databases: Sequence[Database]
) -> Look:
    try:
        return await look(client, row, databases, runtime.clock())
    except RailwayNotAuthorized as refusal:
        problem = await explain(client, refusal)
        if isinstance(problem, RailwayTokenInvalid):
            await record_refusal(runtime, row.connection_id, problem)
        raise problem from refusal
    except (RailwayTokenInvalid, RailwayTwoFactorRequired) as problem:
        await record_refusal(runtime, row.connection_id, problem)
        raise


def _lost(database: Database) -> Sight:
    reason = "Railway does not know its environment any more, or the token cannot see it"
    return Sight(database, Place.of(database.provider_data), Verdict(DatabaseState.MISSING, reason), None)


async def _kept(runtime: Runtime, row: RailwayObservation, found: Look) -> None:
    async with runtime.sessions() as session, session.begin():
        mine = await ObservationRepository(session).claimed(row)
        if mine is None:
            return
        mine.status, mine.status_at = found.status.model_dump(mode="json"), found.at
        if found.config is not None:
            mine.consumers, mine.consumers_at = found.config.model_dump(mode="json"), found.at
        if found.metrics is not None:
            mine.metrics, mine.metrics_at = found.metrics.model_dump(mode="json"), found.at
        if found.metrics_problem is not None:
            mine.error, mine.error_at = _error("metrics", found.metrics_problem, 1), found.at
        elif found.metrics is not None or (mine.error or {}).get("part") != "metrics":
            mine.error, mine.error_at = None, None
        mine.claimed_until, mine.due_at = None, found.at + timedelta(seconds=STATUS_SECONDS)
        if (await session.get_one(RailwayConnection, row.connection_id)).state == ConnectionState.REFUSED:
            connection = await session.get_one(
                RailwayConnection, row.connection_id, with_for_update=True, populate_existing=True
            )
            await accepted(session, connection, found.at)
    await _followed(runtime, found.sights)


async def _followed(runtime: Runtime, sights: Sequence[Sight]) -> None:
    """Each by itself: what keeps one back, such as a lock, keeps back no other."""
    async with runtime.sessions() as session:
        news = await with_news(session, sights)
    for sight in news:
        try:
            async with runtime.sessions() as session, session.begin():
                await follow(session, runtime, sight)
        except SQLAlchemyError as error:
            database_id = encode_id("db", sight.before.id)
            log.warning("observer.not_followed", database_id=database_id, error=type(error).__name__)


async def _failed(runtime: Runtime, row: RailwayObservation, problem: Problem, sights: Sequence[Sight]) -> None:
    now = runtime.clock()
    async with runtime.sessions() as session, session.begin():
        mine = await ObservationRepository(session).claimed(row)
        if mine is None:
            return
        earlier = mine.error or {}
        failures = earlier.get("failures", 0) + 1 if earlier.get("part") == "status" else 1
        mine.error, mine.error_at = _error("status", problem, failures), now
        mine.claimed_until, mine.due_at = None, _later(now, problem, failures)
    await _followed(runtime, sights)


def _later(now: datetime, problem: Problem, failures: int) -> datetime:
    """As late as Railway says, where it says so."""
    pause = retry_delay_seconds(failures, base=RETRY_BASE_SECONDS, cap=RETRY_CAP_SECONDS, random=_random)
    if isinstance(problem, RailwayRateLimited) and problem.retry_after is not None:
        pause = max(pause, min(problem.retry_after, LONGEST_PAUSE_SECONDS))
    return now + timedelta(seconds=pause)


def _error(part: str, problem: Problem, failures: int) -> dict[str, Any]:
    said = problem.said if isinstance(problem, RailwayProblem) else problem.detail
    log.warning("observer.unread", part=part, code=problem.code, said=said, failures=failures)
    return {"part": part, "problem": problem.document(), "failures": failures}
