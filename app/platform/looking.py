"""One look at one environment at Railway: one request for all its services, another for all its metrics when they are due."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

import structlog

from app.databases.models import Database
from app.errors import Problem
from app.platform.following import Sight, moved, verdict
from app.providers.railway.client import RailwayClient
from app.providers.railway.deployments import NEVER_BEGAN, active
from app.providers.railway.errors import RailwayProblem
from app.providers.railway.inventory import read_environment
from app.providers.railway.metrics import environment_metrics
from app.providers.railway.models import RailwayObservation
from app.providers.railway.observed import SeenConfig, SeenMetrics, SeenNetworking, SeenService, SeenStatus
from app.providers.railway.place import Place
from app.providers.railway.proxies import public_address
from app.providers.railway.variables import rendered

log = structlog.get_logger()

# Callers are promised a status younger than a minute, metrics younger than two, consumers younger than ten.
STATUS_SECONDS: Final = 50.0
METRICS_SECONDS: Final = 110.0
CONFIG_SECONDS: Final = 580.0
# The newest samples may be missing for a while.
METRICS_WINDOW: Final = timedelta(minutes=10)
METRICS_STEP_SECONDS: Final = 60
PRIVATE_DOMAIN: Final = "RAILWAY_PRIVATE_DOMAIN"


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen; a part that was not looked at is None. ``metrics_problem``: they could not be read."""

    at: datetime
    status: SeenStatus
    config: SeenConfig | None
    metrics: SeenMetrics | None
    metrics_problem: RailwayProblem | None
    sights: list[Sight]


def is_due(read_at: datetime | None, now: datetime, seconds: float) -> bool:
    """Whether it would be older than ``seconds`` before the next look comes."""
    return read_at is None or (now - read_at).total_seconds() + STATUS_SECONDS > seconds


def config_is_due(row: RailwayObservation, now: datetime) -> bool:
    """Also when Railway's etag says that it has changed, which is as good as Railway keeps it."""
    if row.consumers is None or row.status is None or is_due(row.consumers_at, now, CONFIG_SECONDS):
        return True
    return _has_changed(row)


def _has_changed(row: RailwayObservation) -> bool:
    """Whether the last look saw another configuration than the one that was read last."""
    return (row.consumers or {}).get("config_etag") != (row.status or {}).get("config_etag")


def metrics_are_due(row: RailwayObservation, now: datetime) -> bool:
    """Where they cannot be read they are not asked for more often than where they can."""
    failed_at = row.error_at if row.error and row.error.get("part") == "metrics" else None
    tried = max((moment for moment in (row.metrics_at, failed_at) if moment is not None), default=None)
    return is_due(tried, now, METRICS_SECONDS)


async def look(client: RailwayClient, row: RailwayObservation, databases: Sequence[Database], now: datetime) -> Look:
    """``databases`` have a place. Raises Problem if the environment itself cannot be read."""
    state = await read_environment(client, row.railway_environment_id, config=config_is_due(row, now))
    status = SeenStatus.of(state)
    config = SeenConfig.of(state) if state.config is not None else None
    metrics, problem = await _metrics(client, row, now) if metrics_are_due(row, now) else (None, None)
    sights = [await _sight(client, database, status) for database in databases]
    if config is not None:
        sights, unread = await _readdressed(client, row, sights, config)
        # As if it had not been read: the next look tries again.
        config = config.model_copy(update={"config_etag": None}) if unread else config
    return Look(now, status, config, metrics, problem, sights)


async def _metrics(
    client: RailwayClient, row: RailwayObservation, now: datetime
) -> tuple[SeenMetrics | None, RailwayProblem | None]:
    try:
        found = await environment_metrics(
            client,
            row.railway_environment_id,
            since=now - METRICS_WINDOW,
            until=now,
            step_seconds=METRICS_STEP_SECONDS,
        )
    except RailwayProblem as problem:
        return None, problem
    return SeenMetrics.of(found), None


async def _sight(client: RailwayClient, database: Database, status: SeenStatus) -> Sight:
    place = Place.of(database.provider_data)
    if place.service_id is None:
        return Sight(database, place, None, None)
    service = status.services.get(place.service_id)
    told = verdict(place, status, former_runs=await _former_runs(client, place, service))
    return Sight(database, moved(place, service), told, service)


async def _former_runs(client: RailwayClient, place: Place, service: SeenService | None) -> bool:
    """Asked only when it matters: after a deployment that never began. Without an answer, nothing runs."""
    if service is None or service.deployment is None or service.deployment.status not in NEVER_BEGAN:
        return False
    try:
        return bool(await active(client, place))
    except RailwayProblem as problem:
        log.info("railway.active_unread", service_id=place.service_id, code=problem.code)
        return False


async def _readdressed(
    client: RailwayClient, row: RailwayObservation, sights: Sequence[Sight], config: SeenConfig
) -> tuple[list[Sight], bool]:
    """With the addresses of now, and whether any could not be read."""
    before = SeenConfig.kept(row.consumers)
    changed = before is not None and (before.config_etag != config.config_etag or _has_changed(row))
    found, unread = [], False
    for sight in sights:
        now = config.networking.get(sight.place.service_id or "")
        if now is None:
            found.append(sight)
            continue
        then = before.networking.get(sight.place.service()) if before else None
        try:
            place = await _address(client, sight.place, now, then, changed=changed)
            unread = unread or (now.is_public and place.public_host is None)
            found.append(replace(sight, place=place))
        except Problem as problem:
            log.info("railway.address_unread", service_id=sight.place.service_id, code=problem.code)
            unread = unread or problem.retryable
            found.append(sight)
    return found, unread


async def _address(
    client: RailwayClient, place: Place, now: SeenNetworking, then: SeenNetworking | None, *, changed: bool
) -> Place:
    """Asked for only if the configuration says that it has changed, or says otherwise than we do."""
    is_public = place.public_host is not None
    if now.is_public != is_public or (changed and is_public):
        # Its port is not in the configuration, and is another one each time the proxy is made.
        host, port = await public_address(client, place) or (None, None)
        place = place.model_copy(update={"public_host": host, "public_port": port})
    if place.private_host is None or (then is not None and then.private_endpoint != now.private_endpoint):
        name = (await rendered(client, place)).get(PRIVATE_DOMAIN)
        place = place.model_copy(update={"private_host": name or place.private_host})
    return place
