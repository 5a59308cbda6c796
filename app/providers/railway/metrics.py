"""What Railway measures of services: of all those of an environment in one request."""

from collections.abc import Collection
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from app.providers.railway.client import RailwayClient, Result
from app.providers.railway.documents import document

KEPT_DAYS: Final = 30
# Railway does not sample more often.
LEAST_STEP_SECONDS: Final = 60


class Measurement(StrEnum):
    """Those that we ask for, as Railway names them."""

    CPU = "CPU_USAGE"  # vCPU
    MEMORY = "MEMORY_USAGE_GB"
    DISK = "DISK_USAGE_GB"
    NETWORK_RX = "NETWORK_RX_GB"
    NETWORK_TX = "NETWORK_TX_GB"


class Point(Result):
    at: datetime
    value: float


class Series(Result):
    """One measurement of one service, in the order of time."""

    measurement: Measurement
    service_id: str
    points: list[Point]


class _Tags(Result):
    service_id: str | None = None


class _Value(Result):
    ts: int
    value: float


class _Series(Result):
    measurement: str
    tags: _Tags
    values: list[_Value]


class _Answer(Result):
    metrics: list[_Series]


async def environment_metrics(
    client: RailwayClient,
    environment_id: str,
    *,
    since: datetime,
    until: datetime,
    step_seconds: int,
    measurements: Collection[Measurement] = tuple(Measurement),
) -> list[Series]:
    """Of every service in the environment that was measured in that time."""
    variables = {
        "environmentId": environment_id,
        "measurements": [measurement.value for measurement in measurements],
        "groupBy": ["SERVICE_ID"],
        "startDate": since.isoformat(),
        "endDate": until.isoformat(),
        "sampleRateSeconds": step_seconds,
        "averagingWindowSeconds": step_seconds,
    }
    found = (await client.read(document("metrics"), variables, _Answer)).metrics
    return [
        Series(
            measurement=Measurement(series.measurement),
            service_id=series.tags.service_id,
            points=[
                Point(at=datetime.fromtimestamp(value.ts, UTC), value=value.value)
                for value in sorted(series.values, key=lambda value: value.ts)
            ],
        )
        for series in found
        if series.tags.service_id is not None and series.measurement in set(Measurement)
    ]
