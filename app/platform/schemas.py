"""What Railway tells of a database's service, as callers see it, and the job that looks at once."""

from datetime import datetime
from typing import Self

from pydantic import Field

from app.auth.schemas import View
from app.auth.scopes import Scope
from app.errors import ProblemDocument
from app.jobs.contract import JobArgs
from app.kit.ids import DatabaseId
from app.providers.railway.deployments import Deployment
from app.providers.railway.logs import LogLine
from app.providers.railway.metrics import Measurement, Series
from app.providers.railway.models import RailwayObservation
from app.providers.railway.observed import SeenConfig, SeenMetrics, SeenStatus, SeenVolume
from app.providers.railway.place import Place
from app.providers.railway.prices import CostEstimate
from app.railway.schemas import RailwayId

STALE_SECONDS = 120
MB = 1_000_000

_UNITS = {
    Measurement.CPU: ("cpu", "vCPU"),
    Measurement.MEMORY: ("memory", "GB"),
    Measurement.DISK: ("disk", "GB"),
    Measurement.NETWORK_RX: ("network_rx", "GB"),
    Measurement.NETWORK_TX: ("network_tx", "GB"),
}


class DeploymentView(View):
    id: RailwayId
    status: str = Field(examples=["SUCCESS"], description="As Railway writes it; it may invent others.")
    created_at: datetime
    status_updated_at: datetime | None
    can_redeploy: bool
    stopped: bool

    @classmethod
    def of(cls, deployment: Deployment) -> Self:
        return cls.model_validate(deployment.model_dump() | {"stopped": deployment.deployment_stopped})


class LogLineView(View):
    at: str = Field(description="With nanoseconds.", examples=["2026-11-22T18:00:00.123456789Z"])
    severity: str | None
    message: str

    @classmethod
    def of(cls, line: LogLine) -> Self:
        return cls(at=line.timestamp, severity=line.severity, message=line.message)


class DeploymentLogsView(View):
    """The newest lines that match, oldest of them first. Passwords in them are written as `***`."""

    data: list[LogLineView]


class ServiceSeen(View):
    id: RailwayId
    name: str
    image: str | None
    region: str | None


class DeploymentSeen(View):
    id: RailwayId
    status: str
    created_at: datetime


class VolumeSeen(View):
    id: RailwayId
    size_bytes: int
    used_bytes: int
    used_percent: float
    state: str | None
    region: str | None

    @classmethod
    def of(cls, volume: SeenVolume) -> Self:
        return cls(
            id=volume.volume_id,
            size_bytes=volume.size_mb * MB,
            used_bytes=round(volume.used_mb * MB),
            used_percent=round(volume.used_percent, 1),
            state=volume.state,
            region=volume.region,
        )


class ClusterMemberSeen(View):
    service_id: RailwayId
    service_name: str
    role: str = Field(description="`root`, `replica`, `internal` (etcd), `edge` (the proxy in front).")


class ClusterSeen(View):
    """A highly available cluster. It is recognised here, and made and unmade by Railway's own tools only."""

    role: str
    root_service_id: RailwayId
    members: list[ClusterMemberSeen]
    read_endpoint: str | None = Field(
        description="Where replicas are read, to be put into a variable.",
        examples=["${{Postgres HA.RAILWAY_PRIVATE_DOMAIN}}:5433"],
    )


class MeasuredValue(View):
    value: float
    unit: str
    at: datetime


class PlatformStatusView(View):
    """As it was seen last. Nothing is asked of Railway for this answer."""

    database_id: DatabaseId
    service: ServiceSeen | None = Field(description="Null: not seen yet, or gone.")
    deployment: DeploymentSeen | None
    volume: VolumeSeen | None
    cluster: ClusterSeen | None
    pitr: str | None = Field(description="Railway's own recovery to a moment: `on`, `off`, `unwired`; null: not known.")
    pooler_service_id: RailwayId | None
    metrics: dict[str, MeasuredValue] = Field(description="The newest of `cpu`, `memory`, `disk`, `network_rx`, `_tx`.")
    observed_at: datetime | None = Field(description="Null: it has not been looked at since it was made.")
    metrics_observed_at: datetime | None
    age_seconds: int | None
    stale: bool = Field(description=f"Older than {STALE_SECONDS} seconds; `error` may say why.")
    error: ProblemDocument | None = Field(description="Why the last look failed.")

    @classmethod
    def of(
        cls, database_id: DatabaseId, place: Place, row: RailwayObservation | None, now: datetime, *, made_at: datetime
    ) -> Self:
        """A look from before the database was ``made_at`` says nothing of it, unless it saw the service already."""
        service_id = place.service()
        status = SeenStatus.kept(row.status if row else None)
        config = SeenConfig.kept(row.consumers if row else None)
        metrics = SeenMetrics.kept(row.metrics if row else None)
        seen = status.services.get(service_id) if status else None
        plugins = config.plugins.get(service_id) if config else None
        values = metrics.services.get(service_id, {}) if metrics else {}
        looked_at = row.status_at if row else None
        if seen is None and looked_at is not None and looked_at < made_at:
            looked_at = None
        age = round((now - looked_at).total_seconds()) if looked_at else None
        return cls.model_validate(
            {
                "database_id": database_id,
                "service": seen.model_dump() | {"id": service_id} if seen else None,
                "deployment": seen.deployment.model_dump() if seen and seen.deployment else None,
                "volume": VolumeSeen.of(seen.volume) if seen and seen.volume else None,
                "cluster": plugins.cluster.model_dump() if plugins and plugins.cluster else None,
                "pitr": plugins.pitr if plugins else None,
                "pooler_service_id": plugins.pooler_service_id if plugins else None,
                "metrics": {
                    _UNITS[what][0]: {"value": told.value, "unit": _UNITS[what][1], "at": told.at}
                    for what, told in values.items()
                },
                "observed_at": looked_at,
                "metrics_observed_at": row.metrics_at if row else None,
                "age_seconds": age,
                "stale": age is None or age > STALE_SECONDS,
                "error": row.error.get("problem") if row and row.error else None,
            }
        )


class PointView(View):
    at: datetime
    value: float


class SeriesView(View):
    measurement: str = Field(examples=["memory"])
    unit: str = Field(examples=["GB"])
    points: list[PointView]

    @classmethod
    def of(cls, series: Series) -> Self:
        name, unit = _UNITS[series.measurement]
        return cls.model_validate(
            {"measurement": name, "unit": unit, "points": [point.model_dump() for point in series.points]}
        )


class PlatformMetricsView(View):
    """What Railway measured of the container: nothing of connections, locks or statements, which only SQL tells."""

    since: datetime
    until: datetime
    step_seconds: int
    series: list[SeriesView]


class CostEstimateView(View):
    """An estimate: usage times a price table with a date. No bill was read."""

    since: datetime
    until: datetime
    basis: str = Field(description="Where the quantities are from.")
    estimate: CostEstimate


class ObserveEnvironment(
    JobArgs, kind="platform.observe", conflict=None, scope=Scope.DATABASES_OPERATE, attempts=3, deadline_seconds=600
):
    """Looks at an environment at Railway at once instead of within the minute, for whoever was told that it changed."""

    railway_environment_id: str
