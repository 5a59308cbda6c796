"""Where a database is on Railway, and what Railway answers about it there."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from app.auth.principal import Principal
from app.databases.access import visible_database
from app.databases.errors import DatabaseStateInvalid
from app.databases.models import Database, DatabaseState, Environment
from app.databases.places import require_railway
from app.platform.errors import DeploymentNotFound, MetricsNotKept, PeriodInvalid
from app.platform.repository import ObservationRepository
from app.platform.schemas import CostEstimateView, PlatformMetricsView, PlatformStatusView, SeriesView
from app.providers.railway import deployments as railway
from app.providers.railway.client import RailwayClient
from app.providers.railway.deployments import DeploymentPage
from app.providers.railway.errors import RailwayNotAuthorized, RailwayNotFound, RailwayTokenInvalid
from app.providers.railway.inventory import read_environment
from app.providers.railway.logs import LogLine, deployment_logs
from app.providers.railway.metrics import KEPT_DAYS, LEAST_STEP_SECONDS, Measurement, Series, environment_metrics
from app.providers.railway.place import Place
from app.providers.railway.prices import Priced, estimate
from app.providers.railway.refusals import explain
from app.providers.railway.usage import service_usage
from app.runtime import Runtime

# Of one series; Railway sends those of the whole environment.
MOST_POINTS = 1000
USUAL_POINTS = 240
BASIS_OF_USAGE = "What Railway counted for this service in these 30 days."
BASIS_OF_METRICS = (
    "What Railway measured of this service in these 30 days: the token may not read what is billed, so snapshots and "
    "egress are missing."
)
_MONTH = timedelta(days=30)
_NOTES = {
    Priced.EGRESS: "All that the service sent. Traffic inside the private network is free, so at most this.",
    Priced.VOLUME: "What is used of the volume, not its size.",
}


async def placed(session: AsyncSession, database_id: UUID, caller: Principal) -> tuple[Database, Place]:
    """Raises DatabaseNotFound, NotSupported for other providers, DatabaseStateInvalid, PlaceUnknown."""
    database = await visible_database(session, database_id, caller)
    require_railway(database, "looked up at Railway")
    if database.state == DatabaseState.DELETED or not database.provider_data:
        raise DatabaseStateInvalid(database_id, database.state, "looked up at Railway")
    place = Place.of(database.provider_data)
    place.service()
    return database, place


async def status(session: AsyncSession, database_id: UUID, caller: Principal, now: datetime) -> PlatformStatusView:
    database, place = await placed(session, database_id, caller)
    environment = await session.get_one(Environment, database.environment_id)
    row = None
    if environment.connection_id is not None and environment.railway_environment_id is not None:
        observations = ObservationRepository(session)
        row = await observations.of(environment.connection_id, environment.railway_environment_id)
    return PlatformStatusView.of(database.id, place, row, now, made_at=database.created_at)


@dataclass(frozen=True, slots=True)
class PlatformService:
    """Asks Railway, so nothing of it may run inside a transaction."""

    runtime: Runtime

    async def deployments(self, place: Place, *, first: int, after: str | None) -> DeploymentPage:
        async with self._asking(place) as client:
            return await railway.deployments(client, place, first=first, after=after)

    async def logs(
        self,
        database_id: UUID,
        place: Place,
        deployment_id: str,
        *,
        limit: int,
        contains: str | None,
        since: datetime | None,
        until: datetime | None,
    ) -> list[LogLine]:
        """Raises DeploymentNotFound, also for a deployment of another service."""
        if since and until and since >= until:
            raise PeriodInvalid("`since` must be earlier than `until`.")
        async with self._asking(place) as client:
            if not await _is_own(client, place, deployment_id):
                raise DeploymentNotFound(database_id, deployment_id)
            return await deployment_logs(
                client, deployment_id, limit=limit, contains=contains, since=since, until=until
            )

    async def metrics(
        self, place: Place, *, since: datetime | None, until: datetime | None, step_seconds: int | None
    ) -> PlatformMetricsView:
        """The last hour unless said otherwise. Raises PeriodInvalid, MetricsNotKept."""
        now = self.runtime.clock()
        until = min(until or now, now)
        since = since or until - timedelta(hours=1)
        step = _step(since, until, step_seconds, now)
        found = await self._series(place, since, until, step)
        return PlatformMetricsView(
            since=since, until=until, step_seconds=step, series=[SeriesView.of(series) for series in found]
        )

    async def cost(self, place: Place) -> CostEstimateView:
        """By what is billed, or by what was measured where the token may not read that."""
        until = self.runtime.clock()
        since, basis = until - _MONTH, BASIS_OF_USAGE
        quantities: dict[Priced, float | None]
        client = await self.runtime.railway.of(place.connection_id)
        try:
            used = await service_usage(
                client,
                project_id=place.project_id,
                environment_id=place.environment_id,
                service_id=place.service(),
                since=since,
                until=until,
            )
            quantities = {**used}
        except RailwayNotAuthorized:
            step = round(_MONTH.total_seconds() / USUAL_POINTS)
            found = await self._series(place, since + timedelta(seconds=step), until, step)
            quantities, basis = _measured(found, step), BASIS_OF_METRICS
        return CostEstimateView(since=since, until=until, basis=basis, estimate=estimate(quantities, _NOTES))

    async def _series(self, place: Place, since: datetime, until: datetime, step: int) -> list[Series]:
        async with self._asking(place) as client:
            found = await environment_metrics(client, place.environment_id, since=since, until=until, step_seconds=step)
        return [series for series in found if series.service_id == place.service_id]

    @asynccontextmanager
    async def _asking(self, place: Place) -> AsyncIterator[RailwayClient]:
        """A refusal leaves with its meaning."""
        client = await self.runtime.railway.of(place.connection_id)
        try:
            yield client
        except RailwayNotAuthorized as refusal:
            raise await explain(client, refusal, lambda: read_environment(client, place.environment_id)) from refusal


async def _is_own(client: RailwayClient, place: Place, deployment_id: str) -> bool:
    """A deployment out of reach is as good as none. Raises the refusal if it is the token that is at fault."""
    try:
        return await railway.own_deployment(client, place, deployment_id) is not None
    except RailwayNotFound:
        return False
    except RailwayNotAuthorized as refusal:
        problem = await explain(client, refusal)
        if isinstance(problem, RailwayTokenInvalid):
            raise problem from refusal
        return False


def _step(since: datetime, until: datetime, wished: int | None, now: datetime) -> int:
    if since >= until:
        raise PeriodInvalid("`from` must be earlier than `to`, and in the past.")
    if now - since > timedelta(days=KEPT_DAYS):
        raise MetricsNotKept
    seconds = (until - since).total_seconds()
    if wished is None:
        steps = -(-seconds // (USUAL_POINTS * LEAST_STEP_SECONDS))
        return max(1, round(steps)) * LEAST_STEP_SECONDS
    if seconds / wished > MOST_POINTS:
        least = round(-(-seconds // MOST_POINTS))
        raise PeriodInvalid(f"That would be more than {MOST_POINTS} points: let `step` be {least} seconds or more.")
    return wished


def _measured(found: list[Series], step: int) -> dict[Priced, float | None]:
    """Averages over the whole month: where nothing was measured, nothing ran."""
    share = step / _MONTH.total_seconds()
    sums = {series.measurement: sum(point.value for point in series.points) * share for series in found}
    return {
        Priced.MEMORY: sums.get(Measurement.MEMORY, 0.0),
        Priced.CPU: sums.get(Measurement.CPU, 0.0),
        Priced.VOLUME: sums.get(Measurement.DISK, 0.0),
        Priced.BACKUP: None,
        Priced.EGRESS: None,
    }
